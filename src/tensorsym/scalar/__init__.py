"""Theano's names of dtypes of scalars."""

from tensorsym.language.dtypes import upcast
from tensorsym.scalar import basic

__all__ = ["basic", "upcast"]
