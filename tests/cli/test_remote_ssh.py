"""Remotes behind SSH, with a real sshd on loopback."""

import getpass
import os
import pathlib
import subprocess
import time

import pytest
from harness import ssh_server
from harness.terminal import talk

pytestmark = pytest.mark.skipif(not ssh_server.available(), reason="no ssh or sshd")


@pytest.fixture
def client(repo):
    client = ssh_server.Client(repo)
    client.configure()
    return client


@pytest.fixture
def start(repo, client):
    """A function that starts a server and makes it the remote `far`, with its store in the sandbox."""
    made = []

    def make(kind="sshd", known=True, **options):
        folder = repo.root / f"server{len(made)}"
        if kind == "sshd":
            options.setdefault("authorized", f"{client.key}.pub")
            server = ssh_server.Sshd(folder, **options)
        else:
            server = ssh_server.PasswordServer(folder, **options)
        made.append(server)
        if known:
            client.knows(server)
        server.store = repo.root / "store"
        server.url = f"ssh://{options.get('user', getpass.getuser())}@127.0.0.1:{server.port}{server.store}"
        repo.check(f"cairn remote add -q -f -d far {server.url}")
        return server

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def box(repo):
    repo.write({"a": "1\n", "d/x": "2\n", "d/y": "3\n"})
    repo.check("cairn add -q a d")
    return repo


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*") if p.is_file())


def failed(box, line, *words, hint=""):
    begin = time.monotonic()
    done = box.sh("cairn " + line, timeout=60)
    assert done.status != 0, repr(done)
    for word in words:
        assert word in done.err, repr(done)
    assert hint in done.err, repr(done)
    assert time.monotonic() - begin < 20
    return done


def forget(box):
    """Nothing of the data is here any more."""
    box.check("rm -rf .dvc/cache a d")


# ---- what works


def test_there_and_back(box, start):
    server = start()
    assert "4 files to push" not in box.check("cairn push").err
    assert len(files(server.store)) == 4
    assert not [f for f in files(server.store) if f.endswith(".tmp")]
    assert box.check("cairn push").out == "Everything is up to date.\n"
    assert "in sync" in box.check("cairn status -c").out
    forget(box)
    box.check("cairn pull")
    assert (box.read("a"), box.read("d/x"), box.read("d/y")) == ("1\n", "2\n", "3\n")


def test_what_nobody_uses_is_removed(box, start):
    server = start()
    box.check("cairn push")
    box.write({"a": "other\n"})
    box.check("cairn add -q a && cairn push && cairn gc -q -f -w -c")
    assert len(files(server.store)) == 4
    assert "in sync" in box.check("cairn status -c").out


def test_modes_are_the_servers(box, start):
    server = start()
    box.check("cairn push")
    modes = {p.stat().st_mode & 0o777 for p in server.store.rglob("*") if p.is_file()}
    assert modes == {0o644}


def test_a_large_file(box, start):
    server = start()
    data = os.urandom(40_000_000)
    (box.repo / "big").write_bytes(data)
    box.check("cairn add -q big && cairn push")
    box.check("rm -rf .dvc/cache big")
    box.check("cairn pull")
    assert (box.repo / "big").read_bytes() == data
    assert not [f for f in files(server.store) if f.endswith(".tmp")]


def test_a_server_without_extensions(box, start):
    server = start(subsystem="internal-sftp -P posix-rename,limits,statvfs,copy-data")
    box.check("cairn push")
    damaged = next(p for p in server.store.rglob("*") if p.is_file())
    damaged.unlink()
    box.check("cairn push")
    forget(box)
    box.check("cairn pull")
    assert box.read("d/y") == "3\n"


def test_a_server_with_one_session_for_each_connection(box, start):
    start(more="MaxSessions 1\nMaxStartups 1")
    box.write({f"many/{i}": f"{i}\n" for i in range(200)})
    box.check("cairn add -q many && cairn push")
    forget(box)
    box.check("rm -rf many && cairn pull")
    assert box.read("many/199") == "199\n"


