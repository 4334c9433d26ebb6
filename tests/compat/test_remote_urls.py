"""URLs of web and WebDAV servers: both tools get, list and import the same, and record the same. The real DVC runs every
time."""

import pytest
from harness.sandbox import CAIRN, REAL_DVC

pytestmark = pytest.mark.live


def play(box, script):
    """Run the steps. Returns what is compared: each step with its status and standard output, and the files."""
    steps = []
    for line in script:
        done = box.dvc(line)
        steps.append((line, done.status, sorted(done.out.splitlines())))
    files = [f for f in box.repo.rglob("*") if f.is_file() and not {".git", ".dvc"} & set(f.relative_to(box.repo).parts)]
    return steps, {str(f.relative_to(box.repo)): f.read_bytes() for f in files}


@pytest.fixture
def both(new_sandbox):
    """A function that plays a script with both tools, and requires the same."""

    def run(place, script):
        observed = []
        for tool in (REAL_DVC, CAIRN):
            box = new_sandbox(tool)
            place.configure(box)
            observed.append(play(box, script))
        (expected, expected_files), (actual, files) = observed
        assert actual == expected
        assert files == expected_files
        return files

    return run


def fill(place):
    place.write("ext/a.csv", b"hello")
    place.write("ext/my file.bin", b"12345678")
    place.write("ext/sub/b", b"other")
    place.write("ext/empty", b"")


@pytest.mark.parametrize("kind", ["http", "http-post", "https"])
def test_imports_from_a_web_server(both, remote, kind):
    """nginx has ETags; for the other server DVC makes a number of what it tells."""
    place = remote(kind)
    fill(place)
    url = place.url if kind != "https" else "remote://r"
    files = both(place, [
        f"import-url -q {url}/ext/a.csv",
        f"import-url -q '{url}/ext/my file.bin' there",
        f"import-url -q '{url}/ext/my%20file.bin' again",
        f"import-url -q {url}/ext/empty",
        "import-url -q remote://r/ext/a.csv named",
        "status",
        "update -q a.csv.dvc",
        f"import-url -q {url}/ext/nothing",
        f"import-url --no-download -q {url}/ext/a.csv later",
        f"import-url --no-exec -q {url}/ext/a.csv never",
    ])
    assert b"checksum:" in files["a.csv.dvc"]


@pytest.mark.parametrize("kind", ["http", "http-post"])
def test_files_of_a_web_server(both, remote, kind):
    place = remote(kind)
    fill(place)
    both(place, [
        f"get-url -q {place.url}/ext/a.csv",
        f"get-url -q '{place.url}/ext/my%20file.bin'",
        f"get-url -q {place.url}/ext/empty e",
        f"get-url -q {place.url}/ext/nothing",
        f"ls-url {place.url}/ext/a.csv",
        f"ls-url {place.url}/ext/nothing",
        "ls-url remote://r/ext/a.csv",
    ])


@pytest.mark.parametrize("kind", ["webdav", "webdav-apache"])
def test_webdav(both, remote, kind):
    place = remote(kind)
    fill(place)
    both(place, [
        "get-url -q remote://r/ext/a.csv",
        "get-url -q remote://r/ext all",
        "get-url -q remote://r/ext/nothing",
        "ls-url remote://r/ext",
        "ls-url -R remote://r/ext",
        "ls-url remote://r/ext/nothing",
    ])


def test_import_of_a_webdav_directory(both, remote):
    """A flat one: in the name that DVC makes of the ETags, names of sub-directories lose two characters."""
    place = remote("webdav")
    fill(place)
    place.remove("ext/sub/b")
    (place.server.data / place.path / "ext/sub").rmdir()
    files = both(place, [
        "import-url -q remote://r/ext",
        "status",
        "update -q ext.dvc",
        "import-url -q remote://r/ext/nothing",
    ])
    assert b".dir\n" in files["ext.dvc"]


@pytest.mark.parametrize("kind", ["s3", "ssh"])
def test_imports_of_objects_and_directories(both, remote, kind):
    """S3 names contents by ETags; over SSH the content is read and hashed."""
    place = remote(kind)
    fill(place)
    files = both(place, [
        "import-url -q remote://r/ext/a.csv",
        "import-url -q 'remote://r/ext/my file.bin' there",
        "import-url -q remote://r/ext/empty",
        "import-url -q remote://r/ext all",
        "status",
        "update -q a.csv.dvc all.dvc",
        "import-url -q remote://r/ext/nothing",
        "import-url --no-download -q remote://r/ext/a.csv later",
        "import-url --no-exec -q remote://r/ext/a.csv never",
        "import-url --to-remote -q remote://r/ext/sub/b sent",
    ])
    assert (b"etag: 5d41402abc4b2a76b9719d911017c592" in files["a.csv.dvc"]) == (kind == "s3")


@pytest.mark.parametrize("kind", ["s3", "ssh"])
def test_files_of_other_places(both, remote, kind):
    place = remote(kind)
    fill(place)
    sizes = ["ls-url --size remote://r/ext"] if kind == "s3" else []  # over SSH DVC has sizes of directories, too
    both(place, [
        *sizes,
        "get-url -q remote://r/ext/a.csv",
        "get-url -q remote://r/ext all",
        "get-url -q remote://r/ext/nothing",
        "ls-url remote://r/ext",
        "ls-url -R remote://r/ext",
        "ls-url remote://r/ext/a.csv",
        "ls-url remote://r/ext/nothing",
    ])


@pytest.mark.parametrize("kind", ["s3", "ssh"])
def test_dependencies_of_stages(both, remote, kind):
    place = remote(kind)
    fill(place)
    files = both(place, [
        "stage add -q -n one -d remote://r/ext/a.csv -o out 'echo 1 > out'",
        "repro -q",
        "status",
        "repro",
    ])
    assert b"remote://r/ext/a.csv" in files["dvc.lock"]
