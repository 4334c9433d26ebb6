"""Repositories that must be cloned: with a stand-in for ssh, and with plain HTTP on loopback."""

import contextlib
import functools
import http.server
import os
import shutil
import signal
import subprocess
import threading

import pytest
from harness.origin import BOTH, ORIGIN
from harness.waiting import wait_for

SSH = """#!/bin/sh
# As ssh: the host, then a command; options of git come before.
while [ $# -gt 2 ]; do shift; done
echo "$1" >> "$HOME/asked"
exec sh -c "$2"
"""


@pytest.fixture
def far(repo):
    """A sandbox whose origin has its data in a remote, and can only be reached as ssh://far/..."""
    repo.check("\n".join(line.strip() for line in BOTH.strip().splitlines() if line.strip()))
    repo.check("(cd ../o && dvc remote add -q -d r $(cd .. && pwd)/store && dvc push -q && git add -A && git commit -qm remote"
               " && rm -rf .dvc/cache a d) && git clone -q --bare ../o ../far.git")
    script = repo.root / ".bin/ssh"
    script.write_text(SSH)
    script.chmod(0o755)
    repo.extra_env["GIT_SSH"] = str(script)
    repo.extra_env["TMPDIR"] = str(repo.root / ".tmp")
    (repo.root / ".tmp").mkdir()
    repo.url = f"ssh://ada@far:22{repo.root}/far.git"
    return repo


def asked(repo):
    log = repo.root / ".home/asked"
    return len(log.read_text().splitlines()) if log.exists() else 0


def nothing_left(repo):
    return os.listdir(repo.root / ".tmp") == []


def test_get_over_ssh(far):
    far.check(f"dvc get {far.url} d && dvc get {far.url} g/c --rev v1 && dvc get ada@far:{far.root}/far.git code --rev HEAD~2")
    assert far.read("d/z") + far.read("c") + far.read("code") == "z\nc\ncode\n"
    assert nothing_left(far)


def test_list_over_ssh(far):
    assert far.check(f"dvc list {far.url} d").lines == ["sub", "x", "z"]
    assert far.check(f"dvc list {far.url} --rev v1 --dvc-only").lines == ["a", "d"]
    assert far.check(f"dvc du {far.url} g").lines == ["3  g/c", "3  g"]
    assert nothing_left(far)


def test_import_and_pull_clone_once(far):
    far.check(f"dvc import -q {far.url} a && dvc import -q {far.url} d")
    before = asked(far)
    far.check("rm -rf .dvc/cache a d && dvc pull")
    assert far.read("a") + far.read("d/z") == "b\nz\n"
    assert asked(far) == before + 1
    assert nothing_left(far)


def test_status_only_asks(far):
    far.check(f"dvc import -q {far.url} a && dvc import -q {far.url} d && dvc import -q --rev master {far.url} g/c")
    before = asked(far)
    assert far.check("dvc status").out == "Data and pipelines are up to date.\n"
    assert asked(far) == before + 2  # once per revision, although there are three imports
    far.check("git clone -q ../far.git ../w && cd ../w && echo n > n && git add n && git commit -qm n && git push -q")
    changed = far.check("dvc status").out
    assert changed.count("update available:   ") == 3
    far.check("dvc update -q a.dvc d.dvc c.dvc")
    assert far.check("dvc status").out == "Data and pipelines are up to date.\n"


def test_unknown_revision_over_ssh(far):
    done = far.dvc(f"get {far.url} a --rev nosuch")
    assert (done.status, done.err) == (1, f"ERROR: failed to get 'a' from '{far.url}' - unknown Git revision 'nosuch'\n")
    assert nothing_left(far)


def test_artifact_over_ssh(far):
    far.check("cd ../o && printf 'artifacts:\\n  code:\\n    path: code\\n' > dvc.yaml && git add -A && git commit -qm x"
              " && git tag -am v code@v1.0.0 && echo later > code && git commit -qam y && git push -q --tags ../far.git HEAD")
    far.check(f"dvc artifacts get {far.url} code")
    assert far.read("code") == "code\n"


def test_clone_that_fails_says_why_and_hides_the_password(repo):
    done = repo.dvc("get https://ada:secret@127.0.0.1:9/x.git a")
    assert done.status == 1 and "secret" not in done.err + done.out
    assert done.err.startswith("ERROR: failed to get 'a' - SCM error: Failed to clone repo 'https://ada:***@127.0.0.1:9/x.git' to '")


@pytest.mark.parametrize("url", ["--upload-pack=touch${IFS}x", "ssh://-oProxyCommand=touch${IFS}x/a", "x@-oProxyCommand=x:a"])
def test_url_that_is_an_option(repo, url):
    done = repo.dvc(f"get -- '{url}' a")
    assert done.status == 1 and "malformed Git URL" in done.err
    assert not (repo.repo / "x").exists()


