"""The errors that calls of `cairn.api` and `cairn.fs` raise.

Names, bases, attributes and messages are those of DVC 3.67.1, so that code written for `dvc.api` catches them
unchanged. With the distribution `dvc` of cairn installed, the modules of `dvc` (`dvc.exceptions`, `dvc.scm`, ...)
export these very classes: there is one definition. `by_name("dvc.scm.RevError")` finds a class by its name in DVC.
"""

from __future__ import annotations

import builtins
import errno
import os
from typing import Any, Iterable, Optional


def _relative(path: Any) -> str:
    """The path as DVC prints it: relative to the working directory."""
    text: str = os.fspath(path)
    try:
        return os.path.relpath(text)
    except (OSError, ValueError):
        return text


class DvcException(Exception):
    """Base class of all errors of this package."""

    msg: str

    def __init__(self, msg: Any, *args: Any) -> None:
        self.msg = msg
        super().__init__(msg, *args)

    def __reduce__(self) -> Any:
        # Constructors of subclasses take other arguments than the message, so a copy is made without calling them.
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type, args: tuple[Any, ...], state: dict[str, Any]) -> BaseException:
    error: BaseException = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def from_message(cls: type[BaseException], msg: str) -> BaseException:
    """An error of class `cls` with this message, whatever its constructor takes."""
    if issubclass(cls, OSError) and not issubclass(cls, DvcException):
        return cls(msg)
    return _restore(cls, (msg,), {"msg": msg} if issubclass(cls, DvcException) else {})


class InvalidArgumentError(ValueError, DvcException):
    """An argument has a value that is not allowed."""

    def __init__(self, msg: Any, *args: Any) -> None:
        DvcException.__init__(self, msg, *args)


# Outputs and stages ---------------------------------------------------------------------------------------------------


class OutputDuplicationError(DvcException):
    """Two stages have the same output."""

    def __init__(self, output: str, stages: Iterable[Any]) -> None:
        found = list(stages)
        if len(found) == 1:
            msg = (
                f"output '{output}' is already specified in {found[0]}.\nUse `dvc remove {found[0].addressing}` "
                "to stop tracking the overlapping output."
            )
        else:
            names = "\n".join("\t- " + stage.addressing for stage in found)
            msg = (
                f"output '{output}' is specified in:\n{names}\nUse `dvc remove` with any of the above targets "
                "to stop tracking the overlapping output."
            )
        super().__init__(msg)
        self.output, self.stages = output, set(found)


class OutputNotFoundError(DvcException):
    """The path is neither an output nor a part of one."""

    def __init__(self, output: Any, repo: Any = None) -> None:
        self.output, self.repo = output, repo
        super().__init__(f"Unable to find DVC file with output {_relative(output)!r}")


class StageNotFoundError(DvcException):
    """There is no such stage (DVC itself raises `StageNotFound`)."""


class StagePathAsOutputError(DvcException):
    """The directory of a stage is within an output of another."""

    def __init__(self, stage: Any, output: str) -> None:
        super().__init__(f"{stage} is within an output {output!r} of another stage")


class CircularDependencyError(DvcException):
    """A path is both an output and a dependency of a stage."""

    def __init__(self, dependency: str) -> None:
        super().__init__(f"'{dependency}' is specified as an output and as a dependency.")


class ArgumentDuplicationError(DvcException):
    """A path was given twice."""

    def __init__(self, path: str) -> None:
        super().__init__(f"file '{path}' is specified more than once.")


