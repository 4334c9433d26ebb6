"""`cairn repro --executor gpu`: stages run as jobs of Slurm, and leave what a local run leaves."""

import collections
import time

import pytest
import yaml

NOTE = "echo {0} >>$ROOT/ran; "  # each command counts itself


def chain(lab, *names, body="echo {0} >{0}"):
    """Stages that depend on each other in this order."""
    before = []
    for name in names:
        lab.stage(name, NOTE.format(name) + body.format(name), deps=before)
        before = [name]
    return lab.save()


def independent(lab, count, body="echo {0} >{0}", **fields):
    for i in range(count):
        lab.stage(f"s{i}", NOTE.format(f"s{i}") + body.format(f"s{i}"), **fields)
    return lab.save()


def job_of(lab, name):
    """A stage that notes the request of its own job, as Slurm has it: processors, memory, minutes, gpus, partition, licences."""
    return lab.stage(name, f"squeue -h -j $SLURM_JOB_ID -o '%C %m %l %b %P %W' >{name}")


# ---- what runs, and where


def test_stages_run_in_jobs_one_after_the_other(lab):
    lab.stage("a", "echo $SLURM_JOB_ID >a").stage("b", "cat a >b; echo $SLURM_JOB_ID >>b", deps=["a"]).save()
    done = lab.repro()
    assert done.status == 0, done
    first, second = lab.read("b").split()
    assert lab.read("a").split() == [first] and first != second
    assert [e["JobState"] for e in lab.slurm.ended()] == ["COMPLETED", "COMPLETED"]


def test_each_command_runs_exactly_once(lab):
    independent(lab, 20)
    assert lab.repro("-j 20").status == 0
    assert lab.counts == {f"s{i}": 1 for i in range(20)}


def test_second_run_submits_nothing(lab):
    chain(lab, "a", "b")
    lab.repro()
    before = lab.slurm.count("sbatch")
    done = lab.repro()
    assert (done.status, done.out) == (0, "Stage 'a' didn't change, skipping\nStage 'b' didn't change, skipping\n"
                                          "Data and pipelines are up to date.\n")
    assert lab.slurm.count("sbatch") == before and lab.ran == ["a", "b"]


def test_what_the_run_cache_has_is_not_submitted(lab):
    lab.write({"in": "1"})
    lab.stage("a", NOTE.format("a") + "cp in a", deps=["in"]).save()
    lab.repro()
    (lab.repo / "a").unlink()
    (lab.repo / "dvc.lock").unlink()
    assert lab.repro().status == 0
    assert lab.ran == ["a"] and lab.slurm.count("sbatch") == 1


def test_only_what_changed_is_submitted(lab):
    lab.write({"in": "1"})
    lab.stage("a", NOTE.format("a") + "cp in a", deps=["in"]).stage("b", NOTE.format("b") + "date >b").save()
    lab.repro()
    lab.write({"in": "2"})
    assert lab.repro().status == 0
    assert lab.counts == {"a": 2, "b": 1}


def test_stages_of_all_nodes_side_by_side(lab):
    """Sixteen commands wait for each other: four nodes with four processors run them at once."""
    independent(lab, 16, "mkdir -p $ROOT/met; echo >$ROOT/met/{0}; while [ $(ls $ROOT/met | wc -l) -lt 16 ]; do sleep 0.1; done; "
                         "echo $SLURMD_NODENAME >{0}")
    assert lab.repro("-j 16").status == 0
    nodes = collections.Counter(lab.read(f"s{i}").strip() for i in range(16))
    assert nodes == {"n1": 4, "n2": 4, "n3": 4, "n4": 4}


def test_at_most_j_are_in_flight(lab):
    independent(lab, 9, "sleep 1; echo {0} >{0}")
    process = lab.start("cairn repro --executor gpu -j 3")
    most = 0
    while process.poll() is None:
        most = max(most, len(lab.slurm.jobs("pending,running,configuring")))
        time.sleep(0.05)
    assert process.returncode == 0 and most == 3


