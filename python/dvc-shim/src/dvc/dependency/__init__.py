"""Only dvc.dependency.param, for its exception."""

from dvc._lack import lacking

__getattr__ = lacking(__name__)
