"""Compile and draw Vega-Lite specifications under node, with the scripts that the page contains."""

import json
import pathlib
import shutil
import subprocess

import pytest

from .sandbox import TOP

MODULES = TOP / "data/page/node_modules"


def drawn(specs):
    """[{"compiled": the Vega specification, "svg": text, "warnings": [...]}] or {"error": message}, in the order of `specs`."""
    if not shutil.which("node") or not (MODULES / "vega").is_dir():
        pytest.skip("node or Vega is missing (script/setup installs them)")
    program = pathlib.Path(__file__).with_suffix(".js")
    done = subprocess.run(["node", program, MODULES], input=json.dumps(specs), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1000:]
    return json.loads(done.stdout)
