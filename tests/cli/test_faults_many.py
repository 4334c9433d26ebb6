"""Several processes at once, and processes killed at any moment: the repository stays consistent."""

import os
import random
import signal
import subprocess
import time

import pytest
from harness.faults import files_below, md5, objects, recorded_names

BUSY = ("ERROR: Unable to acquire lock", "is busy, it is being blocked by", "is locked")


def start(repo, command, **options):
    return subprocess.Popen([str(repo.tool), *command.split()], cwd=repo.repo, env={**repo.env, "PWD": str(repo.repo)},
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def run_all(repo, commands):
    """Start all, wait for all: [(status, stderr)]. One that waits too long for the lock may fail with an error."""
    running = [start(repo, command) for command in commands]
    ended = [(p.communicate(timeout=60), p.returncode) for p in running]
    for command, ((_, err), status) in zip(commands, ended):
        assert status == 0 or any(word in err for word in BUSY), f"{command}: {status}\n{err}"
    return [(status, err) for (_, err), status in ended]


def check_whole(repo):
    """Every object has the content that its name says, and the objects of every pointer exist."""
    files = files_below(repo.repo)
    cache = objects(files)
    wrong = [name for name, content in cache.items() if md5(content) != name.removesuffix(".dir")]
    assert not wrong
    for path, (_, content, _) in files.items():
        if path.endswith(".dvc") or path.endswith("dvc.lock"):
            assert set(recorded_names(content)) <= set(cache), path
    store = objects(files_below(repo.root / "store"))
    assert not [name for name, content in store.items() if md5(content) != name.removesuffix(".dir")]



@pytest.fixture
def tree(repo):
    """Eight files and eight directories, none of them tracked."""
    repo.check("for i in 0 1 2 3 4 5 6 7; do echo $i > f$i; mkdir -p d$i/s; for k in 1 2 3 4 5; do echo $i.$k > d$i/s/$k; done; done")
    repo.check("dvc remote add -q -d r ../store")
    return repo


@pytest.mark.parametrize("count", [2, 8])
def test_add_of_different_targets(tree, count):
    ended = run_all(tree, [f"add f{i} d{i}" for i in range(count)])
    check_whole(tree)
    for i, (status, _) in enumerate(ended):
        assert status or ((tree.repo / f"f{i}.dvc").exists() and (tree.repo / f"d{i}.dvc").exists())
    assert any(status == 0 for status, _ in ended)
    ignored = (tree.repo / ".gitignore").read_text().splitlines()
    assert len(ignored) == len(set(ignored)) == 2 * sum(status == 0 for status, _ in ended)


@pytest.mark.parametrize("count", [2, 8])
def test_add_of_one_target(tree, count):
    run_all(tree, ["add d0 f0"] * count)
    check_whole(tree)
    assert (tree.repo / ".gitignore").read_text().splitlines() == ["/d0", "/f0"]
    assert tree.check("dvc status").out == "Data and pipelines are up to date.\n"


@pytest.mark.parametrize("count", [2, 8])
def test_status_while_others_write(tree, count):
    tree.check("dvc add -q f0 d0 d2")
    tree.check("echo new > d0/s/1")
    mixed = ["status", "add d1 f1", "data status", "commit -f", "status -c", "checkout -f d2.dvc", "push", "diff"]
    run_all(tree, mixed[:count] if count == 8 else ["status", "add d1 f1"])
    check_whole(tree)
    assert (tree.repo / "d0/s/1").read_text() == "new\n"


@pytest.mark.parametrize("count", [2, 8])
def test_checkout_of_one_target(tree, count):
    tree.check("dvc add -q d0 d1 f0 && rm -r d0 d1 f0")
    run_all(tree, ["checkout"] * count)
    check_whole(tree)
    tree.check("dvc checkout")
    assert tree.check("cat f0 d0/s/* d1/s/*").out == "0\n" + "".join(f"{i}.{k}\n" for i in "01" for k in "12345")
    assert not [n for n in os.listdir(tree.repo / "d0/s") if "tmp" in n]


@pytest.mark.parametrize("count", [2, 8])
def test_gc_against_add(tree, count):
    """gc of this project, and adds of others into the same cache: an object is never removed before its pointer is
    written."""
    tree.check("dvc add -q f7 && echo old > f7 && dvc add -q f7")
    run_all(tree, [f"add f{i} d{i}" if i % 2 else "gc -w -f" for i in range(count)])
    check_whole(tree)


def test_projects_that_share_a_cache(new_sandbox):
    one = new_sandbox()
    others = [one.root / f"p{i}" for i in range(4)]
    one.check("dvc cache dir --local ../shared && dvc config --local cache.type hardlink,copy")
    for other in others:
        one.check(f"cp -a . {other} && for i in $(seq 60); do echo $i > {other}/x$i; done")
    running = [subprocess.Popen([str(one.tool), "add", "-q", *[f"x{i}" for i in range(1, 61)]], cwd=other, stderr=subprocess.PIPE,
                                env={**one.env, "PWD": str(other)}, text=True) for other in others]
    assert [(p.communicate(timeout=60)[1], p.returncode) for p in running] == [("", 0)] * 4
    held = objects(files_below(one.root / "shared"))
    assert len(held) == 60 and all(md5(content) == name for name, content in held.items())
    assert one.check("find ../shared -name '*.tmp'").out == ""


# ---- killed at any moment

KILLED = {
    "add": ("true", "add big many"),
    "checkout": ("dvc add -q big many && rm -r big many", "checkout"),
    "push": ("dvc add -q big many && dvc remote add -q -d r ../store", "push"),
    "pull": ("dvc add -q big many && dvc remote add -q -d r ../store && dvc push -q && rm -rf .dvc/cache big many", "pull"),
    "commit": ("dvc add -q big many && for f in many/*; do echo new >> $f; done", "commit -f"),
}


@pytest.mark.parametrize("name", KILLED)
def test_killed_at_any_moment(repo, name):
    """Killed a dozen times, each time later; then the command runs to its end, and nothing is missing."""
    prepare, command = KILLED[name]
    repo.check("head -c 20000000 /dev/urandom > big && mkdir many && for i in $(seq 400); do echo $i > many/$i; done")
    repo.check(prepare)
    want = {p: f[1] for p, f in files_below(repo.repo).items() if p == "big" or p.startswith("many/")}
    began = time.monotonic()
    timer = random.Random(name)
    for i in range(12):
        process = start(repo, command)
        time.sleep(timer.random() * 0.004 * (i + 1))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        if name != "pull":
            check_whole(repo)
        if time.monotonic() - began > 20:
            break
    repo.check("dvc " + command)
    check_whole(repo)
    assert repo.check("dvc status").out == "Data and pipelines are up to date.\n"
    have = {p: f[1] for p, f in files_below(repo.repo).items() if p == "big" or p.startswith("many/")}
    assert have == want if want else len(have) == 401
    assert len(os.listdir(repo.repo / "many")) == 400
