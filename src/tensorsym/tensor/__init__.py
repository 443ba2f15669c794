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
from tensorsym.language.rebroadcast import Rebroadcast
from tensorsym.language.reduction import Reduction
from tensorsym.language.reshape import Alloc, Reshape, SpecifyShape
from tensorsym.language.shape import MakeVector, Shape
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import TensorConstant, TensorVariable
from tensorsym.runtime.shared import shared, tensor_constructor

load()
# Modules and functions of one name: imported first, the modules leave the names to the functions.
from tensorsym.tensor import sort as _sort  # noqa: E402, F401
from tensorsym.tensor import var as _var  # noqa: E402, F401
from tensorsym.tensor import xlogx as _xlogx  # noqa: E402, F401

globals().update(FUNCTIONS)

from tensorsym import scalar as scal  # noqa: E402 - Theano's short name of the package
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
    signal,
    slinalg,
    subtensor,
    type,
    type_other,
    utils,
)
from tensorsym.tensor.basic import (  # noqa: E402
    Choose,
    Mean,
    NoneConst,
    PermuteRowElements,
    ScalarFromTensor,
    TensorFromScalar,
    Tile,
    extract_constant,
    scalar_from_tensor,
    tensor_from_scalar,
)
from tensorsym.tensor.elemwise import All, Any, Prod, Sum  # noqa: E402
from tensorsym.tensor.subtensor import (  # noqa: E402
    AdvancedBooleanIncSubtensor,
    AdvancedBooleanSubtensor,
    advanced_inc_subtensor,
    advanced_inc_subtensor1,
    advanced_set_subtensor,
    advanced_set_subtensor1,
    advanced_subtensor,
    advanced_subtensor1,
)
from tensorsym.tensor.type_other import MakeSlice, SliceType, make_slice, slicetype  # noqa: E402

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
    "AdvancedBooleanIncSubtensor",
    "AdvancedBooleanSubtensor",
    "AdvancedIncSubtensor",
    "AdvancedIncSubtensor1",
    "AdvancedIndexingError",
    "AdvancedSubtensor",
    "AdvancedSubtensor1",
    "All",
    "Alloc",
    "AllocDiag",
    "AllocEmpty",
    "Any",
    "Apply",
    "Argmax",
    "AsTensorError",
    "CAReduce",
    "Choose",
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
    "MakeSlice",
    "MakeVector",
    "MaxAndArgmax",
    "Mean",
    "MethodNotDefined",
    "NoneConst",
    "Nonzero",
    "NotScalarConstantError",
    "Op",
    "PermuteRowElements",
    "Prod",
    "Rebroadcast",
    "Reshape",
    "Rop",
    "ScalarFromTensor",
    "Shape",
    "ShapeError",
    "SliceType",
    "SpecifyShape",
    "Split",
    "Subtensor",
    "Sum",
    "Tensor",
    "TensorConstant",
    "TensorFromScalar",
    "TensorType",
    "TensorVariable",
    "Tile",
    "Tri",
    "Type",
    "Variable",
    "advanced_inc_subtensor",
    "advanced_inc_subtensor1",
    "advanced_set_subtensor",
    "advanced_set_subtensor1",
    "advanced_subtensor",
    "advanced_subtensor1",
    "basic",
    "blas",
    "config",
    "consider_constant",
    "elemwise",
    "extra_ops",
    "extract_constant",
    "grad",
    "grad_not_implemented",
    "grad_undefined",
    "hessian",
    "inplace",
    "jacobian",
    "make_slice",
    "nlinalg",
    "nnet",
    "numeric_grad",
    "opt",
    "raw_random",
    "scal",
    "scalar_from_tensor",
    "shared",
    "shared_randomstreams",
    "sharedvar",
    "signal",
    "slicetype",
    "slinalg",
    "subtensor",
    "tensor_from_scalar",
    "type",
    "type_other",
    "utils",
    "verify_grad",
]
__all__ += list(FUNCTIONS)
