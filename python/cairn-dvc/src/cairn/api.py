"""
The functions of `dvc.api`, answered by the program `cairn`.

Signatures, results and errors are those of DVC 3.67.1. Importing this module loads neither fsspec nor anything else
outside the standard library; `DVCFileSystem` needs fsspec and is loaded when it is first used.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections import Counter
from contextlib import _GeneratorContextManager, contextmanager
from typing import IO, TYPE_CHECKING, Any, Generator, Iterable, Iterator, Mapping, Optional, Union

from ._program import Failure, Options, raising, run, run_json
from ._reader import open_elsewhere
from ._repository import Place, clones, find_root
from .exceptions import (
    CloneError,
    DatasetNotFoundError,
    IsADirectoryError,
    NoRemoteError,
    NoRemoteInExternalRepoError,
    NotDvcRepoError,
    OutputNotFoundError,
    PathMissingError,
)

if TYPE_CHECKING:
    from .fs import DVCFileSystem

__all__ = [
    "DVCFileSystem",
    "all_branches",
    "all_commits",
    "all_tags",
    "artifacts_show",
    "exp_save",
    "exp_show",
    "get_dataset",
    "get_url",
    "metrics_show",
    "open",
    "params_show",
    "read",
]

Config = Optional[Mapping[str, Any]]


def __getattr__(name: str) -> Any:
    if name == "DVCFileSystem":
        from .fs import DVCFileSystem

        return DVCFileSystem
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# Files ----------------------------------------------------------------------------------------------------------------


class _OpenContextManager(_GeneratorContextManager):  # type: ignore[type-arg]
    """What `open` returns: for `with` alone."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError("dvc.api.open() should be used in a with statement.")


def open(
    path: str,
    repo: Optional[str] = None,
    rev: Optional[str] = None,
    remote: Optional[str] = None,
    mode: str = "r",
    encoding: Optional[str] = None,
    config: Config = None,
    remote_config: Config = None,
) -> _OpenContextManager:
    """
    Open a tracked file, of Git or of DVC, wherever its data is. Works in a `with` statement only.

    path: relative to the root of `repo`; without `repo` and `rev`, to the working directory.
    repo: a directory or a Git URL, by default the repository of the working directory.
    rev: a commit, a branch, a tag or an experiment, by default the work tree (the default branch of a URL).
    remote, config, remote_config: the default remote, and configuration that is merged into the repository's.
    mode: "r" (text, UTF-8 unless `encoding` is given) or "rb".

    A file of the work tree or of the cache is opened in place. One that only a remote has, or Git, is read from a pipe,
    and never held in memory as a whole.

    Raises PathMissingError, IsADirectoryError (of cairn.exceptions), RevError, CloneError, NoRemoteInExternalRepoError,
    and ValueError for another mode.
    """
    if "r" not in mode:
        raise ValueError("Only reading `mode` is supported.")
    options = Options(rev, remote, config, remote_config)
    return _OpenContextManager(_open, (path, repo, mode, encoding, options, False), {})


def _open(
    path: str, repo: Optional[str], mode: str, encoding: Optional[str], options: Options, whole: bool
) -> Generator[IO[Any], None, None]:
    with _errors_of(path):
        file = _open_binary(os.fspath(path), repo, options, whole)
        if "b" not in mode:
            text = io.TextIOWrapper(file, encoding=encoding or "UTF-8")
            with text:
                yield text
            return
        with file:
            yield file


@contextmanager
def _errors_of(path: str) -> Iterator[None]:
    """Failures to open a file, as the exceptions of the API."""
    try:
        yield
    except FileNotFoundError as error:
        raise PathMissingError(path, path) from error
    except builtins.IsADirectoryError as error:
        raise IsADirectoryError(f"'{path}' is a directory") from error
    except Failure as failure:
        if failure.kind in ("path-missing", "data-missing", "not-found", "output-not-found"):
            raise PathMissingError(path, path) from None
        if failure.kind == "is-a-directory":
            raise IsADirectoryError(f"'{path}' is a directory") from None
        if failure.kind == "no-remote":
            raise NoRemoteInExternalRepoError(path) from None
        raise failure.error from failure.error.__cause__


