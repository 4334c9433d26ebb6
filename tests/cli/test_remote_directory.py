"""The directory of a remote is not there, as when its disk is not mounted."""

import os
import shutil

import pytest

MISSING = "the directory '{store}' of remote 'nas' does not exist\n"
EMPTY = "the directory '{store}' of remote 'nas' is empty, though there was data in it\n"
OTHER_PLACE = "Is its disk mounted? `cairn remote modify nas url` changes the place.\n"
FORBIDDEN = "unable to enter the directory '{store}' of remote 'nas': permission denied\n"
# root without the right to enter any directory
WITHOUT_RIGHTS = "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search "
ANEW = "Is its disk mounted? If it starts anew on purpose, delete '.dvc/tmp/remotes' and push again.\n"


@pytest.fixture
def box(repo):
    """Tracked data and a remote that does not exist yet."""
    repo.store = repo.root / "mnt/store"
    repo.write({"a": "1\n", "d/x": "2\n"})
    repo.check(f"cairn add -q a d && cairn remote add -q -d nas {repo.store}")
    return repo


def refused(box, line, message, hint):
    done = box.sh("cairn " + line)
    assert (done.status, done.out) == (1, ""), repr(done)
    assert done.err.endswith(" - " + message.format(store=box.store) + hint), repr(done)


@pytest.mark.parametrize("line", ["fetch", "pull", "fetch a", "pull d", "pull d/x", "fetch -r nas", "fetch --run-cache"])
def test_nothing_is_read_from_a_missing_directory(box, line):
    shutil.rmtree(box.repo / ".dvc/cache")
    refused(box, line, MISSING, OTHER_PLACE)
    assert not box.store.exists()
    assert "does not exist" not in box.dvc(line).err  # DVC's words under DVC's name


def test_what_is_cached_needs_no_remote(box):
    assert box.check("cairn fetch").out == "Everything is up to date.\n"
    assert box.check("cairn pull").err == ""


def test_first_push_makes_the_directory(box):
    assert box.check("cairn push").out == "3 files pushed\n"
    assert box.read(".dvc/tmp/remotes") == f"{box.store}\n"
    assert box.check("cairn push").out == "Everything is up to date.\n"


@pytest.mark.parametrize("seen_by", ["push", "pull", "status -c", "add --to-remote -o b ../b"])
def test_later_pushes_do_not(box, seen_by):
    (box.root / "b").write_text("3\n")
    box.check("cairn push")
    (box.repo / ".dvc/tmp/remotes").unlink()
    box.check("cairn " + seen_by)
    shutil.rmtree(box.store)
    refused(box, "push", MISSING, ANEW)
    assert not box.store.exists()
    box.store.mkdir()  # the mount point
    refused(box, "push", EMPTY, ANEW)
    assert box.sh("cairn add --to-remote -o c ../b").status == 1
    assert not list(box.store.iterdir())
    (box.repo / ".dvc/tmp/remotes").unlink()
    box.check("cairn push")
    assert list(box.store.iterdir())


def test_empty_mount_point_is_told_to_those_who_read(box):
    box.check("cairn push -q")
    shutil.rmtree(box.store)
    box.store.mkdir()
    shutil.rmtree(box.repo / ".dvc/cache")
    refused(box, "pull", EMPTY, OTHER_PLACE)


@pytest.fixture
def as_user():
    if os.geteuid() != 0:
        return ""
    return WITHOUT_RIGHTS if shutil.which("setpriv") else pytest.skip("needs setpriv")


@pytest.mark.parametrize("closed", [".", ".."])
@pytest.mark.parametrize("line", ["push", "pull"])
def test_directory_without_permission_is_not_called_empty(box, as_user, line, closed):
    box.check("cairn push -q")
    shutil.rmtree(box.repo / ".dvc/cache/files/md5/b0")
    place = (box.store / closed).resolve()
    place.chmod(0)
    try:
        done = box.sh(f"{as_user}cairn {line}")
    finally:
        place.chmod(0o755)
    assert done.status == 1 and done.err.endswith(" - " + FORBIDDEN.format(store=box.store)), repr(done)


def test_directory_that_cannot_be_listed_is_read(box, as_user):
    box.check("cairn push -q")
    shutil.rmtree(box.repo / ".dvc/cache")
    box.store.chmod(0o311)
    try:
        assert box.check(as_user + "cairn fetch").out == "3 files fetched\n"
    finally:
        box.store.chmod(0o755)


def test_another_remote_is_new(box):
    box.check(f"cairn push -q && cairn remote modify nas url {box.root}/other && cairn push -q")
    assert box.read(".dvc/tmp/remotes") == f"{box.store}\n{box.root}/other\n"


def test_called_dvc_the_directory_is_made(box):
    box.check("cairn push -q")
    shutil.rmtree(box.store)
    assert box.check("dvc push").out == "3 files pushed\n"


def test_note_that_cannot_be_written_costs_nothing(box):
    (box.repo / ".dvc/tmp/remotes").mkdir(parents=True)
    assert box.check("cairn push").out == "3 files pushed\n"
