"""`cairn executor check` on a real Slurm."""

from harness.slurm import SUBMIT_AND_TIME_OUT


def bad(done):
    """The lines that are not ok."""
    return [line for line in done.lines if not line.startswith("ok ")]


def left(box):
    """What is left of the probes."""
    return [p for p in (box.repo / ".dvc/tmp/jobs").rglob("*") if p.is_file() or p.parent.name == "batches"]


def settings(box, **sections):
    text = "".join(f'[executor "{name}"]\n    type = slurm\n    interval = 1s\n    beat = 1s\n    {keys}\n' for name, keys in sections.items())
    box.write({".dvc/cairn.config": text})
    box.check("cairn config cache.type hardlink,copy")


def test_two_nodes_of_slurm(slurm, repo):
    slurm.attach(repo)
    settings(repo, gpu="")
    done = repo.check("cairn executor check gpu --wait 60s")
    assert bad(done) == []
    assert [line for line in done.lines if "exclude each other" in line] == [
        "ok       claims     n1 and n2 exclude each other by link(2)",
        "ok       locks      n1 and n2 exclude each other by flock(2)",
        "ok       marks      n1 and n2 exclude each other by fcntl(2)"]
    assert slurm.count("sbatch") == 2 and left(repo) == []


def test_one_node_of_slurm(slurm, repo):
    slurm.attach(repo)
    settings(repo, single="partition = one")
    done = repo.check("cairn executor check single --wait 60s")
    assert bad(done) == ["warning  nodes      a second node cannot be had, so that locks between nodes were not tried: "
                         "Batch job submission failed: Requested node configuration is not available"]


def test_jobs_that_slurm_does_not_run(slurm, repo):
    slurm.attach(repo)
    settings(repo, gone="partition = nope", held="options = --hold", late="options = --begin=now+1hour",
             noprog="program = /nonexistent/cairn", setup="setup = echo no module >&2; false")
    assert repo.sh("cairn executor check gone").out == (
        "error    submission invalid partition specified: nope; Batch job submission failed: Invalid partition name specified\n")
    done = repo.sh("cairn executor check held --wait 30s")
    assert done.status == 1 and "cannot start: JobHeldUser" in done.out
    done = repo.sh("cairn executor check late --wait 2s")
    assert done.status == 1 and "has not begun in time: BeginTime" in done.out and "waits: BeginTime" in done.err
    done = repo.sh("cairn executor check noprog --wait 60s")
    assert done.status == 1 and "/nonexistent/cairn: No such file or directory" in done.out
    done = repo.sh("cairn executor check setup --wait 60s")
    assert done.status == 1 and "no module; the setup of executor 'setup' failed" in done.out
    assert left(repo) == []
    assert slurm.run("squeue --noheader").out == ""


def test_a_submission_in_doubt_is_found(slurm, repo):
    slurm.attach(repo)
    settings(repo, gpu="")
    slurm.next("sbatch", SUBMIT_AND_TIME_OUT)
    assert bad(repo.check("cairn executor check gpu --wait 60s")) == []
    assert slurm.count("sbatch") == 2