def test_two_hundred_stages(lab):
    """Four layers of fifty; a layer begins when its stages of the one before have ended."""
    for i in range(200):
        name, before = f"s{i}", [f"s{i - 50}"] if i >= 50 else []
        lab.stage(name, NOTE.format(name) + f"echo {name} >{name}", deps=before)
    lab.save()
    begun = time.monotonic()
    done = lab.repro("-j 64 -q", timeout=300)
    took = time.monotonic() - begun
    assert done.status == 0, done
    assert lab.counts == {f"s{i}": 1 for i in range(200)}
    assert lab.slurm.count("squeue") <= took + 2 and lab.slurm.shortest_gap("squeue") > 0.9
    assert lab.check("cairn status").out == "Data and pipelines are up to date.\n"


def test_short_stages_share_jobs(lab):
    """What took a tenth of a second the last time is run twenty in a job."""
    lab.profile(group="20")
    independent(lab, 40, "echo $SLURM_JOB_ID >>$ROOT/jobs; sleep 0.1; echo {0} >{0}")
    assert lab.repro("-j 40 -q").status == 0
    (lab.root / "jobs").unlink()
    assert lab.repro("-j 40 -q -f").status == 0
    assert lab.counts == {f"s{i}": 2 for i in range(40)}
    assert len(set((lab.root / "jobs").read_text().split())) <= 4


def test_failure_in_a_shared_job_is_of_one_stage(lab):
    lab.profile(group="10")
    independent(lab, 6, "sleep 0.1; echo {0} >{0}")
    lab.repro("-j 6 -q")
    lab.stages["s2"]["cmd"] += "; exit 4"
    lab.save()
    done = lab.repro("-j 6 -f --keep-going")
    assert done.status == 255 and done.err.endswith("ERROR: failed to reproduce 's2'\n")
    assert lab.counts == {f"s{i}": 2 for i in range(6)}


# ---- the same as a local run


def pipeline_of_all_kinds(lab):
    lab.write({"in/one": "1\n", "in/two": "2\n", "params.yaml": "lr: 0.1\nname: it's \"x\" $HOME\n", "sub/x": "x\n"})
    lab.stage("prepare", "mkdir -p prep && cat in/one in/two >prep/all && chmod 755 prep/all", deps=["in"], outs=["prep"])
    lab.stage("train", ["cp prep/all model", "echo '{\"acc\": 0.9}' >acc.json", "printf 'x,y\\n1,2\\n' >plot.csv"],
              deps=["prep"], params=["lr"], outs=["model"], metrics=[{"acc.json": {"cache": False}}], plots=["plot.csv"])
    lab.stage("inner", "cat x >y", wdir="sub", deps=["x"], outs=["y"])
    lab.stages["each"] = {"foreach": ["a", "b"], "do": {"cmd": "echo ${item} >each_${item}", "outs": ["each_${item}"]}}
    lab.stages["kept"] = {"cmd": "echo more >>kept", "outs": [{"kept": {"persist": True}}]}
    lab.stages["free"] = {"cmd": "echo checked >free", "outs": [{"free": {"cache": False}}]}
    return lab.save()


def test_result_is_that_of_a_local_run_byte_for_byte(lab):
    pipeline_of_all_kinds(lab)
    local = lab.local()
    assert local.sh("cairn repro").status == 0
    done = lab.repro("-j 8")
    assert done.status == 0, done
    here, there = local.results(), lab.results()
    assert sorted(here) == sorted(there)
    assert {p: facts for p, facts in there.items() if here[p] != facts} == {}
    assert sum(p.startswith(".dvc/cache/files/md5/") for p in there) >= 8


