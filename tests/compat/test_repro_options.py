"""Every option of `repro`, alone and combined, and every way to name targets."""
import pytest
from harness import case

GRAPH = """\
stages:
  a: {cmd: cp x a, deps: [x], outs: [a]}
  b: {cmd: cat a > b; echo b >> b, deps: [a], outs: [b]}
  c: {cmd: cat a > c; echo c >> c, deps: [a], outs: [c]}
  d: {cmd: cat b c > d, deps: [b, c], outs: [d]}
  e: {cmd: cp y e, deps: [y], outs: [e]}
"""
FILES = {"dvc.yaml": GRAPH, "x": "1\n", "y": "2\n"}


def graph(name, script, **options):
    case("repro-" + name, script, **{"files": FILES, **options})


def _data_stays_ignored(seen):
    """DVC removes .gitignore entries again when a later stage fails (see test_repro)."""
    seen["files"].pop(".gitignore", None)
    seen["git"]["status"] = [line for line in seen["git"]["status"] if not line.startswith("?? ")]


def failing(name, script, **options):
    case("repro-" + name, script, **{"adjust": _data_stays_ignored, **options})


# -s
graph("single-stale", """
    dvc repro -q
    echo 2 > x
    dvc repro -s d
    dvc repro -s a
    dvc repro --single-item b c
    dvc status
""")
graph("single-no-target", "    dvc repro -s\n    dvc repro -s\n")
graph("single-without-dependency", "    dvc repro -s d\n", adjust=_data_stays_ignored)
graph("single-force", "    dvc repro -q\n    dvc repro -s -f b\n")
graph("single-and-pipeline", "    dvc repro -s -p b\n    dvc repro -s -P -f\n")
# -p, -P
graph("pipeline-of-target", "    dvc repro -p e\n    dvc repro --pipeline b\n")
graph("pipeline-no-target", "    dvc repro -p\n")
graph("pipeline-two", "    dvc repro -p b e\n")
graph("all-pipelines-target", "    dvc repro -P e\n    dvc repro --all-pipelines\n")
graph("all-pipelines-folders", """
    mkdir sub
    printf 'stages:\\n  s: {cmd: cp ../d s, deps: [../d], outs: [s]}\\n' > sub/dvc.yaml
    dvc repro
    dvc repro -P
    cd sub
    dvc repro -P
    dvc repro -f
""")
graph("pipeline-folders", """
    mkdir sub
    printf 'stages:\\n  s: {cmd: cp ../e s, deps: [../e], outs: [s]}\\n' > sub/dvc.yaml
    dvc repro -p e
    dvc status
""")
# -R
SUB = {"sub/dvc.yaml": "stages:\n  s: {cmd: echo 1 > s, outs: [s]}\n",
       "sub/deep/dvc.yaml": "stages:\n  t: {cmd: cp ../s t, deps: [../s], outs: [t]}\n",
       "other/dvc.yaml": "stages:\n  o: {cmd: echo 2 > o, outs: [o]}\n"}
case("repro-recursive", "    dvc repro -R sub\n    dvc repro -R .\n", files=SUB)
case("repro-recursive-deep", "    dvc repro --recursive sub/deep\n    dvc repro -R other sub\n", files=SUB)
case("repro-recursive-in-folder", "    cd sub\n    dvc repro -R .\n    dvc repro -R ../other\n    dvc repro deep/dvc.yaml\n", files=SUB)
case("repro-recursive-file", "    dvc repro -R sub/dvc.yaml\n    dvc repro -R sub/dvc.yaml:s\n    dvc repro -R nosuch\n", files=SUB)
case("repro-directory-without-recursive", "    dvc repro sub\n", files=SUB)
# --downstream
graph("downstream-one", "    dvc repro -q\n    echo 2 > x\n    dvc repro --downstream b\n    dvc repro --downstream a\n")
graph("downstream-two", "    dvc repro --downstream b e\n", adjust=_data_stays_ignored)
graph("downstream-of-leaf", "    dvc repro -q\n    dvc repro --downstream d\n    dvc repro -f --downstream c\n")
graph("downstream-and-pipeline", "    dvc repro --downstream -p c\n    dvc repro --downstream -P\n")
FROZEN = {**FILES, "dvc.yaml": GRAPH.replace("outs: [b]", "outs: [b], frozen: true").replace("cat b c > d", "cat b > d").replace("deps: [b, c]", "deps: [b]")}
case("repro-downstream-stops-at-frozen", "    echo 0 > b\n    dvc repro --downstream a\n    dvc repro -p c\n    dvc repro d\n", files=FROZEN)
failing("keep-going-past-frozen", "  - dvc repro -k\n", files={**FROZEN, "b": "0\n", "dvc.yaml": FROZEN["dvc.yaml"].replace("cp x a", "exit 1")})
case("repro-downstream-of-data", """
    echo 1 > raw
    dvc add -q raw
    dvc repro --downstream raw.dvc
    echo 2 > raw
    dvc repro --downstream raw.dvc
    dvc status
""", files={"dvc.yaml": "stages:\n  s: {cmd: cp raw s, deps: [raw], outs: [s]}\n  t: {cmd: cp s t, deps: [s], outs: [t]}\n"})
# --glob
GROUPS = {"dvc.yaml": """\
stages:
  train-a: {cmd: echo 1 > ta, outs: [ta]}
  train-b: {cmd: echo 2 > tb, outs: [tb]}
  test: {cmd: cat ta tb > tt, deps: [ta, tb], outs: [tt]}
  each:
    foreach: [p, q]
    do: {cmd: "echo ${item} > ${item}", outs: ["${item}"]}
  grid:
    matrix: {m: [x, y], n: [1, 2]}
    cmd: echo ${item.m}${item.n} > ${item.m}${item.n}
    outs: ["${item.m}${item.n}"]
"""}


