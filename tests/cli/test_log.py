"""Past runs: what is stored for each, in which order, and how it is printed."""

import json
import re
import time

import pytest

FILES = {
    "dvc.yaml": "stages:\n"
                "  slow:\n    cmd: sleep 0.05 && cp in slow\n    deps: [in]\n    outs: [slow]\n"
                "  broken:\n    cmd: sh -c 'exit 3'\n    deps: [slow]\n    outs: [never]\n",
    "in": "1",
}


@pytest.fixture
def project(repo):
    repo.write(FILES)
    repo.check("git add -A && git commit -q -m base")
    return repo


def log(box, arguments=""):
    return json.loads(box.check(f"cairn log --json {arguments}").out)


def test_no_runs(project):
    assert project.check("cairn log").out == project.check("cairn log slow").out == "No runs recorded.\n"
    assert log(project) == []


def test_ran_failed_restored(project):
    head = project.check("git rev-parse HEAD").out.strip()
    before = time.time()
    project.sh("cairn repro -q")
    project.write({"in": "2"})
    project.sh("cairn repro -q slow")
    project.write({"in": "1"})
    project.check("cairn repro slow | grep -q 'is cached'")
    project.check("cairn repro slow | grep -q 'change, skipping'")  # not a run
    after = time.time()
    runs = log(project, "slow")
    assert [(r["outcome"], r["status"]) for r in runs] == [("restored", 0), ("ran", 0), ("ran", 0)]
    for r in runs:
        assert set(r) == {"stage", "started", "outcome", "end", "status", "duration", "cpu", "peak_kib", "same_command", "commit"}
        assert r["stage"] == "slow" and r["commit"] == head and r["same_command"] is True
        assert before - 0.02 <= r["started"] <= after
    assert runs[0]["peak_kib"] is None and runs[0]["cpu"] == 0 and 0 < runs[0]["duration"] < 5
    assert 0.05 <= runs[1]["duration"] < 5 and 0 < runs[1]["cpu"] < 5 and runs[1]["peak_kib"] > 100
    [broken] = log(project, "broken")
    assert (broken["outcome"], broken["status"]) == ("failed", 3)


def test_killed_and_several_lines(repo):
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd:\n    - sleep 0.03\n    - sleep 0.04\n    - kill -9 $$\n    - echo never\n"})
    repo.sh("cairn repro -q")
    [run] = log(repo, "a")
    assert (run["outcome"], run["status"]) == ("failed", -9) and run["duration"] >= 0.07
    assert "killed (9)" in repo.check("cairn log a").out


def test_table(project):
    project.sh("cairn repro -q")
    head = project.check("git rev-parse --short=7 HEAD").out.strip()
    out = project.check("cairn log").out
    assert "\t" not in out
    shown = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "WHEN".ljust(19), out)
    shown = re.sub(r"\b\d+ms", "TIMES", shown)
    shown = re.sub(r"\b\d+(\.\d+)?[kM]B", "SIZES.", shown)
    assert re.sub(r"  +", "  ", shown) == ("Stage  Started  Result  Time  CPU  Memory  Commit\n"
                                           f"broken  WHEN  failed (3)  TIMES  TIMES  SIZES.  {head}\n"
                                           f"slow  WHEN  ran  TIMES  TIMES  SIZES.  {head}\n")
    assert len({line.index("  " + word) for line, word in zip(out.splitlines(), ["Commit", head, head])}) == 1
    assert project.check("cairn log slow").out.startswith("Started              Result    Time")


def test_how_many(project):
    for i in range(25):
        project.write({"in": f"{i}{i}"})
        project.check("cairn repro -q slow")
    started = [r["started"] for r in log(project, "slow -n 100")]
    assert len(started) == 25 and started == sorted(started, reverse=True)
    assert [r["started"] for r in log(project, "slow")] == started[:20]
    assert [r["started"] for r in log(project)] == started[:1]
    assert [r["started"] for r in log(project, "-n 3")] == started[:3]
    assert project.sh("cairn log -n -1").status == 254


def test_addresses(repo):
    repo.write({"sub/dvc.yaml": "stages:\n  each:\n    foreach: [x, y]\n    do:\n      cmd: echo > ${item}\n      outs: ['${item}']\n",
                "dvc.yaml": "stages:\n  each:\n    cmd: echo > top\n    outs: [top]\n"})
    repo.check("cairn repro -q -P && cairn add -q sub/dvc.yaml 2>/dev/null || true")
    assert {r["stage"] for r in log(repo, "sub/dvc.yaml:each")} == {"sub/dvc.yaml:each@x", "sub/dvc.yaml:each@y"}
    assert {r["stage"] for r in log(repo)} == {"each", "sub/dvc.yaml:each@x", "sub/dvc.yaml:each@y"}
    assert [r["stage"] for r in log(repo, "each each")] == ["each"]
    inside = json.loads(repo.check("cd sub && cairn log --json each@y").out)
    assert [r["stage"] for r in inside] == ["each@y"]
    assert [r["stage"] for r in log(repo, "--glob 'sub/dvc.yaml:*@x'")] == ["sub/dvc.yaml:each@x"]


def test_command_changed_since(project):
    project.check("cairn repro -q slow")
    project.check("sed -i 's/cp in/cat in >/' dvc.yaml")
    assert log(project, "slow")[0]["same_command"] is False


def test_losing_it_costs_nothing(project):
    project.check("cairn repro -q slow && rm -rf ../.site && cairn log slow | grep -q 'No runs' && cairn repro slow")


def test_what_is_not_a_run(project):
    project.check("cairn repro -q --dry slow && cairn why && cairn log | grep -q 'No runs'")
    project.write({"dvc.yaml": "stages:\n  a:\n    cmd: echo\n    wdir: sub\n"})
    project.sh("mkdir sub && SHELL=/no/such/shell cairn repro -q")
    assert log(project) == []
