"""Remotes on web servers: nginx and a store that takes POST, on loopback; for odd answers a server in the test."""

import contextlib
import hashlib
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from harness.servers import dav, nginx as web
from harness.servers.base import free_port
from harness.terminal import talk

NAMES = {"d/with space": "1\n", "d/100%": "2\n", "d/%41": "3\n", "d/a+b": "4\n", "d/x#y?z=1&w": "5\n", "d/ü": "6\n", "d/empty": ""}


@pytest.fixture
def box(repo):
    repo.write({"a": "1\n", "d/x": "2\n", "d/y": "3\n"})
    repo.check("cairn add -q a d")
    return repo


def forget(box):
    """Nothing of the data is here any more."""
    box.check("rm -rf .dvc/cache .dvc/tmp a d")


def failed(box, line, *words, status=None):
    """The command fails soon, with these words in its errors, without a secret."""
    begin = time.monotonic()
    done = box.sh("cairn " + line, timeout=60)
    assert done.status == status if status else done.status != 0, repr(done)
    for word in words:
        assert word in done.err, repr(done)
    assert web.PASSWORD not in done.err and web.TOKEN not in done.err, repr(done)
    assert time.monotonic() - begin < 50
    return done


# ---- what works


@pytest.mark.parametrize("kind", ["http", "http-basic", "http-post", "https"])
def test_there_and_back(box, remote, kind):
    place = remote(kind)
    place.configure(box)
    box.check("cairn push")
    assert len(place.keys()) == 4
    assert box.check("cairn push").out == "Everything is up to date.\n"
    assert "in sync" in box.check("cairn status -c").out
    forget(box)
    box.check("cairn pull")
    assert (box.read("a"), box.read("d/x"), box.read("d/y")) == ("1\n", "2\n", "3\n")


def test_an_upload_has_a_length_and_a_type(box):
    with Odd() as server:
        box.check(f"cairn remote add -q -d r {server.url}")
        box.check("cairn push")
        uploads = [r for r in server.requests if r.method == "POST"]
        assert len(uploads) == 4
        for r in uploads:
            assert r.headers["Content-Type"] == "application/octet-stream" and "Transfer-Encoding" not in r.headers
            assert int(r.headers["Content-Length"]) == len(r.body)


def test_a_large_file_in_parts(box, nginx):
    place = nginx.place()
    place.configure(box)
    data = bytes(range(251)) * 400_000
    (box.repo / "big").write_bytes(data)
    box.check("cairn add -q big && cairn push big")
    assert place.keys() == {f"files/md5/{(m := hashlib.md5(data).hexdigest())[:2]}/{m[2:]}": (len(data), m)}
    box.check("rm -rf .dvc/cache big && cairn pull -j 4 big")
    assert (box.repo / "big").read_bytes() == data


def test_a_server_that_ignores_ranges(box):
    with Odd(ranges=False) as server:
        box.check(f"cairn remote add -q -d r {server.url}")
        data = bytes(range(251)) * 200_000
        (box.repo / "big").write_bytes(data)
        box.check("cairn add -q big && cairn push big && rm -rf .dvc/cache big && cairn pull -j 4 big")
        assert (box.repo / "big").read_bytes() == data


@pytest.mark.parametrize("refusal", [405, 501])
def test_a_server_that_refuses_head(box, refusal):
    with Odd(head=refusal) as server:
        box.check(f"cairn remote add -q -d r {server.url}")
        box.check("cairn push")
        assert len(server.files) == 4
        assert box.check("cairn push").out == "Everything is up to date.\n"
        forget(box)
        box.check("cairn pull")
        assert box.read("d/y") == "3\n"


def test_a_signed_address_is_good_for_get_alone(repo):
    with Odd(head=403) as server:
        server.files["/f.csv"] = b"hello"
        repo.check(f"cairn import-url -q '{server.url}/f.csv?X-Signature=s3cret&a=b' f.csv")
        assert repo.read("f.csv") == "hello"
        assert server.requests[-1].target == "/f.csv?X-Signature=s3cret&a=b"


def test_an_empty_file_and_a_server_that_refuses_head(repo):
    with Odd(head=405) as server:
        server.files["/f"] = b""
        repo.check(f"cairn get-url {server.url}/f")
        assert repo.read("f") == ""


def test_odd_names(repo, nginx):
    place = nginx.place()
    for name, text in NAMES.items():
        place.write(name, text.encode())
    for i, (name, text) in enumerate(NAMES.items()):
        escaped = "".join(c if c.isalnum() and c.isascii() or c == "/" else "".join(f"%{b:02X}" for b in c.encode()) for c in name)
        repo.check(f"cairn get-url '{place.url}/{escaped}' {i}")
        assert repo.read(str(i)) == text
    repo.check(f"cairn get-url '{place.url}/d/with space' s && cairn get-url '{place.url}/d/ü' u")
    assert repo.read("s") == "1\n" and repo.read("u") == "6\n"


