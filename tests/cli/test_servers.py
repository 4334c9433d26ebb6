"""The servers that tests of remotes use do what the tests rely on: they refuse what real ones refuse."""

import json
import re
import subprocess
import time

import botocore
import jwt
import pytest
from botocore.exceptions import ClientError
from harness.servers import dav
from harness.servers import nginx as web
from harness.servers.s3 import KEY_ID, SECRET, StrictS3, client


def curl(*words, data=None):
    """(status, body)"""
    command = ["curl", "-sS", "-m", "20", "-w", "\n%{http_code}", *words]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    body, _, status = done.stdout.rpartition(b"\n")
    return int(status), body


def refusal(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"]


def test_strict_s3_takes_what_is_right(s3_strict):
    s3 = client(s3_strict.address, region=s3_strict.region)
    for key in ("plain", "with space ü+&=%41~(!*')", "a//b/../c"):
        s3.put_object(Bucket="bkt", Key="odd/" + key, Body=b"hello", Metadata={"x": "a   b"})
        assert s3.get_object(Bucket="bkt", Key="odd/" + key, Range="bytes=1-3")["Body"].read() == b"ell"
        assert s3.head_object(Bucket="bkt", Key="odd/" + key)["ContentLength"] == 5
    listed = s3.list_objects_v2(Bucket="bkt", Prefix="odd/with space ü+&")["Contents"]
    assert [o["Key"] for o in listed] == ["odd/with space ü+&=%41~(!*')"]
    upload = {"Bucket": "bkt", "Key": "odd/parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    parts = [{"PartNumber": n, "ETag": s3.upload_part(**upload, PartNumber=n, Body=b"x" * (5 << 20))["ETag"]} for n in (1, 2)]
    assert s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})["ETag"].endswith('-2"')
    assert len(s3.delete_objects(Bucket="bkt", Delete={"Objects": [{"Key": "odd/parts"}, {"Key": "odd/plain"}]})["Deleted"]) == 2


