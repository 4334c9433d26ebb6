"""The cluster that the other tests of this folder use (harness/slurm.py): it is a real one, counts, and can be told to fail."""

import os
import shlex

from harness.slurm import HANG, LIMIT, SOCKET, SUBMIT_AND_TIME_OUT, Cluster

ONE_JOB = "sbatch -o /dev/null --wrap 'sleep 1000'"


def submit(slurm, options="", line="sleep 1000"):
    done = slurm.run(f"sbatch --parsable -o /dev/null {options} --wrap {shlex.quote(line)}")
    assert done.status == 0, repr(done)
    return done.out.strip()


def runs(slurm, job):
    return lambda: slurm.jobs().get(job) == "RUNNING"


def state(slurm, job):
    return slurm.jobs("all").get(job)


def test_four_idle_nodes(slurm):
    assert slurm.run("sinfo -h -p batch -o '%D %T %c %m'").out == "4 idle 4 4000\n"


def test_job_runs_once(slurm, tmp_path):
    job = submit(slurm, "--wait", f"echo $SLURMD_NODENAME >>{tmp_path}/ran")
    assert (tmp_path / "ran").read_text() == "n1\n"
    assert [(e["JobId"], e["JobState"]) for e in slurm.ended()] == [(job, "COMPLETED")]


def test_array_uses_all_nodes(slurm, tmp_path):
    submit(slurm, "--wait -a 0-15", f"echo $SLURMD_NODENAME >>{tmp_path}/ran; sleep 1")
    assert sorted((tmp_path / "ran").read_text().split()) == ["n1"] * 4 + ["n2"] * 4 + ["n3"] * 4 + ["n4"] * 4


def test_calls_are_counted(slurm, repo):
    slurm.attach(repo)
    repo.check("squeue -h -o '%i %T'; squeue -h")
    assert [c.words for c in slurm.calls("squeue")] == ["'-h'\t'-o'\t'%i %T'", "'-h'"]
    assert slurm.count("sbatch") == 0


def test_next_call_is_told_to_fail(slurm, repo):
    slurm.attach(repo).extra_env["LC_ALL"] = "C"
    slurm.next("sbatch", LIMIT)
    refused = repo.sh(ONE_JOB)
    assert refused.status == 1 and "Job violates accounting/QOS policy" in refused.err
    assert repo.sh(ONE_JOB).out.startswith("Submitted batch job")
    assert (slurm.count("sbatch"), len(slurm.jobs())) == (2, 1)


def test_every_call_is_told_to_fail_until_it_is_not(slurm, repo):
    slurm.attach(repo)
    slurm.always("squeue", SOCKET)
    assert [repo.sh("squeue").status for _ in range(3)] == [1, 1, 1]
    slurm.always("squeue", None)
    assert repo.sh("squeue").status == 0


def test_submission_that_is_accepted_and_times_out(slurm, repo):
    slurm.attach(repo)
    slurm.next("sbatch", SUBMIT_AND_TIME_OUT)
    failed = repo.sh(ONE_JOB)
    assert (failed.status, failed.out) == (1, "") and "Socket timed out" in failed.err
    assert len(slurm.jobs()) == 1


def test_call_that_hangs(slurm, repo):
    slurm.attach(repo)
    slurm.next("scancel", HANG)
    assert repo.sh("timeout 0.2 scancel 1").status == 124


def test_controller_killed_and_back(slurm):
    job = submit(slurm)
    slurm.wait(runs(slurm, job))
    slurm.stop_controller()
    assert not slurm.answers()
    slurm.start_controller()
    assert state(slurm, job) == "RUNNING"


def test_controller_killed_at_once_loses_the_job(slurm):
    job = submit(slurm)
    slurm.kill_controller()
    slurm.start_controller()
    assert state(slurm, job) is None


def test_node_dies_with_its_processes(slurm):
    job = submit(slurm, "--no-requeue")
    slurm.wait(runs(slurm, job))
    node = slurm.nodes_of_jobs()[job]
    slurm.wait(lambda: len(slurm.processes(node)) >= 2)  # Slurm's, and the job's
    slurm.kill_node(node)
    assert slurm.processes(node) == set()
    slurm.wait(lambda: state(slurm, job) == "NODE_FAIL", 40)


def test_slurmd_dies_alone(slurm, tmp_path):
    job = submit(slurm, "--no-requeue", f"sleep 2; echo alive >{tmp_path}/said")
    slurm.wait(runs(slurm, job))
    slurm.kill_node(slurm.nodes_of_jobs()[job], jobs=False)
    slurm.wait((tmp_path / "said").exists)


def test_requeue(slurm, tmp_path):
    job = submit(slurm, "--requeue", f"echo ${{SLURM_RESTART_COUNT:-0}} >>{tmp_path}/lives; sleep 1000")
    slurm.wait(lambda: (tmp_path / "lives").exists())
    assert slurm.run(f"scontrol requeue {job}").status == 0
    slurm.wait(lambda: (tmp_path / "lives").read_text() == "0\n1\n", 40)


def test_preemption(slurm, tmp_path):
    job = submit(slurm, "--requeue -p one -c 4", f"trap 'echo TERM >>{tmp_path}/got' TERM; echo >{tmp_path}/begun; sleep 1000")
    slurm.wait((tmp_path / "begun").exists)
    other = submit(slurm, "-p high -w n1 -c 4")
    slurm.wait(runs(slurm, other), 30)
    assert state(slurm, job) == "PENDING"


def test_healed(slurm, repo):
    slurm.attach(repo)
    slurm.always("sbatch", LIMIT)
    repo.sh("sbatch; squeue")
    submit(slurm)
    slurm.kill_node("n2")
    slurm.kill_controller()
    slurm.heal()
    assert (slurm.idle(), slurm.jobs(), slurm.count("sbatch"), slurm.ended()) == (slurm.nodes, {}, 0, [])
    assert repo.sh(ONE_JOB).status == 0


def test_two_clusters(slurm):
    with Cluster(nodes=2) as other:
        other.wait(runs(other, submit(other)))
        assert slurm.jobs() == {}
        left = other.wait(lambda: other.processes("n1"))
    assert not any(os.path.exists(f"/proc/{p}/exe") for p in left)
    assert not other.folder.exists()
