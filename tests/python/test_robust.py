"""What goes wrong around the package `cairn`: a killed program, forks, threads, odd names, big files, Ctrl-C, no program."""

import glob
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from harness.python_api import SOURCE
from harness.sandbox import CAIRN


@pytest.fixture
def box(repo, monkeypatch, package):
    """A repository whose tracked files are at the tag v1, and no longer in the work tree."""
    repo.write({f"d/{i}": f"content {i}\n" for i in range(50)} | {"one.txt": "one\n", "git.txt": "in git\n"})
    repo.check("dvc add -q d one.txt && git add -A && git commit -qm one && git tag v1 && rm -r d one.txt")
    for name, value in repo.env.items():
        if name.startswith(("DVC_", "GIT_", "HOME")):
            monkeypatch.setenv(name, value)
    return repo


def opened(box, **options):
    from cairn.fs import DVCFileSystem

    return DVCFileSystem(str(box.repo), **options)


def children():
    """Process ids of the programs that this process has started."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return [int(pid) for pid in file.read().split()]


def script(code, *arguments, **options):
    env = {**os.environ, "PYTHONPATH": str(SOURCE), "CAIRN": str(CAIRN), **options.pop("env", {})}
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], env=env, capture_output=True, text=True,
                          timeout=60, **options)


# Processes ------------------------------------------------------------------------------------------------------------


def test_many_reads_take_one_process(box):
    fs = opened(box, rev="v1")
    fs.cat_file("d/0")
    before = set(children())
    assert [fs.cat_file(f"d/{i}") for i in range(50)] == [f"content {i}\n".encode() for i in range(50)]
    assert set(children()) == before and fs._batch._child.pid in before
    fs.close()
    assert fs.cat_file("one.txt") == b"one\n"


def test_killed_program_is_started_again(box):
    fs = opened(box, rev="v1")
    assert fs.cat_file("d/0") == b"content 0\n"
    os.kill(fs._batch._child.pid, signal.SIGKILL)
    time.sleep(0.01)
    assert fs.cat_file("d/1") == b"content 1\n"
    os.kill(fs._batch._child.pid, signal.SIGSTOP)  # the pipe stays open
    os.kill(fs._batch._child.pid, signal.SIGKILL)
    assert fs.cat_file("d/2") == b"content 2\n"


def test_process_ends_with_its_file_system(box):
    fs = opened(box, rev="v1")
    fs.cat_file("d/0")
    pid = fs._batch._child.pid
    del fs
    assert pid not in children() and not os.path.exists(f"/proc/{pid}")


def test_process_ends_with_a_killed_python(box):
    done = script("""
