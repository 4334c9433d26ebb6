"""Damaged or hostile `.dir` objects: one error that names the object, and no other effect."""

import hashlib
import json
import os
import subprocess

import pytest

X = "401b30e3b8b5d629635a5c613cdb7919"  # of "x\n"


def entry(path, **more):
    return {"md5": X, "relpath": path, **more}


DEEP = "/".join(["d"] * 2500) + "/x"
HOSTILE = {
    "above": [entry("../out")],
    "above-inside": [entry("a/../../out")],
    "absolute": [entry("/tmp/cairn-out")],
    "empty-path": [entry("")],
    "dot": [entry("./x")],
    "double-slash": [entry("a//x")],
    "slash-at-end": [entry("a/")],
    "twice": [entry("x"), entry("x")],
    "file-and-directory": [entry("x"), entry("x/y")],
    "nul": [entry("x\0y")],
    "lone-surrogate": [entry("x\ud800")],
    "empty": b"",
    "only-space": b" \n",
    "no-list": {"md5": X, "relpath": "x"},
    "cut-off": b'[{"md5": "401b30e3b8b5d629635a5c613cdb7919", "relpath": "x"}, {"md',
    "text-behind": b'[] []',
    "number-for-path": [{"md5": X, "relpath": 12}],
    "number-for-md5": [{"md5": 10 ** 400, "relpath": "x"}],
    "huge-size": [entry("x", size=10 ** 400)],
    "no-path": [{"md5": X}],
    "no-md5": [{"relpath": "x"}],
    "short-md5": [{"md5": "40", "relpath": "x"}],
    "climbing-md5": [{"md5": "../../../../../../../../etc/passwd", "relpath": "x"}],
    "directory-in-it": [{"md5": X + ".dir", "relpath": "x"}],
    "deep-nesting": b"[" * 100000,
    "deep-objects": b'[{"a":' * 50000,
    "deep-path": [entry(DEEP)],
    "long-name": [entry("n" * 300)],
    "bad-bytes": b'[{"md5": "401b30e3b8b5d629635a5c613cdb7919", "relpath": "\xff"}]',
    "binary": bytes(range(256)),
}
# Listings that DVC may write, and that a checkout can create.
HARMLESS = {"huge-size": b"x\n"}


@pytest.fixture
def hostile(repo):
    """A function that replaces the listing of the directory `d`."""
    repo.check("mkdir d && echo x > d/x && dvc add -q d && git add -A && git commit -qm data && dvc remote add -q -d r ../store")

    def plant(listing):
        text = listing if isinstance(listing, bytes) else json.dumps(listing).encode()
        name = hashlib.md5(text).hexdigest()
        path = repo.repo / f".dvc/cache/files/md5/{name[:2]}/{name[2:]}.dir"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        path.chmod(0o444)
        repo.write({"d.dvc": f"outs:\n- md5: {name}.dir\n  size: 2\n  nfiles: 1\n  hash: md5\n  path: d\n"})
        return name

    return plant


def errors(result):
    return [line for line in result.err.splitlines() if line.startswith("ERROR: ")]


def found(repo):
    """All paths of the sandbox, without scratch files and objects."""
    return set(repo.check("find .. -path '*/.dvc/tmp' -prune -o -path '*/.site' -prune -o -path '*/.git/*' -prune"
                          " -o -path '*/files/md5/*' -prune -o -path '../store' -prune -o -print").lines)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(repo, hostile, name):
    oid = hostile(HOSTILE[name])
    before = found(repo)
    for command in ("checkout", "checkout -f", "pull"):
        repo.check("rm -rf d") if name in HARMLESS else None
        result = repo.dvc(command)
        assert result.status in ((0,) if name in HARMLESS else (1, 255)), result
        assert len(errors(result)) == (name not in HARMLESS), result
        assert name in HARMLESS or oid[2:] in result.err or "/d/" in result.err, result
    for command in ("status", "push", "diff", "data status --granular", "list . -R", "gc -w --dry", "status -c", "commit -f", "fetch"):
        result = repo.dvc(command, timeout=20)
        assert result.status in (0, 1, 255) and len(errors(result)) <= 1 and "Sanitizer" not in result.err, result
    assert repo.check("git checkout -q d.dvc && dvc checkout -q -f && cat d/x").out == "x\n"
    assert found(repo) <= before
    assert not os.path.exists("/tmp/cairn-out") and not os.path.exists(repo.root / "out")


def test_names_that_are_no_utf8(repo, hostile):
    """Encoded as Python encodes them; DVC writes such listings, and cairn restores the bytes."""
    hostile([entry("x\udcff")])
    repo.check("dvc checkout -q -f")
    assert os.listdir(os.fsencode(repo.repo / "d")) == [b"x\xff"]
    assert "up to date" in repo.check("dvc status").out


def test_a_million_entries(repo, hostile):
    """Commands that read it need less than 250 MB, or a limited amount where a million lines are printed."""
    text = "[" + ", ".join('{"md5": "%s", "relpath": "%03d/file-%06d.txt"}' % (X, i // 1000, i) for i in range(1000000)) + "]"
    hostile(text.encode())
    repo.check("rm -r d")
    limits = {"status": 250, "gc -w -f --dry": 250, "push": 250, "ls . -R": 700, "data status --granular": 700}
    for command, limit_mb in limits.items():
        done = subprocess.run(["/usr/bin/time", "-f", "%M", repo.tool, *command.split()], cwd=repo.repo, env=repo.env,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        peak_kb = int(done.stderr.split()[-1])
        print(command, peak_kb, "kB")
        assert peak_kb < limit_mb * 1000, f"{command}: {peak_kb} kB"
