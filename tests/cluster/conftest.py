"""`lab`: a repository with the profile "gpu" on a Slurm of four nodes."""

import shutil

import pytest
from harness.lab import Lab


@pytest.fixture
def lab(slurm, box_root):
    made = Lab(box_root(), slurm).init("dvc").profile()
    made.check("git add -A && git commit -qm profile")
    yield made
    made.stop()
    for twin in made.twins:
        shutil.rmtree(twin.root, ignore_errors=True)
