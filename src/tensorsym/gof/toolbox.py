"""Theano's names of listeners to function graphs."""

from tensorsym.graph.functiongraph import Feature

__all__ = ["Feature"]
