"""Where the program `cairn` is."""

from __future__ import annotations

import os
import sys
import sysconfig
from typing import Iterator

_INSTALL = (
    "cairn: the program was not found in {where}. Install it with `pip install cairn-dvc`, "
    "or name it in the environment variable CAIRN."
)


class BinaryNotFoundError(ImportError, RuntimeError):
    """The program `cairn` is nowhere; the message says how to install it."""


def _places() -> Iterator[str]:
    """Directories that may hold the program, best first."""
    yield sysconfig.get_path("scripts")
    # The package may be in a user's site-packages or a --target directory.
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    yield os.path.join(here, "bin")
    yield os.path.dirname(os.path.abspath(sys.executable)) if sys.executable else ""
    yield os.path.join(os.path.expanduser("~"), ".local", "bin")
    yield from os.environ.get("PATH", os.defpath).split(os.pathsep)


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


_found: dict[tuple[str, ...], str] = {}


def find_binary() -> str:
    """
    The absolute path of the program `cairn`.

    The environment variable CAIRN names it; otherwise it is looked for beside the scripts of this environment, beside
    the interpreter, in ~/.local/bin and in PATH. Raises BinaryNotFoundError (an ImportError and a RuntimeError).
    """
    named = os.environ.get("CAIRN")
    if named:
        path = os.path.abspath(os.path.expanduser(named))
        if not _is_program(path):
            raise BinaryNotFoundError(_INSTALL.format(where=f"'{named}', which CAIRN names"))
        return path
    key = (os.environ.get("PATH", ""), os.path.expanduser("~"))
    known = _found.get(key)
    if known and _is_program(known):
        return known
    places = [place for place in dict.fromkeys(_places()) if place]
    for place in places:
        path = os.path.abspath(os.path.join(place, "cairn"))
        if _is_program(path):
            _found[key] = path
            return path
    raise BinaryNotFoundError(_INSTALL.format(where=", ".join(places)))
