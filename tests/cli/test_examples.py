"""The examples at the end of each command's help: every command has some, and every one of them runs."""

import subprocess
import time

import pytest
from harness.commands import ids, run, table
from harness.sandbox import CAIRN, Sandbox

EXAMPLES = [e["line"] for c in table() for e in c["examples"]]

PIPELINE = """stages:
  prepare:
    cmd: sh prepare.sh
    deps: [data.csv, prepare.sh]
    outs: [clean.csv]
  train:
    cmd: sh train.sh
    deps: [clean.csv, train.sh]
    params: [train.lr]
    outs: [model.pkl]
    metrics:
    - metrics.json: {cache: false}
    plots:
    - loss.csv: {cache: false, title: Loss}
"""

# A cluster of one machine, whose jobs begin at once.
CLUSTER = """[executor "gpu"]
    type = command
    submit = setsid -f sh {script} </dev/null >/dev/null 2>&1 && echo job-$$
    interval = 1s
    beat = 1s
"""

MODELS = """artifacts:
  net:
    path: net.pkl
    type: model
"""


def make_models(box):
    """What https://github.com/org/models stands for: a repository with an artifact."""
    box.cwd = box.root / "models"
    box.check("git init -q && dvc init -q && dvc remote add -q -d files $HOME/model-files")
    (box.cwd / "net.pkl").write_text("weights\n")
    (box.cwd / "dvc.yaml").write_text(MODELS)
    box.check("dvc add -q net.pkl && dvc push -q && git add -A && git commit -q -m model && git tag -a -m 1 net@v1.0.0")
    box.cwd = box.repo
    gitconfig = box.root / ".home/.gitconfig"
    gitconfig.write_text(gitconfig.read_text() + f'[url "file://{box.root}/models"]\n\tinsteadOf = https://github.com/org/models\n')


def make_project(box):
    """Tracked data, a pipeline that ran, a remote, a tag, experiments, the queue with a task done and one waiting."""
    (box.root / "share/images").mkdir(parents=True)
    (box.root / "share/raw.csv").write_text("1\n")
    (box.root / "share/labels.csv").write_text("l\n")
    (box.root / "share/images/a.png").write_text("a\n")
    box.write({"data.csv": "1\n", "images/a.png": "a\n", "dvc.yaml": PIPELINE, "prepare.sh": "cp data.csv clean.csv\n",
               "train.sh": "cp clean.csv model.pkl; echo '{\"acc\": 0.5}' >metrics.json; printf 'step,loss\\n0,1\\n' >loss.csv\n", "tune.sh": ":\n",
               "params.yaml": "train:\n  lr: 0.3\n", ".dvcignore": "*.tmp\n", ".dvc/cairn.config": CLUSTER})
    box.check("dvc remote add -q -d storage ../storage && dvc add -q data.csv images && dvc repro && dvc freeze -q prepare")
    box.check("dvc import-url -q ../share/raw.csv raw && dvc dataset add -q --url ../share/raw.csv prices")
    box.check("dvc push -q && git init -q --bare ../origin.git && git remote add origin ../origin.git")
    box.check("git add -A && git commit -q -m first && git tag v1.0 && git commit -q --allow-empty -m second")
    box.check("dvc exp run -q -S train.lr=0.1 --name low-lr && git checkout -q . && dvc checkout -q")
    box.check("dvc exp run -q --queue -S train.lr=0.9 --name high-lr && dvc exp run -q --run-all")
    box.check("dvc exp run -q --queue -S train.lr=0.5 --name later && dvc exp push -q origin low-lr")
    box.write({"raw.csv": "2\n", "notes.tmp": "n\n", "log.jsonl": '{"metrics": {"loss": 1}}\n'})


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    box = Sandbox(tmp_path_factory.mktemp("examples"), CAIRN).init("dvc")
    make_models(box)
    make_project(box)
    return box


def edit_data(box):
    box.write({"data.csv": "1\n2\n"})


def without_project(box):
    box.check("rm -rf .dvc .dvcignore dvc.yaml *.dvc && git rm -rq --cached .dvc")


def without_git(box):
    without_project(box)
    box.check("rm -rf .git")


def start_slow_task(box):
    box.check("dvc queue remove -q --all")
    box.write({"train.sh": "touch $HOME/begun; exec sleep 100\n"})
    box.check("dvc exp run -q --queue --name later -S train.lr=7 && dvc queue start -q")
    for _ in range(200):
        if (box.root / ".home/begun").exists():
            return
        time.sleep(0.05)
    pytest.fail("the task does not start")


def wait_for_workers(box):
    for _ in range(200):
        status = box.check("dvc queue status").out
        if "Running" not in status and "Queued" not in status:
            return
        time.sleep(0.05)
    pytest.fail(status)


def start_slow_job(box):
    box.write({"train.sh": "touch $HOME/begun; exec sleep 100\n"})
    box.check("setsid -f cairn repro -q --executor gpu </dev/null >/dev/null 2>&1")
    for _ in range(200):
        if (box.root / ".home/begun").exists():
            return
        time.sleep(0.05)
    pytest.fail("the job does not start")


def wait_for_job(box):
    for _ in range(200):
        if " runs " not in box.check("cairn executor jobs gpu").out:
            return
        time.sleep(0.05)
    pytest.fail("the job does not end")


BEFORE = {
    "cairn executor cancel gpu train": start_slow_job,
    "cairn commit -f data.csv.dvc": edit_data,
    "cairn unprotect data.csv": edit_data,
    "cairn init": without_project,
    "cairn init --no-scm": without_git,
    "cairn queue kill later": start_slow_task,
}
AFTER = {"cairn executor cancel gpu train": wait_for_job, "cairn queue start -j 2": wait_for_workers, "cairn queue kill later": wait_for_workers}


@pytest.mark.parametrize("command", table(), ids=ids())
def test_each_command_has_examples(command):
    examples = command["examples"]
    assert 1 <= len(examples) <= 3
    shown = run(*command["command"].split(), "-h").stdout
    for example in examples:
        assert example["line"].startswith("cairn " + command["command"])
        assert f"  # {example['about']}\n" in shown and example["line"] in shown
        assert example["about"][0] in "`" or example["about"][:2].islower() or "." in example["about"].split()[0]
    if len(examples) == 1:
        assert shown.endswith(f"\nexample: {examples[0]['line']}  # {examples[0]['about']}\n")


def test_the_program_is_called_by_its_name(project):
    assert "\nexample: dvc status -c  # " in project.check("dvc status -h").out


@pytest.mark.parametrize("line", sorted(set(EXAMPLES)))
def test_example_runs(project, line, box_root):
    box = Sandbox(box_root(), CAIRN)
    subprocess.run(["cp", "-a", f"{project.root}/.", box.root], check=True)
    if line in BEFORE:
        BEFORE[line](box)
    done = box.sh(line)
    assert done.status == 0, repr(done)
    if line in AFTER:
        AFTER[line](box)
