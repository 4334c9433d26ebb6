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
