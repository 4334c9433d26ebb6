"""Azure Blob Storage: azurite, which checks the key, and what happens when something is wrong."""

import base64
import datetime
import os
import time

import pytest
from azure.storage.blob import ContainerSasPermissions, generate_container_sas
from harness.servers.azure import ACCOUNT, KEY
from harness.servers.base import free_port
from harness.servers.faulty import Faulty, reset, status

ODD = ["with space", "ü/é", "plus+and&=%41~(!*')", "#hash?query", "a/b/c.txt", "semi;colon,comma", "quote\"<>&"]


@pytest.fixture
def box(repo):
    repo.write({"a": "1\n", "d/x": "2\n", "d/y": "", "d/with space ü": "3\n"})
    repo.check("cairn add -q a d")
    return repo


@pytest.fixture
def place(box, azure):
    place = azure.place()
    place.configure(box)
    return place


def failed(box, line, *words):
    begin = time.monotonic()
    done = box.sh("cairn " + line, timeout=60)
    assert done.status != 0, repr(done)
    for word in words:
        assert word in done.err, repr(done)
    assert KEY not in done.err and KEY[:20] not in done.err
    assert time.monotonic() - begin < 30
    return done


def forget(box):
    box.check("rm -rf .dvc/cache a d")


def settings(box, **options):
    for name, value in options.items():
        box.check(f"cairn remote modify --local -q r {name} '{value}'")


def by_account(box, place, **options):
    """The same place, without a connection string: options of the account at the address of azurite."""
    server = place.server.address
    place.options["connection_string"] = f"BlobEndpoint=http://{server}/{ACCOUNT};AccountName={ACCOUNT}"
    place.configure(box)
    settings(box, **options)


def sas(permissions="rwdlc", seconds=600):
    now = datetime.datetime.now(datetime.timezone.utc)
    return generate_container_sas(ACCOUNT, "cont", account_key=KEY, permission=ContainerSasPermissions.from_string(permissions),
                                  start=now - datetime.timedelta(hours=1), expiry=now + datetime.timedelta(seconds=seconds))


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
    blob = place.server.container.get_blob_client(f"{place.path}/files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1")
    properties = blob.get_blob_properties()
    assert properties.content_settings.content_type == "application/octet-stream"
    assert properties.content_settings.content_md5.hex() == "b026324c6904b2a9cb4b88d6d61c81d1"


def test_what_nobody_uses_is_removed(box, place):
    box.check("cairn push")
    box.write({"a": "other\n"})
    box.check("cairn add -q a && cairn push && cairn gc -q -f -w -c")
    assert len(place.keys()) == 5
    assert "in sync" in box.check("cairn status -c").out


def test_a_lost_object_is_pushed_again(box, place):
    box.check("cairn push")
    place.remove(next(k for k in place.keys() if k.endswith(".dir")))
    assert "new:" in box.check("cairn status -c").out
    box.check("cairn push")
    assert len(place.keys()) == 5


def test_a_large_file_goes_in_parts(box, azure):
    data = os.urandom(40_000_000)
    (box.repo / "big").write_bytes(data)
    box.check("cairn add -q big")
    with Faulty(azure.address) as proxy:
        place = azure.place(at=proxy.address)
        place.configure(box)
        box.check("cairn push -q")
        assert proxy.count("PUT", "comp=block&") == 3 and proxy.count("PUT", "comp=blocklist") == 1
        box.check("rm -rf .dvc/cache big && cairn pull -q big")
        assert len([r for r in proxy.requests if r.method == "GET" and r.header("Range")]) >= 3
    assert (box.repo / "big").read_bytes() == data


def test_blocks_of_an_interrupted_upload_do_not_matter(box, place):
    data = os.urandom(20_000_000)
    (box.repo / "big").write_bytes(data)
    box.check("cairn add -q big")
    md5 = box.read("big.dvc").split("md5: ")[1][:32]
    blob = place.server.container.get_blob_client(f"{place.path}/files/md5/{md5[:2]}/{md5[2:]}")
    # as DVC's library names them
    blob.stage_block(base64.b64encode(b"0" * 32).decode().replace("=", "%3D"), b"left over")
    box.check("cairn push")
    assert blob.download_blob().readall() == data


