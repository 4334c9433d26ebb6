"""Ctrl-C and SIGTERM while data moves over the network: an end within moments, and nothing half done in sight."""

import os
import signal
import subprocess
import time

import pytest
from harness.servers.faulty import Faulty, latency


@pytest.fixture
def slow(repo, s3):
    """A file of several parts, and a server that takes half a second for each answer."""
    with Faulty(s3.address, seed=1, plan=[latency(0.5)]) as proxy:
        repo.check("head -c 60000000 /dev/urandom > big && dvc add -q big")
        repo.place = s3.place(at=proxy.address)
        repo.place.configure(repo)
        repo.boto, repo.proxy = s3.boto, proxy
        yield repo


def begin(box, command, method):
    """Start it, and wait until the server has been asked by that method."""
    before = box.proxy.count(method)
    child = subprocess.Popen([str(box.tool), command], cwd=box.repo, env=box.env, stderr=subprocess.PIPE, text=True)
    for _ in range(200):
        if box.proxy.count(method) > before:
            return child
        time.sleep(0.02)
    child.kill()
    pytest.fail(f"no {method} was seen")


def end(child, number):
    child.send_signal(number)
    began = time.monotonic()
    error = child.communicate(timeout=20)[1]
    assert time.monotonic() - began < 5
    return error


def uploads(box):
    prefix = box.place.path.partition("/")[2] + "/"
    return box.boto.list_multipart_uploads(Bucket="bkt", Prefix=prefix).get("Uploads", [])


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 252), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_push_keeps_its_parts_for_the_next(slow, number, status):
    child = begin(slow, "push", "PUT")
    error = end(child, number)
    assert child.returncode == status, error
    if number == signal.SIGINT:
        assert error == "ERROR: interrupted by the user; the next push goes on with what was sent\n"
    assert len(uploads(slow)) == 1 and slow.place.keys() == {}
    slow.check("dvc push -q")
    assert len(slow.place.keys()) == 1 and uploads(slow) == []


def test_a_fetch_leaves_no_temporary(slow):
    slow.check("dvc push -q && rm -rf .dvc/cache")
    child = begin(slow, "fetch", "GET")
    end(child, signal.SIGINT)
    assert child.returncode == 252
    assert [n for _, _, names in os.walk(slow.repo / ".dvc/cache") for n in names] == []
    slow.check("dvc fetch -q")
