"""`--spark`: the course of metrics over commits (metrics diff) and over steps (exp show), in one cell of the table."""

import json

import pytest


def commit_metrics(box, values, name="m.json"):
    """One commit for each value; None: the file has another key."""
    for i, value in enumerate(values):
        box.write({name: json.dumps({"train": {"acc": value} if value is not None else {"other": i}})})
        box.check(f"git add -A && git commit -qm step{i}")


@pytest.fixture
def project(repo):
    repo.write({"dvc.yaml": "metrics:\n- m.json\n"})
    return repo


def courses(box, arguments):
    """{metric: course} of a table without paths."""
    lines = box.check(f"cairn metrics diff --no-path {arguments}").lines
    assert lines[0].endswith("Course")
    return {line.split()[0]: line.split()[-1] for line in lines[1:]}


# ---- metrics diff


def test_commits_between(project):
    commit_metrics(project, [1, 2, 3, 4, 5, 6, 7, 8])
    done = project.check("cairn metrics diff --spark HEAD~7 HEAD")
    assert done.out == ("Path    Metric     HEAD~7    HEAD    Change    Course\n"
                        "m.json  train.acc  1         8       7         ▁▂▃▄▅▆▇█\n")
    assert courses(project, "--spark HEAD HEAD~7") == {"train.acc": "█▇▆▅▄▃▂▁"}
    assert courses(project, "--spark HEAD~2 HEAD") == {"train.acc": "▁▅█"}


def test_the_workspace_is_the_last_step(project):
    commit_metrics(project, [8, 7, 6])
    project.write({"m.json": '{"train": {"acc": 1}}'})
    assert courses(project, "--spark HEAD~2") == {"train.acc": "█▇▆▁"}
    assert courses(project, "--spark") == {"train.acc": "█▁"}


def test_what_is_missing_is_a_gap(project):
    commit_metrics(project, [1, None, 4, 8])
    assert courses(project, "--spark HEAD~3 HEAD")["train.acc"] == "▁·▄█"


def test_a_broken_commit_is_a_gap(project):
    commit_metrics(project, [1])
    project.write({"m.json": "{"})
    project.check("git add -A && git commit -qm broken")
    commit_metrics(project, [8])
    done = project.check("cairn metrics diff --spark HEAD~2 HEAD --no-path")
    assert done.out.split()[-1] == "▁·█" and done.err == ""


def test_at_most_forty_steps(project):
    for i in range(60):
        project.write({"m.json": json.dumps({"acc": i})})
        project.check(f"git commit -qam {i} || git add -A && git commit -qm {i} --allow-empty")
    [course] = courses(project, "--spark HEAD~55 HEAD").values()
    assert len(course) == 40 and course[0] == "▁" and course[-1] == "█" and list(course) == sorted(course)


def test_branches_that_parted_have_two_steps(project):
    commit_metrics(project, [1, 2])
    project.check("git checkout -q -b side HEAD~1")
    commit_metrics(project, [3, 4])
    assert courses(project, "--spark master side") == {"train.acc": "▁█"}


def test_only_first_parents_count(project):
    commit_metrics(project, [1])
    project.check("git checkout -q -b side")
    commit_metrics(project, [50, 60])
    project.check("git checkout -q master && git merge -q --no-ff -s ours -m merge side")
    commit_metrics(project, [8])
    assert courses(project, "--spark HEAD~2 HEAD") == {"train.acc": "▁▁█"}


def test_tracked_metrics_come_from_the_cache_and_never_from_a_remote(project):
    project.write({"dvc.yaml": "stages:\n  s:\n    cmd: cp in m.json\n    deps: [in]\n    metrics: [m.json]\n"})
    project.check("dvc remote add -q -d r ../remote")
    for value in (1, 5, 8):
        project.write({"in": json.dumps({"acc": value})})
        project.check("dvc repro -q && git add -A && git commit -qm s")
    assert courses(project, "--spark HEAD~2 HEAD") == {"acc": "▁▅█"}
    project.check("dvc push -q -A && rm -rf .dvc/cache .dvc/tmp")
    assert courses(project, "--spark HEAD~2 HEAD") == {"acc": "▁·█"}


def test_markdown_and_ascii(project):
    commit_metrics(project, [1, 4, 8])
    assert project.check("cairn metrics diff --spark --md --no-path HEAD~2 HEAD").out == (
        "| Metric    | HEAD~2   | HEAD   | Change   | Course   |\n"
        "|-----------|----------|--------|----------|----------|\n"
        "| train.acc | 1        | 8      | 7        | ▁▄█      |\n\n")
    project.extra_env["LC_ALL"] = "C"
    assert courses(project, "--spark HEAD~2 HEAD") == {"train.acc": "_=@"}


def test_json_is_as_without(project):
    commit_metrics(project, [1, 8])
    plain = project.check("cairn metrics diff --json HEAD~1 HEAD").out
    assert project.check("cairn metrics diff --json --spark HEAD~1 HEAD").out == plain


def test_params_have_no_course(project):
    assert project.sh("cairn params diff --spark").status == 254


# ---- exp show

