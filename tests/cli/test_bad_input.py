"""Malformed input and failing storage: DVC's exit status, one clear error that names the file, and no data lost."""

import os
import pathlib
import shutil
import signal
import stat
import subprocess
import time

import pytest
from harness.waiting import wait_for

NAMES = ["a b", "quo'te", 'dou"ble', "new\nline", "ünï", "#hash", "!bang", "st*ar", "br[a]", "tail ", "back\\slash",
         "dol$x", "-dash"]


def error_lines(result):
    return [line for line in result.err.splitlines() if line.startswith("ERROR: ")]


def fails(result, status, *words):
    """The command failed with this status, printed one error, and did not crash."""
    assert result.status == status, repr(result)
    for word in words:
        assert word in result.err, repr(result)
    assert len(error_lines(result)) <= 1, repr(result)
    assert "Sanitizer" not in result.err, repr(result)
    return result


def snapshot(top):
    """Every file below, with its bytes. Files in .dvc/tmp are left out: they are no data."""
    top = pathlib.Path(top)
    return {str(p.relative_to(top)): os.readlink(p) if p.is_symlink() else p.read_bytes()
            for p in sorted(top.rglob("*")) if (p.is_symlink() or p.is_file()) and ".dvc/tmp" not in str(p)}


PIPELINE = "stages:\n  a: {cmd: cat in > out, deps: [in], outs: [out]}\n"


# ---- files with invalid content

PIPELINES = [
    ("tab", "stages:\n\ta: 1\n", ["./dvc.yaml", "line 2, column 1"]),
    ("unclosed", "stages:\n  a:\n    cmd: 'x\n", ["./dvc.yaml", "line 3, column 10"]),
    ("unknown-key", "stages:\n  a: {cmd: x, wrong: 1}\n", ["./dvc.yaml", "line 2, column"]),
    ("top-level-key", "stage:\n  a: {cmd: x}\n", ["./dvc.yaml", "line 2, column 3"]),
    ("no-cmd", "stages:\n  a: {deps: [x]}\n", ["./dvc.yaml"]),
    ("cycle", "stages:\n  a: {cmd: x, deps: [p], outs: [q]}\n  b: {cmd: x, deps: [q], outs: [p]}\n", ["a", "b"]),
    ("duplicate", "stages:\n  a: {cmd: x, outs: [o]}\n  b: {cmd: x, outs: [o]}\n", ["'o'", "a", "b"]),
    ("overlap", "stages:\n  a: {cmd: x, outs: [d]}\n  b: {cmd: x, outs: [d/e]}\n", ["'d'", "'d/e'"]),
    ("missing-dep", "stages:\n  a: {cmd: x, deps: [nothing], outs: [o]}\n", ["nothing"]),
    ("missing-param", "stages:\n  a: {cmd: x, params: [lr], outs: [o]}\n", ["params.yaml"]),
    ("missing-key", "stages:\n  a: {cmd: x, params: [{in.yaml: [lr]}], outs: [o]}\n", ["'lr'", "in.yaml"]),
    ("missing-value", "stages:\n  a: {cmd: 'echo ${lr}', outs: [o]}\n", ["dvc.yaml", "'lr'"]),
    ("failing-command", "stages:\n  a: {cmd: exit 3, outs: [o]}\n", ["'a'", "exit 3", "exited with 3"]),
    ("no-output", "stages:\n  a: {cmd: 'true', outs: [o]}\n", ["'o' does not exist"]),
    ("output-is-git", "stages:\n  a: {cmd: x, outs: [.git]}\n", [".git' is ignored"]),
    ("output-is-dvc", "stages:\n  a: {cmd: x, outs: [.dvc]}\n", ["'.dvc' cannot be an output"]),
    ("output-in-dvc", "stages:\n  a: {cmd: x, outs: [.dvc/cache]}\n", [".dvc/cache' is ignored"]),
    ("output-is-dvc-file", "stages:\n  a: {cmd: x, outs: [in.dvc]}\n", ["'in.dvc' cannot be an output"]),
    ("dep-is-dvc-file", "stages:\n  a: {cmd: x, deps: [in.dvc]}\n", ["'in.dvc' cannot be a dependency"]),
    ("output-is-all", "stages:\n  a: {cmd: x, outs: [.]}\n", ["is refused: it contains the repository"]),
]