CYCLE = """deps:
- path: x
  repo: {{url: {other}}}
outs:
- {{hash: md5, path: x{recorded}}}
"""


@pytest.mark.parametrize("recorded", ["", ", md5: d3b07384d113edec49eaa6238ad5ff00, size: 4",
                                      ", md5: d3b07384d113edec49eaa6238ad5ff00.dir, size: 4, nfiles: 1"])
@pytest.mark.parametrize("command", ["get ../one x", "list ../one", "import ../one x -o y", "pull", "fetch", "update x.dvc", "status -c",
                                     "get --rev master ../one x"])
def test_two_repositories_that_import_from_each_other(repo, command, recorded):
    """Nobody has the data: an error reports that, and the stack does not overflow."""
    repo.check("for i in one two; do git init -q ../$i; (cd ../$i && dvc init -q); done")
    for name, other in (("one", "two"), ("two", "one"), ("repo", "one")):
        (repo.root / name / "x.dvc").write_text(CYCLE.format(other=repo.root / other, recorded=recorded))
        repo.check(f"cd ../{name} && git add -A && git commit -qm x")
    done = repo.sh(f"timeout -k 1 20 dvc {command}")
    assert done.status in (0, 1, 255), repr(done)
    if not recorded and command.split()[0] in ("get", "import", "update"):
        assert "is an import of itself" in done.err, repr(done)


@contextlib.contextmanager
def web(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_get_over_http(repo):
    core = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    if not shutil.which("git-remote-http", path=core):
        pytest.skip("this git has no HTTP")
    repo.check("git init -q ../g && cd ../g && echo 1 > f && git add f && git commit -qm f && git clone -q --bare . ../web.git"
               " && cd ../web.git && git update-server-info")
    with web(repo.root) as port:  # a server without Git support cannot send a part of the history, so it sends all
        repo.check(f"dvc get http://127.0.0.1:{port}/web.git f")
        repo.check(f"dvc import -q http://127.0.0.1:{port}/web.git f -o i && dvc status")
    assert repo.read("f") + repo.read("i") == "1\n1\n"


def test_bare_repository_is_read_where_it_is(repo):
    repo.check("git init -q ../g && cd ../g && echo 1 > f && git add f && git commit -qm f && git clone -q --bare . ../bare.git")
    repo.extra_env["GIT_SSH"] = "/bin/false"
    repo.check("dvc get ../bare.git f && dvc get file://$(cd .. && pwd)/bare.git f -o g && dvc list ../bare.git")
    assert repo.read("f") + repo.read("g") == "1\n1\n"


# ---- behaviour specific to cairn

def test_relative_url_from_another_directory(repo):
    """DVC resolves the URL only relative to the working directory; then an import can only be used where it was
    created."""
    repo.check("git init -q ../g && cd ../g && echo 1 > f && git add f && git commit -qm f")
    repo.check("mkdir sub && cd sub && dvc import -q ../../g f")
    assert repo.check("dvc status").out == "Data and pipelines are up to date.\n"
    repo.check("rm -rf .dvc/cache sub/f && dvc pull -q")
    assert repo.read("sub/f") == "1\n"


def test_partial_import_of_a_directory_is_pulled_whole(repo):
    repo.check("mkdir -p ../t/s && echo 1 > ../t/a && echo 2 > ../t/s/b && dvc import-url -q --no-download ../t")
    assert repo.check("dvc pull").lines[-1] == "2 files fetched and 2 files added"
    assert repo.read("t/a") + repo.read("t/s/b") == "1\n2\n"


def test_import_refuses_before_it_overwrites(repo):
    repo.check("echo new > ../f && echo mine > f && git add f && git commit -qm f")
    done = repo.dvc("import-url -f ../f")
    assert done.status == 1 and "is already tracked by SCM" in done.err
    assert repo.read("f") == "mine\n"


def test_file_of_an_imported_directory_is_pulled(repo):
    repo.check(ORIGIN)
    repo.check("dvc import -q ../o d && rm -rf .dvc/cache d")
    repo.check("dvc pull d/x")
    assert repo.check("find d -type f").lines == ["d/x"]


def test_get_over_a_directory(repo):
    """DVC copies into the directory, which creates d/d."""
    repo.check(ORIGIN)
    repo.check("mkdir d && echo mine > d/mine && echo old > d/x && dvc get ../o d --force")
    assert repo.read("d/x") + repo.read("d/mine") == "x\nmine\n"


def test_forged_listing_of_another_repository(repo):
    """A listing with a path that leaves its directory is refused, and nothing is written."""
    repo.check(ORIGIN)
    repo.check("""cd ../o && rm -r d && md5=$(printf '[{"md5": "401b30e3b8b5d629635a5c613cdb7919", "relpath": "../evil"}]' | md5sum | cut -c1-32)
        mkdir -p .dvc/cache/files/md5/$(echo $md5 | cut -c1-2)
        printf '[{"md5": "401b30e3b8b5d629635a5c613cdb7919", "relpath": "../evil"}]' > .dvc/cache/files/md5/$(echo $md5 | cut -c1-2)/$(echo $md5 | cut -c3-).dir
        printf 'outs:\n- md5: %s.dir\n  hash: md5\n  path: d\n' $md5 > d.dvc""")
    for command in ("get", "import"):
        done = repo.dvc(f"{command} ../o d")
        assert done.status != 0
        assert not (repo.repo / "evil").exists() and not (repo.root / "evil").exists()


@pytest.mark.parametrize("command", ["get-url", "list-url", "import-url"])
def test_scheme_that_cannot_be_reached(repo, command):
    done = repo.dvc(f"{command} hdfs://host/data")
    assert done.status != 0
    assert "data at 'hdfs://host/data' cannot be reached: remotes of type 'hdfs' are not supported by this build" in done.err


def is_alive(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 252), (signal.SIGTERM, -signal.SIGTERM)])
@pytest.mark.parametrize("command", ["get", "import"])
def test_an_interrupted_clone_leaves_nothing(far, command, number, status):
    """Only cairn is signalled, as by kill(1): a terminal would signal git, too."""
    script = far.root / ".bin/ssh"
    script.write_text('#!/bin/sh\necho $PPID > "$HOME/git" && echo $$ > "$HOME/ssh" && exec cat\n')
    before = sorted(os.listdir(far.repo))
    running = subprocess.Popen([far.tool, command, far.url, "d"], cwd=far.repo, env=far.env, stderr=subprocess.DEVNULL)
    pids = [far.root / ".home" / name for name in ("git", "ssh")]
    wait_for(lambda: all(p.exists() and p.read_text().strip() for p in pids))
    assert not nothing_left(far)
    running.send_signal(number)
    assert running.wait(20) == status
    assert nothing_left(far)
    for p in pids:
        wait_for(lambda pid=p.read_text().strip(): not is_alive(pid))
    assert sorted(os.listdir(far.repo)) == before