STEPS = """
import json, os, sys
rate, where = float(sys.argv[1]), "dvclive/plots/metrics/train"
os.makedirs(where, exist_ok=True)
values = [1 - rate * i for i in range(8)]
with open(where + "/loss.tsv", "w") as f:
    f.write("step\\tloss\\n" + "".join(f"{i}\\t{v}\\n" for i, v in enumerate(values)))
json.dump({"train": {"loss": round(values[-1], 2)}, "step": 7}, open("dvclive/metrics.json", "w"))
"""
PIPELINE = """
stages:
  train:
    cmd: python3 steps.py ${rate}
    deps: [steps.py]
    params: [rate]
    metrics: [{dvclive/metrics.json: {cache: %s}}]
    outs: [{dvclive/plots: {cache: %s}}]
"""


def train(box, cache, cache_metrics=None):
    """A baseline whose loss falls, and an experiment whose loss rises."""
    box.write({"steps.py": STEPS, "params.yaml": "rate: 0.1\n", "dvc.yaml": PIPELINE % (cache_metrics or cache, cache)})
    box.check("dvc repro -q && git add -A && git commit -qm base")
    box.check("dvc exp run -q -n up -S rate=-0.1")
    box.check("git checkout -q -f HEAD && dvc checkout -q")


def losses(box, options="--spark"):
    """{name of the row: cell of train.loss}"""
    lines = box.check(f"cairn exp show --md --drop step {options}").lines
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    at = table[0].index("train.loss")
    return {row[0].split("[")[-1].strip("]"): row[at] for row in table[2:]}


FALLS, RISES = "█▇▆▅▄▃▂▁", "▁▂▃▄▅▆▇█"


@pytest.mark.parametrize("cache", ["true", "false"])
def test_the_course_by_step(repo, cache):
    train(repo, cache)
    assert losses(repo) == {"workspace": f"0.3 {FALLS}", "master": f"0.3 {FALLS}", "up": f"1.7 {RISES}"}
    assert losses(repo, "") == {"workspace": "0.3", "master": "0.3", "up": "1.7"}
    repo.extra_env["LC_ALL"] = "C"
    assert losses(repo)["up"] == "1.7 _,-=+*#@"


def test_the_wide_table(repo):
    train(repo, "false")
    shown = repo.check("cairn exp show --no-pager --spark").out
    assert f" 0.3 {FALLS} " in shown and f" 1.7 {RISES} " in shown


def test_csv_and_json_are_as_without(repo):
    train(repo, "false")
    for kind in ("--csv", "--json"):
        assert repo.check(f"cairn exp show {kind} --spark").out == repo.check(f"cairn exp show {kind}").out


def test_rows_that_are_remembered_stay_as_they_are(repo):
    train(repo, "true")
    before = repo.check("cairn exp show --md").out
    first = repo.check("cairn exp show --md --spark").out
    assert repo.check("cairn exp show --md --spark").out == first
    assert repo.check("cairn exp show --md --spark --force").out == first
    assert repo.check("cairn exp show --md").out == before


def test_data_that_are_missing_come_later(repo):
    """Nothing is fetched for a course; and what is absent is not remembered as absent."""
    train(repo, "true", cache_metrics="false")
    repo.check("dvc remote add -q -d r ../remote && dvc push -q && mv .dvc/cache ../kept")
    assert losses(repo) == {"workspace": f"0.3 {FALLS}", "master": "0.3", "up": "1.7"}
    repo.check("mv ../kept .dvc/cache")
    assert losses(repo) == {"workspace": f"0.3 {FALLS}", "master": f"0.3 {FALLS}", "up": f"1.7 {RISES}"}


def test_other_forms_of_history(repo):
    repo.write({"dvc.yaml": "metrics:\n- live/m.yaml\n- other.json\n",
                "live/m.yaml": "acc: 3\nf1: 1\nval.x: 2\nnone: 5\nodd: 1\n",
                "other.json": "{\"acc\": 1}",
                "live/plots/metrics/acc.csv": "acc,epoch\n1,0\n2,1\nnan,2\n3,3\n",
                "live/plots/metrics/f1.json": '[{"f1": "1"}, {"f1": 2}, {"step": 3}, 5]',
                "live/plots/metrics/val.x.tsv": "x\n1\n2\n",
                "live/plots/metrics/odd.json": "{broken"})
    repo.check("git add -A && git commit -qm live")
    row = repo.check("cairn exp show --md --spark").lines[2]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[2:] == ["3 ▁▅·█", "1 ▁█··", "2 ▁█", "5", "1", "1"]


def test_a_long_history_keeps_its_ends_and_peaks(repo):
    values = [9 if i == 500 else 0 if i < 999 else 4 for i in range(1000)]
    repo.write({"dvc.yaml": "metrics:\n- m.json\n", "m.json": '{"acc": 4}',
                "plots/metrics/acc.tsv": "step\tacc\n" + "".join(f"{i}\t{v}\n" for i, v in enumerate(values))})
    [cell] = [c.strip() for c in repo.check("cairn exp show --md --spark").lines[2].split("|") if "▁" in c]
    course = cell.split()[1]
    assert len(course) == 20 and course[0] == "▁" and "█" in course and course[-1] == "▄"