@pytest.mark.parametrize("name,text,words", PIPELINES, ids=[p[0] for p in PIPELINES])
def test_pipeline(repo, name, text, words):
    repo.write({"in": "1\n", "in.yaml": "x: 1\n"})
    repo.check("dvc add -q in")
    repo.write({"dvc.yaml": text})
    before = snapshot(repo.repo)
    fails(repo.dvc("repro"), 255, *words)
    after = snapshot(repo.repo)
    after.pop(".gitignore")  # an output whose stage was being created
    before.pop(".gitignore")
    assert after == before


def test_single_stage_never_removes_the_repository(repo):
    repo.write({"dvc.yaml": "stages:\n  a: {cmd: 'true', outs: [.]}\n"})
    fails(repo.dvc("repro -f -s a"), 255, "contains the repository")
    assert (repo.repo / ".git/HEAD").exists()


@pytest.mark.parametrize("name,text", [
    ("nul", "outs:\n- md5: c4ca4238a0b923820dcc509a6f75849b\n  path: \"one\\0x\"\n"), ("not-yaml", "outs: [\n"), ("unknown-key", "outs:\n- path: x\n  what: 1\n"), ("no-path", "outs:\n- md5: abc\n"),
    ("in-git", "outs:\n- md5: c4ca4238a0b923820dcc509a6f75849b\n  size: 1\n  hash: md5\n  path: .git/hooks/x\n"),
    ("our-config", "outs:\n- md5: c4ca4238a0b923820dcc509a6f75849b\n  size: 1\n  hash: md5\n  path: .dvc/config\n"),
])
def test_data_file(repo, name, text):
    repo.write({"one": "1"})
    repo.check("dvc add -q one")
    repo.write({"x.dvc": text})
    before = snapshot(repo.repo)
    fails(repo.dvc("status"), 1)
    fails(repo.dvc("checkout -f"), 255)
    assert snapshot(repo.repo) == before


@pytest.mark.parametrize("text", ["{", "schema: '2.0'\nstages:\n  a:\n    outs: 4\n",
                                  "<<<<<<< HEAD\nschema: '2.0'\n=======\n>>>>>>> x\n"])
def test_lock_file(repo, text):
    repo.write({"dvc.yaml": PIPELINE, "in": "1\n", "dvc.lock": text})
    fails(repo.dvc("status"), 1, "./dvc.lock", "line ")
    fails(repo.dvc("repro"), 255, "./dvc.lock")
    assert repo.read("dvc.lock") == text


CONFIGS = {
    "remote-is-text": ("remote = " + "A" * 4000 + "\n['remote \"r\"']\n    url = x\n", "expected a dictionary", "data['remote']"),
    "list-before-any-section": ("a = b,c\n", "extra keys not allowed", "data['a']"),
    "section-is-a-list": ("core = b,c\n", "expected a dictionary", "data['core']"),
    "remote-without-a-name": ("[remote]\n    r = x\n", "expected", "data['remote']['r']"),
    "db-without-a-name": ("[db]\n    r = x\n", "expected a dictionary", "data['db']['r']"),
}


@pytest.mark.parametrize("command", ["status", "config -l", "config core.autostage true", "remote list", "remote add q u", "exp show"])
@pytest.mark.parametrize("kind", CONFIGS)
def test_configuration_of_another_shape(repo, kind, command):
    """.dvc/config comes with a clone: a value in place of a section is an error, and the file stays."""
    text, *words = CONFIGS[kind]
    repo.write({".dvc/config": text})
    done = fails(repo.dvc(command), 251, "configuration error", *words)
    assert "in '" in done.err and ".dvc/config'" in done.err
    assert repo.read(".dvc/config") == text


def test_configuration_that_an_import_brings_is_of_any_shape(repo):
    repo.write({"a.dvc": "deps:\n- path: a\n  repo:\n    url: .\n    config: {cache: {type: [{a: b}, 1]}, remote: {r: x}, core: [1]}\n"
                         "outs:\n- {hash: md5, path: a}\n"})
    for command in ("fetch", "pull", "update a.dvc", "status"):
        done = repo.dvc(command)
        assert done.status in (0, 1, 255), repr(done)


