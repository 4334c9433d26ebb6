"""The exceptions of stages."""

from cairn.exceptions import defined_in

from dvc._lack import lacking

globals().update(defined_in(__name__))
__all__ = list(defined_in(__name__))
__getattr__ = lacking(__name__)
