"""Theano's names of sparse matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorsym.language import load
from tensorsym.language.sparseindex import (
    GetItem2d,
    GetItem2Lists,
    GetItemList,
    construct_sparse_from_list,
    diag,
    square_diagonal,
)
from tensorsym.language.sparselinear import (
    Cast,
    EnsureSortedIndices,
    HStack,
    Neg,
    Remove0,
    Transpose,
    VStack,
    cast,
    ensure_sorted_indices,
    hstack,
    neg,
    remove0,
    transpose,
    vstack,
)
from tensorsym.language.sparseops import (
    AddSS,
    Mul,
    ProductAt,
    SpSum,
    StructuredDot,
    TrueDot,
    add,
    comparison,
    dot,
    mul,
    structured,
    structured_dot,
    sub,
    sum_over,
    zeros_like,
)
from tensorsym.language.sparseparts import (
    CSM,
    CSMProperties,
    DenseFromSparse,
    SparseFromDense,
    Stored,
    as_any_variable,
    dense,
)
from tensorsym.language.sparsetype import (
    SparseConstant,
    SparseType,
    SparseVariable,
    as_sparse_variable,
    is_sparse_variable,
    reference,
    sparse_symbol,
)
from tensorsym.language.table import FUNCTIONS
from tensorsym.runtime.sparseshared import sparse_constructor

load()

SparseTensorType = SparseType
as_sparse = constant = as_sparse_variable
as_sparse_or_tensor_variable = as_any_variable
dense_from_sparse = dense
csm_properties = CSMProperties()
CSR, CSC = CSM("csr"), CSM("csc")
csr_from_dense, csc_from_dense = SparseFromDense("csr"), SparseFromDense("csc")
eq, neq, lt, le, gt, ge = (comparison(name) for name in ("eq", "neq", "lt", "le", "gt", "ge"))
shared = sparse_constructor
get_item_2d, get_item_2lists, get_item_list = GetItem2d(), GetItem2Lists(), GetItemList()
sparse_formats = ["csc", "csr"]
integer_dtypes = ["int8", "int16", "int32", "int64"]
uint_dtypes = ["uint8", "uint16", "uint32", "uint64"]
discrete_dtypes = integer_dtypes + uint_dtypes
float_dtypes = ["float32", "float64"]
complex_dtypes = ["complex64", "complex128"]
continuous_dtypes = float_dtypes + complex_dtypes
all_dtypes = discrete_dtypes + continuous_dtypes
bcast, wcast, icast, lcast, fcast, dcast, ccast, zcast = (
    Cast(dtype) for dtype in [*integer_dtypes, *continuous_dtypes]
)
sp_sum = sum_over
sp_zeros_like = zeros_like
sp_ones_like = structured(FUNCTIONS["ones_like"])
MulSD = MulSS = Mul
mul_s_d = mul_s_s = mul_s_v = structured_mul = mul
add_s_s = add_s_d = add
_is_sparse_variable = is_sparse_variable


def csr_matrix(name: str | None = None, dtype: Any = None) -> Any:
    """Return a new symbolic matrix, stored by rows."""
    return sparse_symbol("csr", name, dtype)


def csc_matrix(name: str | None = None, dtype: Any = None) -> Any:
    """Return a new symbolic matrix, stored by columns."""
    return sparse_symbol("csc", name, dtype)


def matrix(format: str, name: str | None = None, dtype: Any = None) -> Any:
    """Return a new symbolic matrix of a format."""
    return sparse_symbol(format, name, dtype)


csr_dmatrix = SparseType("csr", "float64")
csr_fmatrix = SparseType("csr", "float32")
csc_dmatrix = SparseType("csc", "float64")
csc_fmatrix = SparseType("csc", "float32")
bsr_dmatrix = SparseType("bsr", "float64")
bsr_fmatrix = SparseType("bsr", "float32")


def csm_data(csm: Any) -> Any:
    """Return the stored elements of a sparse matrix."""
    return csm_properties(csm)[0]


def csm_indices(csm: Any) -> Any:
    """Return the indices of the stored elements."""
    return csm_properties(csm)[1]


def csm_indptr(csm: Any) -> Any:
    """Return where rows or columns start among the stored elements."""
    return csm_properties(csm)[2]


def csm_shape(csm: Any) -> Any:
    """Return the shape of a sparse matrix."""
    return csm_properties(csm)[3]


def col_scale(x: Any, s: Any) -> Any:
    """Return a sparse matrix with each column multiplied by an element of a vector."""
    return mul(x, as_any_variable(s).dimshuffle("x", 0))


def row_scale(x: Any, s: Any) -> Any:
    """Return a sparse matrix with each row multiplied by an element of a vector."""
    return mul(x, as_any_variable(s).dimshuffle(0, "x"))


def bsr_matrix(name: str | None = None, dtype: Any = None) -> Any:
    """Return a new symbolic matrix, stored by blocks."""
    return sparse_symbol("bsr", name, dtype)


def true_dot(x: Any, y: Any, grad_preserves_dense: bool = True) -> Any:
    """Return a product of which one operand at least is sparse, sparse.

    Parameters
    ----------
    x, y : SparseVariable or TensorVariable
        The factors.
    grad_preserves_dense : bool
        Kept for Theano programs: the gradient by a dense factor is dense.
    """
    x, y = as_any_variable(x), as_any_variable(y)
    sparse = [v for v in (x, y) if is_sparse_variable(v)]
    if not sparse:
        raise TypeError("true_dot needs a sparse operand; use T.dot")
    if len(sparse) == 2:
        return TrueDot()(x, y)
    return SparseFromDense(sparse[0].type.format)(structured_dot(x, y))


def clean(x: Any) -> Any:
    """Return a matrix without stored zeros, the indices of its rows or columns in order."""
    return ensure_sorted_indices(remove0(x))


def usmm(alpha: Any, x: Any, y: Any, z: Any) -> Any:
    """Return alpha * dot(x, y) + z, of which `x` or `y` is sparse and `z` dense."""
    return alpha * dot(x, y) + z


def sampling_dot(x: Any, y: Any, p: Any) -> Any:
    """Return p * dot(x, y.T), computed only where the sparse matrix `p` stores elements."""
    p = as_sparse_variable(p)
    x, y = as_any_variable(x), as_any_variable(y)
    data, *places = csm_properties(p)
    return CSM(p.type.format)(data * ProductAt()(p, x, y), *places)


def structured_add_s_v(x: Any, y: Any) -> Any:
    """Return a sparse matrix with a vector added to each row's stored elements."""
    return structured(lambda data: data + Stored()(x, y))(x)


