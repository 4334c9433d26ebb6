"""The metrics of revisions, by the C library and ctypes: python metrics.py DIRECTORY-OR-URL REVISION..."""

import ctypes
import json
import os
import sys

lib = ctypes.CDLL(os.environ.get("LIBCAIRN", "libcairn.so.0"))


class Error(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("code", ctypes.c_int), ("kind", ctypes.c_char * 32),
                ("message", ctypes.c_char_p), ("hint", ctypes.c_char_p)]


class Repo:
    """A handle belongs to one thread at a time."""

    def __init__(self, url):
        self.error, self.handle = Error(ctypes.sizeof(Error)), ctypes.c_void_p()
        self._check(lib.cairn_repo_open(url.encode(), None, ctypes.byref(self.handle), ctypes.byref(self.error)))

    def _check(self, code):
        if code < 0:
            raise RuntimeError(f"{self.error.kind.decode()}: {self.error.message.decode()}")

    def ask(self, question, **arguments):
        answer = ctypes.c_void_p()
        self._check(lib.cairn_query(self.handle, question.encode(), json.dumps(arguments).encode(), ctypes.byref(answer), ctypes.byref(self.error)))
        try:
            return json.loads(ctypes.string_at(answer))
        finally:
            lib.cairn_free(answer)

    def close(self):
        lib.cairn_repo_close(self.handle)
        lib.cairn_error_clear(ctypes.byref(self.error))


repo = Repo(sys.argv[1])
shown = repo.ask("metrics", revs=sys.argv[2:], fail=True)
repo.close()
# the files of a revision as one object
print(json.dumps({rev: {k: v for file in one["data"].values() for k, v in file["data"].items()} for rev, one in shown.items()}))
