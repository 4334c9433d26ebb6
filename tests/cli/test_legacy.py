"""Data of DVC 2.x, where cairn supports more, or is more careful, than DVC."""

import hashlib

TEXT = b"one\r\ntwo\r\n"
OLD = hashlib.md5(TEXT.replace(b"\r\n", b"\n")).hexdigest()
NEW = hashlib.md5(TEXT).hexdigest()
POINTER = f"outs:\n- md5: {OLD}\n  size: {len(TEXT)}\n  path: t\n"
OBJECT = f".dvc/cache/{OLD[:2]}/{OLD[2:]}"


def test_what_is_only_in_the_cache_is_migrated(repo):
    """DVC writes a .dvc file here that it cannot read."""
    repo.write({"t.dvc": POINTER, OBJECT: TEXT})
    repo.check("dvc cache migrate --dvc-files")
    assert f"- md5: {NEW}\n" in repo.read("t.dvc") and "hash: md5" in repo.read("t.dvc")
    repo.check("dvc checkout")
    assert (repo.repo / "t").read_bytes() == TEXT


def test_what_is_nowhere_stays_as_it_is(repo):
    repo.write({"t.dvc": POINTER})
    done = repo.check("dvc cache migrate --dvc-files")
    assert "'t' is neither in the workspace nor in the cache" in done.err
    assert repo.read("t.dvc") == POINTER


def test_other_stages_are_not_touched(repo):
    """DVC commits the present dependencies of all stages."""
    repo.write({"t.dvc": POINTER, "t": TEXT, "dep": "1\n",
                "dvc.yaml": "stages:\n  s:\n    cmd: cp dep o\n    deps: [dep]\n    outs: [o]\n"})
    repo.check("dvc repro -q s")
    before = repo.read("dvc.lock")
    repo.write({"dep": "2\n"})
    repo.check("dvc cache migrate --dvc-files")
    assert repo.read("dvc.lock") == before


def test_part_of_an_old_directory_makes_all_of_it_new(repo):
    repo.write({"d/a": "a\r\n"})
    repo.check("dvc add -q d")
    listing = f'[{{"md5": "{hashlib.md5(b"a" + bytes([10])).hexdigest()}", "relpath": "a"}}]'
    name = hashlib.md5(listing.encode()).hexdigest()
    repo.write({f".dvc/cache/{name[:2]}/{name[2:]}.dir": listing,
                "d.dvc": f"outs:\n- md5: {name}.dir\n  size: 3\n  nfiles: 1\n  path: d\n", "d/b": "b\n"})
    repo.check("dvc add d/b")
    repo.check("rm -rf d && dvc checkout d.dvc")
    assert (repo.repo / "d/a").read_bytes() == b"a\r\n" and repo.read("d/b") == "b\n"


def test_a_corrupt_object_is_not_checked_out(repo):
    repo.write({"t.dvc": POINTER, OBJECT: "broken\n"})
    assert repo.dvc("checkout t").status != 0
    assert not (repo.repo / "t").exists()
