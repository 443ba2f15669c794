"""Theano's home of the op of loops."""

from tensorsym.language.loop import Loop

__all__ = ["Scan"]

Scan = Loop
