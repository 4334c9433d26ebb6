"""
The unmodified DVCLive on cairn's package `dvc`: what it logs, and the experiments that it saves, are those that it leaves
with the real DVC.
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness.python_api import SHIM, SOURCE
from harness.sandbox import CAIRN, REAL_DVC

TRAIN = """
import json, os, sys
from dvclive import Live

with Live(exp_name=os.environ.get("NAME"), resume="resume" in sys.argv, **json.loads(os.environ.get("LIVE", "{}"))) as live:
    live.log_params({"lr": 0.1, "net": {"depth": 3, "name": "r"}})
    for i in range(3):
        live.log_metric("acc", 0.5 + i / 10)
        live.log_metric("sub/loss", 1.0 / (i + 1), plot=False)
        live.make_summary()
        live.next_step()
    with open("model.bin", "w") as f:
        f.write("weights")
    live.log_artifact("model.bin", type="model", name="net", desc="d", labels=["a"], meta={"k": 1})
    os.makedirs("checkpoints", exist_ok=True)
    with open("checkpoints/1", "w") as f:
        f.write("one")
    live.log_artifact("checkpoints")
    live.log_artifact("train.py", type="code", name="code", cache=False)
    if "sklearn" in sys.argv:
        live.log_sklearn_plot("confusion_matrix", [0, 1, 1], [0, 1, 0], name="cm")
        live.log_sklearn_plot("roc", [0, 1, 1], [0.1, 0.6, 0.4], name="roc")
    live.log_plot("points", [{"x": 1, "y": 2}, {"x": 2, "y": 4}], x="x", y="y", template="linear", title="t")
    if "image" in sys.argv:
        import numpy
        live.log_image("picture.png", numpy.zeros((4, 4, 3), dtype=numpy.uint8))
