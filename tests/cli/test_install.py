"""`install`: hooks and configuration that DVC does not create."""

import os

import pytest


@pytest.fixture
def two_versions(repo):
    """A branch `next` with another version of `data`; `master` is checked out."""
    repo.check("dvc install && echo 1 > data && dvc add -q data && git add -A && git commit -qm one && git branch next")
    repo.check("git checkout -q next && echo 2 > data && dvc add -q data && git commit -qam two && git checkout -q master")
    return repo


def test_merge_brings_the_data(two_versions):
    assert two_versions.read("data") == "1\n"
    two_versions.check("git merge -q next")
    assert two_versions.read("data") == "2\n"


def test_dvc_files_are_merged_without_gitattributes(repo):
    repo.check("mkdir d && echo 1 > d/one && dvc add -q d && git add -A && git commit -qm base && dvc install && git branch other")
    repo.check("echo 2 > d/two && dvc add -q d && git commit -qam ours")
    repo.check("git checkout -q other && echo 3 > d/three && dvc add -q d && git commit -qam theirs && git checkout -q master")
    repo.check("git merge -q other -m merged && dvc checkout -q")
    assert sorted(os.listdir(repo.repo / "d")) == ["one", "three", "two"]


def test_attributes_are_asked_for_once(repo):
    repo.write({".git/info/attributes": "*.txt text"})
    repo.check("dvc install && rm .git/hooks/p*-c* .git/hooks/pre-push && dvc install")
    assert repo.read(".git/info/attributes") == "*.txt text\ndvc.lock merge=cairn-lock\n*.dvc merge=dvc\n"


def test_a_post_merge_hook_of_the_user_stays(repo):
    repo.write({".git/hooks/post-merge": "#!/bin/sh\n"})
    result = repo.check("dvc install")
    assert "There is a post-merge hook already: call `dvc git-hook post-merge` in it." in result.err
    assert repo.read(".git/hooks/post-merge") == "#!/bin/sh\n"


def test_hooks_without_the_program_warn_and_let_git_go_on(repo):
    repo.check("dvc install && rm ../.bin/dvc")
    result = repo.check("git commit -q --allow-empty -m x")
    assert result.err == "WARNING: 'dvc' is not on PATH, the pre-commit hook does nothing\n"
    result = repo.check("git checkout -q -b other")
    assert result.err == "WARNING: 'dvc' is not on PATH, the post-checkout hook does nothing\n"
