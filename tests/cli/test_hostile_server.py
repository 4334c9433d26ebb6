"""A server that speaks S3 and does not mean well: listings with any name, without an end, cut short."""

import http.server
import threading
from urllib.parse import parse_qs, quote, urlsplit

import pytest


class Hostile(http.server.BaseHTTPRequestHandler):
    """Every object is "abc". `names` are listed below each prefix; `tail` follows them."""

    protocol_version = "HTTP/1.1"
    names, tail, bare = (), "", False

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in [("Content-Length", len(body)), ("ETag", '"x"'), *headers]:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        if "list-type" in query:
            keys = [("" if self.bare else query["prefix"][0]) + n for n in self.names]
            contents = "".join(f"<Contents><Key>{quote(k)}</Key><Size>3</Size><ETag>x</ETag></Contents>" for k in keys)
            text = f"<ListBucketResult><EncodingType>url</EncodingType>{contents}{self.tail}</ListBucketResult>"
            self.answer(200, text.encode())
        elif self.command == "HEAD" or "Range" not in self.headers:
            self.answer(404 if self.command == "HEAD" else 200, b"abc")
        else:
            self.answer(206, b"abc", [("Content-Range", "bytes 0-2/3")])

    do_HEAD = do_GET


@pytest.fixture
def hostile(repo):
    """A function that starts the server and makes it the remote r."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Hostile,), {}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(repo.repo / ".dvc/config", "w") as f:
        f.write(f"[core]\n    remote = r\n['remote \"r\"']\n    url = s3://bkt/root\n    access_key_id = a\n    secret_access_key = b\n"
                f"    endpointurl = http://127.0.0.1:{server.server_address[1]}\n")

    def make(names, tail="", bare=False):
        server.RequestHandlerClass.names, server.RequestHandlerClass.tail, server.RequestHandlerClass.bare = names, tail, bare
        return repo

    yield make
    server.shutdown()
    server.server_close()


def state(box):
    return sorted(str(p.relative_to(box.repo)) for p in box.repo.rglob("*")
                  if p.is_file() and not str(p.relative_to(box.repo)).startswith((".git/", ".dvc/tmp/")))


MORE = "<IsTruncated>true</IsTruncated>"


@pytest.mark.parametrize("names, tail, bare, told, commands", [
    (["ok", "../../up"], "", False, "'root/data/../../up' may not be the name of a file", ["import-url", "get-url"]),
    (["ok", "dup", "dup"], "", False, "'dup' is listed twice in 'remote://r/data'", ["import-url", "get-url"]),
    (["a/b", "a/b/c"], "", False, "'a/b' is a file and a directory in 'remote://r/data'", ["import-url", "get-url"]),
    (["ok", ".git/config"], "", False, "Git would take it for its own", ["import-url"]),
    (["root/elsewhere/x"], "", True, "is not below", ["import-url", "get-url", "list-url -R"]),
    (["ok"], MORE, False, "cuts the listing", ["import-url", "get-url", "list-url -R"]),
    (["ok"], MORE + "<NextContinuationToken>t</NextContinuationToken>", False, "does not end",
     ["import-url", "get-url", "list-url -R"]),
], ids=["upwards", "twice", "file-and-directory", "git", "elsewhere", "cut", "endless"])
def test_listings_that_are_refused(hostile, names, tail, bare, told, commands):
    box = hostile(names, tail, bare)
    before = state(box)
    for command in commands:
        done = box.sh(f"cairn {command} remote://r/data" + (" out" if "-url" in command and "list" not in command else ""), timeout=30)
        assert done.status != 0 and told in done.err, repr(done)
        assert state(box) == before


def test_entries_of_the_run_cache_stay_in_it(hostile):
    """A listing below runs/ with the name of an object: its content is not checked there."""
    box = hostile(["root/files/md5/ab/cdefcdefcdefcdefcdefcdefcdefcd"], bare=True)
    done = box.sh("cairn fetch --run-cache")
    assert done.status != 0 and "is not below 'runs/'" in done.err, repr(done)
    assert not (box.repo / ".dvc/cache/files").exists()


def test_objects_that_are_not_what_their_name_says(hostile):
    box = hostile([])
    box.write({"f": "other"})
    box.check("cairn add -q f && rm -rf .dvc/cache f")
    done = box.sh("cairn pull")
    assert done.status != 0 and "is corrupted" in done.err, repr(done)
    assert not [p for p in (box.repo / ".dvc/cache").rglob("*") if p.is_file()] and not (box.repo / "f").exists()
