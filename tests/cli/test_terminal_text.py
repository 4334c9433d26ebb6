"""Names, values and messages from others on a terminal: control characters are escaped. Pipes get the bytes."""

import json
import re

import pytest
from harness.terminal import on_terminal

# Sets the clipboard; clears the screen (ESC and C1); DEL, BEL, backspaces; changes the direction of writing.
EVIL = "a\x1b]52;c;AAAA\x07b\x1b[2Jc\u009b2Jd\x7fe\x08f\u202eg"
SEEN = r"a\u001b]52;c;AAAA\u0007b\u001b[2Jc\u009b2Jd\u007fe\u0008f\u202eg"
STYLE = re.compile(r"\x1b\[[0-9;]*m|\r\x1b\[K")  # the latter draws progress
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def text(value):
    """The text as a YAML string; JSON is YAML."""
    return json.dumps(value)


@pytest.fixture
def project(repo):
    """Everything here has that name: a file, an entry of a directory, a stage, its output, keys and values."""
    repo.write({f"data/{EVIL}": "1\n", EVIL: "file\n", "in": "in\n",
                "params.yaml": f"{text(EVIL)}: {text(EVIL)}\n",
                "m.json": text({EVIL: EVIL}),
                "dvc.yaml": f"stages:\n  {text('s' + EVIL)}:\n    cmd: cp in {text(EVIL + '.out')}; true {text(EVIL)}\n"
                            f"    deps: [in]\n    params: [{text(EVIL)}]\n    outs: [{text(EVIL + '.out')}]\n"
                            f"    desc: {text(EVIL)}\nmetrics: [m.json]\n"})
    repo.check("dvc add -q data && dvc add -q -- \"$NAME\"".replace("$NAME", EVIL))
    repo.check("git add -A && git commit -qm base")
    return repo


COMMANDS = ["status", "data status --granular", "list . -R", "list . data", "dag", "dag --outs", "dag --dot", "stage list", "stage list --name-only",
            "metrics show", "metrics show --md", "metrics diff HEAD~1", "metrics diff --spark HEAD~1", "exp show --spark --no-pager", "params diff HEAD~1", "exp show --no-pager", "exp show", "exp show --csv",
            "repro --dry", "why", "diff HEAD~1", "diff HEAD~1 --md", "du .", "config -l", "check-ignore -d x", "checkout nosuch" + EVIL,
            "add nosuch" + EVIL, "nosuch" + EVIL, "repro nosuch" + EVIL, "-v status", "ls-url data", "get . nosuch" + EVIL, "log", "fsck"]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_but_our_own_colours_reaches_a_terminal(project, command):
    shown, _ = on_terminal(project, command.split(" "), env={"PAGER": "cat"})
    assert not FORBIDDEN.search(STYLE.sub("", shown)), ascii(shown)


@pytest.mark.parametrize("command", ["stage list", "list . -R", "exp show --no-pager", "metrics show", "dag"])
def test_what_was_there_is_shown(project, command):
    shown, status = on_terminal(project, command.split(" "), env={"PAGER": "cat", "COLUMNS": "900"})
    assert status == 0 and SEEN in shown, ascii(shown)


def test_errors_are_shown_with_what_was_there_and_in_colour(project):
    shown, _ = on_terminal(project, ["add", "nosuch" + EVIL])
    assert shown.startswith("\x1b[31mERROR\x1b[0m: ") and SEEN in shown, ascii(shown)


@pytest.mark.parametrize("command", ["stage list", "list . -R", "metrics show", "dag", "status", "exp show --csv"])
def test_pipes_get_the_bytes(project, command):
    done = project.dvc(command)
    assert EVIL in done.out and SEEN not in done.out, ascii(done.out)


def test_json_on_a_terminal_is_the_same_document(project):
    shown, _ = on_terminal(project, ["metrics", "show", "--json"])
    assert json.loads(shown) == json.loads(project.check("dvc metrics show --json").out)


def test_what_a_command_prints_is_its_own_business(repo):
    repo.write({"dvc.yaml": "stages:\n  a: {cmd: \"printf '\\\\033[2J\\\\033[31mred\\\\n'\"}\n"})
    shown, _ = on_terminal(repo, ["repro"])
    assert "\x1b[2J\x1b[31mred" in shown, ascii(shown)


def test_a_log_of_the_queue_keeps_colours_and_progress_only(repo):
    repo.write({"dvc.yaml": "stages:\n  a: {cmd: \"printf '\\\\033[31mred\\\\033[0m 1%%\\\\r2%%\\\\n\\\\033]52;c;AAAA\\\\007 Û\\\\n'\", outs: [o]}\n"})
    repo.check("git add -A && git commit -qm base && dvc exp run --queue -n e && { dvc exp run --run-all; true; }")
    shown, _ = on_terminal(repo, ["queue", "logs", "e"])
    assert "\x1b[31mred\x1b[0m 1%\r2%\n\\u001b]52;c;AAAA\\u0007 Û\n" in shown, ascii(shown)
    assert "\x1b]52;c;AAAA\x07" in repo.check("dvc queue logs e").out


def test_a_question_is_shown_safely(project):
    (project.repo / "data" / EVIL).unlink()
    project.write({f"data/{EVIL}": "changed\n"})
    shown, _ = on_terminal(project, ["checkout", "data"], answers=["n"])
    assert not FORBIDDEN.search(STYLE.sub("", shown)), ascii(shown)