def test_directories_where_files_belong(repo):
    repo.write({"in": "1\n", "dvc.yaml/x": "", "other.dvc/x": ""})
    fails(repo.dvc("repro"), 255, "dvc.yaml' is not a .dvc file")
    shutil.rmtree(repo.repo / "dvc.yaml")
    repo.write({"dvc.yaml": PIPELINE, "dvc.lock/x": ""})
    fails(repo.dvc("repro"), 255, "dvc.lock")


# ---- places

def test_outside_a_repository(new_sandbox):
    box = new_sandbox(start="empty")
    box.write({"x.dvc": "outs:\n- path: x\n", "sub/y": ""})
    for command in ("status", "add sub/y", "checkout x.dvc", "repro", "exp show", "dag"):
        fails(box.dvc(command), 253, "you are not inside of a DVC repository")


def test_file_of_another_place(repo):
    (repo.root / "beside").write_text("1")
    fails(repo.dvc("add ../beside"), 1, "outside of DVC project", "/beside")
    fails(repo.dvc(f"add {repo.root}/beside"), 1, "beside")
    assert (repo.root / "beside").read_text() == "1"


def test_without_git(new_sandbox):
    box = new_sandbox(start="noscm")
    box.write({"in": "1\n", "dvc.yaml": PIPELINE})
    assert "Running stage 'a'" in box.check("dvc repro").out
    box.check("dvc status && dvc data status && dvc dag && dvc stage list && dvc metrics show")
    fails(box.dvc("diff"), 1, "Only supported for Git repositories")
    fails(box.dvc("exp run"), 255, "Only supported for Git repositories")
    assert not (box.repo / ".gitignore").exists()


def test_git_has_gone(repo):
    """A repository whose .git was lost must not be treated as one without Git: gc would see no branches at all."""
    repo.write({"in": "1\n"})
    repo.check("dvc add -q in")
    shutil.rmtree(repo.repo / ".git")
    before = snapshot(repo.repo)
    for command in ("gc -a -f", "add in", "repro", "push", "pull", "checkout"):
        fails(repo.dvc(command), 255, "is not a git repository", "git init")
    assert snapshot(repo.repo) == before


def test_detached_head(repo):
    repo.write({"in": "1\n", "dvc.yaml": PIPELINE})
    repo.check("dvc repro -q && git add -A && git commit -qm run && git checkout -q --detach")
    repo.write({"in": "2\n"})
    assert "modified" in repo.check("dvc status").out
    repo.check("dvc exp run -q -n apart")
    assert "apart" in repo.check("dvc exp list").out
    assert "apart" in repo.check("dvc exp show --csv").out
    assert repo.check("git rev-parse --abbrev-ref HEAD").out == "HEAD\n"


def test_git_without_commits(new_sandbox):
    box = new_sandbox(start="git")
    box.check("dvc init -q")
    for command in ("status", "diff", "metrics diff", "params diff", "checkout", "list .", "exp show", "gc -w -f"):
        box.check("dvc " + command)
    assert box.check("dvc exp show --json").out == "[]\n"
    assert box.check("dvc exp show --csv").out == "Experiment,rev,typ,Created,parent\n"
    assert box.check("dvc data status").out.startswith("No changes in an empty git repo.")
    for command in ("exp run", "exp list", "exp save"):
        fails(box.dvc(command), 255, "mpty Git repo")
    fails(box.dvc("push"), 1, "no remote specified")
    box.write({"in": "1\n", "dvc.yaml": PIPELINE})
    box.check("dvc add -q in && dvc repro -q")


def test_pointers_that_git_ignores(repo):
    """cairn would not find such pointers again, and gc would treat their data as unused, so they are refused."""
    repo.write({"a": "1\n", "d/x": "2\n", "ign/x": "3\n", "ign/dvc.yaml": PIPELINE, "ign/q.dvc": "outs:\n- path: q\n"})
    repo.check("echo /ign/ >> .gitignore && dvc add -q a d && git add -A && git commit -qm all")
    before = snapshot(repo.repo)
    fails(repo.dvc("add ign/x"), 1, "bad DVC file name 'ign/x.dvc' is git-ignored.")
    fails(repo.dvc("move a d/in"), 1, "bad DVC file name 'd/in.dvc' is git-ignored.")
    fails(repo.dvc("move a ign"), 1, "bad DVC file name 'ign/a.dvc' is git-ignored.")
    fails(repo.dvc("move a nowhere/in"), 1, "stage working dir")
    fails(repo.sh("cd ign && rm dvc.yaml && dvc stage add -n s echo"), 255, "bad DVC file name 'dvc.yaml' is git-ignored.")
    repo.write({"ign/dvc.yaml": PIPELINE})
    fails(repo.dvc("repro ign/dvc.yaml"), 255, "bad DVC file name 'ign/dvc.yaml' is git-ignored.")
    fails(repo.dvc("checkout ign/q.dvc"), 255, "bad DVC file name 'ign/q.dvc' is git-ignored.")
    assert snapshot(repo.repo) == before
    repo.write({"dvc.yaml": PIPELINE, "in": "1\n"})
    repo.check("echo dvc.lock >> .gitignore")
    fails(repo.dvc("repro"), 255, "dvc.lock' is git-ignored.")
    assert not (repo.repo / "out").exists()


