"""fsck: which objects are checked, what is reported, what is repaired, and that nothing is ever deleted."""

import hashlib
import json
import subprocess
import time

import pytest

DATA = {"a": "a\n", "d/x": "x\n", "d/sub/y": "y\n"}


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def object_of(repo, text, root=".dvc/cache"):
    name = md5(text)
    return repo.repo / root / "files/md5" / name[:2] / name[2:]


def spoil(path, text="spoilt\n"):
    path.chmod(0o644)
    path.write_text(text)
    path.chmod(0o444)


def listing_of(repo):
    (found,) = (repo.repo / ".dvc/cache/files/md5").glob("*/*.dir")
    return found


def report(repo, options="", status=0):
    done = repo.sh(f"cairn fsck --json {options}")
    assert done.status == status, repr(done)
    return json.loads(done.out)


def problems(repo, options=""):
    return [(p["kind"], p["path"]) for p in report(repo, options, 1)["problems"]]


@pytest.fixture
def tracked(repo):
    repo.write(DATA)
    repo.check("cairn add -q a d && cairn remote add -q -d r ../store && git add -A && git commit -qm data")
    return repo


def test_all_is_well(tracked):
    done = tracked.check("cairn fsck")
    assert done.out == "4 objects checked (1 listing, 132 bytes) of 2 outputs.\n"
    assert report(tracked) == {"pointers": 2, "objects": 4, "listings": 1, "resumed": 0, "bytes": 132, "problems": []}


def test_nothing_tracked(repo):
    assert report(repo)["objects"] == 0
    assert repo.check("cairn fsck").out == "0 objects checked (0 listings, 0 bytes) of 0 outputs.\n"


def test_names_a_corrupt_file_and_leaves_it(tracked):
    bad = object_of(tracked, "y\n")
    spoil(bad)
    done = tracked.sh("cairn fsck")
    assert done.status == 1
    assert done.lines == [f"corrupt: d/sub/y (md5 {md5('y' + chr(10))})",
                          "4 objects checked (1 listing, 137 bytes) of 2 outputs; 1 problem."]
    assert bad.read_text() == "spoilt\n"


def test_objects_that_are_not_marked_as_trusted_stay_too(tracked):
    bad = object_of(tracked, "a\n")
    spoil(bad)
    bad.chmod(0o644)
    listing_of(tracked).chmod(0o644)
    assert problems(tracked) == [("corrupt", "a")]
    assert bad.exists() and listing_of(tracked).exists()


def test_names_what_is_missing(tracked):
    object_of(tracked, "a\n").unlink()
    object_of(tracked, "x\n").unlink()
    assert problems(tracked) == [("missing", "a"), ("missing", "d/x")]
    listing_of(tracked).unlink()
    assert problems(tracked) == [("missing", "a"), ("missing", "d")]


def test_a_directory_in_the_place_of_an_object(tracked):
    bad = object_of(tracked, "a\n")
    bad.unlink()
    bad.mkdir()
    assert problems(tracked) == [("unreadable", "a")]


def test_a_pipe_in_the_place_of_an_object(tracked):
    bad = object_of(tracked, "a\n")
    bad.unlink()
    tracked.check(f"mkfifo {bad}")
    assert problems(tracked) == [("unreadable", "a")]


@pytest.mark.parametrize("text", ['[{"md5": "' + "0" * 32 + '", "relpath": "../out"}]', "{}", "[1]"])
def test_a_listing_that_makes_no_sense(repo, text):
    name = md5(text)
    repo.write({f".dvc/cache/files/md5/{name[:2]}/{name[2:]}.dir": text,
                "d.dvc": f"outs:\n- md5: {name}.dir\n  size: 1\n  nfiles: 1\n  hash: md5\n  path: d\n"})
    assert problems(repo) == [("malformed", "d")]


