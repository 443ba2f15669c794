"""Theano's other home of `function` and its inputs."""

from tensorsym.runtime.function import function
from tensorsym.runtime.io import In, Param

pfunc = function

__all__ = ["In", "Param", "pfunc"]
