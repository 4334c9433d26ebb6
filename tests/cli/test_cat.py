"""`cat`: the bytes of tracked files from the work tree, the cache and remotes, with nothing left behind."""

import glob
import os
import stat

import pytest

MAKE = """
    mkdir -p d/s && echo one > d/a && echo two > d/s/b && printf 0123456789 > f && : > empty
    dvc add -q d f empty && echo text > note.txt && git add -A && git commit -qm data
"""


@pytest.fixture
def tracked(repo):
    repo.check(MAKE)
    repo.check("dvc remote add -q -d r ../remote && dvc push -q")
    return repo


def lose_data(box):
    """Neither workspace nor cache has the data any more."""
    box.check("rm -rf d f empty .dvc/cache")


def objects(box):
    return glob.glob(os.path.join(box.repo, ".dvc/cache/**/*"), recursive=True)


def test_work_tree_first(tracked):
    tracked.check("echo edited > f")
    assert tracked.dvc("cat f note.txt d/s/b").out == "edited\ntext\ntwo\n"
    assert tracked.dvc("cat --rev HEAD f").out == "0123456789"


def test_the_cache(tracked):
    tracked.check("rm -rf d f .dvc/tmp ../remote")
    assert tracked.dvc("cat f d/a").out == "0123456789one\n"


@pytest.mark.parametrize("rev", ["", " --rev HEAD"])
def test_the_remote_leaves_no_trace(tracked, rev):
    lose_data(tracked)
    assert tracked.dvc("cat f d/a d/s/b empty" + rev).out == "0123456789one\ntwo\n"
    assert objects(tracked) == [] and not os.path.exists(os.path.join(tracked.repo, "f"))


def test_a_network_remote(tracked, remote):
    place = remote("s3-strict")
    place.configure(tracked, "far")
    tracked.check("dvc push -q -r far")
    tracked.check("dvc remote default far")
    lose_data(tracked)
    assert tracked.dvc("cat f d/s/b empty").out == "0123456789two\n"
    assert tracked.dvc("cat --range 3-5 f").out == "345"
    assert objects(tracked) == []


def test_ranges(tracked):
    for data in ("there", "lost"):
        assert tracked.dvc("cat --range 2-4 f").out == "234"
        assert tracked.dvc("cat --range 8- f").out == "89"
        assert tracked.dvc("cat --range 8-99 f").out == "89"
        assert tracked.dvc("cat --range 10- f").out == ""
        if data == "there":
            lose_data(tracked)


@pytest.mark.parametrize("text", ["x", "4-2", "-3", "1", "1-2-3"])
def test_malformed_ranges(tracked, text):
    result = tracked.dvc(f"cat --range={text} f")
    assert result.status == 254 and "is no range of bytes" in result.err


def test_batch(tracked):
    lose_data(tracked)
    answer = tracked.check("printf 'f\\nnope\\nd/a\\nempty\\n' | dvc cat --batch")
    assert answer.out == (
        "781e5e245d69b566979b86e28d23f2c7 file 10\n0123456789\n"
        "nope missing\n"
        "5bbf5a52328e7439ae6e719dfe712200 file 4\none\n\n"
        "d41d8cd98f00b204e9800998ecf8427e file 0\n\n")


def test_as_many_bytes_as_were_told(tracked):
    """A file of /proc says that it is empty and is not: the same as a log that grows while it is read."""
    answer = tracked.check("ln -s /proc/self/status grows && printf 'grows\\nnote.txt\\n' | dvc cat --batch")
    assert answer.out == "grows file 0\n\nnote.txt file 5\ntext\n\n"


@pytest.mark.parametrize("text", [f"{2**63 - 1}-", f"{2**63 - 2}-{2**63 - 1}"])
def test_a_range_at_the_end_of_all_numbers(tracked, text):
    assert tracked.dvc(f"cat --range {text} f").out == ""


def test_from_below_and_elsewhere(tracked):
    assert tracked.check("mkdir sub && cd sub && dvc cat ../d/a && dvc cat --rev HEAD ../f").out == "one\n0123456789"
    assert tracked.check("cd .. && dvc cat --repo repo d/s/b").out == "two\n"


def test_a_corrupt_object_is_not_written(tracked):
    lose_data(tracked)
    path = glob.glob(os.path.join(tracked.root, "remote/files/md5/78/1e*"))[0]
    os.chmod(path, 0o644)
    with open(path, "w") as f:
        f.write("0123456780")
    result = tracked.dvc("cat f")
    assert result.status != 0 and result.out == ""


def test_what_is_no_file(tracked):
    assert "'d' is a directory" in tracked.dvc("cat d").err
    assert "'nope' is neither a file nor tracked data" in tracked.dvc("cat nope").err
    assert tracked.dvc("cat").status == 254 and tracked.dvc("cat --batch f").status == 254


def test_get_to_standard_output(tracked):
    assert tracked.dvc("get . f -o -").out == "0123456789"
    assert not os.path.exists(os.path.join(tracked.repo, "-"))


def test_get_replaces_no_pipe(tracked):
    tracked.check("mkfifo pipe")
    result = tracked.dvc("get . f -o pipe -f")
    assert result.status == 1 and "is not replaced" in result.err
    assert stat.S_ISFIFO(os.stat(os.path.join(tracked.repo, "pipe")).st_mode)
