"""`status`, `commit`, `freeze` and `unfreeze` of stages."""
import pytest
from harness import case

FILES = {"x": "1\n", "params.yaml": "lr: 1\nnet: {depth: 2, wide: 3}\n", "dvc.yaml": """\
stages:
  a: {cmd: cp x a, deps: [x], outs: [a]}
  b: {cmd: cp a b, deps: [a], params: [lr, net.depth], outs: [b]}
  c: {cmd: "cat b > c; echo '{\\"m\\": 1}' > m.json", deps: [b], outs: [c], metrics: [m.json: {cache: false}]}
"""}


def states(name, script, **options):
    case("states-" + name, script, **{"files": FILES, "values": ("dvc.yaml",), **options})


states("new", "    dvc status\n    dvc status --json\n    dvc status a\n    dvc status -q\n    dvc status a -q\n")
states("clean", "    dvc repro -q\n    dvc status\n    dvc status --json\n    dvc status -q\n")
states("changed", """
    dvc repro -q
    echo 2 > x
    sed -i 's/lr: 1/lr: 2/; s/depth: 2/depth: 5/; s/wide: 3/wide: 4/' params.yaml
    echo other > c
    rm m.json
    dvc status
    dvc status --json
    dvc status -q
    dvc status b c
    dvc status dvc.yaml:b
""")
states("parameters-gone", "    dvc repro -q\n    echo 'lr: 1' > params.yaml\n    dvc status\n    rm params.yaml\n    dvc status\n    dvc repro\n")
states("with-deps", "    dvc repro -q\n    echo 2 > x\n    dvc status c\n    dvc status -d c\n    dvc status --with-deps b\n")
states("recursive", """
    mkdir sub; printf 'stages:\\n  s: {cmd: cp ../a s, deps: [../a], outs: [s]}\\n' > sub/dvc.yaml
    dvc repro -q -P
    echo 2 > x; echo 3 > sub/s
    dvc status -R sub
    dvc status --recursive .
    cd sub
    dvc status
    dvc status s
    dvc status ../dvc.yaml:a
""")
states("targets", "    dvc repro -q\n    echo 2 > b\n    dvc status b\n    dvc status dvc.yaml\n    dvc status nosuch\n    dvc status a nosuch\n    dvc status x\n    dvc status ./b\n")
states("group", "    dvc status g\n    dvc repro -q\n    rm o1\n    dvc status\n    dvc status g\n    dvc status g@2\n    dvc status --json g@1\n", files={
    "dvc.yaml": "stages:\n  g:\n    foreach: [1, 2]\n    do: {cmd: 'echo ${item} > o${item}', outs: ['o${item}']}\n"})
