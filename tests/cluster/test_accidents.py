"""What goes wrong on a cluster: controllers, nodes, limits, lost answers. A stage's command runs to its end once all the same."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest
from harness.slurm import HANG, LIMIT, SOCKET, SUBMIT_AND_DIE, SUBMIT_AND_HANG, SUBMIT_AND_TIME_OUT, TIMED_OUT

# Begins, waits until the test says "go", and ends; "two" is written when two of it run at the same time.
GUARDED = ("exec 9>>$ROOT/{0}.lock; flock -n 9 || echo two >>$ROOT/ran; echo begun-{0} >>$ROOT/ran; "
           "i=0; while [ ! -e $ROOT/go ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done; "
           "echo {0} >>$ROOT/ran; echo {0} >{0}")
# The same for a command that may be killed and run again.
# Slurm may kill the sleep a moment before the shell.
AGAIN = "echo begun-{0} >>$ROOT/ran; { [ -e $ROOT/go ] || sleep 600; } && echo {0} >>$ROOT/ran && echo {0} >{0}"


def one(lab, cmd, name="a", **fields):
    return lab.stage(name, cmd.replace("{0}", name), **fields).save()


def go(lab):
    (lab.root / "go").touch()


def ended_well(lab, process, seconds=120):
    out, err = process.communicate(timeout=seconds)
    assert process.returncode == 0, (out.decode(), err.decode())
    return err.decode()


def logged(lab):
    """What `cairn log` says about the ends of the stage."""
    return [run["end"] for run in json.loads(lab.check("cairn log a --json").out)]


def begin(lab, cmd=GUARDED, options="", **fields):
    """Start `repro` of one stage, and wait until its command has begun. The process, and the job's id."""
    one(lab, cmd, **fields)
    process = lab.start(f"cairn repro --executor gpu {options}")
    lab.wait_ran("begun-a")
    return process, lab.slurm.wait(lambda: list(lab.slurm.nodes_of_jobs()))[0]


# ---- submission


def test_limit_of_jobs_means_wait(lab):
    lab.slurm.next("sbatch", LIMIT, times=2)
    one(lab, "echo {0} >>$ROOT/ran; echo {0} >{0}")
    done = lab.repro()
    assert done.status == 0 and "job submit limit" in done.err + done.out
    assert (lab.ran, lab.slurm.count("sbatch")) == (["a"], 3)


@pytest.mark.parametrize("limit", [{"MaxArraySize": "4"}, {"MaxJobCount": "6", "MinJobAge": "2"}], ids=lambda it: next(iter(it)))
def test_more_jobs_than_slurm_takes_at_a_time(lab, limit):
    """An array of all eight would never be accepted."""
    lab.slurm.reconfigure(**limit)
    for i in range(8):
        lab.stage(f"s{i}", f"echo s{i} >>$ROOT/ran; echo s{i} >s{i}")
    lab.save()
    done = lab.repro("-j 8", timeout=180)
    assert done.status == 0, done
    assert lab.counts == {f"s{i}": 1 for i in range(8)}


def test_controller_that_does_not_answer_means_wait(lab):
    lab.slurm.next("sbatch", TIMED_OUT, times=2)
    one(lab, "echo {0} >>$ROOT/ran; echo {0} >{0}")
    done = lab.repro()
    assert done.status == 0 and "Unable to contact slurm controller" in done.err + done.out
    assert (lab.ran, lab.slurm.count("sbatch")) == (["a"], 3)


@pytest.mark.parametrize("order", [SUBMIT_AND_TIME_OUT, SUBMIT_AND_DIE], ids=["times-out", "is-killed"])
def test_accepted_submission_without_an_answer_is_found(lab, order):
    lab.slurm.next("sbatch", order)
    one(lab, "echo {0} >>$ROOT/ran; sleep 3; echo {0} >{0}")
    done = lab.repro()
    assert done.status == 0, done
    assert (lab.ran, lab.slurm.count("sbatch")) == (["a"], 1)


def test_lost_submission_is_made_again(lab):
    lab.slurm.next("sbatch", SOCKET)
    one(lab, "echo {0} >>$ROOT/ran; echo {0} >{0}")
    assert lab.repro().status == 0
    assert (lab.ran, lab.slurm.count("sbatch")) == (["a"], 2)


def test_sbatch_that_hangs_after_it_was_accepted(lab):
    lab.slurm.next("sbatch", SUBMIT_AND_HANG)
    one(lab, "echo {0} >>$ROOT/ran; echo {0} >{0}")
    assert lab.repro(timeout=180).status == 0
    assert (lab.ran, lab.slurm.count("sbatch")) == (["a"], 1)


