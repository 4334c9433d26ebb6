"""Names, values and directories that a shell, Slurm or a file system would read as something else."""

import os
import subprocess

import pytest
from harness.lab import Lab
from harness.sandbox import CAIRN

BAD = {
    "quotes": "it's \"x\"",
    "substitution": "$(touch $ROOT/pwned)`touch $ROOT/pwned`$HOME",
    "newline": "two\nlines\n#SBATCH --hold\n",
    "spaces": " a  b ",
    "dashes": "--wrap=touch pwned",
    "percent": "%j %N %s {script} {ids}",
    "backslash": "\\n\\\\$\\",
    "unicode": "ä→🎉",
    "semicolon": "; touch $ROOT/pwned #",
}


def unhurt(lab):
    return not (lab.root / "pwned").exists() and not (lab.repo / "pwned").exists()


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_value_in_the_environment(lab, value):
    lab.extra_env["VALUE"] = value
    lab.stage("a", 'printf %s "$VALUE" >a').save()
    assert lab.repro().status == 0
    assert lab.read("a") == value and unhurt(lab)


def test_environment_that_is_no_utf8(lab):
    lab.extra_env["VALUE"] = os.fsdecode(b"\xff\xfe caf\xe9")
    lab.stage("a", 'printf %s "$VALUE" >a').save()
    assert lab.repro().status == 0
    assert (lab.repo / "a").read_bytes() == b"\xff\xfe caf\xe9"


def test_large_environment(lab):
    """More than an argument or a job script may have."""
    lab.extra_env["VALUE"] = "x" * 120_000
    lab.stage("a", 'printf %s "$VALUE" | wc -c >a').save()
    assert lab.repro().status == 0
    assert lab.read("a").strip() == "120000"


def test_variables_of_another_job_are_not_handed_on(lab):
    """The head may run in a job itself. Its job is not that of the stage."""
    lab.extra_env.update(SLURM_JOB_ID="99999", SLURM_SUBMIT_DIR="/nowhere", SLURM_MEM_PER_NODE="1", SLURM_ARRAY_TASK_ID="7")
    lab.stage("a", 'echo "$SLURM_JOB_ID $SLURM_SUBMIT_DIR $SLURM_MEM_PER_NODE $SLURM_ARRAY_TASK_ID" >a').save()
    done = lab.repro()
    assert done.status == 0, done
    job, folder = lab.read("a").split()
    assert job != "99999" and folder != "/nowhere"


@pytest.mark.parametrize("command, said", [
    ("""printf '%s' 'it'"'"'s "x" $HOME' >a""", "it's \"x\" $HOME"),
    (["printf '#SBATCH --hold\n' >a", "#SBATCH --hold", "printf %s '$(not run)' >>a"], "#SBATCH --hold\n$(not run)"),
    ("printf 'a\\tb\\\\n' >a", "a\tb\\n"),
    ("printf %s 'ä→🎉' >a", "ä→🎉"),
    ("exit_code() { return 0; }; exit_code && printf 1 >a # comment", "1"),
], ids=["quotes", "lines-for-sbatch", "backslashes", "unicode", "comment"])
def test_command(lab, command, said):
    lab.stage("a", command).save()
    done = lab.repro()
    assert done.status == 0, done
    assert lab.read("a") == said


@pytest.mark.parametrize("name", ["train me", "ä→🎉", "-x", "a\nb", "n" * 200], ids=["space", "unicode", "dash", "newline", "long"])
def test_name_of_a_stage(lab, name):
    lab.stage(name, "echo 1 >out", outs=["out"]).save()
    local = lab.local()
    here = local.sh("cairn repro")
    done = lab.repro()
    assert (done.status, done.err) == (here.status, here.err)
    if here.status == 0:
        assert lab.results() == local.results()


@pytest.mark.parametrize("name", ["with space", "it's", "$(touch pwned)", "ä", "-x", "a\nb"],
                         ids=["space", "quote", "substitution", "unicode", "dash", "newline"])
def test_files_and_working_directory(lab, name):
    (lab.repo / name).mkdir()
    (lab.repo / name / "in").write_text("1\n")
    lab.stage("a", "cp in out", wdir=f"./{name}", deps=["in"], outs=["out"]).save()
    local = lab.local()
    here, done = local.sh("cairn repro -q"), lab.repro("-q")
    assert (done.status, done.err) == (here.status, here.err)
    assert lab.results() == local.results() and unhurt(lab)


@pytest.mark.parametrize("name", ["with space", "it's \"x\"", "$(touch pwned)", "ä", "a\nb", "%j-%N", os.fsdecode(b"caf\xe9")],
                         ids=["space", "quotes", "substitution", "unicode", "newline", "percent", "no-utf8"])
def test_directory_of_the_repository(slurm, box_root, name):
    """Slurm itself takes no newline in the path of a job's output, so there a clear error is enough."""
    top = os.path.join(box_root(), name)
    os.mkdir(top)
    lab = Lab(top, slurm, CAIRN).init("dvc").profile()
    lab.stage("a", "echo $SLURM_JOB_ID >a").save()
    done = lab.repro()
    lab.stop()
    if done.status != 0 and "\n" in name:
        assert "newline" in done.err or "line" in done.err, done
        return
    assert done.status == 0, done
    assert lab.read("a").strip().isdigit() and unhurt(lab)


@pytest.mark.parametrize("value", ["it's", '"x"', "$(touch pwned)", "a b", "-1", "ä"], ids=["quote", "quotes", "substitution", "space", "dash", "unicode"])
def test_parameter_of_an_experiment(lab, value):
    lab.write({"params.yaml": "p: 1\n"})
    lab.stage("a", "cp params.yaml a", params=["p"]).save()
    subprocess.run([str(CAIRN), "exp", "run", "-q", "--queue", "-n", "x", "-S", f"p={value!r}" if value[0] != '"' else f"p='{value}'"],
                   cwd=lab.repo, env=lab.env, check=True)
    local = lab.local()
    local.check("cairn exp run -q --run-all")
    lab.check("cairn exp run -q --run-all --executor gpu")
    assert lab.trees() == local.trees() != {} and unhurt(lab)


@pytest.mark.parametrize("name", ["it's", "$(pwned)", '"x"', "a;b", "%j", "ä", "x" * 150],
                         ids=["quote", "substitution", "quotes", "semicolon", "percent", "unicode", "long"])
def test_name_of_an_experiment(lab, name):
    lab.write({"params.yaml": "p: 1\n"})
    lab.stage("a", "cp params.yaml a", params=["p"]).save()
    queued = subprocess.run([str(CAIRN), "exp", "run", "-q", "--queue", "-n", name, "-S", "p=2"], cwd=lab.repo, env=lab.env)
    if queued.returncode:
        pytest.skip("no name for an experiment")
    lab.check("cairn exp run -q --run-all --executor gpu")
    assert list(lab.trees()) == [name] and unhurt(lab)


def test_profile_with_hostile_values(lab):
    """Values of the profile are words for sbatch, not lines for a shell; only `setup` is one."""
    lab.profile(partition="batch; touch $ROOT/pwned", account="$(touch $ROOT/pwned)")
    lab.stage("a", "echo >a").save()
    assert lab.repro().status != 0
    assert unhurt(lab)
