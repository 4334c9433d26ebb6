"""A disk that is full from some call on, and calls that fail, in commands of experiments and of the queue: no data and no
task is lost, and the next run finishes. Needs the build that test_faults_injected.py names."""

import pytest
from harness.faults import FAULTY, Scene, sweep
from harness.more_scenes import MORE

pytestmark = pytest.mark.skipif(not FAULTY.exists(), reason="no build with faults (meson setup build-faults -Dfaults=true)")

NAMES = ["exp-run-queue", "queue-hold", "queue-priority", "queue-remove", "exp-rename", "exp-note"]
HERE = ("untouched", "stashed", "not_again", "start", "destroys")  # of test_kills.py


@pytest.mark.parametrize("kind", ["full", "fail"])
@pytest.mark.parametrize("name", NAMES)
def test_every_call(box_root, name, kind):
    script, command, options = MORE[name]
    options = {key: value for key, value in options.items() if key not in HERE}
    assert sweep(Scene(box_root(), script), command, kind, **options) > 3
