"""`dvc.cli.main(argv)`: runs a command and returns its exit status."""

from __future__ import annotations

import subprocess
import sys
from typing import Optional, Sequence

from cairn import find_binary

from dvc._lack import lacking

__getattr__ = lacking(__name__)


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run `dvc ARGV...` (by default the arguments of this process) in the working directory."""
    words = ["dvc", *(sys.argv[1:] if argv is None else argv)]
    return subprocess.call(words, executable=find_binary())