@pytest.mark.live
def test_dvc_reads_the_result(lab):
    pipeline_of_all_kinds(lab)
    lab.repro("-j 8")
    assert lab.real("status").out == "Data and pipelines are up to date.\n"
    assert lab.real("repro").out.endswith("Data and pipelines are up to date.\n")
    assert lab.real("metrics show --json").out == '{"": {"data": {"acc.json": {"data": {"acc": 0.9}}}}}\n'


def test_output_of_commands_is_shown_as_of_a_local_run(lab):
    lab.stage("a", "echo on the way; echo to errors >&2; echo a >a").save()
    local = lab.local()
    here, there = local.sh("cairn repro"), lab.repro()
    assert "on the way\n" in there.out
    assert [line for line in there.lines if "executor" not in line and "job " not in line] == here.lines
    assert "to errors\n" in there.err


def test_command_has_the_environment_of_the_head(lab):
    lab.extra_env["GREETING"] = "hello"
    lab.stage("a", 'echo "$GREETING" >a').save()
    assert lab.repro().status == 0
    assert lab.read("a") == "hello\n"


def test_only_named_variables_are_handed_on(lab):
    lab.profile(env="ROOT, GREETING")
    lab.extra_env.update(GREETING="hello", SECRET="x")
    lab.stage("a", 'echo "$GREETING,$SECRET" >a').save()
    assert lab.repro().status == 0
    assert lab.read("a") == "hello,\n"


def test_variables_of_dvc_for_stages(lab):
    lab.stage("a", 'echo "$DVC_STAGE $(cd "$DVC_ROOT" && pwd)" >a', wdir=".").save()
    local = lab.local()
    local.check("cairn repro -q")
    assert lab.repro().status == 0
    assert lab.read("a") == local.read("a").replace(str(local.root), str(lab.root))


# ---- failures of commands


def same_failure(lab, options=""):
    """The status and the errors are those of a local run."""
    local = lab.local()
    here, there = local.sh(f"cairn repro {options}"), lab.repro(options)
    assert (there.status, there.err) == (here.status, here.err)
    return there


def test_failing_stage(lab):
    lab.stage("bad", "echo bad >>$ROOT/ran; exit 3").save()
    done = same_failure(lab)
    assert done.status == 255
    assert "failed to reproduce 'bad': failed to run: echo bad >>$ROOT/ran; exit 3, exited with 3" in done.err
    assert lab.ran == ["bad"]


def test_failing_stage_ends_the_run(lab):
    lab.stage("bad", "echo bad >>$ROOT/ran; exit 3").stage("after", "echo after >>$ROOT/ran; echo >after", deps=["bad"]).save()
    assert same_failure(lab).status == 255
    assert lab.ran == ["bad"]
    assert not (lab.repo / "dvc.lock").exists()


def test_keep_going(lab):
    lab.stage("bad", "echo bad >>$ROOT/ran; exit 3").stage("after", "echo after >>$ROOT/ran; echo >after", deps=["bad"])
    lab.stage("other", "echo other >>$ROOT/ran; echo >other").save()
    assert same_failure(lab, "--keep-going").status == 255
    assert lab.counts == {"bad": 1, "other": 1}
    assert list(yaml.safe_load(lab.read("dvc.lock"))["stages"]) == ["other"]


def test_missing_output(lab):
    lab.stage("bad", "true").save()
    done = same_failure(lab)
    assert done.status == 255 and "output 'bad' does not exist" in done.err


def test_several_command_lines_stop_at_the_first_that_fails(lab):
    lab.stage("a", ["echo one >>$ROOT/ran", "echo two >>$ROOT/ran; false", "echo three >>$ROOT/ran"]).save()
    assert same_failure(lab).status == 255
    assert lab.ran == ["one", "two"]


def test_several_command_lines_are_one_job(lab):
    lab.stage("a", ["echo one >>$ROOT/ran", "cd /", "echo two >>$ROOT/ran", "echo >a"]).save()
    assert lab.repro().status == 0
    assert (lab.ran, lab.slurm.count("sbatch")) == (["one", "two"], 1)


