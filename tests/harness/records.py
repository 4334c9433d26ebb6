"""The recorded behaviour of the real DVC as transcripts (transcript.py): one text file per test module, beside it, with
all its cases."""

import contextlib
import fcntl
import functools

from . import transcript
from .sandbox import TOP

FOLDER = TOP / "tests/compat"


def path_of(module):
    return FOLDER / f"{module}.txt"


def load(module):
    try:
        return transcript.read(path_of(module).read_text())
    except FileNotFoundError:
        return {}


@functools.cache
def known(module):
    """As load(), but read once per process. For replaying, when nothing is recorded."""
    return load(module)


def everything():
    """All records of all modules."""
    return [record for path in sorted(FOLDER.glob("test_*.txt")) for record in known(path.stem).values()]


def save(module, name, entry):
    """Replace one entry. Several processes may record at the same time."""
    with locked(module):
        write(module, {**load(module), name: entry})


def keep_only(module, names):
    """Remove entries whose case no longer exists."""
    with locked(module):
        recorded = load(module)
        kept = {k: v for k, v in recorded.items() if k in names}
        if kept != recorded:
            write(module, kept)


def write(module, recorded):
    path = path_of(module)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(transcript.write(recorded))
    temporary.rename(path)


@contextlib.contextmanager
def locked(module):
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / f".{module}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
