"""How a job on a host ends, and in which words: failed, killed, cancelled, lost."""

import contextlib
import json
import os
import signal

import pytest
from harness.ssh_lab import TRAIN, finished, kill, running
from harness.waiting import wait_for


def test_a_failure_has_the_words_of_a_local_one(lab, host):
    lab.box.write({"train.sh": "echo trouble >&2; exit 3\n"})
    lab.box.check("git commit -q -am fails")
    lab.queue("one", 2)
    lab.worker()
    assert lab.states() == {"one": "Failed"}
    assert "trouble" in lab.log("one")
    assert "failed to reproduce 'train': failed to run: sh train.sh, exited with 3" in lab.log("one")
    done = lab.box.sh("cairn repro --executor lab")
    assert done.status == 255 and "failed to run: sh train.sh, exited with 3" in done.err, repr(done)
    assert host.jobs() == []


def test_a_failure_that_was_reported_is_not_reported_again(lab, host):
    """The host could not be told to remove the job; it runs again, all the same."""
    lab.box.write({"train.sh": TRAIN + "[ -e \"$LAB_HOLD.ok\" ]\n"})
    head = lab.begin_stage()
    head.send_signal(signal.SIGSTOP)
    lab.hold.unlink()
    finished(host)
    kept = lab.box.root / "kept"
    lab.box.check(f"cp -a {host.place}/jobs {kept}")
    head.send_signal(signal.SIGCONT)
    assert head.wait(30) == 255
    lab.box.check(f"cp -a {kept}/. {host.place}/jobs && touch {lab.hold}.ok")
    lab.box.check("cairn repro -q --executor lab")
    assert lab.runs() == 2
    assert host.jobs() == []


@pytest.mark.parametrize("force", ["", "--force "])
def test_queue_kill_reaches_the_host(lab, host, force):
    worker = lab.begin_experiment()
    lab.box.check(f"cairn queue kill {force}one")
    assert worker.wait(30) == 0
    assert lab.states() == {"one": "Failed"}
    wait_for(lambda: not running(str(host.home)))
    assert host.jobs() == []


def test_kill_of_a_task_that_waits_for_a_slot(lab):
    lab.host("alpha")
    lab.executor("alpha:1")
    lab.hold.touch()
    lab.queue("one", 1)
    lab.queue("two", 2)
    workers = [lab.start_worker(n) for n in (1, 2)]
    wait_for(lambda: lab.runs() == 1 and list(lab.states().values()).count("Running") == 2)
    name = next(n for n in ("one", "two") if f"begin {n}\n" not in lab.log(n))
    lab.box.check(f"cairn queue kill {name}")
    wait_for(lambda: lab.states()[name] == "Failed")
    lab.hold.unlink()
    assert [w.wait(30) for w in workers] == [0, 0]
    assert sorted(lab.states().values()) == ["Failed", "Success"] and lab.runs() == 1


def end_processes(host, number):
    """Of the job that was started last: that which watches its command, and all below."""
    claim = sorted(host.place.glob("jobs/*/try-*/claim"))[-1]
    runner = int(json.loads(claim.read_text())["process"].split()[0])
    for pid in [runner, *host.below(runner)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def test_a_job_whose_processes_are_gone_is_tried_again(lab):
    host = lab.host("alpha")
    lab.executor("alpha", "    retries = 1\n")
    worker = lab.begin_experiment()
    end_processes(host, signal.SIGKILL)
    wait_for(lambda: lab.runs() == 2)
    end_processes(host, signal.SIGKILL)
    assert worker.wait(30) == 0
    assert lab.states() == {"one": "Failed"}
    assert "'one' was lost on host 'alpha'; it is tried again" in lab.log("one")
    assert "its process is gone and has not said how it ended" in lab.log("one")


def test_a_host_that_shuts_down_in_order(lab, host):
    """All processes get SIGTERM first. That is no end of the job, since nobody here has asked for it."""
    worker = lab.begin_experiment()
    end_processes(host, signal.SIGTERM)
    wait_for(lambda: lab.runs() == 2 or worker.poll() is not None)
    lab.hold.unlink()
    assert worker.wait(30) == 0
    assert lab.states() == {"one": "Success"}, lab.log("one")
    assert "'one' was lost on host 'alpha'; it is tried again" in lab.log("one")


def test_the_directory_on_the_host_is_gone_in_the_middle(lab, host):
    worker = lab.begin_experiment()
    lab.box.check(f"rm -rf {host.place}/jobs")
    wait_for(lambda: lab.runs() == 2)
    lab.hold.unlink()
    assert worker.wait(60) == 0
    assert lab.states() == {"one": "Success"}, lab.log("one")


def test_jobs_and_cancel(lab, host):
    worker = lab.begin_experiment()
    assert "one" in lab.box.check("cairn executor jobs").out and "alpha" in lab.box.check("cairn executor jobs").out
    lab.box.check("cairn executor cancel lab one")
    assert worker.wait(30) == 0
    assert lab.states() == {"one": "Failed"} and lab.runs() == 1, lab.log("one")
    assert "ERROR: 'one' was cancelled on host 'alpha'" in lab.log("one")
    assert "lab: alpha, cancelled" in lab.box.check("cairn queue status").out
    assert host.jobs() == [] and not running(str(host.home))


def test_cancel_of_a_stage(lab, host):
    head = lab.begin_stage()
    lab.box.check("cairn executor cancel lab")
    out, _ = head.communicate(timeout=30)
    assert head.returncode == 255 and "'train' was cancelled on host 'alpha'" in out, out
    assert " cancelled " in lab.box.check("cairn log train").out
    assert host.jobs() == [] and not running(str(host.home))
    assert not (lab.box.repo / "dvc.lock").exists()


def test_cancel_of_what_a_dead_head_has_left(lab, host):
    kill(lab.begin_experiment())
    lab.box.check("cairn executor cancel lab")
    wait_for(lambda: not running(str(host.home)))
    assert host.jobs() == [] and "one" not in lab.box.check("cairn executor jobs").out
    lab.hold.unlink()
    lab.worker()
    assert lab.states() == {"one": "Success"} and lab.runs() == 2