def _any_order(seen):
    """When fewer than half of all stages run, DVC processes them in the order of a set."""
    for name in ("dvc.lock", ".gitignore"):
        if name in seen["files"]:
            seen["files"][name]["text"].sort()


def groups(name, script):
    case("repro-" + name, script.replace("    dvc", "  ~ dvc"), files=GROUPS, adjust=_any_order)


groups("glob", "    dvc repro --glob 'train-*'\n    dvc repro --glob 't*'\n")
groups("glob-question-and-set", "    dvc repro --glob 'train-?'\n    dvc repro -f --glob 'train-[!a]'\n")
groups("glob-generated", "    dvc repro --glob 'grid@x*'\n    dvc repro --glob 'each*'\n    dvc repro --glob '*@*'\n")
groups("glob-none", "    dvc repro --glob -s 'z*'\n    dvc repro --glob -s nosuch\n    dvc repro 'train-*'\n")
groups("glob-single-dry", "    dvc repro --glob -s --dry 'te*'\n")
case("repro-glob-in-folder", "    dvc repro --glob 'sub/dvc.yaml:*'\n    dvc repro --glob 'sub/d*:s'\n", files=SUB)
# groups and items
groups("group", "    dvc repro grid\n    dvc repro each\n    dvc repro dvc.yaml:each\n")
groups("item", "    dvc repro grid@x-1\n    dvc repro dvc.yaml:each@q\n    dvc repro each@z\n    dvc repro grid@x\n")
groups("group-downstream", "    dvc repro --downstream train-a train-b\n    dvc repro -s each test\n")
# targets
graph("targets-twice", "    dvc repro b c b\n    dvc repro dvc.yaml b\n")
graph("target-paths", "    dvc repro ./dvc.yaml:a\n    dvc repro dvc.yaml:b\n    dvc repro ./dvc.yaml\n    dvc repro $PWD/dvc.yaml:e\n")
graph("target-output", "    dvc repro d\n    dvc repro ./d\n    dvc repro $PWD/d\n", files={**FILES, "dvc.yaml": GRAPH.replace("  d: {", "  last: {")})
graph("target-unknown", """
    dvc repro nosuch
    dvc repro nosuch.dvc
    dvc repro nosuch:a
    dvc repro dvc.yaml:nosuch
    dvc repro nosuch/dvc.yaml
    dvc repro nosuch/dvc.yaml:a
    dvc repro dvc.yaml:
    dvc repro ''
""")
graph("target-one-unknown", "    dvc repro a nosuch\n")
graph("target-from-folder", "    mkdir sub\n    cd sub\n    dvc repro ../dvc.yaml:a\n    dvc repro ../dvc.yaml\n    dvc repro a\n    dvc repro\n")
case("repro-target-data", """
    echo 1 > raw
    dvc add -q raw
    dvc repro raw.dvc
    echo 2 > raw
    dvc repro raw.dvc
    dvc repro raw
    rm raw
    dvc repro raw.dvc
""")
case("repro-target-other-name", "    dvc repro pipe.yaml\n    dvc repro pipe.yaml:a\n    dvc repro dvc.yml\n", files={
    "pipe.yaml": "stages:\n  a: {cmd: echo 1 > o, outs: [o]}\n", "dvc.yml": "stages:\n  a: {cmd: echo 1 > o, outs: [o]}\n"})
