"""add, import-url and update with --to-remote send data from where it is: nothing of it is stored on this machine on the way,
and nothing but objects is left in the remote."""

import hashlib
import os
import random
import re
import signal
import subprocess
import time

import pytest
from harness.servers.faulty import Faulty, latency, status

KINDS = ["s3", "ssh", "webdav", "http-post", "azure", "gs"]
MEGA = 1 << 20
BIG = random.Random(7).randbytes(40 * MEGA + 12345)
SMALL = {"a": b"1\n", "sub/b": b"2\n", "sub/same": b"1\n", "empty": b""}


def key(data, suffix=""):
    name = hashlib.md5(data).hexdigest() + suffix
    return f"files/md5/{name[:2]}/{name[2:]}"


def objects(place):
    return {k for k in place.keys() if k.startswith("files/")}


def spied(box, line, **options):
    """Run a command under strace: the paths of all files that it opened for writing below .dvc."""
    done = box.sh(f"strace -f -qq -e trace=openat,open,creat,rename,renameat,link,linkat -o ../trace cairn {line}", **options)
    text = (box.root / "trace").read_text(errors="replace")
    return done, [w for w in re.findall(r'"([^"]*)"[^"\n]*O_CREAT', text) if ".dvc/" in w]


def assert_nothing_stored(box):
    assert not (box.repo / ".dvc/tmp/to-remote").exists()
    stored = [p for folder in (".dvc/cache", ".dvc/tmp") for p in (box.repo / folder).rglob("*") if p.is_file()]
    assert not [p for p in stored if p.stat().st_size > MEGA], stored
    assert not [p for p in stored if "files/md5" in str(p)], stored


@pytest.fixture
def box(repo):
    """Data beside the repository."""
    for name, data in SMALL.items():
        path = repo.root / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (repo.root / "big").write_bytes(BIG)
    return repo


@pytest.fixture(params=KINDS)
def place(request, box, remote):
    place = remote(request.param)
    place.configure(box)
    return place


@pytest.fixture
def source(box, s3):
    """The same data in a bucket."""
    source = s3.place()
    for name, data in SMALL.items():
        source.write(f"data/{name}", data)
    source.write("big", BIG)
    default = re.search("remote = .*", box.read(".dvc/config"))
    source.configure(box, "src")
    if default:
        box.check("cairn remote default -q r")
    return source


def pulled(box, name, data):
    box.check("cairn pull -q")
    assert (box.repo / name).read_bytes() == data


def test_local_file(box, place):
    box.check("cairn add -q --to-remote ../big -o big")
    assert_nothing_stored(box)
    assert objects(place) == {key(BIG)}
    pulled(box, "big", BIG)


def test_local_directory(box, place):
    box.check("cairn import-url -q --to-remote ../data d")
    assert_nothing_stored(box)
    have = objects(place)
    assert have >= {key(d) for d in SMALL.values()} and len(have) == 4
    pulled(box, "d/sub/b", b"2\n")


def test_far_file(box, place, source):
    box.check("cairn import-url -q --to-remote remote://src/big")
    assert_nothing_stored(box)
    assert objects(place) == {key(BIG)}
    pulled(box, "big", BIG)


def test_far_directory(box, place, source):
    box.check("cairn add -q --to-remote remote://src/data -o d")
    assert_nothing_stored(box)
    have = objects(place)
    assert have >= {key(d) for d in SMALL.values()} and len(have) == 4
    pulled(box, "d/sub/b", b"2\n")


def test_update(box, place, source):
    box.check("cairn import-url -q --to-remote remote://src/big")
    source.write("big", BIG[:-1])
    box.check("cairn update -q --to-remote big.dvc")
    assert_nothing_stored(box)
    assert objects(place) == {key(BIG), key(BIG[:-1])}
    pulled(box, "big", BIG[:-1])


def test_far_to_a_directory(box, source):
    store = box.root / "store"
    box.check(f"cairn remote add -q -f -d r {store} && cairn import-url -q --to-remote remote://src/big")
    assert_nothing_stored(box)
    assert [str(p.relative_to(store)) for p in store.rglob("*") if p.is_file()] == [key(BIG)]


def test_nothing_is_written_on_the_way(box, source, s3):
    place = s3.place()
    place.configure(box)
    for line in ("add -q --to-remote ../big -o one", "import-url -q --to-remote remote://src/big two"):
        done, written = spied(box, line)
        assert done.status == 0, repr(done)
        assert not [w for w in written if "to-remote" in w or "/cache/" in w], written


