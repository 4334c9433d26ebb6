"""Experiments that one tool has pushed, pulled by the other. Nothing here is recorded: the real DVC runs every time."""

import pytest
from harness.git_http import git_http
from harness.shared import clone, exp_ref, far_names, far_refs, start, stored

pytestmark = pytest.mark.live


@pytest.fixture
def shared(maker):
    """A repository with three experiments: (sandbox, tool that pushes, tool that pulls)"""
    box, pushes, pulls = maker
    return start(box), pushes, pulls


def test_pushed_by_one_and_pulled_by_the_other(shared):
    box, pushes, pulls = shared
    box.use(pushes).check("dvc exp push origin e1 e2")
    clone(box).use(pulls)
    assert box.check("dvc exp pull origin e1").out == "Pulled experiment '['e1']' from Git remote 'origin'.\n"
    assert box.check("dvc exp list --name-only").out == "e1\n"
    assert "e1," in box.check("dvc exp show --csv").out
    box.check("dvc exp apply e1")
    assert (box.cwd / "data").read_text() == "one"
    assert box.check("git rev-parse " + exp_ref(box, "e1")).out.strip() == far_refs(box)[exp_ref(box, "e1")]


def test_up_to_date_for_the_other(shared):
    box, pushes, pulls = shared
    box.use(pushes).check("dvc exp push origin e1")
    before = far_refs(box), stored(box)
    assert box.use(pulls).check("dvc exp push origin e1").out == "Experiment e1 is up to date on Git remote 'origin'.\n"
    assert box.check("dvc exp pull origin e1").out == "No experiments to pull.\n"
    assert (far_refs(box), stored(box)) == before


def test_diverged_for_the_other(shared):
    box, pushes, pulls = shared
    box.use(pushes).check("dvc exp push origin e1")
    box.check("sh mk.sh e1 other")
    box.use(pulls)
    assert "Local experiment e1 has diverged from remote experiment" in box.check("dvc exp push origin e1").err
    assert "has diverged from remote experiment" in box.check("dvc exp pull origin e1").err
    box.check("dvc exp push -f origin e1")
    clone(box).use(pushes).check("dvc exp pull origin e1 && dvc exp apply e1")
    assert (box.cwd / "data").read_text() == "other"


def test_listed_and_removed_by_the_other(shared):
    box, pushes, pulls = shared
    box.use(pushes).check("dvc exp push origin")
    box.use(pulls)
    assert sorted(box.check("dvc exp list origin --name-only").lines) == ["e1", "e2", "e3"]
    box.check("dvc exp remove -g origin e1")
    assert sorted(box.use(pushes).check("dvc exp list origin --name-only").lines) == ["e2", "e3"]


def test_over_http(shared):
    box, pushes, pulls = shared
    with git_http(box.root) as server:
        url = f"{server.address}/far/.git"
        box.use(pushes).check(f"dvc exp push {url} e1 e3")
        assert far_names(box) == ["e1", "e3"]
        clone(box).use(pulls).check(f"dvc exp pull {url} e3")
        box.check("dvc exp apply e3")
        assert (box.cwd / "data").read_text() == "three"


def test_data_after_git_fetch(shared):
    box, pushes, pulls = shared
    box.use(pushes).check("dvc exp push origin e2")
    clone(box).use(pulls).check("git fetch -q origin 'refs/exps/*:refs/exps/*' && dvc exp pull origin e2 && dvc exp apply e2")
    assert (box.cwd / "data").read_text() == "two"


def test_a_run_that_one_pushed_automatically(maker):
    box, pushes, pulls = maker
    start(box)
    box.write({"dvc.yaml": "stages:\n  s:\n    cmd: cp params.yaml o\n    params: [lr]\n    outs: [o]\n", "params.yaml": "lr: 1\n"})
    box.check("git add -A && git commit -qm stage && git push -q origin master")
    box.extra_env["DVC_EXP_AUTO_PUSH"] = "1"
    box.use(pushes).check("dvc exp run -n r1 -S lr=2 && dvc exp run --temp -n r2 -S lr=3")
    box.extra_env.clear()
    clone(box).use(pulls).check("dvc exp pull origin && dvc exp apply r2")
    assert (box.cwd / "o").read_text() == "lr: 3\n"
    # the run-cache went along
    box.check("git reset -q --hard && rm -rf o .dvc/cache && dvc fetch -q --run-cache")
    assert list((box.cwd / ".dvc/cache/runs").iterdir())


def test_from_a_shallow_clone(shared):
    box, pushes, pulls = shared
    box.check(f"git commit -q --allow-empty -m next && git push -q origin master && git clone -q --depth 1 file://{box.root}/far/.git ../second")
    box.check("cp mk.sh ../second/")
    box.cwd = box.root / "second"
    box.check("sh mk.sh s1 shallow")
    box.use(pushes).check("dvc exp push origin s1")
    box.cwd = box.root / "repo"
    box.use(pulls).check("dvc exp pull origin s1 && dvc exp apply s1")
    assert box.read("data") == "shallow"
