"""`Repo`: a DVC repository on disk, with what DVCLive asks of it. The program does the work."""

from __future__ import annotations

import functools
import os
from typing import Any, Iterable, Optional, Union

from cairn._program import raising_own, run, run_json
from cairn._repository import find_root

from dvc._lack import lacking
from dvc.config import Config
from dvc.scm import SCM, Git, NoSCM

__getattr__ = lacking(__name__)


class Output:
    """A path that a stage makes or a .dvc file tracks."""

    def __init__(self, path: str, wdir: str) -> None:
        self.def_path = path
        self.fs_path = os.path.normpath(os.path.join(wdir, path))

    def __str__(self) -> str:
        """Relative to the working directory; as it is written, if that is elsewhere."""
        path = os.path.relpath(self.fs_path)
        return self.def_path if path.startswith(os.pardir) else path

    def __repr__(self) -> str:
        return f"Output: '{self}'"


class Stage:
    """A stage of dvc.yaml, or a .dvc file."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self.addressing: str = entry["addressing"]
        self.cmd: Union[str, list[str], None] = entry["cmd"]
        self.wdir = os.path.abspath(entry["wdir"])
        self.frozen: bool = entry["frozen"]
        self.outs = [Output(out["path"], self.wdir) for out in entry["outs"]]

    def __repr__(self) -> str:
        return f"Stage: '{self.addressing}'"


class Index:
    """The stages of the work tree at one moment."""

    def __init__(self, repo: "Repo") -> None:
        with raising_own():
            self.stages = [Stage(entry) for entry in run_json(["stage", "list", "--all", "--json"]) or []]

    @property
    def outs(self) -> list[Output]:
        return [out for stage in self.stages for out in stage.outs]


class Experiments:
    """`repo.experiments`: saving the workspace."""

    def __init__(self, repo: "Repo") -> None:
        self._repo = repo

    def save(
        self,
        targets: Optional[Iterable[str]] = None,
        name: Optional[str] = None,
        recursive: bool = False,
        force: bool = False,
        include_untracked: Optional[list[str]] = None,
        message: Optional[str] = None,
    ) -> str:
        """Save the workspace as an experiment; its commit."""
        command = ["exp", "save", "--json"]
        command += ["--recursive"] * recursive + ["--force"] * force
        command += [f"--name={name}"] * bool(name) + [f"--message={message}"] * bool(message)
        command += [f"--include-untracked={path}" for path in include_untracked or ()]
        with raising_own():
            ref: str = run_json([*command, "--", *(targets or ())])["ref"]
        return ref


class Repo:
    """The repository that `root_dir` (by default the working directory) is in. Raises NotDvcRepoError."""

    DVC_DIR = ".dvc"

    def __init__(self, root_dir: Optional[str] = None, **kwargs: Any) -> None:
        asked = sorted(key for key, value in kwargs.items() if value)
        if asked:
            raise NotImplementedError(f"cairn: dvc.repo.Repo does not take {', '.join(asked)}; see dvc.api")
        self.root_dir = find_root(root_dir)
        self.dvc_dir = os.path.join(self.root_dir, self.DVC_DIR)
        self.url: Optional[str] = None

    def __repr__(self) -> str:
        return f"Repo: '{self.root_dir}'"

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"cairn: its dvc.repo.Repo has no {name!r}; use dvc.api or the program `dvc`")

    def __enter__(self) -> "Repo":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is open."""

    @classmethod
    def init(cls, root_dir: str = os.curdir, no_scm: bool = False, force: bool = False, subdir: bool = False) -> "Repo":
        """Make a directory a repository."""
        command = ["init", "--quiet"] + ["--no-scm"] * no_scm + ["--force"] * force + ["--subdir"] * subdir
        with raising_own():
            run(command, cwd=root_dir)
        return cls(root_dir)

    @classmethod
    def find_root(cls, root: Optional[str] = None, fs: Any = None) -> str:
        return find_root(root)

    @functools.cached_property
    def config(self) -> Config:
        return Config(self.dvc_dir)

    @functools.cached_property
    def scm(self) -> Union[Git, NoSCM]:
        return SCM(self.root_dir, no_scm=bool(self.config["core"].get("no_scm")))

    @property
    def index(self) -> Index:
        """The stages of now; each time read anew."""
        return Index(self)

    @property
    def tmp_dir(self) -> str:
        return os.path.join(self.dvc_dir, "tmp")

    @functools.cached_property
    def experiments(self) -> Experiments:
        return Experiments(self)

    def get_rev(self) -> str:
        rev: str = self.scm.get_rev()
        return rev

    def add(self, targets: Union[str, Iterable[str]]) -> list[Stage]:
        """Track files with DVC; the stages that track them."""
        names = [os.fspath(t) for t in ([targets] if isinstance(targets, (str, os.PathLike)) else targets)]
        with raising_own():
            run(["add", "--quiet", "--", *names])
        wanted = {os.path.abspath(name) for name in names}
        return [
            stage
            for stage in self.index.stages
            if any(path == out.fs_path or path.startswith(out.fs_path + os.sep) for out in stage.outs for path in wanted)
        ]
