from harness import SORTED, case

DATA = "echo a > a && mkdir -p d/sub && echo x > d/x && echo y > d/y && echo s > d/sub/s && echo r > r && dvc add -q a d r"
COMMITTED = DATA + " && git add -A && git commit -qm data"
CHANGE = "echo b > a && echo n > d/n && rm d/x && mv d/y d/yy && mv r r2"


def data_case(name, script, **options):
    case(name, script, files=SORTED, **options)


case("data-status-empty-git", "dvc data status", start="git")
data_case("data-status-clean", f"""
    {COMMITTED}
    dvc data status
  ~ dvc data status --unchanged
  ~ dvc data status --unchanged --granular
""")
data_case("data-status-added", f"""
    {DATA}
  ~ dvc data status
  ~ dvc data status --granular
  = dvc data status --json | python3 sorted.py
""")
data_case("data-status-changed", f"""
    {COMMITTED}
    {CHANGE}
  ~ dvc data status
  ~ dvc data status --granular
  = dvc data status --granular --json | python3 sorted.py
""")
data_case("data-status-committed-and-uncommitted", f"""
    {COMMITTED}
    {CHANGE}
    dvc commit -q -f a d.dvc
    dvc add -q r2
  ~ dvc data status
  = dvc data status --granular --json | python3 sorted.py
""")
data_case("data-status-untracked", f"""
    {COMMITTED}
    echo u > u && mkdir v && echo 1 > v/f
  ~ dvc data status
  ~ dvc data status --untracked-files
  = dvc data status --untracked-files --json | python3 sorted.py
    dvc data status --untracked-files=no
""")
data_case("data-status-cache-lost", f"""
    {COMMITTED}
    rm -rf .dvc/cache
  ~ dvc data status
  = dvc data status --json | python3 sorted.py
""")
data_case("data-status-not-in-remote", f"""
    {COMMITTED}
    dvc remote add -q -d r ../store
    dvc push -q a
  ~ dvc data status --not-in-remote
  = dvc data status --not-in-remote --granular --json | python3 sorted.py
""")
data_case("data-status-targets", f"""
    {COMMITTED}
    {CHANGE}
    dvc data status a
  ~ dvc data status --granular d
    dvc data status --granular d/n
""")
data_case("data-status-kind-changed", f"""
    {COMMITTED}
    rm -r d && echo file > d
  ~ dvc data status
""")
data_case("data-status-pipeline", """
    printf 'stages:\\n  s:\\n    cmd: echo 1 > o; echo 2 > p\\n    outs: [o, {p: {cache: false}}]\\n' > dvc.yaml
    dvc data status
    dvc repro -q
  = dvc data status --json | python3 sorted.py
""")

case("diff-no-commit", "git init -q && dvc init -q && dvc diff", start="empty")
data_case("diff-workspace", f"""
    {COMMITTED}
    dvc diff
    {CHANGE}
    dvc diff
    dvc diff --json
    dvc diff --show-hash
    dvc diff --json --show-hash
    dvc diff --md
    dvc diff --md --show-hash
""")
data_case("diff-commits", f"""
    {COMMITTED}
    {CHANGE}
    dvc add -q a d r2 && git add -A && git commit -qm second
    dvc diff
    dvc diff HEAD~1
    dvc diff HEAD~1 HEAD
    dvc diff HEAD HEAD~1
    dvc diff HEAD HEAD
""")
data_case("diff-targets", f"""
    {COMMITTED}
    {CHANGE}
    dvc diff --targets d
    dvc diff --targets d/n a
    dvc diff --targets nosuch
""")
data_case("diff-cache-lost", f"""
    {COMMITTED}
    echo b > a
    rm -r .dvc/cache
    dvc diff --hide-missing
    dvc diff --json --hide-missing
""")
data_case("diff-removed-pointer", f"""
    {COMMITTED}
    git rm -q --cached a.dvc && rm a.dvc
    rm -r d
    dvc diff
""")
case("diff-bad-revision", "dvc diff nosuch")

# ---- listings that the cache does not have

TRACKED = """
    mkdir -p d/bar && echo x > d/bar/x && echo y > d/y
    dvc add -q d && dvc remote add -q -d r ../store && dvc push -q && git add -A && git commit -qm data
"""
ASK = """
  ~ dvc data status --granular
  ~ dvc data status --granular d/bar
    dvc data status --granular d/y
  ~ dvc data status
    dvc data status d/bar
"""
for name, lose in {"cache": "rm -rf .dvc/cache", "cache-and-data": "rm -rf .dvc/cache d", "cache-and-remote": "rm -rf .dvc/cache ../store",
                   "cache-and-remote-with-a-new-file": "rm -rf .dvc/cache ../store && echo n > d/new",
                   "cache-and-no-remote": "rm -rf .dvc/cache && dvc remote remove r"}.items():
    case(f"listing-not-here-{name}", f"""{TRACKED}
    {lose}{ASK}
  ~ dvc diff
    """)
case("targets-come-before-renames", """
    echo 1 > file
    dvc add -q file && git add -A && git commit -qm f
    dvc move file file2
    dvc data status --json
    dvc data status --json file
    dvc data status --json file2
    dvc data status file
    dvc diff --json --targets file
""")
