"""PBS and Kubernetes, as the guide reaches them (docs/cluster.md): its own settings and scripts, with programs that behave like theirs."""

import json
import signal
import subprocess
import time

import pytest
from harness import fake_batch
from harness.pages import Page
from harness.sandbox import TOP

PIPELINE = """stages:
  a: {cmd: 'sh slow.sh && echo 1 >a', deps: [slow.sh], outs: [a]}
  b: {cmd: 'sh slow.sh && echo 2 >b', deps: [slow.sh], outs: [b], meta: {resources: {cpu: 2}}}
  c: {cmd: cat a b >c, deps: [a, b], outs: [c]}
"""


def settings(system):
    """{path: text} that the guide shows for a system."""
    steps = Page(TOP / "docs/cluster.md").steps
    begin = next(i for i, (_, kind, what) in enumerate(steps) if (kind, what) == ("cluster", system))
    files = {}
    for _, kind, what in steps[begin + 1:]:
        if kind == "cluster":
            break
        if kind == "file":
            files[what[0]] = what[1]
    return files


@pytest.fixture(params=["pbs", "kubernetes"])
def box(request, repo):
    return prepare(repo, request.param)


@pytest.fixture
def pbs(repo):
    return prepare(repo, "pbs")


@pytest.fixture
def kube(repo):
    return prepare(repo, "kubernetes")


def prepare(box, system):
    fake_batch.attach(box, system)
    files = settings(system)
    # an interval of seconds, where the guide leaves the default
    files[".dvc/cairn.config"] += "    interval = 1s\n    beat = 1s\n"
    box.write({**files, "dvc.yaml": PIPELINE, "slow.sh": ":\n"})
    box.check("chmod +x tools/* && git add -A && git commit -qm pipeline")
    return box


def test_the_result_is_that_of_a_local_run(box, new_sandbox):
    box.check("cairn repro -q -j 2")
    local = new_sandbox()
    local.write({"dvc.yaml": PIPELINE, "slow.sh": ":\n"})
    local.check("cairn repro -q -j 2")
    assert box.read("dvc.lock") == local.read("dvc.lock")
    assert box.read("c") == "1\n2\n" and box.check("cairn status").out == local.check("cairn status").out
    assert not [p for p in (box.repo / ".dvc/tmp/jobs").rglob("job.*")]


def test_experiments(box):
    box.write({"params.yaml": "x: 1\n", "dvc.yaml": "stages:\n  s: {cmd: 'grep x params.yaml >o', params: [x], outs: [o]}\n"})
    box.check("cairn repro -q && git add -A && git commit -qm params")
    box.check("cairn exp run -q --queue -S x=2,3 && cairn queue start -q -j 2")
    for _ in range(300):
        status = box.check("cairn queue status").out
        if status.count("Success") == 2:
            break
        time.sleep(0.1)
    else:
        pytest.fail(status)
    shown = json.loads(box.check("cairn exp show --json").out)
    assert {e["revs"][0]["data"]["params"]["params.yaml"]["data"]["x"] for e in shown[1]["experiments"]} == {2, 3}


def test_a_head_that_is_killed(box):
    """The job goes on, and the next command takes it over: the stage's command runs once."""
    box.write({"slow.sh": "echo >>$HOME/begun; sleep 3\n", "dvc.yaml": "stages:\n  a: {cmd: 'sh slow.sh && echo 1 >a', outs: [a]}\n"})
    head = subprocess.Popen(["cairn", "repro", "-q"], cwd=box.repo, env=box.env)
    begun = box.root / ".home/begun"
    for _ in range(200):
        if begun.exists():
            break
        time.sleep(0.05)
    head.kill()
    head.wait()
    box.check("cairn repro -q", timeout=60)
    assert begun.read_text() == "\n" and box.read("a") == "1\n"


