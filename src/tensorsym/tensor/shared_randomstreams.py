"""Theano's random streams on NumPy's RandomState."""

from tensorsym.runtime.streams import RandomStateSharedVariable, RandomStreams

__all__ = ["RandomStateSharedVariable", "RandomStreams"]
