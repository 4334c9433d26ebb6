"""What this package does not have raises an ImportError that says so, instead of half an object."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import Any, Callable, Optional, Sequence

_WHY = "(this package `dvc` is cairn's: it has what DVCLive and users of `dvc.api` import; `dvc` itself is a program)"


def lacking(module: str) -> Callable[[str], Any]:
    """The `__getattr__` of a module."""

    def missing(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        raise ImportError(f"cairn: cannot import {name!r} from {module!r} {_WHY}", name=module)

    return missing


class _Finder(importlib.abc.MetaPathFinder):
    """Comes last: finds nothing, and says why."""

    def find_spec(
        self, name: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if name.startswith("dvc."):
            raise ModuleNotFoundError(f"cairn: there is no module {name!r} {_WHY}", name=name)
        return None


def install() -> None:
    """Let imports of modules that do not exist name cairn."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())