def _open_binary(path: str, repo: Optional[str], options: Options, whole: bool) -> IO[bytes]:
    """With `whole`, the content of a file that is not in the work tree is in memory."""
    place = Place(repo, options.rev)
    if os.path.isabs(path):
        # Only outputs outside of the repository have absolute names, and a revision knows none.
        if not place.in_work_tree or not place.root or place.contains(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        wanted = path
    else:
        key = place.key(path)
        if place.in_work_tree:
            try:
                return builtins.open(place.on_disk(key), "rb")
            except FileNotFoundError:
                pass
        wanted = "/".join(key)
    with options.words() as words:
        if whole:
            return io.BytesIO(run(["cat", f"--repo={place.url}", *words, "--", wanted]))
    return open_elsewhere(place.url, options, wanted)


def read(
    path: str,
    repo: Optional[str] = None,
    rev: Optional[str] = None,
    remote: Optional[str] = None,
    mode: str = "r",
    encoding: Optional[str] = None,
    config: Config = None,
    remote_config: Config = None,
) -> Union[str, bytes]:
    """The content of a tracked file: text, or bytes with `mode="rb"`. For the other arguments see `open`."""
    if "r" not in mode:
        raise ValueError("Only reading `mode` is supported.")
    options = Options(rev, remote, config, remote_config)
    with _OpenContextManager(_open, (path, repo, mode, encoding, options, True), {}) as file:
        content: Union[str, bytes] = file.read()
        return content


def get_url(
    path: str,
    repo: Optional[str] = None,
    rev: Optional[str] = None,
    remote: Optional[str] = None,
    config: Config = None,
    remote_config: Config = None,
) -> str:
    """
    Where the default remote keeps the data of a tracked file or directory (`....dir`). It may not be there yet.

    Raises OutputNotFoundError if DVC does not track the path, NoRemoteError, RemoteNotFoundError, RevError, CloneError.
    """
    options = Options(rev, remote, config, remote_config)
    place = Place(repo, rev)
    wanted = path
    if not os.path.isabs(path):
        wanted = "/".join(place.key(path))
    elif place.root and place.in_work_tree:
        wanted = os.path.relpath(path, place.root)
    try:
        with options.words() as words:
            answer = run(["get", "--show-url", *words, "--", place.url, wanted], cwd=place.root)
        return os.fsdecode(answer).rstrip("\n")
    except Failure as failure:
        if failure.kind in ("output-not-found", "path-missing", "not-found"):
            raise OutputNotFoundError(path) from None
        if failure.kind == "no-remote":
            where = place.url if place.in_work_tree or not place.root else "/"
            raise NoRemoteError(f"no remote specified in {where}") from None
        raise failure.error from failure.error.__cause__


# Metrics and parameters -----------------------------------------------------------------------------------------------


def _directory(repo: Optional[str]) -> str:
    """A directory in which commands about `repo` run: a clone, if that is a URL."""
    if repo is None:
        repo = os.getcwd()
    if os.path.exists(repo):
        try:
            find_root(repo)
            return os.path.abspath(repo)
        except NotDvcRepoError as error:
            if not os.path.isdir(os.path.join(repo, ".git")):
                raise CloneError("SCM error") from error  # the text is DVC's; the cause says what is wrong
    return clones.get(repo)


def _values(command: list[str], repo: Optional[str], rev: Optional[str], config: Config) -> dict[str, Any]:
    """Run `metrics show` or `params show`, and merge the files. Keys of two files get the names of their files."""
    where = _directory(repo)
    is_clone = repo is not None and where != os.path.abspath(repo)
    if is_clone and rev is None:
        rev = "refs/remotes/origin/HEAD"
    with raising():
        options = ["--json", "--fail", *([f"--rev={rev}"] if rev else [])]
        result: dict[str, Any] = run_json([*command[:2], *options, *command[2:]], where, config) or {}
    revision: dict[str, Any] = next((data for name, data in result.items() if name != "workspace"), {})
    files = {_seen_from_here(name, where, is_clone): content["data"] for name, content in revision.get("data", {}).items()}
    counts = Counter(key for content in files.values() for key in content)
    return {
        key if counts[key] == 1 else f"{name}:{key}": value
        for name, content in files.items()
        for key, value in content.items()
    }


def _seen_from_here(name: str, where: str, is_clone: bool) -> str:
    """The name of a file that a command in `where` has printed, as DVC gives it: relative to our working directory if
    that is in the repository."""
    root = find_root(where)
    from_root = os.path.relpath(os.path.realpath(os.path.join(where, name)), root)
    if is_clone:
        return from_root
    return os.path.relpath(from_root, os.path.relpath(os.path.realpath(os.getcwd()), root))


def _targets(targets: Iterable[str], repo: Optional[str]) -> list[str]:
    """Paths are relative to our working directory, which is not that of the command."""
    names = [os.fspath(target) for target in targets]
    if repo is not None and os.path.exists(repo):
        names = [os.path.relpath(name, os.path.abspath(repo)) for name in names]
    return ["--", *names] if names else []


def metrics_show(
    *targets: str, repo: Optional[str] = None, rev: Optional[str] = None, config: Config = None
) -> dict[str, Any]:
    """
    The metrics of a repository: of all metrics files, or of `targets` (any file). A key that two files have becomes
    `file:key`. Without `rev` those of the work tree.

    Raises FileNotFoundError for a target, ParseError, RevError, CloneError (also outside of a repository).
    """
    return _values(["metrics", "show", *_targets(targets, repo)], repo, rev, config)


def params_show(
    *targets: str,
    repo: Optional[str] = None,
    stages: Union[str, Iterable[str], None] = None,
    rev: Optional[str] = None,
    deps: bool = False,
    config: Config = None,
) -> dict[str, Any]:
    """
    The parameters of a repository: of all files of parameters, or of `targets`. With `deps` only those that stages
    depend on, with `stages` only those of these stages.

    Raises StageNotFound, FileNotFoundError for a target, ParseError, RevError, CloneError.
    """
    command = ["params", "show"]
    if deps:
        command.append("--deps")
    for stage in [stages] if isinstance(stages, str) else stages or ():
        command.append(f"--stages={stage}")
    return _values([*command, *_targets(targets, repo)], repo, rev, config)


# Experiments ----------------------------------------------------------------------------------------------------------


def exp_show(
    repo: Optional[str] = None,
    revs: Union[str, list[str], None] = None,
    num: int = 1,
    param_deps: bool = False,
    force: bool = False,
    config: Config = None,
) -> list[dict[str, Any]]:
    """
    The table of experiments: a dictionary for the workspace, for each commit of `revs` (by default HEAD; `num`: and
    its ancestors), and for each experiment of them. Numbers are floats, empty cells None.

    Raises RevError.
    """
    import csv

    where = _directory(repo)
    command = ["exp", "show", "--csv", "--all-columns", f"--num={num}"]
    command += [f"--rev={rev}" for rev in ([revs] if isinstance(revs, str) else revs or ())]
    if param_deps:
        command.append("--param-deps")
    if force:
        command.append("--force")
    with raising():
        text = run(command, where, config).decode("utf-8", "surrogateescape")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [{name: _cell(name, value) for name, value in row.items()} for row in rows]


_TEXT_COLUMNS = {"Experiment", "rev", "typ", "parent", "State", "Executor"}


def _cell(name: str, text: str) -> Union[str, float, None]:
    if not text:
        return None
    if name in _TEXT_COLUMNS:
        return text
    if name == "Created":
        return _created(text)
    try:
        return float(text)
    except ValueError:
        return text


def _created(text: str) -> str:
    """A time as in DVC's table: of today the time, else the day."""
    from datetime import date, datetime

    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return text
    return when.strftime("%I:%M %p" if when.date() == date.today() else "%b %d, %Y")


def exp_save(name: Optional[str] = None, force: bool = False, include_untracked: Optional[list[str]] = None) -> str:
    """
    Save the workspace as an experiment; returns its commit. Untracked files are saved if `include_untracked` names them.

    Raises ExperimentExistsError, InvalidArgumentError.
    """
    find_root()
    command = ["exp", "save", "--json"]
    if name:
        command.append(f"--name={name}")
    if force:
        command.append("--force")
    command += [f"--include-untracked={path}" for path in include_untracked or ()]
    with raising():
        ref: str = run_json(command)["ref"]
    return ref


# Registry, datasets, revisions ----------------------------------------------------------------------------------------


def artifacts_show(
    name: str, version: Optional[str] = None, stage: Optional[str] = None, repo: Optional[str] = None
) -> dict[str, str]:
    """
    The commit and the path of an artifact (`{"rev": ..., "path": ...}`), of its newest version by default.

    Raises ArtifactNotFoundError, ValueError if both version and stage are given.
    """
    if version and stage:
        raise ValueError("Artifact version and stage are mutually exclusive.")
    command = ["artifacts", "show", "--json", f"--repo={Place(repo, None).url}"]
    if version:
        command.append(f"--rev={version}")
    if stage:
        command.append(f"--stage={stage}")
    with raising():
        found = run_json([*command, "--", name])
    return {"rev": found["rev"], "path": found["path"]}


def get_dataset(name: str) -> dict[str, Any]:
    """
    The locked state of a dataset: `{"type": "dvc", "url", "path", "sha"}`, `{"type": "url", "files", "path"}` or
    `{"type": "dc", "name", "version"}`.

    Raises DatasetNotFoundError (a KeyError), ValueError if it is not in sync or has no lock.
    """
    find_root()
    try:
        found: dict[str, Any] = run_json(["dataset", "show", "--json", "--", name])
    except Failure as failure:
        raise DatasetNotFoundError(name) if failure.kind == "dataset-not-found" else failure.error from None
    return found


def _revisions(kind: str, repo: Optional[str]) -> list[str]:
    where = repo if repo is not None and not os.path.exists(repo) else _directory(repo)
    try:
        names: list[str] = run_json(["revs", f"--{kind}", "--json", f"--repo={where}"])[kind]
    except Failure as failure:
        if failure.kind == "no-git":
            return []
        raise failure.error from failure.error.__cause__
    return names


def all_branches(repo: Optional[str] = None) -> list[str]:
    """The names of all branches."""
    return _revisions("branches", repo)


def all_tags(repo: Optional[str] = None) -> list[str]:
    """The names of all tags."""
    return _revisions("tags", repo)


def all_commits(repo: Optional[str] = None) -> list[str]:
    """The ids of all commits that a branch, a tag or HEAD reaches."""
    return _revisions("commits", repo)
