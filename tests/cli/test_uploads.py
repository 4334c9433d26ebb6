"""Uploads in parts that a kill or an interrupt ends: the next push goes on with them, and gc takes back stale ones."""

import os
import re
import signal
import subprocess
import time

import pytest
from harness.servers.faulty import Faulty, latency

PART = 16 << 20
PARTS = 6
# A part that is sent, in the target of a request; what begins an upload, none for Azure, where nothing does
KINDS = {"s3": ("partNumber=", r"\?uploads="), "s3-strict": ("partNumber=", r"\?uploads="),
         "azure": ("comp=block&", None), "gs": ("upload_id=", "uploadType=resumable")}


@pytest.fixture(params=KINDS)
def slow(request, repo):
    """A file of several parts, and a server that takes a moment for each answer."""
    server = request.getfixturevalue(request.param.replace("-", "_"))
    repo.part, repo.begin = KINDS[request.param]
    (repo.repo / "big").write_bytes(os.urandom(PARTS * PART - 1000))
    repo.check("cairn add -q big")
    with Faulty(server.address, plan=[latency(0.15)]) as proxy:
        repo.place = server.place(at=proxy.address)
        repo.place.configure(repo)
        repo.proxy = proxy
        yield repo


def parts_sent(box):
    """Of the requests that send a part, those that the server has answered."""
    return sum(1 for r in box.proxy.requests if r.method == "PUT" and re.search(box.part, r.target) and getattr(r, "status", 0))


def broken_off(box, number, parts=3, target="big"):
    child = subprocess.Popen([str(box.tool), "push", "-j", "1", target], cwd=box.repo, env=box.env, stderr=subprocess.PIPE,
                             text=True)
    for _ in range(1500):
        if parts_sent(box) >= parts:
            break
        assert child.poll() is None, child.stderr.read()
        time.sleep(0.02)
    time.sleep(0.1)
    child.send_signal(number)
    return child, child.communicate(timeout=20)[1]


def fresh(box):
    box.check("rm -rf .dvc/cache big && cairn pull -q big")
    return (box.repo / "big").stat().st_size


def uploads_of(box):
    return [p for p in (box.repo / ".dvc/tmp/uploads").glob("*/*")]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill", "interrupt"])
def test_the_next_push_goes_on(slow, number):
    child, error = broken_off(slow, number)
    assert child.returncode == (252 if number == signal.SIGINT else -signal.SIGKILL)
    if number == signal.SIGINT:
        assert error == "ERROR: interrupted by the user; the next push goes on with what was sent\n"
    assert len(uploads_of(slow)) == 1 and uploads_of(slow)[0].stat().st_mode & 0o777 == 0o600
    before = parts_sent(slow)
    assert before < PARTS
    slow.check("cairn push -q")
    assert parts_sent(slow) - before <= PARTS - before + 1
    if slow.begin:
        assert slow.proxy.count("POST", slow.begin) == 1
    assert uploads_of(slow) == []
    assert [size for size, _ in slow.place.keys().values()] == [PARTS * PART - 1000]
    assert fresh(slow) == PARTS * PART - 1000


def test_parts_that_are_gone_are_sent_again(slow, request):
    if not slow.begin or "upload_id" in slow.part:
        pytest.skip("uploads of this place are not aborted by others")
    broken_off(slow, signal.SIGKILL)
    boto = slow.place.server.boto
    for upload in boto.list_multipart_uploads(Bucket="bkt").get("Uploads", []):
        boto.abort_multipart_upload(Bucket="bkt", Key=upload["Key"], UploadId=upload["UploadId"])
    slow.check("cairn push -q")
    assert len(slow.place.keys()) == 1 and fresh(slow) == PARTS * PART - 1000


def test_what_is_remembered_is_not_believed(slow):
    """A memory that lies about the session or the parts costs time and nothing else."""
    broken_off(slow, signal.SIGKILL)
    path, = uploads_of(slow)
    lines = path.read_text().split("\n")
    lines[2] = "http://127.0.0.1:9/upload/storage/v1/evil" if "upload_id" in slow.part else "0" * 32
    path.write_text("\n".join(lines))
    slow.check("cairn push -q")
    assert len(slow.place.keys()) == 1 and fresh(slow) == PARTS * PART - 1000


def age(path, days):
    words, rest = path.read_text().split("\n", 1)
    words = words.split(" ")
    words[2] = str(int(words[2]) - days * 24 * 3600)
    path.write_text(" ".join(words) + "\n" + rest)


def test_gc_aborts_what_is_stale(slow):
    broken_off(slow, signal.SIGKILL)
    slow.check("cairn gc -f -q -w -c")
    path, = uploads_of(slow)
    age(path, 6)
    slow.check("cairn gc -f -q -w -c")
    assert len(uploads_of(slow)) == 1
    age(path, 2)
    assert "Aborted" not in slow.check("cairn gc -f -w -c --dry").out
    done = slow.check("cairn gc -f -w -c")
    if "upload_id" not in slow.part:  # the emulator of Google has no request for it
        assert "Aborted 1 upload that had not ended for a week.\n" in done.out and uploads_of(slow) == []
    if slow.part == "partNumber=":
        prefix = slow.place.path.partition("/")[2] + "/"
        assert "Uploads" not in slow.place.server.boto.list_multipart_uploads(Bucket="bkt", Prefix=prefix)
    slow.check("cairn push -q")
    assert fresh(slow) == PARTS * PART - 1000


def test_gc_aborts_stale_uploads_of_other_clones(repo, s3):
    """Those that S3 lists below the remote's objects, and no others. moto began all of them in 2010."""
    place = s3.place()
    place.configure(repo)
    repo.write({"a": "1\n"})
    repo.check("cairn add -q a && cairn push -q")
    root, name = place.path.partition("/")[2], f"files/md5/ab/{'c' * 30}"
    ours, others = f"{root}/{name}", {f"{root}/files/md5/other", f"{root}x/{name}", name}
    ids = {key: s3.boto.create_multipart_upload(Bucket="bkt", Key=key)["UploadId"] for key in {ours, *others}}
    assert "Aborted" not in repo.check("cairn gc -f -w -c --dry").out
    assert "Aborted 1 upload that had not ended for a week.\n" in repo.check("cairn gc -f -w -c").out
    left = {u["Key"] for u in s3.boto.list_multipart_uploads(Bucket="bkt")["Uploads"]}
    assert others <= left and ours not in left
    for key in others:
        s3.boto.abort_multipart_upload(Bucket="bkt", Key=key, UploadId=ids[key])