# -k, --ignore-errors
BRANCHES = {"dvc.yaml": """\
stages:
  bad: {cmd: echo half > bad; exit 3, outs: [bad]}
  below: {cmd: cp bad below, deps: [bad], outs: [below]}
  lower: {cmd: cp below lower, deps: [below], outs: [lower]}
  good: {cmd: echo 1 > good, outs: [good]}
  also: {cmd: "false", deps: [good]}
  join: {cmd: cat lower good > join, deps: [lower, good], outs: [join]}
  last: {cmd: cp good last, deps: [good], outs: [last]}
"""}
# DVC names the skipped stages in the order of a set
failing("keep-going", "  - dvc repro -k\n    dvc status good last\n", files=BRANCHES)
failing("keep-going-target", "  - dvc repro --keep-going join\n    dvc repro -k last\n", files=BRANCHES)
failing("ignore-errors", "    dvc repro --ignore-errors\n", files=BRANCHES)
failing("fail-at-once", "    dvc repro\n    dvc repro good also\n", files=BRANCHES)
failing("error-modes-last-wins", "  - dvc repro --ignore-errors -k bad\n    dvc repro -k --ignore-errors bad\n", files=BRANCHES)
failing("keep-going-single", "    dvc repro -k -s bad below last\n    dvc repro --ignore-errors -s bad last\n", files=BRANCHES)
failing("keep-going-one-dependent", "    dvc repro -k\n", files={
    "dvc.yaml": "stages:\n  a: {cmd: exit 1, outs: [a]}\n  b: {cmd: cp a b, deps: [a], outs: [b]}\n"})
failing("keep-going-all-fail", "    dvc repro -k\n", files={
    "dvc.yaml": "stages:\n  a: {cmd: exit 1}\n  b: {cmd: exit 2}\n  c: {cmd: exit 3}\n"})
failing("ignore-errors-output-left", "    dvc repro --ignore-errors\n    dvc status\n", files={
    "dvc.yaml": "stages:\n  a: {cmd: echo 1 > a; exit 1, outs: [a]}\n  b: {cmd: cp a b, deps: [a], outs: [b]}\n"})
failing("fails-after-success", "    dvc repro -q\n    echo 2 > x\n    dvc repro\n    echo 1 > x\n    dvc repro\n    dvc status\n", files={
    "x": "1\n", "dvc.yaml": "stages:\n  a: {cmd: grep 1 x > a, deps: [x], outs: [a]}\n  b: {cmd: cp a b, deps: [a], outs: [b]}\n"})
# -f, --force-downstream
CONSTANT = {"x": "1\n", "dvc.yaml": """\
stages:
  a: {cmd: 'true; echo 1 > a', deps: [x], outs: [a]}
  b: {cmd: cp a b, deps: [a], outs: [b]}
  c: {cmd: cp b c, deps: [b], outs: [c]}
"""}
case("repro-force", "    dvc repro -q\n    dvc repro -f b\n    dvc repro --force\n", files=CONSTANT)
case("repro-force-downstream", "    dvc repro -q\n    echo 2 > x\n    dvc repro --force-downstream\n    dvc repro --force-downstream\n", files=CONSTANT)
case("repro-without-force-downstream", "    dvc repro -q\n    echo 2 > x\n    dvc repro\n", files=CONSTANT)
case("repro-force-downstream-target", "    dvc repro -q\n    echo 2 > x\n    dvc repro --force-downstream b\n    dvc repro --force-downstream -f -s b\n    dvc repro\n",
     files=CONSTANT)
case("repro-force-downstream-frozen", "    dvc repro -q\n    dvc freeze b\n    echo 2 > x\n    dvc repro --force-downstream\n", files=CONSTANT,
     values=("dvc.yaml",))
# --dry
graph("dry", "    dvc repro --dry a\n    dvc repro -q\n    dvc repro --dry\n    dvc repro --dry -f\n    dvc repro --dry -s -f b\n")
graph("dry-single-missing", "    dvc repro --dry -s d\n    dvc repro --dry nosuch\n")
case("repro-dry-commands", "    dvc repro --dry\n", files={
    "dvc.yaml": "stages:\n  a:\n    cmd:\n    - echo 1\n    - echo 2 > o\n    outs: [o]\n  b:\n    cmd: |\n      echo one\n      echo two\n"})
case("repro-dry-frozen", "    dvc repro -q\n    echo 2 > x\n    dvc freeze a\n    dvc repro --dry\n    dvc repro --dry --force\n", files=CONSTANT,
     values=("dvc.yaml",))
