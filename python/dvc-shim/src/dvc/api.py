"""`dvc.api`: the functions of cairn.api."""

from typing import Any

from cairn import api as _api
from cairn.api import __all__ as __all__

globals().update({name: getattr(_api, name) for name in __all__ if name != "DVCFileSystem"})


def __getattr__(name: str) -> Any:
    return getattr(_api, name)  # DVCFileSystem, which loads fsspec