def test_an_alias_with_a_jump_host(box, start, client):
    server = start()
    client.configure(f"Host door\n    HostName 127.0.0.1\n    Port {server.port}\n"
                     f"Host inside\n    HostName 127.0.0.1\n    Port {server.port}\n    ProxyJump door\n")
    box.check(f"cairn remote modify far url ssh://inside{server.store} && cairn push")
    assert len(files(server.store)) == 4
    assert (server.folder / "log").read_text().count("Accepted publickey") >= 2
    failed(box, f"remote modify far url ssh://inside:{ssh_server.free_port()}/x && cairn push", "unable to connect")


def test_no_process_is_left(box, start):
    server = start()
    box.check("cairn push")
    for _ in range(100):
        if not server.children():
            return
        time.sleep(0.05)
    raise AssertionError(server.children())


# ---- who may enter


def test_an_unknown_host_is_refused(box, start):
    server = start(known=False)
    failed(box, "push", f"unable to connect to '{server.url}': host key verification failed", hint="ssh-keyscan")
    assert not server.store.exists()


def test_a_changed_host_key_is_refused(box, start, client):
    server = start(known=False)
    other = ssh_server.keygen(box.root / "other")
    client.hosts.write_text(f"[127.0.0.1]:{server.port} " + other.with_suffix(".pub").read_text())
    failed(box, "push", "its host key has changed", hint="ssh-keygen -R")
    assert not server.store.exists()


def test_a_key_that_is_not_authorized(box, start):
    other = ssh_server.keygen(box.root / "other")
    server = start(authorized=f"{other}.pub")
    failed(box, "push", f"unable to connect to '{server.url}': permission denied (publickey")
    box.check(f"cairn remote modify --local far keyfile {other} && cairn push")
    assert len(files(server.store)) == 4


def test_a_missing_key_file(box, start):
    start()
    box.check("cairn remote modify --local far keyfile nowhere")
    failed(box, "push", "unable to read the key file", "nowhere'")


def test_a_key_with_a_passphrase(box, start, client):
    other = ssh_server.keygen(box.root / "other", "open sesame")
    server = start(authorized=f"{other}.pub")
    box.check(f"cairn remote modify --local far keyfile {other}")
    failed(box, "push", "permission denied")
    box.check("cairn remote modify --local far passphrase wrong")
    failed(box, "push", "permission denied", hint="Is `passphrase` the one of the key?")
    box.check("cairn remote modify --local far passphrase 'open sesame' && cairn push")
    assert len(files(server.store)) == 4
    assert "sesame" not in client.seen.read_text()


@pytest.fixture
def guarded(box, start):
    pytest.importorskip("asyncssh")
    return start("password", user="ada", password="two words")


def test_a_password(box, guarded, client):
    box.check("cairn remote modify --local far password 'two words' && cairn push")
    assert len(files(guarded.store)) == 4
    assert "two words" not in client.seen.read_text()
    assert "StrictHostKeyChecking" not in client.seen.read_text()


def test_a_wrong_password_is_tried_once(box, guarded):
    box.check("cairn remote modify --local far password wrong")
    done = failed(box, "push", "permission denied")
    assert "wrong" not in done.err
    assert guarded.tries() <= 2  # as "keyboard-interactive", and as "password" (empty)


def test_a_password_in_the_url_is_used_and_not_shown(box, guarded, client):
    box.check(f"cairn remote modify far url {guarded.url.replace('ada@', 'ada:two%20words@')}")
    done = failed(box, "push", "permission denied")  # taken as it is, as in DVC
    assert "two%20words" not in done.err + done.out
    url = guarded.url.replace("ada@", "ada:two words@")
    box.check(f"cairn remote modify far url '{url}' && cairn push")
    assert "two words" not in client.seen.read_text()


def test_an_asked_password_is_asked_once(box, guarded):
    box.check("cairn remote modify --local far ask_password true")
    shown, status = talk(box, ["push"], {f"Enter a password for ada@127.0.0.1:{guarded.port}:": "two words"})
    assert status == 0, shown
    assert "two words" not in shown
    assert len(files(guarded.store)) == 4
    failed(box, "push", "no password was given")  # without a terminal