def test_command_killed_by_a_signal(lab):
    lab.stage("a", "kill -9 $$").save()
    assert same_failure(lab).status == 255


def test_a_failed_stage_runs_again_with_the_next_command(lab):
    lab.stage("a", "echo a >>$ROOT/ran; cp in a", deps=[]).save()
    assert lab.repro().status == 255
    lab.write({"in": "1"})
    assert lab.repro().status == 0
    assert lab.counts == {"a": 2}


# ---- who chooses the executor


def where(lab, name="a"):
    return "job" if lab.read(name).strip() else "here"


WHERE = "echo $SLURM_JOB_ID >{0}"


def test_core_executor(lab):
    lab.stage("a", WHERE.format("a")).save()
    with open(lab.repo / ".dvc/cairn.config", "a") as f:
        f.write("[core]\n    executor = gpu\n")
    lab.check("cairn repro -q")
    assert where(lab) == "job"


def test_meta_executor(lab):
    lab.stage("a", WHERE.format("a"), meta={"executor": "gpu"}).stage("b", WHERE.format("b")).save()
    lab.check("cairn repro -q")
    assert (where(lab, "a"), where(lab, "b")) == ("job", "here")


def test_meta_executor_beats_core_executor(lab):
    lab.stage("a", WHERE.format("a"), meta={"executor": "local"}).save()
    with open(lab.repo / ".dvc/cairn.config", "a") as f:
        f.write("[core]\n    executor = gpu\n")
    lab.check("cairn repro -q")
    assert where(lab) == "here"


def test_command_line_beats_meta_executor(lab):
    lab.stage("a", WHERE.format("a"), meta={"executor": "gpu"}).save()
    lab.check("cairn repro -q --executor local")
    assert where(lab) == "here"


def test_unknown_executor(lab):
    lab.stage("a", WHERE.format("a")).save()
    done = lab.sh("cairn repro --executor nosuch")
    assert done.status != 0 and "nosuch" in done.err and "gpu" in done.err
    assert lab.slurm.count("sbatch") == 0


@pytest.mark.live
def test_dvc_does_not_mind_the_profile(lab):
    lab.stage("a", WHERE.format("a"), meta={"executor": "gpu", "resources": {"cpu": 2, "time": "1h"}}).save()
    assert lab.repro().status == 0
    assert lab.real("status").out == "Data and pipelines are up to date.\n"


# ---- what a job asks for


def test_option_that_cairn_gives_itself(lab):
    lab.profile(options="--nodelist=n3 --comment=x")
    chain(lab, "a")
    done = lab.repro()
    assert done.status == 251 and "'options' cannot have '--comment=x': cairn itself decides that option" in done.err
    assert lab.slurm.count("sbatch") == 0


def requested(lab, name="a"):
    assert lab.repro().status == 0
    return lab.read(name).split()


def test_request_of_the_profile(lab):
    lab.profile(cpu="2", mem="300MB", time="20m", partition="one")
    job_of(lab, "a").save()
    cpus, memory, limit, _, partition, _ = requested(lab)
    assert (cpus, memory, limit, partition) == ("2", "287M", "20:00", "one")  # 300 MB in MiB, rounded up


def test_request_of_the_stage_beats_the_profile(lab):
    lab.profile(cpu="2", mem="300MB", time="20m")
    job_of(lab, "a")
    lab.stages["a"]["meta"] = {"resources": {"cpu": 3, "mem": "1GiB", "time": "90s"}}
    lab.save()
    assert requested(lab)[:3] == ["3", "1G", "2:00"]


def test_gpus(lab):
    if not lab.slurm.gpus:
        pytest.skip("only root can make devices")
    lab.stage("a", "echo $CUDA_VISIBLE_DEVICES >a", meta={"resources": {"gpu": 2}}).save()
    assert lab.repro().status == 0
    assert lab.read("a") == "0,1\n"


