"""Waiting for what another process does."""

import time


def wait_for(what, seconds=60):
    """What `what()` returns, once that is true; fail the test when it takes too long."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return found
