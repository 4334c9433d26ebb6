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
    assert answer(project, "stage list --json") == [{
        "name": "s", "addressing": "s", "file": "dvc.yaml", "wdir": ".", "cmd": "echo 1 > o", "desc": "makes o",
        "frozen": False, "always_changed": False, "deps": [{"path": "d", "kind": "file"}],
        "outs": [{"path": "o", "kind": "data", "cache": True, "persist": False, "push": True, "md5": "b026324c6904b2a9cb4b88d6d61c81d1"}]}]
    assert [(s["name"], s["addressing"]) for s in answer(project, "stage list --all --json")] == [(None, "data.dvc"), ("s", "s")]


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
    assert len(answer(project, "exp save --json -n one")["ref"]) == 40
    project.check("dvc exp run -q --queue -n two")
    head = project.check("git rev-parse HEAD").out.strip()
    listed = answer(project, "exp list --json")
    assert [(e["name"], e["baseline"], len(e["rev"])) for e in listed] == [("one", head, 40)]
    tasks = answer(project, "queue status --json")["tasks"]
    assert [(t["name"], t["status"], len(t["id"])) for t in tasks] == [("two", "Queued", 40)]


def test_unknown_names_every_directory(repo):
    """Of two directories whose names begin alike, as in DVC: the listing that tells what is new in them is lost."""
    repo.write({"d/a-b": "1\n", "d/a/x": "2\n", "d/zz": "3\n"})
    repo.check("dvc add -q d && git add -A && git commit -qm base")
    old = repo.read("d.dvc").split("md5: ")[1].split(".dir")[0]
    repo.write({"d/zz": "4\n"})
    repo.check(f"dvc add -q d && rm -f .dvc/cache/files/md5/{old[:2]}/{old[2:]}.dir")
    assert sorted(answer(repo, "data status --granular --json")["committed"]["unknown"]) == ["d/a-b", "d/a/", "d/a/x", "d/zz"]


def test_status_of_a_remote_that_is_not_set(repo):
    repo.write({"dvc.yaml": "stages:\n  s: {cmd: echo}\n"})
    assert repo.check("dvc status -c").out == "Cache and remote 'None' are in sync.\n"


def test_a_bad_pattern_is_named(project):
    done = project.dvc("exp show --drop ok --drop '('")
    assert done.status == 255 and "bad pattern '('" in done.err
