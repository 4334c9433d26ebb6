"""Hosts for the executor of type ssh: an sshd each on loopback, with a home directory, a PATH and a login shell of its own.

    <root>/hosts/<name>/home    HOME there; bin/cairn is the program under test
    <root>/hosts/<name>/login   what sshd runs: sets up the environment, then the command
"""

import os
import pathlib
import shlex
import signal

from . import ssh_server

LOGIN = """#!/bin/sh
export HOME={home} PATH={home}/bin:/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 DVC_NO_ANALYTICS=1
export DVC_SITE_CACHE_DIR={home}/.site DVC_GLOBAL_CONFIG_DIR={home}/.config/dvc DVC_SYSTEM_CONFIG_DIR={home}/.etc
export GIT_CONFIG_NOSYSTEM=1
cd
case "$SSH_ORIGINAL_COMMAND" in
*sftp*) exec /usr/lib/openssh/sftp-server ;;
esac
{before}
exec {shell} -c "$SSH_ORIGINAL_COMMAND"
"""


class Host:
    def __init__(self, root, name, client, program, shell="/bin/sh", before=""):
        self.name, self.folder = name, pathlib.Path(root) / "hosts" / name
        self.folder.mkdir(parents=True)
        self.home = self.folder / "home"
        (self.home / "bin").mkdir(parents=True)
        (self.home / "bin/cairn").symlink_to(program)
        self.login = self.folder / "login"
        self.set_login(shell, before)
        self.server = ssh_server.Sshd(self.folder / "sshd", f"{client.key}.pub",
                                      # SHLVL: bash reads no ~/.bashrc, that of the user who runs the tests
                                      more=f"ForceCommand {self.login}\nSetEnv SHLVL=5\nMaxStartups 1000\nMaxSessions 100")
        client.knows(self.server)
        self.block = (f"Host {name}\n    HostName 127.0.0.1\n    Port {self.server.port}\n"
                      f"    HostKeyAlias [127.0.0.1]:{self.server.port}\n")

    def set_login(self, shell="/bin/sh", before=""):
        self.login.write_text(LOGIN.format(home=shlex.quote(str(self.home)), shell=shell, before=before))
        self.login.chmod(0o755)

    def cut(self):
        """The server and all its connections are gone, as when the network is. What runs there goes on."""
        victims = self.below(self.server.process.pid)
        os.kill(self.server.process.pid, signal.SIGKILL)
        self.server.process.wait()
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def back(self):
        self.server.start()

    def below(self, pid):
        """All descendants of a process. Jobs are not among those of sshd: their sessions are their own."""
        children = {}
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        found, todo = [], [pid]
        while todo:
            for child in children.get(todo.pop(), []):
                found.append(child)
                todo.append(child)
        return found

    @property
    def place(self):
        """The directory of the one repository that was there."""
        found = [p for p in (self.home / "cairn").glob("*") if p.is_dir()]
        assert len(found) == 1, found
        return found[0]

    def jobs(self):
        return sorted(p.name for p in self.place.glob("jobs/*")) if (self.home / "cairn").exists() else []

    def stop(self):
        self.server.stop()
