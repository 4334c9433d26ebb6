"""Bare systems of Debian, as tools/bare-tree makes them, to run programs in by chroot."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from .sandbox import TOP

# /dev and /proc are mounted in a name space of their own, so they vanish with the last process.
ENTER = ('mount --bind /dev "$TREE/dev" && mount -t proc proc "$TREE/proc" && '
         'exec chroot "$TREE" /bin/sh -c "$SCRIPT"')


class Tree:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def sh(self, script, timeout=120):
        """Run a script as root of the tree; return its output, both streams. The test fails if the script fails."""
        (self.folder / "proc").mkdir(exist_ok=True)
        done = subprocess.run(["unshare", "--mount", "--net", "sh", "-c", ENTER], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False, timeout=timeout, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive",
                                                                 "TREE": str(self.folder), "SCRIPT": f"set -e\n{script}"})
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout

    def files(self):
        """The paths of all files of the system."""
        return {p.relative_to(self.folder).as_posix() for top in ("etc", "usr", "opt", "var/lib", "root")
                for p in (self.folder / top).rglob("*")}


@contextlib.contextmanager
def bare_tree(release):
    archive = TOP / f"build/trees/{release}.tar"
    if os.geteuid() != 0 or not archive.exists():
        pytest.skip(f"no {archive.relative_to(TOP)} (tools/bare-tree), or not root")
    folder = tempfile.mkdtemp(prefix="cairn-tree.", dir="/dev/shm")
    try:
        subprocess.run(["tar", "-xf", archive, "-C", folder], check=True)
        yield Tree(folder)
    finally:
        shutil.rmtree(folder)
