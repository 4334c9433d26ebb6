"""Run as a program: an HTTP server before moto that checks requests as S3 does, with botocore's own signer.

    python -m harness.servers.s3_front PORT UPSTREAM '{"id": ..., "secret": ..., "token": ..., "region": ...}'

Codes and texts are those of AWS's list of S3 error responses.
"""

import base64
import datetime
import hashlib
import hmac
import json
import re
import sys
import zlib
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest, HTTPHeaders
from botocore.credentials import Credentials

from . import front
from .front import Front, serve

AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256\s+Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request,\s*"
                           r"SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$")
MAX_SKEW = datetime.timedelta(minutes=15)


class Refused(front.Refused):
    def __init__(self, status, code, message, **fields):
        fields = {"Code": code, "Message": message, **fields, "RequestId": "0123456789ABCDEF"}
        inner = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in fields.items())
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
        super().__init__(status, "application/xml", text.encode())


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Signer(S3SigV4Auth):
    """botocore's signer, for the headers that the client says it has signed."""

    def __init__(self, accepted, headers):
        super().__init__(Credentials(accepted["id"], accepted["secret"]), "s3", accepted["region"])
        self.chosen = headers

    def headers_to_sign(self, request):
        return self.chosen


def check_signature(accepted, method, target, headers):
    text = headers.get("Authorization")
    parts = urlsplit(target)
    if text is None:
        if method in ("GET", "HEAD") and parts.path.split("/")[1] == "public":
            return
        raise Refused(403, "AccessDenied", "Access Denied")
    match = AUTHORIZATION.match(text)
    if not match:
        raise Refused(400, "AuthorizationHeaderMalformed", "The authorization header is malformed.")
    key_id, day, region, service, signed, signature = match.groups()
    check_scope(accepted, key_id, region, service, headers)
    stamp = check_date(day, headers)
    chosen = chosen_headers(signed.split(";"), headers)

    # S3 signs the path and the query that it has decoded, whatever way the client has encoded them.
    request = AWSRequest(method, "http://x" + quote(unquote(parts.path), safe="/-_.~"), params=parse_qsl(parts.query, True))
    request.headers["X-Amz-Content-SHA256"] = headers.get("x-amz-content-sha256", "")
    request.context["timestamp"] = stamp
    signer = Signer(accepted, chosen)
    canonical = signer.canonical_request(request)
    to_sign = signer.string_to_sign(request, canonical)
    if not hmac.compare_digest(signer.signature(to_sign, request), signature):
        raise Refused(403, "SignatureDoesNotMatch",
                      "The request signature we calculated does not match the signature you provided. "
                      "Check your key and signing method.", AWSAccessKeyId=key_id, StringToSign=to_sign,
                      SignatureProvided=signature, CanonicalRequest=canonical)


def check_scope(accepted, key_id, region, service, headers):
    if key_id != accepted["id"]:
        raise Refused(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.",
                      AWSAccessKeyId=key_id)
    if headers.get("x-amz-security-token") != accepted["token"]:
        raise Refused(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
    if region != accepted["region"] or service != "s3":
        raise Refused(400, "AuthorizationHeaderMalformed", f"The authorization header is malformed; the region '{region}' "
                      f"is wrong; expecting '{accepted['region']}'", Region=accepted["region"])


def check_date(day, headers):
    stamp = headers.get("x-amz-date", "")
    try:
        when = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Refused(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header") from None
    if abs(datetime.datetime.now(datetime.timezone.utc) - when) > MAX_SKEW or not stamp.startswith(day):
        raise Refused(403, "RequestTimeTooSkewed",
                      "The difference between the request time and the current time is too large.")
    return stamp


def chosen_headers(names, headers):
    """The signed headers. Host and every x-amz-* header must be among them."""
    chosen = HTTPHeaders()
    for name in names:
        for value in headers.get_all(name, [""]):
            chosen[name] = value
    for name in {"host", *(h.lower() for h in headers.keys() if h.lower().startswith("x-amz-"))}:
        if name not in names:
            raise Refused(403, "AccessDenied", "There were headers present in the request which were not signed",
                          HeadersNotSigned=name)
    return chosen


def check_body(method, target, headers, body):
    digest = headers.get("x-amz-content-sha256")
    if headers.get("Authorization") and digest is None:
        raise Refused(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    if digest and re.fullmatch("[0-9a-f]{64}", digest) and digest != hashlib.sha256(body).hexdigest():
        raise Refused(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was "
                      "computed.", ClientComputedContentSHA256=digest, S3ComputedContentSHA256=hashlib.sha256(body).hexdigest())
    actual = {"Content-MD5": hashlib.md5(body).digest(), "x-amz-checksum-sha256": hashlib.sha256(body).digest(),
              "x-amz-checksum-sha1": hashlib.sha1(body).digest(),
              "x-amz-checksum-crc32": zlib.crc32(body).to_bytes(4, "big")}
    streamed = (digest or "").startswith("STREAMING-")  # then the digests are of the payload within the chunks
    for name, value in actual.items():
        if name in headers and not streamed and headers[name] != base64.b64encode(value).decode():
            raise Refused(400, "BadDigest", f"The {name} you specified did not match what we received.")
    if method == "POST" and "delete" in dict(parse_qsl(urlsplit(target).query, True)):
        if not any(h == "content-md5" or h.startswith("x-amz-checksum-") for h in map(str.lower, headers.keys())):
            raise Refused(400, "InvalidRequest", "Missing required header for this request: Content-MD5")


class S3Front(Front):
    accepted = {}

    def check(self, body):
        check_signature(self.accepted, self.command, self.path, self.headers)
        check_body(self.command, self.path, self.headers, body)

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            raise Refused(501, "NotImplemented", "A header you provided implies functionality that is not implemented.",
                          Header="Transfer-Encoding")
        if "Content-Length" not in self.headers and self.command == "PUT":
            raise Refused(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        return super().body()


if __name__ == "__main__":
    S3Front.accepted = json.loads(sys.argv[3])
    serve(S3Front, sys.argv[1], sys.argv[2])
