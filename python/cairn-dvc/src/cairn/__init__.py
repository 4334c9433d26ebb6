"""
cairn for Python: data, metrics, parameters and experiments of DVC repositories, read by the program `cairn`.

`cairn.api` has the functions of `dvc.api`, `cairn.fs` the file system for fsspec, `cairn.exceptions` the errors.
Importing this package loads nothing else.
"""

from __future__ import annotations

from ._binary import BinaryNotFoundError, find_binary
from ._version import __version__

__all__ = ["BinaryNotFoundError", "__version__", "find_binary"]
