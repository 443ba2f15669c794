"""Theano's home of most functions and ops of tensors: those of `tensorsym.tensor`."""

from tensorsym.errors import (
    AsTensorError,
    EmptyConstantError,
    NotScalarConstantError,
    ShapeError,
)
from tensorsym.language import load
from tensorsym.language.assertion import Default
from tensorsym.language.creation import AllocEmpty, ARange
from tensorsym.language.diagonals import AllocDiag, ExtractDiag
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.extremes import ArgExtreme
from tensorsym.language.indexing import Nonzero
from tensorsym.language.joining import Join, Split
from tensorsym.language.patterns import Eye, Tri
from tensorsym.language.products import Dot
from tensorsym.language.reduction import Reduction
from tensorsym.language.reshape import Alloc, Rebroadcast, Reshape
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import TensorConstant, TensorVariable

load()
globals().update(FUNCTIONS)

# Theano's op of the position of the greatest element, and of it with its value.
Argmax = MaxAndArgmax = ArgExtreme
CAReduce = Reduction
Elemwise = Elementwise

__all__ = [
    "ARange",
    "Alloc",
    "AllocDiag",
    "AllocEmpty",
    "Argmax",
    "AsTensorError",
    "CAReduce",
    "Default",
    "DimShuffle",
    "Dot",
    "Elemwise",
    "EmptyConstantError",
    "ExtractDiag",
    "Eye",
    "Join",
    "MaxAndArgmax",
    "Nonzero",
    "NotScalarConstantError",
    "Rebroadcast",
    "Reshape",
    "ShapeError",
    "Split",
    "TensorConstant",
    "TensorType",
    "TensorVariable",
    "Tri",
]
__all__ += list(FUNCTIONS)
