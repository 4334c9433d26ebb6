"""`cairn executor run-job`: what a node runs of one submission, several attempts one after the other."""

import json
import shutil
import signal
import subprocess

import pytest
from harness.waiting import wait_for


@pytest.fixture
def node(repo):
    return Node(repo)


class Node:
    def __init__(self, box):
        self.box, self.jobs = box, box.repo / ".dvc/tmp/jobs/gpu"
        for name in "done", "batches/b":
            (self.jobs / name).mkdir(parents=True)
        self.attempts = []

    def add(self, name, command):
        """One more attempt in the submission; its path."""
        path = self.jobs / f"job.{name}/try-1"
        path.mkdir(parents=True)
        job = {"cairn": 1, "name": name, "key": name, "dir": str(self.box.repo), "commands": [command], "beat": 1}
        (path / "job.json").write_text(json.dumps(job))
        self.attempts.append(path)
        (self.jobs / "batches/b/list-0").write_text("".join(f"{p}\0" for p in self.attempts))
        return path

    def start(self):
        return subprocess.Popen(["cairn", "executor", "run-job", self.jobs / "batches/b", "0"], cwd=self.box.repo, env=self.box.env,
                                stderr=subprocess.PIPE, text=True)

    def files(self):
        return {p.parent.name: sorted(f.name for f in p.iterdir() if f.suffix == ".json") if p.exists() else None
                for p in self.attempts}


def test_all_run(node):
    node.add("a", "echo a >a")
    node.add("b", "exit 3")
    node.add("c", "echo c >c")
    assert node.start().wait(30) == 3
    assert node.files() == {f"job.{name}": ["exit.json", "job.json"] for name in "abc"}


def test_what_was_cancelled_is_left_out_also_when_nothing_is_left_of_it(node):
    node.add("a", "echo a >a")
    shutil.rmtree(node.add("b", "echo b >b").parent)
    (node.add("c", "echo c >c") / "claim").write_text('{"revoked": true}\n')
    node.add("d", "echo d >d")
    assert node.start().wait(30) == 0
    assert node.files() == {"job.a": ["exit.json", "job.json"], "job.b": None, "job.c": ["job.json"],
                            "job.d": ["exit.json", "job.json"]}


def test_one_that_is_damaged_does_not_keep_the_others_from_it(node):
    (node.add("a", "echo a >a") / "job.json").write_text("")
    node.add("b", "echo b >b")
    process = node.start()
    assert process.wait(30) == 255 and "job.a/try-1/job.json' is damaged" in process.stderr.read()
    assert node.files()["job.b"] == ["exit.json", "job.json"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_after_a_request_to_end_no_other_begins(node, number):
    """It comes before the limit of time, or when the scheduler takes the node back. The others have used up nothing: they are tried again."""
    node.add("a", "touch begun; exec sleep 100")
    other = node.add("b", "echo b >b")
    process = node.start()
    wait_for((node.box.repo / "begun").exists, 30)
    process.send_signal(number)
    assert process.wait(30) in (128 + number, -number)
    assert node.files() == {"job.a": ["interrupted-1.json", "job.json"], "job.b": ["job.json"]}
    assert not (other / "claim").exists() and not (node.box.repo / "b").exists()
