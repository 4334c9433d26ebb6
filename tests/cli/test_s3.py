"""S3: where the keys and the region come from, and what is said when something is wrong.

The server (harness/servers/strict_front.py) checks signatures, keys and the region as AWS does.
"""

import pytest
from harness.servers.faulty import Faulty, flip, reset, stall, status, truncate, wrong_length
from harness.servers.s3 import KEY_ID, SECRET

NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true"}
KEYS = ("access_key_id", "secret_access_key")
HINT_KEYS = """Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, or keep keys with the remote:
    cairn remote modify --local <remote name> access_key_id <key>
    cairn remote modify --local <remote name> secret_access_key <key>
"""


@pytest.fixture
def box(repo, s3_strict):
    """Tracked data, and a remote without keys and without a region."""
    repo.write({"a": "1\n", "d/x": "2\n"})
    repo.check("cairn add -q a d")
    repo.place = s3_strict.place()
    for key in (*KEYS, "region"):
        del repo.place.options[key]
    repo.extra_env.update(NO_METADATA)
    return repo


def pushed(box, **options):
    box.place.configure(box, **options)
    done = box.sh("cairn push")
    assert (done.status, done.err) == (0, ""), repr(done)
    assert len(box.place.keys()) == 3  # a, d/x, the listing of d


def refused(box, message, hint="", status=255, **options):
    box.place.configure(box, **options)
    done = box.sh("cairn push")
    assert (done.status, done.out) == (status, ""), repr(done)
    before = "failed to push data to the cloud - " if status == 1 else ""
    assert done.err == f"ERROR: {before}{message}\n{hint}", repr(done)
    assert SECRET not in done.err


def shared_file(box, name, text):
    path = box.root / name
    path.write_text(text)
    return str(path)


def test_keys_of_the_remote(box):
    pushed(box, access_key_id=KEY_ID, secret_access_key=SECRET)


def test_keys_of_the_environment(box):
    box.extra_env.update(AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET)
    pushed(box)


def test_the_profile_of_the_remote_beats_keys_of_the_environment(box):
    box.extra_env.update(AWS_ACCESS_KEY_ID="wrong", AWS_SECRET_ACCESS_KEY="wrong")
    path = shared_file(box, "keys", f"[work]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n")
    pushed(box, profile="work", credentialpath=path)


def test_keys_of_a_program(box):
    answer = shared_file(box, "answer", f'{{"Version": 1, "AccessKeyId": "{KEY_ID}", "SecretAccessKey": "{SECRET}"}}')
    path = shared_file(box, "config", f"[profile tool]\ncredential_process = cat {answer}\n")
    pushed(box, profile="tool", configpath=path)


def test_the_region_is_found_out_and_used_from_then_on(box):
    """us-east-1 is tried first; the answer names the right one, and no file is sent to the wrong one."""
    box.place.configure(box, access_key_id=KEY_ID, secret_access_key=SECRET)
    done = box.sh("cairn push -v")
    assert done.status == 0, repr(done)
    puts = [line for line in done.out.splitlines() if " PUT " in line]
    assert len(puts) == 3 and all(": 200, " in line for line in puts), repr(done)


def test_no_keys(box):
    refused(box, "there are no credentials for S3", HINT_KEYS)


@pytest.mark.parametrize("keys, message, hint", [
    ((KEY_ID, "wrong"), "the secret key does not fit to the access key", "Is 'secret_access_key' complete?\n"),
    (("wrong", SECRET), "the access key is not known there", "Do the access key and the endpoint belong together?\n"),
    ((KEY_ID, None), "only one key of a pair is set: aws_secret_access_key is missing (explicit)", ""),
], ids=["secret", "id", "half"])
def test_wrong_keys(box, keys, message, hint):
    options = {name: value for name, value in zip(KEYS, keys) if value}
    box.place.configure(box, **options)
    done = box.sh("cairn push")
    assert (done.status, done.out) == (255, ""), repr(done)
    assert message in done.err and done.err.endswith("\n" + hint), repr(done)


def test_an_unknown_bucket(box):
    box.place.url = "s3://nosuch/x"
    refused(box, "s3://nosuch: the bucket does not exist (ListObjectsV2: NoSuchBucket)",
            "Is its name right, and does it belong to this endpoint?\n", access_key_id=KEY_ID, secret_access_key=SECRET)


def test_an_unknown_profile(box):
    refused(box, "profile 'nosuch' is neither in the configuration nor in the credentials file of AWS", profile="nosuch")


def test_options_that_exclude_each_other(box):
    box.place.configure(box, acl="private", grant_read="id=1")
    done = box.sh("cairn push")
    assert "`acl` and `grant_*` AWS S3 config options are mutually exclusive" in done.err, repr(done)


def test_nobody_listens(box):
    refused(box, "connection to 'http://127.0.0.1:1' failed: Connection refused", endpointurl="http://127.0.0.1:1",
            access_key_id="x", secret_access_key="y")


def test_no_tls_where_it_is_expected(box, s3_strict):
    address = f"https://{s3_strict.address}"
    refused(box, f"'{address}' does not speak TLS: is it http://?", endpointurl=address, access_key_id="x", secret_access_key="y")