# ---- names

@pytest.mark.parametrize("name", NAMES)
def test_names(repo, name):
    path = repo.repo / name
    path.write_text("1\n")
    quoted = "'" + name.replace("'", "'\"'\"'") + "'"
    repo.check(f"dvc add -- {quoted}")
    repo.check("git add .gitignore ./*.dvc && git commit -qm names")
    # lines of .gitignore that Git interprets in another way; DVC writes them unescaped
    assert name in ("tail ", "new\nline") or repo.check("git status --porcelain").out == ""
    assert "up to date" in repo.check("dvc status").out
    assert name in repo.check("dvc list . --dvc-only").out
    assert name.split("\n")[0] in repo.check("dvc dag").out
    path.write_text("2\n")
    assert name in repo.check("dvc diff").out
    assert name in repo.check("dvc data status").out
    assert name in repo.check("dvc status").out
    repo.check("dvc commit -q -f")
    path.unlink()
    repo.check("dvc checkout")
    assert path.read_text() == "2\n"
    repo.check("dvc remote add -q -d r ../store && dvc push -q && rm -rf .dvc/cache")
    path.unlink()
    repo.check("dvc pull -q")
    assert path.read_text() == "2\n"


@pytest.mark.parametrize("name", [n for n in NAMES if n != "tail "])
def test_names_in_a_pipeline(repo, name):
    import json
    quoted = "'" + name.replace("'", "'\"'\"'") + "'"
    stage = {"cmd": [f"mkdir -p d && cp -- {quoted} out && cp out ./d/{quoted}"], "deps": [name], "outs": ["out", "d"]}
    repo.write({"dvc.yaml": json.dumps({"stages": {"a": stage}}), name: "1\n"})
    repo.check("dvc repro")
    assert "didn't change" in repo.check("dvc repro").out
    shutil.rmtree(repo.repo / "d")
    repo.check("dvc checkout -q")
    assert (repo.repo / "d" / name).read_text() == "1\n"
    assert f"d/{name}" in repo.check("dvc diff").out


def test_name_that_is_not_utf8(repo):
    before = snapshot(repo.repo)
    (repo.repo / "bad").write_text("1")
    os.rename(repo.repo / "bad", os.fsencode(repo.repo) + b"/bad\xff")
    fails(repo.sh("dvc add bad*"), 1, "UTF-8", "rename")
    os.unlink(os.fsencode(repo.repo) + b"/bad\xff")
    assert snapshot(repo.repo) == before
    repo.check("dvc status")


# ---- storage that fails

def become_nobody(repo):
    """A prefix that runs a command as another user, who now owns the sandbox. Root could write anywhere."""
    if os.geteuid() != 0:
        return ""
    if not shutil.which("setpriv"):
        pytest.skip("no setpriv to leave root with")
    prefix = "setpriv --reuid 65534 --regid 65534 --clear-groups "
    for folder, _, names in os.walk(repo.root):
        for path in [folder] + [os.path.join(folder, n) for n in names]:
            os.lchown(path, 65534, 65534)
    if repo.sh(prefix + "dvc --version").status != 0:
        pytest.skip("another user may not run the program")
    return prefix


