"""Which setting decides about colour: --color, NO_COLOR, CLICOLOR_FORCE, TERM and the terminal, in this order."""

import pytest
from harness.terminal import on_terminal

ESCAPE = "\033["


@pytest.mark.parametrize("before,options,colored", [
    ("", "", False),
    ("", "--color=auto", False),
    ("", "--color=always", True),
    ("NO_COLOR=1", "--color=always", True),
    ("CLICOLOR_FORCE=1", "", True),
    ("CLICOLOR_FORCE=1", "--color=never", False),
    ("CLICOLOR_FORCE=0", "", False),
    ("CLICOLOR_FORCE=", "", False),
    ("NO_COLOR=1 CLICOLOR_FORCE=1", "", False),
    ("NO_COLOR= CLICOLOR_FORCE=1", "", True),
])
def test_into_a_pipe(repo, before, options, colored):
    done = repo.sh(f"{before} cairn {options} repro nosuch")
    assert (ESCAPE in done.err) == colored, done.err
    assert (ESCAPE in repo.sh(f"{before} cairn repro nosuch {options}").err) == colored


@pytest.mark.parametrize("options,colored", [([], True), (["--color=never"], False), (["--color", "auto"], True)])
def test_on_a_terminal(repo, options, colored):
    shown = on_terminal(repo, [*options, "repro", "nosuch"])
    assert (ESCAPE in shown[0]) == colored, shown


def test_usage_errors_too(repo):
    assert ESCAPE in repo.sh("cairn --color=always nosuch").err
    assert ESCAPE not in on_terminal(repo, ["--color=never", "nosuch"])[0]


def test_wrong_words(repo):
    assert repo.sh("cairn --color=sometimes status").status == 254


@pytest.mark.parametrize("size", ["1K", "70M"])
def test_a_run_apart_from_the_workspace_obeys_the_option(repo, size):
    """With much data to hash the progress has a thread, and the run is a program of its own instead of a forked child."""
    repo.write({"dvc.yaml": "stages:\n  a:\n    cmd: cp p.yaml o\n    params: [p.yaml: [x]]\n    outs: [o]\n", "p.yaml": "x: 1\n"})
    repo.check(f"truncate -s {size} big && dvc add -q big && git add -A && git commit -qm base && touch big")
    shown, status = on_terminal(repo, ["--color", "never", "exp", "run", "--temp", "-S", "p.yaml:x=2"], called="cairn")
    assert status == 0 and "WARNING: No file hash info found" in shown, shown
