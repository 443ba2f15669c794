"""Theano's home of shared variables."""

from tensorsym.graph.type import generic
from tensorsym.runtime.shared import SharedVariable, shared, shared_constructor

__all__ = ["SharedVariable", "generic", "shared", "shared_constructor"]