def test_read_only_cache(repo):
    repo.write({"in": "1\n", "dvc.yaml": PIPELINE})
    repo.check("dvc add -q in && git add -A && git commit -qm in")
    repo.write({"more": "2\n"})
    run = become_nobody(repo)
    repo.check("chmod -R a-w .dvc/cache")
    before = snapshot(repo.repo)
    fails(repo.sh(run + "dvc add more"), 1, ".dvc/cache")
    assert snapshot(repo.repo) == before
    fails(repo.sh(run + "dvc repro"), 255, ".dvc/cache")
    assert repo.read("out") == "1\n"  # the output of the command stays
    (repo.repo / "in").unlink()
    repo.check(run + "dvc checkout -q in")
    assert repo.read("in") == "1\n"
    repo.check("chmod -R u+w .dvc/cache")
    repo.check(run + "dvc repro -q && " + run + "dvc add -q more")


def test_read_only_workspace(repo):
    repo.write({"d/in": "1\n"})
    repo.check("dvc add -q d/in")
    run = become_nobody(repo)
    (repo.repo / "d/in").unlink()
    repo.check("chmod a-w d")
    fails(repo.sh(run + "dvc checkout"), 255, "d/in")
    repo.check("chmod u+w d && " + run + "dvc checkout -q")
    assert repo.read("d/in") == "1\n"


@pytest.fixture
def tiny_disk(repo):
    """A file system of 256 KiB at repo.root/disk."""
    disk = repo.root / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no tmpfs can be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_full_cache_disk(repo, tiny_disk):
    repo.write({"small": "1\n", "big": os.urandom(400_000), "d/a": os.urandom(200_000), "d/b": os.urandom(200_000)})
    repo.check(f"dvc cache dir -q {tiny_disk}/cache")
    repo.check("dvc add -q small")
    before = snapshot(repo.repo)
    for target in ("big", "d"):
        fails(repo.dvc("add " + target), 1, "no space left on device")
        assert snapshot(repo.repo) == before
    repo.check("dvc cache dir -q --unset && rm -rf .dvc/cache && dvc add -q big d small && dvc status")
    assert "No space" not in repo.check("dvc checkout").err


def test_full_workspace_disk(repo, tiny_disk):
    repo.write({"big": os.urandom(400_000)})
    repo.check("dvc add -q big && git add -A && git commit -qm big")
    repo.check(f"git clone -q . {tiny_disk}/clone")
    clone = pathlib.Path(tiny_disk / "clone")
    repo.cwd = clone
    repo.check(f"dvc cache dir -q --local {repo.repo}/.dvc/cache")
    fails(repo.dvc("checkout"), 255, "big")
    assert not (clone / "big").exists()
    subprocess.run(["mount", "-o", "remount,size=2m", tiny_disk], check=True)
    repo.check("dvc checkout")
    assert (clone / "big").read_bytes() == (repo.repo / "big").read_bytes()


# ---- damaged objects and links

def test_limit_on_the_size_of_files(repo):
    """`ulimit -f`: a failed write is an error, as with a full disk, and not a signal that ends the program; no data is
    lost."""
    repo.write({"big": b"x" * 300000, "small": "s\n"})
    fails(repo.sh("ulimit -f 8; dvc add big"), 1, "file too large")
    assert (repo.repo / "big").stat().st_size == 300000
    repo.check("dvc add big && rm big .dvc/tmp -rf")
    fails(repo.sh("ulimit -f 8; dvc checkout"), 255, "big", "file too large")
    assert not (repo.repo / "big").exists()
    repo.check("dvc checkout && dvc status")


def test_commands_of_stages_are_ended_by_the_limit_on_the_size_of_files(repo):
    repo.write({"dvc.yaml": "stages:\n  a: {cmd: exec head -c 300000 /dev/zero > out, outs: [out]}\n"})
    fails(repo.sh("ulimit -f 8; dvc repro"), 255, "exited with -25")
    repo.check("dvc repro")


def cached(repo, path):
    """The object with the content of this file."""
    content = (repo.repo / path).read_bytes()
    import hashlib
    digest = hashlib.md5(content).hexdigest()
    return repo.repo / ".dvc/cache/files/md5" / digest[:2] / digest[2:]


def test_corrupt_object(repo):
    repo.write({"in": "1\n"})
    repo.check("dvc add -q in && dvc remote add -q -d r ../store && dvc push -q")
    obj = cached(repo, "in")
    obj.chmod(0o644)
    obj.write_text("something else\n")
    assert "not in cache" in repo.check("dvc status").out or not obj.exists()
    repo.check("rm -f in && dvc pull -q")
    assert repo.read("in") == "1\n"


