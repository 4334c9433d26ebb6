"""move and unprotect, where cairn is more careful than DVC."""

import os
import tempfile

import pytest


def test_move_puts_nothing_over_a_file(repo):
    repo.write({"a": "a\n", "b": "precious\n"})
    repo.check("cairn add -q a")
    done = repo.dvc("move a b")
    assert done.status == 1 and "'b' already exists" in done.err
    assert repo.read("b") == "precious\n" and repo.read("a") == "a\n"


def test_move_records_what_changed(repo):
    repo.write({"a": "a\n"})
    repo.check("cairn add -q a")
    repo.write({"a": "changed\n"})
    repo.check("cairn move a b && cairn status | grep 'up to date' && rm b && cairn checkout")
    assert repo.read("b") == "changed\n"


def has_clones(folder):
    """Does the file system clone files (FICLONE)?"""
    import fcntl

    with open(folder / "from", "w") as source:
        source.write("x" * 4096)
    with open(folder / "from") as source, open(folder / "to", "w") as target:
        try:
            fcntl.ioctl(target, 0x40049409, source.fileno())
        except OSError:
            return False
        finally:
            os.unlink(folder / "from")
            os.unlink(folder / "to")
    return True


def test_clones_alone_where_there_are_none(repo):
    """As DVC: directories are copied after all; a file is named as one that cannot be checked out."""
    if has_clones(repo.repo):
        pytest.skip("this file system clones")
    repo.write({"a": "a\n", "d/x": "x\n", "d/y": "y\n"})
    repo.check("cairn config cache.type reflink && cairn add -q a d && rm -rf a d")
    done = repo.dvc("checkout")
    assert done.status == 255 and "Checkout failed for following targets:\na\n" in done.err
    assert repo.read("d/x") == "x\n" and not (repo.repo / "a").exists()
    repo.check("cairn config cache.type reflink,copy && cairn checkout && cairn status | grep 'up to date'")


@pytest.fixture
def cache_on_another_device(repo):
    others = [d for d in ("/dev/shm", "/tmp") if os.path.isdir(d) and os.stat(d).st_dev != os.stat(repo.repo).st_dev]
    if not others:
        pytest.skip("there is no second file system")
    with tempfile.TemporaryDirectory(dir=others[0], prefix="cairn-") as folder:
        repo.check(f"cairn cache dir {folder}")
        yield repo


def test_add_says_what_it_cannot_link(cache_on_another_device):
    """As DVC: tracked, named, and left unchanged."""
    repo = cache_on_another_device
    repo.write({"a": "a\n", "d/x": "x\n"})
    repo.check("cairn config cache.type hardlink")
    done = repo.check("dvc add a d")
    assert done.err == ("\nSome targets could not be linked from cache to workspace.\n"
                        "See <https://dvc.org/doc/user-guide/troubleshooting#cache-types> for more information.\n"
                        "To re-link these targets, reconfigure cache types and then run:\n\n\tdvc checkout a.dvc d.dvc\n")
    assert repo.check("cairn status").out == "Data and pipelines are up to date.\n"
    repo.check("rm -rf a d")
    assert "Checkout failed for following targets:\na\nIs" in repo.dvc("checkout").err
    assert repo.read("d/x") == "x\n"
    repo.check("cairn config cache.type hardlink,symlink && cairn checkout")
    assert (repo.repo / "a").is_symlink() and repo.read("a") == "a\n"


def test_links_into_a_cache_that_is_away(repo):
    """DVC removes the directory of links here."""
    repo.write({"a": "a\n", "d/x": "x\n"})
    repo.check("cairn cache dir ../cache && cairn config cache.type symlink && cairn add -q a d && mv ../cache ../away")
    done = repo.dvc("checkout")
    assert done.status == 255 and "Checkout failed for following targets:\na\nd\n" in done.err
    repo.check("mv ../away ../cache && cairn status | grep 'up to date'")
    assert repo.read("d/x") == "x\n"
