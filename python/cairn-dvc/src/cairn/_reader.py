"""Contents of files from the program: one process that answers many questions, and streams of one file."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import subprocess
import threading
import weakref
from typing import IO, Any, Callable, Optional, TypeVar, cast

from ._binary import find_binary
from ._program import Failure, Options, failure_of, run, run_json

T = TypeVar("T")


def _end(child: "subprocess.Popen[bytes]", pid: int) -> None:
    """End a process of ours and close its pipes. In a forked copy of this process, only close."""
    if os.getpid() == pid:
        with contextlib.suppress(OSError):
            child.kill()
        with contextlib.suppress(OSError):
            child.wait()
    else:
        child.returncode = 0  # not ours: nothing to wait for
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe:
            with contextlib.suppress(OSError, ValueError):
                pipe.close()


class _Lost(Exception):
    """The process of a Server ended, or was interrupted, before it had answered."""


class Server:
    """
    A command with `--batch` that stays open: it answers paths of one repository at one revision, line by line.

    May be used by several threads, which take turns, and by a forked process, which starts its own. A process that was
    killed is started again.
    """

    def __init__(self, command: str, url: str, options: Options) -> None:
        self._command, self._url, self._options = command, url, options
        self._lock = threading.Lock()
        self._child: Optional["subprocess.Popen[bytes]"] = None
        self._stop: Optional[weakref.finalize[Any, Any]] = None
        self._pid = os.getpid()

    def _ask(self, path: str, read: Callable[[IO[bytes]], Optional[T]]) -> Optional[T]:
        """What `read` makes of the answer; it raises _Lost for one that is cut off. None: ask a process of its own."""
        name = os.fsencode(path)
        if b"\n" in name:
            return None
        if self._pid != os.getpid():  # forked; another thread may have held the lock then
            self._lock, self._pid = threading.Lock(), os.getpid()
            self._forget()
        with self._lock:
            for _ in range(2):
                try:
                    return self._try(name, read)
                except _Lost:
                    pass
        return None

    def _try(self, name: bytes, read: Callable[[IO[bytes]], Optional[T]]) -> Optional[T]:
        child = self._child or self._start()
        assert child.stdin and child.stdout
        try:
            child.stdin.write(name + b"\n")
            child.stdin.flush()
            return read(child.stdout)
        except (OSError, ValueError, IndexError, _Lost):
            self._forget()
            raise _Lost from None
        except BaseException:  # an interrupted answer would be taken for the next one
            self._forget()
            raise

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._options.words() as words:
            command = (find_binary(), self._command, f"--repo={self._url}", *words, "--batch")
            child = subprocess.Popen(
                [os.fsencode(word) for word in command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=1 << 16,
                start_new_session=True,  # Ctrl-C is for us; we end it
            )
            self._child = child
            self._stop = weakref.finalize(self, _end, child, os.getpid())
            if self._options.config or self._options.remote_config:
                # The file with the configuration is gone after this block: have it read before.
                assert child.stdin and child.stdout
                with contextlib.suppress(OSError):
                    child.stdin.write(b"/\n")
                    child.stdin.flush()
                    child.stdout.readline()
        return child

    def _forget(self) -> None:
        if self._stop:
            self._stop()
        self._child = self._stop = None

    def close(self) -> None:
        """End the process. A later question starts another."""
        self._forget()


def _line(pipe: IO[bytes]) -> bytes:
    line = pipe.readline()
    if not line.endswith(b"\n"):
        raise _Lost
    return line


class Batch(Server):
    """The contents of files, by `cat --batch`."""

    def __init__(self, url: str, options: Options) -> None:
        super().__init__("cat", url, options)

    def read(self, path: str) -> bytes:
        """The content of a file. Raises Failure, whose kind says what is wrong with it."""
        content = self._ask(path, self._content)
        if content is None:  # a process of its own also tells why a file cannot be read
            with self._options.words() as words:
                return run(["cat", f"--repo={self._url}", *words, "--", path])
        return content

    @staticmethod
    def _content(pipe: IO[bytes]) -> Optional[bytes]:
        kind, size_text = _line(pipe).rsplit(b" ", 2)[1:]
        if kind != b"file":  # "PATH missing", "PATH dir", "PATH error KIND"
            return None
        size = int(size_text)
        content = pipe.read(size)
        if len(content) != size or pipe.read(1) != b"\n":
            raise _Lost
        return content


class Resolver(Server):
    """Where the contents of files are, by `resolve --batch`."""

    def __init__(self, url: str, options: Options) -> None:
        super().__init__("resolve", url, options)

    def open(self, path: str) -> IO[bytes]:
        """Open a file that is not in the work tree: an object of the cache in place, else as a stream. Raises Failure."""
        found = self._ask(path, lambda pipe: cast("dict[str, Any]", json.loads(_line(pipe).decode())))
        if found is None or "error" in found:
            return open_elsewhere(self._url, self._options, path)
        return _open_found(found, self._url, self._options, path)


class Stream(io.RawIOBase):
    """
    A file that is not on disk, read from the program as it comes: at most a pipe's worth of it is in memory.

    Seeking starts the program again at another place. The size is needed for seeking from the end alone.
    """

    def __init__(self, url: str, options: Options, path: str, size: Optional[int]) -> None:
        super().__init__()
        self.name = path
        self.mode = "rb"
        self._url, self._options, self._size = url, options, size
        self._position = 0
        self._child: Optional["subprocess.Popen[bytes]"] = None
        self._stop: Optional[weakref.finalize[Any, Any]] = None
        self._said: Optional[IO[bytes]] = None
        self._from = -1
        self._start()

    def _start(self) -> None:
        import tempfile

        self._end()
        with self._options.words() as words:
            if self._position:
                words = [*words, f"--range={self._position}-"]
            command = ["cat", f"--repo={self._url}", *words, "--", self.name]
            # Nobody reads what it says before its end: a pipe would be full after an hour of progress, and stop it.
            self._said = tempfile.TemporaryFile()
            child = subprocess.Popen(
                [os.fsencode(word) for word in (find_binary(), "--json-errors", *command)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._said,
                bufsize=0,
                start_new_session=True,
            )
            self._child = child
            self._stop = weakref.finalize(self, _end, child, os.getpid())
            assert child.stdout
            # The first bytes come when the program has read its configuration and found the file.
            self._pending = child.stdout.read(1)
            if not self._pending:
                self._from = self._position
                self._check()

    def _check(self) -> None:
        """At the end of the pipe: was it the end of the file?"""
        child, self._child = self._child, None
        if not child:
            return
        assert self._said
        status = child.wait()
        self._said.seek(0)
        message = self._said.read()
        self._end()
        if status:
            raise failure_of(message, status, ["cat"])

    def _end(self) -> None:
        if self._stop:
            self._stop()
        if self._said:
            self._said.close()
        self._child = self._stop = self._said = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        view = memoryview(buffer).cast("B")
        if not view:
            return 0
        if self._size is not None and self._position >= self._size:
            return 0
        try:
            count = self._take(view)
        except Failure as failure:
            raise OSError(str(failure.error)) from failure.error
        self._position += count
        self._from = self._position
        return count

    def _take(self, view: "memoryview") -> int:
        if not self._child and not self._pending and self._from != self._position:
            self._start()
        if self._pending:
            view[0:1], self._pending = self._pending, b""
            return 1
        if not self._child:
            return 0  # the end was reached here
        assert self._child.stdout
        count: int = self._child.stdout.readinto(view) or 0  # type: ignore[attr-defined]
        if not count:
            self._check()
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence == io.SEEK_END:
            offset += self._length()
        if offset < 0:
            raise ValueError(f"negative seek value {offset}")
        if offset != self._position:
            self._end()
            self._pending, self._from, self._position = b"", -1, offset
        return offset

    def _length(self) -> int:
        if self._size is None:
            here = self._position
            if not self._child:
                self._start()
            size, scratch = here, bytearray(1 << 16)
            while count := self.readinto(scratch):
                size += count
            self._size = size
        return self._size

    def close(self) -> None:
        if not self.closed:
            self._end()
        super().close()


def open_elsewhere(url: str, options: Options, path: str) -> IO[bytes]:
    """The same by a process of its own."""
    with options.words() as words:
        found = run_json(["resolve", "--json", f"--repo={url}", *words, "--", path])[0]
    return _open_found(found, url, options, path)


def _open_found(found: "dict[str, Any]", url: str, options: Options, path: str) -> IO[bytes]:
    if found["type"] != "file":
        raise Failure("is-a-directory", IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path))
    if found["local"]:
        return open(found["local"], "rb")
    return io.BufferedReader(Stream(url, options, path, found["size"]), 1 << 16)
