"""A minute of pushes and fetches through proxies that make faults (tests/fuzz/transfers.py; docs/internals/testing.md has more)."""

import re
import subprocess
import sys

import pytest
from harness.sandbox import CAIRN, TOP


def transfers(*options):
    return subprocess.run([sys.executable, str(TOP / "tests/fuzz/transfers.py"), *options], capture_output=True, text=True, timeout=600)


def test_pushes_and_fetches_with_faults():
    done = transfers("--faults", "200", "--seconds", "50", "--seed", "20")
    assert re.search(r"^\d+ rounds, \d\d+ faults, 0 failures, ", done.stdout, re.M), done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("command, does, told", [
    ("push", "kill -SEGV $$", "ended with -11"),
    ("push", "exit 7", "ended with 7"),
    ("push", "exit 1", "fails without an error"),
    ("push", "true", "the server lacks"),
    ("push", "echo 'x.c:1:2: runtime error: oops'", "says: "),
    ("fetch", "touch .dvc/cache/x.tmp", "left in the cache"),
    ("fetch", "true", "the cache lacks"),
    ("fetch", "for f in .dvc/cache/files/md5/*/*; do chmod u+w $f; echo >>$f; done", "is not what its name says"),
])
def test_what_a_command_may_not_do_is_told(box_root, command, does, told):
    """A program that runs this instead of, or after, what it should."""
    program = f"{box_root()}/program"
    ran = "" if command == "push" else f"{CAIRN} \"$@\"; mkdir -p .dvc/cache;"
    instead = "" if does == "true" else ran
    with open(program, "w") as f:
        f.write(f'#!/bin/sh\ncase $1 in {command}) {instead} {does};; *) exec {CAIRN} "$@";; esac\n')
    subprocess.run(["chmod", "+x", program], check=True)
    done = transfers("--round", "1:3", "--drivers", "ssh", "--program", program)
    assert told in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1