def add_s_s_data(x: Any, y: Any) -> Any:
    """Return the sum of two sparse matrices that store elements in the same places."""
    x, y = as_sparse_variable(x), as_sparse_variable(y)
    return structured(lambda data: data + csm_data(y))(x)


def __getattr__(name: str) -> Any:
    """Return the classes of SciPy's matrices, which is not imported before they are asked for."""
    if name == "_mtypes":
        return list(reference().FORMATS.values())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _is_sparse(x: Any) -> bool:
    return bool(reference().is_sparse(x))


def _is_dense(x: Any) -> bool:
    return isinstance(x, np.ndarray)


def _is_dense_variable(x: Any) -> bool:
    return not is_sparse_variable(x)


# Functions of the stored elements: those that keep 0 where it is, and Theano's others by this name.
FUNCTIONS_OF_ELEMENTS = {
    **{
        name: structured(FUNCTIONS[name], name)
        for name in (
            "arcsin", "arcsinh", "arctan", "arctanh", "ceil", "conj", "deg2rad", "expm1", "floor",
            "log1p", "rad2deg", "sgn", "sin", "sinh", "sqr", "sqrt", "tan", "tanh", "trunc",
        )
    },
    **{
        f"structured_{name}": structured(FUNCTIONS[name], f"structured_{name}")
        for name in ("sigmoid", "exp", "log", "pow", "minimum", "maximum", "add")
    },
}  # fmt: skip
FUNCTIONS_OF_ELEMENTS["rint"] = structured(FUNCTIONS["round_half_to_even"], "rint")
globals().update(FUNCTIONS_OF_ELEMENTS)

__all__ = [
    "CSC",
    "CSM",
    "CSR",
    "AddSS",
    "CSMProperties",
    "Cast",
    "DenseFromSparse",
    "EnsureSortedIndices",
    "GetItem2Lists",
    "GetItem2d",
    "GetItemList",
    "HStack",
    "MulSD",
    "MulSS",
    "Neg",
    "Remove0",
    "SpSum",
    "SparseConstant",
    "SparseFromDense",
    "SparseTensorType",
    "SparseType",
    "SparseVariable",
    "StructuredDot",
    "Transpose",
    "TrueDot",
    "VStack",
    "add",
    "add_s_d",
    "add_s_s",
    "add_s_s_data",
    "all_dtypes",
    "as_sparse",
    "as_sparse_or_tensor_variable",
    "as_sparse_variable",
    "bcast",
    "bsr_dmatrix",
    "bsr_fmatrix",
    "bsr_matrix",
    "cast",
    "ccast",
    "clean",
    "col_scale",
    "complex_dtypes",
    "constant",
    "construct_sparse_from_list",
    "continuous_dtypes",
    "csc_dmatrix",
    "csc_fmatrix",
    "csc_from_dense",
    "csc_matrix",
    "csm_data",
    "csm_indices",
    "csm_indptr",
    "csm_properties",
    "csm_shape",
    "csr_dmatrix",
    "csr_fmatrix",
    "csr_from_dense",
    "csr_matrix",
    "dcast",
    "dense_from_sparse",
    "diag",
    "discrete_dtypes",
    "dot",
    "ensure_sorted_indices",
    "eq",
    "fcast",
    "float_dtypes",
    "ge",
    "get_item_2d",
    "get_item_2lists",
    "get_item_list",
    "gt",
    "hstack",
    "icast",
    "integer_dtypes",
    "lcast",
    "le",
    "lt",
    "matrix",
    "mul",
    "mul_s_d",
    "mul_s_s",
    "mul_s_v",
    "neg",
    "neq",
    "remove0",
    "row_scale",
    "sampling_dot",
    "shared",
    "sp_ones_like",
    "sp_sum",
    "sp_zeros_like",
    "sparse_formats",
    "square_diagonal",
    "structured_add_s_v",
    "structured_dot",
    "structured_mul",
    "sub",
    "transpose",
    "true_dot",
    "uint_dtypes",
    "usmm",
    "vstack",
    "wcast",
    "zcast",
]
__all__ += list(FUNCTIONS_OF_ELEMENTS)
