import re

import pytest
from harness import case

DATA = ("echo a > a && mkdir -p d/sub && echo x > d/x && echo s > d/sub/s && dvc add -q a d"
        " && git add -A && git commit -qm data && dvc remote add -q -d r ../store")
HISTORY = ("for v in 1 2 3 4; do echo v$v > a && dvc add -q a && git add -A"
           " && GIT_COMMITTER_DATE=2024-01-0${v}T12:00:00 git commit -qm v$v; done")
LEFT = "find .dvc/cache -type f | sort"
STORE = "cd ../store && find . -type f | sort"


def as_if_removed(seen):
    """A dry run of cairn prints "Would remove"; DVC prints the words of a real run."""
    for step in seen["steps"]:
        step["stdout"] = [re.sub("^Would remove (/|<)", r"Removing \1", line).replace("Would remove", "Removed")
                          for line in step.get("stdout", [])]
        if "--dry" in step["run"]:
            step["stdout"].sort()


case("gc-conflicting-selectors", """
    dvc gc
    dvc gc --dry
    dvc gc -c
    dvc gc -w -r x
    dvc gc -w -c --not-in-remote
    dvc gc -T -n 2
    dvc gc -w -n 2
    dvc gc -n 2
    dvc gc -n
    dvc gc -n x -a
""")
case("gc-warnings", f"""
    {HISTORY}
    dvc gc -w </dev/null
    dvc gc -a </dev/null
    dvc gc -T </dev/null
    dvc gc -a -T </dev/null
    dvc gc -a -T -n 2 </dev/null
    dvc gc -a -n 2 </dev/null
    dvc gc -A -a --rev HEAD </dev/null
    dvc gc --rev HEAD </dev/null
    dvc gc --rev HEAD -n 3 </dev/null
    dvc gc --date 2024-01-03 </dev/null
    dvc gc --all-experiments </dev/null
    dvc gc -w --not-in-remote </dev/null
    dvc gc -w -p ../x ../y </dev/null
    {LEFT}
""")
case("gc-answers", f"""
    {HISTORY}
    echo n | dvc gc -w
    {LEFT}
    echo yes | dvc gc -w
    {LEFT}
""")
case("gc-dry-lists", f"""
    {DATA}
    rm d.dvc
  ~ dvc gc -w --dry
    {LEFT}
""", adjust=as_if_removed)
case("gc-rev", f"""
    {HISTORY}
    dvc gc --rev HEAD~2 -f
    {LEFT}
    git checkout -q HEAD~2
    dvc checkout
""")
case("gc-rev-num", f"""
    {HISTORY}
    dvc gc --rev HEAD~1 -n 2 -f
    {LEFT}
""")
case("gc-rev-unknown", f"""
    {HISTORY}
    dvc gc --rev nosuch -f
    {LEFT}
""")
case("gc-rev-workspace", f"""
    {HISTORY}
    dvc gc --rev workspace -f
    {LEFT}
""")
case("gc-branches", f"""
    {HISTORY}
    git checkout -q -b other HEAD~2
    dvc gc -a -f
    {LEFT}
""")
case("gc-branches-num", f"""
    {HISTORY}
    git checkout -q -b other HEAD~1
    dvc gc --all-branches --num 2 -f
    {LEFT}
""")
case("gc-branches-all-ancestors", f"""
    {HISTORY}
    dvc gc -a -n -1 -f
    {LEFT}
""")
case("gc-tags", f"""
    {HISTORY}
    git tag one HEAD~3 && git tag -a -m two two HEAD~2
    dvc gc --all-tags -f
    {LEFT}
""")
case("gc-all-commits", f"""
    {HISTORY}
    echo lost > a && dvc add -q a && echo v4 > a && dvc add -q a
    dvc gc --all-commits -f
    {LEFT}
""")
case("gc-date", f"""
    {HISTORY}
    dvc gc --date 2024-01-03 -f
    {LEFT}
""")
case("gc-date-malformed", f"""
    {HISTORY}
    dvc gc --date 2024-13-03 -f
    dvc gc --date yesterday -f
    {LEFT}
""")
case("gc-date-and-rev", f"""
    {HISTORY}
    dvc gc --date 2024-01-04 --rev HEAD~3 -f
    {LEFT}
""")
case("gc-experiments", """
    printf 'stages:\\n  s:\\n    cmd: cp p.yaml o\\n    params:\\n    - p.yaml:\\n    outs: [o]\\n' > dvc.yaml
    echo 'v: 1' > p.yaml && dvc repro -q && git add -A && git commit -qm one
    dvc exp run -q -n two -S p.yaml:v=2
    git checkout -q . && dvc checkout -q
    dvc gc -w --all-experiments -f
    find .dvc/cache/files -type f | sort
    dvc gc -w -f
    find .dvc/cache/files -type f | sort
""")
case("gc-cloud-dry", f"""
    {DATA}
    dvc push -q
    rm d.dvc
  ~ dvc gc -w -c --dry
    {STORE}
""", adjust=as_if_removed)
case("gc-cloud-remote", f"""
    {DATA}
    dvc remote add -q two ../two
    dvc push -q && dvc push -q -r two
    echo b > a && dvc add -q a
    dvc gc -w -c -r two -f
    {STORE}
    cd ../two && find . -type f | sort
""")
case("gc-cloud-unknown-remote", f"""
    {DATA}
    dvc push -q
    echo b > a && dvc add -q a
    dvc gc -w -c -r nosuch -f
    {LEFT}
""")
case("gc-cloud-without-remote", """
    echo a > a && dvc add -q a && echo b > a && dvc add -q a
    dvc gc -w -c -f
    dvc gc -w --not-in-remote -f
    find .dvc/cache -type f
""")
case("gc-not-in-remote", f"""
    {DATA}
    dvc push -q a
    dvc gc -w --not-in-remote -f
    {LEFT}
""")
case("gc-not-in-remote-named", f"""
    {DATA}
    dvc remote add -q two ../two
    dvc push -q -r two d
  ~ dvc gc -w --not-in-remote -r two --dry
    dvc gc -w --not-in-remote -r two -f
    {LEFT}
""", adjust=as_if_removed)
case("gc-out-with-remote", """
    echo 1 > a && echo 2 > b && dvc add -q a b && printf '  remote: other\\n' >> b.dvc
    dvc remote add -q -d r ../store && dvc remote add -q other ../other && dvc push -q
    dvc gc -w -c -f
    rm a.dvc b.dvc
    dvc gc -w -c -f
    cd ..
    find store other -type f | sort
""")
case("gc-projects", f"""
    {DATA}
    dvc cache dir ../cache -q
    dvc commit -q
    cd ../other
    git init -q && dvc init -q && dvc cache dir ../cache && echo other > o && dvc add -q o
    dvc gc -w -p ../repo -f
    cd ../cache
    find . -type f | sort
    cd ../other
    dvc gc -w -f
    cd ../cache
    find . -type f | sort
""")
case("gc-projects-not-one", f"""
    {HISTORY}
    mkdir ../plain
    dvc gc -w -p ../plain -f
    {LEFT}
""")
case("gc-lost-listing", f"""
    {DATA}
    rm -f .dvc/cache/files/md5/*/*.dir
    rm -rf d
    echo y | dvc gc -w
    {LEFT}
    dvc gc -w -f
    {LEFT}
""")
case("gc-lost-listing-fetched", f"""
    {DATA}
    dvc push -q
    rm -f .dvc/cache/files/md5/*/*.dir
    echo y | dvc gc -w
    {LEFT}
""")
case("gc-broken-revision", f"""
    {HISTORY}
    echo 'outs: 3' > a.dvc && git commit -qam broken
    git checkout -q HEAD~1 a.dvc
    # what is wrong with the file is worded otherwise
  - dvc gc -A -f
    {LEFT}
  - dvc gc -A --skip-failed -f
    {LEFT}
""")
case("gc-out-without-data", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o\\n    outs: [o]\\n' > dvc.yaml
    dvc gc -w -f
    echo 1 > o
    dvc gc -w -f
""")
case("gc-jobs", f"""
    {DATA}
    dvc push -q
    rm d.dvc
    dvc gc -w -c -f -j 2
    dvc gc -w -c -f --jobs 0
    {STORE}
""")
case("gc-nothing", "dvc gc -w -f")
case("gc-legacy", """
    printf 'outs:\\n- md5: 60b725f10c9c85c70d97880dfe8191b3\\n  size: 2\\n  path: a\\n' > a.dvc
    mkdir -p .dvc/cache/60 .dvc/cache/61 ../store/60 ../store/61
    for to in .dvc/cache ../store; do echo a > $to/60/b725f10c9c85c70d97880dfe8191b3; done
    for to in .dvc/cache ../store; do echo b > $to/61/b725f10c9c85c70d97880dfe8191b3; done
    chmod 444 .dvc/cache/6*/* ../store/6*/*
    dvc remote add -q -d r ../store
  ~ dvc gc -w -c --dry
    dvc gc -w -c -f
    find .dvc/cache -type f
    cd ../store
    find . -type f
""", adjust=as_if_removed)
case("gc-no-scm", """
    echo a > a && dvc add -q a && echo b > a && dvc add -q a
    dvc gc -w -f
    find .dvc/cache -type f
""", start="noscm")
case("gc-keeps-runs", """
    printf 'stages:\\n  s:\\n    cmd: cp d o\\n    deps: [d]\\n    outs: [o]\\n' > dvc.yaml
    echo 1 > d && dvc repro -q && echo 2 > d && dvc repro -q
    dvc gc -w -f
    find .dvc/cache/runs -type f | wc -l
""")

@pytest.mark.live
@pytest.mark.parametrize("sweeps", ["cairn", "dvc"])
def test_the_other_tool_finds_what_is_left(two_tools, sweeps):
    box = two_tools
    first, second = (box.cairn, box.real) if sweeps == "cairn" else (box.real, box.cairn)
    box.use(second)
    for v in (1, 2, 3):
        box.write({"a": f"v{v}\n", "d/x": f"x{v}\n", "d/same": "same\n"})
        box.check("dvc add -q a d && git add -A && git commit -qm v")
    box.use(first).check("dvc gc --rev HEAD~1 -f")
    box.use(second).check("git checkout -q HEAD~1 && dvc checkout && dvc status | grep 'up to date'")
    assert not box.sh("git checkout -q HEAD~1 && dvc checkout").status == 0


@pytest.mark.live
def test_dvc_minds_nothing_that_fsck_set_aside(two_tools):
    box = two_tools
    box.write({"a": "1\n", "d/x": "x\n"})
    box.use(box.cairn).check("dvc remote add -q -d r ../store && dvc add -q a d && dvc push -q")
    box.check("chmod 644 .dvc/cache/files/md5/b0/* && echo spoilt > .dvc/cache/files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1")
    box.check("chmod 444 .dvc/cache/files/md5/b0/* && dvc fsck --repair")
    box.use(box.real).check("dvc gc -w -c -f && dvc cache migrate && dvc push && dvc status | grep 'up to date'")
    assert box.check("cat .dvc/cache/corrupt/*").out == "spoilt\n"
