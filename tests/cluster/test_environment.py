"""What jobs and Slurm's commands see of the environment and the place from which cairn was started."""

import pytest


def prepare(slurm, box, more="", cmd="env >vars"):
    slurm.attach(box)
    box.write({".dvc/cairn.config": f'[executor "gpu"]\n    type = slurm\n    interval = 1s\n    beat = 1s\n{more}',
               "dvc.yaml": f"stages:\n  a: {{cmd: {cmd}, outs: [vars]}}\n"})
    return box


def variables(box):
    return dict(line.split("=", 1) for line in box.read("vars").splitlines() if "=" in line)


@pytest.mark.parametrize("more, handed_on", [("", False), ("    env = OTHER, SECRET\n", True), ("    env = *\n", True)])
def test_only_what_is_asked_for_is_handed_on(slurm, repo, more, handed_on):
    prepare(slurm, repo, more)
    repo.extra_env["SECRET"] = "a 'b' \"c\" $(d)\n`e`"
    repo.check("cairn repro -q --executor gpu", timeout=60)
    text = repo.read("vars")
    assert ("SECRET=a 'b' \"c\" $(d)\n`e`\n" in text) is handed_on
    assert variables(repo)["HOME"] == f"{repo.root}/.home" and variables(repo)["SLURM_JOB_NAME"].startswith("cairn-")


def test_slurm_keeps_no_copy_of_the_environment(slurm, repo):
    """sbatch stores the environment of a job with its controller: it is not ours."""
    prepare(slurm, repo)
    repo.extra_env["SECRET"] = "hush-hush"
    repo.check("cairn repro -q --executor gpu", timeout=60)
    assert variables(repo)["PATH"].startswith(f"{repo.root}/.bin:")
    stored = [p for p in slurm.folder.rglob("*") if p.is_file() and b"hush-hush" in p.read_bytes()]
    assert stored == [] and list(slurm.folder.glob("**/job.*/environment"))  # where it would be


@pytest.mark.parametrize("name, value", [
    ("SBATCH_WAIT", "1"), ("SBATCH_ARRAY_INX", "0-5"), ("SBATCH_DEBUG", "2"), ("SBATCH_HOLD", "1"), ("SLURM_JOB_ID", "77"),
    ("SLURM_MEM_PER_CPU", "99999999"), ("SLURM_NTASKS", "64"), ("SLURM_ARRAY_TASK_ID", "3"), ("SQUEUE_STATES", "SUSPENDED"),
    ("SQUEUE_FORMAT", "%i"), ("SQUEUE_PARTITION", "high"), ("SQUEUE_USERS", "nobody"), ("SLURM_EXIT_ERROR", "0"),
])
def test_variables_that_would_change_slurms_commands(slurm, repo, name, value):
    prepare(slurm, repo)
    repo.extra_env[name] = value
    repo.check("cairn repro -q --executor gpu", timeout=60)
    assert variables(repo).get(name) != value
    assert slurm.count("sbatch") == 1


def test_a_default_of_the_user_counts(slurm, repo):
    prepare(slurm, repo)
    repo.extra_env["SBATCH_PARTITION"] = "high"
    repo.check("cairn repro -q --executor gpu", timeout=60)
    assert variables(repo)["SLURM_JOB_PARTITION"] == "high"


@pytest.mark.parametrize("name", ["50% %j", "a 'b' \"c\"", "new\nline", "back\\slash", "$(touch x) `touch y`", "-dash", "caf\udcc3"])
def test_a_repository_with_an_odd_name(slurm, new_sandbox, name):
    box = new_sandbox()
    box.repo.rename(box.root / name)
    box.repo = box.cwd = box.root / name
    prepare(slurm, box, cmd="pwd >vars")
    box.check("cairn repro -q --executor gpu", timeout=60)
    assert (box.repo / "vars").read_bytes().decode(errors="surrogateescape") == f"{box.root}/{name}\n"
    assert not any(box.root.rglob("[xy]"))
