"""Keys, passwords and tokens of remotes: they are in nothing that a command prints, in no file that it writes, and in no
command line or environment of the processes that it starts.
"""

import json
import os
import pathlib
import subprocess
import threading

import pytest
from harness import ssh_server
from harness.servers.faulty import Faulty, flip, reset, status
from harness.servers.s3 import KEY_ID, SECRET, StrictS3

TOKEN, PASSWORD, PASSPHRASE = "FwoGZXIvYXdzEBYaDHFyTOKEN", "correct horse 4711", "battery staple 4712"
ASK = ["push -vvv", "push -v", "status -c -vvv", "fetch -vvv", "pull -j 1 -vvv", "data status --granular -vvv", "gc -w -c -f -vvv",
       "push -vvv -r nosuch", "ls . -R -vvv", "cat a -vvv", "remote list", "fsck"]


class Watch(threading.Thread):
    """Collects the command lines and environments of all processes that work below a folder."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.seen, self.ended = str(folder), {}, threading.Event()

    def run(self):
        while not self.ended.is_set():
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    if os.readlink(f"/proc/{pid}/cwd").startswith(self.folder):
                        words, env = (pathlib.Path(f"/proc/{pid}/{f}").read_bytes() for f in ("cmdline", "environ"))
                        self.seen[words, env] = True
                except OSError:
                    pass

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()

    def text(self):
        return "\n".join((words + b"\0" + env).decode(errors="replace").replace("\0", "\n") for words, env in self.seen)


def forms(secret):
    """A secret as it is, and in the ways that texts escape it."""
    from base64 import b64encode
    from urllib.parse import quote
    return {secret, quote(secret), quote(secret, safe=""), b64encode(secret.encode()).decode().rstrip("=")}


def files_with(box, secret, allowed):
    """The files of the sandbox that contain a secret, besides those into which the user has put it."""
    return [str(p) for p in box.root.rglob("*") if p.is_file() and not p.is_symlink() and str(p) not in allowed and
            any(form.encode() in p.read_bytes() for form in forms(secret))]


def check(box, secrets, allowed, commands):
    """Run the commands, and look for the secrets in all that can be seen of it."""
    with Watch(box.root) as watch:
        said = [box.sh(f"cairn {c}") for c in commands]
    everything = "\n".join(map(repr, said)) + watch.text()
    assert "cairn" in watch.text()  # it sees something
    for secret in secrets:
        assert not [form for form in forms(secret) if form in everything], secret
        assert files_with(box, secret, [str(box.root / a) for a in allowed]) == []
    return said


@pytest.fixture
def box(repo):
    repo.write({"a": "1\n", "d/x": "2\n", "d/y": "3\n", ".gitignore": ""})
    repo.check("cairn add -q a d")
    return repo


@pytest.fixture(scope="module")
def server():
    with StrictS3(token=TOKEN) as s:
        yield s


def recorder(box, answer):
    """A program that gives keys, and notes the command lines and environments of itself and of cairn."""
    path = box.root / "keys-of-program"
    path.write_text("#!/bin/sh\n{ tr '\\0' '\\n' </proc/$PPID/cmdline; echo \"$@\"; env; } >>%s/.seen\n"
                    "printf %%s '%s'\n" % (box.root, json.dumps(answer)))
    path.chmod(0o755)
    return path


def test_keys_of_the_configuration(box, server):
    box.place = server.place()
    with Faulty(server.address, plan=[reset(tries=1, rate=0.3), status(503, retry_after=0, tries=1, rate=0.3),
                                      flip(tries=1, rate=0.2)]) as proxy:
        server.place(at=proxy.address).configure(box)
        said = check(box, [SECRET, TOKEN], ["repo/.dvc/config"], ASK)
        assert said[0].status == 0, repr(said[0])
        sent = [v for r in proxy.requests for k, v in r.headers if k.lower() == "x-amz-security-token"]
        assert set(sent) == {TOKEN} and not proxy.sightings(SECRET)


def test_wrong_keys_are_not_repeated_in_errors(box, server):
    box.place = server.place()
    box.place.configure(box, secret_access_key=SECRET[::-1], session_token=TOKEN[::-1])
    said = check(box, [SECRET[::-1], TOKEN[::-1]], ["repo/.dvc/config"], ["push -vvv", "fetch -vvv", "status -c"])
    assert said[0].status != 0, repr(said[0])


def test_keys_of_a_program(box, server):
    program = recorder(box, {"Version": 1, "AccessKeyId": KEY_ID, "SecretAccessKey": SECRET, "SessionToken": TOKEN})
    (box.root / "aws").write_text(f"[profile tool]\ncredential_process = {program}\n")
    place = server.place()
    for key in ("access_key_id", "secret_access_key", "session_token"):
        del place.options[key]
    place.configure(box, profile="tool", configpath=str(box.root / "aws"))
    said = check(box, [SECRET, TOKEN], ["keys-of-program"], ASK)
    assert said[0].status == 0, repr(said[0])
    assert (box.root / ".seen").exists()


@pytest.mark.skipif(not ssh_server.available(), reason="no ssh or sshd")
def test_a_password_and_a_passphrase(box):
    pytest.importorskip("asyncssh")
    client = ssh_server.Client(box)
    client.configure()
    server = ssh_server.PasswordServer(box.root / "server", user="ada", password=PASSWORD)
    try:
        client.knows(server)
        key = ssh_server.keygen(box.root / "other", PASSPHRASE)
        box.check(f"cairn remote add -q -d far ssh://ada@127.0.0.1:{server.port}{box.root}/store")
        with open(box.repo / ".dvc/config.local", "w") as f:
            f.write(f"['remote \"far\"']\npassword = {PASSWORD}\npassphrase = {PASSPHRASE}\nkeyfile = {key}\n")
        said = check(box, [PASSWORD, PASSPHRASE], ["repo/.dvc/config.local"], ASK)
        assert said[0].status == 0, repr(said[0])
        url = f"ssh://ada:{PASSWORD}@127.0.0.1:{server.port}{box.root}/store"
        with open(box.repo / ".dvc/config", "w") as f:
            f.write(f"[core]\nremote = far\n['remote \"far\"']\nurl = {url}\n")
        (box.repo / ".dvc/config.local").unlink()
        box.check("cairn push -q && rm a && echo 9 > a && cairn add -q a")  # the old content is garbage
        commands = ["gc -w -c --dry -vvv", *ASK, "list-url remote://far/none", "get-url remote://far/none", "import-url remote://far/none"]
        said = check(box, [PASSWORD], ["repo/.dvc/config"], [c for c in commands if c != "remote list"])
        assert said[0].status == 0, repr(said[0])
    finally:
        server.stop()
    assert subprocess.run(["grep", "-c", "sftp", client.seen], capture_output=True).stdout.strip() != b"0"
