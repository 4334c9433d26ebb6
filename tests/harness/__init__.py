"""What tests are written with: `case` declares a compat scenario, the fixtures of conftest.py do the rest."""

from .scenario import case

__all__ = ["case"]
