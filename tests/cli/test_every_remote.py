"""The same questions to a remote on every kind of server: what every driver must do.

The number of objects is small enough for each run of the tests; CAIRN_MANY=10000 asks with more."""

import hashlib
import os
import subprocess

import pytest
from harness.servers.fixtures import KINDS

WEB = ("http", "http-basic", "http-post", "https")  # they have neither listings nor removal
MANY = int(os.environ.get("CAIRN_MANY", "1200"))  # more than a page of a listing
BIG_BYTES = 64 * 1024 * 1024 + 1
ODD_NAMES = ["with space", "per%20cent", "a+b", "ha#sh", "semi;colon", "quo'te", "ünï-✓", "a&b=c", "tilde~", "x" * 200, "dot.", ".hidden"]

every = pytest.mark.parametrize("kind", KINDS)
# of a server with TLS before it, or with a strict front, the listing is that of the server
plain = pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("s3-strict", "s3-tls", "https", "webdavs", "gs-strict")])
no_web = pytest.mark.parametrize("kind", [k for k in KINDS if k not in WEB])


@pytest.fixture
def box(repo, remote, kind):
    repo.place = remote(kind)
    return repo.place.configure(repo)


def there_and_back(box, names):
    """Push, lose everything here, pull."""
    box.check("cairn push -q")
    box.check(f"rm -rf .dvc/cache {names} && cairn pull -q")


@every
def test_small_files(box):
    """None, one and a few bytes, and two files with one content."""
    files = {"d/empty": "", "d/one": "1", "d/few": "few\n", "d/again": "few\n"}
    box.write(files)
    box.check("cairn add -q d")
    there_and_back(box, "d")
    assert {name: box.read(name) for name in files} == files
    assert box.check("cairn push").out == "Everything is up to date.\n"


@every
def test_a_big_file(box):
    """In parts, where the protocol has such: both ways, and a range of it."""
    with open(box.repo / "big", "wb") as f:
        for i in range(65):
            f.write(i.to_bytes(4, "big") * (256 * 1024) if i < 64 else b"!")
    digest = hashlib.md5((box.repo / "big").read_bytes()).hexdigest()
    assert (box.repo / "big").stat().st_size == BIG_BYTES
    box.check("cairn add -q big")
    there_and_back(box, "big")
    assert hashlib.md5((box.repo / "big").read_bytes()).hexdigest() == digest
    box.check("rm -rf .dvc/cache big")
    assert box.check(f"cairn cat --range {BIG_BYTES - 2}-{BIG_BYTES - 1} big").out == "?!"
    assert list(box.place.keys().values()) == [(BIG_BYTES, digest)]


@every
def test_what_is_missing(box):
    box.write({"a": "a\n"})
    box.check("cairn add -q a && rm -rf .dvc/cache a")
    done = box.sh("cairn fetch")
    assert "60b725f10c9c85c70d97880dfe8191b3" in done.err
    assert box.sh("cairn cat a").status != 0
    assert "new" not in box.check("cairn status -c").out


@plain
def test_many_objects(box):
    """More than one page of a listing; and a second push asks next to nothing."""
    box.write({f"d/{i}": f"{i}\n" for i in range(MANY)})
    box.check("cairn add -q d")
    assert box.check("cairn push").out == f"{MANY + 1} files pushed\n"
    box.check("rm -rf .dvc/cache d .site")
    assert f"{MANY + 1} files fetched" in box.check("cairn pull").out
    assert box.read(f"d/{MANY - 1}") == f"{MANY - 1}\n"
    assert box.check("cairn push --verify").out == "Everything is up to date.\n"


@no_web
def test_removal(box):
    box.write({f"d/{i}": f"{i}\n" for i in range(30)})
    box.check("cairn add -q d && cairn push -q")
    box.check("rm d/* && echo kept > d/kept && cairn add -q d && cairn push -q && cairn gc -q -w -c -f")
    kept = {hashlib.md5(b"kept\n").hexdigest()}
    assert {md5 for key, (_, md5) in box.place.keys().items() if not key.endswith(".dir")} == kept


@no_web
def test_odd_names(box, kind):
    """Files with other names than those of objects, through a listing, and each by itself."""
    for name in ODD_NAMES:
        box.place.write(f"odd/{name}", name.encode())
    box.check("cairn get-url -q remote://r/odd out")
    assert {p.name: p.read_text() for p in (box.repo / "out").iterdir()} == {n: n for n in ODD_NAMES}
    assert sorted(box.check("cairn list-url remote://r/odd").out.splitlines()) == sorted(ODD_NAMES)


@every
def test_writers_of_one_object(box, new_sandbox):
    """Two clones push the same data at the same time."""
    box.write({f"d/{i}": f"{i % 5}" * 200_000 for i in range(20)})
    box.check("cairn add -q d && cp -r ../repo ../other")
    command = ["sh", "-c", "cairn push -q & cd ../other && cairn push -q; a=$?; wait $! && exit $a"]
    done = subprocess.run(command, cwd=box.repo, env=box.env, timeout=120, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(md5 == key[10:].replace("/", "").removesuffix(".dir") for key, (_, md5) in box.place.keys().items())
    assert len(box.place.keys()) == 6