def test_strict_s3_refuses_what_is_wrong(s3_strict):
    address, region = s3_strict.address, s3_strict.region
    get = {"Bucket": "bkt", "Key": "nothing"}
    assert refusal(client(address, "wrong", region).put_object, **get, Body=b"x") == "SignatureDoesNotMatch"
    status, text = curl("--aws-sigv4", "aws:amz:us-east-1:s3", "-u", f"{KEY_ID}:{SECRET}", f"http://{address}/bkt/nothing")
    assert status == 400 and b"AuthorizationHeaderMalformed" in text and b"<Region>eu-central-1</Region>" in text
    assert refusal(client(address, region=region).get_object, **get) == "NoSuchKey"
    bad_digest = {"ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}
    assert refusal(client(address, region=region).put_object, **get, Body=b"x", **bad_digest) == "BadDigest"
    unsigned = client(address, region=region, signature_version=botocore.UNSIGNED)
    assert refusal(unsigned.get_object, **get) == "AccessDenied"
    assert refusal(unsigned.get_object, Bucket="public", Key="nothing") == "NoSuchKey"


def test_strict_s3_compares_the_body_with_its_digest(s3_strict):
    s3 = client(s3_strict.address, region=s3_strict.region, request_checksum_calculation="when_required")

    def lie(request, **_):
        request.body = b"other"

    s3.meta.events.register("before-send.s3.PutObject", lie)
    assert refusal(s3.put_object, Bucket="bkt", Key="k", Body=b"right") == "XAmzContentSHA256Mismatch"


def test_strict_gs_asks_for_a_token(gs_strict):
    root = f"http://{gs_strict.address}"
    assert curl(f"{root}/storage/v1/b/bkt/o")[0] == curl("-H", "Authorization: Bearer x", f"{root}/storage/v1/b/bkt/o")[0] == 401
    account = json.loads(gs_strict.account.read_text())
    claims = {"iss": gs_strict.email, "aud": f"{root}/token", "iat": int(time.time()), "exp": int(time.time()) + 600,
              "scope": "https://www.googleapis.com/auth/devstorage.full_control"}

    def grant(**changed):
        token = jwt.encode({**claims, **changed}, account["private_key"], "RS256")
        form = ("-d", "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", "--data-urlencode", f"assertion={token}")
        status, text = curl(*form, f"{root}/token")
        return status, json.loads(text)

    status, answer = grant()
    assert status == 200
    assert curl("-H", f"Authorization: Bearer {answer['access_token']}", f"{root}/storage/v1/b/bkt/o")[0] == 200
    for wrong in ({"iss": "other"}, {"aud": "other"}, {"exp": 1}):
        assert grant(**wrong)[1]["error"] == "invalid_grant"
    assert grant(scope="")[1]["error"] == "invalid_scope"
    assert curl("-d", "grant_type=refresh_token", "-d", "refresh_token=1//refresh", f"{root}/token")[0] == 200


def test_versions(s3):
    for text in (b"1", b"2"):
        s3.boto.put_object(Bucket="versioned", Key="k", Body=text)
    assert len(s3.boto.list_object_versions(Bucket="versioned", Prefix="k")["Versions"]) == 2


def test_locations_of_nginx(nginx):
    place = nginx.place()
    place.write("f", b"0123456789")
    root = f"http://{nginx.address}"
    login = ("-u", f"{web.USER}:{web.PASSWORD}")
    assert curl(f"{place.url}/f") == (200, b"0123456789")
    assert curl("-r", "2-4", f"{place.url}/f") == (206, b"234")
    assert curl("-T", "-", f"{place.url}/x/y", data=b"new") == (201, b"") and place.read("x/y") == b"new"
    assert curl("-X", "DELETE", f"{place.url}/x/y")[0] == 204
    assert curl(f"{root}/basic/{place.path}/f")[0] == 401
    assert curl(*login, f"{root}/basic/{place.path}/f") == (200, b"0123456789")
    assert curl(*login, "-T", "-", f"{root}/basic/{place.path}/z", data=b"z")[0] == 201 and place.read("z") == b"z"
    assert curl(f"{root}/custom/{place.path}/f")[0] == 401
    assert curl("-H", f"X-Token: {web.TOKEN}", f"{root}/custom/{place.path}/f") == (200, b"0123456789")
    assert curl("-L", f"{root}/moved/{place.path}/f") == (200, b"0123456789")
    assert curl("-L", "-T", "-", f"{root}/moved307/{place.path}/m", data=b"m")[0] == 201 and place.read("m") == b"m"
    assert curl("-X", "PUT", "-d", "x", f"{root}/readonly/{place.path}/r")[0] == 405
    assert [curl(f"{root}/{where}/f")[0] for where in ("loop", "forbidden", "busy")] == [302, 403, 503]


def test_tls_front(nginx, tls_front):
    front = tls_front(nginx)
    place = nginx.place(at=front.address, secure=True)
    place.write("f", b"hello")
    ca = ("--cacert", str(front.authority.ca))
    certificate, key = map(str, front.authority.client)
    mutual = f"https://{front.mutual_address}/{place.path}/f"
    assert curl(f"{place.url}/f")[0] == 0, "the authority is not among those of the system"
    assert curl(*ca, f"{place.url}/f") == (200, b"hello")
    assert curl(*ca, mutual)[0] == 400
    assert curl(*ca, "--cert", certificate, "--key", key, mutual) == (200, b"hello")


@pytest.mark.parametrize("server, location", [("webdav", ""), ("apache", "basic"), ("apache", "digest")])
def test_webdav(request, server, location):
    server = request.getfixturevalue(server)
    place = server.place(location) if location else server.place()
    url = place.url.replace("webdav:", "http:")
    login = ("--anyauth", "-u", f"{dav.USER}:{dav.PASSWORD}")
    assert curl("-X", "PROPFIND", url)[0] == 401
    assert curl(*login, "-X", "MKCOL", f"{url}/c")[0] == 201
    assert curl(*login, "-T", "/etc/hostname", f"{url}/c/f")[0] == 201
    assert curl(*login, "-X", "MOVE", "-H", f"Destination: {url}/c/g", f"{url}/c/f")[0] in (201, 204)
    status, listed = curl(*login, "-X", "PROPFIND", "-H", "Depth: 1", f"{url}/c")
    assert status == 207 and re.search(rb"/c/g<", listed) and list(place.keys()) == ["c/g"]


def test_webdav_with_a_token(apache):
    place = apache.place("token")
    place.write("f", b"hello")
    url = place.url.replace("webdav:", "http:") + "/f"
    assert curl(url)[0] == 403
    assert curl("-H", f"Authorization: Bearer {dav.TOKEN}", url) == (200, b"hello")


def test_session_token_of_s3():
    with StrictS3(token="session") as server:
        s3 = client(server.address, region=server.region)
        assert refusal(s3.get_object, Bucket="bkt", Key="k") == "InvalidToken"
        assert server.place().options["session_token"] == "session"


def test_post(post_store):
    place = post_store.place()
    assert curl("--data-binary", "@-", f"{place.url}/a/b", data=b"hello") == (200, b"")
    assert curl("-H", "Transfer-Encoding: chunked", "--data-binary", "@-", f"{place.url}/a/c", data=b"x" * 99999)[0] == 200
    assert curl(f"{place.url}/a/b") == (200, b"hello") and curl(f"{place.url}/a/x")[0] == 404
    assert {k: v[0] for k, v in place.keys().items()} == {"a/b": 5, "a/c": 99999}


def test_sshd(sshd, sshd_narrow, repo):
    for server in (sshd, sshd_narrow):
        place = server.place()
        place.write("f", b"hello")
        place.configure(repo)
        batch = f"get {server.data / place.path}/f got\n"
        repo.check(f"sftp -q -b - -S $(command -v ssh) -o BatchMode=yes -P {server.port} 127.0.0.1", input=batch)
        assert repo.read("got") == "hello"
        assert (repo.sh(f"ssh -p {server.port} 127.0.0.1 echo hello").out == "hello\n") == server.shell


@pytest.mark.parametrize("kind", ["s3", "s3-strict", "ssh", "http", "http-post", "webdav", "gs", "azure"])
def test_a_place_is_read_and_changed(remote, kind):
    place = remote(kind)
    place.write("a/b c", b"hello")
    place.write("x", b"")
    assert place.keys() == {"a/b c": (5, "5d41402abc4b2a76b9719d911017c592"), "x": (0, "d41d8cd98f00b204e9800998ecf8427e")}
    place.write("x", b"y")
    assert place.read("x") == b"y"
    place.remove("x")
    assert list(place.keys()) == ["a/b c"] and remote(kind).keys() == {}
