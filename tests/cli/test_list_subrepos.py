"""`list --subrepos`: what is in repositories nested in the one that is listed; DVC's own `list` leaves it out."""

import json

import pytest


@pytest.fixture
def nested(repo):
    repo.write({"top": "1\n", "sub/s": "s\n", "sub/d/x": "x\n", "sub/deep/n/q": "q\n", "plain/p": "p\n"})
    repo.check("""
        dvc add -q top
        (cd sub && dvc init -q --subdir && dvc add -q s d)
        (cd sub/deep/n && dvc init -q --subdir && dvc add -q q)
        git add -A && git commit -qm all
    """)
    return repo


def paths(box, line):
    return [e["path"] for e in json.loads(box.check(f"cairn list {line} --json").out) if not e["path"].endswith(("ignore", ".dvc"))]


@pytest.mark.parametrize("rev", ["", " --rev HEAD"])
def test_all_files(nested, rev):
    assert paths(nested, ". -R" + rev) == ["plain/p", "top"]
    assert paths(nested, ". -R --subrepos" + rev) == ["plain/p", "sub/d/x", "sub/deep/n/q", "sub/s", "top"]
    assert paths(nested, ". sub -R --subrepos" + rev) == ["d/x", "deep/n/q", "s"]
    assert paths(nested, ". sub/deep/n -R --subrepos" + rev) == ["q"]
    assert paths(nested, ". plain -R --subrepos" + rev) == ["p"]


def test_directories(nested):
    assert paths(nested, ".") == ["plain", "top"]
    assert paths(nested, ". --subrepos") == ["plain", "sub", "top"]
    assert paths(nested, ". sub/deep --subrepos") == ["n"]


def test_facts_are_those_of_the_nested_repository(nested):
    nested.check("rm -rf sub/d sub/deep/n/q")
    entries = {e["path"]: e for e in json.loads(nested.check("cairn list . -R --subrepos --json").out)}
    assert entries["sub/d/x"] == {"isout": True, "isdir": False, "isexec": False, "size": None,
                                  "md5": "401b30e3b8b5d629635a5c613cdb7919", "path": "sub/d/x"}
    assert entries["sub/deep/n/q"]["isout"] and not entries["plain/p"]["isout"]


def test_not_as_a_tree(nested):
    assert nested.sh("cairn list . --tree --subrepos").status == 254


def test_links_are_not_followed(nested):
    nested.check("ln -s ../sub plain/loop && ln -s . self")
    assert "plain/loop/s" not in paths(nested, ". -R --subrepos")
