"""Theano's names of single numbers and of functions of them."""

from tensorsym.scalar import basic
from tensorsym.scalar.basic import *  # noqa: F403 - what `basic` has
from tensorsym.scalar.basic import __all__ as _names

__all__ = ["basic"]
__all__ += list(_names)
