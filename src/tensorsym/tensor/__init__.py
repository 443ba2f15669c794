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
from tensorsym.language.constructors import PATTERNS, PREFIXES
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.products import Dot
from tensorsym.language.reduction import Reduction
from tensorsym.language.reshape import Alloc, Rebroadcast, Reshape, SpecifyShape
from tensorsym.language.shape import MakeVector, Shape
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import TensorConstant, TensorVariable

load()
globals().update(FUNCTIONS)

from tensorsym.tensor import (  # noqa: E402 - they show parts of the table
    extra_ops,
    nlinalg,
    nnet,
    opt,
    raw_random,
    shared_randomstreams,
    slinalg,
)

Elemwise = Elementwise
CAReduce = Reduction
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
    "AdvancedIndexingError",
    "Alloc",
    "Apply",
    "AsTensorError",
    "CAReduce",
    "Constant",
    "DimShuffle",
    "DisconnectedType",
    "Dot",
    "Elemwise",
    "EmptyConstantError",
    "Generic",
    "Lop",
    "MakeVector",
    "MethodNotDefined",
    "NotScalarConstantError",
    "Op",
    "Rebroadcast",
    "Reshape",
    "Rop",
    "Shape",
    "ShapeError",
    "SpecifyShape",
    "Tensor",
    "TensorConstant",
    "TensorType",
    "TensorVariable",
    "Type",
    "Variable",
    "config",
    "consider_constant",
    "extra_ops",
    "grad",
    "grad_not_implemented",
    "grad_undefined",
    "hessian",
    "jacobian",
    "nlinalg",
    "nnet",
    "numeric_grad",
    "opt",
    "raw_random",
    "shared_randomstreams",
    "slinalg",
    "verify_grad",
]
__all__ += list(FUNCTIONS)
