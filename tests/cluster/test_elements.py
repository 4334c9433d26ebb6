"""Elements of arrays that somebody takes out of Slurm's queue while they wait: cancelled, and not tried again."""

import subprocess

import pytest

PIPELINE = "stages:\n  all:\n    foreach: [a, b, c]\n    do: {cmd: 'sh run.sh ${item}', outs: ['${item}'], meta: {resources: {cpu: 4}}}\n"
RUN = "echo $1 >>$ROOT/ran; while [ ! -e $ROOT/go ]; do sleep 0.1; done; echo $1 >$1\n"


@pytest.fixture
def held_up(slurm, repo):
    """`repro` of three stages on a node with room for one: (its process, the array's id)."""
    slurm.attach(repo)
    repo.extra_env["ROOT"] = str(repo.root)
    repo.write({".dvc/cairn.config": '[executor "one"]\n    type = slurm\n    partition = one\n    interval = 1s\n    beat = 1s\n    env = ROOT\n',
                "dvc.yaml": PIPELINE, "run.sh": RUN})
    process = subprocess.Popen([repo.root / ".bin/cairn", "repro", "-k", "-j", "3", "--executor", "one"], cwd=repo.repo, env=repo.env,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    slurm.wait(lambda: (repo.root / "ran").exists())
    yield process, slurm.run("squeue -h -a -t running -o %F").out.strip()
    process.kill()


def squeue(slurm):
    return sorted(slurm.run("squeue -h -a -r -t pending,running -o '%K %T'").out.splitlines())


@pytest.mark.parametrize("which", ["_[{waiting}]", "_{waiting}"], ids=["all-that-wait", "one-by-one"])
def test_waiting_elements_that_are_cancelled(slurm, repo, held_up, which):
    process, array = held_up
    slurm.wait(lambda: squeue(slurm) == ["0 RUNNING", "1 PENDING", "2 PENDING"])
    if which.startswith("_["):
        assert slurm.run(f"scancel {array}_[1-2]").status == 0
    else:
        for element in 1, 2:
            assert slurm.run(f"scancel {array}_{element}").status == 0
    slurm.wait(lambda: squeue(slurm) == ["0 RUNNING"])
    (repo.root / "go").touch()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 255 and out.count("cancelled") >= 2, out
    # the first one has run once, the others never, and nothing was submitted again
    assert len((repo.root / "ran").read_text().split()) == 1
    assert slurm.count("sbatch") == 1
