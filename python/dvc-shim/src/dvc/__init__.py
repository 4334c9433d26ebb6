"""
The Python package of DVC, as far as other packages import it, on top of the program cairn.

`dvc.api` is complete. `dvc.repo.Repo`, `dvc.scm` and a few more modules have what DVCLive needs. Everything else raises an
ImportError that names cairn. Modules are loaded when they are imported.
"""

from ._lack import install
from .version import __version__, version_tuple

__all__ = ["__version__", "version_tuple"]

install()
