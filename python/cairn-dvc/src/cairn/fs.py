"""
A read-only file system for fsspec: files of a DVC repository, wherever their data is.

    fs = DVCFileSystem()                                  # the work tree
    fs = DVCFileSystem("https://github.com/org/models", rev="v1")
    pandas.read_csv("dvc://data/t.csv", storage_options={"url": "../models", "rev": "v1"})

Names keep the form of the argument (`ls("data")` gives `data/t.csv`, `ls("/data")` gives `/data/t.csv`); relative ones
start at the working directory when that is in the repository. `*.dvc` files, `dvc.yaml` and `.dvcignore` are listed with
`dvcfiles=True`, tracked data alone with `dvc_only=True`. The listing of a repository is read once for each instance:
`invalidate_cache()` forgets it. An instance may be used by several threads, pickled, and used after a fork.
"""

from __future__ import annotations

import errno
import functools
import os
import posixpath
import shutil
import stat
import threading
import time
from typing import Any, BinaryIO, Iterator, Mapping, Optional, Union, cast

from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.spec import AbstractFileSystem

from ._program import Failure, Options, run_json
from ._reader import Batch, Resolver
from ._repository import PathKey, Place

Info = dict[str, Any]

# A directory that changed so shortly before it was listed may have the same time stamp after another change.
_CLOCK_STEP_NS = 20_000_000

# Up to this many bytes a file is held in memory as a whole.
_SMALL = 1 << 24

# Failures of the program that mean "there is no such file here".
_MISSING = {"path-missing", "data-missing", "not-found", "output-not-found"}


def _is_dvc_file(name: str) -> bool:
    return name.endswith(".dvc") or name in ("dvc.yaml", ".dvcignore", "Dvcfile")


def _no_entry(path: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)


class RepoPlace:
    """The repository of a file system, as its `repo` and in the infos of its files."""

    def __init__(self, root_dir: str, url: Optional[str]) -> None:
        self.root_dir, self.url = root_dir, url

    def __repr__(self) -> str:
        return f"Repo: '{self.root_dir}'"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RepoPlace) and (self.root_dir, self.url) == (other.root_dir, other.url)

    def __hash__(self) -> int:
        return hash((self.root_dir, self.url))


