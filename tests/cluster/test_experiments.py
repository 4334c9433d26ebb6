"""Experiments on a cluster: the queue, `exp run --run-all` and `queue start` with --executor gpu."""

import json
import os
import re
import signal
import time

import pytest
from harness.slurm import SUBMIT_AND_TIME_OUT

PIPELINE = """\
stages:
  train:
    cmd: sh train.sh
    deps: [train.sh]
    params: [lr]
    outs: [model]
    metrics:
      - acc.json:
          cache: false
"""
# In scripts, $lr is the parameter.
RESULT = 'echo $lr >>$ROOT/ran; cp params.yaml model; echo "{\\"acc\\": $lr}" >acc.json\n'
WAITING = 'echo begun-$lr >>$ROOT/ran; i=0; while [ ! -e $ROOT/go ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done\n' + RESULT


@pytest.fixture
def sweep(lab):
    """One stage and its commit; lab.queue("a", "b") queues an experiment for each name, with lr = 11, 12, ..."""

    def train(script):
        lab.write({"train.sh": "lr=$(sed -n 's/lr: //p' params.yaml)\n" + script})
        lab.check("git add -A && git commit -qm train")

    def queue(*names, first=11):
        for i, name in enumerate(names):
            lab.check(f"cairn exp run -q --queue -n {name} -S lr={first + i}")

    lab.write({"dvc.yaml": PIPELINE, "params.yaml": "lr: 1\n"})
    lab.train, lab.queue = train, queue
    train(RESULT)
    return lab


def tasks(lab):
    return {t["name"]: t for t in json.loads(lab.check("cairn queue status --json").out)["tasks"]}


def states(lab):
    return {name: t["status"] for name, t in tasks(lab).items()}


def drained(lab, seconds=120):
    """Until no task waits or runs."""
    lab.wait(lambda: not {"Running", "Queued"} & set(states(lab).values()), seconds)


def accuracies(lab):
    table = json.loads(lab.check("cairn exp show --json").out)
    found = {}
    for row in table:
        for experiment in row.get("experiments") or []:
            for rev in experiment["revs"]:
                found[rev["name"] or experiment["name"]] = rev["data"]["metrics"]["acc.json"]["data"]["acc"]
    return found


def go(lab):
    (lab.root / "go").touch()


# ---- sweeps


def test_sweep_of_a_hundred_over_four_nodes(sweep):
    sweep.train('echo $SLURMD_NODENAME >>$ROOT/nodes\n' + RESULT)
    sweep.check("cairn exp run -q --queue -S 'lr=range(100,200)'")
    begun = time.monotonic()
    done = sweep.sh("cairn exp run --run-all --executor gpu -j 16", timeout=300)
    took = time.monotonic() - begun
    assert done.status == 0, done
    assert sweep.counts == {str(n): 1 for n in range(100, 200)}
    assert len(sweep.trees()) == 100 and sorted(accuracies(sweep).values()) == list(range(100, 200))
    assert set((sweep.root / "nodes").read_text().split()) == {"n1", "n2", "n3", "n4"}
    assert sweep.slurm.count("sbatch") <= 3
    assert sweep.slurm.count("squeue") <= took + 2 and sweep.slurm.shortest_gap("squeue") > 0.9
    assert list((sweep.repo / ".dvc/tmp/exps").glob("tmp*")) == []


def test_refs_and_table_are_those_of_a_local_run(sweep):
    sweep.queue("a", "b", "c")
    local = sweep.local()
    local.check("cairn exp run --run-all -q")
    sweep.check("cairn exp run --run-all -q --executor gpu")
    assert sweep.trees() == local.trees() and sorted(sweep.trees()) == ["a", "b", "c"]
    assert accuracies(sweep) == accuracies(local) == {"a": 11, "b": 12, "c": 13}
    here, there = local.results(), sweep.results()
    assert {p: f for p, f in there.items() if p.startswith(".dvc/cache")} == {p: f for p, f in here.items() if p.startswith(".dvc/cache")}


@pytest.mark.live
def test_dvc_shows_and_applies_the_experiments(sweep):
    sweep.queue("a", "b")
    sweep.check("cairn exp run --run-all -q --executor gpu")
    rows = [row.split(",") for row in sweep.real("exp show --csv --no-pager").lines]
    names, values = rows[0].index("Experiment"), rows[0].index("acc")
    assert {row[names]: row[values] for row in rows if row[names] in ("a", "b")} == {"a": "11", "b": "12"}
    assert sweep.real("exp apply b").status == 0
    assert sweep.real("status").out == "Data and pipelines are up to date.\n"
    assert sweep.read("params.yaml") == "lr: 12\n"


