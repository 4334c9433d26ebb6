"""--bwlimit: one budget for all connections, in both directions, and no other."""

import os
import time

import pytest

COUNT, EACH = 12, 250_000  # 3 MB


@pytest.fixture(params=["s3", "sshd", "webdav"])
def box(request, repo):
    request.getfixturevalue(request.param).place().configure(repo)
    for i in range(COUNT):
        repo.write({f"d/{i}": os.urandom(EACH)})
    repo.check("cairn add -q d")
    return repo


def seconds(box, line, **env):
    begin = time.monotonic()
    box.check(" ".join(f"{k}={v}" for k, v in env.items()) + " cairn " + line)
    return time.monotonic() - begin


def test_all_connections_share_the_limit(box):
    assert 1.7 < seconds(box, "push -q --bwlimit 1.5M") < 12
    box.check("rm -rf .dvc/cache d")
    assert 1.7 < seconds(box, "pull -q", CAIRN_BWLIMIT="1.5M") < 12
    box.check("rm -rf .dvc/cache d")
    assert seconds(box, "pull -q --bwlimit 0", CAIRN_BWLIMIT="100K") < 12


@pytest.mark.parametrize("text", ["fast", "1MB", "-5"])
def test_what_is_no_rate_is_refused(repo, text):
    done = repo.sh(f"cairn push --bwlimit={text}")
    assert done.status == 254 and f"--bwlimit: '{text}' is no rate" in done.err, done
    done = repo.sh(f"CAIRN_BWLIMIT={text} cairn push")
    assert done.status == 254 and "CAIRN_BWLIMIT: " in done.err