import os, signal, sys
from cairn.fs import DVCFileSystem
fs = DVCFileSystem(sys.argv[1], rev="v1")
fs.cat_file("d/0")
print(fs._batch._child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
""", box.repo)
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    for _ in range(200):
        if not os.path.exists(f"/proc/{pid}"):
            return
        time.sleep(0.01)
    pytest.fail("the program still runs")


def test_threads_share_a_file_system(box):
    fs = opened(box, rev="v1")
    wrong = []

    def work(n):
        for i in range(50):
            k = (i * 7 + n) % 50
            if fs.cat_file(f"d/{k}") != f"content {k}\n".encode() or fs.info(f"d/{k}")["type"] != "file":
                wrong.append(k)
            if i == 25 and n == 3:
                os.kill(fs._batch._child.pid, signal.SIGKILL)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def read_all(fs):
    return [fs.cat_file(f"d/{i}") for i in range(10)]


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_workers(box, method, monkeypatch):
    fs = opened(box, rev="v1")
    expected = read_all(fs)
    monkeypatch.setenv("PYTHONPATH", f"{SOURCE}")
    code = f"""
import multiprocessing, sys
from cairn.fs import DVCFileSystem

def read_all(fs):
    return [fs.cat_file(f"d/{{i}}") for i in range(10)]

if __name__ == "__main__":
    fs = DVCFileSystem(sys.argv[1], rev="v1")
    expected = read_all(fs)
    with multiprocessing.get_context("{method}").Pool(4) as pool:
        assert pool.map(read_all, [fs] * 12) == [expected] * 12
    assert read_all(fs) == expected
    print("same")
"""
    path = box.root / "workers.py"
    path.write_text(code)
    done = subprocess.run([sys.executable, path, box.repo], capture_output=True, text=True, timeout=60)
    assert done.stdout == "same\n", done.stderr
    assert read_all(fs) == expected


def test_forked_copy_leaves_the_process_of_its_parent_alone(box):
    """The copy neither reads answers that are meant for its parent, nor ends the process."""
    fs = opened(box, rev="v1")
    fs.cat_file("d/0")
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            good = fs.cat_file("d/1") == b"content 1\n"
            fs.close()
            status = 0 if good else 2
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
    parent = fs._batch._child.pid
    assert fs.cat_file("d/2") == b"content 2\n" and fs._batch._child.pid == parent


def test_pickled_file_system(box):
    fs = opened(box, rev="v1")
    fs.ls("/")
    copy = pickle.loads(pickle.dumps(fs))
    assert copy.cat_file("d/1") == b"content 1\n" and copy._kwargs == fs._kwargs


def test_file_system_after_a_change_of_directory(box, monkeypatch, tmp_path):
    from cairn.fs import DVCFileSystem

    monkeypatch.chdir(box.root)
    fs = DVCFileSystem("repo", rev="v1")
    monkeypatch.chdir(tmp_path)
    assert pickle.loads(pickle.dumps(fs)).cat_file("d/1") == fs.cat_file("d/1") == b"content 1\n"


def test_interrupt_while_reading(box):
    """Ctrl-C while the program answers: the next answer is not that of the question before."""
    fs = opened(box, rev="v1")
    fs.cat_file("d/0")
    os.kill(fs._batch._child.pid, signal.SIGSTOP)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        fs.cat_file("d/1")
    timer.join()
    assert fs.cat_file("d/2") == b"content 2\n"


def test_interrupt_while_a_command_runs(box, tmp_path, monkeypatch):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("CAIRN", str(slow))
    import cairn.api

    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    before, started = set(children()), time.monotonic()  # servers of other tests may be children, too
    with pytest.raises(KeyboardInterrupt):
        cairn.api.exp_show(repo=str(box.repo))
    timer.join()
    assert time.monotonic() - started < 10 and set(children()) == before


# Files ----------------------------------------------------------------------------------------------------------------


def test_stream_of_a_remote_has_bounded_memory(box):
    """60 MB that are in the remote alone are read by pieces, from the middle too."""
    box.check("dvc remote add -q -d store ../store && yes 0123456789abcde | head -c 60000000 > big && dvc add -q big"
              " && dvc push -q && git add -A && git commit -qm big && rm -rf big .dvc/cache")
    done = script("""
import resource, sys
import cairn.api
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with cairn.api.open("big", repo=sys.argv[1], mode="rb") as f:
    first = f.read(16)
    f.seek(30_000_000)
    middle = f.read(16)
    end = f.seek(-16, 2) + 16
    last = f.read()
    f.seek(0)
    total = 0
    while chunk := f.read(1 << 20):
        total += len(chunk)
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
print(first == middle == last == b"0123456789abcde\\n", end, total, grown < 20)
""", box.repo)
    assert done.stdout == "True 60000000 60000000 True\n", done.stdout + done.stderr


def test_stream_of_a_program_that_says_a_lot(box, tmp_path, monkeypatch):
    """More than a pipe holds, before the content comes."""
    spy = tmp_path / "spy"
    spy.write_text(f'#!/bin/sh\ncase " $* " in *" cat "*) head -c 300000 /dev/zero | tr "\\0" x >&2 ;; esac\nexec {CAIRN} "$@"\n')
    spy.chmod(0o755)
    box.check("dvc remote add -q -d store ../store && dvc push -q && rm -r .dvc/cache && git commit -qam remote")
    monkeypatch.setenv("CAIRN", str(spy))
    with opened(box, rev="HEAD").open("one.txt", "rb") as file:
        assert file.read() == b"one\n"


def test_stream_that_is_left_early_ends_the_program(box):
    import cairn.api

    box.write({"large.txt": "x" * 3_000_000})
    box.check("git add large.txt && git commit -qm large && git tag v2")
    before = set(children())
    with cairn.api.open("large.txt", repo=str(box.repo), rev="v2") as file:
        assert file.read(3) == "xxx"
    assert set(children()) == before


def test_names_that_are_odd(box):
    names = ["with space", "new\nline", "-dash", "quo'te\"", "trailing ", os.fsdecode(b"by\xfftes"), "nämé", "a:b", "#x", "*"]
    for name in names:
        box.write({f"odd/{name}": f"odd {name!r}\n".encode("utf-8", "surrogateescape")})
    box.check("git add odd && git commit -qm odd && dvc add -q one.txt 2> /dev/null; git tag odd")
    for options in ({}, {"rev": "odd"}):
        fs = opened(box, **options)
        assert sorted(fs.ls("odd", detail=False)) == sorted(f"odd/{name}" for name in names)
        assert sorted(fs.find("odd")) == sorted(f"odd/{name}" for name in names)
        for name in names:
            content = f"odd {name!r}\n".encode("utf-8", "surrogateescape")
            assert fs.cat_file(f"odd/{name}") == content
            assert fs.info(f"odd/{name}")["size"] == len(content)
            with fs.open(f"odd/{name}") as file:
                assert file.read() == content


def test_odd_names_of_data(box):
    names = ["with space", "new\nline", os.fsdecode(b"by\xfftes"), "-x"]
    for name in names:
        box.write({f"data/{name}": f"{name!r}\n"})
    box.check("dvc add -q data && git add -A && git commit -qm data && git tag data && rm -r data")
    fs = opened(box, rev="data")
    assert sorted(fs.find("data")) == sorted(f"data/{name}" for name in names)
    assert fs.cat([f"data/{name}" for name in names]) == {f"data/{name}": f"{name!r}\n".encode() for name in names}


def test_listing_follows_the_work_tree(box):
    fs = opened(box)
    assert "/new" not in fs.ls("/", detail=False)
    time.sleep(0.05)
    box.write({"new": "new\n", "dir/x": "x\n"})
    assert {"/new", "/dir"} <= set(fs.ls("/", detail=False))
    assert fs.find("dir") == ["dir/x"]
    box.write({"dir/deep/y": "y\n"})
    assert fs.find("dir") == ["dir/deep/y", "dir/x"] and fs.isfile("dir/deep/y")
    (box.repo / "dir/x").unlink()
    assert not fs.exists("dir/x")


def test_no_repository_is_the_cause_of_an_scm_error(package, tmp_path, monkeypatch):
    """The text is DVC's; a traceback shows what is behind it."""
    import cairn.api

    monkeypatch.chdir(tmp_path)
    with pytest.raises(cairn.exceptions.CloneError, match="SCM error") as caught:
        cairn.api.params_show()
    assert "not inside of a DVC repository" in str(caught.value.__cause__)


def test_repository_that_moved(box, tmp_path):
    fs = opened(box)
    assert fs.exists("git.txt")
    box.repo.rename(tmp_path / "moved")
    with pytest.raises(Exception) as caught:
        opened(box).ls("/")
    assert str(box.repo) in str(caught.value) or "SCM error" in str(caught.value)
    from cairn.fs import DVCFileSystem

    moved = DVCFileSystem(str(tmp_path / "moved"), rev="v1")
    assert moved.cat_file("d/1") == b"content 1\n"


# The program ----------------------------------------------------------------------------------------------------------


def test_no_program(tmp_path):
    done = script("""
import cairn, cairn.api
try:
    cairn.api.params_show(repo="/")
except Exception as error:
    print(isinstance(error, ImportError), isinstance(error, RuntimeError), error)
""", env={"CAIRN": "", "PATH": str(tmp_path), "HOME": str(tmp_path)})
    # The environment of the tests may have the program beside its interpreter.
    if "pip install cairn-dvc" not in done.stdout:
        assert "CloneError" in done.stderr or done.stdout, done.stderr


def test_program_that_the_environment_names(tmp_path, package, monkeypatch):
    for named in (tmp_path / "nothing", tmp_path):
        monkeypatch.setenv("CAIRN", str(named))
        with pytest.raises(package.BinaryNotFoundError, match="pip install cairn-dvc") as caught:
            package.find_binary()
        assert isinstance(caught.value, ImportError) and isinstance(caught.value, RuntimeError)
    monkeypatch.setenv("CAIRN", str(CAIRN))
    assert package.find_binary() == str(CAIRN)


def test_program_in_the_path(tmp_path, package, monkeypatch):
    monkeypatch.delenv("CAIRN", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"/nowhere:{tmp_path}/bin")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/cairn").symlink_to(CAIRN)
    found = package.find_binary()
    assert found.endswith("/cairn") and os.access(found, os.X_OK)


def test_program_that_crashes(box, tmp_path, monkeypatch):
    import cairn.api
    from cairn.exceptions import DvcException

    crash = tmp_path / "crash"
    crash.write_text("#!/bin/sh\nkill -SEGV $$\n")
    crash.chmod(0o755)
    monkeypatch.setenv("CAIRN", str(crash))
    with pytest.raises(DvcException, match="ended by signal 11"):
        cairn.api.metrics_show(repo=str(box.repo))
    with pytest.raises(DvcException, match="ended by signal 11"):
        opened(box, rev="v1").cat_file("d/0")


@pytest.mark.parametrize("rev", [None, "v2"])
def test_a_walk_looks_at_each_directory_a_few_times(box, monkeypatch, rev):
    """It takes one listing of the repository, and the work for a directory does not grow with their number."""
    import cairn.fs

    box.write({f"{top}/{i}/f": str(i) for top in ("out", "git") for i in range(200)})
    box.check("dvc add -q out && git add -A && git commit -qm two && git tag v2")
    calls = {"stat": 0, "run": 0}
    stat, run = os.stat, cairn.fs.run_json

    def count(name, call, *arguments, **options):
        calls[name] += 1
        return call(*arguments, **options)

    monkeypatch.setattr(cairn.fs.os, "stat", lambda *a, **k: count("stat", stat, *a, **k))
    monkeypatch.setattr(cairn.fs, "run_json", lambda *a, **k: count("run", run, *a, **k))
    found = [directory for directory, _, files in opened(box, rev=rev).walk("") if "f" in files]
    assert len(found) == 400
    assert calls["stat"] < 400 * 20 and calls["run"] < 10


@pytest.mark.parametrize("name", ["a #b", "#b", "a,b", "a, b", " a ", "'a'", '"a"', "'a", 'a"', "it's \"b\"", '"it\'s"',
                                  "a\\", "%(a)s", "$HOME", "a;b", "a=b", "[a]"])
def test_values_of_the_configuration_arrive_as_they_are(box, name):
    """A password, most often; here a name in a path, which can be seen."""
    import cairn.api

    config = {"core": {"remote": "far"}, "remote": {"far": {"url": name, "endpointurl": "x"}}}
    url = cairn.api.get_url("one.txt", repo=str(box.repo), config=config)
    assert url.startswith(f"{box.repo}/{name}/files/md5/")


def test_a_place_whose_name_is_no_utf8(box):
    import cairn.api

    place = os.fsdecode(bytes(box.root) + b"/\xff")
    box.check("dvc remote add -q -d store ../elsewhere")
    for options in {"config": {"remote": {"store": {"url": place}}}}, {"remote_config": {"url": place}}:
        assert cairn.api.get_url("one.txt", repo=str(box.repo), **options).startswith(place + "/files/md5/")


@pytest.mark.parametrize("remote", ["store", None])
def test_secrets_are_in_no_argument(box, tmp_path, monkeypatch, remote):
    """Configuration goes to the program by files that only the user can read, and that are gone afterwards."""
    import cairn.api

    spy = tmp_path / "spy"
    spy.write_text(f'#!/bin/sh\nfor word; do echo "$word"; done >> {tmp_path}/words\n'
                   f'for word; do case $word in --config=*) file=${{word#*=}} ;; @*) file=${{word#@}} ;; *) continue ;; esac\n'
                   f'  stat -c "%a %n" "$file" >> {tmp_path}/files; done\n'
                   f'exec {CAIRN} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("CAIRN", str(spy))
    box.check("dvc remote add -q -d store s3://bucket/x")
    url = cairn.api.get_url("one.txt", repo=str(box.repo), remote=remote, remote_config={"secret_access_key": "hush"},
                            config={"remote": {"store": {"access_key_id": "me"}}})
    assert url.startswith("s3://bucket/x/")
    assert "hush" not in (tmp_path / "words").read_text()
    files = [line.split() for line in (tmp_path / "files").read_text().splitlines()]
    assert [mode for mode, _ in files] == ["600", "600"] and not any(os.path.exists(name) for _, name in files)


def test_import_is_light():
    done = script("""
import sys
before = set(sys.modules)
import cairn
light = set(sys.modules) - before
import cairn.api
heavy = {"fsspec", "asyncio", "pandas", "numpy"} & set(sys.modules)
print(len([m for m in light if not m.startswith("cairn")]) < 40, heavy)
""")
    assert done.stdout == "True set()\n", done.stdout + done.stderr


@pytest.mark.parametrize("python", ["python3.9", "python3.12", "python3.13"])
def test_other_versions_of_python(box, python):
    homes = [Path(p) for p in glob.glob(f"{os.path.expanduser('~root')}/.pyenv/versions/{python[6:]}.*/bin/{python}")]
    found = [shutil.which(python), *homes]
    programs = [p for p in found if p and subprocess.run([p, "-c", ""], capture_output=True).returncode == 0]
    if not programs:
        pytest.skip(f"no {python}")
    code = "import sys, cairn.api; print(cairn.api.read('d/1', repo=sys.argv[1], rev='v1'), cairn.api.params_show(repo=sys.argv[1]))"
    done = subprocess.run([programs[0], "-c", code, str(box.repo)], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(SOURCE), "CAIRN": str(CAIRN)})
    assert done.stdout == "content 1\n {}\n", done.stderr
