"""Transfers over the network, on a real server of each kind: commands, messages, and which objects are where at the end.
Data is pushed by cairn where a case begins with a filled remote, so the real DVC has read it when the record was made."""

import re

from harness import case_on


def as_if_removed(seen):
    """A dry run of cairn prints "Would remove" and whole URLs; DVC the words of a real run and paths, as its drivers have
    them."""
    for step in seen["steps"]:
        if "--dry" in step["run"]:
            step["stdout"] = [re.sub(r"^(Would remove|Removing) .*/(?=files/md5/)|^(Would remove|Removed)(?= \d)", "Removing ", line)
                              for line in step["stdout"]]


FILES = {"a": "hello\n", "b": "other\n", "d/one": "1\n", "d/sub/two": "2\n", "d/with space": ""}
DATA = {"files": FILES, "tracked": "a b d"}
STORED = {**DATA, "pushed": True}
ALL = "s3 s3-strict s3-tls ssh http http-post webdav webdav-apache gs azure"
LISTED = "s3 s3-strict ssh webdav gs azure"  # servers that list what they have
FEW = "s3 ssh webdav azure"
A, DIR = "files/md5/b1/946ac92492d2347c6235b4d2611184", "files/md5/45/e25a0af73c8f4d4ea3c0ed4ddf7a3f.dir"
ONE = "files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1"

