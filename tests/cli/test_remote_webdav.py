"""Remotes on WebDAV servers: wsgidav, and Apache's mod_dav, on loopback."""

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from harness.servers import dav
from harness.servers.base import free_port
from harness.terminal import talk

NAMES = {"with space": "1\n", "100%": "2\n", "%41": "3\n", "a+b": "4\n", "x#y": "5\n", "ü": "6\n", "empty": "", "sub/x&y": "7\n"}


@pytest.fixture
def box(repo):
    repo.write({"a": "1\n", "d/x": "2\n", "d/y": "3\n"})
    repo.check("cairn add -q a d")
    return repo


def forget(box):
    """Nothing of the data is here any more."""
    box.check("rm -rf .dvc/cache .dvc/tmp a d")


def failed(box, line, *words):
    """The command fails soon, with these words in its errors, without a secret."""
    begin = time.monotonic()
    done = box.sh("cairn " + line, timeout=60)
    assert done.status != 0, repr(done)
    for word in words:
        assert word in done.err, repr(done)
    assert dav.PASSWORD not in done.err and dav.TOKEN not in done.err, repr(done)
    assert time.monotonic() - begin < 50
    return done


# ---- what works


@pytest.mark.parametrize("kind", ["webdav", "webdavs", "webdav-apache"])
def test_there_and_back(box, remote, kind):
    place = remote(kind)
    place.configure(box)
    box.check("cairn push")
    assert len(place.keys()) == 4 and not [k for k in place.keys() if k.endswith(".tmp")]
    assert box.check("cairn push").out == "Everything is up to date.\n"
    assert "in sync" in box.check("cairn status -c").out
    forget(box)
    box.check("cairn pull")
    assert (box.read("a"), box.read("d/x"), box.read("d/y")) == ("1\n", "2\n", "3\n")


@pytest.mark.parametrize("kind", ["webdav", "webdav-apache"])
def test_what_nobody_uses_is_removed(box, remote, kind):
    place = remote(kind)
    place.configure(box)
    box.check("cairn push")
    box.write({"a": "other\n"})
    box.check("cairn add -q a && cairn push && cairn gc -q -f -w -c")
    assert len(place.keys()) == 4
    assert "in sync" in box.check("cairn status -c").out


def test_many_files(box, webdav):
    place = webdav.place()
    place.configure(box)
    box.write({f"many/{i}": f"{i}\n" for i in range(300)})
    box.check("cairn add -q many && cairn push")
    assert len(place.keys()) == 302
    forget(box)
    box.check("rm -rf many && cairn pull")
    assert box.read("many/299") == "299\n"


def test_a_large_file_in_parts(box, apache):
    place = apache.place()
    place.configure(box)
    data = bytes(range(251)) * 200_000
    (box.repo / "big").write_bytes(data)
    box.check("cairn add -q big && cairn push big && rm -rf .dvc/cache big && cairn pull -j 4 big")
    assert (box.repo / "big").read_bytes() == data


@pytest.mark.parametrize("kind", ["webdav", "webdav-apache"])
def test_odd_names(repo, remote, kind):
    place = remote(kind)
    for name, text in NAMES.items():
        place.write(f"my d/{name}", text.encode())
    place.configure(repo)
    repo.check("cairn get-url 'remote://r/my%20d' there && cairn get-url 'remote://r/my d' again")
    for name, text in NAMES.items():
        assert repo.read(f"there/{name}") == repo.read(f"again/{name}") == text
    listed = repo.check("cairn list-url -R 'remote://r/my d'").out.splitlines()
    assert sorted(listed) == sorted(NAMES)
    repo.check("cairn get-url 'remote://r/my%20d/100%25' one && cairn get-url 'remote://r/my d/with space' two")
    assert repo.read("one") == "2\n" and repo.read("two") == "1\n"


@pytest.mark.parametrize("kind", ["webdav", "webdav-apache"])
def test_a_base_that_is_missing_is_made(box, remote, kind):
    place = remote(kind)
    place.configure(box)
    box.check(f"cairn remote modify r url '{place.url}/new/my data/ü'")
    assert box.check("cairn status -c").out.count("new") >= 2
    box.check("cairn push")
    assert len([k for k in place.keys() if k.startswith("new/my data/ü/files/md5/")]) == 4


