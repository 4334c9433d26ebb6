"""
Paths of DVC repositories for universal_pathlib.

    UPath("dvc://data/t.csv", url="../models", rev="v1").read_text()
    UPath("dvc+https://github.com/org/models", rev="v1") / "data" / "t.csv"
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from upath import UPath


class DVCPath(UPath):
    """A path of a `cairn.fs.DVCFileSystem`."""

    @classmethod
    def _transform_init_args(cls, args: Any, protocol: str, storage_options: dict[str, Any]) -> Any:
        if not args:
            args = ("/",)
        elif "url" not in storage_options and protocol in ("dvc+http", "dvc+https", "dvc+ssh"):
            # The first argument names the repository, and the path is its root.
            first, *rest = args
            url = urlsplit(str(first))
            scheme = protocol.split("+")[1]
            is_ssh = scheme == "ssh"
            storage_options["url"] = url.netloc + url.path if is_ssh else url._replace(scheme=scheme).geturl()
            args = ("/", *rest)
        return super()._transform_init_args(args, "dvc", storage_options)

    def __str__(self) -> str:
        text: str = super().__str__()
        url = str(self.storage_options.get("url") or "")
        return text.replace("dvc://", f"dvc+{url}/", 1) if "://" in url else text

    def with_segments(self, *segments: Any) -> Any:
        path = super().with_segments(*segments)
        path._fs_cached = self.fs  # else each joined path would list the repository again
        return path