class MoveNotDataSourceError(DvcException):
    """Only outputs of `.dvc` files can be moved."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"move is not permitted for stages that are not data sources. You need to either move {path!r} to a new "
            f"location and edit it by hand, or remove {path!r} and create a new one at the desired location."
        )


class NotDvcRepoError(DvcException):
    """The directory is in no repository."""


class CyclicGraphError(DvcException):
    """Stages depend on each other in a circle."""

    def __init__(self, stages: Any) -> None:
        if isinstance(stages, str):
            super().__init__(stages)
            return
        kind = "stage" if len(stages) == 1 else "stages"
        names = ", ".join(stage.addressing for stage in stages)
        super().__init__(f"Same item(s) are defined as both a dependency and an output in {kind}: {names}.")


class ConfirmRemoveError(DvcException):
    """A changed file would be removed, and nobody has confirmed."""

    def __init__(self, path: str) -> None:
        super().__init__(f"unable to remove {path!r} without a confirmation. Use `-f` to force.")


class InitError(DvcException):
    """A repository could not be made."""


class ReproductionError(DvcException):
    """A stage failed."""


class BadMetricError(DvcException):
    """Some metrics files are missing or malformed."""

    def __init__(self, paths: Iterable[str]) -> None:
        names = ", ".join(f"'{path}'" for path in paths)
        super().__init__(f"the following metrics do not exist, are not metrics files or are malformed: {names}")


class OverlappingOutputPathsError(DvcException):
    """One output is within another."""

    def __init__(self, parent: Any, overlapping_out: Any, message: str) -> None:
        self.parent, self.overlapping_out = parent, overlapping_out
        super().__init__(message)


class CheckoutErrorSuggestGit(DvcException):
    """`dvc checkout` was called with a branch."""

    def __init__(self, target: str) -> None:
        super().__init__(f"Did you mean `git checkout {target}`?")


class NoOutputOrStageError(DvcException):
    """A target is neither an output nor a stage."""

    def __init__(self, target: str, file: str) -> None:
        super().__init__(f"'{target}' does not exist as an output or a stage name in '{file}'")


class MergeError(DvcException):
    """Two versions of a `.dvc` file cannot be merged."""


class PrettyDvcException(DvcException):
    """An error with a text of several lines."""


# Files and transfers --------------------------------------------------------------------------------------------------


class ETagMismatchError(DvcException):
    """A file changed while it was downloaded."""

    def __init__(self, etag: str, cached_etag: str) -> None:
        super().__init__(
            f"ETag mismatch detected when copying file to cache! (expected: '{etag}', actual: '{cached_etag}')"
        )


class FileExistsLocallyError(FileExistsError, DvcException):
    """A file would be overwritten."""

    def __init__(self, path: str, hint: Optional[str] = None) -> None:
        self.path = path
        kind = "directory" if os.path.isdir(path) else "file"
        tail = "" if hint is None else f". {hint}"
        DvcException.__init__(self, f"The {kind} '{path}' already exists locally{tail}")
        self.errno = errno.EEXIST


class FileMissingError(DvcException):
    """The data of a file is nowhere."""

    def __init__(self, path: str, hint: Optional[str] = None) -> None:
        self.path = path
        tail = "" if hint is None else f". {hint}"
        super().__init__(f"Can't find '{path}' neither locally nor on remote{tail}")


class FileTransferError(DvcException):
    """Some files could not be transferred."""

    _METHOD = "transfer"

    def __init__(self, amount: Any) -> None:
        self.amount = amount
        super().__init__(f"{amount} files failed to {self._METHOD}")


class DownloadError(FileTransferError):
    """Some files could not be downloaded."""

    _METHOD = "download"


class UploadError(FileTransferError):
    """Some files could not be uploaded."""

    _METHOD = "upload"


class CheckoutError(DvcException):
    """Some targets could not be checked out."""

    def __init__(self, target_infos: list[str], result: dict[str, Any]) -> None:
        self.target_infos, self.result = target_infos, result
        names = "\n".join(str(target) for target in target_infos)
        super().__init__(
            f"Checkout failed for following targets:\n{names}\nIs your cache up to date?\n"
            "<https://error.dvc.org/missing-files>"
        )


class CollectCacheError(DvcException):
    """The objects in use could not be determined."""


class CacheLinkError(DvcException):
    """No configured type of link works between cache and workspace."""

    def __init__(self, fs_paths: Iterable[str]) -> None:
        self.fs_paths = list(fs_paths)
        super().__init__(
            f"No possible cache link types for '{', '.join(self.fs_paths)}'. "
            "See <https://dvc.org/doc/user-guide/troubleshooting#cache-types> for more information."
        )


class NoRemoteInExternalRepoError(DvcException):
    """The other repository has no default remote."""

    def __init__(self, url: str) -> None:
        super().__init__(f"No DVC remote is specified in target repository '{url}'.")


class NoOutputInExternalRepoError(DvcException):
    """The other repository has no such output."""

    def __init__(self, path: str, external_repo_path: str, external_repo_url: str) -> None:
        where = os.path.relpath(path, external_repo_path)
        super().__init__(f"Output {where!r} not found in target repository '{external_repo_url}'")


class HTTPError(DvcException):
    """A server answered with an error."""

    def __init__(self, code: Any, reason: Any) -> None:
        super().__init__(f"'{code} {reason}'")


class PathMissingError(DvcException):
    """The repository has no such path, or its data is nowhere."""

    def __init__(self, path: Any, repo: Any, dvc_only: bool = False) -> None:
        how = " as an DVC output." if dvc_only else " neither as a DVC output nor as a Git-tracked file."
        super().__init__(f"The path '{path}' does not exist in the target repository '{repo}'{how}")
        self.dvc_only = dvc_only


class URLMissingError(DvcException):
    """There is nothing at a URL."""

    def __init__(self, url: str) -> None:
        super().__init__(f"The path '{url}' does not exist")


class IsADirectoryError(DvcException):
    """A directory was given where a file is needed. Not the built-in class of that name."""


class ArtifactNotFoundError(DvcException):
    """There is no such artifact, or no such version of it."""

    def __init__(self, name: str, version: Optional[str] = None, stage: Optional[str] = None) -> None:
        self.name, self.version, self.stage = name, version, stage
        which = f" @ {stage or version}" if stage or version else ""
        super().__init__(f"Unable to find artifact '{name}{which}'")


class RevCollectionError(DvcException):
    """A revision could not be read."""

    def __init__(self, rev: str) -> None:
        self.rev = rev
        super().__init__(f"Failed to collect '{rev}'")


# Git (dvc.scm) --------------------------------------------------------------------------------------------------------


class SCMError(DvcException):
    """Base class of Git's errors."""


