"""Google Cloud Storage: gcp-storage-emulator. It checks no credentials."""

import json
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