def test_no_sbatch_at_all(lab):
    for name in ("sbatch", "squeue", "scancel"):
        (lab.root / ".bin" / name).unlink()
    lab.extra_env["PATH"] = f"{lab.root}/.bin:{no_slurm(lab)}"
    one(lab, "echo {0} >{0}")
    done = lab.repro()
    assert done.status == 255 and "sbatch" in done.err


def no_slurm(lab):
    """A folder with links to all usual programs but those of Slurm."""
    folder = lab.root / "usual"
    folder.mkdir()
    for name in ("sh", "git", "env", "cat", "echo"):
        (folder / name).symlink_to(shutil.which(name))
    return folder


# ---- asking


def test_squeue_that_never_answers(lab):
    """What the job writes decides."""
    lab.slurm.always("squeue", TIMED_OUT)
    one(lab, "echo {0} >>$ROOT/ran; sleep 2; echo {0} >{0}")
    assert lab.repro().status == 0
    assert lab.ran == ["a"]


def test_squeue_that_hangs(lab):
    lab.slurm.next("squeue", HANG)
    one(lab, "echo {0} >>$ROOT/ran; sleep 2; echo {0} >{0}")
    assert lab.repro().status == 0
    assert lab.ran == ["a"]


def test_squeue_that_knows_no_job(lab):
    """An unknown job is neither lost nor done while it beats."""
    lab.slurm.always("squeue", "exit 0")
    one(lab, "echo {0} >>$ROOT/ran; sleep 6; echo {0} >{0}")
    assert lab.repro().status == 0
    assert (lab.ran, lab.slurm.count("sbatch")) == (["a"], 1)


def test_squeue_that_writes_nonsense(lab):
    lab.slurm.next("squeue", "printf 'x|y\\n|||||\\n\\377\\000\\n12345678901234567890|?|\\n'", times=3)
    one(lab, "echo {0} >>$ROOT/ran; sleep 4; echo {0} >{0}")
    assert lab.repro().status == 0
    assert (lab.ran, lab.slurm.count("sbatch")) == (["a"], 1)


# ---- the controller


def test_controller_down_while_the_stage_runs(lab):
    process, _ = begin(lab)
    lab.slurm.stop_controller()
    time.sleep(3)
    go(lab)
    ended_well(lab, process)
    assert lab.ran == ["begun-a", "a"]


def test_controller_killed_and_started_again(lab):
    process, _ = begin(lab)
    lab.slurm.kill_controller()
    lab.slurm.start_controller()
    time.sleep(2)
    go(lab)
    ended_well(lab, process)
    assert lab.counts.get("two") is None and lab.counts["a"] == 1


def test_job_that_vanished_with_its_controller_is_submitted_again(lab):
    """Slurm forgets what it has accepted in the seconds before it is killed."""
    lab.slurm.close_nodes()
    one(lab, "echo {0} >>$ROOT/ran; echo {0} >{0}")
    process = lab.start("cairn repro --executor gpu")
    lab.slurm.wait(lambda: lab.slurm.jobs())
    lab.slurm.kill_controller()
    lab.slurm.lose_state()
    lab.slurm.start_controller()
    lab.slurm.open_nodes()
    ended_well(lab, process)
    assert (lab.ran, lab.slurm.count("sbatch")) == (["a"], 2)


def test_controller_that_lost_everything_kills_the_job(lab):
    """Nodes end jobs that the controller does not know. The stage runs again."""
    process, _ = begin(lab, AGAIN)
    lab.slurm.kill_controller()
    lab.slurm.lose_state()
    lab.slurm.start_controller()
    go(lab)
    ended_well(lab, process)
    assert lab.counts["a"] == 1


def test_controller_comes_while_stages_wait_for_it(lab):
    lab.slurm.stop_controller()
    one(lab, "echo {0} >>$ROOT/ran; echo {0} >{0}")
    process = lab.start("cairn repro --executor gpu")
    lab.slurm.wait(lambda: lab.slurm.count("sbatch"))
    lab.slurm.start_controller()
    ended_well(lab, process)
    assert lab.ran == ["a"]


# ---- nodes


def test_node_dies_with_the_stage(lab):
    process, job = begin(lab, AGAIN)
    node = lab.slurm.nodes_of_jobs()[job]
    lab.slurm.kill_node(node)
    go(lab)
    ended_well(lab, process)
    assert lab.ran == ["begun-a", "begun-a", "a"]