def test_a_pointer_file_that_is_broken(tracked):
    tracked.write({"broken.dvc": "outs: [", "a": "2\n"})
    (found,) = [p for p in report(tracked, status=1)["problems"]]
    assert found["kind"] == "pointers" and found["rev"] is None and "broken.dvc" in found["detail"]
    tracked.check("git add -A && git commit -qm broken && rm broken.dvc && git add -A && git commit -qm mended")
    assert problems(tracked, "-A") == [("pointers", None)]
    assert "pointers: in " in tracked.sh("cairn fsck -A").out


def test_revisions(tracked):
    tracked.write({"a": "b\n"})
    tracked.check("cairn add -q a && git commit -qam two && git tag two")
    tracked.write({"a": "c\n"})
    tracked.check("cairn add -q a && git commit -qam three && git checkout -q -b other")
    object_of(tracked, "a\n").unlink()
    object_of(tracked, "b\n").unlink()
    assert report(tracked)["pointers"] == 2
    assert report(tracked, "-w")["pointers"] == 2
    assert report(tracked, "-a")["pointers"] == 2
    head = tracked.check("git rev-parse HEAD~1").out.strip()
    (found,) = report(tracked, "-T", 1)["problems"]
    assert (found["kind"], found["path"], found["rev"]) == ("missing", "a", head)
    assert len(problems(tracked, "-A")) == 2
    assert len(problems(tracked, "--rev HEAD -n 2")) == 1
    assert len(problems(tracked, "-a -n 3")) == 2
    assert len(problems(tracked, "--date 2020-01-01")) == 2
    assert tracked.sh("cairn fsck --rev nosuch").status == 255
    assert tracked.sh("cairn fsck --all-experiments").status == 0


def test_the_whole_cache(tracked):
    tracked.write({"a": "b\n"})
    tracked.check("cairn add -q a")
    assert report(tracked, "--cache")["objects"] == 5
    spoil(object_of(tracked, "a\n"))
    assert report(tracked)["problems"] == []
    assert problems(tracked, "--cache") == [("corrupt", None)]
    assert problems(tracked, "--cache -A") == [("corrupt", "a")]


def test_repair(tracked):
    tracked.check("cairn push -q")
    spoil(object_of(tracked, "a\n"))
    spoil(object_of(tracked, "x\n"), "")
    object_of(tracked, "y\n").unlink()
    done = tracked.check("cairn fsck --repair")
    aside = tracked.repo / ".dvc/cache/corrupt" / f"md5-{md5('a' + chr(10))}"
    assert done.lines[0].endswith(f": repaired, the old one is '{aside}'")
    assert done.lines[-1].endswith("of 2 outputs; 3 repaired.")
    assert aside.read_text() == "spoilt\n"
    assert report(tracked)["problems"] == []
    assert oct(object_of(tracked, "a\n").stat().st_mode)[-3:] == "444"
    tracked.check("cairn gc -w -f && rm -rf a d && cairn checkout")
    assert aside.exists()


def test_repair_of_a_listing_reaches_its_files(tracked):
    tracked.check("cairn push -q")
    spoil(listing_of(tracked), "[]")
    object_of(tracked, "y\n").unlink()
    found = report(tracked, "--repair")["problems"]
    assert [(p["kind"], p["path"], p["repaired"]) for p in found] == [("corrupt", "d", True), ("missing", "d/sub/y", True)]
    assert report(tracked)["problems"] == []


def test_repair_twice_keeps_both(tracked):
    tracked.check("cairn push -q")
    for text in ("one\n", "two\n"):
        spoil(object_of(tracked, "a\n"), text)
        tracked.check("cairn fsck --repair")
    kept = sorted(p.read_text() for p in (tracked.repo / ".dvc/cache/corrupt").iterdir())
    assert kept == ["one\n", "two\n"]


