"""Cloud-versioned remotes: what must not happen to pointers, the workspace and the cache."""

import pytest
from harness.servers.faulty import Faulty, status

FILES = {"a": "a\n", "d/x": "x\n", "d/y": "y\n"}
HOSTILE = """outs:
- hash: md5
  path: x
  files:
  - relpath: {path}
    md5: 60b725f10c9c85c70d97880dfe8191b3
    cloud:
      r:
        etag: abc
        version_id: v1
"""


@pytest.fixture
def box(repo, s3):
    repo.place = s3.place("versioned")
    repo.place.configure(repo, version_aware="true")
    repo.write(FILES)
    repo.check("cairn add -q a d")
    return repo


def test_a_failure_leaves_the_pointer_of_its_output(box, s3):
    """Of two outputs, the one that has arrived gets its versions; the other one is as it was, and goes next time."""
    before = box.read("d.dvc")
    with Faulty(s3.address, plan=[status(403, method="PUT", path="/d/y")]) as proxy:
        box.place.configure(box, endpointurl=f"http://{proxy.address}", version_aware="true")
        done = box.sh("cairn push")
    assert done.status == 1 and "unable to push 'd/y'" in done.err, repr(done)
    assert box.read("d.dvc") == before
    assert "version_id" in box.read("a.dvc")
    box.place.configure(box, version_aware="true")
    box.check("cairn push -q")
    assert box.read("d.dvc").count("version_id") == 2


def test_what_arrived_before_a_failure_is_not_sent_again(box, s3):
    with Faulty(s3.address, plan=[status(403, method="PUT", path="/d/y")]) as proxy:
        box.place.configure(box, endpointurl=f"http://{proxy.address}", version_aware="true")
        box.sh("cairn push")
    box.place.configure(box, version_aware="true")
    assert box.check("cairn push").out == "1 file pushed\n"


def test_a_bucket_without_versions(box, s3):
    plain = s3.place("bkt")
    plain.configure(box, version_aware="true")
    before = box.read("a.dvc"), box.read("d.dvc")
    done = box.sh("cairn push")
    assert done.status == 1 and "keeps no versions of its files" in done.err
    assert (box.read("a.dvc"), box.read("d.dvc")) == before
    assert len(plain.keys()) == 1


def test_a_directory_is_no_versioned_remote(box):
    box.check("cairn remote add l ../store && cairn remote modify l version_aware true")
    done = box.sh("cairn push -r l")
    assert done.status == 1 and "keeps no versions" in done.err
    assert not (box.root / "store").exists() or not any((box.root / "store").rglob("*"))


def test_update_keeps_changes_that_are_in_no_pointer(box):
    box.place.configure(box, worktree="true")
    box.check("cairn push -q")
    box.place.write("a", b"theirs")
    box.write({"a": "mine\n"})
    done = box.sh("cairn update a.dvc")
    assert done.status == 1 and "has changes that are not committed" in done.err
    assert box.read("a") == "mine\n"


def test_update_of_a_file_whose_name_leads_out(box):
    box.place.configure(box, worktree="true")
    box.check("cairn push -q")
    boto, (bucket, _, prefix) = box.place.server.boto, box.place.path.partition("/")
    boto.put_object(Bucket=bucket, Key=f"{prefix}/d/.git/config", Body=b"[core]")
    before = box.read("d.dvc")
    done = box.sh("cairn update d.dvc")
    assert done.status == 1 and ".git" in done.err, repr(done)
    assert box.read("d.dvc") == before and not (box.repo / "d/.git").exists()


@pytest.mark.parametrize("path", ["../../esc", "/etc/x", ".git/config", "a/../../../b"])
def test_hostile_paths(box, path):
    box.write({"x.dvc": HOSTILE.format(path=path)})
    for command in ("pull", "fetch", "checkout", "push"):
        done = box.sh(f"cairn {command} x.dvc")
        assert done.status != 0, command
        assert "x.dvc, 'files' of 'x'" in done.err, done.err
    assert not (box.repo / "x").exists()


def test_a_version_with_odd_characters(box):
    box.write({"x.dvc": HOSTILE.format(path="f").replace("60b7", "70b7").replace("v1", '"../?&versionId=x#%00"')})
    done = box.sh("cairn fetch x.dvc")
    assert "70b725f10c9c85c70d97880dfe8191b3" in done.err and not (box.repo / "x").exists()


def test_cat_of_a_version_leaves_no_trace(box):
    box.check("cairn push -q && rm -rf .dvc/cache d a")
    assert box.check("cairn cat d/x").out == "x\n"
    assert box.check("cairn cat --range 0-0 a").out == "a"
    assert not list((box.repo / ".dvc").rglob("files/md5/*/*"))


def test_damaged_cache_is_repaired_from_a_version(box):
    box.check("cairn push -q")
    broken = next((box.repo / ".dvc/cache/files/md5").glob("40/1b30*"))
    broken.chmod(0o644)
    broken.write_text("bad\n")
    box.sh("cairn fsck --repair")
    assert broken.read_text() == "x\n"


def test_push_of_a_part_keeps_the_rest(box):
    box.check("cairn push -q d/x")
    text = box.read("d.dvc")
    assert text.count("version_id") == 1 and text.count("relpath") == 2
    box.check("cairn push -q")
    assert box.read("d.dvc").count("version_id") == 2


def test_a_second_remote(box, s3):
    other = s3.place("versioned")
    box.check("cairn push -q")
    other.configure(box, name="t", version_aware="true")
    box.check("cairn push -q -r t")
    assert box.read("a.dvc").count("version_id") == 2
    box.check("rm -rf .dvc/cache")
    assert box.check("cairn fetch -r t").out == "3 files fetched\n"
    box.check("rm -rf .dvc/cache")
    assert box.check("cairn fetch -r r").out == "3 files fetched\n"


def test_data_status_looks_for_the_versions(box):
    done = box.check("cairn data status --not-in-remote --json")
    assert '"not_in_remote": ["a", "d/"]' in done.out, done.out
    box.check("cairn push -q")
    assert "not_in_remote" not in box.check("cairn data status --not-in-remote --json").out
