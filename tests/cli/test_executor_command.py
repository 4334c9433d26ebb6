"""`type = command` with a few lines of shell as the scheduler: what a head that was killed has left, and odd answers."""

import fcntl
import shutil
import signal
import subprocess
import time

import pytest
from harness.waiting import wait_for

PROFILE = """[core]
    executor = own
[executor "own"]
    type = command
    submit = tools/submit {script} {comment}
    poll = tools/list
    find = tools/list {name}
    interval = 1s
    beat = 1s
"""
# $HOME/jobs has a file for each job; it runs after $HOME/delay seconds, and waits when there is $HOME/busy
SUBMIT = """#!/bin/sh
[ ! -e $HOME/busy ] || exit 75
id=job_$$_x
mkdir -p $HOME/jobs
echo "$2" >$HOME/jobs/$id
(sleep $(cat $HOME/delay 2>/dev/null || echo 0); exec bash "$1") >$HOME/said 2>&1 </dev/null &
[ ! -e $HOME/die ] || { rm $HOME/die; kill -9 $$; }
echo $id
"""
# ends all that the jobs have started
CANCEL = """#!/bin/sh
for id; do echo "$id" >>$HOME/cancelled; kill -TERM -$(cat $HOME/group-$id); done
"""
LIST = """#!/bin/sh
cd $HOME/jobs 2>/dev/null || exit 0
for id in *; do echo "$id waits $(cat $id)"; done
"""


@pytest.fixture
def box(repo):
    repo.write({".dvc/cairn.config": PROFILE, "tools/submit": SUBMIT, "tools/list": LIST, "in": "1\n"})
    repo.check("chmod +x tools/*")
    return repo


def stage(box, cmd, out):
    box.write({"dvc.yaml": f"stages:\n  a:\n    cmd: {cmd}\n    deps: [in]\n    outs: [{out}]\n"})
    box.check("git add -A && git commit -qm stage")


def attempts(box):
    return list((box.repo / ".dvc/tmp/jobs/own").glob("job.*/try-*"))


def leave(box, until):
    """Start `repro`, and kill it when that holds."""
    head = subprocess.Popen(["cairn", "repro", "-q"], cwd=box.repo, env=box.env)
    wait_for(until, 30)
    head.kill()
    head.wait()


def test_ids_with_underscores_are_no_elements_of_arrays(box):
    """The submission has lost its answer, so the job is found by its name."""
    stage(box, "echo >>$HOME/ran && cp in out", "out")
    home = box.root / ".home"
    (home / "die").touch()
    (home / "delay").write_text("12")
    done = box.check("cairn repro", timeout=60)
    assert "lost" not in done.err and len(list((home / "jobs").iterdir())) == 1
    assert (home / "ran").read_text() == "\n" and box.read("out") == "1\n"


def test_within_an_element_of_an_array(box):
    """The head itself runs in a job, whose variables the scheduler hands on to ours."""
    stage(box, "cp in out", "out")
    box.extra_env.update(SLURM_ARRAY_TASK_ID="3", SLURM_JOB_ID="77")
    done = box.check("cairn repro", timeout=60)
    assert "lost" not in done.err and box.read("out") == "1\n"


@pytest.mark.parametrize("what", ["nothing", "a part"])
@pytest.mark.parametrize("changed", [False, True], ids=["the same stage", "a changed stage"])
def test_an_attempt_that_a_killed_head_has_not_finished(box, what, changed):
    """It was killed, or its machine was, while it wrote what is to be run."""
    stage(box, "cp in out", "out")
    (box.root / ".home/busy").touch()
    leave(box, lambda: [p for p in attempts(box) if (p / "job.json").exists()])
    job = attempts(box)[0] / "job.json"
    job.unlink() if what == "nothing" else job.write_text('{"cairn": 1')
    shutil.rmtree(job.parent.parent.parent / "batches")
    for left in job.parent.iterdir():
        if left.name != "job.json":
            left.unlink()
    (box.root / ".home/busy").unlink()
    if changed:
        box.write({"in": "2\n"})
    done = box.check("cairn repro", timeout=60)
    assert "lost" not in done.err and box.read("out") == ("2\n" if changed else "1\n")
    assert not attempts(box)


@pytest.mark.parametrize("edit", ["echo mine >out/deep/file", "echo mine >out/deep/more", "rm out/deep/file",
                                  "echo mine >m && touch -d 2001-01-01 m && mv m out/deep/file", "true"])
def test_an_output_that_was_edited_after_its_job_had_ended_is_not_taken_over(box, edit):
    stage(box, "echo >>$HOME/ran && sleep 1 && mkdir -p out/deep && cp in out/deep/file", "out")
    leave(box, (box.root / ".home/ran").exists)
    wait_for(lambda: [p for p in attempts(box) if (p / "exit.json").exists()], 30)
    time.sleep(0.05)  # a file system's clock goes in steps
    box.check(edit)
    box.check("cairn repro -q", timeout=60)
    assert box.read("out/deep/file") == "1\n" and not (box.repo / "out/deep/more").exists()
    assert (box.root / ".home/ran").read_text() == ("\n" if edit == "true" else "\n\n")


