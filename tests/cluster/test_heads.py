"""The process that waits for a cluster ends in the middle, or is one of two: what runs there is taken over, not started again."""

import os
import signal

import pytest
from harness.faults import FAULTY

# Two at the same time write "two".
SLOW = ("exec 9>>$ROOT/{0}.lock; flock -n 9 || echo two >>$ROOT/ran; echo begun-{0} >>$ROOT/ran; sleep {1}; "
        "echo {0} >>$ROOT/ran; echo {0} >{0}")


def pipeline(lab, seconds=4):
    """a and b, which are one array, then c: two submissions."""
    lab.stage("a", SLOW.format("a", seconds)).stage("b", SLOW.format("b", seconds))
    lab.stage("c", SLOW.format("c", 0), deps=["a", "b"])
    return lab.save()


ONCE = {"begun-a": 1, "a": 1, "begun-b": 1, "b": 1, "begun-c": 1, "c": 1}


def undisturbed(lab):
    """What a local run makes of it."""
    local = lab.local()
    assert local.sh("cairn repro -q").status == 0
    return local.results()


def kill(process, number=signal.SIGKILL):
    os.kill(process.pid, number)
    process.communicate(timeout=60)


def test_head_killed_while_stages_run(lab):
    pipeline(lab)
    process = lab.start("cairn repro --executor gpu -j 2")
    lab.wait_ran("begun-a", "begun-b")
    kill(process)
    done = lab.repro("-j 2")
    assert done.status == 0, done
    assert lab.counts == ONCE and lab.slurm.count("sbatch") == 2
    assert lab.results() == undisturbed(lab)


def test_head_killed_while_jobs_wait(lab):
    pipeline(lab, 0)
    lab.slurm.close_nodes()
    process = lab.start("cairn repro --executor gpu -j 2")
    lab.slurm.wait(lambda: len(lab.slurm.jobs()) == 2)
    kill(process)
    lab.slurm.open_nodes()
    assert lab.repro("-j 2").status == 0
    assert lab.counts == ONCE and lab.slurm.count("sbatch") == 2


def test_what_ended_while_no_head_was_there_is_collected(lab):
    pipeline(lab, 2)
    process = lab.start("cairn repro --executor gpu -j 2")
    lab.wait_ran("begun-a", "begun-b")
    kill(process)
    lab.wait_ran("a", "b")
    lab.slurm.wait(lambda: not lab.slurm.jobs())
    assert lab.repro("-j 2").status == 0
    assert lab.counts == ONCE and lab.slurm.count("sbatch") == 2
    assert lab.results() == undisturbed(lab)


def test_slurm_forgot_what_ended_while_no_head_was_there(lab):
    """MinJobAge has passed, or the controller has lost its state: exit.json is enough."""
    pipeline(lab, 2)
    process = lab.start("cairn repro --executor gpu -j 2")
    lab.wait_ran("begun-a", "begun-b")
    kill(process)
    lab.wait_ran("a", "b")
    lab.slurm.wait(lambda: not lab.slurm.jobs())
    lab.slurm.kill_controller()
    lab.slurm.lose_state()
    lab.slurm.start_controller()
    assert lab.repro("-j 2").status == 0
    assert lab.counts == ONCE


def test_what_failed_while_no_head_was_there_runs_again(lab):
    lab.stage("a", "echo begun >>$ROOT/ran; sleep 2; exit 3").save()
    process = lab.start("cairn repro --executor gpu")
    lab.wait_ran("begun")
    kill(process)
    lab.slurm.wait(lambda: not lab.slurm.jobs())
    done = lab.repro()
    assert done.status == 255 and "exited with 3" in done.err
    assert lab.counts == {"begun": 2} and not (lab.repo / "dvc.lock").exists()


def test_the_output_that_came_meanwhile_is_shown(lab):
    lab.stage("a", "echo first; echo begun >>$ROOT/ran; sleep 3; echo last; echo a >a").save()
    process = lab.start("cairn repro --executor gpu")
    lab.wait_ran("begun")
    kill(process)
    out = lab.repro().out
    assert "first\nlast\n" in out


def test_stage_of_the_earlier_run_was_changed(lab):
    """What runs is for another command: it is ended before the new one begins."""
    lab.stage("a", SLOW.format("a", 600)).save()
    process = lab.start("cairn repro --executor gpu")
    lab.wait_ran("begun-a")
    kill(process)
    lab.stage("a", "flock -n $ROOT/a.lock true || echo two >>$ROOT/ran; echo new >>$ROOT/ran; echo new >a").save()
    assert lab.repro().status == 0
    assert lab.ran == ["begun-a", "new"]
    assert lab.slurm.wait(lambda: not lab.slurm.jobs()) and lab.read("a") == "new\n"


def test_dependency_was_changed_while_no_head_was_there(lab):
    lab.write({"in": "1\n"})
    lab.stage("a", "cat in >$ROOT/seen; echo begun >>$ROOT/ran; sleep 3; cp $ROOT/seen a", deps=["in"]).save()
    process = lab.start("cairn repro --executor gpu")
    lab.wait_ran("begun")
    kill(process)
    lab.write({"in": "2\n"})
    assert lab.repro().status == 0
    assert (lab.read("a"), lab.counts) == ("2\n", {"begun": 2})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["ctrl-c", "term", "hangup"])