def test_workspace_is_not_touched(sweep):
    sweep.write({"train.sh": "edited\n"})
    before = sweep.results()
    sweep.check("git stash -q")
    sweep.queue("a")
    sweep.check("git stash pop -q")
    sweep.check("cairn exp run --run-all -q --executor gpu")
    after = {p: f for p, f in sweep.results().items() if not p.startswith(".dvc/cache")}
    assert after == {p: f for p, f in before.items() if not p.startswith(".dvc/cache")}


def test_queue_start_runs_everything(sweep):
    sweep.queue("a", "b", "c", "d")
    sweep.check("cairn queue start --executor gpu -j 4")
    drained(sweep)
    assert states(sweep) == dict.fromkeys("abcd", "Success")
    assert sweep.counts == {"11": 1, "12": 1, "13": 1, "14": 1}


def test_at_most_j_experiments_run(sweep):
    sweep.train("sleep 1\n" + RESULT)
    sweep.queue(*"abcdef")
    process = sweep.start("cairn exp run --run-all --executor gpu -j 2")
    most = 0
    while process.poll() is None:
        most = max(most, len(sweep.slurm.nodes_of_jobs()))
        time.sleep(0.05)
    assert process.returncode == 0 and 1 <= most <= 2


def test_experiment_of_the_workspace(sweep):
    done = sweep.sh("cairn exp run -n here -S lr=5 --executor gpu")
    assert done.status == 0, done
    assert sweep.read("model") == "lr: 5\n" and sweep.ran == ["5"] and sweep.slurm.count("sbatch") == 1
    assert list(sweep.trees()) == ["here"]


def test_experiment_in_a_temporary_directory(sweep):
    done = sweep.sh("cairn exp run --temp -n there -S lr=5 --executor gpu")
    assert done.status == 0, done
    assert not (sweep.repo / "model").exists() and sweep.ran == ["5"] and list(sweep.trees()) == ["there"]


# ---- what is shown


def test_queue_status_says_where_a_task_runs(sweep):
    sweep.train(WAITING)
    sweep.queue("a")
    sweep.check("cairn queue start --executor gpu")
    sweep.wait_ran("begun-11")
    node = list(sweep.slurm.wait(sweep.slurm.nodes_of_jobs).values())[0]
    shown = sweep.check("cairn queue status").lines
    assert shown[0].split() == ["Task", "Name", "Created", "Status", "Executor"]
    assert shown[1].split()[-3:] == ["Running", "gpu:", node]
    go(sweep)
    drained(sweep)


def test_queue_status_says_which_job_a_task_waits_for(sweep):
    sweep.slurm.close_nodes()
    sweep.queue("a")
    sweep.check("cairn queue start --executor gpu")
    job = sweep.slurm.wait(lambda: list(sweep.slurm.jobs()))[0]
    sweep.wait(lambda: sweep.check("cairn queue status").lines[1].split()[-4:] == ["Queued", "gpu:", "job", job], 30)
    assert (tasks(sweep)["a"]["executor"], tasks(sweep)["a"]["job"], tasks(sweep)["a"]["node"]) == ("gpu", job, None)
    sweep.slurm.open_nodes()
    drained(sweep)


def test_exp_show_has_a_column_of_executors(sweep):
    sweep.train(WAITING)
    sweep.queue("a")
    sweep.check("cairn queue start --executor gpu")
    sweep.wait_ran("begun-11")
    shown = sweep.check("cairn exp show --csv")
    head = shown.lines[0].split(",")
    row = next(line.split(",") for line in shown.lines if "a" in line.split(","))
    assert re.fullmatch("gpu: n[1-4]", row[head.index("Executor")])
    go(sweep)
    drained(sweep)


def test_logs_follow_a_running_task(sweep):
    sweep.train("echo on the way\n" + WAITING + "echo at the end\n")
    sweep.queue("a")
    sweep.check("cairn queue start --executor gpu")
    sweep.wait_ran("begun-11")
    follower = sweep.start("cairn queue logs -f a")
    time.sleep(2)
    go(sweep)
    out, _ = follower.communicate(timeout=60)
    assert b"on the way" in out and b"at the end" in out
    drained(sweep)
    assert "on the way" in sweep.check("cairn queue logs a").out


def test_list_of_jobs(sweep):
    sweep.train(WAITING)
    sweep.queue("a", "b")
    sweep.check("cairn queue start --executor gpu -j 2")
    sweep.wait_ran("begun-11", "begun-12")
    shown = [line.split() for line in sweep.check("cairn executor jobs gpu").lines if line]
    assert shown[0] == ["Executor", "Name", "State", "Job", "Node", "Attempt"]
    nodes = sweep.slurm.nodes_of_jobs()
    assert sorted(shown[1:]) == sorted(["gpu", name, "runs", job, nodes[job], "1"] for name, job in zip("ab", sorted(nodes)))
    go(sweep)
    drained(sweep)


