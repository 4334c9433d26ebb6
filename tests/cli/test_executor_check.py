"""`cairn executor check`: two jobs on two nodes look whether all is fit. Here with a batch system of a few lines; on Slurm in
tests/cluster/test_check.py."""

import json
import signal
import subprocess

import pytest

# A scheduler whose jobs begin at once, each on another "node"; `cancel` and `poll` tell what became of them.
FAKE = """\
[executor "fake"]
    type = command
    submit = sh fake.sh {script}
    poll = cat states
    cancel = echo {ids} >>cancelled
    interval = 1s
"""
SUBMIT = """\
n=$(($(cat count 2>/dev/null || echo 0) + 1)); echo $n >count
echo "job-$n runs" >>states
SLURMD_NODENAME=node$n setsid -f sh "$1" </dev/null >/dev/null 2>&1
echo job-$n
"""


@pytest.fixture
def fake(repo):
    repo.write({".dvc/cairn.config": FAKE, "fake.sh": SUBMIT})
    repo.check("cairn config cache.type hardlink,copy")
    return repo


def bad(done):
    """The lines that are not ok."""
    return [line for line in done.lines if not line.startswith("ok ")]


def left(box):
    """What is left of the probes."""
    return [p for p in (box.repo / ".dvc/tmp/jobs").rglob("*") if p.is_file() or p.parent.name == "batches"]


def test_all_is_fit(fake):
    done = fake.check("cairn executor check fake --wait 20s")
    assert bad(done) == [] and done.err == ""
    what = [line.split()[1] for line in done.lines]
    node = ["directory", "program", "clock", "links", "space", "limits"]
    assert what == ["job", "job", *node, "delay", *node, "claims", "locks", "marks"]
    assert "ok       locks      node1 and node2 exclude each other by flock(2)" in done.lines
    assert left(fake) == [] and (fake.repo / "cancelled").read_text() == "job-1\n"


def test_as_json(fake):
    answer = json.loads(fake.check("cairn executor check fake --json").out)
    assert answer["executor"] == "fake" and answer["ok"] is True
    assert {"grade": "ok", "what": "claims", "meaning": "node1 and node2 exclude each other by link(2)"} in answer["lines"]


def test_in_a_folder_with_an_odd_name(fake):
    fake.repo.rename(fake.root / "a 'b' \"c\"\n$(d)%j")
    fake.repo = fake.cwd = fake.root / "a 'b' \"c\"\n$(d)%j"
    done = fake.check("cairn executor check fake --wait 20s")
    assert not any(line.startswith(("warning", "error")) for line in done.lines)


@pytest.mark.parametrize("keys, answer", [
    ("submit = echo 'no such queue' >&2; exit 1 # {script}", "error    submission no such queue"),
    ("submit = echo 'Job <1> is submitted.' # {script}",
     "error    submission 'submit' is to print the job's id alone on its last line, not 'Job <1> is submitted.'"),
    ("submit = no-such-program {script}", "error    submission sh: 2: no-such-program: not found"),
    ("submit = echo 1 # {script}\n    poll = echo 1 held by the user",
     "error    job        job 1 cannot start: by the user"),
    ("submit = echo 1 # {script}\n    poll = echo 1 queued too many jobs",
     "error    job        job 1 has not begun in time: too many jobs"),
    ("submit = sh {script}; echo 1\n    setup = echo no module; false\n    poll = echo 1 failed",
     "error    report     job 1 has not reported (ended)"),
])
def test_jobs_that_do_not_begin(fake, keys, answer):
    fake.write({".dvc/cairn.config": f'[executor "fake"]\n    type = command\n    interval = 1s\n    beat = 1s\n    {quoted(keys)}\n'})
    done = fake.sh("cairn executor check fake --wait 8s" if "failed" in keys else "cairn executor check fake --wait 2s")
    assert done.status == 1 and any(line.startswith(answer) for line in done.lines), done
    assert left(fake) == []


def quoted(keys):
    """Lines of a file of settings: values in quotes, as they may have '#'."""
    lines = [line.strip().split(" = ", 1) for line in keys.splitlines()]
    return "\n    ".join(f'{key} = """{value}"""' for key, value in lines)


def test_an_interrupt_leaves_nothing(fake):
    fake.write({"fake.sh": SUBMIT.replace("setsid -f sh", ": sh").replace("runs", "queued behind others")})
    process = subprocess.Popen(["cairn", "executor", "check", "fake"], cwd=fake.repo, env=fake.env, stderr=subprocess.PIPE, text=True)
    assert process.stderr.readline() == "job job-1 waits: behind others\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 252
    assert left(fake) == [] and (fake.repo / "cancelled").read_text() == "job-1\n"


@pytest.mark.parametrize("words, status, message", [
    ("fake --wait 0", 254, "argument --wait: '0' is no time such as 90s, 10m or 2h"),
    ("local", 255, "executor 'local' is this machine: there is nothing to check"),
    ("fkae", 255, "there is no executor 'fkae'; there are: fake, local\nDid you mean 'fake'?"),
])
def test_what_cannot_be_checked(fake, words, status, message):
    done = fake.sh(f"cairn executor check {words}")
    assert done.status == status and message in done.err


def test_a_probe_without_a_question(fake):
    done = fake.sh("cairn executor probe . 0")
    assert done.status == 255 and "ask" in done.err
    (fake.repo / "ask").write_bytes(b"x")
    done = fake.sh("cairn executor probe . 0")
    assert done.status == 255 and "is not what a probe needs" in done.err
    assert fake.sh("cairn executor probe . 2").status == 254
