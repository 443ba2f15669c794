"""Theano's home of most functions and ops of tensors: those of `tensorsym.tensor`."""

from tensorsym.errors import (
    AsTensorError,
    EmptyConstantError,
    NotScalarConstantError,
    ShapeError,
)
from tensorsym.language import dtypes, load
from tensorsym.language.assertion import Default
from tensorsym.language.closeness import all_close as _allclose
from tensorsym.language.closeness import tolerances as _get_atol_rtol
from tensorsym.language.creation import AllocEmpty, ARange
from tensorsym.language.diagonals import AllocDiag, ExtractDiag
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.extremes import ArgExtreme
from tensorsym.language.functionop import op_class
from tensorsym.language.indexing import Nonzero
from tensorsym.language.joining import Join, Split
from tensorsym.language.patterns import Eye, Tri
from tensorsym.language.products import Dot
from tensorsym.language.rebroadcast import Rebroadcast
from tensorsym.language.reduction import Reduction
from tensorsym.language.reshape import Alloc, Reshape
from tensorsym.language.scalarconversion import (
    ScalarFromTensor,
    TensorFromScalar,
    extract_constant,
    scalar_from_tensor,
    tensor_from_scalar,
)
from tensorsym.language.slices import NoneConst
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import TensorConstant, TensorVariable

load()
globals().update(FUNCTIONS)

# Theano's op of the position of the greatest element, and of it with its value.
Argmax = MaxAndArgmax = ArgExtreme
CAReduce = Reduction
Elemwise = Elementwise
Choose = op_class("Choose", FUNCTIONS["choose"], "mode")
Mean = op_class("Mean", FUNCTIONS["mean"], "axis")
PermuteRowElements = op_class("PermuteRowElements", FUNCTIONS["permute_row_elements"])
Tile = op_class("Tile", FUNCTIONS["tile"], "ndim")
CONVERSIONS = {f"_convert_to_{dtype}": FUNCTIONS[f"cast_{dtype}"] for dtype in dtypes.ALL}
globals().update(CONVERSIONS)

__all__ = [
    "ARange",
    "Alloc",
    "AllocDiag",
    "AllocEmpty",
    "Argmax",
    "AsTensorError",
    "CAReduce",
    "Choose",
    "Default",
    "DimShuffle",
    "Dot",
    "Elemwise",
    "EmptyConstantError",
    "ExtractDiag",
    "Eye",
    "Join",
    "MaxAndArgmax",
    "Mean",
    "NoneConst",
    "Nonzero",
    "NotScalarConstantError",
    "PermuteRowElements",
    "Rebroadcast",
    "Reshape",
    "ScalarFromTensor",
    "ShapeError",
    "Split",
    "TensorConstant",
    "TensorFromScalar",
    "TensorType",
    "TensorVariable",
    "Tile",
    "Tri",
    "_allclose",
    "_get_atol_rtol",
    "extract_constant",
    "scalar_from_tensor",
    "tensor_from_scalar",
]
__all__ += list(CONVERSIONS)
__all__ += list(FUNCTIONS)