def test_interrupted_head_leaves_the_jobs(lab, number):
    """Ctrl-C stops the waiting, says what goes on and how to end it; the next command takes it over."""
    pipeline(lab, 4)
    process = lab.start("cairn repro --executor gpu -j 2")
    lab.wait_ran("begun-a", "begun-b")
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 252 if number == signal.SIGINT else process.returncode != 0
    assert b"'a' and 'b' go on at executor 'gpu': the same command again takes them over, `cairn executor cancel gpu` ends them" in err
    assert lab.repro("-j 2").status == 0
    assert lab.counts == ONCE and lab.slurm.count("sbatch") == 2
    assert lab.results() == undisturbed(lab)


def test_interrupted_and_cancelled(lab):
    pipeline(lab, 600)
    process = lab.start("cairn repro --executor gpu -j 2")
    lab.wait_ran("begun-a", "begun-b")
    kill(process, signal.SIGINT)
    assert lab.check("cairn executor cancel gpu").out == "Cancelled: a, b\n"
    lab.slurm.wait(lambda: not lab.slurm.jobs())
    assert lab.counts == {"begun-a": 1, "begun-b": 1}


def test_cancelled_stage_runs_again(lab):
    lab.stage("a", "echo begun >>$ROOT/ran; { [ -e $ROOT/go ] || sleep 600; } && echo >a").save()
    process = lab.start("cairn repro --executor gpu")
    lab.wait_ran("begun")
    kill(process)
    lab.check("cairn executor cancel gpu a")
    lab.slurm.wait(lambda: not lab.slurm.jobs())
    (lab.root / "go").touch()
    assert lab.repro().status == 0
    assert lab.counts == {"begun": 2}


def test_a_local_run_does_not_start_what_runs_on_the_cluster(lab):
    pipeline(lab, 4)
    process = lab.start("cairn repro --executor gpu -j 2")
    lab.wait_ran("begun-a", "begun-b")
    kill(process)
    done = lab.sh("cairn repro")
    assert done.status == 255
    assert "stage 'a' may still run at executor 'gpu'" in done.err and "cairn executor cancel gpu" in done.err
    assert lab.repro("-j 2").status == 0 and lab.counts == ONCE


def test_two_heads_at_once(lab):
    pipeline(lab, 3)
    one, two = (lab.start("cairn repro --executor gpu -j 2") for _ in range(2))
    out = [p.communicate(timeout=120) for p in (one, two)]
    assert 0 in (one.returncode, two.returncode), out
    assert lab.counts == ONCE and lab.slurm.count("sbatch") == 2
    assert lab.check("cairn status").out == "Data and pipelines are up to date.\n"


def test_two_heads_of_two_clones(lab):
    """Their jobs have different names, and neither takes those of the other."""
    pipeline(lab, 2)
    lab.check("git clone -q . $ROOT/clone && cp .dvc/cairn.config $ROOT/clone/.dvc/")
    one = lab.start("cairn repro --executor gpu -j 2")
    lab.wait_ran("a", "b")
    two = lab.start(f"env -C {lab.root}/clone cairn repro --executor gpu -j 2")
    assert [p.wait(120) for p in (one, two)] == [0, 0]
    assert lab.counts == {line: 2 for line in ONCE}


# ---- killed at any call that changes a file


@pytest.mark.skipif(not FAULTY.exists(), reason="no build with faults (meson setup build-faults -Dfaults=true)")
@pytest.mark.parametrize("part", range(6))
def test_head_dies_at_a_call(lab, part):
    """The head dies at calls that change a file, about thirty all over the run; the next command ends as if nothing had
    happened. $CAIRN_KILLS: more of them."""
    lab.stage("a", SLOW.format("a", 1)).stage("b", SLOW.format("b", 0), deps=["a"]).save()
    expected = undisturbed(lab)
    wrong, last = [], None
    for n in range(1 + 5 * part, 2000, max(1, 30 - int(os.environ.get("CAIRN_KILLS", 0)))):
        for path in ("a", "b", "dvc.lock", ".dvc/cache", ".dvc/tmp"):
            lab.check(f"rm -rf {path}")
        (lab.root / "ran").unlink(missing_ok=True)
        lab.check(f"CAIRN_FAULT=die:{n} CAIRN_FAULT_LOG=$ROOT/struck {FAULTY} repro -q --executor gpu || true")
        struck = lab.root / "struck"
        if not struck.exists():
            break
        last = struck.read_text().strip()
        struck.unlink()
        done = lab.repro("-q")
        if done.status or lab.counts != {"begun-a": 1, "a": 1, "begun-b": 1, "b": 1} or lab.results() != expected:
            wrong.append(f"die:{n} ({last}): status {done.status}, {lab.counts}, {done.err}")
        lab.slurm.wait(lambda: not lab.slurm.jobs())
    assert last and not wrong, "\n".join(wrong)
