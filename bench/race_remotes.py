#!/usr/bin/env python3
"""Race push and fetch over the network: bench/race_remotes.py --server VERSITYGW [--rclone RCLONE] [OPTION]... NAME=PROGRAM...

Over S3 the server is versitygw (go install github.com/versity/versitygw/cmd/versitygw@latest) on loopback, with its files
in memory; with --sftp it is OpenSSH's sshd. Each tool pushes the same data to a prefix of its own and fetches it back,
right after one another; what arrived is counted on the server and in the cache. rclone copies the objects of the last
tool's cache with as many transfers as that tool has requests. The floor is one curl with as many parallel connections
that fetches the same objects.

--latency adds so many milliseconds between request and answer, by a proxy. --noop pushes so many small files with the last
tool alone, copies them on the server to the other tools' prefixes, and races only the push that has nothing to do.

Before each operation the memory that it will need for files is written once and freed: a virtual machine gets memory
from its host when it is first touched, which can take longer than the operation. Shown are seconds, the seconds of
processor that the tool and the server took, the peak memory of the largest process, and the ratio of the times against
the last tool, of one run.
"""
import argparse
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import types

from race import Tool
from scenarios import make_files

TOP = pathlib.Path(__file__).resolve().parent.parent
KEY, SECRET, CONNECTIONS = "race", "race-secret-key", 48


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class S3:
    """The address, and the folder with the bucket's objects."""

    def __init__(self, options, folder):
        self.port, data = free_port(), os.path.join(folder, "server")
        self.folder = os.path.join(data, "bkt")
        os.makedirs(self.folder)
        env = {**os.environ, "ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET}
        # as S3 does, it keeps connections
        self.process = subprocess.Popen([options.server, "--quiet", "--keep-alive", "--port", f"127.0.0.1:{self.port}", "posix", data],
                                        env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.address = f"127.0.0.1:{self.port}"
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def remote(self, tool, address):
        return f"s3://bkt/{tool.name}", {"endpointurl": f"http://{address}", "access_key_id": KEY, "secret_access_key": SECRET}


class Sftp:
    """OpenSSH's sshd, as the tests start it."""

    def __init__(self, options, folder):
        sys.path.insert(0, str(TOP / "tests"))
        from harness.servers.sshd import Sshd
        self.folder = os.path.join(folder, "server")
        os.makedirs(self.folder)
        self.sshd = Sshd(max_sessions=64).start()
        self.process, self.address = self.sshd.process, self.sshd.address

    def stop(self):
        self.sshd.stop()

    def remote(self, tool, address):
        box = types.SimpleNamespace(root=pathlib.Path(self.folder).parent)
        (box.root / ".home").mkdir(exist_ok=True)
        (box.root / ".bin").mkdir(exist_ok=True)
        if not (box.root / ".home/.ssh").exists():
            self.sshd.introduce(box)
        tool.env["HOME"] = str(box.root / ".home")
        tool.env["PATH"] = f"{box.root}/.bin{os.pathsep}{tool.env['PATH']}"
        return f"ssh://{self.sshd.user}@{address}{self.folder}/{tool.name}", {"keyfile": str(self.sshd.key)}


class Cost:
    """What an operation took: seconds, seconds of processor here and at the server, MiB of the largest process."""

    def __init__(self, seconds, processor, at_server, memory):
        self.seconds, self.processor, self.at_server, self.memory = seconds, processor, at_server, memory


def processor_seconds(pid):
    """Of a process and of its children that have ended."""
    with open(f"/proc/{pid}/stat") as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:15])) / os.sysconf("SC_CLK_TCK")


