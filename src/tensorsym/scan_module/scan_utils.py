"""Theano's helpers of loops that programs use."""

from tensorsym.graph.walk import same_computations
from tensorsym.runtime.cloning import clone
from tensorsym.runtime.stepresult import until

__all__ = ["clone", "equal_computations", "until"]

equal_computations = same_computations