def test_node_is_cut_off_and_its_stage_goes_on(lab):
    """Slurm gives the job to another node, where it waits for the end of the first life, which still beats."""
    process, job = begin(lab)
    node = lab.slurm.nodes_of_jobs()[job]
    lab.slurm.kill_node(node, jobs=False)
    lab.slurm.wait(lambda: lab.slurm.jobs("all")[job] == "NODE_FAIL" or lab.slurm.nodes_of_jobs().get(job, node) != node, 60)
    time.sleep(3)
    go(lab)
    ended_well(lab, process)
    assert lab.ran == ["begun-a", "a"]


def test_node_comes_back_when_the_stage_has_been_run_elsewhere(lab):
    """It stood still, so the second life began and ended well, and the result was taken. What then is left of the first ends without
    a trace: at the next beat, and not after the five seconds in which the command would write the output again."""
    process, job = begin(lab, "echo begun-{0} >>$ROOT/ran; until [ -e $ROOT/go ]; do sleep 0.1; done; sleep 5; echo {0} >>$ROOT/ran; "
                              "echo {0} >{0}")
    node = lab.slurm.nodes_of_jobs()[job]
    still = lab.slurm.processes(node)
    for pid in still:
        os.kill(pid, signal.SIGSTOP)
    lab.slurm.kill_node(node, jobs=False)
    go(lab)
    ended_well(lab, process)
    (lab.repo / "a").write_text("as it was taken\n")
    for pid in still:
        os.kill(pid, signal.SIGCONT)
    time.sleep(8)
    assert (lab.ran, lab.read("a")) == (["begun-a", "begun-a", "a"], "as it was taken\n")


def test_slurmd_restarted_under_the_stage(lab):
    process, job = begin(lab)
    node = lab.slurm.nodes_of_jobs()[job]
    lab.slurm.kill_node(node, jobs=False)
    lab.slurm.start_node(node)
    go(lab)
    ended_well(lab, process)
    assert lab.ran == ["begun-a", "a"]


def test_runner_killed_on_the_node(lab):
    """The job is FAILED for Slurm, and has written no end: it is run again."""
    one(lab, "echo begun-{0} >>$ROOT/ran; [ -e $ROOT/go ] || { touch $ROOT/go; kill -9 $PPID; exit 1; }; echo {0} >{0}")
    done = lab.repro()
    assert done.status == 0, done
    assert lab.counts == {"begun-a": 2}


def test_runner_killed_each_time(lab):
    lab.profile(retries="1")
    one(lab, "echo begun-{0} >>$ROOT/ran; kill -9 $PPID")
    done = lab.repro()
    assert done.status == 255 and "'a'" in done.err
    assert lab.counts == {"begun-a": 2}


# ---- ends that Slurm decides


def test_out_of_memory_as_slurm_says(lab):
    """There is no memory control here, so squeue's word is changed."""
    lab.slurm.always("squeue", 'real "$@" | sed "s/FAILED/OUT_OF_MEMORY/; s/NonZeroExitCode/OutOfMemory/"')
    one(lab, "echo begun-{0} >>$ROOT/ran; kill -9 $PPID")
    done = lab.repro()
    assert done.status == 255 and "out of memory" in done.err
    assert lab.ran == ["begun-a"] and logged(lab) == ["out of memory"]


def test_cancelled_by_scancel(lab):
    process, job = begin(lab)
    assert lab.slurm.run(f"scancel {job}").status == 0
    _, err = process.communicate(timeout=60)
    assert process.returncode == 255 and b"cancelled" in err
    assert lab.ran == ["begun-a"] and lab.slurm.count("sbatch") == 1 and logged(lab) == ["cancelled"]


def test_cancelled_by_scancel_while_it_waits(lab):
    lab.slurm.close_nodes()
    one(lab, "echo {0} >>$ROOT/ran; echo {0} >{0}")
    process = lab.start("cairn repro --executor gpu")
    job = lab.slurm.wait(lambda: list(lab.slurm.jobs()))[0]
    lab.slurm.run(f"scancel {job}")
    _, err = process.communicate(timeout=60)
    lab.slurm.open_nodes()
    assert process.returncode == 255 and b"cancelled" in err
    assert lab.ran == []


