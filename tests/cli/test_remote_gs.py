"""Google Cloud Storage: its emulator, alone and behind a front that asks for tokens, and what happens when something is
wrong."""

import json
import os
import time

import pytest
from harness.servers.base import free_port
from harness.servers.faulty import Faulty, reset, status
from harness.servers.gs import StrictGs

ODD = ["with space", "ü/é", "plus+and&=%41~(!*')", "hash#mark", "a/b/c.txt", "semi;colon,comma", "quote\"<>&"]


@pytest.fixture
def box(repo):
    repo.write({"a": "1\n", "d/x": "2\n", "d/y": "", "d/with space ü": "3\n"})
    repo.check("cairn add -q a d")
    return repo


@pytest.fixture
def place(box, gs):
    place = gs.place()
    place.configure(box)
    return place


@pytest.fixture
def strict(box, gs_strict):
    place = gs_strict.place()
    place.configure(box)
    return place


def failed(box, line, *words):
    begin = time.monotonic()
    done = box.sh("cairn " + line, timeout=60)
    assert done.status != 0, repr(done)
    for word in words:
        assert word in done.err, repr(done)
    assert "PRIVATE KEY" not in done.err and "1//refresh" not in done.err and "ya29." not in done.err
    assert time.monotonic() - begin < 30
    return done


def forget(box):
    box.check("rm -rf .dvc/cache a d")


# ---- what works


def test_there_and_back(box, place):
    assert box.check("cairn status -c").out.count("new:") == 5
    box.check("cairn push")
    assert len(place.keys()) == 5
    assert box.check("cairn push").out == "Everything is up to date.\n"
    assert "in sync" in box.check("cairn status -c").out
    forget(box)
    box.check("cairn pull")
    assert (box.read("a"), box.read("d/x"), box.read("d/y"), box.read("d/with space ü")) == ("1\n", "2\n", "", "3\n")


def test_stored_as_dvc_stores_it(box, place):
    box.check("cairn push")
    for key, kind in (("b0/26324c6904b2a9cb4b88d6d61c81d1", "application/octet-stream"), (None, "application/x-director")):
        key = key or next(k[10:] for k in place.keys() if k.endswith(".dir"))
        assert json.loads(place.server.call("GET", place.server.object(place.path, "files/md5/" + key)))["contentType"] == kind


def test_what_nobody_uses_is_removed(box, place):
    box.check("cairn push")
    box.write({"a": "other\n"})
    box.check("cairn add -q a && cairn push && cairn gc -q -f -w -c")
    assert len(place.keys()) == 5
    assert "in sync" in box.check("cairn status -c").out


def test_a_large_file_goes_in_chunks(box, gs):
    data = os.urandom(40_000_000)
    (box.repo / "big").write_bytes(data)
    box.check("cairn add -q big")
    with Faulty(gs.address) as proxy:
        place = gs.place(at=proxy.address)
        place.configure(box)
        box.check("cairn push -q")
        assert proxy.count("POST", "uploadType=resumable") == 1 and proxy.count("PUT", "upload_id=") == 3
        box.check("rm -rf .dvc/cache big && cairn pull -q big")
        assert len([r for r in proxy.requests if r.method == "GET" and r.header("Range")]) >= 3
    assert (box.repo / "big").read_bytes() == data


def test_a_broken_chunk_goes_on_where_it_broke(box, gs_strict):
    data = os.urandom(40_000_000)
    (box.repo / "big").write_bytes(data)
    box.check("cairn add -q big")
    with Faulty(gs_strict.address, seed=5, plan=[reset(method="PUT", where="request", after=3_000_000, times=2)]) as proxy:
        place = gs_strict.place(at=proxy.address)
        place.configure(box)
        box.check("cairn push -q big")
        assert proxy.made["reset"] == 2
        assert proxy.count("POST", "uploadType=resumable") == 1
    assert place.keys().popitem()[1][0] == 40_000_000


def test_faults_are_tried_again(box, gs):
    plan = [status(503, rate=0.3), reset(method="POST", tries=1)]
    with Faulty(gs.address, seed=3, plan=plan) as proxy:
        gs.place(at=proxy.address).configure(box)
        box.check("cairn push")
        assert proxy.made["reset"] and proxy.made["status"]
        forget(box)
        box.check("cairn pull")
    assert box.read("d/x") == "2\n"


def test_odd_names(box, place):
    for name in ODD:
        place.write(f"ext/{name}", name.encode())
    assert sorted(box.check("cairn list-url -R remote://r/ext").out.splitlines()) == sorted(ODD)
    box.check("cairn get-url -q remote://r/ext out")
    for name in ODD:
        assert (box.repo / "out" / name).read_text() == name
    place.write("ext/one/two", b"x")
    assert "one" in box.check("cairn list-url remote://r/ext").out.splitlines()


