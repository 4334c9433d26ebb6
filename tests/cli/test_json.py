"""--json: one document on standard output, and no other text there."""

import json

import pytest


@pytest.fixture
def project(repo):
    repo.write({"dvc.yaml": "stages:\n  s: {cmd: echo 1 > o, deps: [d], outs: [o], desc: makes o}\n", "d": "1\n", "data/x": "2\n"})
    repo.check("dvc add -q data && dvc remote add -q -d store ../store && dvc repro -q && git add -A && git commit -qm base")
    return repo


def answer(box, line):
    return json.loads(box.check("dvc " + line).out)


def test_stage_list(project):
    assert answer(project, "stage list --json") == [{"name": "s", "desc": "makes o", "deps": ["d"], "outs": ["o"]}]
    assert [s["name"] for s in answer(project, "stage list --all --json")] == ["data.dvc", "s"]


def test_push_fetch_pull(project):
    assert answer(project, "push --json") == {"pushed": 3}
    assert answer(project, "push --json") == {"pushed": 0}
    project.check("rm -rf .dvc/cache o data")
    assert answer(project, "fetch --json o") == {"fetched": 1}
    pulled = answer(project, "pull --json")
    assert pulled == {"fetched": 2, "added": ["data/", "o"], "modified": [], "deleted": [], "failed": []}


def test_pull_that_fails(project):
    project.check("rm -rf .dvc/cache o")
    done = project.dvc("pull --json o")
    assert done.status == 1 and json.loads(done.out)["failed"] == ["o"] and "ERROR: " in done.err


def test_experiments(project):
    assert answer(project, "exp list --json") == []
    assert answer(project, "queue status --json") == {"tasks": [], "workers": {"active": 0, "idle": 0}}
    project.check("dvc exp save -q -n one && dvc exp run -q --queue -n two")
    head = project.check("git rev-parse HEAD").out.strip()
    listed = answer(project, "exp list --json")
    assert [(e["name"], e["baseline"], len(e["rev"])) for e in listed] == [("one", head, 40)]
    tasks = answer(project, "queue status --json")["tasks"]
    assert [(t["name"], t["status"], len(t["id"])) for t in tasks] == [("two", "Queued", 40)]
