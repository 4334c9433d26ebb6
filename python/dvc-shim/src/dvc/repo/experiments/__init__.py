"""Refs and names of experiments."""

from dvc._lack import lacking

__getattr__ = lacking(__name__)
