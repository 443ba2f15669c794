"""Theano's names of types."""

from tensorsym.graph.type import Generic, Type, generic

__all__ = ["Generic", "Type", "generic"]
