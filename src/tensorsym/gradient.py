"""Theano's names of derivatives."""

from tensorsym.autodiff.reverse import Lop, grad, subgraph_grad
from tensorsym.errors import DisconnectedInputError, GradientError, NullTypeGradError
from tensorsym.graph.type import DisconnectedType, NullType

__all__ = [
    "DisconnectedInputError",
    "DisconnectedType",
    "GradientError",
    "Lop",
    "NullType",
    "NullTypeGradError",
    "grad",
    "subgraph_grad",
]