def test_a_server_without_move(box):
    with Dav() as server:
        box.check(f"cairn remote add -q -d r {server.url}/p && cairn push")
        assert len([n for n in server.files if n.startswith("/p/files/md5/")]) == 4, server.files
        assert not [n for n in server.files if n.endswith(".tmp")]
        forget(box)
        box.check("cairn pull")
        assert box.read("d/y") == "3\n"


def test_import_of_a_file_and_a_directory(repo, webdav):
    place = webdav.place()
    place.write("ext/a.csv", b"hello")
    place.write("ext/sub/b", b"other")
    place.configure(repo)
    repo.check("cairn import-url remote://r/ext/a.csv && cairn import-url remote://r/ext dir")
    assert repo.read("a.csv") == "hello" and repo.read("dir/sub/b") == "other"
    assert re.search(r"- etag: .+\n  size: 5\n", repo.read("a.csv.dvc"))
    assert "up to date" in repo.check("cairn update a.csv.dvc dir.dvc && cairn status").out
    time.sleep(1.1)  # wsgidav's ETag has the time in seconds
    place.write("ext/a.csv", b"changed")
    repo.check("cairn update a.csv.dvc")
    assert repo.read("a.csv") == "changed"


# ---- what is missing


def test_missing_files(repo, webdav):
    place = webdav.place()
    place.configure(repo)
    failed(repo, "get-url remote://r/nothing", "The path 'remote://r/nothing' does not exist")
    failed(repo, "import-url remote://r/nothing", "does not exist")
    failed(repo, "list-url remote://r/nothing", "nothing")
    assert repo.check("cairn list-url remote://r/").out == ""


# ---- who may enter


@pytest.mark.parametrize("server", ["webdav", "apache"])
def test_a_wrong_password(box, request, server):
    server = request.getfixturevalue(server)
    place = server.place("basic") if server.__class__ is dav.Apache else server.place()
    place.configure(box, password="wr0ng")
    for line in ("push", "status -c"):
        done = failed(box, line, "the server refuses the login (401", "Are the user and the password, or the token,")
        assert "wr0ng" not in done.err
    failed(box, "remote modify r --unset user && cairn push", "the server wants a login", "remote modify <remote name> user <user>")
    assert not place.keys()
    forget(box)
    failed(box, "fetch", "the server wants a login")


def test_a_user_in_the_url(box, webdav):
    place = webdav.place()
    url = place.url.replace("//", "//ada:p%3Ass%20word@")
    box.check(f"cairn remote add -q -d r '{url}'")
    assert "p%3Ass" not in box.check("cairn push -vv").err
    assert len(place.keys()) == 4


def test_the_password_is_asked_for(box, webdav):
    place = webdav.place()
    place.configure(box)
    box.check("cairn remote modify r --unset password && cairn remote modify r ask_password true")
    failed(box, "push", "no password was given for 'ada'")
    shown, status = talk(box, ["push"], {"Enter a password": dav.PASSWORD})
    assert status == 0 and f"Enter a password for host 'http://{webdav.address}' user 'ada':" in shown
    assert dav.PASSWORD not in shown and len(place.keys()) == 4


def test_a_token(box, apache):
    place = apache.place("token")
    place.configure(box)
    box.check("cairn push")
    assert len(place.keys()) == 4
    box.check("cairn remote modify r user nobody && cairn status -c")  # a token goes before
    done = failed(box, "remote modify r token wr0ng && cairn status -c", "this user may not do that (403")
    assert "wr0ng" not in done.err


def test_a_custom_header(box):
    with Dav(header=("X-Token", "s3cret")) as server:
        box.check(f"cairn remote add -q -d r {server.url}/p && cairn remote modify r custom_auth_header X-Token")
        failed(box, "push", "'custom_auth_header' of the remote needs 'password'")
        box.check("cairn remote modify r password s3cret && cairn push")
        assert len([n for n in server.files if n.startswith("/p/files/md5/")]) == 4
        assert "s3cret" not in failed(box, "remote modify r password other && cairn status -c", "401").err


def test_a_token_command(box):
    box.write({"token.sh": 'echo x >>runs\necho "  token-$(wc -l <runs)  "\n'})
    with Dav(header=("Authorization", "Bearer token-2")) as server:
        box.check(f"cairn remote add -q -d r {server.url}/p && cairn remote modify r bearer_token_command 'sh token.sh'")
        done = box.check("cairn push -vv")
        assert box.read("runs") == "x\nx\n" and "token-2" not in done.err
        failed(box, "status -c", "the server refuses the login (401")
        assert box.read("runs") == "x\nx\nx\nx\n"


