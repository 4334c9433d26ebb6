"""Data that one tool tracked, pushed or checked out, read by the other. The real DVC runs every time."""

import pytest

pytestmark = pytest.mark.live

DATA = {"a.txt": "a\n", "d/x": "x\n", "d/sub/ü.txt": "ü\n", "d/empty": "", "big.bin": bytes(range(256)) * 3000}


def tracked(box, tool):
    box.use(tool).write(DATA)
    box.check("dvc add -q a.txt d big.bin && dvc remote add -q -d r ../store && git add -A && git commit -qm data")
    return box


def snapshot(box):
    return box.check("find . -path ./.git -prune -o -path ./.dvc/tmp -prune -o -type f -exec md5sum {} + | sort").out


def test_tracked_by_one_is_clean_for_the_other(maker):
    box, makes, reads = maker
    tracked(box, makes)
    before = snapshot(box)
    box.use(reads)
    assert box.check("dvc status").out == "Data and pipelines are up to date.\n"
    assert box.check("dvc data status").out == "No changes.\n"
    assert box.check("dvc checkout").out == ""
    assert box.check("dvc diff").out == ""
    box.check("dvc add -q a.txt d big.bin")
    assert snapshot(box) == before


def test_pushed_by_one_is_pulled_by_the_other(maker):
    box, makes, reads = maker
    tracked(box, makes)
    box.check("dvc push -q")
    before = snapshot(box)
    box.check("rm -rf .dvc/cache a.txt d big.bin")
    box.use(reads)
    assert box.check("dvc pull").out.endswith("6 files fetched and 5 files added\n")
    assert snapshot(box) == before
    assert box.check("dvc status -c").out == "Cache and remote 'r' are in sync.\n"
    assert box.check("dvc push").out == "Everything is up to date.\n"


def test_changes_of_one_are_seen_by_the_other(maker):
    box, makes, reads = maker
    tracked(box, makes)
    box.write({"a.txt": "b\n", "d/new": "n\n"})
    seen = [sorted(box.use(tool).check("dvc diff").lines) for tool in (makes, reads)]
    assert seen[0] == seen[1]
    box.use(reads).check("dvc commit -q -f")
    assert box.use(makes).check("dvc status").out == "Data and pipelines are up to date.\n"


@pytest.mark.parametrize("link", ["hardlink", "symlink"])
def test_links_of_one_are_fine_for_the_other(maker, link):
    box, makes, reads = maker
    box.use(makes).check(f"dvc config cache.type {link}")
    tracked(box, makes)
    assert box.use(reads).check("dvc status").out == "Data and pipelines are up to date.\n"
    box.check("rm -rf a.txt d && dvc checkout -q")
    assert box.use(makes).check("dvc status").out == "Data and pipelines are up to date.\n"
    assert box.check("stat -L -c %a big.bin").out == "444\n"


def test_gc_of_one_keeps_what_the_other_uses(maker):
    box, makes, reads = maker
    tracked(box, makes)
    box.write({"a.txt": "b\n"})
    box.check("dvc add -q a.txt")
    box.use(reads).check("dvc gc -w -f")
    box.check("rm -rf a.txt d big.bin")
    box.use(makes).check("dvc checkout")
    assert box.read("d/x") == "x\n" and box.read("a.txt") == "b\n"


def test_both_hold_one_lock(two_tools):
    """While one tool holds the repository lock, the other waits and then fails with DVC's text."""
    box = two_tools
    tracked(box, box.real)
    held = ("python3 -c \"import fcntl, time; f = open('.dvc/tmp/lock', 'w'); fcntl.flock(f, fcntl.LOCK_EX);"
            " print('held', flush=True); time.sleep(6)\" & sleep 0.5; ")
    result = box.use(box.cairn).sh("mkdir -p .dvc/tmp; " + held + "dvc checkout")
    assert result.status == 255
    assert "Unable to acquire lock" in result.err


def test_read_only_cache_is_an_error_not_a_loss(two_tools):
    box = two_tools
    tracked(box, box.cairn)
    box.write({"a.txt": "other\n"})
    if box.check("id -u").out == "0\n":
        pytest.skip("root writes everywhere")
    box.check("chmod -R a-w .dvc/cache")
    result = box.dvc("add a.txt")
    assert result.status == 1 and "unable to write" in result.err
    assert box.read("a.txt") == "other\n"
