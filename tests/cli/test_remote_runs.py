"""Run-cache entries of a remote are checked by their names before they enter the cache."""

import pytest

PIPELINE = "stages:\n  s:\n    cmd: cp in out\n    deps: [in]\n    outs: [out]\n"


@pytest.fixture
def store(repo):
    """The only entry in the remote; the clone has neither cache nor lock."""
    repo.write({"dvc.yaml": PIPELINE, "in": "1\n"})
    repo.check("dvc remote add -q -d r ../store && dvc repro -q && dvc push -q --run-cache && rm -r .dvc/cache out dvc.lock")
    (entry,) = (repo.root / "store/runs").rglob("*/*/*")
    entry.chmod(0o644)
    return entry


@pytest.mark.parametrize("damage", [
    lambda e: e.write_text(e.read_text().split("outs:")[0]),
    lambda e: e.write_text(e.read_text().replace("cp in out", "rm -rf x")),
    lambda e: e.write_text("{"),
    lambda e: e.write_bytes(bytes(range(256))),
    lambda e: e.write_text(""),
    lambda e: e.rename(e.with_name("0" * 64)),
], ids=["half", "changed", "no-yaml", "binary", "empty", "renamed"])
def test_a_damaged_entry_is_not_fetched(repo, store, damage):
    damage(store)
    done = repo.check("dvc fetch --run-cache")
    assert "WARNING: corrupted run-cache entry 'runs/" in done.err
    assert not list((repo.repo / ".dvc/cache/runs").rglob("*/*/*"))
    assert "Running stage" in repo.check("dvc repro").out


def test_what_is_no_entry_is_passed_over(repo, store):
    (store.parent / "README").write_text("x")
    (store.parent.parent.parent / "notes.yaml").write_text("cmd: x")
    (store.parent / ".abc.tmp").write_text("x")
    assert repo.check("dvc fetch --run-cache").err == ""
    assert [p.name for p in (repo.repo / ".dvc/cache/runs").rglob("*") if p.is_file()] == [store.name]
    assert "Stage 's' is cached" in repo.check("dvc repro --pull").out
