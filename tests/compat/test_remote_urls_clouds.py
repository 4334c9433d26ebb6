"""URLs of object stores as sources: both tools on the same server record the same, and end with the same status."""

import pytest
from harness.sandbox import CAIRN, REAL_DVC
from harness.servers.fixtures import KINDS

pytestmark = [pytest.mark.live, pytest.mark.parametrize("kind", [k for k in ("azure", "gs") if k in KINDS])]

FILES = {"a.csv": b"first", "d/one": b"1\n", "d/sub/two": b"2\n", "d/with space": b"", "d.txt": b"beside"}


@pytest.fixture
def boxes(new_sandbox, remote, kind):
    """(the place, a sandbox with cairn, one with the real DVC)"""
    place = remote(kind)
    for name, data in FILES.items():
        place.write("ext/" + name, data)
    return place, *(place.configure(new_sandbox(tool)) for tool in (CAIRN, REAL_DVC))


def both(boxes, command, *files):
    """Run a command with both tools, compare the exit status and files, and return the status."""
    _, *sandboxes = boxes
    results = [box.dvc(command) for box in sandboxes]
    assert results[0].status == results[1].status, results
    texts = [{name: box.read(name) for name in files} for box in sandboxes]
    assert texts[0] == texts[1]
    return results[0].status


def test_a_file_is_imported_and_updated(boxes, kind):
    assert both(boxes, "import-url remote://r/ext/a.csv", "a.csv.dvc", "a.csv") == 0
    boxes[0].write("ext/a.csv", b"second")
    assert both(boxes, "update a.csv.dvc", "a.csv.dvc", "a.csv") == 0
    assert both(boxes, "update a.csv.dvc", "a.csv.dvc") == 0


def test_a_directory_is_imported_and_updated(boxes, kind):
    assert both(boxes, "import-url remote://r/ext/d", "d.dvc", "d/sub/two", "d/with space") == 0
    boxes[0].write("ext/d/sub/three", b"3\n")
    assert both(boxes, "update d.dvc", "d.dvc", "d/sub/three") == 0


def test_into_the_remote(boxes, kind):
    assert both(boxes, "import-url --to-remote remote://r/ext/d", "d.dvc") == 0
    assert both(boxes, "pull", "d/one") == 0


def test_get(boxes, kind):
    assert both(boxes, "get-url remote://r/ext/a.csv out", "out") == 0
    assert both(boxes, "get-url remote://r/ext/d dir", "dir/sub/two", "dir/with space") == 0


def test_list(boxes, kind):
    _, *sandboxes = boxes
    for command in ("list-url -R remote://r/ext/d", "list-url remote://r/ext", "list-url remote://r/ext/a.csv"):
        results = [box.dvc(command) for box in sandboxes]
        assert [r.status for r in results] == [0, 0], results
        assert sorted(results[0].lines) == sorted(results[1].lines), results


@pytest.mark.parametrize("command", ["import-url remote://r/ext/none", "get-url remote://r/ext/none out",
                                     "list-url remote://r/ext/none"])
def test_what_is_missing(boxes, kind, command):
    assert both(boxes, command) != 0
