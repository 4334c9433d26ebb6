"""Options of the data commands that select data: levels of targets, revisions, remotes."""

from harness import case

# DVC's lists have the order of a directory
SORTED = "python3 -c 'import json, sys; d = json.load(sys.stdin); print({k: sorted(map(str, d[k])) for k in sorted(d)})'"

# two tracked files at the top, one below sub, a directory, and a pipeline of two stages that ends below sub
PROJECT = """
    mkdir -p sub d/s && echo one > a && echo two > sub/b && echo x > d/x && echo y > d/s/y && echo raw > raw
    printf 'stages:\\n  first:\\n    cmd: cp raw mid\\n    deps: [raw]\\n    outs: [mid]\\n  last:\\n    cmd: cp mid end\\n    deps: [mid]\\n    outs: [end]\\n' > dvc.yaml
    printf 'stages:\\n  low:\\n    cmd: cp ../end deep\\n    deps: [../end]\\n    outs: [deep]\\n' > sub/dvc.yaml
    dvc add -q a sub/b d && dvc repro -q -R . && git add -A && git commit -qm one
    dvc remote add -q -d near ../near && dvc remote add -q far ../far && git add -A && git commit -qm remotes
"""
EDITED = PROJECT + """
    echo three > a && dvc add -q a && git commit -qam two && git tag two && git branch other
    echo four > a && dvc add -q a && git commit -qam three
"""
# all objects differ: of paths with the same content DVC names only one
DIFFERING = EDITED.replace("cp raw mid", "cat raw raw > mid").replace("cp mid end", "cat mid mid > end").replace("cp ../end deep", "cat ../end ../end > deep")
TO_REMOTES = """
    mkdir ../near ../far && cp -r .dvc/cache/files ../near && cp -r .dvc/cache/* ../far && rm -rf .dvc/cache
"""
REMOVED = """
    rm -rf a d mid end sub/b sub/deep
"""
PUSHED = EDITED + TO_REMOTES
GONE = PUSHED + REMOVED
# Of a path with several contents DVC transfers one, whichever a set has first. For options that name revisions, b is
# tracked by one of them alone.
REVISIONS = PROJECT + """
    git tag two && git branch other && dvc remove -q sub/b.dvc && git commit -qam removed
"""


def prepared(options, usual, revisions):
    return revisions if {"-T", "-a", "-A", "--all-tags"} & set(options.split()) else usual



for options in (
        "-d last", "--with-deps sub/dvc.yaml:low", "-R sub", "--recursive .", "-R sub d", "d/s", "d/x a", "--summary -R sub", "-f -d end",
        "mid end", "sub", "sub/b.dvc", "-R nosuch"):
    case(f"checkout-selected {options}", EDITED + f"""
        rm -rf a d mid end sub/b sub/deep
      ~ dvc checkout {options}
    """)

for options in (
        "-f -d last", "-f --with-deps sub/dvc.yaml:low", "-f -R sub", "-f --recursive .", "-f --no-relink", "--no-relink a", "-f a sub/b.dvc",
        "-R sub", "-f nosuch", "-f d"):
    case(f"commit-selected {options}", PROJECT + f"""
        echo new > a && echo new > sub/b && echo new > mid && echo new > end && echo new > sub/deep && echo new > d/x
      ~ dvc commit {options}
    """)

case("commit-no-relink-leaves-the-file", """
    dvc config cache.type hardlink,copy
    echo a > a && dvc add a --no-commit
    dvc commit --no-relink a.dvc
    stat -c %h a
    dvc commit a.dvc
    dvc checkout --relink a.dvc
    stat -c %h a
""")

case("add-no-relink", """
    dvc config cache.type hardlink,copy
    mkdir d && echo a > a && echo x > d/x
    dvc add --no-relink a d
    stat -c '%h %a' a d/x
    dvc add a
    stat -c '%h %a' a
""")

for options in (
        "-d last", "--with-deps sub/dvc.yaml:low", "-R sub", "--recursive .", "-R sub d", "nosuch", "-d -R sub"):
    case(f"status-selected {options}", PROJECT + f"""
        echo new > raw && echo new > sub/b && echo new > d/x
      ~ dvc status {options}
      = dvc status --json {options}
    """)

for options in ("-c", "-c -r far", "-c -a", "-c -T", "-c -A", "-c -d last", "-c -R sub", "-c --all-commits -r far", "-c a", "-c d -j 2",
                                  "-c --all-branches --all-tags", "-r far", "-a", "-T", "-c -r nosuch"):
    case(f"status-cloud {options}", DIFFERING + f"""
        dvc push -q -r far
      ~ dvc status {options}
      = dvc status --json {options}
    """)

for options in ("--not-in-remote", "--not-in-remote -r far", "--not-in-remote --remote nosuch", "--not-in-remote --no-remote-refresh",
                                  "--granular --not-in-remote -r far", "--unchanged --granular d", "--untracked-files all", "-r far"):
    case(f"data-status-remote {options}", EDITED + f"""
        dvc push -q -r far a.dvc && echo u > untracked && rm d/x && echo n > d/n
      ~ dvc data status {options}
        dvc data status --json {options} | {SORTED}
    """)

for options in (
        "-r far", "-T", "-a", "-A", "-d last", "-R sub", "-j 1", "d/s", "--all-tags --all-branches", "-r nosuch", "--with-deps sub/dvc.yaml:low a",
        "--recursive . -r far", "--run-cache", "--no-run-cache", "a sub/b.dvc mid", "nosuch"):
    case(f"fetch-selected {options}", prepared(options, PUSHED, REVISIONS + TO_REMOTES) + f"""
        dvc fetch {options}
    """)

for options in (
        "-r far", "-T", "-a", "-A", "-d last", "-R sub", "-j 1", "d/s", "--glob 'sub/*.dvc'", "--allow-missing", "--with-deps sub/dvc.yaml:low",
        "--run-cache", "--no-run-cache a", "--glob 'nosuch*'", "--force d"):
    case(f"pull-selected {options}", prepared(options, GONE, REVISIONS + TO_REMOTES + REMOVED) + f"""
      ~ dvc pull {options}
    """)

case("pull-allow-missing-data", GONE + """
    rm -rf ../near/files/md5/4c
  ~ dvc pull
  ~ dvc pull --allow-missing
""")

for options in (
        "-r far", "-T", "-a", "-A", "-d last", "-R sub", "-j 1", "d", "--glob 'sub/*.dvc'", "--with-deps sub/dvc.yaml:low", "--recursive .",
        "--all-tags --all-branches", "--run-cache", "--no-run-cache a", "--glob 'nosuch*'", "a mid", "nosuch", "-r nosuch"):
    # of a path with several contents DVC pushes one, so the revisions must not differ here
    case(f"push-selected {options}", PROJECT + f"""
        git tag one && git branch other
        dvc push {options}
    """)

for level in ("--project", "--local", "--global", "--system"):
    case(f"remote-levels{level}", f"""
        dvc remote add {level} one ../one
        dvc remote add {level} -d two /tmp/two
        dvc remote list {level}
        dvc remote list
        dvc remote default {level}
        dvc remote modify {level} one jobs 3
        dvc remote modify {level} one jobs --unset
        dvc remote rename {level} one three
        dvc remote default {level} three
        dvc remote default {level} -u
        dvc remote remove {level} three
        dvc remote list {level}
        dvc config -l {level}
        dvc config -l --show-origin {level}
    """)

case("version-runs", """
    ? dvc version
    ? dvc doctor
    dvc --version
""")
