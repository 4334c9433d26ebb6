"""Waiting for what another process does."""

import time


def wait_for(what, seconds=60):
    """Until `what()` is true; fail the test when that takes too long."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
