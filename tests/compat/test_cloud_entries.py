"""Entries written for cloud-versioned remotes: every command that writes their file keeps them."""

from harness import case

FILE = """outs:
- md5: 60b725f10c9c85c70d97880dfe8191b3
  size: 2
  hash: md5
  path: a
  cloud:
    r:
      etag: '"abc"'
      version_id: v1.x
"""
DIRECTORY = """outs:
- hash: md5
  path: d
  files:
  - relpath: x
    md5: 401b30e3b8b5d629635a5c613cdb7919
    size: 2
    cloud:
      r:
        etag: etag-1
        version_id: v1
  - relpath: y
    md5: 009520053b00386d1173f3988c55d192
    size: 2
    cloud:
      r:
        etag: etag-2
        version_id: v2
"""
LOCK = """schema: '2.0'
stages:
  s:
    cmd: cp dep o
    deps:
    - path: dep
      hash: md5
      md5: 60b725f10c9c85c70d97880dfe8191b3
      size: 2
    outs:
    - path: o
      hash: md5
      md5: 60b725f10c9c85c70d97880dfe8191b3
      size: 2
      cloud:
        r:
          etag: etag-3
          version_id: v
  t:
    cmd: cp dep p
    deps:
    - path: dep
      hash: md5
      md5: 60b725f10c9c85c70d97880dfe8191b3
      size: 2
    outs:
    - path: p
      hash: md5
      md5: 60b725f10c9c85c70d97880dfe8191b3
      size: 2
"""
PIPELINE = {"dvc.yaml": "stages:\n  s:\n    cmd: cp dep o\n    deps: [dep]\n    outs: [o]\n"
                        "  t:\n    cmd: cp dep p\n    deps: [dep]\n    outs: [p]\n",
            "dvc.lock": LOCK, "dep": "a\n", "o": "a\n", "p": "a\n", ".gitignore": "/o\n/p\n"}
A = {"a.dvc": FILE, "a": "a\n", ".gitignore": "/a\n"}
D = {"d.dvc": DIRECTORY, "d/x": "x\n", "d/y": "y\n", ".gitignore": "/d\n"}

case("cloud-file-status", "dvc status\n dvc data status\n dvc commit\n cat a.dvc", files=A)
case("cloud-file-add-unchanged", "dvc add -q a\n cat a.dvc", files=A)
case("cloud-file-commit-forced", "dvc commit -f\n cat a.dvc", files=A)
case("cloud-file-changed", "echo b > a\n dvc add -q a\n cat a.dvc", files=A)
case("cloud-file-remove", "dvc remove a.dvc\n ls", files=A)
case("cloud-file-push", """
    dvc remote add -q -d r ../store
    dvc add -q a
    dvc push
    cat a.dvc
""", files=A)
case("cloud-file-checkout", """
    dvc add -q a
    rm a
    dvc checkout
    cat a.dvc
""", files=A)
case("cloud-directory-status", "dvc status", files=D, ignore=(r"\.dvc/cache/.*",))
case("cloud-directory-commit", "dvc commit -f\n cat d.dvc\n dvc status", files=D)
case("cloud-directory-add-changed", "echo z > d/z\n dvc add -q d\n cat d.dvc", files=D)
case("cloud-lock-status", "dvc status\n dvc commit\n cat dvc.lock", files=PIPELINE)
case("cloud-lock-repro-of-another", """
    dvc commit -q
    rm p
    dvc repro t
    cat dvc.lock
""", files=PIPELINE)
case("cloud-lock-freeze", "dvc freeze t\n cat dvc.lock", files=PIPELINE, values=("dvc.yaml",))
case("cloud-lock-remove-of-another", "dvc remove t\n cat dvc.lock", files=PIPELINE, values=("dvc.yaml",))
