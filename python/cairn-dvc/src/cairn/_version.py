"""The version of the package: that of the program which comes with it. packaging/wheels writes it here."""

__version__ = "0.1.0.dev0"
