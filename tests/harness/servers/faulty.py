"""Proxies on loopback that make faults by plan, before any of the servers.

    plan = [status(503, retry_after=1, rate=0.3), reset(method="PUT", tries=1), flip(path=r"/files/md5/", times=2)]
    with Faulty(s3.address, seed=7, plan=plan) as proxy:
        s3.place(at=proxy.address).configure(box)
        ...
        assert proxy.made["flip"] == 2 and proxy.count("PUT") == 12 and not proxy.sightings(SECRET)

Faulty understands HTTP/1.1 without TLS (a TlsFront goes before it); FaultyTcp passes bytes, for SSH and for TLS. Of the
faults of the plan that match a request the first is made, besides latency, which is always added. Whether it is made
depends on the seed, the fault's place in the plan, the method, the target and how often that was requested before, not
on the order in which concurrent requests arrive. In FaultyTcp it depends on the number of the connection.
"""

import asyncio
import collections
import contextlib
import dataclasses
import random
import re
import resource
import socket
import struct
import threading

BLOCK = 1 << 16
FOREVER = 3600
HOP_BY_HOP = ("connection", "keep-alive", "proxy-connection", "te", "upgrade", "expect", "transfer-encoding")


@dataclasses.dataclass(frozen=True)
class Fault:
    kind: str
    where: str = "response"  # or "request"
    after: int | None = None  # bytes of the body (of the stream, in FaultyTcp)
    seconds: float | None = None
    code: int = 0
    retry_after: object = None
    body: bytes = b""
    delta: int = 0
    # When it is made: all conditions hold.
    method: str | None = None  # a regular expression for the whole method
    path: str | None = None  # a regular expression found in the target
    rate: float = 1.0  # of the requests that match
    times: int | None = None  # at most so often altogether
    tries: int | None = None  # only at the first so many requests with the same method and target


# One function for each kind of fault. `when` is what follows "When it is made" above.
def latency(seconds, **when):
    """Later: the answer to a request, each byte in both directions of FaultyTcp."""
    return Fault("latency", seconds=seconds, **when)


def reset(after=None, where="response", **when):
    """RST to the client after so many bytes; by default before the answer, when the server has done what was asked, or
    with where="request" before the server sees the request."""
    return Fault("reset", where, after, **when)


def truncate(after=None, **when):
    """The answer's body ends early, by default in its middle, and the connection is closed in order."""
    return Fault("truncate", after=after, **when)


def flip(after=None, where="response", **when):
    """One bit of the body is changed, at a place drawn from the seed by default."""
    return Fault("flip", where, after, **when)


def status(code, retry_after=None, body=b"", **when):
    """The proxy answers; the server does not see the request. `retry_after`: seconds or a date."""
    return Fault("status", "request", code=code, retry_after=retry_after, body=body, **when)


def stall(seconds=None, after=None, where="response", **when):
    """Nothing more is passed for so long, by default for ever, from the same moment as in reset()."""
    return Fault("stall", where, after, seconds, **when)


def wrong_length(delta, **when):
    """Content-Length is larger or smaller than the body; the connection is closed after it."""
    return Fault("length", delta=delta, **when)


def redirect_loop(code=307, **when):
    """A redirect to the very same target."""
    return Fault("redirect", "request", code=code, **when)


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: list  # of (name, value)
    status: int = 0  # of the answer; 0 when there was none
    faults: list = dataclasses.field(default_factory=list)  # kinds that were made

    def header(self, name):
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)


class Cut(Exception):
    """The connection to the client ends here: with RST, or in order."""

    def __init__(self, with_reset):
        super().__init__()
        self.with_reset = with_reset


