"""What the real DVC did, kept as data: one file for each test module, one entry for each of its cases."""

import contextlib
import fcntl
import json

from .sandbox import TOP

FOLDER = TOP / "tests/compat/records"


def path_of(module):
    return FOLDER / f"{module.removeprefix('test_')}.json"


def load(module):
    try:
        return json.loads(path_of(module).read_text())
    except FileNotFoundError:
        return {}


def save(module, name, entry):
    """Replace one entry; several processes may record at once."""
    with locked(module):
        everything = load(module)
        everything[name] = entry
        write(module, everything)


def keep_only(module, names):
    """Drop entries whose case is gone."""
    with locked(module):
        everything = load(module)
        kept = {k: v for k, v in everything.items() if k in names}
        if kept != everything:
            write(module, kept)


def write(module, everything):
    path = path_of(module)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(dict(sorted(everything.items())), indent=1, ensure_ascii=False) + "\n")
    temporary.rename(path)


@contextlib.contextmanager
def locked(module):
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / f".{module}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
