"""S3: moto, which takes any signature, and the same behind a front that checks them (s3_front.py)."""

import json
import sys

import boto3
import botocore.config

from .base import BIN, Place, Server

KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
BUCKETS = ("bkt", "second", "versioned", "public")


class S3(Server):
    """moto_server with the buckets of BUCKETS; "versioned" keeps versions. Data is in its memory."""

    region, token = "us-east-1", None

    def command(self):
        return [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(self.port)]

    def started(self):
        self.boto = client(self.address)
        for name in BUCKETS:
            self.boto.create_bucket(Bucket=name)
        self.boto.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})

    def place(self, bucket="bkt", at=None, secure=False):
        path = f"{bucket}/{self.fresh()}"
        options = {"endpointurl": f"http{'s' * secure}://{at or self.address}", "region": self.region,
                   "access_key_id": KEY_ID, "secret_access_key": SECRET}
        if self.token:
            options["session_token"] = self.token
        return Place(self, path, f"s3://{path}", options)

    def list(self, path):
        bucket, _, prefix = path.partition("/")
        pages = self.boto.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix + "/")
        return [o["Key"][len(prefix) + 1:] for page in pages for o in page.get("Contents", [])]

    def object(self, path, key):
        bucket, _, prefix = path.partition("/")
        return {"Bucket": bucket, "Key": f"{prefix}/{key}"}

    def read(self, path, key):
        return self.boto.get_object(**self.object(path, key))["Body"].read()

    def write(self, path, key, data):
        self.boto.put_object(**self.object(path, key), Body=data)

    def remove(self, path, key):
        self.boto.delete_object(**self.object(path, key))


class StrictS3(S3):
    """A front before moto that refuses what AWS refuses: wrong signatures, digests, regions and dates, headers that
    are not signed. The bucket "public" may be read without a signature. `token` is the session token required."""

    region = "eu-central-1"

    def __init__(self, token=None):
        super().__init__()
        self.moto, self.token = S3(), token

    def start(self):
        self.moto.start()
        return super().start()

    def command(self):
        accepted = {"id": KEY_ID, "secret": SECRET, "token": self.token, "region": self.region}
        return [sys.executable, "-m", "harness.servers.s3_front", str(self.port), self.moto.address, json.dumps(accepted)]

    def started(self):
        self.boto = self.moto.boto

    def stop(self):
        super().stop()
        self.moto.stop()


def client(address, secret=SECRET, region="us-east-1", **config):
    """boto3's client of a server here; it tries once."""
    config = botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}, **config)
    return boto3.client("s3", endpoint_url=f"http://{address}", aws_access_key_id=KEY_ID, aws_secret_access_key=secret,
                        region_name=region, config=config)
