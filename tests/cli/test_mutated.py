"""A few hundred commands on repositories damaged at random, from a fixed seed (tests/fuzz/mutate.py; docs/internals/testing.md has more)."""

import pathlib
import re
import shutil
import subprocess
import sys

import pytest
from harness.sandbox import CAIRN, TOP


def mutate(*options):
    return subprocess.run([sys.executable, str(TOP / "tests/fuzz/mutate.py"), "--jobs", "2", *options], capture_output=True, text=True,
                          timeout=600)


def test_commands_on_damaged_repositories_refuse_or_work():
    done = mutate("--commands", "200", "--seed", "20")
    assert re.search(r"^200 commands, 0 failures, ", done.stdout, re.M), done.stdout + done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("does, told", [
    ("kill -SEGV $$", "ended by signal 11"),
    ("exit 7", "exit status 7"),
    ("echo 'x.c:1:2: runtime error: oops' >&2; exit 1", "a sanitizer's report"),
    ("echo >> notes.txt", "changed repo/notes.txt"),
    ("rm .git/HEAD", "changed repo/.git/HEAD"),
    ("echo > ../outside/new", "changed outside/new"),
    ("rm -r ../store", "changed store/"),
])
def test_what_a_command_may_not_do_is_told(box_root, does, told):
    """A program that runs this command, once the repository exists."""
    folder = pathlib.Path(box_root())
    folder.chmod(0o755)  # as root, the harness becomes the user nobody
    shutil.copy(CAIRN, folder / "cairn")
    program = folder / "program"
    program.write_text(f'#!/bin/sh\ncase $PWD in */case-*) {does};; *) exec {folder}/cairn "$@";; esac\n')
    program.chmod(0o755)
    done = mutate("--case", "1:3", "--program", str(program))
    assert told in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


def test_a_case_can_be_run_again():
    first, second = (mutate("--case", "1:5").stdout for _ in range(2))
    assert first.count("--- case 1:5: fine") == 8

    def same(text):
        return [line for line in text.splitlines() if line.startswith("    damage: ")]

    assert same(first) == same(second)
