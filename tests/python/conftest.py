"""Fixtures of the tests of the Python packages: both APIs as processes that answer cases, and repositories."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from harness import python_places
from harness.python_api import SOURCE, Peer
from harness.sandbox import CAIRN


@pytest.fixture(scope="session")
def peers():
    both = {tool: Peer(tool) for tool in ("cairn", "dvc")}
    yield both
    for peer in both.values():
        peer.close()


@pytest.fixture(scope="session")
def shared_top():
    """The repositories of places.py, for cases that change nothing."""
    top = tempfile.mkdtemp(prefix="cairn-python-")
    python_places.make_all(f"{top}/top")
    yield Path(top, "top")
    subprocess.run(["chmod", "-R", "u+rwX", top], check=False)
    shutil.rmtree(top, ignore_errors=True)


@pytest.fixture
def package(monkeypatch):
    """The package `cairn` in the process of the test."""
    monkeypatch.syspath_prepend(str(SOURCE))
    monkeypatch.setenv("CAIRN", str(CAIRN))
    import cairn

    return cairn
