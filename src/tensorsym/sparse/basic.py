"""Theano's names of sparse matrices."""

from __future__ import annotations

from typing import Any

from tensorsym.language import load
from tensorsym.language.sparseops import (
    CSM,
    CSMProperties,
    DenseFromSparse,
    SparseFromDense,
    StructuredDot,
    TrueDot,
    add,
    as_any_variable,
    dense,
    dot,
    mul,
    structured,
    structured_dot,
    sub,
    sum_over,
    transpose,
    zeros_like,
)
from tensorsym.language.sparsetype import (
    SparseConstant,
    SparseType,
    SparseVariable,
    as_sparse_variable,
    is_sparse_variable,
    sparse_symbol,
)
from tensorsym.language.table import FUNCTIONS

load()

SparseTensorType = SparseType
as_sparse = as_sparse_variable
as_sparse_or_tensor_variable = as_any_variable
dense_from_sparse = dense
csm_properties = CSMProperties()
CSR, CSC = CSM("csr"), CSM("csc")
csr_from_dense, csc_from_dense = SparseFromDense("csr"), SparseFromDense("csc")
true_dot = TrueDot()
neg = structured(FUNCTIONS["neg"])
sp_sum = sum_over
sp_zeros_like = zeros_like
sp_ones_like = structured(FUNCTIONS["ones_like"])
mul_s_d = mul_s_s = structured_mul = mul
add_s_s = add_s_d = structured_add = add
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


def cast(variable: Any, dtype: Any) -> Any:
    """Return a sparse matrix in another dtype."""
    return variable.astype(dtype)


def col_scale(x: Any, s: Any) -> Any:
    """Return a sparse matrix with each column multiplied by an element of a vector."""
    return mul(x, as_any_variable(s).dimshuffle("x", 0))


def row_scale(x: Any, s: Any) -> Any:
    """Return a sparse matrix with each row multiplied by an element of a vector."""
    return mul(x, as_any_variable(s).dimshuffle(0, "x"))


def diag(z: Any) -> Any:
    """Return the diagonal of a sparse matrix as a vector."""
    return FUNCTIONS["diag"](dense(z))


def square_diagonal(diagonal: Any) -> Any:
    """Return the sparse matrix with a vector on its diagonal."""
    n = diagonal.shape[0]
    places = FUNCTIONS["arange"](n)
    return CSC(diagonal, places, FUNCTIONS["arange"](n + 1), FUNCTIONS["stack"]([n, n]))


# Functions of the stored elements: those that keep 0 where it is, and Theano's others by this name.
FUNCTIONS_OF_ELEMENTS = {
    **{
        name: structured(FUNCTIONS[name])
        for name in (
            "arcsin", "arcsinh", "arctan", "arctanh", "ceil", "conj", "deg2rad", "expm1", "floor",
            "log1p", "rad2deg", "sgn", "sin", "sinh", "sqr", "sqrt", "tan", "tanh", "trunc",
        )
    },
    **{
        f"structured_{name}": structured(FUNCTIONS[name])
        for name in ("sigmoid", "exp", "log", "pow", "minimum", "maximum")
    },
}  # fmt: skip
globals().update(FUNCTIONS_OF_ELEMENTS)

__all__ = [
    "CSC",
    "CSM",
    "CSR",
    "CSMProperties",
    "DenseFromSparse",
    "SparseConstant",
    "SparseFromDense",
    "SparseTensorType",
    "SparseType",
    "SparseVariable",
    "StructuredDot",
    "TrueDot",
    "add",
    "add_s_d",
    "add_s_s",
    "as_sparse",
    "as_sparse_or_tensor_variable",
    "as_sparse_variable",
    "cast",
    "col_scale",
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
    "dense_from_sparse",
    "diag",
    "dot",
    "matrix",
    "mul",
    "mul_s_d",
    "mul_s_s",
    "neg",
    "row_scale",
    "sp_ones_like",
    "sp_sum",
    "sp_zeros_like",
    "square_diagonal",
    "structured_add",
    "structured_dot",
    "structured_mul",
    "sub",
    "transpose",
    "true_dot",
]
__all__ += list(FUNCTIONS_OF_ELEMENTS)
