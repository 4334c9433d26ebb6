#!/usr/bin/env python3
"""Push and fetch through proxies that make faults drawn from a seed, and report what was done wrong.

    tests/fuzz/transfers.py --faults 2000 --seed 1 --jobs 2 --program build-asan/src/cmd/cairn
    tests/fuzz/transfers.py --round 1:17 --drivers s3-strict        one round again, with its plan shown

Each round makes a small repository and a fresh remote, pushes and fetches with faults, and then without. Whatever the
faults are, a command ends in time, with success or one error; every object in the cache and on the server has the name
of its content; a listing is on the server only with its files; only a kill leaves a temporary in the cache. Without
faults the same commands succeed, and everything is there.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness.faults import files_below, md5, objects  # noqa: E402
from harness.sandbox import CAIRN, Sandbox  # noqa: E402
from harness.servers import faulty  # noqa: E402
from harness.servers.azure import Azure  # noqa: E402
from harness.servers.dav import WsgiDav  # noqa: E402
from harness.servers.gs import StrictGs  # noqa: E402
from harness.servers.nginx import Nginx  # noqa: E402
from harness.servers.post_store import PostStore  # noqa: E402
from harness.servers.s3 import KEY_ID, SECRET, S3, StrictS3  # noqa: E402
from harness.servers.sshd import Sshd  # noqa: E402
from harness.servers.tls import Authority, TlsFront  # noqa: E402

LONGEST_S = 150  # of a command with faults
INTERRUPTED_S = 15  # after Ctrl-C
SPOKE = re.compile(r"(Address|UndefinedBehavior|Leak|Memory|Thread)Sanitizer|runtime error: |unexpected")
STATUSES = {0, 1, 251, 253, 255}
OBJECT = re.compile(r"files/md5/[0-9a-f]{2}/[0-9a-f]{30}(\.dir)?$")
BIG = 40 << 20


class BriefGs(StrictGs):
    """Its tokens end in the middle of a command."""

    def __init__(self):
        super().__init__(life=200)


KINDS = {"s3": S3, "s3-strict": StrictS3, "s3-tls": S3, "ssh": Sshd, "http": Nginx, "http-post": PostStore, "https": Nginx,
         "webdav": WsgiDav, "webdavs": WsgiDav, "gs": BriefGs, "gs-tls": StrictGs, "azure": Azure, "azure-tls": Azure}
DRIVERS = tuple(KINDS)
TLS = ("s3-tls", "https", "webdavs", "gs-tls", "azure-tls")  # a front before the server, and a proxy of bytes before that
FILLED = ("ssh", "http", "http-post", "webdav")  # servers that keep files: a disk of theirs can be full

EXPIRED = (b"<?xml version='1.0'?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message>"
           b"<RequestId>0</RequestId></Error>")
REFUSED = (b"<?xml version='1.0'?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request. "
           b"Signature not valid in the specified time frame</Message></Error>")


# ---- what goes wrong


def after(draw):
    """How many bytes pass before it: few, or many."""
    return draw.choice([0, 1, 7, 100, 3000, 60_000, draw.randrange(1 << 21)])


def http_fault(draw, driver):
    rate, tries = draw.choice([0.03, 0.1, 0.3]), draw.choice([1, 2, None])
    when = {"rate": rate, "tries": tries, "times": draw.randint(5, 30)}
    forever = None if driver.startswith("s3") else draw.uniform(0.5, 3)  # the remote has a short time-out
    kinds = {
        "latency": lambda: faulty.latency(draw.uniform(0.01, 0.3), rate=rate),
        "reset": lambda: faulty.reset(draw.choice([None, after(draw)]), draw.choice(["request", "response"]), **when),
        "truncate": lambda: faulty.truncate(draw.choice([None, after(draw)]), **when),
        "flip": lambda: faulty.flip(where="response", path="/files/md5/", **when),
        "storm": lambda: faulty.status(draw.choice([429, 500, 502, 503, 504]), draw.choice([None, None, 0, 1]),
                                       rate=draw.choice([0.1, 0.5, 1]), times=draw.randint(3, 40)),
        "stall": lambda: faulty.stall(forever, after=draw.choice([None, after(draw)]), rate=rate, times=draw.randint(1, 4)),
        "length": lambda: faulty.wrong_length(draw.choice([-100, -1, 1, 100]), method="GET", **when),
        "redirect": lambda: faulty.redirect_loop(draw.choice([301, 302, 307, 308]), rate=rate, times=draw.randint(1, 3)),
    }
    refusal = {"webdav": (401, b""), "http": (401, b""), "http-post": (403, b""), "gs": (401, b""), "azure": (403, REFUSED)}
    if driver in refusal:
        code, body = refusal[driver]
        kinds["refused"] = lambda: faulty.status(code, body=body, rate=rate, times=draw.randint(1, 3))
    if driver in ("webdav", "http", "http-post"):
        kinds["no room"] = lambda: faulty.status(507, method="PUT|POST", rate=rate, times=draw.randint(1, 5))
    if driver.startswith("s3"):
        kinds["expired"] = lambda: faulty.status(400, body=EXPIRED, rate=rate, times=draw.randint(1, 3))
    if driver == "s3-strict":  # moto alone stores whatever arrives
        kinds["flip-request"] = lambda: faulty.flip(where="request", path="/files/md5/", **when)
    return kinds[draw.choice(list(kinds))]()


def tcp_fault(draw, driver):
    way, rate = draw.choice(["request", "response"]), draw.choice([0.2, 0.5, 0.8])
    when = {"rate": rate, "times": draw.randint(2, 12)}
    kinds = [
        lambda: faulty.latency(draw.uniform(0.001, 0.03), rate=rate),
        lambda: faulty.reset(after(draw), way, **when),
        lambda: faulty.truncate(after(draw), **when),
        lambda: faulty.stall(draw.uniform(0.5, 3), after(draw), way, rate=rate, times=2),
    ]
    if driver != "gs-tls":  # it has no option for a short time-out (see be_impatient())
        kinds.append(lambda: faulty.flip(after(draw), way, **when))
    return draw.choice(kinds)()


def is_http(driver):
    return driver != "ssh" and driver not in TLS


def plan_of(draw, driver):
    return [http_fault(draw, driver) if is_http(driver) else tcp_fault(draw, driver) for _ in range(draw.randint(1, 4))]


# ---- a round


def tree_of(draw):
    """{path: bytes} of the files that are tracked: a few alone, and those of the directory d."""
    def content():
        return draw.randbytes(draw.choice([0, 1, 10, 1000, 70_000, draw.randrange(3 << 20)]))

    files = {f"f{i}": content() for i in range(draw.randint(1, 3))}
    files |= {f"d/{i}": draw.randbytes(draw.choice([0, 5, 300, 20_000])) for i in range(draw.randint(1, 25))}
    files |= {f"d/sub/x{i}": content() for i in range(draw.randint(0, 4))}
    if draw.random() < 0.1:
        files["big"] = draw.randbytes(BIG)
    return files


class Wrong(Exception):
    pass


class Round:
    def __init__(self, run, name, driver):
        self.run, self.name, self.driver = run, name, driver
        self.draw = random.Random(f"{name} {driver}")
        self.log = []

    def __enter__(self):
        self.box = Sandbox(tempfile.mkdtemp(prefix="round.", dir=self.run.work), self.run.program)
        # one of its own, whose disk can be full without disturbing other rounds
        self.fills = self.driver in FILLED and self.draw.random() < 0.2
        self.server = KINDS[self.driver]().start() if self.fills else self.run.server(self.driver)
        upstream = self.run.front(self.driver) or self.server.address
        kind = faulty.Faulty if is_http(self.driver) else faulty.FaultyTcp
        self.proxy = kind(upstream, seed=self.name).__enter__()
        self.place = self.make_place()
        return self

    def __exit__(self, *_):
        self.proxy.__exit__()
        with contextlib.suppress(Exception):
            for key in self.server.list(self.place.path):
                self.place.remove(key)
        if self.fills:
            self.server.stop()
        shutil.rmtree(self.box.root, ignore_errors=True)

    def make_place(self):
        if self.driver in TLS:
            place = self.server.place(at=self.proxy.address, secure=True)
            self.trust(place, self.run.fronts[self.driver].authority.ca)
            self.be_impatient(place)
        else:
            place = self.server.place(at=self.proxy.address)
        more = self.draw.choice(["", "", "/", " with blanks"]) if self.driver.startswith("s") else ""
        place.url += more
        place.path += more.rstrip("/")
        if self.driver.startswith("s3"):
            place.options["read_timeout"] = 1
            self.keys_of_a_program(place)
        return place

    def trust(self, place, ca):
        """Say which authority is trusted: by an option of the remote where there is one, else in the environment."""
        if self.driver in ("gs-tls", "azure-tls"):
            self.box.extra_env["SSL_CERT_FILE"] = str(ca)
        else:
            place.options["ssl_verify"] = str(ca)

    def be_impatient(self, place):
        """A byte that changes in the length of a record of TLS makes both sides wait."""
        name = {"https": "read_timeout", "webdavs": "timeout", "azure-tls": "read_timeout"}.get(self.driver)
        if name:
            place.options[name] = 1

    def keys_of_a_program(self, place):
        """Keys that can be asked for again when they expire."""
        answer, config = self.box.root / "answer", self.box.root / "aws"
        answer.write_text(json.dumps({"Version": 1, "AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}))
        config.write_text(f"[profile tool]\ncredential_process = cat {answer}\n")
        for key in ("access_key_id", "secret_access_key"):
            del place.options[key]
        place.options |= {"profile": "tool", "configpath": str(config)}

    def say(self, text):
        self.log.append(text)

    def start(self, words, box=None, limit=None):
        def prepare():
            if limit:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        box = box or self.box
        env = {**box.env, "ASAN_OPTIONS": "exitcode=99", "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}
        return subprocess.Popen([self.run.program, *words.split()], cwd=box.repo, env=env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
                                preexec_fn=prepare)

    def interrupted(self, words, process, after_s):
        """Press Ctrl-C after so long. What it said, or None when it has ended before."""
        try:
            process.wait(after_s)
            return None
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)
        try:
            said = process.communicate(timeout=INTERRUPTED_S)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise Wrong(f"`{words}` did not end after an interrupt: {process.communicate()[0]}") from None
        self.run.count(self.driver, "interrupt")
        self.say(f"`{words}` interrupted after {after_s:.2f} s: {process.returncode} {said!r}")
        if process.returncode not in (*STATUSES, 252, -signal.SIGINT) or SPOKE.search(said):
            raise Wrong(f"`{words}`, interrupted, ended with {process.returncode}: {said}")
        return said

    def finish(self, words, process, kill_after=None):
        """Wait for a process. Returns (status, what it said); None for a killed one."""
        began = time.monotonic()
        try:
            said = process.communicate(timeout=kill_after or LONGEST_S)[0]
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            said = process.communicate()[0]
            if not kill_after:
                raise Wrong(f"`{words}` did not end in {LONGEST_S} s: {said}") from None
            self.run.count(self.driver, "kill")
            self.say(f"`{words}` killed after {kill_after:.2f} s")
            return None, said
        self.run.took(time.monotonic() - began, f"{self.name} {self.driver} {words}")
        self.say(f"`{words}`: {process.returncode} {said!r}")
        self.judge(words, process.returncode, said)
        return process.returncode, said

    def judge(self, words, status, said):
        errors = re.findall(r"^ERROR: (.*)", said, re.M)
        if status not in STATUSES:
            raise Wrong(f"`{words}` ended with {status}: {said}")
        if SPOKE.search(said):
            raise Wrong(f"`{words}` says: {said}")
        if status and (not errors or not errors[-1].strip()):
            raise Wrong(f"`{words}` fails without an error: {said}")
        if status and not words.startswith("add") and re.search(r"- *$|: *$", errors[-1]):
            raise Wrong(f"`{words}` fails without a reason: {said}")
        if "neither locally nor on remote" in said and words.startswith("fetch"):
            raise Wrong(f"`{words}` says that data is missing: {said}")

    # ---- what is there

    def cache(self):
        folder = self.box.repo / ".dvc/cache"
        return objects(files_below(folder)) if folder.exists() else {}

    def temporaries(self):
        return [str(p) for p in (self.box.repo / ".dvc/cache").rglob("*.tmp")]

    def stored(self):
        return {k: self.place.read(k) for k in self.server.list(self.place.path) if OBJECT.fullmatch(k)}

    def check_server(self, complete):
        there = objects({k: ("file", v, 0) for k, v in self.stored().items()})
        self.check_names("the server", there)
        for name, content in there.items():
            for entry in json.loads(content) if name.endswith(".dir") else ():
                if entry["md5"] not in there:
                    raise Wrong(f"the server has {name}, but not its {entry['relpath']}")
        if complete and there != self.expected:
            raise Wrong(f"the server lacks {sorted(set(self.expected) - set(there))}")

    def check_cache(self, complete, was_killed=False):
        held = self.cache()
        self.check_names("the cache", held)
        if complete and held != self.expected:
            raise Wrong(f"the cache lacks {sorted(set(self.expected) - set(held))}")
        if self.temporaries() and not was_killed:
            raise Wrong(f"left in the cache: {self.temporaries()}")

    def check_names(self, where, held):
        for name, content in held.items():
            if md5(content) != name.removesuffix(".dir"):
                raise Wrong(f"{where}'s {name} is not what its name says: {len(content)} bytes")

    # ---- what is done

    def with_faults(self, words, box=None):
        """Run a command while faults are made. True: it was killed."""
        draw = self.draw
        self.proxy.plan[:] = plan_of(draw, self.driver)
        self.say(f"plan: {self.proxy.plan}")
        kill_after = draw.uniform(0.05, 2.5) if draw.random() < 0.2 else None
        limit = draw.choice([4096, 100_000, 1 << 20]) if words.startswith("fetch") and draw.random() < 0.1 else None
        if limit:
            self.say(f"files of {limit} bytes at most")
            self.run.count(self.driver, "disk full")
        words += draw.choice(["", "", " -j 1", " -j 3", " -j 20"])
        room = self.fill(draw.choice([0, 4096, 100_000])) if self.fills and words.startswith("push") else None
        twin = self.start(words, box) if box else None
        process, status = self.start(words, limit=limit), 0
        if draw.random() > 0.15 or self.interrupted(words, process, draw.uniform(0.05, 2)) is None:
            status, _ = self.finish(words, process, kill_after)
        if twin:
            self.finish(words + " (twin)", twin)
        if room:
            resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, room)
        self.proxy.plan[:] = []
        self.run.add(self.driver, self.proxy.made)
        self.proxy.made.clear()
        return status is None

    def fill(self, limit):
        """From now on the server cannot write files of more bytes. Returns the limit that it had."""
        self.say(f"the server's files: {limit} bytes at most")
        self.run.count(self.driver, "server full")
        before = resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (limit, before[1]))
        return before

    def undisturbed(self, words):
        status, said = self.finish(words, self.start(words))
        if status:
            raise Wrong(f"`{words}` fails without faults: {said}")

    def twin(self):
        """A copy of the repository, which pushes the same objects at the same time."""
        if self.draw.random() > 0.15:
            return None
        other = Sandbox(self.box.root / "twin", self.run.program)
        shutil.copytree(self.box.repo, other.repo, symlinks=True, dirs_exist_ok=True)
        shutil.copytree(self.box.root / ".home", other.root / ".home", symlinks=True, dirs_exist_ok=True)
        if (self.box.root / ".bin/ssh").exists():
            shutil.copy(self.box.root / ".bin/ssh", other.root / ".bin/ssh")
        return other

    def wrong_certificate(self):
        """Another authority, and a name that is not the server's."""
        config = self.box.repo / ".dvc/config"
        right, ca = config.read_text(), self.run.fronts[self.driver].authority.ca
        for said in ("wrong CA", "wrong host"):
            self.trust(self.place, self.run.stranger.ca if said == "wrong CA" else ca)
            self.place.configure(self.box)
            if said == "wrong host":
                config.write_text(right.replace("127.0.0.1", "no.localhost"))
            status, _ = self.finish("push", self.start("push"))
            if status == 0:
                raise Wrong(f"{said}: it is trusted")
            self.run.count(self.driver, said)
        config.write_text(right)
        if self.server.list(self.place.path):
            raise Wrong("something was sent to a server that cannot be trusted")

    def prepare(self):
        self.box.init("noscm")
        self.box.write(tree_of(self.draw))
        self.place.configure(self.box)
        self.undisturbed("add " + " ".join(sorted(p.name for p in self.box.repo.iterdir() if p.name[0] != ".")))
        self.expected = self.cache()

    def go(self):
        self.prepare()
        if self.driver in TLS and self.draw.random() < 0.3:
            self.wrong_certificate()
        for _ in range(self.draw.randint(1, 2)):
            self.with_faults("push", self.twin())
            self.check_server(complete=False)
        self.undisturbed("push")
        self.check_server(complete=True)
        shutil.rmtree(self.box.repo / ".dvc/cache")
        killed = False
        for _ in range(self.draw.randint(1, 2)):
            killed = self.with_faults("fetch") or killed
            self.check_cache(complete=False, was_killed=killed)
        self.undisturbed("fetch")
        self.check_cache(complete=True, was_killed=killed)
        self.undisturbed("push")
        self.check_server(complete=True)
        if self.draw.random() < 0.4 and not self.driver.startswith("http"):  # web servers list no files
            self.take_by_url()

    def take_by_url(self):
        """Fetch the objects as plain files. No digest is known, so without TLS a changed byte goes unseen."""
        out = self.box.repo / "out"
        words = "get-url remote://r/files/md5 out"
        self.proxy.plan[:] = [f for f in plan_of(self.draw, self.driver) if f.kind != "flip" or not is_http(self.driver)]
        self.say(f"plan: {self.proxy.plan}")
        status, _ = self.finish(words, self.start(words))
        self.proxy.plan[:] = []
        self.run.add(self.driver, self.proxy.made)
        self.proxy.made.clear()
        # killed pushes leave temporaries on a server that has no way to take them back
        got = {str(p.relative_to(out)).replace("/", ""): p.read_bytes() for p in out.rglob("*")
               if p.is_file() and p.suffix != ".tmp"}
        self.check_names("the folder", got)
        left = list(self.box.repo.glob(".*.cairn-tmp"))
        if left or (got and status) or (not status and got != self.expected):
            raise Wrong(f"`{words}` ended with {status} and {len(got)} of {len(self.expected)} files, and left {left}")