def test_called_dvc_its_words_are_used(box):
    box.place.configure(box)
    done = box.dvc("push")
    assert "Unable to locate credentials\n" in done.err, repr(done)


# What a push and a pull overcome: the fault, and how it shows to the client.
PUSH_FAULTS = {
    "reset": reset(method="PUT", tries=1),
    "reset-before": reset(method="PUT", where="request", tries=1),
    "busy": status(503, retry_after=0, method="PUT", tries=2),
    "error": status(500, tries=1),
    "flipped": flip(where="request", method="PUT", tries=1),
    "stalled": stall(method="PUT", times=1),
}
PULL_FAULTS = {
    "reset": reset(after=3, method="GET", tries=1),
    "truncated": truncate(method="GET", tries=1),
    "too-long": wrong_length(5, method="GET", tries=1),
    "flipped": flip(method="GET", path=r"/files/md5/../\w{30}$", tries=1),
    "busy": status(503, retry_after=0, tries=2),
    "stalled": stall(after=3, method="GET", path="/files/md5/", times=1),
}


def with_faults(box, s3_strict, proxy):
    """The same remote through the proxy. The signature covers the host, so this is another remote for the client."""
    box.place = s3_strict.place(at=proxy.address)
    box.place.configure(box, read_timeout=1)
    return proxy


@pytest.mark.parametrize("name", PUSH_FAULTS)
def test_a_push_overcomes(box, s3_strict, name):
    with Faulty(s3_strict.address, plan=[PUSH_FAULTS[name]]) as proxy:
        with_faults(box, s3_strict, proxy)
        done = box.sh("cairn push")
        assert (done.status, done.out) == (0, "3 files pushed\n"), repr(done)
        assert proxy.made and not proxy.sightings(SECRET)
    assert {md5 for _, md5 in box.place.keys().values()} == {key[10:].replace("/", "").removesuffix(".dir") for key in box.place.keys()}


@pytest.mark.parametrize("setting, signed", [("", True), ("payload_signing_enabled = true", True), ("payload_signing_enabled = false", False)])
def test_bodies_are_signed_without_tls(box, s3_strict, setting, signed):
    """Also those of parts; only a setting of AWS's own configuration leaves it out."""
    box.check("head -c 40000000 /dev/urandom > big && cairn add -q big")
    with Faulty(s3_strict.address) as proxy:
        with_faults(box, s3_strict, proxy)
        box.place.configure(box, configpath=shared_file(box, "aws", f"[default]\ns3 =\n  {setting}\n"))
        box.check("cairn push -q")
        sent = {r.header("x-amz-content-sha256") for r in proxy.requests if r.method == "PUT"}
        box.check("rm -rf .dvc/cache && cairn fetch -q")
    assert sent == {"UNSIGNED-PAYLOAD"} if not signed else len(sent) == 6 and "UNSIGNED-PAYLOAD" not in sent


@pytest.mark.parametrize("setting, parts", [("", 3), ("multipart_chunksize = 8MB", 5), ("multipart_threshold = 100MiB", 0),
                                            ("multipart_chunksize = many", 3)])
def test_settings_of_transfers(box, s3_strict, setting, parts):
    box.check("head -c 40000000 /dev/urandom > big && cairn add -q big")
    with Faulty(s3_strict.address) as proxy:
        with_faults(box, s3_strict, proxy)
        box.place.configure(box, configpath=shared_file(box, "aws", f"[default]\ns3 =\n  {setting}\n"))
        box.check("cairn push -q")
        assert proxy.count("PUT", "partNumber") == parts


@pytest.mark.parametrize("name", PULL_FAULTS)
def test_a_pull_overcomes(box, s3_strict, name):
    with Faulty(s3_strict.address) as proxy:
        with_faults(box, s3_strict, proxy)
        box.check("cairn push && rm -rf .dvc/cache a d")
        proxy.plan[:] = [PULL_FAULTS[name]]
        done = box.sh("cairn pull")
        assert done.status == 0, repr(done)
        assert proxy.made and not proxy.sightings(SECRET)
    assert (box.read("a"), box.read("d/x")) == ("1\n", "2\n")


def test_a_range_overcomes_faults(box, s3_strict):
    with Faulty(s3_strict.address) as proxy:
        with_faults(box, s3_strict, proxy)
        box.write({"long": "0123456789" * 1000})
        box.check("cairn add -q long && cairn push && rm -rf .dvc/cache long")
        proxy.plan[:] = [status(503, retry_after=0, method="GET", times=1), reset(after=100, method="GET", times=2)]
        assert box.check("cairn cat --range 5-999 long").out == ("0123456789" * 1000)[5:1000]
        assert proxy.made == {"status": 1, "reset": 2}


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates_named_by_the_environment(repo, remote, variable):
    """As botocore reads them; SSL_CERT_FILE is read by OpenSSL."""
    place = remote("s3-tls")
    authority = place.options.pop("ssl_verify")
    place.configure(repo)
    repo.write({"a": "1\n"})
    repo.check("dvc add -q a")
    assert repo.sh("dvc push").status != 0, "nobody trusts the server"
    repo.check(f"{variable}={authority} dvc push")
    assert len(place.keys()) == 1
