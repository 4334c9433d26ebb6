"""Small helpers that other packages import."""

from __future__ import annotations

import os
from typing import Any

from dvc._lack import lacking

__getattr__ = lacking(__name__)


def as_posix(path: str) -> str:
    return path.replace("\\", "/")


def relpath(path: Any, start: Any = os.curdir) -> str:
    return os.path.relpath(os.fspath(path), start)


def format_link(link: str) -> str:
    return f"<{link}>"


def error_link(name: str) -> str:
    return format_link(f"https://error.dvc.org/{name}")