def test_an_interrupted_get_leaves_no_half_directory(repo):
    repo.check("mkdir ../big && seq 3000 | (cd ../big && xargs -n 500 touch)")
    running = subprocess.Popen([repo.tool, "get-url", "-q", "../big"], cwd=repo.repo, env=repo.env)
    wait_for(lambda: any(".cairn-tmp" in name for name in os.listdir(repo.repo)) or running.poll() is not None)
    running.send_signal(signal.SIGTERM)
    running.wait(60)
    left = set(os.listdir(repo.repo)) - {".dvc", ".git", ".dvcignore"}
    assert left == set() or (left == {"big"} and len(os.listdir(repo.repo / "big")) == 3000)


# ---- Git LFS ----

OID = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of "hello"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 5\n"


@pytest.fixture(params=["in the store", "by git-lfs"])
def lfs(repo, request):
    """lfs(content): the content of "hello" that the store of ../l holds, or git-lfs returns."""
    repo.check("git init -q ../l && cd ../l && git config filter.lfs.clean cat && git config filter.lfs.smudge cat")
    for name, text in {"d/big.bin": POINTER, ".gitattributes": "*.bin filter=lfs -text\n"}.items():
        (repo.root / "l" / name).parent.mkdir(exist_ok=True)
        (repo.root / "l" / name).write_text(text)
    repo.check("cd ../l && git add -A && git commit -qm l")

    def hold(content):
        if request.param == "in the store":
            path = repo.root / "l/.git/lfs/objects" / OID[:2] / OID[2:4] / OID
        else:
            path, content = repo.root / ".bin/git-lfs", f"#!/bin/sh\ncat > /dev/null; printf '{content}'\n"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o755)

    return hold


@pytest.mark.parametrize("content, what", [("hallo", "its SHA-256"), ("hell", "its size"), ("", "its size")])
def test_content_of_git_lfs_is_what_its_pointer_names(repo, lfs, content, what):
    lfs(content)
    for command in ("import ../l d/big.bin --rev HEAD", "import ../l d --rev HEAD", "get ../l d/big.bin --rev HEAD"):
        done = repo.dvc(command)
        assert done.status and f"'d/big.bin' is a file of Git LFS, and its content is damaged: {what} is not" in done.err, repr(done)
        assert done.err.count("ERROR") == 1
    assert repo.check("find . -name '*big*' -o -name 'd' -o -name '*.dvc' -type f; find .dvc/cache -type f").out == ""
    lfs("hello")
    assert repo.check("dvc import -q ../l d/big.bin --rev HEAD && cat big.bin").out == "hello"
