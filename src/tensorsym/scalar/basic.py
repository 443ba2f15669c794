"""Theano's rule of dtypes that meet."""

from tensorsym.language.dtypes import upcast

__all__ = ["upcast"]
