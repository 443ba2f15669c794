"""Theano's names of function graphs."""

from tensorsym.errors import InconsistencyError, MissingInputError
from tensorsym.graph.functiongraph import FunctionGraph

__all__ = ["FunctionGraph", "InconsistencyError", "MissingInputError"]
