"""One repository with a network remote, used by both tools: pushed by one, pulled by the other, and back."""

import hashlib

import pytest

from .sandbox import CAIRN

FILES = {"a.txt": "hello\n", "d/one": "1\n", "d/sub/two": "2\n", "d/empty": "", "d/with space ü": "3\n",
         "big.bin": bytes(range(256)) * 4096}


def run(box, arguments, **options):
    """Run the tool, which must succeed; skip the test if this build of cairn has no driver for the remote."""
    result = box.dvc(arguments, **options)
    if "are not supported by this build" in result.err:
        pytest.skip("cairn: " + result.err.splitlines()[0].removeprefix("ERROR: "))
    assert result.status == 0, repr(result)
    return result


def cached(box):
    """What a remote must contain when everything in the cache is pushed: {key: (size, md5)}"""
    root = box.repo / ".dvc/cache"
    objects = [f for f in (root / "files/md5").rglob("*") if f.is_file()]
    return {str(f.relative_to(root)): (f.stat().st_size, hashlib.md5(f.read_bytes()).hexdigest()) for f in objects}


def tracked(box):
    """The tracked files of the workspace: {path: content}"""
    names = box.check("git ls-files '*.dvc'").out.splitlines()
    roots = [box.repo / n.removesuffix(".dvc") for n in names]
    files = [f for r in roots for f in ([r] if r.is_file() else r.rglob("*")) if f.is_file()]
    return {str(f.relative_to(box.repo)): f.read_bytes() for f in files}


def commit(box):
    box.check("git add -A && git commit -q -m step")


def add(box, names):
    """Track files; cairn does it whatever the tool, since it takes milliseconds."""
    box.check(f"{CAIRN} add -q {names}")


def push_and_pull(first, second, place):
    """`first` pushes to an empty remote, `second` clones and pulls. Each is a sandbox with a tool."""
    place.configure(first)
    first.write(FILES)
    add(first, "a.txt d big.bin")
    run(first, "push")
    assert place.keys() == cached(first)
    commit(first)

    second.check(f"git clone -q {first.repo} .")
    place.configure(second)
    run(second, "pull")
    assert tracked(second) == tracked(first)


def push_back(first, second, place):
    """After push_and_pull(): `second` finds nothing to do, changes something and pushes it, `first` pulls that."""
    assert run(second, "status -c").out == "Cache and remote 'r' are in sync.\n"
    assert "Everything is up to date." in run(second, "push").out
    second.write({"a.txt": "changed\n", "d/new": "new\n"})
    second.check("rm d/one")
    add(second, "a.txt d")
    run(second, "push")
    assert place.keys() == {**cached(first), **cached(second)}
    commit(second)

    first.check(f"git pull -q {second.repo} master")
    run(first, "pull")
    assert tracked(first) == tracked(second)
