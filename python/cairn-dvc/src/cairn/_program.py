"""Calls of the program: a command and its JSON answer, and errors as exceptions."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import subprocess
from typing import Any, Iterator, Mapping, Optional, Sequence, Union

from ._binary import find_binary
from .exceptions import CloneError, ConfigError, DvcException, by_name, from_message

PathLike = Union[str, "os.PathLike[str]"]


class Failure(Exception):
    """A command of the program failed. `error` is what a caller of the API gets, `msg` what the program said."""

    def __init__(self, kind: str, error: BaseException, msg: str = "") -> None:
        super().__init__(kind)
        self.kind, self.error, self.msg = kind, error, msg or str(error)


_CONFIG_PREFIX = "config file error: "
_OS_ERROR = re.compile(r"\[Errno (\d+)\] .*?: '(.*)'$", re.DOTALL)


def make_error(class_name: str, msg: str) -> BaseException:
    """The exception of a class of DVC (or a built-in one) with this message."""
    cls = by_name(class_name)
    if issubclass(cls, OSError) and not issubclass(cls, DvcException):
        match = _OS_ERROR.match(msg)
        if match:
            number = int(match.group(1))
            return cls(number, os.strerror(number), match.group(2))
        if cls is FileNotFoundError:
            return cls(errno.ENOENT, msg)
        return cls(msg)
    if issubclass(cls, CloneError):
        error = from_message(cls, "SCM error")
        error.__cause__ = OSError(msg)
        return error
    if issubclass(cls, ConfigError) and not msg.startswith(_CONFIG_PREFIX):
        msg = _CONFIG_PREFIX + msg
    return from_message(cls, msg)


def failure_of(stderr: bytes, status: int, command: Sequence[str]) -> Failure:
    """What a command that failed has written to stderr, as an exception."""
    text = stderr.decode("utf-8", "surrogateescape")
    for line in reversed(text.splitlines()):
        if not line.startswith('{"error":'):
            continue
        try:
            error = json.loads(line)["error"]
            return Failure(error["kind"], make_error(error["class"], error["msg"]), error["msg"])
        except (ValueError, KeyError, TypeError):
            break
    if status < 0:
        return Failure("killed", DvcException(f"cairn {command[0]}: ended by signal {-status}"))
    return Failure("failure", DvcException(text.strip() or f"cairn {command[0]}: exit status {status}"))


def _warn(stderr: bytes) -> None:
    """Warnings of the program go to the logger "cairn"."""
    if not stderr:
        return
    import logging

    logger = logging.getLogger("cairn")
    for line in stderr.decode("utf-8", "replace").splitlines():
        if line and not line.startswith("{"):
            logger.warning("%s", line[len("WARNING: ") :] if line.startswith("WARNING: ") else line)


def run(command: Sequence[str], cwd: Optional[PathLike] = None, config: Optional[Mapping[str, Any]] = None) -> bytes:
    """Run the program, with `config` in precedence over the configuration; its stdout. Raises Failure."""
    if config:
        with config_file(config) as name:
            return _run(command, cwd, {**os.environ, "CAIRN_CONFIG": name})
    return _run(command, cwd, None)


def _run(command: Sequence[str], cwd: Optional[PathLike], env: Optional[Mapping[str, str]]) -> bytes:
    argv = [find_binary(), "--json-errors", *command]
    with subprocess.Popen(
        [os.fsencode(word) for word in argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=env,
    ) as child:
        try:
            out, err = child.communicate()
        except BaseException:  # Ctrl-C, most often: the program got it, too
            child.terminate()
            child.wait()
            raise
    if child.returncode:
        raise failure_of(err, child.returncode, command) from None
    _warn(err)
    return out


def run_json(command: Sequence[str], cwd: Optional[PathLike] = None, config: Optional[Mapping[str, Any]] = None) -> Any:
    """Run the program and parse its answer. Names that are no UTF-8 keep their bytes, as in `os.fsdecode`."""
    out = run(command, cwd, config)
    return json.loads(out.decode("utf-8", "surrogateescape")) if out.strip() else None


@contextlib.contextmanager
def raising() -> Iterator[None]:
    """Raise the errors of the API in place of Failure, without the trace of the call in between."""
    try:
        yield
    except Failure as failure:
        raise failure.error from failure.error.__cause__


@contextlib.contextmanager
def raising_own() -> Iterator[None]:
    """The same for callers that catch DvcException alone."""
    with raising():
        try:
            yield
        except Failure as failure:
            if not isinstance(failure.error, (DvcException, KeyboardInterrupt)):
                raise Failure(failure.kind, DvcException(failure.msg)) from None
            raise


class Options:
    """How another repository is read: the revision, and configuration that is merged into its own."""

    def __init__(
        self,
        rev: Optional[str] = None,
        remote: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        remote_config: Optional[Mapping[str, Any]] = None,
    ) -> None:
        self.rev, self.remote, self.config, self.remote_config = rev, remote, config, remote_config

    @contextlib.contextmanager
    def words(self) -> Iterator[list[str]]:
        """The words of a command for these options. Secrets go into a file that only the user can read."""
        words: list[str] = []
        if self.rev:
            words.append(f"--rev={self.rev}")
        if self.remote:
            words.append(f"--remote={self.remote}")
        with contextlib.ExitStack() as files:
            if self.config:
                words.append(f"--config={files.enter_context(config_file(self.config))}")
            if self.remote_config:
                lines = [f"{key}={_one_line(f'remote.{key}', value)}\n" for key, value in self.remote_config.items()]
                words += ["--remote-config", f"@{files.enter_context(_private_file(''.join(lines)))}"]
            yield words


@contextlib.contextmanager
def _private_file(text: str) -> Iterator[str]:
    """A file that only the user can read."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", prefix="cairn-", suffix=".conf", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
        file.flush()
        yield file.name


