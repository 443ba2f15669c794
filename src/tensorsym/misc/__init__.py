"""Theano's odds and ends."""

from tensorsym.misc import pkl_utils, safe_asarray

__all__ = ["pkl_utils", "safe_asarray"]
