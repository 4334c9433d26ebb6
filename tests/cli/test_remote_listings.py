"""Listings that the cache lacks are fetched side by side, once each, whatever command needs them."""

import re
import time

import pytest
from harness.servers.faulty import Faulty, latency

DIRS = 12


@pytest.fixture
def far(repo, s3):
    """Directories in three commits, pushed; the cache is empty, and the server needs 0.3 s for each answer."""
    repo.check("git init -q 2>/dev/null; dvc config core.autostage true")
    place = s3.place()
    place.configure(repo)
    for commit in range(3):
        for i in range(DIRS):
            repo.check(f"mkdir -p d{i} && echo {commit}-{i} > d{i}/f && echo {i} > d{i}/same")
        repo.check("dvc add -q d[0-9] d[0-9][0-9] && git add -A && git commit -qm more && dvc push -q")
    repo.check("rm -rf .dvc/cache .dvc/tmp")
    with Faulty(s3.address, seed=1, plan=[latency(0.3)]) as proxy:
        s3.place(at=proxy.address).configure(repo, url=place.url)
        repo.proxy, repo.place = proxy, place
        yield repo


def listings(box):
    return [r.target for r in box.proxy.requests if r.method == "GET" and re.search(r"/[0-9a-f]{30}\.dir$", r.target)]


@pytest.mark.parametrize("command, wanted", [
    ("fetch -q", DIRS),
    ("fetch -q -A", 3 * DIRS),
    ("fetch -q d0/f d1/f d2/f d3/f d4/f d5/f d6/f d7/f", 8),
    ("status -c -q", DIRS),
    ("status -c -q -A", 3 * DIRS),
    ("gc -f -q -A", 3 * DIRS),
])
def test_listings_are_fetched_once_and_side_by_side(far, command, wanted):
    began = time.monotonic()
    far.sh(f"dvc {command}")
    took = time.monotonic() - began
    assert len(listings(far)) == wanted and len(set(listings(far))) == wanted
    assert took < 0.3 * wanted + 2


def test_a_listing_that_is_nowhere_is_asked_for_once(far):
    for key in [k for k in far.place.keys() if k.endswith(".dir")]:
        far.place.remove(key)
    far.sh("dvc status -c -A")
    asked = [r.target for r in far.proxy.requests if r.target.endswith(".dir") and r.method == "GET"]
    assert len(asked) == len(set(asked)) == 3 * DIRS