def test_what_is_there_is_not_sent_again(box, source, s3):
    with Faulty(s3.address) as proxy:
        place = s3.place(at=proxy.address)
        place.configure(box)
        box.check("cairn import-url -q --to-remote remote://src/data d")
        before = proxy.count("PUT")
        assert before in (4, 5)  # two files have the same content, and may be on their way at the same time
        box.check("cairn import-url -q --to-remote remote://src/data e && cairn add -q --to-remote ../data -o f")
        assert proxy.count("PUT") == before


@pytest.mark.parametrize("line", ["add -q --to-remote ../big -o big", "import-url -q --to-remote remote://src/big"])
@pytest.mark.parametrize("where", ["partNumber=2", r"\?uploadId="])
def test_failure_leaves_nothing(box, source, s3, line, where):
    with Faulty(s3.address, plan=[status(403, method="PUT|POST", path=where)]) as proxy:
        place = s3.place(at=proxy.address)
        place.configure(box)
        assert box.sh("cairn " + line).status != 0
        assert not objects(place)
    assert not (box.repo / "big.dvc").exists()
    assert_nothing_stored(box)


def test_failed_copy_leaves_no_temporary(box, source, s3):
    with Faulty(s3.address, plan=[status(403, method="PUT", path="files/md5/[0-9a-f]{2}/")]) as proxy:
        place = s3.place(at=proxy.address)
        place.configure(box)
        assert box.sh("cairn import-url -q --to-remote remote://src/big").status != 0
        assert proxy.made["status"] and not objects(place)


def test_lost_answers(box, source, s3):
    with Faulty(s3.address, plan=[status(503, method="PUT|POST|DELETE", tries=1)]) as proxy:
        place = s3.place(at=proxy.address)
        place.configure(box)
        box.check("cairn import-url -q --to-remote remote://src/big")
        assert objects(place) == {key(BIG)}


@pytest.mark.parametrize("kind", ["s3", "azure", "webdav"])
def test_interrupt_leaves_nothing(request, box, source, kind):
    server = request.getfixturevalue(kind)
    with Faulty(server.address, plan=[latency(0.3)]) as proxy:
        place = server.place(at=proxy.address)
        place.configure(box)
        child = subprocess.Popen([str(box.tool), "import-url", "--to-remote", "remote://src/big"], cwd=box.repo, env=box.env,
                                 stderr=subprocess.PIPE)
        for _ in range(500):
            if proxy.count("PUT"):
                break
            time.sleep(0.02)
        time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=20)
        assert child.returncode != 0
        assert not objects(place)
    assert not (box.repo / "big.dvc").exists()
    assert_nothing_stored(box)


def test_source_that_changes(box, source, s3):
    """Between the first question and the last."""
    with Faulty(s3.address, plan=[latency(1)]) as proxy:
        place = s3.place()
        place.configure(box)
        source.options["endpointurl"] = f"http://{proxy.address}"
        source.configure(box, "src")
        box.check("cairn remote default -q r")
        child = subprocess.Popen([str(box.tool), "import-url", "--to-remote", "remote://src/big"], cwd=box.repo, env=box.env,
                                 stderr=subprocess.PIPE, text=True)
        for _ in range(500):
            if proxy.count("GET"):
                break
            time.sleep(0.02)
        source.write("big", BIG[::-1])
        err = child.communicate(timeout=60)[1]
        assert child.returncode != 0 and "changed while it was read" in err
        assert not objects(place)


def test_gc_takes_old_temporaries(box, sshd):
    place = sshd.place()
    place.configure(box)
    box.check("cairn add -q --to-remote ../big -o big")
    old, new = (f"files/md5/.{letter * 22}.tmp" for letter in "AB")
    for name in (old, new):
        place.write(name, b"x")
    (path,) = list(sshd.data.rglob("." + "A" * 22 + ".tmp"))
    os.utime(path, (time.time() - 2 * 86400,) * 2)
    box.check("cairn gc -q -w -c -f")
    assert objects(place) == {key(BIG), new}


def test_memory(box, source, s3):
    """300 MiB need no more than 100."""
    place = s3.place()
    place.configure(box)
    with open(box.root / "huge", "wb") as f:
        for i in range(300):
            f.write(i.to_bytes(4, "big") * (MEGA // 4))
    source.write("huge", (box.root / "huge").read_bytes())
    for line in ("add -q --to-remote ../huge -o one", "import-url -q --to-remote remote://src/huge two"):
        done = box.check(f"/usr/bin/time -f %M -o ../rss cairn {line}")
        assert done.status == 0
        peak = int((box.root / "rss").read_text())
        print(line, peak, "KiB")
        assert peak < 100 * 1024
