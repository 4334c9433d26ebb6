"""The two Python APIs side by side: processes that answer cases, and how cases are written and compared."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.python_places import ENVIRONMENT
from harness.sandbox import CAIRN, TOP

SOURCE = Path(TOP, "python/cairn-dvc/src")
SHIM = Path(TOP, "python/dvc-shim/src")


def cases(where, text):
    """Cases of one directory, from lines `name: code`; code of several lines is indented."""
    found, name = {}, None
    for line in text.strip("\n").splitlines():
        if line.strip() and not line.startswith(" "):
            name, _, code = line.partition(": ")
            name = name.rstrip(":")
            assert name not in found, name
            found[name] = code
        elif name:
            found[name] += "\n" + line
    return [pytest.param(where, code, id=name) for name, code in found.items()]


# Differences that are meant. In the table of experiments DVC puts the text "None" into some empty cells; its messages
# name the program `dvc`; the path of a broken file is wrong (see ODD).
MEANT = [("'None'", "None"), ("`cairn ", "`dvc "), ("\\tcairn ", "\\tdvc ")]


def adjusted(answer):
    for old, new in MEANT:
        answer = answer.replace(old, new)
    return answer


class Peer:
    """A `python_peer.py`: answer(cwd, code) is what the code returned or raised with that API, as text."""

    def __init__(self, tool):
        env = {**os.environ, **ENVIRONMENT, "CAIRN": str(CAIRN)}
        env.pop("PYTHONPATH", None)
        if tool == "cairn":
            env["PYTHONPATH"] = str(SOURCE)
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("python_peer.py")), tool], env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def answer(self, cwd, code):
        self.process.stdin.write(json.dumps({"cwd": str(cwd), "code": code}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the process ended in: {code}"
        got = json.loads(line)
        self.trace = got["trace"]
        return got["answer"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)