class _Listing:
    """What the program lists of a repository: each directory when it is asked for, or all files at once."""

    def __init__(self, place: Place, options: Options, subrepos: bool) -> None:
        self._place, self._options = place, options
        self._words = ["--json", "--subrepos"] if subrepos else ["--json"]
        self._directories: dict[PathKey, tuple[int, dict[str, Info]]] = {}
        self._files: Optional[dict[PathKey, dict[str, Info]]] = None  # by directory; all directories with files
        self._children: dict[PathKey, set[str]] = {}  # the directories among them, by the one above
        self._with_outputs: set[PathKey] = set()  # those with tracked data at any depth
        self._files_time = 0

    def _list(self, key: PathKey, *words: str) -> list[Info]:
        with self._options.words() as options:
            path = ["/".join(key)] if key else []
            command = ["list", *self._words, *words, *options, "--", self._place.url, *path]
            return cast("list[Info]", run_json(command, cwd=self._place.root) or [])

    def _is_stale(self, key: PathKey, listed_ns: int) -> bool:
        """Has a directory of the work tree changed since?"""
        if not self._place.in_work_tree:
            return False
        try:
            changed_ns = os.stat(self._place.on_disk(key)).st_mtime_ns
        except OSError:
            return False
        return changed_ns > listed_ns - _CLOCK_STEP_NS

    def directory(self, key: PathKey) -> dict[str, Info]:
        """The entries of a directory by name. Raises Failure if there is none; the entry "" is a file itself."""
        known = self._directories.get(key)
        if known and not self._is_stale(key, known[0]):
            return known[1]
        now = time.time_ns()
        entries = self._from_files(key)
        if entries is None:
            entries = {}
            for entry in self._list_or_disk(key):
                name = entry["path"]
                is_itself = not entry["isdir"] and key and name == key[-1] and not self._is_directory(key)
                entries["" if is_itself else name] = entry
        self._directories[key] = (now, entries)
        return entries

    def _list_or_disk(self, key: PathKey) -> list[Info]:
        """The same; a path of the work tree that the program leaves out (.dvcignore) is empty, or a file."""
        try:
            return self._list(key)
        except Failure as failure:
            if failure.kind not in _MISSING or not key or not self._place.in_work_tree:
                raise
            on_disk = self._place.on_disk(key)
            if not os.path.exists(on_disk):
                raise
            is_file = not os.path.isdir(on_disk)
            size = os.stat(on_disk).st_size
            entry = {"path": key[-1], "isout": False, "isdir": False, "isexec": False, "size": size, "md5": None}
            return [entry] if is_file else []

    def _is_directory(self, key: PathKey) -> bool:
        """Of a path whose listing has one file of its own name: a directory with such a file, or that file?"""
        if self._place.in_work_tree and os.path.lexists(self._place.on_disk(key)):
            return os.path.isdir(self._place.on_disk(key))
        entry = self.directory(key[:-1]).get(key[-1])
        return bool(entry and entry["isdir"])

    def all_files(self, base: PathKey = ()) -> Iterator[tuple[PathKey, Info]]:
        """All files below a directory, by their keys."""
        if self._files is None or any(self._is_stale(key, self._files_time) for key in self._files):
            now = time.time_ns()
            files: dict[PathKey, dict[str, Info]] = {(): {}}
            children: dict[PathKey, set[str]] = {}
            with_outputs: set[PathKey] = set()
            for entry in self._list((), "-R"):
                *parents, name = entry["path"].split("/")
                for depth in range(len(parents)):
                    above = tuple(parents[: depth + 1])
                    if above not in files:
                        files[above] = {}
                        children.setdefault(above[:-1], set()).add(above[-1])
                    if entry["isout"]:
                        with_outputs.add(above)
                files[tuple(parents)][name] = entry
            self._files, self._files_time = files, now
            self._children, self._with_outputs = children, with_outputs
            self._directories.clear()
        for directory, entries in self._files.items():
            if directory[: len(base)] == base:
                for name, entry in entries.items():
                    yield (*directory, name), entry

    def _from_files(self, key: PathKey) -> Optional[dict[str, Info]]:
        """A directory's entries out of the listing of all files, if that says enough; else None."""
        if self._files is None or key not in self._files or self._is_stale(key, self._files_time):
            return None
        children = self._children.get(key, set())
        if self._place.in_work_tree:
            try:
                with os.scandir(self._place.on_disk(key)) as found:
                    # Empty or ignored: only the program knows.
                    if any(entry.name not in children and entry.is_dir() for entry in found):
                        return None
            except OSError:
                pass
        inside = self._inside_output(key)
        if not inside and any((*key, child) in self._with_outputs for child in children):
            return None  # one of the children may be an output, whose hash is in no listing of files
        entries = dict(self._files[key])
        for child in children:
            size = None
            if self._place.in_work_tree:
                try:
                    size = os.stat(self._place.on_disk((*key, child))).st_size
                except OSError:
                    pass
            entries[child] = {"isout": inside, "isdir": True, "isexec": False, "size": size, "md5": None}
        return entries

    def _inside_output(self, key: PathKey) -> bool:
        return bool(key) and bool(self.directory(key[:-1]).get(key[-1], {}).get("isout"))

    def entry(self, key: PathKey) -> Optional[Info]:
        """One file or directory, or None."""
        if not key:
            return {"isout": False, "isdir": True, "isexec": False, "size": None, "md5": None}
        try:
            entries = self.directory(key[:-1])
        except Failure as failure:
            if failure.kind in _MISSING:
                return None
            raise
        return None if "" in entries else entries.get(key[-1])


