"""The options that `exp run` shares with `repro`, and its own options that no other scenario uses."""
from harness import case

GRAPH = """\
stages:
  a: {cmd: cat x > a, deps: [x], outs: [a]}
  b: {cmd: cat a > b; echo b >> b, deps: [a], params: [p], outs: [b]}
  c: {cmd: cat a > c; echo c >> c, deps: [a], outs: [c]}
  e: {cmd: cp y e, deps: [y], outs: [e]}
"""
FILES = {"dvc.yaml": GRAPH, "x": "1\n", "y": "2\n", "params.yaml": "p: 1\n"}
BASE = "    dvc repro -q\n    git add -A\n    git commit -qm base\n"


def run(name, script, files=FILES, base=BASE, **options):
    case("exp-run-" + name, base + script, files=files, **options)


run("pipeline", "    echo 2 > x; echo 3 > y\n    dvc exp run -p b -n one\n    cat e c\n")
run("all-pipelines", "    mkdir sub; printf 'stages:\\n  s: {cmd: echo 1 > s, outs: [s]}\\n' > sub/dvc.yaml\n    dvc exp run -P -n one\n    cat sub/s\n")
run("recursive", "    mkdir sub; printf 'stages:\\n  s: {cmd: echo 1 > s, outs: [s]}\\n' > sub/dvc.yaml\n    git add sub; git commit -qm sub\n    dvc exp run -R sub -n one\n    cat sub/s\n")
run("downstream", "    echo 2 > x\n    dvc exp run --downstream c -n one\n    dvc exp run --downstream a -n two\n")
run("force-downstream", "    echo '2' > y\n    sed -i 's/cat x > a/true; cat x > a/' dvc.yaml\n    dvc exp run --force-downstream a c -n one\n")
run("single-force", "    dvc exp run -f -s b -n one\n")
run("keep-going", "    sed -i 's/cat a > c;/false;/; s/cp y e/cp  y e/' dvc.yaml\n  ? dvc exp run -k -n one\n    cat e\n    dvc exp list\n")
run("ignore-errors", "    sed -i 's/cat a > c;/false;/; s/cp y e/cp  y e/' dvc.yaml\n    dvc exp run --ignore-errors -n one\n    dvc exp list\n")
run("interactive", "    echo 2 > x\n    dvc exp run -i -n one </dev/null\n    dvc exp list\n")
# a dry run of DVC searches the run-cache for the former dependencies, and reports the stage as cached
run("dry", "    echo 2 > x\n  ? dvc exp run --dry -n one a\n    dvc exp list\n    cat a\n")
run("allow-missing", "    rm -rf .dvc/cache a\n    dvc exp run --allow-missing -n one -S p=2 e\n    dvc exp list --name-only\n")
run("pull", "    dvc remote add -q -d r ../remote\n    dvc push -q\n    git commit -qam remote\n    rm -rf .dvc/cache a b c e\n    dvc exp run --pull -n one -S p=2\n    cat a b\n")
run("message", "    dvc exp run -n one -S p=2 -m 'my words'\n    dvc exp run -n two -S p=3 -M 'old letter'\n    git for-each-ref refs/exps --format='%(subject)' | sort\n    git log -1 --format=%s refs/exps/*/*/one 2>/dev/null\n")
run("copy-paths", "    echo secret > ignored; echo ignored >> .gitignore; git commit -qam i\n    sed -i 's/cp y e/cat y ignored > e/' dvc.yaml\n"
    "    dvc exp run --temp -C ignored -n one\n  - dvc exp apply one\n    cat e\n")
run("no-hydra", "    dvc exp run --no-hydra -n one -S p=2\n    cat params.yaml\n")
run("temp-quiet", "    sed -i 's/cat x > a/echo said; cat x > a/' dvc.yaml\n    dvc exp run --temp -q -n one\n    dvc exp list --name-only\n    sed -i 's/echo said/false; exit 1/' dvc.yaml\n"
    "    dvc exp run -q --temp -n two\n    dvc exp list --name-only\n")
