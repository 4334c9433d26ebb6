"""`DVCFileSystem`: that of cairn.fs."""

from cairn.fs import DVCFileSystem

from dvc._lack import lacking

_DVCFileSystem = DVCFileSystem
__all__ = ["DVCFileSystem"]
__getattr__ = lacking(__name__)
