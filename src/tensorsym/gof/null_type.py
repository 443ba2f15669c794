"""Theano's home of gradients that are undefined."""

from tensorsym.graph.type import NullType

null_type = NullType()

__all__ = ["NullType", "null_type"]
