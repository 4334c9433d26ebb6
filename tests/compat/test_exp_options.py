"""The options of the commands of `exp` that no other scenario uses, each with what it changes."""
from harness import case
from harness.adjust import drop_time

GRAPH = """\
stages:
  train:
    cmd: cp params.yaml model; echo '{"acc":1}' > m.json
    params: [lr]
    outs: [model]
    metrics:
    - m.json:
        cache: false
"""
FILES = {"dvc.yaml": GRAPH, "params.yaml": "lr: 1\nother: 2\n"}
BASE = """
    dvc repro -q
    git add -A
    git commit -qm base
    dvc exp run -q -n one -S lr=2
    git checkout -q .
    dvc checkout -q -f
"""


def option(name, script, base=BASE, **options):
    lines = "".join(f"  {line}\n" if line[:2] in ("- ", "? ") else f"    {line}\n" for line in script.strip().splitlines())
    case("exp-option-" + name, base + lines, files=options.pop("files", FILES),
         adjust=options.pop("adjust", drop_time), **options)


# ---- exp show

option("show-force", "dvc exp show --csv\ndvc exp show --csv --force\ndvc exp show --csv -f")
option("show-no-fetch", "dvc exp show --csv --no-fetch\ndvc exp show --json --no-fetch | wc -l")
option("show-param-deps", "dvc exp show --csv --param-deps --drop other\ndvc exp show --md --param-deps --hide-workspace --drop other")
option("show-hide-workspace", "dvc exp show --csv --hide-workspace")
option("show-empty-rev", "dvc exp show --csv --rev ''\ndvc exp show --csv --rev '' --rev HEAD")
option("show-two-revs", "echo 2 > n\ngit add n\ngit commit -qm two\ndvc exp show --csv --rev HEAD --rev HEAD~1\ndvc exp show --csv -n 2\ndvc exp show --csv -A")
option("show-no-such-rev", "dvc exp show --rev nosuch\ndvc exp show --csv --rev HEAD --rev nosuch")
option("show-broken-params", "printf 'lr: [1' > params.yaml\ndvc exp show --json | grep -o 'YAML[a-zA-Z]*Error'\ngit checkout -q params.yaml\ndvc exp show --csv")
option("show-broken-metrics", "printf '{' > m.json\ndvc exp show --json | grep -o 'JSON[a-zA-Z]*Error'\ndvc exp show --csv")
option("show-missing-metrics", "rm m.json\ndvc exp show --json | grep -o 'FileNotFoundError'\ndvc exp show --csv")

option("show-hide-failed", "dvc exp show --csv --hide-failed --hide-queued")

# ---- exp apply

option("apply-no-force", "dvc exp apply --no-force one\ncat params.yaml")
option("apply-twice", "- dvc exp apply one\n- dvc exp apply one\ncat params.yaml\ngit status --porcelain")
option("apply-revision", "dvc exp apply HEAD\ngit status --porcelain\ndvc exp apply nosuch")

# ---- exp save

option("save-message", "dvc exp save -n two -m 'my words'\ndvc exp save -n three -M 'old letter'\ngit for-each-ref refs/exps --format='%(subject)' | grep -v base | sort")
option("save-json", "dvc exp save -n two --json | grep -c '^{\"ref\": \"[0-9a-f]*\"}$'\ndvc exp list --name-only")
option("save-recursive", "mkdir sub\nprintf 'stages:\\n  s: {cmd: echo 1 > s, outs: [s]}\\n' > sub/dvc.yaml\ndvc repro -q sub/dvc.yaml\ngit add -A\ngit commit -qm sub\n"
       "rm -f sub/s\necho 2 > sub/s\ndvc exp save -R sub -n two\ndvc exp list --name-only\ndvc status")
option("save-targets", "rm -f model\necho 3 > model\ndvc exp save train -n two\ndvc exp save nosuch -n three\ndvc exp list --name-only")
option("save-force", "dvc exp save -n two\ndvc exp save -n two\necho 'lr: 9' > params.yaml\ndvc exp save -n two\ndvc exp save -f -n two\ndvc exp list --name-only")
option("save-include", "echo new > new\nmkdir dir\necho 1 > dir/a\ndvc exp save -n two -I new -I dir\ndvc exp save -n three -I nosuch -I new -I dir\ngit ls-tree -r --name-only $(git for-each-ref refs/exps --format='%(objectname) %(refname)' | grep two | cut -d' ' -f1) | grep -v repro.dat")

# ---- exp remove, rename, branch, clean

option("remove-num", "echo 2 > n\ngit add n\ngit commit -qm two\ndvc exp run -q -n late -S lr=3\ngit checkout -q .\ndvc exp remove --rev HEAD -n 2\ndvc exp list -A")
option("remove-num-of-one", "echo 2 > n\ngit add n\ngit commit -qm two\ndvc exp run -q -n late -S lr=3\ngit checkout -q .\ndvc exp remove --rev HEAD --num 1\ndvc exp list -A --name-only")
option("remove-keep-num", "echo 2 > n\ngit add n\ngit commit -qm two\ndvc exp run -q -n late -S lr=3\ngit checkout -q .\ndvc exp remove --rev HEAD --num 1 --keep\ndvc exp list -A --name-only")
option("remove-unknown", "dvc exp remove nosuch\ndvc exp remove one nosuch other\ndvc exp remove\ndvc exp remove -A --queue\ndvc exp list --name-only")
option("rename-force", "dvc exp save -n two\ndvc exp rename one two\ndvc exp rename -f one two\ndvc exp list --name-only")
option("rename-remote-unknown", "dvc exp rename -g nosuch one two\ndvc exp rename --git-remote nosuch one two\ndvc exp list --name-only")
option("rename-names", "dvc exp rename one 'a b'\ndvc exp rename one a/b\ndvc exp rename one one\ndvc exp rename one\ndvc exp list --name-only")
option("branch-names", "dvc exp branch one\ndvc exp branch one\n? dvc exp branch one 'a b'\ndvc exp branch nosuch\ngit branch --list | sort")
option("clean", "dvc exp clean\ndvc exp clean -q")

# ---- exp diff and list

option("diff-revisions", "dvc exp diff HEAD one\ndvc exp diff one\ndvc exp diff --all --md one HEAD\ndvc exp diff --json one nosuch")
option("list-revisions", "dvc exp list --rev HEAD --name-only\ndvc exp list --rev nosuch\ndvc exp list --rev '' --names-only\ndvc exp list -n 3 --name-only")

