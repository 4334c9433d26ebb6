"""The merge driver for dvc.lock, called directly and by Git."""

import pytest

PIPELINE = """stages:
  a:
    cmd: cp x a
    deps: [x]
    outs: [a]
  b:
    cmd: cp y b
    deps: [y]
    outs: [b]
"""
DRIVER = "cairn git-hook merge-lock --ancestor ancestor --our our --their their --path sub/dvc.lock"


def entry(name, md5):
    return f"  {name}:\n    cmd: make {name}\n    outs:\n    - path: {name}\n      hash: md5\n      md5: {md5 * 32}\n      size: 1\n"


def lock(*entries):
    return "schema: '2.0'\nstages:\n" + "".join(entries)


BASE = lock(entry("a", "1"), entry("b", "1"))
MERGES = {
    "both-sides-one-stage": (BASE, lock(entry("a", "2"), entry("b", "1")), lock(entry("a", "1"), entry("b", "3")),
                             lock(entry("a", "2"), entry("b", "3"))),
    "same-change": (BASE, lock(entry("a", "2"), entry("b", "1")), lock(entry("a", "2"), entry("b", "3")),
                    lock(entry("a", "2"), entry("b", "3"))),
    "added-on-both-sides": (BASE, BASE + entry("c", "3"), BASE + entry("d", "4"), BASE + entry("c", "3") + entry("d", "4")),
    "removed-and-changed-another": (BASE, lock(entry("b", "1")), lock(entry("a", "1"), entry("b", "2")),
                                    lock(entry("b", "2"))),
    "removed-on-both-sides": (BASE, lock(entry("b", "1")), lock(entry("b", "1")), lock(entry("b", "1"))),
    "all-removed": (BASE, lock(entry("a", "1")), lock(entry("b", "1")), "schema: '2.0'\nstages: {}\n"),
    "no-ancestor": ("", lock(entry("a", "1")), lock(entry("b", "1")), BASE),
    "only-theirs": (BASE, BASE, lock(entry("b", "7")), lock(entry("b", "7"))),
    "schema-of-dvc-1": ("", entry("a", "1").replace("\n  ", "\n")[2:], lock(entry("b", "1")), BASE),
    "datasets": (BASE, BASE + "datasets:\n- name: x\n", BASE, BASE + "datasets:\n- name: x\n"),
}


@pytest.mark.parametrize("name", MERGES)
def test_merges_stage_by_stage(repo, name):
    ancestor, our, their, merged = MERGES[name]
    repo.write({"ancestor": ancestor, "our": our, "their": their})
    repo.check(DRIVER)
    assert repo.read("our") == merged


def test_conflict_leaves_both_between_markers(repo):
    repo.write({"ancestor": BASE, "our": lock(entry("a", "2"), entry("b", "2")),
                "their": lock(entry("a", "3"), entry("b", "1"))})
    done = repo.sh(DRIVER)
    assert done.status == 1
    assert done.err == "ERROR: both sides ran 'a': choose one in 'sub/dvc.lock', or run it again\n"
    assert repo.read("our") == lock("<<<<<<< ours\n", entry("a", "2"), "=======\n", entry("a", "3"), ">>>>>>> theirs\n",
                                    entry("b", "2"))


def test_removed_here_and_changed_there_is_a_conflict(repo):
    repo.write({"ancestor": BASE, "our": lock(entry("b", "1")), "their": lock(entry("a", "3"), entry("b", "1"))})
    assert repo.sh(DRIVER).status == 1
    assert repo.read("our") == lock(entry("b", "1"), "<<<<<<< ours\n=======\n", entry("a", "3"), ">>>>>>> theirs\n")


@pytest.mark.parametrize("bad", ["stages: [", "- list\n", "<<<<<<< ours\nstages:\n"])
def test_what_is_no_lock_file_stays(repo, bad):
    repo.write({"ancestor": BASE, "our": BASE, "their": bad})
    done = repo.sh(DRIVER)
    assert 0 < done.status < 129, "Git takes a higher status as a failure of its own"
    assert repo.read("our") == BASE and done.err