def test_a_result_that_cannot_be_recorded_is_not_lost(box):
    """The disk of the cache is full, or broken as here. When that is mended, the command does not run again."""
    stage(box, "echo >>$HOME/ran && cp in out", "out")
    cache = box.repo / ".dvc/cache/files"
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("no directory")
    assert box.sh("cairn repro", timeout=60).status == 255
    cache.unlink()
    assert "taking it over" in box.check("cairn repro", timeout=60).out
    assert (box.root / ".home/ran").read_text() == "\n" and box.read("out") == "1\n"
    assert not attempts(box) and box.check("cairn status").out == "Data and pipelines are up to date.\n"
    assert not list((box.repo / ".dvc/tmp/jobs/own/batches").iterdir())


def test_a_result_is_not_lost_when_its_head_is_ended_while_another_process_has_the_repository(box):
    stage(box, "echo >>$HOME/ran && sleep 1 && cp in out", "out")
    head = subprocess.Popen(["cairn", "repro", "-q"], cwd=box.repo, env=box.env)
    wait_for((box.root / ".home/ran").exists, 30)
    with open(box.repo / ".dvc/tmp/lock", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wait_for((box.repo / "out").exists, 30)
        time.sleep(2)
        head.send_signal(signal.SIGTERM)
        assert head.wait(30) != 0
    assert attempts(box)
    box.check("cairn repro -q", timeout=60)
    assert (box.root / ".home/ran").read_text() == "\n" and box.read("out") == "1\n"


def test_an_experiment_whose_process_is_killed_was_not_cancelled(box):
    """As the kernel does when memory is short: nobody has cancelled anything."""
    box.write({"params.yaml": "x: 0\n", "dvc.yaml": "stages:\n  s:\n    cmd: 'kill -9 $(ps -o ppid= -p $PPID) $PPID; sleep 1'\n"
               "    params: [x]\n    outs: [out]\n"})
    box.check("git add -A && git commit -qm params && cairn exp run -q --queue -S x=1 -n one && cairn queue start -q")
    wait_for(lambda: "Failed" in box.check("cairn queue status").out, 30)
    assert box.check("cairn queue status").lines[1].endswith(", killed by signal 9")
    assert "ERROR: the job of experiment 'one' was killed by signal 9 at executor 'own'" in box.check("cairn queue logs one").out


def test_an_experiment_that_the_scheduler_refused_was_not_submitted(box):
    """It says so, and not that nobody has asked yet."""
    box.write({"tools/submit": "#!/bin/sh\necho no such partition >&2\nexit 1\n", "params.yaml": "x: 1\n"})
    stage(box, "cp in out", "out")
    box.check("cairn exp run -q --queue -S x=2 -n one && cairn queue start -q")
    wait_for(lambda: "Failed" in box.check("cairn queue status").out, 30)
    assert box.check("cairn queue status").lines[1].endswith("own: not submitted")
    assert "no such partition" in box.check("cairn queue logs one").out


@pytest.fixture
def shared(box):
    """Two stages in one job: the first has begun, and waits for $HOME/go."""
    box.write({".dvc/cairn.config": PROFILE + "    cancel = tools/cancel {ids}\n    group = 2\n", "tools/cancel": CANCEL,
               "dvc.yaml": "stages:\n  a: {cmd: 'touch $HOME/begun; until [ -e $HOME/go ]; do sleep 0.05; done; echo a >a', outs: [a]}\n"
               "  b: {cmd: 'echo b >b', outs: [b]}\n"})
    box.check("chmod +x tools/* && git add -A && git commit -qm stages")
    head = subprocess.Popen(["cairn", "repro", "-j", "2", "--keep-going"], cwd=box.repo, env=box.env, stderr=subprocess.PIPE, text=True)
    box.head = head
    wait_for((box.root / ".home/begun").exists, 30)
    yield box
    (box.root / ".home/go").touch()
    head.communicate(timeout=60)


def test_a_job_that_shares_another_is_cancelled_alone(shared):
    assert shared.check("cairn executor cancel own b").out == "Cancelled: b\n"
    wait_for(lambda: [row.split()[1] for row in shared.check("cairn executor jobs").lines[1:] if row] == ["a"], 30)
    (shared.root / ".home/go").touch()
    said = shared.head.communicate(timeout=60)[1]
    assert "'b' was cancelled" in said and "'a'" not in said, said
    assert shared.read("a") == "a\n" and not (shared.repo / "b").exists()
    assert not (shared.root / ".home/cancelled").exists()


def test_all_jobs_that_share_one_are_cancelled(shared):
    assert shared.check("cairn executor cancel own").out == "Cancelled: a, b\n"
    said = shared.head.communicate(timeout=60)[1]
    assert "'b' was cancelled" in said and "'a' was cancelled" in said, said
    assert not (shared.repo / "a").exists() and not (shared.repo / "b").exists()


def test_an_output_that_was_added_while_the_job_ran(box):
    """What runs does not make it: it is ended, and the command runs anew."""
    stage(box, "echo >>$HOME/ran && sleep 2 && cp in out && cp in more", "out")
    leave(box, (box.root / ".home/ran").exists)
    dvc_yaml = box.read("dvc.yaml")
    box.write({"dvc.yaml": dvc_yaml.replace("[out]", "[out, more]")})
    box.check("cairn repro -q", timeout=60)
    assert box.read("more") == "1\n" and "more" in box.read("dvc.lock")
    assert (box.root / ".home/ran").read_text() == "\n\n"
