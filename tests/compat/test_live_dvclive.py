"""A real DVCLive loop inside a stage: its steps are seen while it runs, and the experiment is the one that DVC makes."""

import json
import subprocess
import sys
import time

import pytest

from harness.sandbox import CAIRN, REAL_DVC

pytestmark = pytest.mark.live

LOOP = """
import pathlib, time
from dvclive import Live

with Live() as live:
    live.log_param("lr", 0.1)
    for step in range(4):
        live.log_metric("acc", step / 10)
        live.log_metric("train/loss", 1 / (step + 1))
        live.next_step()
        # the test has seen this step
        end = time.time() + 60
        while not pathlib.Path(f"{sign}.{step + 1}").exists() and time.time() < end:
            time.sleep(0.02)
"""
PIPELINE = """\
stages:
  train:
    cmd: {python} train.py
    deps: [train.py]
    metrics:
    - dvclive/metrics.json:
        cache: false
    outs:
    - dvclive/plots
"""


def start(box):
    box.extra_env["DVCLIVE_OPEN"] = "false"
    box.write({"train.py": f"sign = {str(box.root / 'sign')!r}" + LOOP, "dvc.yaml": PIPELINE.format(python=sys.executable)})
    box.check("git add -A && git commit -qm base")


def run(box):
    return subprocess.Popen(["dvc", "exp", "run", "-n", "live"], cwd=box.repo, env=box.env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def live_metrics(box):
    """What the table shows of the running experiment now; None: it shows none."""
    for row in json.loads(box.check("cairn exp show --json").out)[1]["experiments"] or []:
        if (row["executor"] or {}).get("state") == "running":
            return row["revs"][0]["data"]["metrics"].get("dvclive/metrics.json", {}).get("data")
    return None


def test_steps_are_seen_while_the_stage_runs(two_tools):
    box = two_tools
    start(box)
    process = run(box)
    signal = box.repo / ".dvc/tmp/exps/run/DVCLIVE_STEP_COMPLETED"
    try:
        for step in range(4):
            end = time.time() + 60
            # DVCLive writes the metrics, truncating their file, and then the signal of the step; then it waits for ours
            while not signal.exists() or f'"step": {step}' not in signal.read_text():
                assert time.time() < end and process.poll() is None, process.stdout.read() if process.poll() is not None else step
                time.sleep(0.05)
            assert live_metrics(box) == {"acc": step / 10, "train": {"loss": 1 / (step + 1)}, "step": step}
            (box.root / f"sign.{step + 1}").touch()
        assert process.wait(60) == 0, process.stdout.read()
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
    assert not signal.exists()
    assert live_metrics(box) is None
    [row] = json.loads(box.check("cairn exp show --json").out)[1]["experiments"]
    assert row["revs"][0]["data"]["metrics"]["dvclive/metrics.json"]["data"]["step"] == 3
    assert row == json.loads(box.use(box.real).check("dvc exp show --json").out)[1]["experiments"][0]


def test_the_experiment_is_that_of_dvc(new_sandbox):
    said = {}
    for tool in (CAIRN, REAL_DVC):
        box = new_sandbox(tool=tool)
        start(box)
        for step in range(1, 5):
            (box.root / f"sign.{step}").touch()
        process = run(box)
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0, out
        commit = box.check("dvc exp list --sha-only").out.strip()
        files = box.check(f"git ls-tree -r --name-only {commit}").lines
        said[tool] = files, box.check(f"git show {commit}:dvclive/metrics.json").out, box.check(f"git show {commit}:dvc.yaml").out.replace(str(box.root), "")
    assert said[CAIRN] == said[REAL_DVC]
