"""Git, as far as DVCLive asks it, by the user's git; and the exceptions of Git."""

from __future__ import annotations

import os
import subprocess
from typing import Any, Iterable, Optional, Union

from cairn.exceptions import NoSCMError, SCMError, defined_in

from dvc._lack import lacking

globals().update(defined_in(__name__))
__getattr__ = lacking(__name__)


def _outside_git(path: str) -> Exception:
    """The error outside of a Git repository: of this package, and of scmrepo's class for those that catch that."""
    msg = f"{path} is not a git repository"
    try:
        from scmrepo.exceptions import SCMError as OtherError
    except ImportError:
        return SCMError(msg)
    both: type[Exception] = type("SCMError", (SCMError, OtherError), {})
    return both(msg)


class NoSCM:
    """In place of Git in a repository without."""

    def __init__(self, root_dir: Optional[str] = None, **kwargs: Any) -> None:
        self.root_dir = os.path.realpath(root_dir or os.curdir)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NoSCMError()


class Git:
    """The Git repository that `root_dir` is in."""

    def __init__(self, root_dir: str = os.curdir, search_parent_directories: bool = True, **kwargs: Any) -> None:
        found = self._ask(root_dir, "rev-parse", "--show-toplevel")
        if found is None or not search_parent_directories and os.path.realpath(root_dir) != found:
            raise _outside_git(os.path.abspath(root_dir))
        self.root_dir = found

    @staticmethod
    def _ask(where: str, *words: str) -> Optional[str]:
        """What a git command prints, or None if it fails."""
        try:
            done = subprocess.run(
                ["git", *words], cwd=where, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except FileNotFoundError:
            return None
        return None if done.returncode else os.fsdecode(done.stdout).rstrip("\n")

    @property
    def dir(self) -> str:
        """The directory `.git`."""
        return os.path.join(self.root_dir, self._ask(self.root_dir, "rev-parse", "--git-dir") or ".git")

    @property
    def no_commits(self) -> bool:
        return self.get_ref("HEAD") is None

    def get_rev(self) -> str:
        """The commit of HEAD."""
        rev = self.get_ref("HEAD")
        if rev is None:
            raise SCMError("Empty git repo")
        return rev

    def get_ref(self, name: str, follow: bool = True) -> Optional[str]:
        """The commit of a ref, or None."""
        return self._ask(self.root_dir, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") or None

    def check_ref_format(self, refname: str) -> bool:
        return self._ask(self.root_dir, "check-ref-format", refname) is not None

    def active_branch(self) -> str:
        return self._ask(self.root_dir, "symbolic-ref", "--short", "HEAD") or "HEAD"

    def untracked_files(self) -> list[str]:
        """Absolute paths of files that Git neither tracks nor ignores."""
        names = self._ask(self.root_dir, "ls-files", "--others", "--exclude-standard", "-z") or ""
        return [os.path.join(self.root_dir, name) for name in names.split("\0") if name]

    def add(self, paths: Union[str, Iterable[str]], **kwargs: Any) -> None:
        """Stage files. Paths are relative to the working directory."""
        names = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        if not names:
            return
        done = subprocess.run(
            ["git", "-C", self.root_dir, "add", "--", *(os.path.abspath(name) for name in names)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if done.returncode:
            raise SCMError(os.fsdecode(done.stderr).strip())

    def close(self) -> None:
        """Nothing is open."""


def SCM(root_dir: str, *, search_parent_directories: bool = True, no_scm: bool = False) -> Union[Git, NoSCM]:
    """Git, or with `no_scm` a stand-in."""
    return NoSCM(root_dir) if no_scm else Git(root_dir, search_parent_directories=search_parent_directories)