def test_a_prefix_with_odd_characters(box, nginx):
    place = nginx.place()
    box.check(f"cairn remote add -q -d r '{place.url}/my data/ü' && cairn remote modify r method put && cairn push")
    assert len([k for k in place.keys() if k.startswith("my data/ü/files/md5/")]) == 4


def test_redirects(box, nginx):
    place = nginx.place("moved307")
    place.configure(box)
    box.check("cairn push")
    assert len(place.keys()) == 4
    forget(box)
    nginx_url = place.url.replace("moved307", "moved")
    box.check(f"cairn remote modify r url {nginx_url} && cairn pull")
    assert box.read("d/x") == "2\n"
    loop = place.url.replace("moved307", "loop")
    forget(box)
    failed(box, f"remote modify r url {loop} && cairn pull", "redirects in a circle")


def test_credentials_do_not_follow_to_another_server(repo):
    with Odd() as other, Odd(moved=other.url) as server:
        other.files["/f"] = b"hello"
        for line in ("auth=basic user=ada password=s3cret", "auth=custom custom_auth_header=X-Token password=s3cret"):
            repo.check(f"cairn get-url -f {server.url}/f --fs-config {line}")
            assert "s3cret" in str(server.requests[-1].headers) or "YWRhOnMzY3JldA" in str(server.requests[-1].headers)
            seen = str(other.requests[-1].headers)
            assert "s3cret" not in seen and "YWRhOnMzY3JldA" not in seen and "Authorization" not in seen


def test_an_upload_that_leads_to_a_form_is_not_taken_for_stored(box):
    with Odd(form=True) as server:
        box.check(f"cairn remote add -q -d r {server.url}")
        failed(box, "push", "the server redirects the upload, and does not store it")


# ---- what is missing


def test_an_empty_remote(box, nginx):
    nginx.place().configure(box)
    assert box.check("cairn status -c").out.count("new") >= 2
    forget(box)
    assert "do not exist" in box.sh("cairn fetch").err
    failed(box, "pull")


def test_a_missing_file(repo, nginx):
    place = nginx.place()
    failed(repo, f"get-url {place.url}/nothing", f"The path '{place.url}/nothing' does not exist")
    failed(repo, f"import-url {place.url}/nothing", "does not exist")


def test_files_are_not_listed_or_removed(box, nginx):
    place = nginx.place()
    place.configure(box)
    box.check("cairn push")
    failed(box, "gc -f -w -c", f"unused objects of '{place.url}' cannot be removed: it lists no files")
    assert len(place.keys()) == 4


# ---- who may enter


def test_basic(box, nginx):
    place = nginx.place("basic")
    place.configure(box, password="wr0ng")
    done = failed(box, "push", "the server refuses the login (401 Unauthorized", "Are the user and the password")
    assert "wr0ng" not in done.err
    failed(box, "status -c", "the server refuses the login")
    forget(box)
    failed(box, "fetch", "the server refuses the login")
    failed(box, "remote remove r && cairn remote add -q -d r " + place.url + " && cairn fetch", "the server wants a login",
           "cairn remote modify <remote name> auth basic")


def test_a_user_in_the_url_and_in_netrc(box, nginx):
    place = nginx.place("basic")
    login = "ada:p%3Ass%20word@"
    box.check(f"cairn remote add -q -d r {place.url.replace('//', '//' + login)} && cairn remote modify r method PUT && cairn push")
    assert len(place.keys()) == 4
    done = failed(box, "gc -f -w -c", "lists no files")
    assert "p%3Ass" not in done.err
    assert "p%3Ass" not in box.sh("cairn push -vv").err
    (box.root / "netrc").write_text(f'machine 127.0.0.1 login ada password "{web.PASSWORD}"\n')
    (box.root / "netrc").chmod(0o600)
    forget(box)
    box.check(f"cairn remote modify r url {place.url} && NETRC={box.root}/netrc cairn pull")
    assert box.read("a") == "1\n"


def test_a_custom_header(box, nginx):
    place = nginx.place("custom")
    place.configure(box)
    box.check("cairn push")
    assert len(place.keys()) == 4
    forget(box)
    box.check("cairn pull")
    assert box.read("a") == "1\n"
    forget(box)
    failed(box, "remote modify r password other && cairn fetch", "the server refuses the login")


def test_digest(box, apache):
    place = apache.place("digest")
    url = place.url.replace("webdav:", "http:")
    place.write("f", b"hello")
    login = f"auth=digest user={dav.USER} 'password={dav.PASSWORD}'"
    box.check(f"cairn get-url {url}/f --fs-config {login}")
    assert box.read("f") == "hello"
    failed(box, f"get-url -f {url}/f --fs-config auth=digest user=ada password=wr0ng", "the server refuses the login")


def test_the_password_is_asked_for(box, nginx):
    place = nginx.place("basic")
    place.configure(box)
    box.check("cairn remote modify r --unset password && cairn remote modify r ask_password true")
    done = failed(box, "push", "no password was given for 'ada'")
    assert nginx.address in done.err
    shown, status = talk(box, ["push"], {"Enter a password": web.PASSWORD})
    assert status == 0 and f"Enter a password for host '{nginx.address}' user 'ada':" in shown and web.PASSWORD not in shown
    assert len(place.keys()) == 4