def test_repair_does_not_take_a_corrupt_copy(tracked):
    tracked.check("cairn push -q")
    spoil(object_of(tracked, "a\n"))
    spoil(object_of(tracked, "a\n", "../store"))
    (found,) = report(tracked, "--repair", 1)["problems"]
    assert not found["repaired"] and "corrupted" in found["detail"]
    assert not object_of(tracked, "a\n").exists()
    assert (tracked.repo / found["set_aside"]).read_text() == "spoilt\n"


def test_repair_from_a_named_remote_or_none(tracked):
    tracked.check("cairn remote add -q two ../two && cairn push -q -r two")
    object_of(tracked, "a\n").unlink()
    assert "not repaired" in report(tracked, "--repair", 1)["problems"][0]["detail"]
    assert report(tracked, "--repair -r two")["problems"][0]["repaired"]
    tracked.check("cairn remote remove r")
    spoil(object_of(tracked, "a\n"))
    (found,) = report(tracked, "--repair", 1)["problems"]
    assert "no remote specified" in found["detail"] and found["set_aside"] is None
    assert object_of(tracked, "a\n").exists()


def test_data_of_dvc_2(repo):
    text, name = "one\r\n", md5("one\n")
    repo.write({f".dvc/cache/{name[:2]}/{name[2:]}": text, "t.dvc": f"outs:\n- md5: {name}\n  size: 5\n  path: t\n"})
    assert report(repo)["problems"] == []
    repo.write({f".dvc/cache/{name[:2]}/{name[2:]}": "two\r\n"})
    assert problems(repo) == [("corrupt", "t")] and problems(repo, "--cache") == [("corrupt", None)]


def test_big_and_many(repo):
    """Objects of several parts, more than one batch, and two files with the same content."""
    for i in range(300):
        repo.write({f"d/{i % 7}/{i}": f"{i}\n"})
    repo.write({"d/big": b"x" * 700_000, "d/same": "5\n", "d/empty": "", "d/block": b"y" * 131072})
    repo.check("cairn add -q d")
    assert report(repo, "-j 3") == {**report(repo), "objects": 304}
    for i in (3, 100, 299):
        spoil(object_of(repo, f"{i}\n"))
    spoil(object_of(repo, "x" * 700_000), "x" * 699_999 + "y")
    assert problems(repo, "-j 2") == sorted([("corrupt", f"d/{i % 7}/{i}") for i in (3, 100, 299)] + [("corrupt", "d/big")],
                                            key=lambda p: p[1])


def interrupted(repo):
    """Kill a check while it reads an object of some gigabytes; the other objects are in the journal then."""
    big = object_of(repo, "x\n")
    size, journal = big.stat().st_size, repo.repo / ".dvc/tmp/fsck"
    big.chmod(0o644)
    with big.open("r+b") as f:
        f.truncate(64 << 30)
    running = subprocess.Popen([repo.tool, "fsck", "-j", "2"], cwd=repo.repo, env=repo.env)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (journal.exists() and journal.stat().st_size >= 8 + 3 * 56):
        time.sleep(0.02)
    running.kill()
    running.wait()
    with big.open("r+b") as f:
        f.truncate(size)
    assert journal.exists()
    return journal


def test_goes_on_after_an_interruption(tracked):
    journal = interrupted(tracked)
    # objects that have changed meanwhile are read again
    changed = object_of(tracked, "a\n")
    spoil(changed)
    seen = report(tracked, status=1)
    assert seen["resumed"] == 2 and [p["path"] for p in seen["problems"]] == ["a"]
    assert not journal.exists()
    assert report(tracked, status=1)["resumed"] == 0


def test_restart_forgets(tracked):
    interrupted(tracked)
    assert report(tracked, "--restart")["resumed"] == 0


def test_a_journal_that_is_cut_off_or_strange(tracked):
    for text in (b"cfsck\0\1\0" + b"x" * 60, b"cf", b"something else entirely"):
        tracked.write({".dvc/tmp/fsck": text})
        assert report(tracked)["resumed"] == 0
