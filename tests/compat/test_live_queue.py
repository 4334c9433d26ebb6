"""One queue, two tools: each shows what the other has queued, runs, killed and finished."""
import json
import os

import pytest

from harness.waiting import wait_for

FILES = {
    "dvc.yaml": "stages:\n  train:\n    cmd: sh train.sh\n    deps: [train.sh]\n    params: [lr]\n    outs: [model]\n",
    "params.yaml": "lr: 1\n",
    "train.sh": "lr=$(cut -d' ' -f2 params.yaml)\necho $lr\ncase $lr in 66) exit 3;; 77) touch $ROOT/begun; sleep 300;; esac\ncp params.yaml model\n",
}


@pytest.fixture
def box(two_tools):
    """A queue that cairn has made: a task that succeeds, one that fails, one that takes long, and one after it."""
    box = two_tools
    box.extra_env["ROOT"] = str(box.root)
    box.write(FILES)
    box.use(box.cairn).check("git add -A && git commit -qm base")
    for name, lr in (("good", 2), ("bad", 66), ("slow", 77), ("later", 3)):
        box.check(f"dvc exp run -q --queue -n {name} -S lr={lr}")
    return box


def executors(box, tool):
    """What the table says about each experiment's process, and whether it has failed."""
    table = json.loads(box.use(tool).check("dvc exp show --json").out)
    return {e["name"]: (e["executor"], e["revs"][0]["error"]) for rev in table for e in rev["experiments"] or []}


def states(box, tool):
    rows = [line.split() for line in box.use(tool).check("dvc queue status").lines[1:] if line and not line.startswith(("Worker", "No"))]
    # tasks that ended within the same second have no order
    return sorted((row[1], row[-1]) for row in rows)


def assert_same_view(box, **expected):
    assert executors(box, box.real) == executors(box, box.cairn)
    seen = states(box, box.real)
    assert seen == states(box, box.cairn)
    assert dict(seen) == expected


@pytest.mark.parametrize("runs", ["cairn", "real"])
def test_both_see_each_state_of_what_one_of_them_runs(box, runs):
    assert_same_view(box, good="Queued", bad="Queued", slow="Queued", later="Queued")
    # DVC's worker starts `dvc` from PATH later, when that may be cairn; and it keeps the pipe of its output
    program = getattr(box, runs)
    box.use(program).check(f"PATH={os.path.dirname(program)}:$PATH {program} queue start >/dev/null 2>&1")
    wait_for(lambda: (box.root / "begun").exists() and ("slow", "Running") in states(box, box.cairn))
    assert_same_view(box, slow="Running", later="Queued", bad="Failed", good="Success")
    box.use(box.cairn).check("dvc queue kill slow")
    wait_for(lambda: ("later", "Success") in states(box, box.cairn))
    wait_for(lambda: ("slow", "Failed") in states(box, box.real) and ("later", "Success") in states(box, box.real))
    assert_same_view(box, bad="Failed", slow="Failed", good="Success", later="Success")
    box.use(box.real).check("dvc queue remove --failed")
    box.use(box.cairn).check("dvc queue remove --success")
    assert states(box, box.real) == states(box, box.cairn) == []


def test_dvc_kills_what_cairn_runs(box):
    box.use(box.cairn).check("dvc queue start")
    wait_for((box.root / "begun").exists)
    wait_for(lambda: ("slow", "Running") in states(box, box.cairn))
    box.use(box.real).check("dvc queue kill slow")
    wait_for(lambda: ("slow", "Failed") in states(box, box.cairn))


def test_what_one_removes_the_other_does_not_run(box):
    box.use(box.real).check("dvc queue remove slow bad")
    assert states(box, box.cairn) == [("good", "Queued"), ("later", "Queued")]
    box.use(box.cairn).check("dvc queue remove good")
    assert states(box, box.real) == [("later", "Queued")]
    box.use(box.real).check("dvc exp run --run-all")
    assert box.use(box.cairn).check("dvc exp list --name-only").out == "later\n"


def test_decisions_of_cairn_do_not_disturb_dvc(box):
    box.use(box.cairn).check("dvc queue hold good && dvc queue priority later 3")
    assert sorted(states(box, box.real)) == [("bad", "Queued"), ("good", "Queued"), ("later", "Queued"), ("slow", "Queued")]
    box.use(box.real).check("dvc queue remove bad slow later")
    box.check("dvc exp run --run-all")
    assert states(box, box.cairn) == [("good", "Success")]


def test_options_in_messages_of_dvc_are_respected(two_tools):
    """DVC has the message and the paths to copy in its broker only."""
    box = two_tools
    box.write({"dvc.yaml": "stages:\n  s:\n    cmd: cat notes > out\n    params: [lr]\n    outs: [out]\n", "params.yaml": "lr: 1\n",
               "notes": "mine\n", ".gitignore": "/notes\n"})
    box.use(box.real).check("git add -A && git commit -qm base")
    box.check("dvc exp run --queue -n one -S lr=2 -C notes -m 'my words'")
    box.use(box.cairn).check("dvc exp run --run-all && dvc exp apply one")
    assert box.read("out") == "mine\n"
    assert box.check("git log -1 --format=%s $(git for-each-ref --format='%(objectname)' 'refs/exps/*/*/one')").out == "my words\n"
