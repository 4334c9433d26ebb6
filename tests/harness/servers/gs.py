"""Google Cloud Storage: gcp-storage-emulator, which checks no credentials, and the same behind a front that does."""

import json
import subprocess
import sys
import urllib.request
from urllib.parse import quote, urlencode

from .base import BIN, Place, Server


class Gs(Server):
    """The emulator with the bucket "bkt"; data is in its memory."""

    def command(self):
        return [str(BIN / "gcp-storage-emulator"), "start", "--host=127.0.0.1", f"--port={self.port}", "--in-memory",
                "--default-bucket=bkt", "-q"]

    def place(self, at=None, secure=False):
        path = f"bkt/{self.fresh()}"
        # Without the second the real DVC's library probes a protocol of Google's for a minute.
        env = {"NO_GCE_CHECK": "true", "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false"}
        return Place(self, path, f"gs://{path}", {"endpointurl": f"http{'s' * secure}://{at or self.address}",
                                                  "allow_anonymous_login": "true"}, env)

    def call(self, method, path, query="", data=None, headers=None):
        request = urllib.request.Request(f"http://{self.address}{path}?{urlencode(query)}", data, headers or {}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def list(self, path):
        bucket, _, prefix = path.partition("/")
        keys, query = [], {"prefix": prefix + "/"}
        while query:
            page = json.loads(self.call("GET", f"/storage/v1/b/{bucket}/o", query))
            keys += [o["name"][len(prefix) + 1:] for o in page.get("items", [])]
            query = {**query, "pageToken": page["nextPageToken"]} if page.get("nextPageToken") else None
        return keys

    def object(self, path, key):
        bucket, _, prefix = path.partition("/")
        return f"/storage/v1/b/{bucket}/o/" + quote(f"{prefix}/{key}", safe="")

    def read(self, path, key):
        return self.call("GET", self.object(path, key), {"alt": "media"})

    def write(self, path, key, data):
        bucket, _, prefix = path.partition("/")
        # The emulator drops the connection at an empty upload of the type "media".
        head = "--cut\r\nContent-Type: application/json\r\n\r\n" + json.dumps({"name": f"{prefix}/{key}"})
        body = head.encode() + b"\r\n--cut\r\nContent-Type: application/octet-stream\r\n\r\n" + data + b"\r\n--cut--\r\n"
        self.call("POST", f"/upload/storage/v1/b/{bucket}/o", {"uploadType": "multipart"}, body,
                  {"Content-Type": "multipart/related; boundary=cut"})

    def remove(self, path, key):
        self.call("DELETE", self.object(path, key))


class StrictGs(Gs):
    """A front before the emulator that asks for a bearer token (gs_front.py). The files self.account (a service account)
    and self.user (a user's refresh token) are credentials for it. A token is good for `life` requests."""

    email = "tests@project.iam.gserviceaccount.com"

    def __init__(self, life=1 << 30):
        super().__init__()
        self.emulator, self.life = Gs(), life
        self.account, self.user, self.key = self.folder / "account.json", self.folder / "user.json", self.folder / "key"
        for words in (f"genpkey -algorithm RSA -out {self.key}", f"pkey -in {self.key} -pubout -out {self.key}.pub"):
            subprocess.run(["openssl", *words.split()], check=True, capture_output=True)

    def start(self):
        self.emulator.start()
        return super().start()

    def prepare(self):
        uri = {"token_uri": f"http://{self.address}/token"}
        self.account.write_text(json.dumps({
            "type": "service_account", "project_id": "project", "private_key_id": "1", "client_id": "1",
            "private_key": self.key.read_text(), "client_email": self.email, **uri}))
        self.user.write_text(json.dumps({
            "type": "authorized_user", "client_id": "1", "client_secret": "s", "refresh_token": "1//refresh", **uri}))

    def command(self):
        accepted = {"key": f"{self.key}.pub", "email": self.email, "refresh": "1//refresh", "life": self.life}
        return [sys.executable, "-m", "harness.servers.gs_front", str(self.port), self.emulator.address, json.dumps(accepted)]

    def place(self, at=None, secure=False):
        place = super().place(at, secure)
        del place.options["allow_anonymous_login"]
        place.options["credentialpath"] = str(self.account)
        return place

    def call(self, *words):
        return self.emulator.call(*words)

    def stop(self):
        super().stop()
        self.emulator.stop()
