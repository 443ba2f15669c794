"""The public names of tensors, Theano's `T`: `import tensorsym.tensor as T`.

All functions come from the language's table, where each op family publishes them.
"""

from tensorsym.config import config
from tensorsym.errors import (
    AdvancedIndexingError,
    AsTensorError,
    EmptyConstantError,
    MethodNotDefined,
    NotScalarConstantError,
    ShapeError,
)
from tensorsym.gradient import (
    Lop,
    Rop,
    consider_constant,
    grad,
    grad_not_implemented,
    grad_undefined,
    hessian,
    jacobian,
    numeric_grad,
    verify_grad,
)
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType, Generic, Type
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.language import dtypes, load
from tensorsym.language.assertion import Default
from tensorsym.language.constructors import PATTERNS, PREFIXES
from tensorsym.language.creation import AllocEmpty, ARange
from tensorsym.language.diagonals import AllocDiag, ExtractDiag
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.extremes import ArgExtreme
from tensorsym.language.indexing import Nonzero
from tensorsym.language.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from tensorsym.language.indexing_basic import IncSubtensor, Subtensor
from tensorsym.language.joining import Join, Split
from tensorsym.language.patterns import Eye, Tri
from tensorsym.language.products import Dot
from tensorsym.language.reduction import Reduction
from tensorsym.language.reshape import Alloc, Rebroadcast, Reshape, SpecifyShape
from tensorsym.language.shape import MakeVector, Shape
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import TensorConstant, TensorVariable
from tensorsym.runtime.shared import shared, tensor_constructor

load()
# Modules and functions of one name: imported first, the modules leave the names to the functions.
from tensorsym.tensor import var as _var  # noqa: E402, F401
from tensorsym.tensor import xlogx as _xlogx  # noqa: E402, F401

globals().update(FUNCTIONS)

from tensorsym.tensor import (  # noqa: E402 - they show parts of the table
    basic,
    blas,
    elemwise,
    extra_ops,
    inplace,
    nlinalg,
    nnet,
    opt,
    raw_random,
    shared_randomstreams,
    sharedvar,
    slinalg,
    subtensor,
    type,
)

Elemwise = Elementwise
CAReduce = Reduction
Argmax = MaxAndArgmax = ArgExtreme
_shared = tensor_constructor
Tensor = TensorType
all_dtypes = [name for name in dtypes.ALL if name != "bool"]
int_dtypes = list(dtypes.INT)
uint_dtypes = list(dtypes.UINT)
integer_dtypes = int_dtypes + uint_dtypes
float_dtypes = list(dtypes.FLOAT)
complex_dtypes = list(dtypes.COMPLEX)
continuous_dtypes = float_dtypes + complex_dtypes
discrete_dtypes = ["bool", *integer_dtypes]

__all__ = [
    "PATTERNS",
    "PREFIXES",
    "ARange",
    "AdvancedIncSubtensor",
    "AdvancedIncSubtensor1",
    "AdvancedIndexingError",
    "AdvancedSubtensor",
    "AdvancedSubtensor1",
    "Alloc",
    "AllocDiag",
    "AllocEmpty",
    "Apply",
    "Argmax",
    "AsTensorError",
    "CAReduce",
    "Constant",
    "Default",
    "DimShuffle",
    "DisconnectedType",
    "Dot",
    "Elemwise",
    "EmptyConstantError",
    "ExtractDiag",
    "Eye",
    "Generic",
    "IncSubtensor",
    "Join",
    "Lop",
    "MakeVector",
    "MaxAndArgmax",
    "MethodNotDefined",
    "Nonzero",
    "NotScalarConstantError",
    "Op",
    "Rebroadcast",
    "Reshape",
    "Rop",
    "Shape",
    "ShapeError",
    "SpecifyShape",
    "Split",
    "Subtensor",
    "Tensor",
    "TensorConstant",
    "TensorType",
    "TensorVariable",
    "Tri",
    "Type",
    "Variable",
    "basic",
    "blas",
    "config",
    "consider_constant",
    "elemwise",
    "extra_ops",
    "grad",
    "grad_not_implemented",
    "grad_undefined",
    "hessian",
    "inplace",
    "jacobian",
    "nlinalg",
    "nnet",
    "numeric_grad",
    "opt",
    "raw_random",
    "shared",
    "shared_randomstreams",
    "sharedvar",
    "slinalg",
    "subtensor",
    "type",
    "verify_grad",
]
__all__ += list(FUNCTIONS)