def test_limit_of_time(lab):
    """The command gets TERM before the limit, and the failure says what it was. Limits are minutes, so Slurm is told another one."""
    lab.profile(time="10m", grace="20s")
    process, job = begin(lab, "echo begun-{0} >>$ROOT/ran; trap 'echo TERM >>$ROOT/ran' TERM; i=0; "
                              "while [ $i -lt 120 ]; do sleep 1; i=$((i+1)); done; echo {0} >>$ROOT/ran")
    assert lab.slurm.run(f"scontrol update JobId={job} EndTime=now+70").status == 0
    lab.wait_ran("TERM", seconds=60)
    assert lab.slurm.jobs()[job] == "RUNNING"
    _, err = process.communicate(timeout=120)
    assert process.returncode == 255 and b"'a' was ended: time limit" in err
    assert logged(lab) == ["time limit"] and " time limit " in lab.check("cairn log a").out
    assert "a" not in lab.ran and lab.slurm.count("sbatch") == 1


def test_preempted_stage_runs_again(lab):
    lab.profile(partition="one", cpu="4")
    process, job = begin(lab, AGAIN)
    other = lab.slurm.run("sbatch --parsable -p high -w n1 -c 4 -o /dev/null --wrap 'sleep 3'").out.strip()
    lab.slurm.wait(lambda: lab.slurm.jobs("all").get(other) in ("RUNNING", "COMPLETED"), 30)
    go(lab)
    ended_well(lab, process)
    assert lab.ran == ["begun-a", "begun-a", "a"]


def test_requeued_stage_does_not_run_twice_at_a_time(lab):
    process, job = begin(lab)
    lab.slurm.run(f"scontrol requeue {job}")
    time.sleep(2)
    go(lab)
    ended_well(lab, process)
    assert "two" not in lab.ran and lab.counts["a"] == 1


def test_job_that_waits_is_listed(lab):
    lab.slurm.close_nodes()
    one(lab, "echo {0} >>$ROOT/ran; echo {0} >{0}")
    process = lab.start("cairn repro --executor gpu")
    job = lab.slurm.wait(lambda: list(lab.slurm.jobs()))[0]
    lab.wait(lambda: f"gpu         a       waits    {job}" in lab.sh("cairn executor jobs gpu").out)
    lab.slurm.open_nodes()
    ended_well(lab, process)


# ---- disks, clocks, logs


@pytest.fixture
def small_disk(lab):
    """The repository on a file system of 24 MB."""
    keep = lab.root / "keep"
    lab.repo.rename(keep)
    lab.repo.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", lab.repo], capture_output=True).returncode:
        pytest.skip("needs the permission to mount")
    subprocess.run(f"cp -a {keep}/. {lab.repo}", shell=True, check=True)
    yield lab
    subprocess.run(["umount", "-l", lab.repo], check=True)


def test_disk_is_full_on_the_node(small_disk):
    lab = small_disk
    one(lab, "echo begun-{0} >>$ROOT/ran; if [ -e $ROOT/go ]; then echo {0} >{0}; else head -c 100M /dev/zero >big && echo >{0}; fi")
    done = lab.repro()
    assert done.status == 255 and "'a'" in done.err
    (lab.repo / "big").unlink()
    go(lab)
    assert lab.repro().status == 0
    assert lab.read("a") == "a\n"


@pytest.mark.parametrize("offset", ["-60s", "+60s"])
def test_clock_of_the_node_is_a_minute_off(lab, offset):
    library = next(iter(subprocess.run("ls /usr/lib/*/faketime/libfaketime.so.1", shell=True, capture_output=True, text=True)
                        .stdout.split()), None)
    if not library:
        pytest.skip("no libfaketime")
    lab.profile(setup=f"export LD_PRELOAD={library} FAKETIME={offset}")
    one(lab, "echo {0} >>$ROOT/ran; sleep 5; date +%s >{0}")
    local = time.time()
    assert lab.repro().status == 0
    assert (abs(int(lab.read("a")) - local) > 40, lab.ran, lab.slurm.count("sbatch")) == (True, ["a"], 1)
    assert lab.check("cairn status").out == "Data and pipelines are up to date.\n"


def test_gigabyte_of_log(lab):
    """The head shows it all, and does not hold it in memory."""
    one(lab, "head -c 1G /dev/zero | tr '\\0' x; echo {0} >{0}")
    counter = "tr -cd x | wc -c"
    done = lab.check(f"/usr/bin/time -o $ROOT/peak -f %M cairn repro --executor gpu | {counter}", timeout=300)
    assert int(done.out) >= 1 << 30
    assert int((lab.root / "peak").read_text()) < 50 * 1024