LISTINGS = ['[{"md5": "%s", "relpath": "../../escaped"}]', '[{"md5": "%s", "relpath": "/tmp/escaped"}]',
            '[{"md5": "../../../../x", "relpath": "a"}]', '[{"md5": 5, "relpath": "a"}]', '{"md5": 5}', "[1, 2", "",
            '[{"md5": "%s", "relpath": ""}]', '[{"md5": "%s", "relpath": "a\\u0000b"}]', "[" * 100000,
            '[{"md5": "%s", "relpath": "a"}, {"md5": "%s", "relpath": "a/b"}]']


@pytest.mark.parametrize("text", LISTINGS, ids=range(len(LISTINGS)))
def test_hostile_listing(repo, text):
    import hashlib
    repo.write({"one": "1"})
    repo.check("dvc add -q one")
    text = text.replace("%s", "c4ca4238a0b923820dcc509a6f75849b").encode()
    digest = hashlib.md5(text).hexdigest()
    obj = repo.repo / ".dvc/cache/files/md5" / digest[:2] / (digest[2:] + ".dir")
    obj.parent.mkdir(exist_ok=True)
    obj.write_bytes(text)
    repo.write({"h.dvc": f"outs:\n- md5: {digest}.dir\n  hash: md5\n  path: h\n"})
    before = snapshot(repo.root)
    result = fails(repo.dvc("checkout -f h.dvc"), 255, digest[2:] + ".dir", "fetch")
    assert len(result.err) < 1000
    assert snapshot(repo.root) == before
    assert not pathlib.Path("/tmp/escaped").exists()


@pytest.mark.parametrize("planted", ["dvc.lock", "out", ".gitignore", ".dvc/tmp/lock", ".dvc/tmp/rwlock"])
def test_planted_link(repo, planted):
    """A link in a cloned repository leads out of it: its target is not changed."""
    target = repo.root / "precious"
    target.write_text("{}")
    repo.write({"in": "1\n", "dvc.yaml": PIPELINE})
    repo.check("dvc status -q || true")
    link = repo.repo / planted
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    repo.dvc("repro")
    if planted != "dvc.lock":  # users do create such links
        assert target.read_text() == "{}"
    link.unlink(missing_ok=True)
    link.symlink_to(repo.root / "new")
    repo.dvc("repro -f")
    assert not (repo.root / "new").exists()


def test_closed_standard_streams(repo):
    repo.write({"in": "1\n", "dvc.yaml": PIPELINE})
    repo.check("dvc repro <&- >&- 2>&-")
    repo.check("dvc add in <&- >&- 2>&-")
    assert "up to date" in repo.check("dvc status").out
    assert repo.read("in.dvc").startswith("outs:\n")


# ---- other processes and interruption

def start(repo, command, **options):
    return subprocess.Popen(["/bin/sh", "-c", "exec " + command], cwd=repo.repo, env=repo.env, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, start_new_session=True, **options)