# ---- stopping


def test_kill_of_a_running_task(sweep):
    sweep.train(WAITING)
    sweep.queue("a", "b")
    sweep.check("cairn queue start --executor gpu -j 2")
    sweep.wait_ran("begun-11", "begun-12")
    sweep.check("cairn queue kill a")
    sweep.wait(lambda: states(sweep)["a"] == "Failed")
    go(sweep)
    drained(sweep)
    assert states(sweep) == {"a": "Failed", "b": "Success"} and sweep.counts == {"begun-11": 1, "begun-12": 1, "12": 1}


def killed_before_it_began(sweep):
    sweep.check("cairn queue kill a")
    sweep.slurm.wait(lambda: not sweep.slurm.jobs(), 30)
    sweep.wait(lambda: states(sweep)["a"] == "Failed", 30)
    sweep.slurm.open_nodes()
    assert sweep.check("cairn queue status").lines[1].split()[-1] == "cancelled" and sweep.ran == []


def test_kill_of_a_task_that_waits_in_slurm(sweep):
    sweep.slurm.close_nodes()
    sweep.queue("a")
    sweep.check("cairn queue start --executor gpu")
    sweep.wait(lambda: tasks(sweep)["a"]["job"])
    killed_before_it_began(sweep)


def test_kill_at_the_moment_of_the_submission(sweep):
    """Slurm has the job already, and its id is not noted yet."""
    sweep.slurm.close_nodes()
    sweep.slurm.next("sbatch", 'id=$(real "$@"); sleep 3; echo "$id"')
    sweep.queue("a")
    sweep.check("cairn queue start --executor gpu")
    sweep.slurm.wait(lambda: sweep.slurm.jobs())
    killed_before_it_began(sweep)


def test_remove_of_a_queued_task(sweep):
    sweep.queue("a", "b")
    sweep.check("cairn queue remove a")
    sweep.check("cairn exp run --run-all -q --executor gpu")
    assert sweep.ran == ["12"]


def test_cancel_of_all_jobs(sweep):
    sweep.train(WAITING)
    sweep.queue("a", "b")
    sweep.check("cairn queue start --executor gpu -j 2")
    sweep.wait_ran("begun-11", "begun-12")
    sweep.check("cairn executor cancel gpu")
    sweep.slurm.wait(lambda: not sweep.slurm.jobs())
    drained(sweep)
    assert set(states(sweep).values()) == {"Failed"} and sweep.counts == {"begun-11": 1, "begun-12": 1}
    assert {t["end"] for t in tasks(sweep).values()} == {"cancelled"}


# ---- accidents


def test_failing_experiment(sweep):
    sweep.train("echo $lr >>$ROOT/ran; echo about to fail; [ $lr != 11 ] || exit 3\n" + RESULT.replace("echo $lr >>$ROOT/ran; ", ""))
    sweep.queue("bad", "good")
    done = sweep.sh("cairn exp run --run-all --executor gpu")
    assert done.status == 255 and "Failed to reproduce experiment(s) 'bad'" in done.err
    assert states(sweep) == {"bad": "Failed", "good": "Success"} and sweep.counts == {"11": 1, "12": 1}
    log = sweep.check("cairn queue logs bad").out
    assert "about to fail" in log and "exited with 3" in log


def test_cancelled_by_the_user_of_slurm(sweep):
    sweep.train(WAITING)
    sweep.queue("a")
    sweep.check("cairn queue start --executor gpu")
    sweep.wait_ran("begun-11")
    sweep.slurm.run("scancel -u $(id -un)")
    drained(sweep)
    assert states(sweep) == {"a": "Failed"} and sweep.ran == ["begun-11"]
    assert re.search(r"'a' was cancelled \(job \d+ on n[1-4]\)", sweep.check("cairn queue logs a").out)
    assert tasks(sweep)["a"]["end"] == "cancelled"


def test_requeued_experiment_runs_again_and_is_recorded_once(sweep):
    sweep.train(WAITING)
    sweep.queue("a")
    sweep.check("cairn queue start --executor gpu")
    sweep.wait_ran("begun-11")
    job = sweep.slurm.wait(lambda: list(sweep.slurm.nodes_of_jobs()))[0]
    assert sweep.slurm.run(f"scontrol requeue {job}").status == 0
    sweep.slurm.wait(lambda: sweep.ran.count("begun-11") == 2, 60)
    go(sweep)
    drained(sweep)
    assert states(sweep) == {"a": "Success"} and list(sweep.trees()) == ["a"] and sweep.counts["11"] == 1