def test_named_resource_of_a_map(lab):
    lab.profile(map__license="--licenses=solver:{n}")
    job_of(lab, "a")
    lab.stages["a"]["meta"] = {"resources": {"license": 3}}
    lab.save()
    assert requested(lab)[-1] == "solver:3"


def test_options_of_the_profile_are_handed_on(lab):
    lab.profile(options="--nodelist=n3")
    lab.stage("a", "echo $SLURMD_NODENAME >a").save()
    assert requested(lab) == ["n3"]


@pytest.mark.parametrize("resources, profile", [
    ({}, {"partition": "nosuch"}),
    ({"mem": "900GB"}, {}),
    ({"gpu": 9}, {}),
    ({}, {"options": "--nosuch"}),
], ids=["unknown-partition", "more-memory-than-a-node-has", "too-many-gpus", "unknown-option"])
def test_what_slurm_refuses_is_said_at_once(lab, resources, profile):
    lab.profile(**profile)
    lab.stage("a", NOTE.format("a") + "echo >a", meta={"resources": resources}).save()
    done = lab.repro()
    assert done.status == 255
    assert done.err.startswith("ERROR: failed to reproduce 'a': unable to submit 'a' to executor 'gpu': "), done
    assert lab.slurm.jobs() == {} and lab.slurm.count("sbatch") == 1 and lab.ran == []


def test_what_slurm_accepts_and_never_starts_is_said(lab):
    lab.stage("a", NOTE.format("a") + "echo >a", meta={"resources": {"cpu": 500}}).save()
    process = lab.start("cairn repro --executor gpu")
    job = lab.slurm.wait(lambda: list(lab.slurm.jobs()))[0]
    assert process.stderr.readline().decode() == f"WARNING: 'a' (job {job}) waits for what may never come: PartitionConfig\n"
    assert lab.check("cairn executor cancel gpu").out == "Cancelled: a\n"
    assert process.wait(30) == 255 and lab.slurm.jobs() == {} and lab.ran == []


def test_resource_without_a_map_submits_nothing(lab):
    """Also not the stages that could be submitted."""
    lab.stage("fine", NOTE.format("fine") + "echo >fine")
    lab.stage("a", "echo >a", meta={"resources": {"license": 1}}).save()
    done = lab.repro("-j 2")
    assert done.status != 0 and "map.license" in done.err
    assert lab.slurm.count("sbatch") == 0 and lab.ran == []


def test_dry_submit(lab):
    lab.profile(cpu="2", partition="one", setup="module load cuda")
    chain(lab, "a", "b")
    done = lab.repro("--dry-submit")
    assert done.status == 0, done
    assert "sbatch" in done.out and "-p one" in done.out.replace("--partition=one", "-p one") and "module load cuda" in done.out
    assert lab.slurm.count("sbatch") == 0 and lab.ran == [] and not (lab.repo / "dvc.lock").exists()


def test_dry_run_submits_nothing(lab):
    chain(lab, "a")
    assert lab.repro("--dry").status == 0
    assert lab.slurm.count("sbatch") == 0 and lab.ran == []


# ---- setup


def test_setup_runs_before_the_commands(lab):
    lab.profile(setup="export FROM_SETUP=yes")
    lab.stage("a", "echo $FROM_SETUP >a").save()
    assert requested(lab) == ["yes"]


def test_setup_that_fails(lab):
    lab.profile(setup="echo no such module >&2; exit 7", retries="0")
    chain(lab, "a")
    done = lab.repro()
    assert done.status == 255 and "'a'" in done.err and "no such module" in done.err + done.out
    assert lab.ran == []


def test_node_without_cairn(lab):
    lab.profile(program="/nowhere/cairn", retries="1")
    chain(lab, "a")
    done = lab.repro()
    assert done.status == 255 and "/nowhere/cairn" in done.err + done.out
    assert lab.ran == [] and lab.slurm.count("sbatch") <= 2
