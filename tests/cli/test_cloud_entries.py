"""A cloud-versioned import: the real DVC cannot even read it without the package for its scheme."""

IMPORTED = """md5: 3bfa0b3bd2a5e0b3b0a6e0b3b0a6e0b3
frozen: true
deps:
- etag: '"e"'
  size: 2
  version_id: v7
  hash: etag
  path: s3://bucket/a
  fs_config:
    version_aware: true
outs:
- md5: 60b725f10c9c85c70d97880dfe8191b3
  size: 2
  hash: md5
  path: a
  push: false
"""


def test_freezing_keeps_every_key(repo):
    repo.write({"a.dvc": IMPORTED, "a": "a\n", ".gitignore": "/a\n"})
    repo.check("cairn unfreeze a.dvc")
    assert repo.read("a.dvc").replace("frozen: true\n", "") == IMPORTED.replace("frozen: true\n", "")
    repo.check("cairn freeze a.dvc")
    assert "fs_config:\n    version_aware: true\n" in repo.read("a.dvc") and "version_id: v7" in repo.read("a.dvc")


def test_an_unchanged_output_keeps_its_version(repo):
    version = "  cloud:\n    r:\n      etag: some-etag\n      version_id: v1\n"
    repo.write({"a": "a\n"})
    repo.check("cairn add -q a")
    repo.write({"a.dvc": repo.read("a.dvc") + version})
    before = repo.read("a.dvc")
    repo.check("cairn add -q a && cairn commit -f && cairn checkout && cairn status")
    assert repo.read("a.dvc") == before
    repo.check("cairn move a b")
    assert version in repo.read("b.dvc")
    repo.write({"b": "b\n"})
    repo.check("cairn commit -f")
    assert "cloud" not in repo.read("b.dvc")