# ---- all rounds


class Run:
    def __init__(self, options, work):
        self.program, self.drivers = pathlib.Path(options.program).absolute(), options.drivers
        self.work, self.lock = work, threading.Lock()
        self.made = collections.Counter()  # by (driver, kind)
        self.rounds = self.failures = 0
        self.slowest = (0, "")
        self.servers, self.fronts, self.stack = {}, {}, contextlib.ExitStack()

    def __enter__(self):
        for driver in self.drivers:
            kind = KINDS[driver]
            same = next((s for s in self.servers.values() if type(s) is kind), None)
            self.servers[driver] = same or self.stack.enter_context(kind())
            if driver in TLS:
                self.fronts[driver] = self.stack.enter_context(TlsFront(self.servers[driver].address))
        self.stranger = Authority(self.work / "stranger")
        return self

    def __exit__(self, *_):
        self.stack.close()

    def server(self, driver):
        return self.servers[driver]

    def front(self, driver):
        return self.fronts[driver].address if driver in self.fronts else None

    def count(self, driver, kind):
        self.add(driver, {kind: 1})

    def add(self, driver, made):
        with self.lock:
            for kind, number in made.items():
                self.made[driver, kind] += number

    def took(self, seconds, what):
        with self.lock:
            self.slowest = max(self.slowest, (seconds, what))

    def round(self, name, driver, told=False):
        with Round(self, name, driver) as r:
            wrong = ""
            try:
                r.go()
            except Wrong as e:
                wrong = str(e)
            except Exception as e:  # of the harness; the round is a failure all the same
                wrong = repr(e)
        with self.lock:
            self.rounds += 1
            self.failures += bool(wrong)
            if wrong or told:
                print(f"--- round {name} {driver}: {wrong or 'fine'}", *r.log, sep="\n    ", flush=True)

    def table(self):
        kinds = sorted({k for _, k in self.made})
        yield "| fault | " + " | ".join(self.drivers) + " | all |"
        yield "|---" * (len(self.drivers) + 2) + "|"
        for kind in kinds:
            numbers = [self.made[d, kind] for d in self.drivers]
            yield f"| {kind} | " + " | ".join(map(str, numbers)) + f" | {sum(numbers)} |"
        numbers = [sum(n for (d, _), n in self.made.items() if d == driver) for driver in self.drivers]
        yield "| all | " + " | ".join(map(str, numbers)) + f" | {sum(numbers)} |"