"""

FILES = {
    "train.py": TRAIN,
    "dvc.yaml": "# mine\nplots:\n- mine.csv: {x: a}\nstages:\n  prepare:\n    cmd: echo 1 > p\n    outs: [p]\n",
    ".gitignore": "/p\n",
    "p": "1\n",
}
PIPELINE = {
    "train.py": TRAIN,
    "lr.txt": "1\n",
    "dvc.yaml": "stages:\n  train:\n    cmd: python train.py\n    deps: [train.py, lr.txt]\n    outs: [model.bin, checkpoints]\n",
}


@pytest.fixture
def living(new_sandbox):
    """A function that makes a repository in which `python` has DVCLive, on the real DVC or on cairn alone."""

    def make(tool, files, start="dvc"):
        box = new_sandbox(tool=tool, start=start)
        python = box.root / ".bin/python"
        python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
        python.chmod(0o755)
        if tool == CAIRN:
            box.extra_env["PYTHONPATH"] = f"{SHIM}:{SOURCE}"
            box.extra_env["CAIRN"] = str(CAIRN)
        box.write(files)
        if "p" in files:
            box.check("dvc commit -q -f")  # a new dvc.lock is in experiments of cairn, but not in those of DVC
        if start != "empty":
            box.check("git add -A && git commit -qm base")
        return box

    return make


def state(box):
    """What is left: files (less DVC's own), what Git says, and the experiments with their trees."""
    files = {
        str(path.relative_to(box.repo)): path.read_bytes()
        for path in sorted(box.repo.rglob("*"))
        if path.is_file() and not {".git", "tmp", "cache"} & set(path.relative_to(box.repo).parts[:2])
    }
    refs = box.sh("git for-each-ref --format='%(refname)' refs/exps").lines
    experiments = {
        re.sub(r"[a-z]+-[a-z]+$", "<random>", ref): [line for line in box.check(f"git ls-tree -r {ref}").lines if ".dvc/tmp" not in line]
        for ref in refs if "/exec/" not in ref and "/stash" not in ref
    }
    cached = sorted(str(p.relative_to(box.repo)) for p in box.repo.glob(".dvc/cache/files/md5/*/*"))
    return {"files": files, "status": box.sh("git status --short").lines, "experiments": experiments, "cache": cached}


def as_text(value):
    """A state in the form in which it is stored."""
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    return value.decode("latin-1") if isinstance(value, bytes) else value


@pytest.fixture
def compare(living, request):
    """
    A function that runs a script on cairn and compares what is left with what the real DVC leaves. That is stored in
    records/; `--record` asks the real DVC again (a minute), as does test_what_is_logged_and_saved each time.
    """

    def run(files, script, start="dvc", live=False, index=True):
        store = Path(__file__).with_name("records") / f"{request.node.name}.json"
        if live or request.config.getoption("record"):
            box = living(REAL_DVC, files, start)
            box.check(script)
            store.parent.mkdir(exist_ok=True)
            real = as_text(state(box))
            if request.config.getoption("record"):
                store.write_text(json.dumps({"script": script, "given": files, **real}, indent=1, sort_keys=True) + "\n")
        expected = json.loads(store.read_text())
        assert (expected.pop("script"), expected.pop("given")) == (script, files), "run with --record"
        assert not live or real == expected
        box = living(CAIRN, files, start)
        box.check(script)
        ours = as_text(state(box))
        assert ours["files"] == expected["files"]
        if not index:
            del ours["status"], expected["status"]
        assert ours == expected
        return ours

    return run


def test_what_is_logged_and_saved(compare):
    found = compare(FILES, "NAME=mine python train.py sklearn", live=True)
    assert "dvclive/metrics.json" in found["files"] and len(found["experiments"]) == 1
    assert found["files"]["dvc.yaml"].startswith("# mine\n")


def test_resume(compare):
    compare(FILES, "NAME=mine python train.py && NAME=mine python train.py resume")


@pytest.mark.parametrize("options", ["", "--temp"])
def test_in_a_pipeline(compare, options):
    # In the workspace DVC unstages everything, cairn leaves Git's index as the command of the stage has made it.
    found = compare(PIPELINE, f"dvc exp run -n inside {options}", index=bool(options))
    assert [ref.rsplit("/", 1)[1] for ref in found["experiments"]] == ["inside"]
    assert any("dvclive/metrics.json" in line for line in next(iter(found["experiments"].values())))


def test_in_the_queue_as_in_a_directory_of_its_own(living):
    trees = []
    for script in ("dvc exp run -q --temp -n one", "dvc exp run -q --queue -n one && dvc exp run -q --run-all"):
        box = living(CAIRN, PIPELINE)
        box.check(script)
        trees.append(list(state(box)["experiments"].values()))
    assert trees[0] == trees[1] and "dvclive/metrics.json" in str(trees)


def test_an_output_that_is_missing(compare):
    """No experiment is saved, and training does not fail."""
    found = compare({name: text for name, text in FILES.items() if name != "p"}, "python train.py 2> /dev/null")
    assert not found["experiments"]


def test_in_repro(compare):
    compare(PIPELINE, "dvc repro -q")


def test_in_git_without_dvc(compare):
    """DVCLive makes it a repository of DVC."""
    compare({"train.py": TRAIN}, "NAME=mine python train.py", start="git", index=False)


def test_without_git(compare):
    found = compare({"train.py": TRAIN}, "python train.py 2> /dev/null", start="empty")
    assert not found["experiments"]


def test_without_dvcyaml_and_experiment(compare):
    compare(FILES, """LIVE='{"dvcyaml": null, "save_dvc_exp": false, "report": "html"}' python train.py""")


def test_image(compare):
    pytest.importorskip("PIL")
    compare(FILES, """NAME=i LIVE='{"cache_images": true}' python train.py image""")


def test_names_of_experiments(living):
    """A name that is taken or not allowed is replaced by a random one."""
    box = living(CAIRN, FILES)
    names = box.check("""python - <<'E'
from dvclive import Live
for name in ("mine", "mine", "a/b", "a b", "~"):
    live = Live(exp_name=name)
    live.log_metric("a", 1)
    live.end()
    print(live._exp_name)
E""").lines
    assert names[0] == "mine" and not {"mine", "a/b", "a b", "~"} & set(names[1:])
    assert set(names) == set(box.check("dvc exp list --name-only").lines)


def test_training_with_lightgbm(compare):
    pytest.importorskip("lightgbm")
    compare({**FILES, "train.py": """
import lightgbm, numpy
from dvclive import Live
from dvclive.lgbm import DVCLiveCallback

x = numpy.arange(200).reshape(100, 2)
y = (x[:, 0] > 100).astype(int)
train = lightgbm.Dataset(x, y)
with Live(exp_name="gbm") as live:
    lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1, "deterministic": True}, train, num_boost_round=3,
                   valid_sets=[train], callbacks=[DVCLiveCallback(live=live)])
"""}, "python train.py")


# The package itself ---------------------------------------------------------------------------------------------------


def python(code, *arguments):
    env = {"PYTHONPATH": f"{SHIM}:{SOURCE}", "CAIRN": str(CAIRN), "PATH": "/usr/bin:/bin"}
    return subprocess.run([sys.executable, "-c", code, *arguments], env=env, capture_output=True, text=True, cwd="/")


def test_exceptions_are_one():
    done = python("""
import cairn.exceptions, dvc.exceptions, dvc.scm, dvc.config, dvc.stage.exceptions, dvc.repo.datasets
assert dvc.exceptions.PathMissingError is cairn.exceptions.PathMissingError
assert dvc.scm.RevError is cairn.exceptions.RevError and dvc.config.NoRemoteError is cairn.exceptions.NoRemoteError
assert issubclass(dvc.stage.exceptions.StageNotFound, KeyError)
assert issubclass(dvc.repo.datasets.DatasetNotFoundError, dvc.exceptions.DvcException)
""")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", [
    "import dvc.output", "from dvc.repo.index import Index", "from dvc.repo import NotThere",
    "from dvc.utils import dict_md5", "from dvc.exceptions import NotThere", "import dvc.ui",
])
def test_what_is_not_there_says_so(code):
    done = python(code)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert ("ImportError: cairn:" in last or "ModuleNotFoundError: cairn:" in last), done.stderr


def test_attributes_of_a_repo_that_are_not_there_say_so(living):
    box = living(CAIRN, FILES)
    done = box.sh("python -c 'import dvc.repo; dvc.repo.Repo().push()'")
    assert "AttributeError: cairn: its dvc.repo.Repo has no 'push'" in done.err


def test_version_and_import_of_the_package_is_light():
    done = python("""
import sys, dvc, dvc.api, dvc.exceptions
assert dvc.__version__ == "3.67.1"
heavy = {"fsspec", "ruamel", "scmrepo", "pygit2", "dulwich", "numpy"} & set(sys.modules)
assert not heavy, heavy
""")
    assert done.returncode == 0, done.stderr


def test_module_runs_the_program(living):
    box = living(CAIRN, FILES)
    assert box.check("python -m dvc root").out == ".\n"
    assert box.sh("python -m dvc nonsense").status == 254
    main = "import sys, dvc.cli; sys.exit(dvc.cli.main(['root', '--nonsense']))"
    assert box.sh(f"python -c {shlex.quote(main)}").status == 254
