"""The package has types, and they are right."""

import subprocess
import sys

import pytest

from harness.sandbox import TOP


def test_types():
    pytest.importorskip("mypy")
    done = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir=/dev/null"], cwd=TOP / "python/cairn-dvc",
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
