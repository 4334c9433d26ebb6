"""Processes and directories of experiments: which processes a kill reaches, what an ended worker leaves, what `exp
clean` removes."""

import fcntl
import json
import os
import signal
import struct
import subprocess
from contextlib import contextmanager

import pytest

from harness.waiting import wait_for

PIPELINE = ("stages:\n  s:\n    cmd: echo $$ > $SIGN.pid; touch $SIGN.begun; while [ ! -f $SIGN.go ]; do sleep 0.02; done; cp params.yaml out\n"
            "    params: [lr]\n    outs: [out]\n")


@pytest.fixture
def project(repo):
    repo.write({"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n"})
    repo.check("git add -A && git commit -qm base")
    repo.extra_env["SIGN"] = str(repo.root / "sign")
    return repo


def sign(box, name):
    return box.root / f"sign.{name}"


def runs(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def worker_of(box):
    """The process of the queue's worker, which is the parent of the task's process."""
    for name in os.listdir("/proc"):
        try:
            words = open(f"/proc/{name}/cmdline").read().split("\0")
            cwd = os.readlink(f"/proc/{name}/cwd")
        except OSError:
            continue
        if "queue-worker" in words and cwd == str(box.repo):
            return int(name)
    return None


def task_states(box):
    return [line.split()[-1] for line in box.check("dvc queue status").lines[1:] if line and not line.startswith(("Worker", "No"))]


# ---- a worker that is told to end ----


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_worker_that_is_ended_ends_its_task_and_puts_it_back(project, number):
    project.check("dvc exp run -q --queue -n e -S lr=2 && dvc queue start")
    wait_for(sign(project, "begun").exists)
    stage, worker = int(sign(project, "pid").read_text()), worker_of(project)
    os.kill(worker, number)
    wait_for(lambda: not runs(worker) and not runs(stage))
    assert "Queued" in project.check("dvc queue status").out
    assert not list((project.repo / ".dvc/tmp/exps").glob("tmp*"))
    sign(project, "go").touch()
    project.check("dvc exp run --run-all && dvc exp apply e")
    assert project.read("out") == "lr: 2\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_in_a_directory_of_its_own_that_is_ended_leaves_nothing(project, number):
    run = subprocess.Popen(["dvc", "exp", "run", "--temp", "-n", "e", "-S", "lr=2"], cwd=project.repo, env=project.env,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    wait_for(sign(project, "begun").exists)
    stage = int(sign(project, "pid").read_text())
    os.killpg(run.pid, number) if number == signal.SIGINT else os.kill(run.pid, number)
    assert run.wait(30) != 0
    wait_for(lambda: not runs(stage))
    assert not list((project.repo / ".dvc/tmp/exps").glob("standalone/tmp*")) and not list((project.repo / ".git/worktrees").glob("*"))


# ---- queue kill ----


@contextmanager
def a_planted_journal(box, pid):
    """A task that seems to run: its journal names `pid`, and its lock is held, as another user of the machine could
    arrange."""
    box.check("dvc exp run -q --queue -n e -S lr=2")
    task = box.check("git rev-parse refs/exps/celery/stash").out.strip()
    folder = box.repo / ".dvc/tmp/exps/run" / task
    folder.mkdir(parents=True)
    (folder / f"{task}.json").write_text(json.dumps({"pid": pid, "stdin": None, "stdout": "", "stderr": None, "returncode": None}))
    with open(folder / f"{task}.lock", "w") as held:
        fcntl.fcntl(held, fcntl.F_OFD_SETLK, struct.pack("hhlli4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        yield folder / task


@pytest.mark.parametrize("pid", [1, 0, -1, 4294967297, 2**70])
def test_queue_kill_signals_nobody_whom_a_journal_merely_names(project, pid):
    bystander = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        with a_planted_journal(project, pid):
            result = project.dvc("queue kill e")
        assert bystander.poll() is None and "e" in result.err + result.out
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("who", ["{pid}", "{pid} 1 0", "1 1 1", "-1", "{pid} {start} another-boot\n"])
def test_queue_kill_signals_only_the_very_process_that_was_noted(project, who):
    bystander = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        start = open(f"/proc/{bystander.pid}/stat").read().rsplit(")", 1)[1].split()[19]
        with a_planted_journal(project, bystander.pid) as path:
            path.with_suffix(".process").write_text(who.format(pid=bystander.pid, start=start))
            project.dvc("queue kill e")
            project.dvc("queue kill -f e")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_queue_kill_reaches_a_task_that_runs(project):
    project.check("dvc exp run -q --queue -n e -S lr=2 && dvc queue start")
    wait_for(sign(project, "begun").exists)
    stage = int(sign(project, "pid").read_text())
    project.check("dvc queue kill e")
    wait_for(lambda: not runs(stage))
    wait_for(lambda: "Failed" in project.check("dvc queue status").out)


# ---- exp clean ----


@pytest.mark.parametrize("place", [".dvc/tmp/exps/tmpAAAA", ".dvc/tmp/exps/standalone/tmpAAAA"])
def test_clean_does_not_follow_a_planted_tree_out_of_the_repository(project, place):
    project.check("mkdir ../victim && echo mine > ../victim/file")
    project.write({f"{place}/.git": f"gitdir: {project.root}/victim\n", f"{place}/file": "x\n"})
    project.check("dvc exp clean")
    assert (project.root / "victim/file").read_text() == "mine\n" and not (project.repo / place).exists()


@pytest.mark.parametrize("admin", [".git", ".git/refs", ".git/worktrees/other", "../repo/.git/worktrees/../refs", "."])
def test_clean_removes_no_other_part_of_git(project, admin):
    project.write({".git/worktrees/other/HEAD": "x\n", ".dvc/tmp/exps/tmpAAAA/.git": f"gitdir: {project.repo}/{admin}\n"})
    project.check("dvc exp clean")
    assert project.check("git rev-parse HEAD").status == 0 and (project.repo / ".git/worktrees/other/HEAD").exists()
    assert (project.repo / "params.yaml").exists()


@pytest.mark.parametrize("link", [".dvc/tmp", ".dvc/tmp/exps", ".dvc/tmp/exps/standalone", ".dvc/tmp/exps/tmpAAAA"])
def test_clean_removes_nothing_through_a_link(project, link):
    victim = project.root / "victim"
    for folder in (victim, victim / "exps", victim / "standalone", victim / "exps/standalone"):
        (folder / "tmpBBBB").mkdir(parents=True, exist_ok=True)
        (folder / "tmpBBBB/file").write_text("mine\n")
    (project.repo / link).parent.mkdir(parents=True, exist_ok=True)
    project.check(f"rm -rf {link} && ln -s {victim} {link}")
    project.dvc("exp clean")
    assert len(list(victim.rglob("file"))) == 4


@pytest.mark.parametrize("program", ["dvc", "cairn"])
def test_clean_leaves_a_run_whose_parent_was_killed(project, program):
    """Under the name cairn the progress of hashing has a thread of its own, so that the run is another program."""
    project.check("truncate -s 70M big && dvc add -q big && git add -A && git commit -qm big && touch big")
    run = subprocess.Popen(["sh", "-c", f"exec {program} exp run --temp -n e -S lr=2"], cwd=project.repo, env=project.env,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(sign(project, "begun").exists)
    run.kill()
    run.wait()
    project.check("dvc exp clean")
    sign(project, "go").touch()
    wait_for(lambda: project.check("dvc exp list --name-only").lines == ["e"])
    assert project.check("git show $(git for-each-ref --format '%(objectname)' refs/exps):params.yaml").out == "lr: 2\n"


def test_clean_beside_runs_that_start_takes_none_of_them(project):
    sign(project, "go").touch()
    cleaner = subprocess.Popen(["sh", "-c", "while [ ! -f $SIGN.enough ]; do dvc exp clean || exit 1; done"], cwd=project.repo,
                               env=project.env, stdout=subprocess.DEVNULL)
    try:
        for i in range(20):
            project.check(f"dvc exp run -q --temp -n e{i} -S lr={i + 10}")
    finally:
        sign(project, "enough").touch()
        assert cleaner.wait(30) == 0
    assert len(project.check("dvc exp list --name-only").lines) == 20
