"""An HTTP server before another one that checks each request; the base of s3_front.py and gs_front.py."""

import http.client
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Refused(Exception):
    """The request is answered by the front."""

    def __init__(self, status, content_type, body):
        super().__init__(status, body)
        self.status, self.content_type, self.body = status, content_type, body


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream = ""

    def check(self, body):
        """Raise Refused, or return: then the request is passed on."""
        raise NotImplementedError

    def answer(self):
        try:
            body = self.body()
            self.check(body)
        except Refused as refused:
            self.reply(refused.status, [("Content-Type", refused.content_type)], refused.body)
            return
        link = http.client.HTTPConnection(self.upstream, timeout=60)
        drop = ("connection", "transfer-encoding", "expect", "content-length")
        headers = {k: v for k, v in self.headers.items() if k.lower() not in drop}
        link.request(self.command, self.path, body, {**headers, "Content-Length": str(len(body))})
        response = link.getresponse()
        data = response.read()
        drop = ("connection", "transfer-encoding", "date", "server") + (() if self.command == "HEAD" else ("content-length",))
        self.reply(response.status, [(k, v) for k, v in response.getheaders() if k.lower() not in drop], data)
        link.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = answer

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def reply(self, status, headers, data):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


class Listener(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 1024


def serve(kind, port, upstream):
    kind.upstream = upstream
    Listener(("127.0.0.1", int(port)), kind).serve_forever()
