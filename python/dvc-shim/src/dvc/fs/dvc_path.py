"""`DVCPath`: that of cairn.upath."""

from cairn.upath import DVCPath

__all__ = ["DVCPath"]
