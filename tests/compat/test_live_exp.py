"""Experiments of one tool, read by the other. Nothing here is recorded: the real DVC runs every time."""

import json
import re

import pytest

pytestmark = pytest.mark.live

PIPELINE = {
    "train.sh": "lr=$(sed -n 's/^lr: *\\([0-9.]*\\).*/\\1/p' params.yaml)\n"
                "cp params.yaml model\n"
                "echo '{\"acc\": '$lr'}' > m.json\n",
    "dvc.yaml": "stages:\n  train:\n    cmd: sh train.sh\n    deps: [train.sh]\n    params: [lr]\n    outs: [model]\n"
                "    metrics:\n    - m.json:\n        cache: false\n",
    "params.yaml": "lr: 0.1  # the rate\nother: 1\n",
}


def start(box, tool):
    """A pipeline that has run once and is committed."""
    box.use(tool).write(PIPELINE)
    box.check("dvc repro -q")
    box.check("git add -A && git commit -qm base")
    return box


def table(box, tool, options=""):
    """exp show --json without the field in which the tools may differ: who ran an experiment."""
    rows = json.loads(box.use(tool).check(f"dvc exp show --json {options}").out)
    for row in rows:
        for experiment in row["experiments"] or []:
            experiment["executor"] = None
    return rows


def git_state(box):
    return box.check("git for-each-ref; git status --porcelain; git rev-parse HEAD").out


def test_workspace_run_read_by_the_other(maker):
    box, makes, reads = maker
    start(box, makes)
    box.check("dvc exp run -n one -S lr=0.2")
    box.use(reads)
    assert box.check("dvc exp list --name-only").out == "one\n"
    assert box.check("dvc status").out == "Data and pipelines are up to date.\n"
    assert "Stage 'train' didn't change, skipping" in box.check("dvc repro --dry").out
    before = git_state(box)
    assert table(box, makes) == table(box, reads)
    assert git_state(box) == before


def test_temp_run_read_by_the_other(maker):
    box, makes, reads = maker
    start(box, makes)
    box.check("dvc exp run --temp -n t -S lr=0.7")
    assert table(box, makes) == table(box, reads)
    box.use(reads).check("dvc exp apply t")
    assert box.read("params.yaml").startswith("lr: 0.7")
    assert box.read("model").startswith("lr: 0.7")
    assert box.check("dvc status").out == "Data and pipelines are up to date.\n"


def test_apply_branch_rename_remove_what_the_other_made(maker):
    box, makes, reads = maker
    start(box, makes)
    box.check("dvc exp run -q -n one -S lr=0.2")
    box.check("dvc exp run -q -n two -S lr=0.3")
    box.use(reads)
    box.check("dvc exp rename one uno")
    box.check("dvc exp branch two from-two")
    box.check("dvc exp apply uno")
    assert box.read("m.json") == '{"acc": 0.2}\n'
    box.use(makes)
    assert sorted(box.check("dvc exp list --name-only").lines) == ["two", "uno"]
    box.use(reads).check("dvc exp remove uno two")
    assert box.use(makes).check("dvc exp list").out == ""
    assert "from-two" in box.check("git branch").out


def test_queue_made_by_dvc_is_run_by_cairn(two_tools):
    box = start(two_tools, two_tools.real)
    box.check("dvc exp run --queue -n q1 -S lr=0.5")
    box.check("dvc exp run --queue -n q2 -S lr=0.6 train")
    box.use(box.cairn)
    status = box.check("dvc queue status").out
    assert re.search(r"q1 .* Queued\n.*q2 .* Queued", status), status
    box.check("dvc exp run --run-all -j 2")
    assert sorted(box.check("dvc exp list --name-only").lines) == ["q1", "q2"]
    box.use(box.real)
    assert sorted(box.check("dvc exp list --name-only").lines) == ["q1", "q2"]


def test_queue_of_cairn_leaves_experiments_that_dvc_shows(two_tools):
    box = start(two_tools, two_tools.cairn)
    box.check("dvc exp run --queue -n sw -S lr=0.2,0.3,0.4")
    box.check("dvc exp run --run-all -j 2")
    assert table(box, box.cairn) == table(box, box.real)
    box.use(box.real).check("dvc exp apply sw-3")
    assert box.read("m.json") == '{"acc": 0.4}\n'


def test_commits_are_equal_but_for_the_time(two_tools, new_sandbox):
    """The same run by each tool gives the same tree, message and parent."""
    seen = []
    for tool in (two_tools.cairn, two_tools.real):
        box = start(new_sandbox(), tool)
        box.check("dvc exp run -n one -S lr=0.2")
        ref = box.check("git for-each-ref --format='%(refname)' | grep /one$").out.strip()
        seen.append(ref + "\n" + box.check(f"git log -1 --format='%T %P %an %ae %cn %ce%n%B' {ref}").out)
    assert seen[0] == seen[1]


def test_saved_experiment_read_by_the_other(maker):
    box, makes, reads = maker
    start(box, makes)
    box.write({"params.yaml": "lr: 0.9\nother: 1\n"})
    box.check("dvc repro -q")
    box.check("dvc exp save -n saved")
    assert table(box, makes) == table(box, reads)


def test_stages_see_the_same_environment(two_tools, new_sandbox):
    """The files that DVCLive looks for exist with both tools, in the workspace and in a temporary directory."""
    seen = []
    for tool in (two_tools.cairn, two_tools.real):
        box = start(new_sandbox(), tool)
        box.write({"dvc.yaml": "stages:\n  e:\n    cmd: env | grep ^DVC_ | sort > env.txt\n    outs:\n"
                               "    - env.txt:\n        cache: false\n    always_changed: true\n"})
        box.check("git add -A && git commit -qm env")
        box.check("dvc exp run -q -f -n w")
        workspace = box.read("env.txt")
        box.check("dvc exp run -q -f --temp -n t")
        ref = box.check("git for-each-ref --format='%(refname)' | grep /t$").lines[-1]
        apart = box.check(f"git show {ref}:env.txt").out
        seen.append([text.replace(str(box.root), "<DIR>") for text in (workspace, apart)])
    assert seen[0] == seen[1]
