"""Theano's home of `Raise`."""

from tensorsym.language.raising import Raise

__all__ = ["Raise"]
