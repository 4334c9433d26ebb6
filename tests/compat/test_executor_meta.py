"""What cairn reads from `meta` in dvc.yaml, and its own settings in .dvc, do not disturb DVC."""

import pytest

PIPELINE = """stages:
  a:
    cmd: echo 1 >a
    outs: [a]
    meta:
      executor: local
      resources: {cpu: 1, mem: 1GB, time: 2h, license: 1}
"""


@pytest.mark.live
def test_dvc_minds_neither_meta_nor_our_settings(two_tools):
    box = two_tools
    box.write({"dvc.yaml": PIPELINE, ".dvc/cairn.config": '[core]\n    executor = local\n[executor "gpu"]\n    type = slurm\n'})
    box.use(box.cairn).check("dvc repro -q")
    lock = box.read("dvc.lock")
    box.use(box.real)
    assert "up to date" in box.check("dvc status").out and "didn't change" in box.check("dvc repro").out
    box.check("rm dvc.lock a && dvc repro -q && dvc config core.autostage true")
    assert box.read("dvc.lock") == lock
    assert "up to date" in box.use(box.cairn).check("dvc status").out