@pytest.mark.parametrize("options, words", [
    ("auth basic", "HTTP 'basic' authentication require both 'user' and 'password'"),
    ("auth basic;user ada", "HTTP 'basic' authentication require both 'user' and 'password'"),
    ("auth digest;user ada", "HTTP 'digest' authentication require both 'user' and 'password'"),
    ("auth custom;password x", "HTTP 'custom' authentication require both 'custom_auth_header' and 'password'"),
])
def test_an_incomplete_login(box, nginx, options, words):
    box.check(f"cairn remote add -q -d r {nginx.place().url}")
    for option in options.split(";"):
        box.check(f"cairn remote modify r {option}")
    failed(box, "push", words)


def test_another_method(box, nginx):
    nginx.place().configure(box, method="PATCH")
    failed(box, "push", "method has to be either 'post' or 'put', not: 'PATCH'")


# ---- what refuses or is down, which is no empty remote


def test_a_server_that_refuses(box, nginx):
    place = nginx.place("forbidden")
    place.configure(box)
    failed(box, "status -c", "403 Forbidden")
    forget(box)
    failed(box, "fetch", "403 Forbidden")


def test_a_read_only_server(box, nginx):
    place = nginx.place("readonly")
    place.configure(box)
    failed(box, "push", "unable to write", "the server does not know that method (405")
    failed(box, "remote modify r method POST && cairn push", "404", "there is nothing that could be written to")
    # as DVC says it, where that name is used
    asked = box.sh("dvc remote modify -q r method PUT && dvc push")
    assert asked.status == 1
    assert f"- 405, message='Method Not Allowed', url='{place.url}/files/md5/" in asked.err


def test_nobody_listens(box):
    box.check(f"cairn remote add -q -d r http://127.0.0.1:{free_port()}/x")
    for line in ("push", "status -c"):
        failed(box, line, "Connection refused", "Does the server run, and is the URL of the remote right?")
    forget(box)
    failed(box, "fetch", "Connection refused")


def test_a_silent_server(box):
    with Odd(silent=True) as server:
        server.files["/f"] = b"x"
        box.check(f"cairn remote add -q -d r {server.url} && cairn remote modify r read_timeout 0.5")
        failed(box, "status -c", "connection to")


# ---- TLS


def test_certificates(box, nginx, tls_front):
    front = tls_front(nginx)
    place = nginx.place(at=front.address, secure=True)
    place.configure(box)
    hint = "Set 'ssl_verify' to a file with the certificates to trust"
    failed(box, "push", "is not trusted", hint)
    other, _ = front.authority.client
    failed(box, f"remote modify r ssl_verify {other} && cairn push", "is not trusted", hint)
    failed(box, "remote modify r ssl_verify nowhere.pem && cairn push", "certificates")
    box.check(f"cairn remote modify r ssl_verify {front.authority.ca} && cairn push")
    assert len(place.keys()) == 4
    forget(box)
    box.check("cairn remote modify r ssl_verify false && cairn pull")
    forget(box)
    box.check(f"cairn remote modify r --unset ssl_verify && SSL_CERT_FILE={front.authority.ca} cairn pull")
    plain = place.url.replace(front.address, nginx.address)
    failed(box, f"remote modify r url {plain} && cairn status -c", "does not speak TLS")


# ---- a server with odd answers


class Request:
    def __init__(self, handler, body):
        self.method, self.target, self.headers, self.body = handler.command, handler.path, handler.headers, body


class Odd:
    """A store in memory. `head`: the status for HEAD. `ranges`: knows them. `moved`: redirects there. `form`: redirects
    uploads to a page. `silent`: never answers."""

    def __init__(self, head=None, ranges=True, moved=None, form=False, silent=False):
        self.files, self.requests, odd = {}, [], self
        ended = self.ended = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, status, body=b"", **headers):
                self.send_response(status)
                for k, v in headers.items():
                    self.send_header(k.replace("_", "-"), v)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    with contextlib.suppress(OSError):
                        self.wfile.write(body)

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                odd.requests.append(Request(self, body))
                name = self.path.split("?")[0]
                if silent:
                    ended.wait(60)
                if moved:
                    return self.reply(302, Location=moved + self.path)
                if self.command in ("POST", "PUT"):
                    if form:
                        return self.reply(302, Location="/login")
                    odd.files[name] = body
                    return self.reply(200)
                if self.command == "HEAD" and head:
                    return self.reply(head)
                data = b"please log in" if name == "/login" else odd.files.get(name)
                wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
                if data is None:
                    return self.reply(404)
                if not wanted or not ranges:
                    return self.reply(200, data)
                first, last = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
                if first >= len(data):
                    return self.reply(416, Content_Range=f"bytes */{len(data)}")
                return self.reply(206, data[first:last + 1], Content_Range=f"bytes {first}-{last}/{len(data)}")

            do_GET = do_HEAD = do_POST = do_PUT = answer

        class Listener(ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 256

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()