def measured(words, cwd, env, server_pid):
    with tempfile.NamedTemporaryFile("r", prefix="race-time-") as note:
        at_server, begin = processor_seconds(server_pid), time.perf_counter()
        done = subprocess.run(["time", "-f", "%M %U %S", "-o", note.name, *words], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        seconds, at_server = time.perf_counter() - begin, processor_seconds(server_pid) - at_server
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: status {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}")
        memory, user, system = map(float, note.read().split()[-3:])
        return Cost(seconds, user + system, at_server, memory / 1024)


def warm(folder, mib):
    """Take memory from the host."""
    with tempfile.NamedTemporaryFile(dir=folder) as f:
        block = b"\1" * (1 << 20)
        for _ in range(mib):
            f.write(block)


@contextlib.contextmanager
def delayed(address, milliseconds):
    if not milliseconds:
        yield address
        return
    sys.path.insert(0, str(TOP / "tests"))
    from harness.servers.faulty import FaultyTcp, latency
    host, port = address.split(":")
    with FaultyTcp(f"{host}:{port}", seed=1, plan=[latency(milliseconds / 2000)]) as proxy:
        yield proxy.address


def count(folder):
    return sum(len(names) for _, _, names in os.walk(folder))


def expect(what, got, want):
    if got != want:
        raise RuntimeError(f"{what}: {got} instead of {want}")


class Dvclike:
    """cairn and DVC: one repository each."""

    def __init__(self, tool, base, address, server):
        self.tool, self.name, self.pid = tool, tool.name, server.process.pid
        self.repo, self.stored = os.path.join(base, tool.name), os.path.join(server.folder, tool.name)
        os.makedirs(self.repo)
        url, settings = server.remote(tool, address)
        tool.git(self.repo, "init", "-q")
        for words in (["init", "-q"], ["config", "core.analytics", "false"], ["config", "core.site_cache_dir", self.repo + ".site"],
                      ["remote", "add", "-q", "-d", "r", url], *(["remote", "modify", "r", k, v] for k, v in settings.items())):
            tool.run(self.repo, *words)

    def add(self, data, objects):
        self.objects = objects
        shutil.copytree(data, os.path.join(self.repo, "data"))
        self.tool.run(self.repo, "add", "-q", "data")

    def run(self, word):
        return measured([self.tool.program, word, "-q"], self.repo, self.tool.env, self.pid)

    def push(self):
        got = self.run("push")
        expect("on the server", count(self.stored), self.objects)
        return got

    def push_again(self):
        return self.run("push")

    def fetch(self):
        cache = os.path.join(self.repo, ".dvc/cache")
        shutil.rmtree(cache)
        got = self.run("fetch")
        expect("in the cache", count(os.path.join(cache, "files")), self.objects)
        return got

    def cache(self):
        return os.path.join(self.repo, ".dvc/cache/files")


class Rclone:
    name = "rclone"

    def __init__(self, program, address, server, source):
        self.program, self.source, self.pid = program, source, server.process.pid
        self.stored = os.path.join(server.folder, "rclone")
        self.env = {**os.environ, "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_R_TYPE": "s3", "RCLONE_CONFIG_R_PROVIDER": "Other",
                    "RCLONE_CONFIG_R_ENDPOINT": f"http://{address}", "RCLONE_CONFIG_R_ACCESS_KEY_ID": KEY,
                    "RCLONE_CONFIG_R_SECRET_ACCESS_KEY": SECRET, "RCLONE_CONFIG_R_REGION": "us-east-1"}

    def copy(self, source, target):
        return measured([self.program, "copy", "--transfers", str(CONNECTIONS), "--checkers", str(CONNECTIONS), "--fast-list",
                         "--s3-no-check-bucket", source, target], "/", self.env, self.pid)

    def push(self):
        got = self.copy(self.source, "R:bkt/rclone")
        expect("on the server", count(self.stored), count(self.source))
        return got

    def push_again(self):
        return self.copy(self.source, "R:bkt/rclone")

    def fetch(self):
        with tempfile.TemporaryDirectory(dir=os.path.dirname(self.stored)) as to:
            got = self.copy("R:bkt/rclone", to)
            expect("here", count(to), count(self.source))
            return got


def curl_floor(address, server, name, base):
    """Fetch every object of a tool's prefix with one curl."""
    lines, bucket = [], server.folder
    for folder, _, names in os.walk(os.path.join(bucket, name)):
        for n in names:
            key = os.path.relpath(os.path.join(folder, n), bucket)
            lines.append(f'url = "http://{address}/bkt/{key}"\noutput = "/dev/null"\n')
    config = os.path.join(base, "curl")
    with open(config, "w") as f:
        f.writelines(lines)
    return measured(["curl", "-s", "--fail", "-Z", "--parallel-max", str(CONNECTIONS), "--aws-sigv4", "aws:amz:us-east-1:s3", "-H",
                     "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "--user",
                     f"{KEY}:{SECRET}", "-K", config], base, os.environ, server.process.pid)


@contextlib.contextmanager
def place(options):
    """A scratch folder, a server and the address by which it is reached."""
    with tempfile.TemporaryDirectory(prefix="race-remotes-", dir=options.dir) as base:
        server = (Sftp if options.sftp else S3)(options, base)
        try:
            with delayed(server.address, options.latency) as address:
                yield base, server, address
        finally:
            server.stop()


def prepared(options, base, server, address, make, objects):
    """The tools, with the data in their caches."""
    data = os.path.join(base, "data")
    make(data)
    tools = [Dvclike(Tool(*t.split("=", 1)), base, address, server) for t in options.tools]
    for t in tools:
        t.add(data, objects)
    shutil.rmtree(data)
    return tools


def race(options, label, make, objects, mib):
    with place(options) as (base, server, address):
        tools = prepared(options, base, server, address, make, objects)
        if options.rclone and not options.sftp:
            tools.insert(0, Rclone(options.rclone, address, server, tools[-1].cache()))
        for what in ("push", "push_again", "fetch"):
            cells = {}
            for t in tools:
                os.sync()
                warm(options.dir, mib * (2 if what == "push" else 1) + 64)
                cells[t.name] = getattr(t, what)()
            line(f"{label}: {what}", cells)
        if not options.sftp:
            line(f"{label}: curl", {"curl": curl_floor(address, server, tools[-1].name, base)})


def race_noop(options):
    count, label = options.noop, f"{options.noop} x 16 bytes, {options.latency} ms"
    with place(options) as (base, server, address):
        tools = prepared(options, base, server, address, lambda d: make_files(d, count, 16, 1000), count + 1)
        tools[-1].push()
        for t in tools[:-1]:
            subprocess.run(["cp", "-a", tools[-1].stored, t.stored], check=True)
        for what in ("push_again", "push_again"):
            line(f"{label}: {what}", {t.name: getattr(t, what)() for t in tools})


def line(label, cells):
    last = list(cells.values())[-1].seconds
    print(f"{label}\n" + "\n".join(f"    {n:10} {c.seconds:8.2f} s  ({c.seconds / last:6.1f} x)  processor {c.processor:7.2f} s, server "
                                   f"{c.at_server:7.2f} s  {c.memory:5.0f} MB" for n, c in cells.items()), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", help="versitygw")
    parser.add_argument("--rclone")
    parser.add_argument("--sftp", action="store_true", help="race over SSH; needs /usr/sbin/sshd")
    parser.add_argument("--small", type=int, default=10000, help="files of 4 KiB")
    parser.add_argument("--big", type=int, default=2048, help="MiB of one file")
    parser.add_argument("--noop", type=int, default=0, help="files that are all there")
    parser.add_argument("--latency", type=int, default=0, help="milliseconds")
    parser.add_argument("--dir", default="/dev/shm")
    parser.add_argument("tools", nargs="+", metavar="NAME=PROGRAM")
    o = parser.parse_args()
    if not o.sftp and not o.server:
        parser.error("--server or --sftp is needed")
    if o.small:
        race(o, f"{o.small} x 4 KiB, {o.latency} ms", lambda d: make_files(d, o.small, 4096), o.small + 1, o.small // 256 + 1)
    if o.big:
        race(o, f"1 x {o.big} MiB, {o.latency} ms", lambda d: make_files(d, 1, o.big << 20), 2, o.big)
    if o.noop:
        race_noop(o)


if __name__ == "__main__":
    main()
