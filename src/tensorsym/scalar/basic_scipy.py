"""Theano's home of the functions of numbers that SciPy computes: those of `tensorsym.scalar`."""

from tensorsym.scalar.basic import *  # noqa: F403 - what `basic` has
from tensorsym.scalar.basic import __all__ as _names

__all__ = []
__all__ += list(_names)
