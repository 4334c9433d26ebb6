"""The version of DVC whose behaviour this package has."""

__version__ = version = "3.67.1"
version_tuple = (3, 67, 1)
