"""Theano's home of x log x, 0 where x is 0."""

from tensorsym.language.table import FUNCTIONS

xlogx = FUNCTIONS["xlogx"]
xlogy0 = FUNCTIONS["xlogy0"]

__all__ = ["xlogx", "xlogy0"]