def hold_lock(repo):
    """Another process that holds the repository's lock; closing its input ends it."""
    (repo.repo / ".dvc/tmp").mkdir(exist_ok=True)
    script = "import fcntl,sys; f=open('.dvc/tmp/lock','w'); fcntl.flock(f,2); print(1,flush=True); sys.stdin.read()"
    holder = subprocess.Popen(["python3", "-c", script], cwd=repo.repo, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    return holder


def test_locked(repo):
    repo.write({"in": "1\n"})
    holder = hold_lock(repo)
    fails(repo.dvc("add in"), 1, "Unable to acquire lock")
    waiting = start(repo, "dvc --wait-for-lock add -q in")
    time.sleep(0.1)
    assert waiting.poll() is None
    holder.communicate()
    assert waiting.wait(20) == 0
    waiting.stdout.close()
    assert "up to date" in repo.check("dvc status").out


def test_two_at_once(repo):
    files = {f"f{i}": f"{i}\n" for i in range(8)}
    repo.write(files)
    running = [start(repo, f"dvc add -q {name}") for name in files]
    for process in running:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0, out
    assert "up to date" in repo.check("dvc status").out
    assert sorted(repo.read(".gitignore").split()) == sorted("/" + name for name in files)


def test_two_runs_of_one_pipeline(repo):
    """While the command of one run works, another run records its stage: afterwards dvc.lock has both."""
    repo.write({"dvc.yaml": """\
stages:
  first: {cmd: echo 1 > one, outs: [one]}
  second: {cmd: touch began; cat fifo > two, deps: [one], outs: [two]}
  other: {cmd: echo 3 > three, outs: [three]}
"""})
    os.mkfifo(repo.repo / "fifo")
    long_run = start(repo, "dvc repro second")
    wait_for((repo.repo / "began").exists)
    repo.check("dvc repro other")
    (repo.repo / "fifo").write_text("2\n")
    out, _ = long_run.communicate(timeout=20)
    assert long_run.returncode == 0, out
    assert "up to date" in repo.check("dvc status").out
    assert [line for line in repo.read("dvc.lock").split() if line in ("first:", "second:", "other:")] == [
        "first:", "other:", "second:"]


def test_busy_output(repo):
    """Two runs of one stage: the second reports who holds the output."""
    repo.write({"in": "1\n", "dvc.yaml": "stages:\n  a: {cmd: touch began; cat fifo > out, deps: [in], outs: [out]}\n"})
    os.mkfifo(repo.repo / "fifo")
    first = start(repo, "dvc repro")
    wait_for((repo.repo / "began").exists)
    fails(repo.dvc("repro"), 255, "is busy, it is being blocked by", f"PID {first.pid}")
    (repo.repo / "fifo").write_text("2\n")
    out, _ = first.communicate(timeout=20)
    assert first.returncode == 0, out
    assert repo.read("out") == "2\n"


def test_interrupt_while_a_command_runs(repo):
    # without a child that may just be ending: dash would continue
    repo.write({"in": "1\n", "dvc.yaml": "stages:\n  a: {cmd: ': > began; exec sleep 60', deps: [in], outs: [out]}\n"})
    process = start(repo, "dvc repro")
    wait_for((repo.repo / "began").exists)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 255, out
    assert "failed to reproduce 'a'" in out
    repo.write({"dvc.yaml": PIPELINE})
    repo.check("dvc repro -q && dvc status")


def test_interrupt_while_waiting(repo):
    holder = hold_lock(repo)
    repo.write({"in": "1\n"})
    process = start(repo, "dvc --wait-for-lock add in")
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    holder.communicate()
    assert (process.returncode, out.strip()) == (252, "ERROR: interrupted by the user")
    repo.check("dvc add -q in")


CHAIN = "stages:\n" + "".join(
    f"  s{i}: {{cmd: cat o{i} > o{i + 1}; mkdir -p d{i}; cp o{i} d{i}/x, deps: [o{i}], outs: [o{i + 1}, d{i}]}}\n"
    for i in range(6))


@pytest.mark.parametrize("command", ["repro -f", "add big o0", "checkout"])
def test_killed(repo, command):
    """kill -9 at several moments: the repository stays valid, and the next run completes the work."""
    repo.write({"o0": "1\n", "big/a": b"a" * 300_000, "big/b": b"b" * 300_000, "dvc.yaml": CHAIN})
    repo.check("dvc add -q o0 big && dvc repro -q && git add -A && git commit -qm all")
    began = time.monotonic()
    repo.check("dvc " + command)
    whole = time.monotonic() - began
    for step in range(12):
        if command.startswith("checkout"):
            repo.check("rm -rf big o? d?")
        elif command.startswith("add"):
            repo.write({"big/a": os.urandom(300_000), "o0": f"{step}\n"})
        process = start(repo, "dvc " + command)
        time.sleep(whole * step / 12)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        kept = (repo.repo / "big/a").read_bytes() if (repo.repo / "big/a").exists() else b""
        repo.check("dvc status")
        repo.check("dvc " + command)
        if command.startswith("add"):
            assert (repo.repo / "big/a").read_bytes() == kept
        else:
            assert "up to date" in repo.check("dvc status").out
            assert not repo.check("git status --porcelain").out
        for obj in (repo.repo / ".dvc/cache/files/md5").glob("??/*"):
            if not obj.name.endswith(".dir") and len(obj.name) == 30:
                import hashlib
                assert hashlib.md5(obj.read_bytes()).hexdigest() == obj.parent.name + obj.name
                assert stat.S_IMODE(obj.stat().st_mode) == 0o444
    repo.check("dvc gc -w -f -q")
    repo.check("rm -rf big o? d? && dvc checkout -q")


def test_half_a_copy(repo):
    """A partial file of a killed checkout is overwritten without asking; a file that the user truncated is not."""
    repo.write({"in": "1\n" * 1000})
    repo.check("dvc add -q in")
    path = repo.repo / "in"
    path.write_text("1\n")
    fails(repo.dvc("checkout"), 255, "--force")
    path.chmod(0o1600)
    assert repo.check("dvc checkout").out == "M       in\n"
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("1\n" * 1000, 0o644)


def test_lost_listing(repo):
    """A file of a directory whose listing is nowhere: every command reports that."""
    repo.write({"d/x": "1\n"})
    repo.check("dvc remote add -q -d r ../store && dvc add -q d && rm -rf .dvc/cache")
    for command in ("fetch d/x", "push d/x", "fetch", "push"):
        assert "Missing cache files:" in repo.check("dvc " + command).err
    repo.check("rm -rf d")
    fails(repo.dvc("pull d/x"), 1, "missing-files")


def test_name_that_the_config_cannot_hold(repo):
    """DVC fails too, and leaves an empty config behind."""
    repo.check("dvc remote add r ../store")
    before = repo.read(".dvc/config")
    fails(repo.dvc("""remote add "it's \\"y\\"" ../store"""), 255, "cannot be safely quoted")
    assert repo.read(".dvc/config") == before


def test_lock_table(repo):
    """An empty file blocks nobody; an unreadable one is named, with the fix."""
    repo.write({"a": "1\n", ".dvc/tmp/rwlock": ""})
    repo.check("dvc add -q a")
    repo.write({".dvc/tmp/rwlock": "{"})
    fails(repo.dvc("add a"), 1, ".dvc/tmp/rwlock", "corrupted", "Remove it")


@pytest.mark.parametrize("table", ['[]', '{"read": []}', '{"write": 1}', '{"read": {"%s/a": 1}}', '{"read": {"%s/a": [1]}}',
                                   '{"write": {"%s/a": {"pid": "x", "cmd": "y"}}}', '{"write": {"%s/a": [{"pid": 1}]}}',
                                   '{"read": {"%s/a": [{"pid": 1, "cmd": 2}]}}'])
def test_lock_table_of_another_form(repo, table):
    """DVC's words."""
    repo.write({"a": "1\n", "dvc.yaml": "stages:\n  s: {cmd: cp a b, deps: [a], outs: [b]}\n"})
    repo.write({".dvc/tmp/rwlock": table.replace("%s", str(repo.repo))})
    fails(repo.dvc("repro"), 255, "RWLock-file '.dvc/tmp/rwlock' format error.", "Remove it")


@pytest.mark.parametrize("text,line", [
    ("stages:\n  a:\n    cmd: echo ${no}\n", 3),
    ("stages:\n  a:\n    cmd: echo\n    deps: ['${no}']\n", 4),
    ("stages:\n  a:\n    cmd: echo ${x[}\n", 3),
    ("# a comment\n\nvars: [nosuch.yaml]\nstages:\n  a:\n    cmd: echo\n", 3),
    ("stages:\n  b:\n    cmd: echo\n  a:\n    vars: ['${no}']\n    cmd: echo\n", 5),
    ("stages:\n  a:\n    foreach: ${no}\n    do:\n      cmd: echo\n", 3),
    ("stages:\n  a:\n    foreach: [1]\n    do:\n      outs: [x]\n      cmd: echo ${item.no}\n", 6),
    ("stages:\n  a:\n    matrix: {x: [0.5]}\n    cmd: echo ${item.no}\n", 4),
    ("stages:\n  a:\n    cmd: echo\n    wdir: ${no}\n", 4),
])
def test_templates_name_the_line(repo, text, line):
    """DVC names the stage and the key; cairn adds the line."""
    for place, cd in (("dvc.yaml", ""), ("sub/dvc.yaml", "--cd sub ")):
        repo.write({place: text})
        result = repo.dvc(f"{cd}repro")
        assert result.status == 255 and result.err.endswith(f"\nSee line {line} of 'dvc.yaml'.\n"), result
        assert result.err.startswith("ERROR: failed to parse ")
        assert repo.dvc(f"{cd}repro -q").err == ""
        (repo.repo / place).unlink()