def test_the_user_is_asked_about_an_unknown_host(box, start, client):
    server = start(known=False)
    shown, status = talk(box, ["push"], {"(yes/no": "no"})
    assert status != 0 and "host key verification failed" in shown
    shown, status = talk(box, ["push"], {"(yes/no": "yes"})
    assert status == 0, shown
    assert len(files(server.store)) == 4
    assert client.hosts.read_text().startswith(f"[127.0.0.1]:{server.port} ")


def test_the_user_is_asked_about_an_unknown_host_before_a_password_is_sent(box, guarded, client):
    client.hosts.write_text("")
    box.check("cairn remote modify --local far password 'two words'")
    shown, status = talk(box, ["push"], {"(yes/no": "yes"})
    assert status == 0, shown
    client.hosts.write_text("")
    failed(box, "push", "host key verification failed")


def test_links_to_directories_are_followed_but_not_in_circles(box, start):
    server = start()
    top = server.store / "x"
    (top / "sub").mkdir(parents=True)
    (server.store / "other").mkdir()
    (server.store / "other/g").write_text("2")
    (top / "f").write_text("1")
    for name, target in {"a": ".", "b": "..", "sub/up": "..", "root": "/", "other": "../other", "../other/back": "../x"}.items():
        (top / name).symlink_to(target)
    done = box.sh("cairn list-url -R remote://far/x", timeout=30)
    assert (done.status, done.out) == (0, "f\nother/g\n"), repr(done)
    assert box.sh("cairn get-url remote://far/x out", timeout=30).status == 0
    assert files(box.repo / "out") == ["f", "other/g"]


# ---- what goes wrong


def test_nobody_listens(box, client):
    port = ssh_server.free_port()
    box.check(f"cairn remote add -q -d far ssh://127.0.0.1:{port}/x")
    failed(box, "push", f"unable to connect to 'ssh://127.0.0.1:{port}/x': ", "Connection refused")


def test_a_host_that_does_not_exist(box, client):
    box.check("cairn remote add -q -d far ssh://no.such.host.invalid/x")
    failed(box, "push", "could not resolve hostname")


def test_no_ssh(box, start):
    start()
    bare = box.root / "bare"
    bare.mkdir()
    for name in ("git", "sh"):
        (bare / name).symlink_to(subprocess.check_output(["which", name], text=True).strip())
    box.extra_env["PATH"] = f"{bare}"
    done = box.sh(f"{box.tool} push")
    assert "'ssh' is not installed" in done.err, repr(done)


def test_a_server_that_prints_text(box, start):
    start(subsystem="/bin/sh -c 'echo Welcome to this fine machine; cat'")
    failed(box, "push", "start-up file")


def test_a_server_without_sftp(box, start):
    start(subsystem="other", more="")
    server_config = box.root / "server0/sshd_config"
    assert "Subsystem sftp other" in server_config.read_text()
    failed(box, "push", "unable to connect")


def test_a_directory_that_may_not_be_written(box, start):
    server = start()
    box.check(f"cairn remote modify far url {server.url.replace(str(server.store), '/proc/store')}")
    failed(box, "push", "unable to write 'ssh://", "no such file or directory")


def test_a_server_that_dies_in_the_middle(box, start):
    server = start()
    data = os.urandom(120_000_000)
    (box.repo / "big").write_bytes(data)
    box.check("cairn add -q big")
    push = subprocess.Popen([str(box.tool), "push"], cwd=box.repo, env=box.env, stderr=subprocess.PIPE, text=True)
    for _ in range(500):
        if server.store.exists() and any(f.endswith(".tmp") for f in files(server.store)):
            break
        time.sleep(0.01)
    server.kill_connections()
    err = push.communicate(timeout=60)[1]
    assert push.returncode == 0 or "the connection was lost" in err or "unable to connect" in err, err
    box.check("cairn push")
    box.check("rm -rf .dvc/cache big && cairn pull")
    assert (box.repo / "big").read_bytes() == data
