"""The rows of `exp show`: what is remembered, what runs now, and what is only in a remote."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.waiting import wait_for

PIPELINE = ("stages:\n  s:\n    cmd: touch $SIGN.begun; while [ ! -f $SIGN.go ]; do sleep 0.02; done; cp params.yaml out;"
            " echo '{\"acc\":1}' > m.json\n    params: [lr]\n    outs: [out]\n    metrics: [m.json]\n")


@pytest.fixture
def project(repo):
    repo.write({"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n"})
    repo.check("git add -A && git commit -qm base")
    repo.extra_env["SIGN"] = str(repo.root / "sign")
    return repo


def table(box, options=""):
    return json.loads(box.check(f"cairn exp show --json {options}").out)


def running(box):
    return [e for e in table(box)[1]["experiments"] or [] if (e["executor"] or {}).get("state") == "running"]


@contextmanager
def started(box, line):
    """The command runs, until its stage has begun and the file `go` lets it end."""
    process = subprocess.Popen(["cairn", *line.split()], cwd=box.repo, env=box.env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for((box.root / "sign.begun").exists)
        yield process
    finally:
        (box.root / "sign.go").touch()
        if process.poll() is None:
            process.wait(30)


# ---- what runs


def test_a_run_in_the_workspace_is_shown_while_it_runs(project):
    pid_file = project.repo / ".dvc/tmp/exps/rwlock.lock"
    with started(project, "exp run -n now -S lr=2") as process:
        [row] = running(project)
        assert row["name"] == "now" and row["executor"]["name"] == "workspace"
        assert row["executor"]["local"] == {"root": str(project.repo), "log": None, "pid": process.pid,
                                            "returncode": None, "task_id": None}
        assert (row["revs"][0]["rev"], row["revs"][0]["name"]) == ("workspace", "now")
        assert row["revs"][0]["data"]["params"]["params.yaml"]["data"] == {"lr": 2}
        assert int(pid_file.read_text()) == process.pid
        assert "now" in project.check("cairn exp show --csv").out
    assert not running(project) and not pid_file.exists()
    assert not (project.repo / ".dvc/tmp/exps/run/workspace").exists()


def test_a_run_in_its_own_directory_is_shown_while_it_runs(project):
    with started(project, "exp run --temp -n apart"):
        [row] = running(project)
        assert row["executor"] == {"state": "running", "name": "tempdir", "local": None}
        assert row["name"] == row["revs"][0]["name"] == "apart" and len(row["revs"][0]["rev"]) == 40
    assert not running(project)


@pytest.mark.parametrize("options", ["", "--temp"])
def test_what_a_kill_leaves_is_known_as_stale(project, options):
    with started(project, f"exp run {options} -n dead") as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not running(project)
    # the next run begins as if nothing had been
    (project.root / "sign.begun").unlink()
    (project.root / "sign.go").unlink()
    with started(project, f"exp run {options} -n alive"):
        assert [row["name"] for row in running(project)] == ["alive"]


def test_the_pid_file_of_another_process_stays(project):
    pid_file = project.repo / ".dvc/tmp/exps/rwlock.lock"
    with started(project, "exp run -n now"):
        pid_file.write_text(" 1\n")  # DVC has changed a ref meanwhile
    assert pid_file.read_text() == " 1\n"


@pytest.mark.parametrize("name, text", [
    ("workspace.json", "{}"), ("workspace.json", "[1"), ("workspace.json", '{"pid": -1}'), ("workspace.json", '{"pid": "x"}'),
    ("workspace.run", "{}"), ("workspace.run", "nonsense"), ("workspace.run", '{"status": 2, "name": 3, "root_dir": []}'),
])
def test_files_of_an_archive_do_no_harm(project, name, text):
    folder = ".dvc/tmp/exps/run/workspace"
    project.write({f"{folder}/workspace.json": json.dumps({"pid": os.getpid()}),
                   f"{folder}/workspace.run": json.dumps({"status": 2, "name": "x", "root_dir": str(project.repo),
                                                          "baseline_rev": project.check("git rev-parse HEAD").out.strip()})})
    assert [row["name"] for row in running(project)] == ["x"]
    project.write({f"{folder}/{name}": text})
    assert not running(project)


def planted(project, folder, name, root):
    """The journal of a run that has never been. Its process is one that exists."""
    baseline = project.check("git rev-parse HEAD").out.strip()
    project.write({f"{folder}/{name}.json": json.dumps({"pid": os.getpid()}),
                   f"{folder}/{name}.run": json.dumps({"status": 2, "name": "x", "root_dir": str(root), "baseline_rev": baseline})})


@pytest.mark.parametrize("place", ["run/workspace/workspace", "standalone/run/{id}/{id}"])
def test_a_journal_of_an_archive_leads_to_no_other_directory(project, place):
    folder, name = os.path.split(".dvc/tmp/exps/" + place.format(id="1" * 40))
    other = project.root / "other"
    trees = project.repo / ".dvc/tmp/exps/standalone"
    for path in (other, trees / "tmpAAAA"):
        path.mkdir(parents=True)
        (path / "dvc.yaml").write_text("params: [p.yaml]\n")
    (trees / "tmpLINK").symlink_to(other)
    for root in (other, "/", trees / "tmpLINK", trees / "tmpAAAA/../../../../../../other", trees, f"{project.repo}/..", "..", ""):
        planted(project, folder, name, root)
        assert not running(project), root
    planted(project, folder, name, project.repo if "workspace" in name else trees / "tmpAAAA")
    assert len(running(project)) == 1


def test_the_end_of_a_run_removes_only_its_own_files(project):
    """A link in a clone may lead to a directory of the user that is called "workspace", too."""
    (project.root / "sign.go").touch()
    project.check("mkdir -p ../mine/workspace .dvc/tmp/exps && echo kept > ../mine/workspace/file && ln -s ../../../../mine .dvc/tmp/exps/run")
    project.check("cairn exp run -q -n e -S lr=2")
    assert project.check("ls -A ../mine/workspace && cat ../mine/workspace/file").lines == ["file", "kept"]


# ---- what is remembered


def change_the_state(box):
    """What is shown after this does not come from the state."""
    for path in (box.root / ".site").rglob("state.db*"):
        path.unlink()


def test_rows_are_the_same_from_memory(project):
    (project.root / "sign.go").touch()
    for n in range(3):
        project.check(f"cairn exp run -q -n e{n} -S lr={n}.5")
    first = project.check("cairn exp show --json").out
    for _ in range(2):
        assert project.check("cairn exp show --json").out == first
    csv = project.check("cairn exp show --csv").out
    assert project.check("cairn exp show --json -f").out == first
    change_the_state(project)
    assert project.check("cairn exp show --json").out == first
    assert project.check("cairn exp show --csv").out == csv


def test_a_remembered_row_is_in_the_time_zone_of_now(project):
    (project.root / "sign.go").touch()
    project.check("cairn exp run -q -n e")
    before = table(project)[1]["data"]["timestamp"]
    project.extra_env["TZ"] = "Asia/Tokyo"
    after = table(project)[1]["data"]["timestamp"]
    assert before != after and after == table(project, "-f")[1]["data"]["timestamp"]


def test_a_missing_metric_is_not_remembered_as_missing(project):
    (project.root / "sign.go").touch()
    project.check("cairn exp run -q -n e && rm -rf .dvc/cache.away && mv .dvc/cache .dvc/cache.away")
    [row] = table(project)[1]["experiments"]
    assert row["revs"][0]["data"]["metrics"]["m.json"]["error"]["type"] == "FileNotFoundError"
    project.check("mv .dvc/cache.away .dvc/cache")
    [row] = table(project)[1]["experiments"]
    assert row["revs"][0]["data"]["metrics"]["m.json"]["data"] == {"acc": 1}


# ---- what is only in a remote


class Counting(SimpleHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        super().do_GET()

    def log_message(self, *args):
        pass


@contextmanager
def web_server(folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=folder))
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def far(project):
    """Metrics and parameters that are tracked data and only in a remote on the web."""
    (project.root / "sign.go").touch()
    folder = project.root / "store"
    project.check(f"cairn remote add -q -d r {folder} && cairn repro -q && git add -A && git commit -qm run && cairn push -q")
    project.check("rm -rf .dvc/cache m.json out")
    return folder


def test_metrics_are_read_from_the_remote_once(project, far):
    with web_server(far) as server:
        project.check(f"cairn remote modify -q r url http://127.0.0.1:{server.server_port}")
        for _ in range(3):
            rows = table(project)
            assert [row["data"]["metrics"]["m.json"]["data"] for row in rows[:2]] == [{"acc": 1}] * 2
        assert len([path for path in server.asked if "files/md5" in path]) == 1
    # nothing was put into the cache, so that nothing else changes
    assert "not_in_cache" in project.check("cairn data status --json").out
    assert not (project.repo / ".dvc/cache/files").exists()
    # remembered, also without the server
    assert table(project)[0]["data"]["metrics"]["m.json"]["data"] == {"acc": 1}


def test_no_fetch_reads_nothing(project, far):
    with web_server(far) as server:
        project.check(f"cairn remote modify -q r url http://127.0.0.1:{server.server_port}")
        rows = table(project, "--no-fetch")
        assert rows[0]["data"]["metrics"]["m.json"]["error"]["type"] == "FileNotFoundError"
        assert not server.asked


def test_a_remote_that_does_not_answer_is_asked_once(project, far):
    """The table comes, with DVC's error, after one wait for the connection and not one for each file."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        port = silent.getsockname()[1]
        # the queue of the server is full, so that nobody gets a connection
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        project.check(f"cairn remote modify -q r url http://127.0.0.1:{port}")
        begin = time.monotonic()
        rows = table(project)
        assert time.monotonic() - begin < 30
        assert [row["data"]["metrics"]["m.json"]["error"]["type"] for row in rows[:2]] == ["FileNotFoundError"] * 2
        for one in waiting:
            one.close()


def test_a_large_object_is_not_read_for_a_table(project, far):
    project.check("cairn pull -q")
    project.write({"m.json": '{"acc": 1, "pad": "' + "x" * (17 << 20) + '"}'})
    project.check("cairn commit -qf s && cairn push -q && rm -rf .dvc/cache m.json && git commit -qam big")
    with web_server(far) as server:
        project.check(f"cairn remote modify -q r url http://127.0.0.1:{server.server_port}")
        assert table(project)[0]["data"]["metrics"]["m.json"]["error"]["type"] == "FileNotFoundError"


# ---- revisions


def test_an_empty_revision_is_head(project):
    """An editor passes one in a repository without commits."""
    assert table(project, "--rev ''") == table(project)
    assert table(project, "--rev '' --rev HEAD") == table(project)
