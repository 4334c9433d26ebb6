"""Servers that speak SSH on loopback, and the user's side of them: an ssh that reads the sandbox's own ~/.ssh.

OpenSSH's sshd is the real thing; asyncssh stands in where it cannot: it lets in users of its own with passwords."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

SSHD = "/usr/sbin/sshd"

PASSWORD_SERVER = """
import asyncio, asyncssh, sys

key, log, user, password = sys.argv[1:]

class Server(asyncssh.SSHServer):
    def begin_auth(self, name):
        return True
    def password_auth_supported(self):
        return True
    def validate_password(self, name, given):
        print("try", file=open(log, "a"))
        return (name, given) == (user, password)

async def main():
    server = await asyncssh.create_server(Server, "127.0.0.1", 0, server_host_keys=[key], sftp_factory=True)
    print(server.get_port(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def is_open(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def keygen(path, passphrase=""):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)], check=True)
    return path


class Client:
    """The ssh of a sandbox. OpenSSH takes the home of the user database, not $HOME, so it is told where to look."""

    def __init__(self, box):
        self.box, self.folder = box, box.root / ".home/.ssh"
        self.folder.mkdir(mode=0o700)
        self.hosts = self.folder / "known_hosts"
        self.key = keygen(self.folder / "id_ed25519")
        self.config = self.folder / "config"
        self.config.write_text("")
        self.seen = box.root / ".seen"  # command lines and environments of every ssh
        ssh = box.root / ".bin/ssh"
        ssh.write_text(f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >>{self.seen}\nexec /usr/bin/ssh -F {self.config} "$@"\n')
        ssh.chmod(0o755)

    def configure(self, text=""):
        """Host blocks, before the defaults of all hosts."""
        self.config.write_text(f"{text}\nHost *\n    IdentityFile {self.key}\n    UserKnownHostsFile {self.hosts}\n"
                               "    GlobalKnownHostsFile /dev/null\n    IdentityAgent none\n")

    def knows(self, server):
        with open(self.hosts, "a") as f:
            f.write(f"[127.0.0.1]:{server.port} {server.public_key()}\n")


class Server:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.key = keygen(self.folder / "host_key")
        self.process = None

    def public_key(self):
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    def children(self):
        """The processes that serve connections."""
        found = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid:
                found.append(int(stat.parent.name))
        return found

    def kill_connections(self):
        for pid in self.children():
            os.kill(pid, signal.SIGKILL)


class Sshd(Server):
    def __init__(self, folder, authorized, subsystem="internal-sftp", more=""):
        super().__init__(folder)
        self.authorized, self.subsystem, self.more = authorized, subsystem, more
        self.port = free_port()
        self.start()

    def start(self):
        config = self.folder / "sshd_config"
        config.write_text(f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.key}\n"
                          f"AuthorizedKeysFile {self.authorized}\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
                          f"PidFile none\nSubsystem sftp {self.subsystem}\n{self.more}\n")
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        log = open(self.folder / "log", "a")
        self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL, stderr=log,
                                        stdout=log, start_new_session=True)
        for _ in range(200):
            if is_open(self.port):
                return
            time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text())


class PasswordServer(Server):
    def __init__(self, folder, user, password):
        super().__init__(folder)
        self.log = self.folder / "log"
        self.process = subprocess.Popen([sys.executable, "-c", PASSWORD_SERVER, str(self.key), str(self.log), user, password],
                                        stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.port = int(self.process.stdout.readline())

    def tries(self):
        return self.log.read_text().count("try") if self.log.exists() else 0


class Slow:
    """A port that leads to another, with a delay in each direction and no limit of bandwidth."""

    def __init__(self, port, delay_s):
        self.to, self.delay_s = port, delay_s
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.socket.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.to))
            for a, b in (near, far), (far, near):
                a.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pump(a, b)

    def _pump(self, a, b):
        import queue

        waiting = queue.Queue()

        def read():
            while True:
                try:
                    data = a.recv(1 << 18)
                except OSError:
                    data = b""
                waiting.put((time.monotonic() + self.delay_s, data))
                if not data:
                    return

        def write():
            while True:
                due, data = waiting.get()
                time.sleep(max(0, due - time.monotonic()))
                try:
                    if not data:
                        b.shutdown(socket.SHUT_WR)
                        return
                    b.sendall(data)
                except OSError:
                    return

        for f in (read, write):
            threading.Thread(target=f, daemon=True).start()

    def stop(self):
        self.socket.close()


def available():
    return os.access(SSHD, os.X_OK) and shutil.which("ssh") is not None
