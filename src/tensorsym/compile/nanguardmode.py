"""Theano's names of NanGuardMode."""

from tensorsym.runtime.modes import NanGuardMode

__all__ = ["NanGuardMode"]