class CloneError(SCMError):
    """A repository could not be cloned."""


class RevError(SCMError):
    """There is no such revision, or its name is ambiguous."""


class NoSCMError(SCMError):
    """The repository is used without Git."""

    def __init__(self) -> None:
        super().__init__(
            "Only supported for Git repositories. If you're seeing this error in a Git repo, try updating the DVC "
            "configuration with `dvc config core.no_scm false`."
        )


class InvalidRemoteSCMRepo(SCMError):
    """A Git remote is no repository."""


class GitAuthError(SCMError):
    """A Git server refused the credentials."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}\nSee https://dvc.org/doc/user-guide/troubleshooting#git-auth")


# Configuration (dvc.config) and locks ---------------------------------------------------------------------------------


class ConfigError(DvcException):
    """The configuration is wrong."""

    def __init__(self, msg: str) -> None:
        super().__init__(f"config file error: {msg}")


class RemoteConfigError(ConfigError):
    """The configuration of a remote is wrong."""


class NoRemoteError(RemoteConfigError):
    """No remote is configured."""


class RemoteNotFoundError(RemoteConfigError):
    """No remote of that name is configured."""


class LockError(DvcException):
    """Another process holds the repository's lock."""


# Stages (dvc.stage.exceptions) ----------------------------------------------------------------------------------------


class StageFileDoesNotExistError(DvcException):
    """There is no such `dvc.yaml` or `.dvc` file."""

    def __init__(self, fname: str, dvc_ignored: bool = False) -> None:
        self.file = fname
        super().__init__(f"'{fname}' {'is dvc-ignored' if dvc_ignored else 'does not exist'}")


class StageFileIsNotDvcFileError(DvcException):
    """The file is neither `dvc.yaml` nor a `.dvc` file."""

    def __init__(self, fname: str) -> None:
        msg = f"'{fname}' is not a .dvc file"
        if os.path.isfile(fname + ".dvc"):
            msg += f". Do you mean '{fname}.dvc'?"
        super().__init__(msg)