case("repro-dry-data", "    echo 1 > raw\n    dvc add -q raw\n    echo 2 > raw\n    dvc repro --dry raw.dvc\n    cat raw.dvc\n")
# --no-commit
graph("no-commit", """
    dvc repro --no-commit a
    dvc status a
    dvc repro a
    dvc repro --no-commit
    dvc commit -q
    dvc status
""")
graph("no-commit-again", "    dvc repro --no-commit\n    dvc repro\n    dvc repro --no-commit -f a\n    dvc status\n")
graph("no-commit-checkout", "    dvc repro -q --no-commit\n    rm d\n    dvc checkout\n    dvc repro\n")
# --no-run-cache
graph("no-run-cache", """
    dvc repro -q
    rm a b c d dvc.lock
    dvc repro --no-run-cache b
    dvc repro
""")
graph("no-run-cache-own", "    dvc repro -q\n    rm a\n    dvc repro --no-run-cache a\n    rm a\n    dvc repro -f a\n")
# -i
graph("interactive-closed", "    dvc repro -i a </dev/null\n", adjust=_data_stays_ignored)
graph("interactive-piped", "    echo y | dvc repro --interactive a\n    echo n | dvc repro -f -i a\n", adjust=_data_stays_ignored)
graph("interactive-nothing-to-do", "    dvc repro -q\n    dvc repro -i </dev/null\n")
graph("interactive-configured", "    dvc config core.interactive true\n    dvc repro a </dev/null\n", adjust=_data_stays_ignored)
# options that do not exist, and those of every command
graph("unknown-options", "    dvc repro -m\n    dvc repro --metrics\n    dvc repro -n\n    dvc repro --outs\n")
graph("quiet", "    dvc repro -q\n    dvc repro --quiet\n    dvc repro -q nosuch\n")
graph("from-elsewhere", "    mkdir s\n    dvc --cd s repro ../dvc.yaml:a\n    dvc --cd s status\n")

# --pull, --allow-missing
PULLED = {"data": "1\n", "params.yaml": "x: 1\n", "dvc.yaml": """\
stages:
  a: {cmd: cp data a, deps: [data], outs: [a]}
  b: {cmd: cat a > b, deps: [a], params: [x], outs: [b]}
  c: {cmd: mkdir c && cp b c/b, deps: [b], outs: [c]}
"""}
PUSH = """
    dvc add -q data
    dvc remote add -q -d r $PWD/../remote
    dvc repro -q
    dvc push -q --run-cache
"""


def pulled(name, script, **options):
    case("repro-" + name, PUSH + script, files=PULLED, **options)


pulled("pull-target", "    rm -rf .dvc/cache data a b c\n  ~ dvc repro --pull b\n    ls\n")
pulled("pull-nothing-missing", "    dvc repro --pull\n")
pulled("pull-changed", "    rm -rf .dvc/cache data a b c\n    echo 'x: 2' > params.yaml\n  ~ dvc repro --pull\n    dvc status\n")
pulled("pull-no-run-cache", "    rm -rf .dvc/cache a b c dvc.lock\n  ~ dvc repro --pull --no-run-cache\n")
pulled("allow-missing", "    rm -rf .dvc/cache data a b c\n    dvc repro --allow-missing\n    echo 'x: 2' > params.yaml\n  ? dvc repro --allow-missing b\n",
       adjust=_data_stays_ignored)
pulled("allow-missing-dry", "    rm -rf .dvc/cache data a b c\n    dvc repro --allow-missing --dry\n    echo 'x: 2' > params.yaml\n    dvc repro --allow-missing --dry\n")
pulled("allow-missing-single", "    rm -rf .dvc/cache a c\n    dvc repro --allow-missing -s c\n    dvc repro --allow-missing -s a\n")
pulled("pull-allow-missing-changed", "    rm -rf .dvc/cache data a b c\n    echo 'x: 2' > params.yaml\n  ~ dvc repro --pull --allow-missing\n    ls\n")


@pytest.mark.live
def test_reproduced_by_one_is_done_for_the_other(maker):
    box, makes, reads = maker
    box.write({**FILES, "dvc.yaml": GRAPH + GROUPS["dvc.yaml"].removeprefix("stages:\n")})
    box.use(makes)
    assert "Running stage" in box.dvc("repro").out
    before = box.sh("cat dvc.lock .gitignore; find .dvc/cache | sort").out
    box.use(reads)
    for command in ("repro", "repro -P", "repro --downstream a", "repro --glob '*'", "repro --pull"):
        done = box.dvc(command)
        assert "Running stage" not in done.out and "up to date" in done.out, command
    assert box.sh("cat dvc.lock .gitignore; find .dvc/cache | sort").out == before
    assert box.dvc("status").out.startswith("Data and pipelines are up to date")
