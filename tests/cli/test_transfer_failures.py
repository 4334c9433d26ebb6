"""What a push or a fetch says of files that fail: the path in the workspace, the remote and the reason. As `dvc` the words
are those of DVC."""

import hashlib

import pytest
from harness.servers.faulty import Faulty, status

DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


@pytest.fixture
def box(repo, s3):
    repo.write({"a b.txt": "one\n", "d/x/y": "two\n", "d/z": "three\n"})
    repo.check("cairn add -q 'a b.txt' d")
    repo.s3 = s3
    return repo


def refusing(box, *texts, method="PUT"):
    names = [hashlib.md5(t.encode()).hexdigest() for t in texts]
    return Faulty(box.s3.address, plan=[status(403, body=DENIED, method=method, path=f"{n[:2]}/{n[2:]}") for n in names])


def test_a_push_names_the_path_the_remote_and_the_reason(box):
    with refusing(box, "one\n", "two\n") as proxy:
        place = box.s3.place(at=proxy.address)
        place.configure(box)
        done = box.sh("cairn push")
        assert done.status == 1
        lines = [line for line in done.err.splitlines() if line.startswith("WARNING")]
        assert len(lines) == 2
        for path, text in (("a b.txt", "one\n"), ("d/x/y", "two\n")):
            name = hashlib.md5(text.encode()).hexdigest()
            assert (f"WARNING: unable to push '{path}': {place.url}/files/md5/{name[:2]}/{name[2:]}: "
                    "these credentials may not do that (PutObject: AccessDenied)") in lines
        assert done.err.splitlines()[-1] == "ERROR: failed to push data to the cloud - 2 files failed to upload"

        name = hashlib.md5(b"one\n").hexdigest()
        assert f"WARNING: failed to transfer '{name}' - An error occurred (AccessDenied)" in box.sh("dvc push").err.replace(
            "Access Denied: ", "")
    assert not [k for k in place.keys() if k.endswith(".dir")]


def test_a_fetch_names_the_path_the_remote_and_the_reason(box):
    box.s3.place().configure(box)
    box.check("cairn push -q")
    with refusing(box, "two\n", method="GET") as proxy:
        box.check(f"cairn remote modify r endpointurl http://{proxy.address} && rm -rf .dvc/cache d")
        done = box.sh("cairn fetch")
    assert done.status == 1
    assert "WARNING: unable to fetch 'd/x/y': s3://" in done.err and "(GetObject: AccessDenied)" in done.err


def test_an_object_of_another_commit_is_named_by_its_path_there(box):
    with refusing(box, "one\n") as proxy:
        box.s3.place(at=proxy.address).configure(box)
        box.check("git add -A && git commit -qm first && git rm -q 'a b.txt.dvc' && git commit -qm second")
        done = box.sh("cairn push -A")
    assert "WARNING: unable to push 'a b.txt': " in done.err


def test_a_directory_as_a_remote_is_named(box):
    box.check("mkdir -p ../store/files && touch ../store/files/md5 && cairn remote add -d r ../store")
    done = box.sh("cairn push")
    assert done.status != 0 and "store" in done.err
