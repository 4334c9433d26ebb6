"""--json-errors: a failure is one line of JSON, the last one on standard error, whatever the command."""

import fcntl
import json
import signal
import subprocess
import time

import pytest
from harness.commands import ids, run, table
from harness.sandbox import CAIRN

FIELDS = ["kind", "class", "msg", "hint", "exit"]


def failure(done):
    """The error of a command that failed; standard error holds nothing but documents."""
    lines = [json.loads(line) for line in done.err.splitlines()]
    assert [list(line) for line in lines[:-1]] == [["warning"]] * (len(lines) - 1)
    error = lines[-1]["error"]
    assert list(error) == FIELDS and error["exit"] == done.status
    return error


@pytest.fixture
def project(repo):
    repo.write({"f": "hi\n", "d/a": "a\n", "note.txt": "text\n"})
    repo.check("dvc add -q f d && git add -A && git commit -qm base")
    return repo


@pytest.mark.parametrize("line, status, kind", [
    ("cat nope", 255, "path-missing"),
    ("cat d", 255, "is-a-directory"),
    ("cat f --rev nope", 255, "unknown-revision"),
    ("cat f --repo ../nope", 255, "clone-failed"),
    ("cat f --repo=-x", 255, "clone-failed"),
    ("cat f --repo=ssh://-oProxyCommand=x/a", 255, "clone-failed"),
    ("list ext::sh", 1, "clone-failed"),
    ("get . note.txt --show-url", 255, "output-not-found"),
    ("get . f --show-url --remote nope", 251, "remote-not-found"),
    ("get . f -o d/a", 1, "exists"),
    ("push", 1, "no-remote"),
    ("pull nope", 1, "target-not-found"),
    ("repro nope", 255, "file-not-found"),
    ("metrics show nope.json --fail", 255, "not-found"),
    ("metrics show --rev nope", 255, "unknown-revision"),
    ("artifacts show nope", 255, "artifact-not-found"),
    ("artifacts show a --rev v1 --stage b", 255, "invalid-value"),
    ("dataset show nope", 255, "dataset-not-found"),
    ("dataset update nope", 1, "dataset-not-found"),
    ("exp save -n a/b", 1, "invalid-argument"),
    ("list --tree --json .", 255, "failure"),
    ("config --list --unset", 1, "usage"),
    ("nope", 254, "usage"),
    ("status --nope", 254, "usage"),
    ("--cd ../nope status", 255, "path-missing"),
    ("--cd .. status", 253, "not-a-repository"),
])
def test_kinds(project, line, status, kind):
    done = project.sh(f"cairn {line} --json-errors")
    assert (done.status, done.out, failure(done)["kind"]) == (status, "", kind)


@pytest.mark.parametrize("before, text, kind", [
    ("echo 'stages: [' > dvc.yaml", "params show --fail", "parse"),
    ("echo 'stages: 3' > dvc.yaml", "params show --fail", "validation"),
    ("printf 'stages:\\n  a:\\n    cmd: ${x}\\n' > dvc.yaml", "params show --fail", "interpolation"),
    ("echo 'lr: [' > params.yaml", "params show --fail", "corrupt-file"),
    ("echo '{' > m.json", "metrics show m.json --fail", "corrupt-file"),
    ("echo x > .dvc/config", "status", "config"),
    ("echo 'a: 1' > f.dvc", "status", "validation"),
    ("rm -rf f .dvc/cache", "cat f", "data-missing"),
    ("printf 'stages:\\n  a: {cmd: exit 3}\\n' > dvc.yaml", "exp run", "failure"),
])
def test_what_is_broken(project, before, text, kind):
    project.check(before)
    assert failure(project.sh(f"cairn {text} --json-errors"))["kind"] == kind


def test_locked(project):
    project.write({"new": "1\n"})
    with open(project.repo / ".dvc/tmp/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = project.sh("cairn add new --json-errors")
    assert failure(done)["kind"] == "locked"


@pytest.mark.parametrize("command", table(), ids=ids())
def test_every_command_takes_it(command):
    words = command["command"].split()
    for line in (["--json-errors", *words, "--no-such-option"], [*words, "--no-such-option", "--json-errors"]):
        done = run(*line)
        document = json.loads(done.stderr)
        assert (done.returncode, done.stdout, document["error"]["kind"]) == (254, "", "usage")


def test_no_abbreviation_changes(project):
    """--json-errors is DVC's no option, so what abbreviates one of DVC's does so still."""
    assert project.dvc("status --js").out == "{}\n"
    assert project.dvc("status --json-e").status == 254


def test_text_for_people_is_as_before(project):
    assert project.sh("cairn cat nope").err.startswith("ERROR: 'nope' is neither a file nor tracked data\n")


def test_quiet_errors_are_documents(project):
    assert failure(project.sh("cairn -q cat nope --json-errors"))["kind"] == "path-missing"


def test_warnings_are_documents(project):
    project.write({"m.json": "{"})
    done = project.sh("cairn metrics show m.json --json --json-errors")
    warning = json.loads(done.err)["warning"]["msg"]
    assert done.status == 0 and warning.startswith("unable to load 'm.json' of 'workspace': ")


@pytest.mark.parametrize("line", ["check-ignore f", "status -q"])
def test_a_status_that_answers_is_no_failure(project, line):
    project.write({"f": "changed\n"})
    done = project.sh(f"cairn {line} --json-errors")
    assert (done.status, done.err) == (1, "")


def test_a_closed_or_full_output(project):
    done = project.sh("cairn list . --json-errors > /dev/full")
    assert done.status == 120 and failure(done)["kind"] == "io"


def test_odd_text(project):
    """Bytes that are no UTF-8, control characters and line ends never break the line."""
    done = project.sh("cairn cat \"$(printf 'a\\377\\033[31m\\nb')\" --json-errors")
    assert failure(done)["msg"].startswith("'a")


def test_interrupted(project):
    """The command goes on, whether or not the interrupt reaches it as well, and ends well."""
    project.write({"dvc.yaml": "stages:\n  a: {cmd: \"trap '' INT; touch begun; sleep 1\"}\n"})
    running = subprocess.Popen([CAIRN, "repro", "--json-errors"], cwd=project.repo, env=project.env,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    while not (project.repo / "begun").exists() and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    error = json.loads(running.communicate(timeout=60)[1].splitlines()[-1])["error"]
    assert (error["kind"], error["exit"], running.returncode) == ("cancelled", 252, 252)