class Proxy:
    """The listener, in a thread of its own. A kind says how one connection is served."""

    def __init__(self, upstream, seed=0, plan=()):
        host, port = upstream.rsplit(":", 1)
        self.upstream, self.seed, self.plan = (host, int(port)), seed, list(plan)
        self.made = collections.Counter()  # faults, by kind
        self.connections = self.open = self.peak = 0
        self.used = collections.Counter()  # faults, by their place in the plan
        self.tasks = set()

    async def serve(self, reader, writer):
        raise NotImplementedError

    def __enter__(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65536)) if hard > 0 else 65536, hard))
        self.loop = asyncio.new_event_loop()
        self.listener = self.loop.run_until_complete(
            asyncio.start_server(self.connected, "127.0.0.1", 0, backlog=4096, limit=1 << 20))
        self.address = "127.0.0.1:%d" % self.listener.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self.shut(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(30)
        self.loop.close()

    async def shut(self):
        self.listener.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def connected(self, reader, writer):
        task = self.loop.create_task(self.connection(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def connection(self, reader, writer):
        self.connections += 1
        self.open += 1
        self.peak = max(self.peak, self.open)
        try:
            await self.serve(reader, writer)
        except Cut as cut:
            if cut.with_reset:
                abort(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # one of both sides has gone, or does not speak HTTP
        finally:
            self.open -= 1
            writer.close()

    def chosen(self, name, nth, method="", target=""):
        """The faults for something that happens for the nth time: [(fault, its random source)]"""
        faults = []
        for place, fault in enumerate(self.plan):
            source = random.Random(f"{self.seed} {place} {name} {nth}")
            if ((fault.method is None or re.fullmatch(fault.method, method)) and
                    (fault.path is None or re.search(fault.path, target)) and
                    (fault.tries is None or nth < fault.tries) and
                    (fault.times is None or self.used[place] < fault.times) and source.random() < fault.rate and
                    (fault.kind == "latency" or all(f.kind == "latency" for f, _ in faults))):
                self.used[place] += 1
                faults.append((fault, source))
        return faults

    def note(self, fault, request=None):
        self.made[fault.kind] += 1
        if request:
            request.faults.append(fault.kind)

    async def cut(self, fault, request=None):
        """Make a fault that ends or stops the connection. Returns only after a stall."""
        self.note(fault, request)
        if fault.kind == "stall":
            await asyncio.sleep(FOREVER if fault.seconds is None else fault.seconds)
        else:
            raise Cut(fault.kind == "reset")

    async def pump(self, source, send, fault=None, at=None, request=None):
        """Pass the blocks of `source` on by `await send(block)`, and make the fault at byte `at`."""
        done = 0
        async for block in source:
            if at is not None and done <= at < done + len(block):
                here = at - done
                if fault.kind == "flip":
                    self.note(fault, request)
                    block = block[:here] + bytes([block[here] ^ 0x20]) + block[here + 1:]
                else:
                    await send(block[:here])
                    await self.cut(fault, request)
                    done, block = done + here, block[here:]
                at = None
            done += len(block)
            await send(block)


def abort(writer):
    """Close with RST."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class FaultyTcp(Proxy):
    """Passes bytes. where="request" is the direction from the client to the server."""

    async def serve(self, reader, writer):
        faults = [f for f, _ in self.chosen("connection", self.connections)]
        up_reader, up_writer = await asyncio.open_connection(*self.upstream, limit=1 << 20)
        delay = sum(f.seconds for f in faults if f.kind == "latency")
        if delay:
            self.made["latency"] += 1
        fault = next((f for f in faults if f.kind != "latency"), None)
        ways = [self.one_way(reader, up_writer, delay, fault if fault and fault.where == "request" else None),
                self.one_way(up_reader, writer, delay, fault if fault and fault.where == "response" else None)]
        try:
            await together(*ways)
        finally:
            up_writer.close()

    async def one_way(self, reader, writer, delay, fault):
        late = asyncio.Queue(1024)

        async def write():
            while (item := await late.get())[1]:
                await asyncio.sleep(item[0] - self.loop.time())
                writer.write(item[1])
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

        async def send(block):
            if block:
                await late.put((self.loop.time() + delay, block))

        async def read():
            await self.pump(blocks(reader), send, fault, None if fault is None else fault.after or 0)
            await late.put((0, b""))

        await together(read(), write())


async def together(*works):
    """Wait for all. The first exception ends the others and is raised."""
    tasks = [asyncio.ensure_future(w) for w in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def blocks(reader, size=None):
    """The bytes that follow, up to `size` or the end."""
    while size is None or size > 0:
        block = await reader.read(BLOCK if size is None else min(size, BLOCK))
        if not block:
            if size is not None:
                raise asyncio.IncompleteReadError(b"", size)
            return
        size = None if size is None else size - len(block)
        yield block


async def chunks(reader):
    """The payload of a body with chunked transfer coding."""
    while size := int((await reader.readline()).split(b";")[0], 16):
        async for block in blocks(reader, size):
            yield block
        await reader.readexactly(2)
    while (await reader.readline()).strip():
        pass


async def read_head(reader):
    """(first line's three words, [(name, value)]), or None at the end of the connection."""
    try:
        text = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = text.decode("latin-1").split("\r\n")[:-2]
    return first.split(" ", 2), [tuple(p.strip() for p in line.split(":", 1)) for line in lines]


def named(headers, name):
    return next((v.lower() for k, v in headers if k.lower() == name), "")


def body_of(reader, headers, to_the_end):
    """(its blocks, its length or None)"""
    if "chunked" in named(headers, "transfer-encoding"):
        return chunks(reader), None
    length = named(headers, "content-length")
    if length or not to_the_end:
        return blocks(reader, int(length or 0)), int(length or 0)
    return blocks(reader), None


class Faulty(Proxy):
    """Passes HTTP/1.1. The connection to the client is kept open whatever the server does; each request has its own to
    the server. self.requests lists all Requests in their order of arrival."""

    def __init__(self, upstream, seed=0, plan=()):
        super().__init__(upstream, seed, plan)
        self.requests = []
        self.seen = collections.Counter()

    def count(self, method=None, path=""):
        return sum(1 for r in self.requests if method in (None, r.method) and re.search(path, r.target))

    def sightings(self, secret):
        """The requests whose target or headers contain a text."""
        return [r for r in self.requests if secret in r.target or any(secret in v for _, v in r.headers)]

    async def serve(self, reader, writer):
        while head := await read_head(reader):
            (method, target, _), headers = head
            if target.startswith("http://"):  # the client was told that this is a proxy
                target = "/" + target.split("/", 3)[3]
            request = Request(method, target, headers)
            self.requests.append(request)
            faults = self.chosen(f"{method} {target}", self.seen[method, target], method, target)
            self.seen[method, target] += 1
            for fault, _ in faults:
                if fault.kind == "latency":
                    self.note(fault, request)
                    await asyncio.sleep(fault.seconds)
            fault, source = next(((f, s) for f, s in faults if f.kind != "latency"), (None, None))
            if fault and fault.kind in ("status", "redirect"):
                going_on = await self.answer(request, fault, reader, writer)
            else:
                going_on = await self.forward(request, fault, source, reader, writer)
            if not going_on or named(headers, "connection") == "close":
                return

    async def answer(self, request, fault, reader, writer):
        """Answer instead of the server. A client that waits for "100 Continue" then sends no body."""
        waits = named(request.headers, "expect") == "100-continue"
        if not waits:
            async for _ in body_of(reader, request.headers, False)[0]:
                pass
        self.note(fault, request)
        request.status = fault.code
        body = b"" if request.method == "HEAD" else fault.body
        headers = [("Content-Length", str(len(body)))]
        if waits:
            headers.append(("Connection", "close"))
        if fault.retry_after is not None:
            headers.append(("Retry-After", str(fault.retry_after)))
        if fault.kind == "redirect":
            headers.append(("Location", request.target))
        writer.write(head_text(f"HTTP/1.1 {fault.code} Fault", headers) + body)
        await writer.drain()
        return not waits

    async def forward(self, request, fault, source, reader, writer):
        before = fault is not None and fault.after is None and fault.kind in ("reset", "stall")
        if before and fault.where == "request":
            await self.cut(fault, request)
        if named(request.headers, "expect") == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        up_reader, up_writer = await asyncio.open_connection(*self.upstream, limit=1 << 20)
        try:
            await self.pass_request(request, fault, source, reader, up_writer)
            words, headers = await read_head(up_reader) or ((), [])
            while words and words[1].startswith("1"):
                words, headers = await read_head(up_reader) or ((), [])
            if not words:
                raise Cut(with_reset=False)  # the server has closed the connection, and so do we
            if before:
                await self.cut(fault, request)
            request.status = int(words[1])
            return await self.pass_answer(request, fault, source, words, headers, up_reader, writer)
        finally:
            up_writer.close()

    async def pass_request(self, request, fault, source, reader, up_writer):
        body, length = body_of(reader, request.headers, False)
        headers = [(k, v) for k, v in request.headers if k.lower() not in HOP_BY_HOP] + [("Connection", "close")]
        up_writer.write(head_text(f"{request.method} {request.target} HTTP/1.1", headers, length is None))
        fault = fault if fault and fault.where == "request" else None
        try:
            await self.pump(body, sender(up_writer, length is None), fault, place_of(fault, source, length), request)
            await end(up_writer, length is None)
        except ConnectionError:
            pass  # the server answers before it has read everything

    async def pass_answer(self, request, fault, source, words, headers, up_reader, writer):
        fault = fault if fault and fault.where == "response" else None
        bare = request.method == "HEAD" or request.status in (204, 304)
        body, length = (blocks(up_reader, 0), 0) if bare else body_of(up_reader, headers, True)
        headers = [(k, v) for k, v in headers if k.lower() not in HOP_BY_HOP]
        lies = fault is not None and fault.kind == "length" and length is not None
        if lies:
            self.note(fault, request)
            headers = [(k, str(max(0, int(v) + fault.delta)) if k.lower() == "content-length" else v) for k, v in headers]
        writer.write(head_text(" ".join(["HTTP/1.1", *words[1:]]), headers, length is None))
        try:
            await self.pump(body, sender(writer, length is None), fault, place_of(fault, source, length), request)
        except asyncio.IncompleteReadError:
            raise Cut(with_reset=False) from None  # the server has closed the connection, and so do we
        await end(writer, length is None)
        return not lies


def head_text(first, headers, chunked=False):
    headers = headers + [("Transfer-Encoding", "chunked")] * chunked
    return "".join([first + "\r\n", *(f"{k}: {v}\r\n" for k, v in headers), "\r\n"]).encode("latin-1")


def sender(writer, chunked):
    async def send(block):
        if block:
            writer.write(b"%x\r\n%b\r\n" % (len(block), block) if chunked else block)
            await writer.drain()

    return send


async def end(writer, chunked):
    if chunked:
        writer.write(b"0\r\n\r\n")
    await writer.drain()


def place_of(fault, source, length):
    """The byte of a body at which the fault is made, or None."""
    if fault is None or fault.kind not in ("reset", "stall", "truncate", "flip"):
        return None
    if fault.after is None and length and fault.kind == "truncate":
        return length // 2
    if fault.after is None and length and fault.kind == "flip":
        return source.randrange(length)
    return fault.after
