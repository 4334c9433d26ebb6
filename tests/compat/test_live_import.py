"""Data of other repositories that one tool imported, updated or pulled, used by the other. The real DVC runs every
time."""

import pytest
from harness.origin import ORIGIN, SECOND

pytestmark = pytest.mark.live


def imported(box, tool):
    box.use(tool)
    box.check(ORIGIN)
    box.check("dvc import -q ../o a && dvc import -q ../o d && dvc import -q ../o g/c --rev v1 && dvc import -q ../o d/sub -o part")
    box.check("echo 1 > ../f && dvc import-url -q ../f && git add -A && git commit -qm imports")
    return box


def snapshot(box):
    return box.check("find . -path ./.git -prune -o -path ./.dvc -prune -o -type f -exec md5sum {} + | sort").out


def test_imports_of_one_are_clean_for_the_other(maker):
    box, makes, reads = maker
    imported(box, makes)
    before = snapshot(box)
    box.use(reads)
    assert box.check("dvc status").out == "Data and pipelines are up to date.\n"
    assert box.check("dvc data status").out == "No changes.\n"
    assert box.check("dvc checkout").out == ""
    for name in ("a", "d", "part"):
        assert box.check(f"dvc update {name}.dvc").out == f"'{name}.dvc' didn't change, skipping\n"
    assert snapshot(box) == before


def test_imports_of_one_are_pulled_by_the_other(maker):
    box, makes, reads = maker
    imported(box, makes)
    before = snapshot(box)
    box.check("rm -rf a d c part .dvc/cache/files/md5 && dvc add -q f")
    box.use(reads).check("dvc pull -q")
    assert snapshot(box) == before
    assert box.use(makes).check("dvc status").out == "Data and pipelines are up to date.\n"


def test_updates_of_one_are_the_other_ones(maker):
    box, makes, reads = maker
    imported(box, makes)
    box.check(SECOND)
    twin = box.copy("twin")
    for sandbox, tool in ((box, makes), (twin, reads)):
        sandbox.use(tool).check("cd ../repo && dvc update -q a.dvc && dvc update -q d.dvc && dvc update -q part.dvc")
    assert snapshot(box) == snapshot(twin)
    assert box.read("d/z") == "z\n"
    assert box.use(reads).check("dvc status").out == "Data and pipelines are up to date.\n"


def test_partial_imports_of_one_are_run_by_the_other(maker):
    box, makes, reads = maker
    box.use(makes).check(ORIGIN)
    box.check("dvc import -q --no-exec ../o a && dvc import -q --no-download ../o d && dvc import-url -q --no-exec ../o/code")
    box.use(reads).check("dvc update -q a.dvc && dvc update -q d.dvc && dvc update -q code.dvc")
    assert box.read("a") + box.read("d/x") + box.read("code") == "a\nx\ncode\n"
    assert box.use(makes).check("dvc status").out == "Data and pipelines are up to date.\n"


def test_chain_of_imports_made_by_both(maker):
    box, makes, reads = maker
    box.use(makes).check(ORIGIN)
    box.check("cp -r . ../p && cd ../p && dvc import -q ../o d && git add -A && git commit -qm p && rm -rf .dvc/cache d")
    box.use(reads).check("dvc import -q ../p d && dvc get ../p d/x -o x")
    assert box.read("d/sub/s") + box.read("x") == "s\nx\n"
    box.use(makes).check("rm -rf .dvc/cache d && dvc pull -q")
    assert box.read("d/sub/s") == "s\n"
    assert box.use(reads).check("dvc status").out == "Data and pipelines are up to date.\n"


def test_added_from_outside(maker):
    box, makes, reads = maker
    box.use(makes).check("mkdir -p ../t/s && echo 1 > ../t/a && echo 2 > ../t/s/b && dvc remote add -q -d r ../store")
    box.check("dvc add -q --to-remote ../t -o far && dvc add -q ../t -o near && dvc import-url -q --to-remote ../t third")
    box.use(reads).check("dvc pull -q")
    assert box.read("far/s/b") + box.read("near/a") + box.read("third/a") == "2\n1\n1\n"
    assert box.check("dvc status").out == "Data and pipelines are up to date.\n"


def test_artifacts_of_one_are_taken_by_the_other(maker):
    box, makes, reads = maker
    box.use(makes).check("cp -r . ../o && cd ../o && echo 1 > m && dvc add -q m && printf 'artifacts:\\n  model:\\n    path: m\\n'"
                         " > dvc.yaml && git add -A && git commit -qm one && git tag -am v model@v1.0.0")
    assert box.use(reads).check("dvc artifacts get ../o model").out == "Downloaded 1 file(s) to 'm'\n"
    assert box.read("m") == "1\n"
