"""Theano's home of `function`; `compile.function` itself is the function."""

from tensorsym.runtime.function import function

__all__ = ["function"]
