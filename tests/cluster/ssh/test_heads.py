"""Commands here that are interrupted or killed at any moment: the next one takes over, and nothing runs twice."""

import fcntl
import os
import signal
import subprocess
import time

import pytest
from harness.ssh_lab import PIPELINE, TRAIN, finished, kill, running
from harness.waiting import wait_for


def test_a_killed_worker_and_the_next_one(lab, host):
    kill(lab.begin_experiment())
    assert host.jobs(), "it goes on there"
    lab.hold.unlink()
    lab.worker()
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
    assert lab.log("one").count("begin one\n") == 1
    assert host.jobs() == []


@pytest.mark.usefixtures("host")
def test_a_worker_that_dies_at_any_time(lab):
    """Killed after more and more time: whatever step it was at, the command runs once, and the result comes."""
    for i in range(12):
        lab.queue(f"e{i}", i)
        kill(lab.start_worker(), 0.04 * (i + 1))
    lab.worker(timeout=120)
    assert set(lab.states().values()) == {"Success"}, lab.box.check("cairn queue status").out
    assert lab.runs() == 12
    assert len([r for r in lab.refs() if r.startswith("refs/exps")]) == 12
    assert not list((lab.box.repo / ".dvc/tmp/jobs/lab").glob("job.*")), "records of what is here already"


# Git on the host takes its time: half made is the repository while it is made, and refs are locked while they are written.
SLOW_GIT = """#!/bin/sh
for last do :; done # "git -c ... -C <directory> init -q <name>"
new=$4/$last/.git
case $SLOW:$* in
init:*' init '*)
  mkdir -p "$new" && cp ~/head "$new/HEAD" && sleep 0.4
  ;;
push:*' init '*)
  mkdir -p "$new/hooks" && cp ~/hook "$new/hooks/reference-transaction"
  ;;
esac
exec /usr/bin/git "$@"
"""
SLOW_HOOK = """#!/bin/sh
[ "$1" != prepared ] || sleep 0.6
"""


def slow_host(lab, what):
    host = lab.host("alpha", before=f"export SLOW={what}")
    for name, text in (("bin/git", SLOW_GIT), ("hook", SLOW_HOOK)):
        (host.home / name).write_text(text)
        (host.home / name).chmod(0o755)
    (host.home / "head").write_text("ref: refs/heads/main\n")
    return host


@pytest.mark.parametrize("what", ["init", "push"])
def test_what_a_killed_worker_has_begun_is_still_going_on(lab, what):
    """Its git and what it started on the host do not end with it; the next worker comes meanwhile."""
    host = slow_host(lab, what)
    lab.executor("alpha")
    lab.queue("one", 2)
    for i in range(8):
        kill(lab.start_worker(), 0.15 + 0.08 * i)
    lab.worker(timeout=60)
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert lab.runs() == 1
    refs = subprocess.run(["git", "-C", host.place / "repo", "for-each-ref"], capture_output=True, text=True, check=True)
    assert refs.stdout == ""


@pytest.mark.parametrize("started", [False, True])
def test_a_worker_takes_over_from_a_newer_one(lab, started):
    """Its connection is older than that which prepared the job."""
    host = lab.host("alpha")
    lab.executor("alpha:2")
    older = lab.begin_experiment()
    lab.queue("two", 3)
    newer = lab.start_worker(2)
    wait_for(lambda: lab.runs() == 2 if started else list(host.place.glob("jobs/two-*/tree-1/*")))
    kill(newer)
    lab.hold.unlink()
    assert older.wait(60) == 0
    lab.worker(3)
    assert lab.states() == {"one": "Success", "two": "Success"}, lab.log("two")
    assert lab.runs() == 2
    assert host.jobs() == []


def test_repro_takes_over_what_an_earlier_one_has_started(lab, host):
    kill(lab.begin_stage())
    lab.hold.unlink()
    done = lab.box.check("cairn repro --executor lab", timeout=60)
    assert "begin" in done.out, repr(done)
    assert lab.runs() == 1
    assert lab.box.read("model") == "some data\nlr 1\n"
    assert host.jobs() == []


@pytest.mark.usefixtures("host")
def test_ctrl_c_leaves_the_stage_running(lab):
    head = lab.begin_stage()
    head.send_signal(signal.SIGINT)
    out, _ = head.communicate(timeout=20)
    assert "goes on at executor 'lab'" in out, out
    lab.hold.unlink()
    lab.box.check("cairn repro --executor lab", timeout=60)
    assert lab.runs() == 1


@pytest.mark.usefixtures("host")
def test_a_result_is_not_lost_when_its_head_is_ended_while_another_process_has_the_repository(lab):
    head = lab.begin_stage()
    with open(lab.box.repo / ".dvc/tmp/lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lab.hold.unlink()
        wait_for((lab.box.repo / "model").exists)
        time.sleep(0.5)
        head.send_signal(signal.SIGTERM)
        assert head.wait(30) != 0
    lab.box.check("cairn repro --executor lab", timeout=60)
    assert lab.runs() == 1
    assert lab.box.check("cairn status").out == "Data and pipelines are up to date.\n"


def test_a_job_of_another_work_tree_or_executor_is_not_removed(lab):
    """They share the directory on the host."""
    host = lab.host("alpha")
    lab.executor("alpha", '[executor "other"]\n    type = ssh\n    host = alpha\n')
    lab.box.write({"dvc.yaml": PIPELINE + "  s:\n    cmd: echo s >s\n    outs: [s]\n"})
    lab.box.check("git commit -q -a -m s && git worktree add -q ../tree && cp data ../tree && cp .dvc/cairn.config.local ../tree/.dvc/")
    for cwd in lab.box.root / "tree", lab.box.repo:
        before = lab.runs()
        kill(lab.begin_stage("train", cwd=cwd))
        lab.hold.unlink()
        os.utime(finished(host), (1, 1))
        lab.box.check("cairn repro -q -f --executor other s")
        lab.box.check(f"cd {cwd} && cairn repro -q --executor lab train", timeout=60)
        assert lab.runs() == before + 1
        assert host.jobs() == []


def test_a_stage_that_was_changed_ends_what_runs_for_the_old_one(lab):
    host = lab.host("alpha")
    lab.executor("alpha:2")
    kill(lab.begin_stage())
    lab.box.write({"train.sh": TRAIN.replace('while [ -e "$LAB_HOLD" ]; do sleep 0.05; done', "")})
    lab.box.check("cairn repro -q --executor lab", timeout=60)
    assert lab.runs() == 2 and host.jobs() == []
    wait_for(lambda: not running(str(host.home)))
