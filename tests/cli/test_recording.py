"""What recording a stage promises: its pointer and its data belong together, whoever else uses the cache or edits meanwhile."""

import fcntl
import os
from contextlib import contextmanager

import pytest

PIPELINE = "stages:\n  s:\n    cmd: cp in out\n    deps: [in]\n    outs: [out]\n"


@contextmanager
def a_gc_of_another_project(box):
    """What `gc` holds while it removes: the cache, alone."""
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