class DVCFileSystem(AbstractFileSystem):
    """
    Files of a DVC repository: those in Git and the data that it tracks.

    `repo` is a directory or a Git URL, by default the repository of the working directory; `rev` a commit, a branch, a
    tag or an experiment (without it: the work tree, or the default branch of a URL). `remote` is the default remote,
    `config` and `remote_config` are merged into the repository's configuration. Nothing is left in the cache.
    """

    protocol = "dvc"
    root_marker = "/"
    cachable = False
    async_impl = False

    def __init__(
        self,
        repo: Union[str, "os.PathLike[str]", None] = None,
        rev: Optional[str] = None,
        subrepos: bool = False,
        repo_factory: Any = None,
        fo: Optional[str] = None,
        target_options: Optional[Mapping[str, Any]] = None,
        target_protocol: Optional[str] = None,
        config: Optional[Mapping[str, Any]] = None,
        remote: Optional[str] = None,
        remote_config: Optional[Mapping[str, Any]] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        where = repo or fo or kwargs.get("url")
        if where is not None and not isinstance(where, (str, os.PathLike)):
            where = getattr(where, "url", None) or where.root_dir  # a Repo of the shim, or of another file system
        self._url: Optional[str] = os.fspath(where) if where else None
        if self._url and os.path.exists(self._url):
            self._url = os.path.abspath(self._url)  # also after a chdir(), and in another process
        self._options = Options(rev, remote, config, remote_config)
        self._lock = threading.RLock()
        self._kwargs = {
            "repo": self._url,
            "rev": rev,
            "subrepos": subrepos,
            "config": config,
            "remote": remote,
            "remote_config": remote_config,
        }

    def __reduce__(self) -> Any:
        return _restore, (type(self), self._kwargs)

    # The parts, made when first needed --------------------------------------------------------------------------------

    @functools.cached_property
    def _place(self) -> Place:
        return Place(self._url, self._options.rev)

    @functools.cached_property
    def _listings(self) -> dict[bool, _Listing]:
        return {nested: _Listing(self._place, self._options, nested) for nested in (False, True)}

    def _listing(self, kwargs: Mapping[str, Any]) -> _Listing:
        """With nested repositories, if this file system and the call want them."""
        return self._listings[bool(self._kwargs["subrepos"]) and not kwargs.get("ignore_subrepos", True)]

    @functools.cached_property
    def _batch(self) -> Batch:
        return Batch(self._place.url, self._options)

    @functools.cached_property
    def _resolver(self) -> Resolver:
        return Resolver(self._place.url, self._options)

    @functools.cached_property
    def repo(self) -> RepoPlace:
        """The repository: `root_dir`, and `url` if it was given by one."""
        root = self._place.root if self._place.in_work_tree else None
        return RepoPlace(root or "/", self.repo_url)

    @property
    def repo_url(self) -> Optional[str]:
        """The URL that this was made from, or None."""
        return None if self._place.root else self._place.url

    @functools.cached_property
    def fsid(self) -> str:
        """Names the repository and the revision."""
        from fsspec.utils import tokenize

        return "dvcfs_" + str(tokenize(self._place.url, self._options.rev))

    def close(self) -> None:
        """End the processes that read files. The file system can still be used."""
        for name in ("_batch", "_resolver"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def invalidate_cache(self, path: Optional[str] = None) -> None:
        """Forget what was listed."""
        with self._lock:
            self.__dict__.pop("_listings", None)
            self.close()
            self.__dict__.pop("_batch", None)
            self.__dict__.pop("_resolver", None)

    # Paths ------------------------------------------------------------------------------------------------------------

    def getcwd(self) -> str:
        """Where relative paths start."""
        return self._place.working_directory()

    @classmethod
    def join(cls, *parts: str) -> str:
        return posixpath.join(*parts)

    def normpath(self, path: str) -> str:
        return posixpath.normpath(path)

    def abspath(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.getcwd(), path))

    def relpath(self, path: str, start: Optional[str] = None) -> str:
        return posixpath.relpath(self.abspath(path), self.abspath(start or "."))

    def from_os_path(self, path: str) -> str:
        """A path of this file system for one of the operating system."""
        if os.path.isabs(path) and self._place.root:
            path = os.path.relpath(os.path.realpath(path), self._place.root)
        return path.replace(os.sep, "/")

    def _key(self, path: Union[str, "os.PathLike[str]"]) -> PathKey:
        return self._place.key(self._strip_protocol(os.fspath(path)))

    # What is there ----------------------------------------------------------------------------------------------------

    def _info(self, key: PathKey, name: str, entry: Info) -> Optional[Info]:
        """What fsspec wants to know of a listed entry, or None of a broken link."""
        kind = "directory" if entry["isdir"] else "file"
        info: Info = {"repo": self.repo}
        dvc_info: Optional[Info] = None
        if entry["isout"]:
            dvc_info = {
                "type": kind,
                "size": entry["size"],
                "isexec": bool(entry["isexec"]) and not self._place.in_work_tree,
                "name": "/".join(key),
                "isout": True,
                "isdvc": True,
            }
            if entry["md5"]:
                dvc_info["md5"] = entry["md5"]
            info.update(dvc_info=dvc_info, type=kind, size=entry["size"])
        fs_info = self._info_on_disk(key) if self._place.in_work_tree else self._info_in_git(key, entry)
        if fs_info:
            info.update(type=fs_info["type"], size=fs_info["size"], fs_info=fs_info)
            info["isexec"] = fs_info["type"] == "file" and bool(fs_info.get("mode", 0) & 0o111)
            if dvc_info and fs_info["type"] != kind:
                del info["dvc_info"]
            elif dvc_info and self._place.in_work_tree:
                dvc_info["size"] = None  # what is recorded, the program does not list here
        elif not dvc_info:
            return None
        elif entry["md5"]:
            info["md5"] = entry["md5"]
        info["name"] = name
        return info

    def _info_on_disk(self, key: PathKey) -> Optional[Info]:
        path = self._place.on_disk(key)
        try:
            is_link = stat.S_ISLNK(os.lstat(path).st_mode)
            st = os.stat(path)
        except OSError:
            return None
        info = {
            "name": path,
            "size": st.st_size,
            "type": "directory" if stat.S_ISDIR(st.st_mode) else "file" if stat.S_ISREG(st.st_mode) else "other",
            "created": st.st_ctime,
            "islink": is_link,
            "mode": st.st_mode,
            "uid": st.st_uid,
            "gid": st.st_gid,
            "mtime": st.st_mtime,
            "ino": st.st_ino,
            "nlink": st.st_nlink,
        }
        if is_link:
            info["destination"] = os.readlink(path)
        return info

    def _info_in_git(self, key: PathKey, entry: Info) -> Optional[Info]:
        if entry["isout"]:
            return None
        kind = stat.S_IFDIR if entry["isdir"] else stat.S_IFREG | (0o755 if entry["isexec"] else 0o644)
        return {
            "name": "/" + "/".join(key),
            "size": entry["size"],
            "type": "directory" if entry["isdir"] else "file",
            "mode": kind,
        }

    def info(self, path: str, **kwargs: Any) -> Info:
        key = self._key(path)
        with self._lock:
            entry = self._entry(key, kwargs)
            info = self._info(key, path, entry) if entry else None
        if not info:
            if self._place.in_work_tree:
                os.stat(self._place.on_disk(key))  # raises what is wrong with it, unless it is ignored
                raise _no_entry(path)
            raise _no_entry("/" + "/".join(key))
        return info

    def _entry(self, key: PathKey, kwargs: Mapping[str, Any]) -> Optional[Info]:
        try:
            return self._listing(kwargs).entry(key)
        except Failure as failure:
            raise failure.error from failure.error.__cause__

    def ls(
        self, path: str, detail: bool = True, dvc_only: bool = False, **kwargs: Any
    ) -> Union[list[Info], list[str]]:
        """The entries of a directory, or the file. Options: `dvc_only`, `dvcfiles`."""
        key = self._key(path)
        infos: list[Info] = []
        with self._lock:
            try:
                entries = self._listing(kwargs).directory(key)
            except Failure as failure:
                if failure.kind in _MISSING:
                    raise _no_entry(path) from None
                raise failure.error from failure.error.__cause__
            for name, entry in entries.items():
                if dvc_only and not entry["isout"] or not kwargs.get("dvcfiles") and _is_dvc_file(name):
                    continue
                whole = posixpath.join(path, name) if name else path
                info = self._info((*key, name) if name else key, whole, entry) if detail else {"name": whole}
                if info:
                    infos.append(info)
        infos.sort(key=lambda info: cast(str, info["name"]))
        return infos if detail else [info["name"] for info in infos]

    def walk(self, path: str, maxdepth: Optional[int] = None, topdown: bool = True, **kwargs: Any) -> Any:
        # fsspec calls this again for each directory below, with the same options
        if (maxdepth is None or maxdepth > 1) and not kwargs.get("is_read"):
            self._read_all((), kwargs)
            kwargs["is_read"] = True
        return super().walk(path, maxdepth=maxdepth, topdown=topdown, **kwargs)

    def find(
        self,
        path: str,
        maxdepth: Optional[int] = None,
        withdirs: bool = False,
        detail: bool = False,
        **kwargs: Any,
    ) -> Union[list[str], dict[str, Info]]:
        """All files below a directory, by one question to the program."""
        path = self._strip_protocol(path)
        if withdirs or maxdepth is not None:
            return cast("list[str]", super().find(path, maxdepth, withdirs, detail, **kwargs))
        base = self._key(path)
        found: dict[str, Info] = {}
        with self._lock:
            for key, entry in self._read_all(base, kwargs):
                if not kwargs.get("dvcfiles") and _is_dvc_file(key[-1]) or kwargs.get("dvc_only") and not entry["isout"]:
                    continue
                name = posixpath.join(path, *key[len(base) :])
                info = self._info(key, name, entry) if detail else {}
                if info is not None:
                    found[name] = info
            entry_itself = None if found or not base else self._entry(base, kwargs)
        if entry_itself and not entry_itself["isdir"]:
            found[path] = {}
        names = sorted(found)
        return {name: found[name] for name in names} if detail else names

    def _read_all(self, base: PathKey, kwargs: Mapping[str, Any]) -> list[tuple[PathKey, Info]]:
        with self._lock:
            try:
                return list(self._listing(kwargs).all_files(base))
            except Failure as failure:
                raise failure.error from failure.error.__cause__

    def isdvc(self, path: str, **kwargs: Any) -> bool:
        """Is it tracked data, or a directory in it?"""
        try:
            return bool(self.info(path).get("dvc_info", {}).get("isout", False))
        except FileNotFoundError:
            return False

    def du(
        self,
        path: str,
        total: bool = True,
        maxdepth: Optional[int] = None,
        withdirs: bool = False,
        **kwargs: Any,
    ) -> Union[int, dict[str, int]]:
        """Sizes of files; a tracked directory that is not in the work tree counts as a whole, as recorded."""
        if maxdepth is not None:
            raise NotImplementedError
        sizes: dict[str, int] = {}
        recorded = 0
        todo = [self.info(path)]
        while todo:
            info = todo.pop()
            size = info["size"] or 0
            if info["type"] != "directory":
                sizes[info["name"]] = size
            elif info.get("dvc_info") and not info.get("fs_info") and info["dvc_info"]["size"] is not None:
                recorded += info["dvc_info"]["size"]
            else:
                if withdirs:
                    sizes[info["name"]] = size
                todo += cast("list[Info]", self.ls(info["name"], detail=True))
        return sum(sizes.values()) + recorded if total else sizes

    # Contents ---------------------------------------------------------------------------------------------------------

    def _open(self, path: str, mode: str = "rb", **kwargs: Any) -> Any:
        if mode != "rb":
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        key = self._key(path)
        on_disk = self._open_on_disk(key)
        return on_disk if on_disk else self._open_elsewhere(key, path)

    def _open_on_disk(self, key: PathKey) -> Optional[BinaryIO]:
        if not self._place.in_work_tree:
            return None
        try:
            return open(self._place.on_disk(key), "rb")
        except FileNotFoundError:
            return None

    def _open_elsewhere(self, key: PathKey, path: str) -> Any:
        """Data that is not in the work tree: from the cache by its path, else as a stream."""
        try:
            return self._resolver.open("/".join(key))
        except Failure as failure:
            raise self._os_error(failure, path) from None

    @staticmethod
    def _os_error(failure: Failure, path: str) -> BaseException:
        if failure.kind == "is-a-directory":
            return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if failure.kind == "data-missing":
            return FileNotFoundError(errno.ENOENT, "No storage files available", path)
        return _no_entry(path) if failure.kind in _MISSING else failure.error

    def cat_file(self, path: str, start: Optional[int] = None, end: Optional[int] = None, **kwargs: Any) -> bytes:
        if start is None and end is None:
            key = self._key(path)
            on_disk = self._open_on_disk(key)
            if on_disk:
                with on_disk:
                    return on_disk.read()
            try:
                return self._batch.read("/".join(key))
            except Failure as failure:
                raise self._os_error(failure, path) from None
        with self._open(path) as file:
            size = file.seek(0, os.SEEK_END) if (start or 0) < 0 or (end or 0) < 0 else 0
            first = max(0, (start or 0) + (size if (start or 0) < 0 else 0))
            file.seek(first)
            if end is None:
                return cast(bytes, file.read())
            return cast(bytes, file.read(max(0, (end + size if end < 0 else end) - first)))

    def read_block(self, fn: str, offset: int, length: Optional[int], delimiter: Optional[bytes] = None) -> bytes:
        """A part of a file, with `delimiter` from one of them to another."""
        from fsspec.utils import read_block

        with self._open(fn) as file:
            size = file.seek(0, os.SEEK_END)
            count = max(0, size - offset) if length is None else min(length, max(0, size - offset))
            return cast(bytes, read_block(file, offset, count, delimiter))

    def get_file(self, rpath: str, lpath: Any, callback: Any = DEFAULT_CALLBACK, **kwargs: Any) -> None:
        if hasattr(lpath, "write"):
            with self._open(rpath) as source:
                shutil.copyfileobj(source, lpath, 1 << 20)
            return
        target = os.fspath(lpath)
        if self.isdir(rpath):
            os.makedirs(target, exist_ok=True)
            return
        if os.path.isdir(target):
            target = os.path.join(target, posixpath.basename(rpath))
        if os.path.dirname(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
        with self._open(rpath) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)

    def get(
        self,
        rpath: Union[str, list[str]],
        lpath: Union[str, list[str]],
        recursive: bool = False,
        callback: Any = DEFAULT_CALLBACK,
        maxdepth: Optional[int] = None,
        batch_size: Optional[int] = None,
        **kwargs: Any,
    ) -> None:
        """Copy files, or a directory with `recursive`, to the local disk."""
        if recursive and isinstance(rpath, str) and isinstance(lpath, str) and self.isdir(rpath):
            self._get_directory(rpath, lpath, callback, maxdepth)
            return
        super().get(rpath, lpath, recursive=recursive, callback=callback, maxdepth=maxdepth, **kwargs)

    def _get_directory(self, rpath: str, lpath: str, callback: Any, maxdepth: Optional[int]) -> None:
        if os.path.isdir(lpath) or lpath.endswith(os.sep):
            lpath = os.path.join(lpath, posixpath.basename(rpath.rstrip("/")))
        os.makedirs(lpath, exist_ok=True)
        base = self._key(rpath)
        for root, directories, files in self.walk(rpath, maxdepth=maxdepth, detail=True):
            below = self._key(root)[len(base) :]
            target = os.path.join(lpath, *below)
            for name in [] if maxdepth and len(below) >= maxdepth - 1 else directories:
                os.makedirs(os.path.join(target, name), exist_ok=True)
            callback.set_size((callback.size or 0) + len(files))
            for name, info in files.items():
                self._copy(info, os.path.join(target, name))
                callback.relative_update(1)

    def _copy(self, info: Info, target: str) -> None:
        """One file of many. Small ones whose size is known come from the process that stays open."""
        with open(target, "wb") as file:
            if info["size"] is not None and info["size"] < _SMALL and not self._place.in_work_tree:
                file.write(self.cat_file(info["name"]))
                return
            with self._open(info["name"]) as source:
                shutil.copyfileobj(source, file, 1 << 20)


def _restore(cls: type[DVCFileSystem], kwargs: Mapping[str, Any]) -> DVCFileSystem:
    return cls(**kwargs)