class StageNotFound(DvcException, KeyError):
    """There is no such stage. A KeyError, too."""

    def __init__(self, file: Any, name: str) -> None:
        self.file, self.name = getattr(file, "relpath", file), name
        super().__init__(f"Stage '{name}' not found inside '{self.file}' file")

    def __str__(self) -> str:
        return self.msg  # KeyError would print its repr


class StageCmdFailedError(DvcException):
    """The command of a stage failed."""

    def __init__(self, cmd: str, status: Optional[int] = None) -> None:
        exited = "" if status is None else f", exited with {status}"
        super().__init__(f"failed to run: {cmd}{exited}")


# Experiments, datasets, artifacts -------------------------------------------------------------------------------------


class BaselineMismatchError(DvcException):
    """An experiment comes from another commit."""

    def __init__(self, rev: Any, expected: Any) -> None:
        self.rev, self.expected_rev = rev, expected
        super().__init__(f"Experiment derived from '{str(rev)[:7]}', expected '{str(expected)[:7]}'.")


class ExperimentExistsError(DvcException):
    """There is an experiment of that name already."""

    def __init__(self, name: str, command: str = "run") -> None:
        self.name = name
        super().__init__(
            f"Experiment conflicts with existing experiment '{name}'. To overwrite the existing experiment run:\n\n"
            f"\tdvc exp {command} -f ...\n\n"
        )


class InvalidExpRefError(DvcException):
    """A ref is not one of an experiment."""

    def __init__(self, ref: str) -> None:
        self.ref = ref
        super().__init__(f"'{ref}' is not a valid experiment refname.")


class InvalidExpRevError(InvalidArgumentError):
    """A commit is not one of an experiment."""

    def __init__(self, rev: str) -> None:
        super().__init__(f"'{rev}' does not appear to be an experiment commit.")


class UnresolvedExpNamesError(InvalidArgumentError):
    """There are no experiments of these names."""

    NAME = "experiment name"

    def __init__(self, unresolved_list: Iterable[str], *args: Any, git_remote: Optional[str] = None) -> None:
        listed = list(unresolved_list)
        names = "; ".join(listed)
        if git_remote:
            msg = f"Experiment '{names}' does not exist in '{git_remote}'"
        elif len(listed) > 1:
            msg = f"'{names}' are not valid {self.NAME}s"
        else:
            msg = f"'{names}' is not a valid {self.NAME}"
        super().__init__(msg)


class DatasetNotFoundError(DvcException, KeyError):
    """There is no such dataset. A KeyError, too."""

    def __init__(self, name: str, *args: Any) -> None:
        self.name = name
        super().__init__("dataset not found", *args)

    def __str__(self) -> str:
        return self.msg


# Parsing (dvc.utils.serialize, dvc.parsing, dvc.utils.strictyaml) -----------------------------------------------------


class ParseError(DvcException):
    """A file cannot be parsed."""

    def __init__(self, path: str, message: str) -> None:
        self.path = _relative(path)
        super().__init__(f"unable to read: '{self.path}', {message}")


class EncodingError(ParseError):
    """A file is not in UTF-8."""

    def __init__(self, path: str, encoding: str) -> None:
        self.encoding = encoding
        super().__init__(path, f"is not valid {encoding}")


class YAMLFileCorruptedError(ParseError):
    """A file is no YAML."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "YAML file structure is corrupted")


class JSONFileCorruptedError(ParseError):
    """A file is no JSON."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "JSON file structure is corrupted")


