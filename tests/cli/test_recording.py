"""Guarantees of recording a stage: its pointer and its data belong together, whoever else uses the cache or edits files
meanwhile."""

import fcntl
import os
from contextlib import contextmanager

import pytest

PIPELINE = "stages:\n  s:\n    cmd: cp in out\n    deps: [in]\n    outs: [out]\n"


@contextmanager
def a_gc_of_another_project(box):
    """The lock that `gc` holds while it removes: the cache, exclusively."""
    fd = os.open(box.repo / ".dvc/cache", os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(fd)


@pytest.fixture
def project(repo):
    repo.write({"dvc.yaml": PIPELINE, "in": "1\n", "data": "data\n"})
    repo.check("dvc add -q data && dvc repro -q && git add -A && git commit -qm base")
    repo.check("rm -f data && echo new > data && rm -f out && echo by hand > out && echo 2 > in")
    return repo


@pytest.mark.parametrize("command", ["add data", "commit -f", "exp save -n e", "move data other", "repro", "exp run -n e",
                                     "exp run --temp", "exp run --queue"])
def test_what_stores_waits_for_a_gc_on_the_shared_cache(project, command):
    with a_gc_of_another_project(project):
        assert project.sh(f"timeout 0.5 dvc {command}").status == 124
    project.check(f"dvc {command} -q" if "exp" not in command and "move" not in command else f"dvc {command}")


# ---- dependencies that are edited while a stage runs ----


def lock_has(box, md5):
    return md5 in box.read("dvc.lock")


MD5_OF_1, MD5_OF_2 = "b026324c6904b2a9cb4b88d6d61c81d1", "26ab0db90d72e28ad0ba1e22ee510510"


@pytest.mark.parametrize("option", ["", "-f", "-j 2"])
def test_a_file_edited_while_its_stage_runs_is_recorded_as_it_was(repo, option):
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: cp in out && echo 2 > in\n    deps: [in]\n    outs: [out]\n", "in": "1\n"})
    result = repo.check(f"dvc repro {option}")
    assert "'in' changed while stage 's' ran: recorded is what it started from" in result.err
    assert lock_has(repo, f"path: in\n      hash: md5\n      md5: {MD5_OF_1}")
    assert "Running stage 's'" in repo.check("dvc repro").out
    assert lock_has(repo, f"path: in\n      hash: md5\n      md5: {MD5_OF_2}")
    assert "didn't change" in repo.check("dvc repro").out


def test_parameters_edited_while_a_stage_runs_are_recorded_as_they_were(repo):
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: cp params.yaml out && sed -i s,1,2, params.yaml\n    params: [lr]\n"
                            "    outs: [out]\n", "params.yaml": "lr: 1\n"})
    assert "'params.yaml' changed while stage 's' ran" in repo.check("dvc repro").err
    assert lock_has(repo, "lr: 1")
    assert "Running stage 's'" in repo.check("dvc repro").out and lock_has(repo, "lr: 2")


def test_a_directory_edited_while_its_stage_runs_is_recorded_as_it_was(repo):
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: cat src/* > out && echo 2 > src/a\n    deps: [src]\n    outs: [out]\n",
                "src/a": "1\n", "src/b": "b\n"})
    assert "'src' changed while stage 's' ran" in repo.check("dvc repro").err
    assert "Running stage 's'" in repo.check("dvc repro").out
    assert "didn't change" in repo.check("dvc repro").out


def test_files_that_an_interpreter_leaves_in_a_dependency_are_no_edit(repo):
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: cat src/a > out && mkdir -p src/__pycache__ && echo 1 > src/__pycache__/a.pyc\n"
                            "    deps: [src]\n    outs: [out]\n", "src/a": "1\n"})
    assert repo.check("dvc repro").err == ""
    assert "didn't change" in repo.check("dvc repro").out


def test_other_new_files_in_a_dependency_are_recorded_and_told(repo):
    repo.write({"dvc.yaml": "stages:\n  s:\n    cmd: cat src/a > out && echo 1 > src/b\n    deps: [src]\n    outs: [out]\n",
                "src/a": "1\n"})
    assert "'src' got new files while stage 's' ran" in repo.check("dvc repro").err
    assert "didn't change" in repo.check("dvc repro").out


# ---- missing data ----

TWO_STAGES = ("stages:\n  up:\n    cmd: cp in mid\n    deps: [in]\n    outs: [mid]\n"
              "  down:\n    cmd: cp mid out\n    deps: [mid]\n    outs: [out]\n")


@pytest.fixture
def two_stages(repo):
    repo.write({"dvc.yaml": TWO_STAGES, "in": "1\n"})
    return repo


def test_allow_missing_does_not_skip_a_stage_that_never_ran(two_stages):
    result = two_stages.dvc("repro --allow-missing -s down")
    assert result.status and "didn't change" not in result.out and "mid" in result.err
    two_stages.check("dvc repro --allow-missing")
    assert two_stages.read("out") == "1\n"


@pytest.mark.parametrize("command", ["repro --allow-missing", "repro --allow-missing --pull", "repro --allow-missing --dry"])
def test_allow_missing_sees_that_upstream_has_recorded_something_else(two_stages, command):
    two_stages.check("dvc repro -q && rm -rf mid out .dvc/cache && echo 2 > in && dvc repro -q -s up")
    two_stages.check("rm -rf mid .dvc/cache/runs")
    result = two_stages.dvc(command)
    assert "Stage 'up' didn't change" in result.out and "Stage 'down' didn't change" not in result.out
    if "--dry" not in command:
        assert result.status or two_stages.read("out") == "2\n"


def test_allow_missing_still_skips_what_is_only_missing(two_stages):
    two_stages.check("dvc repro -q && rm -rf mid out .dvc/cache")
    result = two_stages.check("dvc repro --allow-missing")
    assert result.out.count("didn't change, skipping") == 2


def test_allow_missing_compares_a_file_in_the_directory_of_its_stage(repo):
    repo.write({"dvc.yaml": TWO_STAGES.replace("cp in mid", "mkdir -p mid && cp in mid/x && echo y > mid/y")
                .replace("cp mid out", "cp mid/x out").replace("deps: [mid]", "deps: [mid/x]"), "in": "1\n"})
    repo.check("dvc repro -q && rm -rf mid out && echo 2 > in && dvc repro -q -s up && rm -rf mid")
    assert "Stage 'down' didn't change" not in repo.dvc("repro --allow-missing").out
    repo.check("dvc repro -q && rm -rf mid out")
    assert repo.check("dvc repro --allow-missing").out.count("didn't change, skipping") == 2