def test_import_and_update(box, place):
    place.write("ext/a.csv", b"first")
    box.check("cairn import-url -q remote://r/ext/a.csv")
    # the emulator's etag is the MD5 in base64
    assert "etag: 8b04d5e3775d298e78455efc5ca404d5" in box.read("a.csv.dvc")
    assert "version_id: '" in box.read("a.csv.dvc")
    place.write("ext/a.csv", b"second")
    box.check("cairn update -q a.csv.dvc")
    assert box.read("a.csv") == "second"


def test_to_remote(box, place):
    place.write("ext/a.csv", b"first")
    box.check("cairn import-url -q --to-remote remote://r/ext/a.csv")
    assert "files/md5/8b/04d5e3775d298e78455efc5ca404d5" in place.keys()


# ---- credentials


def test_a_service_account(box, strict):
    box.check("cairn push")
    assert len(strict.keys()) == 5
    forget(box)
    box.check("cairn pull")
    assert box.read("d/x") == "2\n"


@pytest.mark.parametrize("variable", [True, False])
def test_the_login_of_gcloud(box, strict, variable):
    strict.options.pop("credentialpath")
    box.check("cairn remote modify -u r credentialpath")
    text = strict.server.user.read_text()
    if variable:
        box.extra_env["GOOGLE_APPLICATION_CREDENTIALS"] = str(strict.server.user)
    else:
        (box.root / ".home/.config/gcloud").mkdir(parents=True)
        (box.root / ".home/.config/gcloud/application_default_credentials.json").write_text(text)
    box.check("cairn push")
    assert len(strict.keys()) == 5


def test_tokens_that_end_in_the_middle(box):
    with StrictGs(life=25) as server:
        place = server.place()
        place.configure(box)
        box.write({f"many/{i}": f"{i}\n" for i in range(40)})
        box.check("cairn add -q many && cairn push")
        assert len(place.keys()) == 43  # three are the same


# ---- what is wrong


def test_no_credentials(box, strict):
    box.check("cairn remote modify -u r credentialpath")
    failed(box, "push", "there are no credentials for Google Cloud Storage", "gcloud auth application-default login")


def test_a_file_that_is_missing(box, strict):
    box.check("cairn remote modify r credentialpath nowhere.json")
    failed(box, "push", "credentialpath '", "does not exist")
    box.check("cairn remote modify -u r credentialpath")
    box.extra_env["GOOGLE_APPLICATION_CREDENTIALS"] = "/nonexistent/x.json"
    failed(box, "push", "GOOGLE_APPLICATION_CREDENTIALS '/nonexistent/x.json' does not exist")


def test_files_that_are_something_else(box, strict):
    box.write({"key.json": "{", "other.json": '{"type": "external_account"}', "half.json": '{"type": "service_account"}'})
    for name, words in (("key", "is not JSON"), ("other", "'external_account', which is not supported"), ("half", "client_email")):
        box.check(f"cairn remote modify r credentialpath {name}.json")
        failed(box, "push", words)


def test_a_key_that_was_revoked(box, strict):
    account = json.loads(strict.server.account.read_text())
    box.write({"key.json": json.dumps({**account, "client_email": "gone@project.iam.gserviceaccount.com"})})
    box.check("cairn remote modify r credentialpath key.json")
    failed(box, "push", "invalid_grant", "Does the key of 'gone@project.iam.gserviceaccount.com' still exist")
    box.write({"key.json": json.dumps({**account, "private_key": "not a key"})})
    failed(box, "push", "the key of 'tests@project.iam.gserviceaccount.com'")


def test_a_bucket_that_is_not_public(box, strict):
    box.check("cairn remote modify r allow_anonymous_login true")
    failed(box, "push", "Invalid Credentials", "The bucket is not public")


def test_an_unknown_bucket(box, place):
    box.check("cairn remote modify r url gs://nobkt/x")
    for command in ("push", "status -c"):
        failed(box, command, "gs://nobkt", "the bucket does not exist", "gcloud storage buckets create")
    forget(box)
    failed(box, "fetch", "the bucket does not exist")


def test_missing_objects(box, place):
    forget(box)
    done = box.sh("cairn fetch")
    assert "do not exist" in done.err, repr(done)
    failed(box, "get-url remote://r/none out", "does not exist")


def test_a_server_that_is_down(box, place):
    box.check(f"cairn remote modify r endpointurl http://127.0.0.1:{free_port()}")
    failed(box, "push", "onnection refused")


def test_a_token_is_not_sent_where_others_can_read_it(box, strict):
    box.check("cairn remote modify r endpointurl http://example.com")
    failed(box, "push", "neither this machine nor asked by https", "allow_anonymous_login")


def test_no_secret_in_debug_lines(box, strict):
    done = box.check("cairn push -v")
    assert "POST http://" in done.out and "ya29." not in done.out + done.err and "assertion" not in done.out + done.err
