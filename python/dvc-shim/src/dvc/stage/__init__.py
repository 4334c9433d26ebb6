"""`Stage`, as `Repo.index` has them."""

from dvc._lack import lacking
from dvc.repo import Stage

__all__ = ["Stage"]
__getattr__ = lacking(__name__)
