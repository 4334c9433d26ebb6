"""Network remotes: what one tool has pushed, the other pulls, from a real server of each kind."""

import pytest
from harness.remotes import push_and_pull, push_back
from harness.sandbox import CAIRN, REAL_DVC
from harness.servers.fixtures import KINDS

pytestmark = [pytest.mark.live, pytest.mark.parametrize("kind", KINDS)]


@pytest.fixture
def clone(new_sandbox):
    """A function that returns an empty folder with a tool, to clone into."""
    return lambda tool: new_sandbox(tool, start="empty")


def test_the_real_tool_alone(new_sandbox, clone, remote, kind):
    """Shows that the server and the harness work."""
    push_and_pull(new_sandbox(REAL_DVC), clone(REAL_DVC), remote(kind))


@pytest.mark.parametrize("first, second", [(CAIRN, REAL_DVC), (REAL_DVC, CAIRN)], ids=["cairn-first", "dvc-first"])
def test_both_tools(new_sandbox, clone, remote, kind, first, second):
    place, first, second = remote(kind), new_sandbox(first), clone(second)
    push_and_pull(first, second, place)
    push_back(first, second, place)
