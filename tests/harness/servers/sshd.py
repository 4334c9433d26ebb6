"""OpenSSH's server with its own keys, for the user who runs the tests, and SFTP only."""

import getpass
import os
import pathlib
import subprocess

from .base import FolderServer, Place

CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
MaxStartups 1000
MaxSessions {max_sessions}
Subsystem sftp internal-sftp
{force}
"""

# OpenSSH's client looks for its files in the home of the password database, not in $HOME.
CLIENT = '#!/bin/sh\nexec /usr/bin/ssh -F "$HOME/.ssh/config" "$@"\n'


class Sshd(FolderServer):
    """self.key is the user's private key, self.known_hosts the server's own. With shell=False only SFTP is allowed."""

    def __init__(self, max_sessions=10, shell=True):
        super().__init__()
        self.max_sessions, self.shell = max_sessions, shell
        self.key, self.known_hosts, self.user = self.folder / "user_key", self.folder / "known_hosts", getpass.getuser()
        for name in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tests", "-f", self.folder / name], check=True)
        if os.geteuid() == 0:
            pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it jails the part without privileges

    def prepare(self):
        (self.folder / "config").write_text(CONFIG.format(port=self.port, folder=self.folder, max_sessions=self.max_sessions,
                                                          force="" if self.shell else "ForceCommand internal-sftp"))
        host = " ".join((self.folder / "host_key.pub").read_text().split()[:2])
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {host}\n")

    def command(self):
        return ["/usr/sbin/sshd", "-D", "-e", "-f", str(self.folder / "config")]

    def place(self, at=None):
        """The sandbox's own ~/.ssh knows the host by its key, also when a proxy is between."""
        path = self.fresh()
        (self.data / path).mkdir()
        return Place(self, path, f"ssh://{self.user}@{at or self.address}{self.data / path}", {"keyfile": str(self.key)},
                     setup=self.introduce)

    def introduce(self, box):
        home = box.root / ".home/.ssh"
        home.mkdir(mode=0o700, exist_ok=True)
        (home / "config").write_text(f"Host 127.0.0.1\n  HostKeyAlias [127.0.0.1]:{self.port}\n"
                                     f"  UserKnownHostsFile {self.known_hosts}\n  IdentityFile {self.key}\n")
        client = box.root / ".bin/ssh"
        client.write_text(CLIENT)
        client.chmod(0o755)