def config_file(config: Mapping[str, Any]) -> contextlib.AbstractContextManager[str]:
    """A file with this configuration; it may hold secrets."""
    return _private_file(config_text(config))


def _ini_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_ini_value, value))
    return str(value)


def _quoted(name: str, value: Any) -> str:
    """A value of a file of configuration, where a bare '#' begins a comment, a comma a list, and blanks are cut off."""
    if isinstance(value, (list, tuple)):
        return ", ".join(_quoted(name, item) for item in value)
    text = _one_line(name, value)
    if text and text.strip(" \r\v\f\t'\"") == text and "," not in text and "#" not in text:
        return text
    # In triple quotes the text ends at the first three, so it must not end with one of them.
    for quote in ('"', "'", '"""', "'''"):
        if quote not in text and not (len(quote) == 3 and text.endswith(quote[0])):
            return quote + text + quote
    raise ValueError(f"cairn: the value of '{name}' has too many kinds of quotes")


def _one_line(name: str, value: Any) -> str:
    text = _ini_value(value)
    if "\n" in text or "\n" in name or text.endswith("\r"):
        raise ValueError(f"cairn: the value of '{name}' has a line end")
    return text


def config_text(config: Mapping[str, Any]) -> str:
    """A configuration as DVC keeps it in a dictionary, in the form of `.dvc/config`."""
    lines: list[str] = []

    def section(head: str, values: Mapping[str, Any]) -> None:
        plain = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
        if plain:
            lines.append(f"[{head}]")
        for key, value in plain.items():
            lines.append(f"    {key} = {_quoted(f'{head}.{key}', value)}")
        for key, value in values.items():
            if isinstance(value, Mapping):
                section(f"'{head} \"{key}\"'", value)

    for head, values in config.items():
        if not isinstance(values, Mapping):
            raise ValueError(f"cairn: '{head}' of the configuration is no section")
        section(head, values)
    return "\n".join(lines) + "\n"
