"""Which repository a call is about: the work tree, a revision of it, or a clone of another one."""

from __future__ import annotations

import os
import posixpath
import subprocess
import threading
import weakref
from typing import Optional

from .exceptions import CloneError, NotDvcRepoError, SCMError

PathKey = tuple[str, ...]


def find_upward(start: str, name: str) -> Optional[str]:
    """The nearest directory at or above `start`, on the same file system, that has an entry `name`."""
    here = os.path.realpath(start)
    while True:
        if os.path.lexists(os.path.join(here, name)):
            return here
        if os.path.ismount(here) or os.path.dirname(here) == here:
            return None
        here = os.path.dirname(here)


def find_root(start: Optional[str] = None) -> str:
    """The root of the DVC repository that `start` (by default the working directory) is in."""
    start = start or os.getcwd()
    if not os.path.isdir(start):
        raise NotDvcRepoError(f"directory '{start}' does not exist")
    here = os.path.realpath(start)
    while True:
        if os.path.isdir(os.path.join(here, ".dvc")):
            return here
        if os.path.ismount(here) or os.path.dirname(here) == here:
            break
        here = os.path.dirname(here)
    raise NotDvcRepoError(f"you are not inside of a DVC repository (checked up to mount point '{here}')")


class Place:
    """
    A repository that files are read from.

    `root` is the directory that paths are relative to, or None for a repository that only a URL names. `in_work_tree`
    is true if files of the work tree are read. `url` is what the program is given.
    """

    def __init__(self, repo: Optional[str], rev: Optional[str]) -> None:
        self.rev = rev
        self.root: Optional[str] = None
        self.url: str
        if repo is not None and not os.path.exists(repo):
            self.url = repo
            self.in_work_tree = False
            return
        start = os.path.abspath(repo or os.getcwd())
        git = find_upward(start, ".git")
        if rev and not git:
            raise SCMError(f"{start} is not a git repository")
        if rev:
            self.root = git
        else:
            try:
                self.root = find_root(start)
            except NotDvcRepoError:
                self.root = git or os.path.realpath(start)
        self.url = self.root or start
        self.in_work_tree = not rev

    def working_directory(self) -> str:
        """The directory that relative paths start at, as an absolute path of the repository."""
        if self.root and self.in_work_tree:
            here = os.path.realpath(os.getcwd())
            if self.contains(here):
                relative = os.path.relpath(here, self.root)
                return "/" if relative == os.curdir else "/" + relative.replace(os.sep, "/")
        return "/"

    def contains(self, path: str) -> bool:
        """Is an absolute path of the local disk in this repository?"""
        assert self.root is not None
        return path == self.root or path.startswith(self.root.rstrip(os.sep) + os.sep)

    def key(self, path: str) -> PathKey:
        """The parts of a path (relative to the working directory if it is relative), from the repository's root."""
        full = posixpath.normpath(posixpath.join(self.working_directory(), path))
        return tuple(part for part in full.split("/") if part)

    def on_disk(self, key: PathKey) -> str:
        """Where a path of the work tree is on disk."""
        assert self.root is not None
        return os.path.join(self.root, *key)


class _Clones:
    """Clones of other repositories, made when first needed and removed with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paths: dict[str, str] = {}
        self._pid = os.getpid()

    def get(self, url: str) -> str:
        with self._lock:
            if self._pid != os.getpid():  # of the parent process, which removes them
                self._paths, self._pid = {}, os.getpid()
            if url not in self._paths:
                self._paths[url] = self._make(url)
            return self._paths[url]

    def _make(self, url: str) -> str:
        import shutil
        import tempfile

        path = tempfile.mkdtemp(prefix="cairn-clone-")
        weakref.finalize(self, _remove_own, path, os.getpid())
        for command in (
            ["clone", "--quiet", "--", url, path],
            ["-C", path, "fetch", "--quiet", "origin", "+refs/exps/*:refs/exps/*"],
        ):
            done = subprocess.run(
                ["git", *command],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            )
            if done.returncode:
                shutil.rmtree(path, ignore_errors=True)
                raise CloneError("SCM error") from OSError(os.fsdecode(done.stderr).strip())
        return path


def _remove_own(path: str, pid: int) -> None:
    import shutil

    if os.getpid() == pid:
        shutil.rmtree(path, ignore_errors=True)


clones = _Clones()
