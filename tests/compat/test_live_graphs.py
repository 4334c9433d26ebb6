"""Random pipelines: cairn's order and drawing compared with those of DVC's planner, which is called in the same
process."""

import json
import os
import pathlib
import random
import re
import subprocess

import pytest
from harness.sandbox import REAL_DVC

ASK_DVC = """
import json, os, sys
from dvc.commands.dag import _build, _show_ascii, _show_dot
from dvc.repo import Repo
from dvc.repo.reproduce import collect_stages, get_active_graph, plan_repro
answers = []
for project in json.load(sys.stdin):
    os.chdir(project["root"])
    with Repo(".") as repo:
        graph = get_active_graph(repo.index.graph)
        plans = []
        for plan in project["plans"]:
            stages = [] if plan["all"] else collect_stages(repo, plan["targets"] or ["dvc.yaml"])
            steps = plan_repro(graph, stages, pipeline=plan["pipeline"], downstream=plan["downstream"])
            plans.append([s.addressing for s in steps if not s.frozen])
        drawing = _show_ascii(_build(repo)) if project["draw"] else None
        answers.append({"plans": plans, "drawing": drawing, "dot": _show_dot(_build(repo)), "outs": _show_dot(_build(repo, outs=True))})
json.dump(answers, sys.stdout)
"""
FOLDERS = ["", "sub", "sub/deep"]


def long_edges(stages):
    rank = []
    for stage in stages:
        rank.append(max((rank[d] + 1 for d in stage["deps"]), default=0))
    return sum(rank[i] - rank[d] > 1 for i, stage in enumerate(stages) for d in stage["deps"])


def connected(stages):
    seen, open_ = {0}, [0]
    while open_:
        i = open_.pop()
        near = set(stages[i]["deps"]) | {k for k, s in enumerate(stages) if i in s["deps"]}
        open_ += near - seen
        seen |= near
    return len(seen) == len(stages)


def make_project(rnd, root):
    """Write stages in up to three dvc.yaml, in shuffled order, some frozen. Returns the questions to ask."""
    n = rnd.randint(2, 9)
    stages = [{"name": f"s{i}{'x' * rnd.randint(0, 9)}", "dir": rnd.choice(FOLDERS[:rnd.randint(1, 3)]), "frozen": rnd.random() < 0.1,
               "deps": rnd.sample(range(i), rnd.randint(0, min(i, 2)))} for i in range(n)]
    stages[0]["dir"] = ""
    files = {}
    for i in rnd.sample(range(n), n):
        stage = stages[i]
        deps = [os.path.relpath(os.path.join("/", stages[d]["dir"], f"o{d}"), os.path.join("/", stage["dir"])) for d in stage["deps"]]
        files.setdefault(stage["dir"], "stages:\n")
        files[stage["dir"]] += "  %s: {cmd: x, deps: [%s], outs: [o%d]%s}\n" % (
            stage["name"], ", ".join(deps), i, ", frozen: true" if stage["frozen"] else "")
    (root / ".dvc").mkdir(parents=True)
    (root / ".dvc/config").write_text("[core]\n    no_scm = True\n")
    for folder, text in files.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "dvc.yaml").write_text(text)
    names = [(s["dir"] + "/dvc.yaml:" if s["dir"] else "") + s["name"] for s in stages]
    plans = [{"targets": rnd.sample(names, k), "all": all_, "pipeline": pipeline, "downstream": downstream}
             for k, all_, pipeline, downstream in [(0, False, False, False), (1, False, False, False), (2, False, False, False), (0, True, False, False),
                                                   (1, False, True, False), (1, False, False, True)] if k <= n]
    # results in the order of a set or of addresses cannot be compared exactly
    return {"root": str(root), "plans": plans, "draw": connected(stages) and long_edges(stages) < 2, "count": n}


@pytest.mark.live
def test_random_pipelines(new_sandbox):
    box = new_sandbox(start="empty")
    rnd = random.Random(20)
    projects = [make_project(rnd, pathlib.Path(box.root) / f"p{i}") for i in range(40)]
    python = pathlib.Path(REAL_DVC).with_name("python")
    done = subprocess.run([python, "-c", ASK_DVC], input=json.dumps(projects), capture_output=True, text=True, env=box.env, check=False)
    assert done.returncode == 0, done.stderr
    drawn = 0
    for project, answer in zip(projects, json.loads(done.stdout)):
        box.cwd = pathlib.Path(project["root"])
        for plan, steps in zip(project["plans"], answer["plans"]):
            flags = "-P" if plan["all"] else "-p" if plan["pipeline"] else "--downstream" if plan["downstream"] else ""
            out = box.dvc(f"repro --dry -f -k {flags} {' '.join(plan['targets'])}").out
            ran = re.findall(r"Running stage '(.*)':", out)
            if 2 * len(steps) >= project["count"]:
                assert ran == steps, (plan, project["root"])
            else:
                assert sorted(ran) == sorted(steps), (plan, project["root"])
        assert box.dvc("dag --dot").out == answer["dot"] + "\n"
        assert box.dvc("dag --dot -o").out == answer["outs"] + "\n"
        if project["draw"]:
            assert box.dvc("dag").out == answer["drawing"] + "\n"
            drawn += 1
    assert drawn >= 5