case_on(ALL, "net-push", """
    dvc push
    dvc push
    dvc push -j 3 a
""", **DATA)
case_on(ALL, "net-pull", """
    rm -rf .dvc/cache a b d
    dvc fetch a
    dvc pull
    dvc pull
""", **STORED)
case_on(ALL, "net-targets", """
    dvc push a.dvc
    dvc push b d
    dvc push nothing
    rm -rf .dvc/cache a b d
    dvc pull a
    dvc fetch d b
    dvc pull d
""", **DATA)
case_on(LISTED, "net-status-cloud", """
    dvc push -q a
  ~ dvc status -c
  = dvc status -c --json
    dvc status -c b
    rm -rf .dvc/cache/files/md5/b1
    dvc status -c -q
  ~ dvc status -c
""", **DATA)
case_on("s3 ssh webdav gs azure http-post", "net-file-lost", f"""
    store remove {A}
    rm -rf .dvc/cache a
    dvc fetch a
    dvc status -c a
    dvc pull a
    dvc pull --allow-missing a
""", **STORED)
# Both fail at the lost file; cairn fetches the other files and the listing all the same.
case_on("s3 ssh webdav azure http", "net-member-lost", f"""
    store remove {ONE}
    rm -rf .dvc/cache d
  ? dvc pull d
    dvc pull b
""", **STORED, ignore=(r"\.dir$", r"^d/"))
case_on("s3 ssh webdav gs azure", "net-nothing-there", """
  ~ dvc status -c
    rm -rf .dvc/cache a b d
  ~ dvc fetch
""", **DATA)
case_on("s3 ssh webdav gs azure http", "net-part-of-what-is-tracked", """
    rm -rf .dvc/cache/files/md5/b1
    dvc push
    dvc push
""", **DATA)
case_on("s3 ssh webdav gs azure", "net-removed-meanwhile", f"""
    dvc status -c
    store remove {A}
    dvc status -c
    dvc push
""", **STORED)
case_on("s3 ssh webdav gs azure", "net-not-in-remote", """
    dvc push -q a
    dvc data status --not-in-remote
    dvc data status --not-in-remote --no-remote-refresh
    dvc data status --not-in-remote --json
    dvc push -q d
    dvc data status --not-in-remote --granular
""", **DATA)
case_on("s3 s3-strict ssh webdav gs azure", "net-gc", """
    git add -A && git commit -q -m one
    dvc remove b.dvc
    dvc gc -w -c -f --dry
    dvc gc -w -c -f
    dvc status -c
""", **STORED, adjust=as_if_removed)
case_on("s3 ssh webdav azure", "net-gc-revisions", """
    git add -A && git commit -q -m one && git tag t1 && git branch side
    dvc remove b.dvc && git commit -qam two
    rm -r d d.dvc
    dvc gc -a -c -f
    dvc gc -T -c -f -q
    git tag -d t1
    dvc gc -T -c -f
""", **STORED)
case_on("s3 azure", "net-gc-other-remote", """
    dvc push -q -r other
    dvc remove b.dvc
    dvc gc -w -c -f -r other
    dvc gc -w -c
""", **STORED)
case_on("s3 ssh webdav azure", "net-gc-keeps-strangers", """
    store write files/md5/junk x
    store write other/x x
    dvc gc -w -c -f
""", **STORED)
case_on("s3 ssh azure", "net-other-remote", """
    dvc push -r other
    dvc push -r nothing
    dvc fetch -r nothing
    dvc status -c -r nothing
  ~ dvc status -c -r other
    rm -rf .dvc/cache
    dvc fetch -r r a
    dvc fetch -r other
""", **DATA)
case_on("s3 ssh azure", "net-remote-of-an-output", """
    printf '  remote: other\\n' >> b.dvc
    dvc push
    dvc push -r r
    dvc push -r other
    dvc status -c
    rm -rf .dvc/cache b
    dvc pull
""", **DATA)
case_on("s3 ssh webdav azure", "net-revisions", """
    git add -A && git commit -q -m one && git tag t1 && git checkout -q -b side
    printf 'side\\n' > c
    dvc add -q c && git add -A && git commit -q -m two && git checkout -q master
    dvc push -T
    dvc push -a
    dvc status -c -a
    rm -rf .dvc/cache
    dvc fetch -a
    dvc fetch -A
""", **DATA)
case_on("s3 ssh webdav", "net-folders", """
    mkdir -p sub/deep
    echo 5 > sub/deep/x && echo 6 > sub/y
    dvc add -q sub/deep/x sub/y
    dvc push -R sub/deep
    dvc push --glob 'sub/*'
    rm -rf .dvc/cache sub/deep/x sub/y
    dvc pull -R sub
""", files={"a": "hello\n"}, tracked="a")
case_on("s3 ssh webdav azure", "net-run-cache", """
    dvc repro -q
    dvc push --run-cache
    rm -rf .dvc/cache
    dvc fetch --run-cache
    rm out dvc.lock
    dvc repro
""", files={"dvc.yaml": "stages:\n  s:\n    cmd: cp in out\n    deps: [in]\n    outs: [out]\n", "in": "1\n"})
case_on("s3 ssh webdav azure http", "net-legacy", """
    cat > e.dvc <<E
    outs:
    - md5: b3f7d6ff03e9e0e2a804244704a6cb1e
      size: 8
      path: e
    E
    store write b3/f7d6ff03e9e0e2a804244704a6cb1e legacy.\\n
    dvc status -c e.dvc
    rm -rf .dvc/cache
    dvc fetch e.dvc
    dvc pull
    dvc push
""", **STORED)
case_on("s3 ssh webdav azure", "net-fetch-chosen", """
    dvc add -q a d
    dvc repro -q
    dvc push -q
    rm -rf .dvc/cache
    dvc fetch --type metrics
    dvc fetch --type plots
    dvc fetch --max-size 5
    dvc fetch
""", files={"a": "hello\n", "d/one": "1\n", "dvc.yaml": "stages:\n  s:\n    cmd: cp m.json p.csv; echo 12345678 > o\n    deps: [m.json]\n"
            "    outs: [o]\n    plots: [p.csv]\n", "m.json": "{\"x\": 1}\n"})
case_on("s3 ssh webdav gs azure", "net-pull-into-changes", """
    rm -rf .dvc/cache
    echo changed > a
    dvc pull a
    dvc pull -f a
    echo new > d/new
    dvc pull -f
""", **STORED)
case_on("s3 ssh webdav azure", "net-damaged", f"""
    store damage {A}
    rm -rf .dvc/cache a
  ? dvc pull a
    store remove {A}
    echo hello > a
    dvc add -q a
    dvc push
""", **STORED, options={"verify": "true"})
case_on("s3 ssh webdav azure", "net-repro-pull", """
    dvc repro -q
    dvc push -q
    rm -rf .dvc/cache a out
    dvc repro --pull
    dvc status
""", files={"a": "1\n", "dvc.yaml": "stages:\n  s:\n    cmd: cp a out\n    deps: [a]\n    outs: [out]\n"}, tracked="a")
case_on("s3 ssh webdav", "net-exp-pull", """
    dvc repro -q
    git add -A && git commit -q -m one
    dvc push -q
    rm -rf .dvc/cache a out
  - dvc exp run --pull
""", files={"a": "1\n", "dvc.yaml": "stages:\n  s:\n    cmd: cp a out\n    deps: [a]\n    outs: [out]\n"}, tracked="a")
