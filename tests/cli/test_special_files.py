"""Pipes, devices, sockets and endless files in place of a file that is read: one clear error, soon, and with little
memory."""

import os
import shutil
import socket
import time

import pytest

PIPELINE = "stages:\n  a: {cmd: cp params.yaml m.json, deps: [d], params: [lr], metrics: [{m.json: {cache: false}}]}\n"
KINDS = {
    "pipe": "it is a named pipe",
    "device": "it is a character device",
    "socket": "it is a socket",
    "endless": "it has more than 1073741824 bytes",
    "directory": "directory",
}


def plant(path, kind):
    """Create a special file of this kind."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "socket":
        where = os.getcwd()
        os.chdir(path.parent)  # the path of a socket must be short
        socket.socket(socket.AF_UNIX).bind(path.name)
        os.chdir(where)
    elif kind == "directory":
        path.mkdir()
    else:
        with path.open("wb") as f:
            f.truncate(3 << 30)


@pytest.fixture
def project(repo):
    repo.write({"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n", "d": "d\n", "data": "data\n"})
    repo.check("dvc add -q data && dvc repro -q && git add -A && git commit -qm base")
    return repo


def run(project, command, more=""):
    """With little time and memory: no command may wait for data that never comes, or hold an endless file in memory."""
    done = project.sh(f"ulimit -v 4000000; timeout -k 1 20 dvc {command} {more}")
    assert done.status in (0, 1, 251, 254, 255), repr(done)
    assert "out of memory" not in done.err, repr(done)
    return done


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, commands", [
    ("dvc.yaml", ["status", "repro", "metrics show", "stage list", "dag", "exp run", "gc -wf"]),
    ("dvc.lock", ["status", "repro"]),
    ("data.dvc", ["status", "checkout", "push", "data status"]),
    ("params.yaml", ["repro"]),
    (".dvc/config", ["status", "config -l", "add d"]),
])
def test_a_file_that_must_be_read_is_named_with_what_it_is(project, name, commands, kind):
    plant(project.repo / name, kind)
    if kind == "directory" and name in ("dvc.yaml", "dvc.lock", "data.dvc"):
        return  # not a pipeline or pointer at all: DVC's rules apply
    for command in commands:
        done = run(project, command)
        assert done.status or command == "metrics show", repr(done)
        assert os.path.basename(name) in done.err and KINDS[kind] in done.err, repr(done)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, commands", [
    ("m.json", ["metrics show", "metrics diff", "status", "exp show", "repro --dry"]),
    ("params.yaml", ["status", "params diff", "exp show", "exp run --queue -S lr=2"]),
    (".dvcignore", ["status", "add d2", "list .", "data status"]),
    ("sub/.gitignore", ["status", "add sub/x"]),
    (".dvc/tmp/rwlock", ["status", "repro -f"]),
    (".dvc/tmp/lock", ["status", "repro -f"]),
    (".dvc/tmp/rwlock.lock", ["repro -f"]),
    (".dvc/tmp/exps/run/" + 40 * "a" + "/" + 40 * "a" + ".json", ["queue status", "exp show", "exp clean"]),
    (".dvc/tmp/exps/run/" + 40 * "a" + "/" + 40 * "a" + ".out", ["queue status"]),
])
def test_whatever_else_is_read_ends(project, name, commands, kind):
    if kind == "endless" and name in ("m.json", "params.yaml"):
        commands = ["metrics show", "params diff", "exp show"]  # as data it may have any size
    project.write({"sub/x": "x\n", "d2": "d2\n"})
    plant(project.repo / name, kind)
    for command in commands:
        run(project, command)


WITHOUT_RIGHTS = "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search "


@pytest.mark.parametrize("where", ["", "sub/"])
@pytest.mark.parametrize("kind", [*KINDS, "nowhere", "unreadable"])
def test_a_dvcignore_that_is_there_is_read_or_named(project, where, kind):
    """DVC fails, too, and waits for a pipe: without the rules, ignored files would be tracked."""
    path, as_user = project.repo / f"{where}.dvcignore", ""
    project.write({"sub/x": "x\n", "sub/.dvcignore": "x\n"})
    plant(path, kind if kind in KINDS else "device")
    if kind == "nowhere":
        path.unlink()
        path.symlink_to("nosuch")
    elif kind == "unreadable":
        path.unlink()
        path.write_text("x\n")
        path.chmod(0)
        if os.geteuid() == 0:
            as_user = WITHOUT_RIGHTS if shutil.which("setpriv") else pytest.skip("needs setpriv")
    why = {**KINDS, "nowhere": "it leads nowhere", "unreadable": "permission denied"}[kind]
    for command in ("status", "add sub", "list .", "data status", "gc -wf", "check-ignore sub/x", "repro"):
        done = project.sh(f"{as_user}timeout -k 1 20 dvc {command}")
        assert done.status == 255 and str(path) in done.err and why in done.err and done.err.count("ERROR") == 1, repr(done)
    assert not (project.repo / "sub.dvc").exists()


def test_no_dvcignore_is_looked_for_where_there_is_no_directory(project):
    assert project.dvc("check-ignore d/x nosuch/x").err == "" and "d/x" in project.dvc("add d/x").err


WRITTEN = {"pipe": "it is a named pipe", "device": "it is a symbolic link", "socket": "it is a socket", "directory": "it is a directory"}


@pytest.mark.parametrize("kind", WRITTEN)
def test_in_the_place_of_a_tasks_log(project, kind):
    project.check("dvc exp run -q --queue -n q -S lr=2")
    task = project.check("git rev-parse refs/exps/celery/stash").out.strip()
    plant(project.repo / f".dvc/tmp/exps/run/{task}/{task}.out", kind)
    done = run(project, "exp run --run-all")
    assert done.status and f"{task}.out'" in done.err and done.err.count("ERROR") == 1, repr(done)
    end = time.monotonic() + 20
    while "Failed" not in project.check("dvc queue status").out:
        assert time.monotonic() < end, "the worker waits"
        time.sleep(0.05)
    assert run(project, "queue logs q").status


@pytest.mark.parametrize("kind", WRITTEN)
def test_in_the_place_of_a_workers_log(project, kind):
    project.check("dvc exp run -q --queue -n q -S lr=2")
    plant(project.repo / ".dvc/tmp/exps/worker-1.out", kind)
    done = run(project, "queue start")
    assert done.status and done.err.endswith(f"worker-1.out': {WRITTEN[kind]}\n") and done.err.count("ERROR") == 1, repr(done)


@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
def test_objects_in_the_cache_and_in_a_remote(project, kind):
    project.check("dvc remote add -q -d r ../store && dvc push -q")
    for top in (project.repo / ".dvc/cache", project.root / "store"):
        (found,) = [p for p in top.glob("files/md5/*/*") if p.read_bytes() == b"data\n"]
        plant(found, kind)
    (project.repo / "data").unlink()
    for command in ("status", "status -c", "fetch", "checkout", "pull", "push", "fsck", "get . data -o copy"):
        run(project, command)


@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
def test_a_special_file_in_a_repository_that_is_copied_from(project, kind):
    project.write({"dir/x": "x\n"})
    plant(project.repo / "dir/odd", kind)
    for command in ("get . dir -o copy", "get-url dir copy2", "import . dir -o copy3", "list . dir", "get-url dir/odd copy4"):
        run(project, command)


def test_links_that_lead_up_are_not_followed_for_ever(project):
    """Two of them double the number of paths with each of forty steps."""
    project.write({"dir/x": "x\n", "dir/sub/y": "y\n"})
    for link, target in (("a", "."), ("b", "."), ("sub/up", ".."), ("sub/top", str(project.repo))):
        (project.repo / "dir" / link).symlink_to(target)
    for command in ("get . dir -o copy", "get-url dir copy2", "list . -R", "list . --tree", "list . dir", "du .", "ls-url dir -R", "import . dir -o z",
                    "add dir", "status", "data status --granular"):
        run(project, command)
    assert project.check("dvc list . dir -R").lines == ["a", "b", "sub/top", "sub/up", "sub/y", "x"]
    assert sorted(p.name for p in (project.repo / "copy").rglob("*")) == ["sub", "x", "y"]


@pytest.mark.parametrize("url", ["fd::17", "ext::sh -c 'touch x'", "fd://17", "transport::x"])
def test_no_remote_helper_of_git_is_run(repo, url):
    """`ext::` runs a command, `fd::` waits for a descriptor; a .dvc file of a clone may name either."""
    repo.write({"i.dvc": f"deps:\n- path: x\n  repo:\n    url: \"{url}\"\nouts:\n- {{hash: md5, path: i}}\n"})
    for command in (f"get {url!r} x", f"import {url!r} x", f"list {url!r}", "fetch", "pull", "update i.dvc", "status"):
        run(repo, command, "17</dev/zero")
        assert not (repo.repo / "x").exists()


def test_glob_with_hundreds_of_stars(repo):
    """Each position of the tree is visited once for each part of the pattern."""
    repo.write({"/".join(f"d{i}" for i in range(n)) + "/x": "x\n" for n in range(1, 12)})
    for pattern in ("**/" * 300 + "nosuch", "**/*/" * 100 + "nosuch", "**/d1/**/d2/**/d*/**/d*/**/d*/**/*/**/x/y"):
        done = run(repo, f"add --glob '{pattern}'")
        assert done.status == 1 and "has no matches" in done.err, repr(done)
    done = repo.check("dvc add --glob '**/**/**/x'")
    assert len(list(repo.repo.rglob("x.dvc"))) == 11


def test_parameters_with_hundreds_of_stars(repo):
    repo.write({"dvc.yaml": "stages:\n  a: {cmd: 'true', params: ['" + "**.a." * 20 + "nosuch']}\n",
                "params.yaml": "{a: " * 60 + "1" + "}" * 60 + "\n"})
    assert run(repo, "repro").status == 255
