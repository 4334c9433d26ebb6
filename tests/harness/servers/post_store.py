"""A small HTTP server that stores what is sent by POST or PUT: DVC sends POST by default, for which nginx has nothing.
This file is also the program: python -m harness.servers.post_store PORT FOLDER"""

import os
import pathlib
import sys
import tempfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from .base import FolderServer, Place


class PostStore(FolderServer):
    """Answers carry Last-Modified and no ETag. A body with a length and a chunked one are both taken."""

    def command(self):
        return [sys.executable, "-m", "harness.servers.post_store", str(self.port), str(self.data)]

    def place(self, at=None, secure=False):
        path = self.fresh()
        (self.data / path).mkdir()
        return Place(self, path, f"http{'s' * secure}://{at or self.address}/{path}")


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        path = pathlib.Path(self.directory + unquote(self.path))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.directory, delete=False) as file:
            self.receive(file)
        os.rename(file.name, path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_POST

    def receive(self, file):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            self.take(file, int(self.headers["Content-Length"]))
            return
        while size := int(self.rfile.readline().split(b";")[0], 16):
            self.take(file, size)
            self.rfile.readline()
        self.rfile.readline()


    def take(self, file, size):
        """A body that ends early is not stored."""
        data = self.rfile.read(size)
        if len(data) < size:
            os.unlink(file.name)
            raise ConnectionError("the body ends early")
        file.write(data)


class Listener(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 1024


if __name__ == "__main__":
    Listener(("127.0.0.1", int(sys.argv[1])), lambda *a: Handler(*a, directory=sys.argv[2])).serve_forever()