def test_a_job_that_is_cancelled(box):
    box.write({"slow.sh": "touch $HOME/begun; exec sleep 100\n"})
    head = subprocess.Popen(["cairn", "repro", "a"], cwd=box.repo, env=box.env, stderr=subprocess.PIPE, text=True)
    for _ in range(200):
        if (box.root / ".home/begun").exists():
            break
        time.sleep(0.05)
    name = "pbs" if (box.repo / "tools/pbs-states").exists() else "pods"
    assert box.check(f"cairn executor cancel {name}").out == "Cancelled: a\n"
    assert head.wait(30) == 255 and "failed to reproduce 'a'" in head.stderr.read()


def test_interrupt_leaves_the_job(box):
    box.write({"slow.sh": "touch $HOME/begun; sleep 3\n"})
    head = subprocess.Popen(["cairn", "repro", "-q", "a"], cwd=box.repo, env=box.env, stderr=subprocess.PIPE, text=True)
    for _ in range(200):
        if (box.root / ".home/begun").exists():
            break
        time.sleep(0.05)
    head.send_signal(signal.SIGINT)
    assert head.wait(20) == 252
    assert " runs " in box.check("cairn executor jobs").out
    box.check("cairn repro -q a", timeout=60)
    assert box.read("a") == "1\n"


# ---- PBS

def test_too_many_jobs_for_pbs(pbs):
    """The limit of jobs of a user passes: cairn waits, and the pipeline comes to its end."""
    pbs.extra_env["PBS_MOST_QUEUED"] = "1"
    pbs.write({"slow.sh": "sleep 1\n"})
    done = pbs.check("cairn repro -j 2", timeout=100)
    assert "would exceed queue generic's per-user limit" in done.err
    assert pbs.read("c") == "1\n2\n"


@pytest.mark.parametrize("old, new, message", [
    ("-N {name}", "-N {name} -q nowhere", "qsub: Unknown queue"),
    ("ncpus={cpus}", "ncpus=99", "qsub: Job violates queue and/or server resource limits"),
    ("-j oe", "-z", "qsub: invalid option -- 'z'"),
])
def test_jobs_that_pbs_refuses(pbs, old, new, message):
    pbs.write({".dvc/cairn.config": pbs.read(".dvc/cairn.config").replace(old, new)})
    done = pbs.sh("cairn repro a")
    assert done.status == 255 and message in done.err


def test_the_walltime_of_pbs(pbs):
    pbs.write({".dvc/cairn.config": pbs.read(".dvc/cairn.config").replace("time = 1h", "time = 2s"), "slow.sh": "exec sleep 100\n"})
    done = pbs.sh("cairn repro a", timeout=60)
    assert done.status == 255 and "failed to reproduce 'a'" in done.err


# ---- Kubernetes

def test_a_pod_without_its_volume(kube):
    (kube.root / ".home/.kubernetes/claims/work").rmdir()
    done = kube.sh("cairn executor check pods --wait 3s")
    assert done.status == 1 and "has not begun in time: ContainerCreating" in done.out


def test_a_pod_without_its_image(kube):
    kube.write({"tools/kube-submit": kube.read("tools/kube-submit").replace("registry.example/", "nowhere.example/")})
    done = kube.sh("cairn executor check pods --wait 20s")
    assert done.status == 1 and "cannot start: ImagePullBackOff" in done.out


def test_a_pod_that_takes_too_much_memory(kube):
    # as the kernel does it: the shell of the stage, and above it the container's first process
    kube.write({"slow.sh": "kill -9 $(cut -d' ' -f4 /proc/$PPID/stat) $PPID $$\n"})
    done = kube.sh("cairn repro a", timeout=60)
    assert done.status == 255 and "out of memory" in done.err


def test_jobs_are_found_by_their_name(kube):
    """What `find` prints has the comment, by which a submission is known whose answer was lost."""
    kube.write({"slow.sh": "sleep 1\n"})
    kube.check("cairn repro -q a")
    states = kube.check("tools/kube-states").out
    assert " Succeeded" in states and " cairn/1 batch=" in states