def two_branches(repo, ours, theirs):
    repo.write({"dvc.yaml": PIPELINE, "x": "1\n", "y": "1\n"})
    repo.check("cairn install && cairn repro -q && git add -A && git commit -qm base && git branch other")
    repo.write(ours)
    repo.check("cairn repro -q && git commit -qam ours && git checkout -q other")
    repo.write(theirs)
    repo.check("cairn repro -q && git commit -qam theirs && git checkout -q master")


def test_git_merges_runs_of_different_stages(repo):
    two_branches(repo, {"x": "2\n"}, {"y": "2\n"})
    repo.check("git merge -q other -m both && cairn checkout && cairn status | grep 'up to date'")
    assert repo.check("cat a b").out == "2\n2\n"
    assert repo.check("git status --short").out == ""


def test_git_shows_runs_of_one_stage_as_a_conflict(repo):
    two_branches(repo, {"x": "2\n", "y": "5\n"}, {"x": "3\n"})
    done = repo.sh("git merge other -m both")
    assert done.status == 1 and "CONFLICT (content): Merge conflict in dvc.lock" in done.out
    assert "both sides ran 'a'" in done.out + done.err
    assert repo.read("dvc.lock").count("<<<<<<<") == 1
    assert "  b:\n" in repo.read("dvc.lock").split(">>>>>>> theirs\n")[1]
    assert "possible merge conflicts" in repo.dvc("status").err


def test_install_leaves_the_work_tree_alone(repo):
    repo.check("mkdir -p .git/info && printf '*.bin -text' > .git/info/attributes")
    repo.check("cairn install")
    assert repo.check("git status --short").out == ""
    assert repo.check("cat .git/info/attributes").out == "*.bin -text\ndvc.lock merge=cairn-lock\n*.dvc merge=dvc\n"
    repo.check("rm .git/hooks/p* && cairn install --use-pre-commit-tool")
    assert repo.check("cat .git/info/attributes").out == "*.bin -text\ndvc.lock merge=cairn-lock\n*.dvc merge=dvc\n"
    assert repo.check("git config merge.cairn-lock.driver").out.startswith("cairn git-hook merge-lock ")


def test_install_goes_where_git_looks_for_hooks(repo):
    repo.check("git config core.hooksPath .husky && mkdir .husky && cairn install")
    assert repo.check("ls .husky").lines == ["post-checkout", "post-merge", "pre-commit", "pre-push"]


def test_a_listing_that_only_the_remote_has_is_fetched(repo):
    """The listing of another branch is missing until it is pulled; DVC fails."""
    repo.check("cairn remote add -q -d r ../store")
    for version, files in (("ancestor", "one"), ("our", "one two"), ("their", "one three")):
        repo.check(f"rm -rf d && mkdir d && for f in {files}; do echo $f > d/$f; done")
        repo.check(f"cairn add -q d && cairn push -q && cp d.dvc {version}")
    repo.check("rm -rf .dvc/cache && cairn git-hook merge-driver --ancestor ancestor --our our --their their")
    assert "nfiles: 3" in repo.read("our")


def test_a_listing_that_is_nowhere_is_named(repo):
    repo.write({"d/one": "1\n"})
    repo.check("cairn add -q d && cp d.dvc ancestor && cp d.dvc our && cp d.dvc their && rm -rf .dvc/cache")
    done = repo.sh("cairn git-hook merge-driver --ancestor ancestor --our our --their their")
    assert done.status == 255 and "fetch --all-branches" in done.err


def test_a_file_here_and_a_directory_there_is_a_conflict(repo):
    """No listing may contain both: it could not be checked out."""
    repo.check("mkdir d && echo 1 > d/one && cairn add -q d && cp d.dvc ancestor")
    repo.check("echo 2 > d/x && cairn add -q d && cp d.dvc our")
    repo.check("rm d/x && mkdir d/x && echo 3 > d/x/y && cairn add -q d && cp d.dvc their && cp our before")
    done = repo.sh("cairn git-hook merge-driver --ancestor ancestor --our our --their their")
    assert done.status != 0 and "unable to auto-merge the following paths:\nx" in done.err
    assert repo.read("our") == repo.read("before")
