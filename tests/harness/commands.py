"""The command table, as `describe` prints it, for tests that walk it."""

import functools
import json
import subprocess

from .sandbox import CAIRN


def run(*words, **options):
    return subprocess.run([CAIRN, *words], capture_output=True, text=True, check=False, **options)


@functools.cache
def table():
    if not CAIRN.exists():
        return []
    commands = json.loads(run("describe").stdout)
    for command in commands:  # old names that are understood and not advertised
        command["options"] = [o for o in command["options"] if not o.get("hidden")]
    return commands


def ids():
    return [c["command"] for c in table()]
