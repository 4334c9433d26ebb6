"""tools/version: which version a checkout or an archive has."""

import shutil
import subprocess

import pytest
from harness.sandbox import TOP

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]


@pytest.fixture
def checkout(tmp_path):
    """A repository with tools/version in its first commit."""
    top = tmp_path / "checkout"
    (top / "tools").mkdir(parents=True)
    shutil.copy(TOP / "tools/version", top / "tools/version")
    git(top, "init", "-q", "-b", "main")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "first")
    return top


def git(top, *args):
    subprocess.run([*GIT, *args], cwd=top, check=True)


def commit(top, text):
    git(top, "commit", "-q", "--allow-empty", "-m", text)


def version(top, cwd="/"):
    done = subprocess.run([top / "tools/version"], cwd=cwd, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else done.stderr


def test_without_a_tag(checkout):
    assert version(checkout) == "0.1.0.dev1"


def test_at_and_after_a_tag(checkout):
    git(checkout, "tag", "v1.2.9")
    assert version(checkout) == "1.2.9"
    commit(checkout, "later")
    assert version(checkout) == "1.2.10.dev1"


def test_a_tag_on_a_merge(checkout):
    git(checkout, "checkout", "-q", "-b", "side")
    commit(checkout, "side")
    git(checkout, "checkout", "-q", "main")
    commit(checkout, "main")
    git(checkout, "merge", "-q", "--no-ff", "-m", "merge", "side")
    git(checkout, "tag", "-a", "-m", "two", "v2.0.0")
    assert version(checkout) == "2.0.0"


@pytest.mark.parametrize("other", ["v1.3.0-rc1", "v1.3.0.1", "very-1.0.0", "v9"])
def test_other_tags_are_no_versions(checkout, other):
    git(checkout, "tag", "v1.2.0")
    commit(checkout, "later")
    git(checkout, "tag", other)
    assert version(checkout) == "1.2.1.dev1"
    commit(checkout, "still later")
    assert version(checkout) == "1.2.1.dev2"


def test_an_archive_in_another_repository_has_not_its_version(checkout):
    git(checkout, "tag", "v5.0.0")
    inner = checkout / "third_party/cairn"
    shutil.copytree(checkout / "tools", inner / "tools")
    assert version(inner) == "0.1.0.dev0"
    (inner / ".version").write_text("0.3.0\n")
    assert version(inner) == "0.3.0"


def test_an_archive_without_git(checkout, tmp_path):
    shutil.rmtree(checkout / ".git")
    assert version(checkout) == "0.1.0.dev0"


def test_a_shallow_clone_and_a_work_tree(checkout, tmp_path):
    git(checkout, "tag", "v1.0.0")
    commit(checkout, "later")
    git(checkout, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert version(tmp_path / "tree") == "1.0.1.dev1"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{checkout}", "shallow")
    assert version(tmp_path / "shallow") == "0.1.0.dev1"
