"""`params show`, and `metrics show --rev`: the numbers of single revisions, for scripts."""

import json
import re

import pytest


@pytest.fixture
def project(repo):
    """Two commits and an experiment; each has another rate and another score."""
    repo.write({"params.yaml": "lr: 0.1\nmodel: {depth: 3}\n", "other.json": '{"seed": 1}', "dvc.yaml": """\
params: [other.json]
stages:
  train:
    cmd: "sed 's/lr/score/;/depth/d' params.yaml > m.yaml"
    params: [lr]
    metrics: [m.yaml: {cache: false}]
"""})
    repo.check("dvc repro -q && git add -A && git commit -qm one && git tag v1")
    repo.write({"params.yaml": "lr: 0.2\nmodel: {depth: 3}\n"})
    repo.check("dvc repro -q && git commit -qam two && dvc exp run -q -n tried -S lr=0.3")
    repo.check("git checkout -q . && dvc checkout -q")
    return repo


def test_params_of_the_workspace(project):
    assert project.check("cairn params show").out == ("Path         lr    model.depth    seed\n"
                                                      "params.yaml  0.2   3              -\n"
                                                      "other.json   -     -              1\n")
    assert project.check("cairn params show --deps").out == "Path         lr\nparams.yaml  0.2\n"
    assert project.check("cairn params show other.json --md").out == "| Path       | seed   |\n|------------|--------|\n| other.json | 1      |\n\n"


@pytest.mark.parametrize("rev, lr", [("v1", 0.1), ("HEAD", 0.2), ("HEAD~1", 0.1), ("tried", 0.3), ("workspace", 0.2)])
def test_one_revision(project, rev, lr):
    params = json.loads(project.check(f"cairn params show --rev {rev} --json").out)
    assert params == {rev: {"data": {"params.yaml": {"data": {"lr": lr, "model": {"depth": 3}}}, "other.json": {"data": {"seed": 1}}}}}
    metrics = json.loads(project.check(f"cairn metrics show --rev {rev} --json").out)
    assert metrics == {rev: {"data": {"m.yaml": {"data": {"score": lr}}}}}


def test_several_revisions_in_a_table(project):
    assert project.check("cairn metrics show --rev tried --rev v1").out == ("Revision    Path    score\n"
                                                                            "tried       m.yaml  0.3\n"
                                                                            "v1          m.yaml  0.1\n")


def test_the_workspace_comes_with_tags_as_before(project):
    assert list(json.loads(project.check("cairn params show -T --json").out)) == ["workspace", "v1"]


def test_an_unknown_revision(project):
    failed = project.sh("cairn params show --rev v3")
    assert failed.status == 255
    assert failed.err.startswith("ERROR: unknown Git revision 'v3'\n")


def test_a_free_name(project):
    """`exp name`: as the names that `exp run` makes, with the ref that the experiment would have."""
    made = json.loads(project.check("cairn exp name --json").out)
    head = project.check("git rev-parse HEAD").out.strip()
    assert re.fullmatch("[a-z]+-[a-z]+", made["name"])
    assert made["ref"] == f"refs/exps/{head[:2]}/{head[2:]}/{made['name']}"
    project.check(f"cairn exp run -q -n {made['name']} -S lr=0.9 && git show-ref --verify {made['ref']}")
    assert re.fullmatch("[a-z]+-[a-z]+\n", project.check("cairn exp name").out)
