"""`--dry` reports what would run, also where no data exists yet."""

import pytest

CHAIN = {
    "raw": "raw\n",
    "params.yaml": "lr: 1\n",
    "dvc.yaml": """\
stages:
  a:
    cmd: mkdir d && cp raw a && cp raw d/x
    deps: [raw]
    params: [lr]
    outs: [a, d]
  b: {cmd: cp a b, deps: [a], outs: [b]}
  c: {cmd: cp d/x c, deps: [d/x], outs: [c]}
""",
}


@pytest.fixture
def chain(repo):
    repo.write(CHAIN)
    return repo


def told(result):
    """The report for each stage."""
    assert result.status == 0, result
    return [line for line in result.lines if line.startswith(("Running", "Stage", "'"))]


def test_fresh_pipeline(chain):
    assert told(chain.dvc("repro --dry")) == ["Running stage 'a':", "Running stage 'b':", "Running stage 'c':"]
    assert sorted(p.name for p in chain.repo.iterdir() if not p.name.startswith(".")) == ["dvc.yaml", "params.yaml", "raw"]


def test_directory_around_what_will_be_made(chain):
    chain.write({"dvc.yaml": CHAIN["dvc.yaml"] + "  e: {cmd: ls all > e, deps: [all], outs: [e]}\n  m: {cmd: mkdir all; touch all/m, outs: [all/m]}\n"})
    assert "Running stage 'e':" in told(chain.dvc("repro --dry"))


def test_restored_stages_are_told_from_what_is_recorded(chain):
    chain.check("dvc repro -q && rm -r a b c d .dvc/cache/runs")
    assert [line for line in told(chain.dvc("repro --dry")) if line.startswith("Stage")] == [
        f"Stage '{name}' is cached - skipping run, checking out outputs" for name in "abc"]
    chain.write({"params.yaml": "lr: 2\n"})
    assert told(chain.dvc("repro --dry")) == ["Running stage 'a':", "Running stage 'b':", "Running stage 'c':"]


def test_what_nobody_makes_is_missing(chain):
    chain.check("rm raw")
    result = chain.dvc("repro --dry")
    assert result.status == 255 and "[Errno 2] No such file or directory: '" in result.err and "/raw'" in result.err
    chain.write({"raw": "raw\n"})
    result = chain.dvc("repro --dry -s b")
    assert result.status == 255 and "failed to reproduce 'b'" in result.err


def test_experiment_with_tracked_data(chain):
    chain.check("dvc add -q raw && dvc repro -q && git add -A && git commit -qm base && rm b")
    assert told(chain.dvc("exp run --dry")) == [
        "'raw.dvc' didn't change, skipping", "Stage 'a' didn't change, skipping", "Stage 'b' didn't change, skipping",
        "Stage 'c' didn't change, skipping"]
    assert told(chain.dvc("exp run --dry -S lr=2"))[:2] == ["'raw.dvc' didn't change, skipping", "Running stage 'a':"]
    assert chain.read("params.yaml") == "lr: 1\n" and chain.check("dvc exp list --name-only").out == ""
