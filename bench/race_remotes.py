#!/usr/bin/env python3
"""Race push and fetch over the network: bench/race_remotes.py --server VERSITYGW [--rclone RCLONE] [OPTION]... NAME=PROGRAM...

The server is versitygw (go install github.com/versity/versitygw/cmd/versitygw@latest) on loopback, with its files in
memory. Each tool pushes the same data to a prefix of its own and fetches it back, right after one another; what arrived
is counted on the server and in the cache. rclone copies the objects of the last tool's cache with as many transfers as
that tool has requests. The floor is one curl with as many parallel connections that fetches the same objects.

--latency adds so many milliseconds between request and answer, by a proxy. Ratios are against the last tool, of one
run. Memory is the peak of the largest process.
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

from race import Tool, timed
from scenarios import make_files

TOP = pathlib.Path(__file__).resolve().parent.parent
KEY, SECRET, CONNECTIONS = "race", "race-secret-key", 48


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def server(program, folder):
    """The address and the folder with the bucket's objects."""
    port, data = free_port(), os.path.join(folder, "server")
    os.makedirs(os.path.join(data, "bkt"))
    env = {**os.environ, "ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET}
    child = subprocess.Popen([program, "--port", f"127.0.0.1:{port}", "posix", data], env=env, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.05)
        yield f"127.0.0.1:{port}", os.path.join(data, "bkt")
    finally:
        child.terminate()
        child.wait()


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

    def __init__(self, tool, base, address, bucket):
        self.tool, self.name = tool, tool.name
        self.repo, self.stored = os.path.join(base, tool.name), os.path.join(bucket, tool.name)
        os.makedirs(self.repo)
        tool.git(self.repo, "init", "-q")
        for words in (["init", "-q"], ["config", "core.analytics", "false"], ["config", "core.site_cache_dir", self.repo + ".site"],
                      ["remote", "add", "-q", "-d", "r", f"s3://bkt/{tool.name}"],
                      ["remote", "modify", "r", "endpointurl", f"http://{address}"],
                      ["remote", "modify", "r", "access_key_id", KEY], ["remote", "modify", "r", "secret_access_key", SECRET]):
            tool.run(self.repo, *words)

    def add(self, data, objects):
        self.objects = objects
        shutil.copytree(data, os.path.join(self.repo, "data"))
        self.tool.run(self.repo, "add", "-q", "data")

    def push(self):
        got = self.tool.run(self.repo, "push", "-q")
        expect("on the server", count(self.stored), self.objects)
        return got

    def push_again(self):
        return self.tool.run(self.repo, "push", "-q")

    def fetch(self):
        cache = os.path.join(self.repo, ".dvc/cache")
        shutil.rmtree(cache)
        got = self.tool.run(self.repo, "fetch", "-q")
        expect("in the cache", count(os.path.join(cache, "files")), self.objects)
        return got

    def cache(self):
        return os.path.join(self.repo, ".dvc/cache/files")


class Rclone:
    name = "rclone"

    def __init__(self, program, address, bucket, source):
        self.program, self.source, self.stored = program, source, os.path.join(bucket, "rclone")
        self.env = {**os.environ, "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_R_TYPE": "s3", "RCLONE_CONFIG_R_PROVIDER": "Other",
                    "RCLONE_CONFIG_R_ENDPOINT": f"http://{address}", "RCLONE_CONFIG_R_ACCESS_KEY_ID": KEY,
                    "RCLONE_CONFIG_R_SECRET_ACCESS_KEY": SECRET, "RCLONE_CONFIG_R_REGION": "us-east-1"}

    def copy(self, source, target):
        return timed([self.program, "copy", "--transfers", str(CONNECTIONS), "--checkers", str(CONNECTIONS), "--fast-list",
                      "--s3-no-check-bucket", source, target], "/", self.env)

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


def curl_floor(address, bucket, name, base):
    """Fetch every object of a tool's prefix with one curl."""
    lines = []
    for folder, _, names in os.walk(os.path.join(bucket, name)):
        for n in names:
            key = os.path.relpath(os.path.join(folder, n), bucket)
            lines.append(f'url = "http://{address}/bkt/{key}"\noutput = "/dev/null"\n')
    config = os.path.join(base, "curl")
    with open(config, "w") as f:
        f.writelines(lines)
    return timed(["curl", "-s", "--fail", "-Z", "--parallel-max", str(CONNECTIONS), "--aws-sigv4", "aws:amz:us-east-1:s3", "-H",
                  "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "--user",
                  f"{KEY}:{SECRET}", "-K", config], base, os.environ)


def race(options, label, make, objects, latency):
    with tempfile.TemporaryDirectory(prefix="race-remotes-", dir=options.dir) as base, server(options.server, base) as (real, bucket), \
            delayed(real, latency) as address:
        data = os.path.join(base, "data")
        make(data)
        tools = [Dvclike(Tool(*t.split("=", 1)), base, address, bucket) for t in options.tools]
        for t in tools:
            t.add(data, objects)
        shutil.rmtree(data)
        if options.rclone:
            tools.insert(0, Rclone(options.rclone, address, bucket, tools[-1].cache()))
        for what in ("push", "push_again", "fetch"):
            cells = {}
            for t in tools:
                os.sync()
                cells[t.name] = getattr(t, what)()
            line(f"{label}: {what}", cells)
        line(f"{label}: curl", {"curl": curl_floor(address, bucket, tools[-1].name, base)})


def line(label, cells):
    last = list(cells.values())[-1][0]
    print(f"{label:44}" + "".join(f"  {n} {s:8.2f} s {m:5.0f} MB ({s / last:5.1f} x)" for n, (s, m) in cells.items()), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--rclone")
    parser.add_argument("--small", type=int, default=10000, help="files of 4 KiB")
    parser.add_argument("--big", type=int, default=2048, help="MiB of one file")
    parser.add_argument("--latency", type=int, default=0, help="milliseconds")
    parser.add_argument("--dir", default="/dev/shm")
    parser.add_argument("tools", nargs="+", metavar="NAME=PROGRAM")
    o = parser.parse_args()
    if o.small:
        race(o, f"{o.small} x 4 KiB, {o.latency} ms", lambda d: make_files(d, o.small, 4096), o.small + 1, o.latency)
    if o.big:
        race(o, f"1 x {o.big} MiB, {o.latency} ms", lambda d: make_files(d, 1, o.big << 20), 2, o.latency)


if __name__ == "__main__":
    main()