def test_preempted_experiment_runs_again(sweep):
    sweep.profile(partition="one", cpu="4")
    sweep.train(WAITING)
    sweep.queue("a")
    sweep.check("cairn queue start --executor gpu")
    sweep.wait_ran("begun-11")
    sweep.slurm.run("sbatch -p high -w n1 -c 4 -o /dev/null --wrap 'sleep 3'")
    sweep.slurm.wait(lambda: sweep.ran.count("begun-11") == 2, 90)
    go(sweep)
    drained(sweep)
    assert states(sweep) == {"a": "Success"} and list(sweep.trees()) == ["a"]


def test_node_dies_with_an_experiment(sweep):
    sweep.train(WAITING)
    sweep.queue("a", "b")
    sweep.check("cairn queue start --executor gpu -j 2")
    sweep.wait_ran("begun-11", "begun-12")
    nodes = set(sweep.slurm.wait(sweep.slurm.nodes_of_jobs).values())
    for node in nodes:
        sweep.slurm.kill_node(node)
    go(sweep)
    drained(sweep)
    assert set(states(sweep).values()) == {"Success"} and sorted(sweep.trees()) == ["a", "b"]
    assert sweep.counts["11"] == sweep.counts["12"] == 1


def test_controller_killed_in_a_sweep(sweep):
    sweep.train("sleep 1\n" + RESULT)
    sweep.queue(*"abcdefgh")
    process = sweep.start("cairn exp run --run-all --executor gpu -j 8")
    sweep.wait(lambda: len(sweep.ran) >= 1)
    sweep.slurm.kill_controller()
    sweep.slurm.start_controller()
    process.communicate(timeout=180)
    assert process.returncode == 0 and set(states(sweep).values()) == {"Success"}
    assert len(sweep.trees()) == 8


def test_submission_that_times_out_makes_no_duplicate(sweep):
    sweep.slurm.next("sbatch", SUBMIT_AND_TIME_OUT)
    sweep.train("sleep 1\n" + RESULT)
    sweep.queue("a", "b")
    sweep.check("cairn exp run --run-all -q --executor gpu -j 2")
    assert sweep.counts == {"11": 1, "12": 1} and sweep.slurm.count("sbatch") == 1


# ---- heads


def feeders(lab):
    """Ids of detached processes of this sandbox."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
            env = open(f"/proc/{pid}/environ", "rb").read().split(b"\0")
        except OSError:
            continue
        if os.fsencode(f"ROOT={lab.root}") in env and b"queue-worker" in words and not any(e.startswith(b"SLURM_JOB_ID=") for e in env):
            found.append(int(pid))
    return found


def test_head_killed_while_experiments_run(sweep):
    sweep.train(WAITING)
    sweep.queue("a", "b")
    process = sweep.start("cairn exp run --run-all --executor gpu -j 2")
    sweep.wait_ran("begun-11", "begun-12")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    go(sweep)
    sweep.check("cairn exp run --run-all --executor gpu -j 2", timeout=180)
    drained(sweep)
    assert sweep.counts == {"begun-11": 1, "begun-12": 1, "11": 1, "12": 1}
    assert set(states(sweep).values()) == {"Success"} and sorted(sweep.trees()) == ["a", "b"]


def test_detached_worker_killed_while_experiments_run(sweep):
    sweep.train(WAITING)
    sweep.queue("a", "b")
    sweep.check("cairn queue start --executor gpu -j 2")
    sweep.wait_ran("begun-11", "begun-12")
    for pid in feeders(sweep):
        os.kill(pid, signal.SIGKILL)
    go(sweep)
    sweep.wait_ran("11", "12")
    sweep.slurm.wait(lambda: not sweep.slurm.jobs())
    assert all(t["node"] for t in tasks(sweep).values()), "where they ran is known, though nobody has collected them"
    sweep.check("cairn queue start --executor gpu -j 2")
    drained(sweep)
    assert sweep.counts == {"begun-11": 1, "begun-12": 1, "11": 1, "12": 1}
    assert set(states(sweep).values()) == {"Success"} and sorted(sweep.trees()) == ["a", "b"]


def test_two_heads_share_the_queue(sweep):
    sweep.train("sleep 1\n" + RESULT)
    sweep.queue(*"abcdef")
    heads = [sweep.start("cairn exp run --run-all --executor gpu -j 3") for _ in range(2)]
    for head in heads:
        head.communicate(timeout=180)
    drained(sweep)
    assert set(states(sweep).values()) == {"Success"} and sweep.counts == {str(n): 1 for n in range(11, 17)}


# ---- check


def test_check_of_a_fit_cluster(sweep):
    done = sweep.sh("cairn executor check gpu")
    assert done.status == 0, done
    assert set(sweep.slurm.nodes) & set(re.findall(r"\bn[1-4]\b", done.out)), done


def test_check_without_the_program(sweep):
    sweep.profile(program="/nowhere/cairn")
    done = sweep.sh("cairn executor check gpu")
    assert done.status != 0 and "/nowhere/cairn" in done.out + done.err
