"""The proxies that make faults for tests of remotes make those of their plan, and no others."""

import asyncio
import http.client
import socket
import time

import pytest
from harness.servers.faulty import (Faulty, FaultyTcp, flip, latency, redirect_loop, reset, stall, status, truncate,
                                    wrong_length)

BODY = bytes(range(256)) * 400


@pytest.fixture
def place(nginx):
    place = nginx.place()
    place.write("f", BODY)
    return place


def ask(proxy, target, method="GET", body=None, timeout=20, **headers):
    """(status, body, headers)"""
    link = http.client.HTTPConnection(proxy.address, timeout=timeout)
    try:
        link.request(method, target, body, headers)
        answer = link.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        link.close()


def test_without_a_plan_nothing_is_changed(nginx, place):
    with Faulty(nginx.address) as proxy:
        link = http.client.HTTPConnection(proxy.address, timeout=20)
        for n in range(20):  # on one connection
            link.request("PUT", f"/{place.path}/{n}", BODY[:n], {"X-Secret": "s3cr3t"} if n == 3 else {})
            answer = link.getresponse()
            assert answer.status == 201 and answer.read() == b""
            link.request("GET", f"/{place.path}/{n}")
            assert link.getresponse().read() == BODY[:n]
        link.request("PUT", f"/{place.path}/chunked", iter([b"one", b"two"]), encode_chunked=True)
        assert link.getresponse().read() == b"" and place.read("chunked") == b"onetwo"
        link.request("HEAD", f"/{place.path}/f")
        assert link.getresponse().getheader("Content-Length") == str(len(BODY))
        link.close()
        assert proxy.connections == 1 and proxy.count("PUT") == 21 and proxy.count(path="/chunked$") == 1
        assert [r.target for r in proxy.sightings("s3cr3t")] == [f"/{place.path}/3"] and not proxy.made


def test_statuses_follow_the_conditions(nginx, place):
    plan = [status(503, retry_after=2, tries=1, path="/f$"), status(429, method="PUT", times=2), redirect_loop(path="/loop")]
    with Faulty(nginx.address, plan=plan) as proxy:
        code, _, headers = ask(proxy, f"/{place.path}/f")
        assert (code, headers["Retry-After"]) == (503, "2")
        assert ask(proxy, f"/{place.path}/f")[:2] == (200, BODY)
        assert [ask(proxy, f"/{place.path}/n", "PUT", BODY)[0] for _ in range(4)] == [429, 429, 201, 204]
        assert ask(proxy, "/loop", Expect="100-continue")[2]["Location"] == "/loop"
        assert proxy.made == {"status": 3, "redirect": 1}


def test_the_seed_decides(nginx, place):
    def run(seed):
        with Faulty(nginx.address, seed, [status(500, rate=0.4)]) as proxy:
            return [ask(proxy, f"/{place.path}/f")[0] for _ in range(40)]

    assert run(1) == run(1) != run(2) and 5 < run(1).count(500) < 28


def test_answers_are_damaged(nginx, place):
    target = f"/{place.path}/f"

    def once(fault, timeout=20):
        proxy.plan[:] = [fault]
        proxy.used.clear()
        try:
            return ask(proxy, target, timeout=timeout)[1]
        except http.client.IncompleteRead as error:
            return error.partial
        except OSError as error:
            return type(error)

    with Faulty(nginx.address) as proxy:
        changed = once(flip())
        assert len(changed) == len(BODY) and sum(a != b for a, b in zip(changed, BODY)) == 1
        assert once(flip(after=7))[7] == BODY[7] ^ 0x20
        assert once(truncate(after=100)) == BODY[:100] and once(truncate()) == BODY[:len(BODY) // 2]
        assert once(reset()) == once(reset(after=1000)) == once(reset(where="request")) == ConnectionResetError
        assert once(stall(), 1) == once(stall(after=50), 1) == TimeoutError
        assert once(stall(seconds=0.1, after=50)) == BODY
        assert once(wrong_length(5)) == BODY and once(wrong_length(-5)) == BODY[:-5]
        began = time.monotonic()
        assert once(latency(0.3)) == BODY and time.monotonic() - began >= 0.3
        assert proxy.made == {"flip": 2, "truncate": 2, "reset": 3, "stall": 3, "length": 2, "latency": 1}


def test_uploads_are_damaged(nginx, place):
    plan = [flip(where="request", path="/flipped"), reset(where="request", after=5000, path="/cut"), reset(path="/lost")]
    with Faulty(nginx.address, plan=plan) as proxy:
        assert ask(proxy, f"/{place.path}/flipped", "PUT", BODY)[0] == 201
        assert place.read("flipped") != BODY and len(place.read("flipped")) == len(BODY)
        for name in ("cut", "lost"):
            with pytest.raises(OSError):
                ask(proxy, f"/{place.path}/{name}", "PUT", BODY)
        assert sorted(place.keys()) == ["f", "flipped", "lost"], "the answer to a finished upload is lost"


def test_thousands_of_connections(nginx, place):
    target, number = f"/{place.path}/small", 2000
    place.write("small", b"hello")

    async def one(port, everyone):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await everyone.wait()  # all connections are open at once
        for _ in range(2):
            writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200") and await reader.readexactly(5) == b"hello"
        writer.close()

    async def all_of(port):
        everyone = asyncio.Barrier(number)
        await asyncio.wait_for(asyncio.gather(*(one(port, everyone) for _ in range(number))), 60)

    with Faulty(nginx.address) as proxy:
        asyncio.run(all_of(int(proxy.address.split(":")[1])))
        assert proxy.peak == number and len(proxy.requests) == 2 * number


def test_bytes_without_http(nginx, place):
    request = f"GET /{place.path}/f HTTP/1.0\r\n\r\n".encode()

    def talk(plan, timeout=20):
        with FaultyTcp(nginx.address, plan=plan) as proxy, socket.create_connection(proxy.address.split(":"), timeout) as s:
            began, got = time.monotonic(), b""
            try:
                s.sendall(request)
                while block := s.recv(1 << 16):
                    got += block
            except OSError as error:
                return type(error), proxy.made
            return got, time.monotonic() - began

    whole, _ = talk([])
    assert whole.endswith(BODY)
    place.write("f", BODY * 100)
    late, seconds = talk([latency(0.2)])
    assert late.endswith(BODY) and 0.4 <= seconds < 10, "the way there and the way back, not each of some hundred blocks"
    place.write("f", BODY)
    assert talk([reset(after=1000)]) == (ConnectionResetError, {"reset": 1})
    assert talk([reset(after=3, where="request")]) == (ConnectionResetError, {"reset": 1})
    assert talk([stall(after=1000)], 1) == (TimeoutError, {"stall": 1})
    flipped, _ = talk([flip(after=len(whole) - 1)])
    assert flipped[-1000:-1] == BODY[-1000:-1] and flipped[-1] == BODY[-1] ^ 0x20
    assert len(talk([truncate(after=500)])[0]) == 500