def go(run, options):
    """Rounds of all drivers in turn, until enough faults were made or the time is over."""
    end = time.monotonic() + options.seconds
    numbers = iter(range(1 << 30))
    lock = threading.Lock()

    def work():
        while sum(run.made.values()) < options.faults and time.monotonic() < end:
            with lock:
                i = next(numbers)
            run.round(f"{options.seed}:{i}", run.drivers[i % len(run.drivers)])

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for worker in [pool.submit(work) for _ in range(options.jobs)]:
            worker.result()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=200, help="how many faults to make (200)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn (1)")
    parser.add_argument("--program", default=str(CAIRN), help="the cairn to test ($CAIRN, or build/cairn)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no round after so long")
    parser.add_argument("--jobs", type=int, default=2, help="rounds at a time (2)")
    parser.add_argument("--drivers", type=lambda s: s.split(","), default=DRIVERS, help=f"of {','.join(KINDS)} ({','.join(DRIVERS)})")
    parser.add_argument("--round", help="run this round alone (SEED:NUMBER, as a failure names it)")
    options = parser.parse_args()

    os.umask(0o022)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # started in the background: the commands would inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    shm = pathlib.Path("/dev/shm")
    work = pathlib.Path(tempfile.mkdtemp(prefix="cairn-transfers.", dir=shm if os.access(shm, os.W_OK) else None))
    begun = time.monotonic()
    try:
        with Run(options, work) as run:
            if options.round:
                run.round(options.round, run.drivers[0], told=True)
            else:
                go(run, options)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    took, command = run.slowest
    print(*run.table(), sep="\n")
    print(f"{run.rounds} rounds, {sum(run.made.values())} faults, {run.failures} failures, "
          f"{time.monotonic() - begun:.0f} s (slowest: {took:.1f} s, {command})")
    return run.failures != 0


if __name__ == "__main__":
    sys.exit(main())
