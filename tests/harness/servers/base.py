"""A server program of the tests, and a place on it that one test has for itself."""

import configparser
import ctypes
import dataclasses
import hashlib
import io
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from ..sandbox import TOP

BIN = TOP / ".venv/bin"
START_SECONDS = 60
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)
numbers = itertools.count(1)


def die_with_parent():
    """Run in the child before exec: the kernel kills it when the test process ends, however that happens. A limit on the
    size of its files, as some tests set it, is an error of its writes and no signal."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def scratch_folder():
    """A new folder in memory. Those of test processes that were killed are removed."""
    top = pathlib.Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")
    for old in top.glob("cairn-server.*.*"):
        if not os.path.exists(f"/proc/{old.name.split('.')[1]}"):
            shutil.rmtree(old, ignore_errors=True)
    return pathlib.Path(tempfile.mkdtemp(prefix=f"cairn-server.{os.getpid()}.", dir=top))


def digest(data):
    return len(data), hashlib.md5(data).hexdigest()


@dataclasses.dataclass
class Place:
    """A fresh, empty remote on a server: its URL, the options that a tool needs for it, and what is stored there."""

    server: "Server"
    path: str  # where it is, in the server's own terms
    url: str
    options: dict = dataclasses.field(default_factory=dict)
    env: dict = dataclasses.field(default_factory=dict)  # for the tools
    setup: object = None  # called with the sandbox

    def configure(self, box, name="r", **options):
        """Make this the default remote of a sandbox's repository, for both tools. `options` are added or replaced."""
        path = box.repo / ".dvc/config"
        config = configparser.RawConfigParser()
        config.read_string(path.read_text())
        config.read_dict({"core": {"remote": name}, f"'remote \"{name}\"'": {"url": self.url, **self.options, **options}})
        text = io.StringIO()
        config.write(text)
        path.write_text(text.getvalue())
        box.extra_env.update(self.env)
        if self.setup:
            self.setup(box)
        return box

    def keys(self):
        """{key below the remote's root: (size, md5)} of everything stored there."""
        return {k: digest(self.read(k)) for k in self.server.list(self.path)}

    def read(self, key):
        return self.server.read(self.path, key)

    def write(self, key, data):
        self.server.write(self.path, key, data)

    def remove(self, key):
        self.server.remove(self.path, key)


class Server:
    """A program that listens on loopback. A kind says how it is started (command) and how its store is read.

    self.folder is its own scratch folder, self.address "127.0.0.1:PORT". Where a method takes `at`, it is the address
    by which clients reach the server, if not directly: that of a faulty proxy or, with secure=True, of a TLS front."""

    scheme = "http"

    def __init__(self):
        self.folder = scratch_folder()
        self.process = None

    # What a kind provides.
    def prepare(self):
        """Write configuration; called before each start, with the port known."""

    def command(self):
        raise NotImplementedError

    def started(self):
        """Create what every test needs; called once the port accepts."""

    def list(self, path):
        """The keys stored below a place's path."""
        raise NotImplementedError

    # What all have in common.
    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def ports(self):
        return [self.port]

    def start(self):
        for _ in range(5):  # another process may take the port between the search and the start
            self.port = free_port()
            self.prepare()
            with open(self.folder / "log", "w") as log:
                self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                cwd=self.folder, env=self.env(), preexec_fn=die_with_parent)
            if self.accepts():
                self.started()
                return self
        log = self.log
        self.stop()
        raise RuntimeError(f"{type(self).__name__} does not start:\n{log}")

    def env(self):
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(TOP / "tests")}

    def accepts(self):
        """Wait until every port accepts. False when the program ends."""
        end = time.monotonic() + START_SECONDS
        for port in self.ports():
            while True:
                if self.process.poll() is not None:
                    return False
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if time.monotonic() > end:
                        self.kill()
                        return False
                    time.sleep(0.02)
        return self.process.poll() is None

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()

    def stop(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def fresh(self):
        """A name that no other place of this server has."""
        return f"p{next(numbers)}"


class FolderServer(Server):
    """A server whose store is a folder, self.folder/"data"."""

    def __init__(self):
        super().__init__()
        self.data = self.folder / "data"
        self.data.mkdir()

    def list(self, path):
        root = self.data / path
        return sorted(str(f.relative_to(root)) for f in root.rglob("*") if f.is_file())

    def read(self, path, key):
        return (self.data / path / key).read_bytes()

    def write(self, path, key, data):
        file = self.data / path / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_bytes(data)

    def remove(self, path, key):
        (self.data / path / key).unlink()