states("meaningless-options", "    dvc repro -q\n    dvc status -a\n    dvc status -T -A\n    dvc status -j 2\n    dvc status --no-updates\n")
states("cloud", """
    dvc repro -q
    dvc remote add -q -d r $PWD/../remote
  ~ dvc status -c
    dvc push -q a
    dvc status --cloud b
  ~ dvc status -c -j 1
    dvc status -r r c
    dvc status -c --json
""", files={**FILES, "dvc.yaml": FILES["dvc.yaml"].replace("cp a b", "cat a > b; echo b >> b").replace("cat b > c", "cat b > c; echo c >> c")})
states("command-list-changed", "    dvc repro -q\n    sed -i 's/echo 2/echo 3/' dvc.yaml\n    dvc status\n    dvc repro\n", files={"dvc.yaml": "stages:\n  a:\n    cmd: [echo 1, echo 2 > o]\n    outs: [o]\n"})
states("whitespace-in-command", "    dvc repro -q\n    sed -i 's/cp x a/cp x a /' dvc.yaml\n    dvc status\n")
states("always", "    dvc repro -q\n    dvc status\n    dvc status --json\n", files={"dvc.yaml": "stages:\n  a: {cmd: echo}\n  b: {cmd: echo 1 > b, outs: [b], always_changed: true}\n"})
states("directory", "    dvc repro -q\n    echo 2 > d/f\n    dvc status\n    rm d/f\n    dvc status\n    rm -r d\n    dvc status\n", files={"dvc.yaml": "stages:\n  a: {cmd: mkdir d && echo 1 > d/f, outs: [d]}\n"})
# commit
states("commit-changed", "    dvc repro -q\n    echo 2 > x; echo 2 > a\n    dvc commit </dev/null\n    dvc commit -f\n    dvc status\n    cat dvc.lock\n")
states("commit-answers", "    dvc repro -q\n    echo 2 > a\n    echo n | dvc commit a\n    echo y | dvc commit a\n    dvc status\n")
states("commit-target", "    dvc repro -q --no-commit\n    dvc commit a\n    dvc commit b c\n    dvc status\n    dvc commit nosuch\n")
states("commit-with-deps", "    dvc repro -q --no-commit\n    dvc commit -d c\n    dvc status\n    dvc commit --with-deps --force b\n")
states("commit-recursive", "    mkdir sub; printf 'stages:\\n  s: {cmd: echo 1 > s, outs: [s]}\\n' > sub/dvc.yaml\n    dvc repro -q -P --no-commit\n    dvc commit -R sub\n    dvc commit --recursive .\n    dvc status\n")
states("commit-no-relink", "    dvc config cache.type symlink\n    dvc repro -q --no-commit a\n    dvc commit --no-relink a\n    ls -l a | cut -c1\n    dvc commit -f a\n    ls -l a | cut -c1\n")
states("commit-missing-output", "    dvc repro -q\n    rm b\n    dvc commit -f\n    dvc commit b\n    dvc status\n")
states("commit-never-run", "    dvc commit -f a\n    echo 1 > a\n    dvc commit -f a\n    dvc status a\n    cat dvc.lock\n")
states("commit-edited-command", "    dvc repro -q\n    sed -i 's/cp a b/cat a > b/' dvc.yaml\n    dvc commit b </dev/null\n    dvc commit -f b\n    dvc status\n    dvc repro\n")
states("commit-params", "    dvc repro -q\n    sed -i 's/lr: 1/lr: 9/' params.yaml\n    dvc commit -f b\n    dvc status\n    grep -A3 params dvc.lock\n")
states("commit-frozen", "    dvc repro -q\n    dvc freeze b\n    echo 7 > b\n    dvc commit -f b\n    dvc status\n")
# freeze
states("freeze-many", "    dvc freeze a b\n    cat dvc.yaml\n    dvc status\n    dvc unfreeze b a\n    dvc freeze a nosuch c\n")
states("freeze-addresses", "    dvc freeze dvc.yaml:a\n    dvc unfreeze ./dvc.yaml:a\n    dvc freeze dvc.yaml\n    dvc freeze nosuch.dvc\n    dvc freeze x\n    dvc freeze\n    dvc unfreeze\n")
states("freeze-twice", "    dvc freeze a\n    dvc freeze a\n    dvc unfreeze a\n    dvc unfreeze a\n")
states("freeze-folder", "    mkdir sub; printf 'stages:\\n  s: {cmd: echo}\\n' > sub/dvc.yaml\n    dvc freeze sub/dvc.yaml:s\n    cat sub/dvc.yaml\n    cd sub\n    dvc unfreeze s\n    dvc freeze ../dvc.yaml:b\n    dvc status\n", values=("dvc.yaml", "sub/dvc.yaml"))
states("freeze-group", "    dvc freeze g\n    dvc freeze g@1\n    dvc unfreeze g@1\n", files={"dvc.yaml": "stages:\n  g:\n    foreach: [1, 2]\n    do: {cmd: 'echo ${item}'}\n"})
states("freeze-data", "    echo 1 > q\n    dvc add -q q\n    dvc freeze q.dvc\n    dvc freeze q.dvc\n    cat q.dvc\n    echo 2 > q\n    dvc status\n    dvc repro q.dvc\n    dvc unfreeze q.dvc\n    dvc repro q.dvc\n")
states("freeze-autostage", "    git add -A; git commit -qm all\n    dvc config core.autostage true\n    dvc freeze a\n    git status --porcelain\n")
states("freeze-quiet", "    dvc freeze -q a\n    dvc unfreeze -q a nosuch\n")


@pytest.mark.live
def test_frozen_by_one_is_frozen_for_the_other(maker):
    box, makes, reads = maker
    box.write(FILES)
    box.use(makes)
    box.check("dvc repro -q && dvc freeze -q b")
    box.write({"x": "2\n"})
    box.use(reads)
    done = box.check("dvc repro")
    assert "Running stage 'a'" in done.out and "Running stage 'b'" not in done.out
    assert "'b' is frozen" in done.err
    box.check("dvc unfreeze -q b")
    box.use(makes)
    assert "Running stage 'b'" in box.check("dvc repro").out


@pytest.mark.live
def test_committed_by_one_is_clean_for_the_other(maker):
    box, makes, reads = maker
    box.write(FILES)
    box.use(makes)
    box.check("dvc repro -q --no-commit && dvc commit -q")
    box.use(reads)
    assert "up to date" in box.check("dvc status").out
    box.check("rm a b c && dvc checkout -q")
    assert "up to date" in box.check("dvc repro").out
