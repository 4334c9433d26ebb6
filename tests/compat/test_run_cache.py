"""The run-cache: which runs are stored, when they are used, and how they are shared."""
import pytest
from harness import case

FILES = {"in": "1\n", "params.yaml": "p: 1\nq: 1\n", "dvc.yaml": """\
stages:
  s:
    cmd: cat in > out; date +%N > /dev/null
    deps: [in]
    params: [p]
    outs: [out]
"""}


def cached(name, script, **options):
    case("run-cache-" + name, script, **{"files": FILES, **options})


cached("back-and-forth", """
    dvc repro
    echo 2 > in
    dvc repro
    echo 1 > in
    dvc repro
    dvc repro
    cat out
""")
cached("params", "    dvc repro -q\n    sed -i 's/p: 1/p: 2/' params.yaml\n    dvc repro\n    sed -i 's/p: 2/p: 1/' params.yaml\n    dvc repro\n")
cached("command-back", "    dvc repro -q\n    sed -i 's/cat in/cat < in/' dvc.yaml\n    dvc repro\n    sed -i 's/cat < in/cat in/' dvc.yaml\n    dvc repro\n")
cached("renamed-stage", "    dvc repro -q\n    sed -i 's/^  s:/  other:/' dvc.yaml\n    dvc repro\n    cat dvc.lock\n")
cached("other-output", "    dvc repro -q\n    sed -i 's/outs: .out./outs: [out, extra]/; s/cat in > out/cat in > out; cat in > extra/' dvc.yaml\n    dvc repro\n")
cached("output-lost", "    dvc repro -q\n    rm -r .dvc/cache/files out dvc.lock\n    dvc repro\n")
cached("entry-lost", "    dvc repro -q\n    rm -r .dvc/cache/runs out dvc.lock\n    dvc repro\n")
cached("force-runs", "    dvc repro -q\n    rm dvc.lock\n    dvc repro -f\n")
cached("not-used", "    dvc repro -q\n    rm dvc.lock out\n    dvc repro --no-run-cache\n    dvc repro\n")
cached("kept-without-use", "    dvc repro -q --no-run-cache\n    rm dvc.lock out\n    dvc repro\n")
cached("no-commit", "    dvc repro -q --no-commit\n    rm dvc.lock out\n    dvc repro\n")
cached("commit-remembers", "    dvc repro -q --no-commit\n    dvc commit -q\n    rm dvc.lock out\n    dvc repro\n")
cached("two-folders", """
    mkdir sub
    cp dvc.yaml in params.yaml sub
    dvc repro
    cd sub
    dvc repro
""")
cached("working-directory", "    dvc repro -q\n    mkdir w\n    cp in params.yaml w\n    sed -i 's/    cmd:/    wdir: w\\n    cmd:/' dvc.yaml\n    dvc repro\n")
cached("frozen", "    dvc repro -q\n    dvc freeze s\n    rm out\n    dvc repro\n    dvc status\n", values=("dvc.yaml",))
for name, outs in {
    "not-cached-output": "outs: [out: {cache: false}]", "persistent": "outs: [out: {persist: true}]", "metric": "metrics: [out]",
    "metric-not-cached": "metrics: [out: {cache: false}]", "plot": "plots: [out]", "plot-not-cached": "plots: [out: {cache: false}]",
    "always-changed": "outs: [out]\n    always_changed: true", "no-push": "outs: [out: {push: false}]",
}.items():
    cached(name, "    dvc repro -q\n    rm dvc.lock out\n    dvc repro\n    dvc status\n", files={**FILES, "dvc.yaml": FILES["dvc.yaml"].replace("outs: [out]", outs)})
cached("no-deps", "    dvc repro -q\n    rm dvc.lock out\n    dvc repro\n", files={"dvc.yaml": "stages:\n  s: {cmd: echo 1 > out, outs: [out]}\n"})
cached("params-only", "    dvc repro -q\n    rm dvc.lock out\n    dvc repro\n", files={
    "dvc.yaml": "stages:\n  s: {cmd: echo 1 > out, params: [p], outs: [out]}\n", "params.yaml": "p: 1\n"})
cached("directory", "    dvc repro -q\n    rm -r dvc.lock out\n    dvc repro\n    ls out\n    rm out/a\n    dvc repro\n    ls out\n", files={
    "dvc.yaml": "stages:\n  s: {cmd: mkdir out && cp in out/a && cp in out/b, deps: [in], outs: [out]}\n", "in": "1\n"})
cached("many", "    for i in 1 2 3; do echo $i > in; dvc repro -q; done\n    echo 2 > in\n    dvc repro\n    find .dvc/cache/runs -type f | wc -l\n")
cached("command-list", "    dvc repro -q\n    rm dvc.lock out\n    dvc repro\n", files={
    "dvc.yaml": "stages:\n  s:\n    cmd:\n    - cp in out\n    - echo 2 >> out\n    deps: [in]\n    outs: [out]\n", "in": "1\n"})
cached("gc-keeps", "    dvc repro -q\n    echo 2 > in\n    dvc repro -q\n    dvc gc -w -f\n    echo 1 > in\n    dvc repro\n")

REMOTE = "    dvc remote add -q -d r $PWD/../remote\n"
FRESH = "    rm -rf .dvc/cache out dvc.lock\n"
cached("push-fetch", REMOTE + "    dvc repro -q\n    dvc push --run-cache\n" + FRESH + "    dvc fetch --run-cache\n    dvc repro\n")
cached("push-pull", REMOTE + "    dvc repro -q\n    dvc push --run-cache\n    dvc push --run-cache\n" + "    rm -rf .dvc/cache out\n    dvc pull --run-cache\n    dvc status\n")
cached("push-no-run-cache", REMOTE + "    dvc repro -q\n    dvc push --no-run-cache\n    dvc push\n    ls ../remote\n")
cached("pull-named-remote", REMOTE + "    dvc remote add -q two $PWD/../two\n    dvc repro -q\n    dvc push --run-cache -r two\n" + FRESH +
       "  ? dvc pull --run-cache -r r\n    dvc pull --run-cache -r two\n  ? dvc repro\n")
cached("fetch-only-entries", REMOTE + "    dvc repro -q\n    dvc push -q --run-cache\n" + FRESH + "    dvc fetch --run-cache\n    find .dvc/cache/runs -type f | wc -l\n")
cached("repro-pull", REMOTE + "    dvc repro -q\n    dvc push -q --run-cache\n" + FRESH + "    dvc repro --pull\n    dvc status\n")


@pytest.mark.live
def test_what_one_ran_the_other_restores(maker):
    box, makes, reads = maker
    box.write(FILES)
    box.use(makes)
    for text in ("1", "2"):
        box.check(f"echo {text} > in; dvc repro -q")
    box.use(reads)
    assert "skipping run" in box.check("echo 1 > in; rm -f dvc.lock; dvc repro").out
    assert box.read("out") == "1\n"
    box.use(makes)
    assert "up to date" in box.check("dvc status").out


@pytest.mark.live
def test_a_shared_run_cache(maker, tmp_path):
    box, makes, reads = maker
    box.write(FILES)
    box.check(f"dvc remote add -q -d r {box.root}/remote")
    box.use(makes)
    box.check("dvc repro -q && dvc push -q --run-cache")
    box.check("rm -rf .dvc/cache out dvc.lock")
    box.use(reads)
    assert "skipping run" in box.check("dvc repro --pull").out
    assert box.read("out") == "1\n"