class TOMLFileCorruptedError(ParseError):
    """A file is no TOML."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "TOML file structure is corrupted")


class PythonFileCorruptedError(ParseError):
    """A file of Python parameters cannot be parsed."""

    def __init__(self, path: str, message: str = "Python file structure is corrupted") -> None:
        super().__init__(path, message)


class YAMLSyntaxError(PrettyDvcException, YAMLFileCorruptedError):
    """`dvc.yaml` or a `.dvc` file is no YAML."""

    def __init__(self, path: str, yaml_text: str = "", exc: Any = None, rev: Optional[str] = None) -> None:
        self.yaml_text, self.exc, self.rev = yaml_text, exc, rev
        YAMLFileCorruptedError.__init__(self, path)


class YAMLValidationError(PrettyDvcException):
    """`dvc.yaml` or a `.dvc` file has keys or values that are not allowed."""

    def __init__(self, exc: Any, path: Optional[str] = None, text: Optional[str] = None, rev: Any = None) -> None:
        self.text, self.exc, self.rev, self.path = text or "", exc, rev, path or ""
        at = f" in revision '{str(rev)[:7]}'" if rev else ""
        errors = getattr(exc, "errors", ())
        count = f": {len(errors)} errors" if len(errors) > 1 else ""
        super().__init__(f"'{self.path}' validation failed{at}{count}")


class ResolveError(DvcException):
    """A `${...}` cannot be resolved."""


class BadParamFileError(DvcException):
    """A file of parameters cannot be read."""


class ParamsLoadError(DvcException):
    """A file of parameters cannot be loaded."""


_HOMES: dict[str, tuple[type[BaseException], ...]] = {
    "dvc.exceptions": (
        DvcException,
        InvalidArgumentError,
        OutputDuplicationError,
        OutputNotFoundError,
        StageNotFoundError,
        StagePathAsOutputError,
        CircularDependencyError,
        ArgumentDuplicationError,
        MoveNotDataSourceError,
        NotDvcRepoError,
        CyclicGraphError,
        ConfirmRemoveError,
        InitError,
        ReproductionError,
        BadMetricError,
        OverlappingOutputPathsError,
        CheckoutErrorSuggestGit,
        ETagMismatchError,
        FileExistsLocallyError,
        FileMissingError,
        FileTransferError,
        DownloadError,
        UploadError,
        CheckoutError,
        CollectCacheError,
        NoRemoteInExternalRepoError,
        NoOutputInExternalRepoError,
        HTTPError,
        PathMissingError,
        URLMissingError,
        IsADirectoryError,
        NoOutputOrStageError,
        MergeError,
        CacheLinkError,
        PrettyDvcException,
        ArtifactNotFoundError,
        RevCollectionError,
    ),
    "dvc.scm": (SCMError, CloneError, RevError, NoSCMError, InvalidRemoteSCMRepo, GitAuthError),
    "dvc.config": (ConfigError, RemoteConfigError, NoRemoteError, RemoteNotFoundError),
    "dvc.lock": (LockError,),
    "dvc.stage.exceptions": (StageFileDoesNotExistError, StageFileIsNotDvcFileError, StageNotFound, StageCmdFailedError),
    "dvc.repo.experiments.exceptions": (
        BaselineMismatchError,
        ExperimentExistsError,
        InvalidExpRefError,
        InvalidExpRevError,
        UnresolvedExpNamesError,
    ),
    "dvc.repo.datasets": (DatasetNotFoundError,),
    "dvc.utils.serialize": (
        ParseError,
        EncodingError,
        YAMLFileCorruptedError,
        JSONFileCorruptedError,
        TOMLFileCorruptedError,
        PythonFileCorruptedError,
    ),
    "dvc.utils.strictyaml": (YAMLSyntaxError, YAMLValidationError),
    "dvc.parsing": (ResolveError,),
    "dvc.parsing.context": (ParamsLoadError,),
    "dvc.dependency.param": (BadParamFileError,),
}

_by_last_name: dict[str, type[BaseException]] = {
    cls.__name__: cls for classes in _HOMES.values() for cls in classes
}


def by_name(name: str) -> type[BaseException]:
    """The class that DVC calls `name`, with its module or without; DvcException if there is none here."""
    module, _, last = name.rpartition(".")
    if module in ("", "builtins"):
        built_in = getattr(builtins, last, None)
        if isinstance(built_in, type) and issubclass(built_in, BaseException):
            return built_in
    return _by_last_name.get(last, DvcException)


def defined_in(module: str) -> dict[str, type[BaseException]]:
    """The classes that DVC defines in `module`, by name."""
    return {cls.__name__: cls for cls in _HOMES.get(module, ())}


__all__ = [*_by_last_name, "by_name", "defined_in", "from_message"]
