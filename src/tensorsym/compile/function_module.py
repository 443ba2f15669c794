"""Theano's home of compiled functions."""

from tensorsym.errors import UnusedInputError
from tensorsym.runtime.function import Function, FunctionMaker

__all__ = ["Function", "FunctionMaker", "UnusedInputError"]