def test_faults_are_tried_again(box, azure):
    plan = [status(503, rate=0.3), reset(method="PUT", tries=1)]
    with Faulty(azure.address, seed=3, plan=plan) as proxy:
        azure.place(at=proxy.address).configure(box)
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
    assert "etag: '\"0x" in box.read("a.csv.dvc")
    place.write("ext/a.csv", b"second")
    box.check("cairn update -q a.csv.dvc")
    assert box.read("a.csv") == "second"


def test_to_remote(box, place):
    place.write("ext/a.csv", b"first")
    box.check("cairn import-url -q --to-remote remote://r/ext/a.csv")
    assert "files/md5/8b/04d5e3775d298e78455efc5ca404d5" in place.keys()


# ---- credentials


def test_a_key_of_the_account(box, place):
    by_account(box, place, account_key=KEY)
    box.check("cairn push")
    assert len(place.keys()) == 5


def test_a_shared_access_signature(box, place):
    by_account(box, place, sas_token="?" + sas())
    box.check("cairn push")
    forget(box)
    box.check("cairn pull")
    assert box.read("d/x") == "2\n"


def test_a_connection_string_of_the_environment(box, place):
    del place.options["connection_string"]
    place.configure(box)
    box.check("cairn remote remove r && cairn remote add -q -d r " + place.url)
    box.extra_env["AZURE_STORAGE_CONNECTION_STRING"] = place.server.connection()
    box.check("cairn push")
    assert len(place.keys()) == 5


def test_the_file_of_the_cli(box, azure):
    place = azure.place()
    box.check("cairn remote add -q -d r " + place.url)
    (box.root / ".home/.azure").mkdir()
    (box.root / ".home/.azure/config").write_text(f"[storage]\nconnection_string = {azure.connection()}\n")
    box.check("cairn push")
    assert len(place.keys()) == 5


# ---- what is wrong


def test_no_account(box, azure):
    box.check("cairn remote add -q -d r azure://cont/x")
    failed(box, "push", "requires either account_name or connection_string", "remote modify")


def test_a_malformed_connection_string(box, azure):
    box.check("cairn remote add -q -d r azure://cont/x && cairn remote modify r connection_string secret-nonsense")
    done = failed(box, "push", "Connection string is either blank or malformed.")
    assert "secret-nonsense" not in done.err


def test_no_credentials(box, azure):
    box.check("cairn remote add -q -d r azure://cont/x && cairn remote modify r account_name nobody")
    box.extra_env["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = f"http://127.0.0.1:{free_port()}"
    failed(box, "push", "no credentials for Azure Blob Storage", "EnvironmentCredential", "az login")


def test_a_wrong_key(box, place):
    wrong = base64.b64encode(b"x" * 64).decode()
    by_account(box, place, account_key=wrong)
    done = failed(box, "push", "the key does not fit to the account", "az storage account keys list")
    assert wrong not in done.err
    by_account(box, place, account_key="not base64!")
    failed(box, "push", "not in base64")


def test_an_expired_signature(box, place):
    token = sas(seconds=-60)
    by_account(box, place, sas_token=token)
    done = failed(box, "push", "the SAS token expired at 2", "remote modify --local")
    assert token.split("sig=")[1] not in done.err


def test_a_signature_that_may_only_read(box, place):
    by_account(box, place, sas_token=sas("rl"))
    failed(box, "push", "AuthorizationPermissionMismatch")


def test_an_unknown_container(box, azure):
    box.check(f"cairn remote add -q -d r azure://nocont/x && cairn remote modify r connection_string '{azure.connection()}'")
    failed(box, "push", "azure://nocont", "the container does not exist", "az storage container create")
    failed(box, "status -c", "the container does not exist")
    forget(box)
    failed(box, "fetch", "the container does not exist")


def test_missing_objects(box, place):
    forget(box)
    done = box.sh("cairn fetch")
    assert "do not exist" in done.err, repr(done)
    failed(box, "get-url remote://r/none out", "does not exist")


def test_a_server_that_is_down(box, place):
    text = place.server.connection(at=f"127.0.0.1:{free_port()}")
    place.options["connection_string"] = text
    place.configure(box)
    failed(box, "push", "onnection refused")


def test_no_secret_in_debug_lines(box, place):
    by_account(box, place, sas_token=sas())
    token = sas()
    settings(box, sas_token=token)
    done = box.check("cairn push -v")
    assert "PUT http://" in done.out and token.split("sig=")[1] not in done.out + done.err
