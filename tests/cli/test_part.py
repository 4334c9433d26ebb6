"""One path within a tracked directory: add, status and commit read only that path."""

import json
import os
import shutil

import pytest

MAKE = "mkdir -p d/s && for i in 1 2 3; do echo $i > d/$i; echo s$i > d/s/$i; done && dvc add -q d && git add -A && git commit -qm d"


@pytest.fixture
def tracked(repo):
    repo.check(MAKE)
    return repo


def listing(repo):
    name = repo.read("d.dvc").split("md5: ")[1].split("\n")[0]
    path = f".dvc/cache/files/md5/{name[:2]}/{name[2:]}"
    return {e["relpath"]: e["md5"] for e in json.loads(repo.read(path))}


def test_status_of_a_path_is_about_that_path(tracked):
    tracked.check("echo other > d/2")
    assert json.loads(tracked.check("dvc status --json d/1").out) == {}
    assert json.loads(tracked.check("dvc status --json d/s").out) == {}
    changed = {"d.dvc": [{"changed outs": {"d": "modified"}}]}
    assert json.loads(tracked.check("dvc status --json d/2").out) == changed
    tracked.check("rm d/s/1")
    assert json.loads(tracked.check("dvc status --json d/s").out) == changed
    assert json.loads(tracked.check("dvc status --json d/s/1").out) == changed
    tracked.check("echo new > d/new")
    assert json.loads(tracked.check("dvc status --json d/new").out) == changed


@pytest.mark.parametrize("command", ["add", "commit -f"])
def test_only_the_path_is_recorded(tracked, command):
    before = listing(tracked)
    tracked.check("echo other > d/1 && echo more > d/s/9 && echo mine > d/2")
    tracked.check(f"dvc {command} -q d/2")
    after = listing(tracked)
    assert {k for k in after if after[k] != before.get(k)} == {"2"} and len(after) == len(before)
    tracked.check(f"dvc {command} -q d/s")
    assert {k for k in listing(tracked) if listing(tracked)[k] != before.get(k)} == {"2", "s/9"}
    tracked.check(f"rm -r d/s && dvc {command} -q d/s")
    assert sorted(listing(tracked)) == ["1", "2", "3"]


def test_commit_of_a_path_asks_first(tracked):
    tracked.check("echo other > d/1")
    assert tracked.check("dvc commit d/2").status == 0  # nothing has changed there
    result = tracked.dvc("commit d/1")
    assert result.status == 1 and "unable to commit changed stage: 'd.dvc'" in result.err


def test_the_rest_is_not_walked(tracked):
    """A pipe in the directory makes every walk of it fail; a path beside it is not affected."""
    os.mkfifo(os.path.join(tracked.repo, "d/pipe"))
    assert tracked.dvc("status").status != 0
    tracked.check("echo x > d/1")
    for command in ("status d/1", "add -q d/1", "status d/s", "commit -f -q d/2", "add -q d/s"):
        assert tracked.dvc(command).status == 0, command


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_one_read_of_the_index_and_one_write_of_the_listing(tracked):
    tracked.check("echo x > d/1")
    log = os.path.join(tracked.repo, "trace")
    tracked.check(f"strace -f -e trace=openat,getdents64 -o {log} dvc add -q d/1")
    with open(log) as f:
        lines = f.read().split("\n")
    assert not [x for x in lines if "/d/s" in x]
    assert len([x for x in lines if "/trees/" in x and "= -1" not in x]) <= 1
    assert len([x for x in lines if ".dir" in x and "O_RDWR|O_CREAT|O_EXCL" in x and "= -1" not in x]) == 1


def test_links_stay_links(tracked):
    tracked.check("dvc config cache.type hardlink && dvc checkout -q --relink && rm d/1 && echo n > d/1 && dvc add -q d/1")
    path = os.path.join(tracked.repo, "d/1")
    assert os.stat(path).st_nlink == 2 and json.loads(tracked.check("dvc status --json").out) == {}


def test_a_directory_takes_the_place_of_a_file(tracked):
    """DVC keeps both names, and then the listing cannot be checked out."""
    tracked.check("rm d/s/1 && mkdir -p d/s/1/deep && echo n > d/s/1/deep/x && echo m > d/s/1/y")
    tracked.check("dvc add -q d/s/1/deep/x")
    assert sorted(listing(tracked)) == ["1", "2", "3", "s/1/deep/x", "s/2", "s/3"]
    tracked.check("dvc add -q d/s/1/y && rm -r d && dvc checkout -q")
    assert tracked.check("cat d/s/1/y d/s/1/deep/x").out == "m\nn\n"


def test_a_listing_the_cache_has_lost_is_not_made_up(tracked):
    """The state must not hide the missing object: DVC does not have it either."""
    tracked.check("rm .dvc/cache/files/md5/*/*.dir && echo n > d/1")
    done = tracked.dvc("add d/1")
    assert done.status != 0 and "could not read" in done.err
    assert json.loads(tracked.check("dvc data status --json --granular").out)["not_in_cache"] == ["d/"]