def test_a_token_command_that_fails(box, webdav):
    place = webdav.place()
    place.configure(box, bearer_token_command="sh -c 'echo s3cret; echo s3cret >&2; exit 7'")
    done = failed(box, "push", "no token from 'sh', the command of 'bearer_token_command': it ends with status 7")
    assert "s3cret" not in done.err and "s3cret" not in box.sh("cairn push -vv").err
    failed(box, "remote modify r bearer_token_command \"sh 'x\" && cairn push", "a quote that is not closed")


# ---- what refuses or is down


def test_nobody_listens(box):
    box.check(f"cairn remote add -q -d r webdav://127.0.0.1:{free_port()}/x")
    for line in ("push", "status -c"):
        failed(box, line, "Connection refused", "Does the server run, and is the URL of the remote right?")


def test_a_server_that_is_read_only(box):
    with Dav(read_only=True) as server:
        box.check(f"cairn remote add -q -d r {server.url}/p")
        failed(box, "push", "the server does not allow it (403 Forbidden")
        assert not server.files


def test_a_web_server_without_webdav(box, nginx):
    place = nginx.place("readonly")
    box.check(f"cairn remote add -q -d r {place.url.replace('http', 'webdav', 1)}")
    failed(box, "status -c", "does not speak WebDAV", "use http:// or https://")


# ---- TLS


def test_certificates(box, webdav, tls_front):
    front = tls_front(webdav)
    place = webdav.place(at=front.address, secure=True)
    place.configure(box)
    certificate, key = front.authority.client
    hint = "Set 'ssl_verify' to a file with the certificates to trust"
    failed(box, "push", "is not trusted", hint)
    failed(box, f"remote modify r ssl_verify {certificate} && cairn push", "is not trusted", hint)
    box.check(f"cairn remote modify r ssl_verify {front.authority.ca} && cairn push")
    assert len(place.keys()) == 4
    mutual = place.url.replace(front.address, front.mutual_address)
    failed(box, f"remote modify r url {mutual} && cairn status -c", "400 Bad Request")
    box.check(f"cairn remote modify r cert_path {certificate} && cairn remote modify r key_path {key}")
    assert "in sync" in box.check("cairn status -c").out
    box.check(f"cairn remote modify r cert_path {front.authority.folder / 'both.pem'} && cairn remote modify r --unset key_path")
    assert "in sync" in box.check("cairn remote modify r ssl_verify false && cairn status -c").out


# ---- a server that does little


class Dav:
    """A store in memory that knows neither MOVE nor COPY. `header`: (name, value) that requests need."""

    def __init__(self, header=None, read_only=False):
        self.files, self.collections, own = {}, {"/"}, self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, status, body=b""):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                name = self.path.rstrip("/") or "/"
                above = name.rpartition("/")[0] or "/"
                if header and self.headers.get(header[0]) != header[1]:
                    return self.reply(401)
                if self.command == "PROPFIND":
                    if name not in own.files and name not in own.collections:
                        return self.reply(404)
                    kind = "<collection/>" if name in own.collections else ""
                    text = (f'<multistatus xmlns="DAV:"><response><href>{name}</href><propstat><prop><resourcetype>{kind}'
                            '</resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>')
                    return self.reply(207, text.encode())
                if self.command == "GET":
                    return self.reply(200, own.files[name]) if name in own.files else self.reply(404)
                if self.command in ("MOVE", "COPY"):
                    return self.reply(405)
                if read_only:
                    return self.reply(403)
                if self.command == "DELETE":
                    return self.reply(204 if own.files.pop(name, None) is not None else 404)
                if above not in own.collections:
                    return self.reply(409)
                if self.command == "PUT":
                    own.files[name] = body
                    return self.reply(201)
                status = 405 if name in own.collections else 201
                own.collections.add(name)
                return self.reply(status)

            do_GET = do_HEAD = do_PUT = do_PROPFIND = do_MKCOL = do_MOVE = do_COPY = do_DELETE = answer

        class Listener(ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 256

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.url = f"webdav://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
