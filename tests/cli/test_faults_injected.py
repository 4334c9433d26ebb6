"""Each call that changes a file fails once, or is the last of its process: no data is lost, and the next run finishes.

Needs a build with -Dfaults=true in build-faults/ (script/test creates it), or its program in $CAIRN_FAULTS.
"""

import pytest
from harness.faults import FAULTY, Scene, sweep
from harness.scenes import SCENES

pytestmark = pytest.mark.skipif(not FAULTY.exists(), reason="no build with faults (meson setup build-faults -Dfaults=true)")

@pytest.mark.parametrize("kind", ["fail", "die"])
@pytest.mark.parametrize("name", SCENES)
def test_every_call(box_root, name, kind):
    script, command, options = SCENES[name]
    scene = Scene(box_root(), script)
    assert sweep(scene, command, kind, **options) > 3


@pytest.mark.parametrize("name", ["add", "checkout", "move", "pull", "push"])
def test_full_from_any_call_on(box_root, name):
    script, command, options = SCENES[name]
    assert sweep(Scene(box_root(), script), command, "full", **options) > 3
