"""`DVCFileSystem`: that of cairn.fs."""

from cairn.fs import DVCFileSystem

from dvc._lack import lacking

__all__ = ["DVCFileSystem"]
__getattr__ = lacking(__name__)
