"""The questions of `commit` on a terminal, in DVC's words."""
import re

import pytest
from harness.terminal import on_terminal

PIPELINE = "stages:\n  s: {cmd: cat q > o, deps: [q], outs: [o]}\n"
EDITS = {
    "command": "sed -i 's/cat q/cat  q/' dvc.yaml",
    "dependency": "echo qq > q",
    "output": "echo qq > o",
    "both": "echo qq > q; echo qq > o",
    "checksum": "sed -i '1i md5: d41d8cd98f00b204e9800998ecf8427e' data.dvc",
}


@pytest.mark.live
@pytest.mark.parametrize("edit", EDITS)
def test_question(new_sandbox, two_tools, edit):
    ends = []
    for tool in (two_tools.real, two_tools.cairn):
        box = new_sandbox(tool=tool)
        box.write({"dvc.yaml": PIPELINE, "q": "q\n", "data": "data\n"})
        box.dvc("add -q data")
        box.dvc("repro -q")
        box.check(EDITS[edit])
        shown, status = on_terminal(box, ["commit"], answers=["n"])
        ends.append((re.sub(r"\x1b\[(39|0|1)m", "", shown), status))
    assert ends[0] == ends[1]
