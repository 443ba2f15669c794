"""The type of sparse matrices, variables and constants of it, and what makes them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.config import config
from tensorsym.graph.type import Type
from tensorsym.graph.variable import Constant, Variable
from tensorsym.language.dtypes import canonical_dtype
from tensorsym.language.tensortype import TensorType

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = [
    "FORMATS",
    "SparseConstant",
    "SparseOperators",
    "SparseType",
    "SparseVariable",
    "as_sparse_variable",
    "reference",
    "sparse_symbol",
]

FORMATS = ("csr", "csc", "bsr")


def reference() -> Any:
    """Return the module that computes with SciPy's matrices, imported at its first use."""
    return importlib.import_module("tensorsym.language.sparse_reference")


# Operator's name -> function; language.sparseops, which sits above this module, fills it.
OPERATORS: dict[str, Any] = {}


class SparseOperators:
    """The operators and methods of sparse variables."""

    type: Any

    @property
    def dtype(self) -> str:
        """The elements' dtype."""
        return self.type.dtype  # type: ignore[no-any-return]

    @property
    def format(self) -> str:
        """'csr' or 'csc'."""
        return self.type.format  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """2."""
        return 2

    @property
    def broadcastable(self) -> tuple[bool, bool]:
        """(False, False)."""
        return (False, False)

    @property
    def shape(self) -> Any:
        """The vector of lengths."""
        return OPERATORS["shape"](self)

    @property
    def T(self) -> Any:
        """The transposed matrix."""
        return OPERATORS["transpose"](self)

    # `dot` of tensors asks its operands for these.
    def __dot__(self, other: Any) -> Any:
        return OPERATORS["dot"](self, other)

    def __rdot__(self, other: Any) -> Any:
        return OPERATORS["dot"](other, self)

    def __neg__(self) -> Any:
        return OPERATORS["neg"](self)

    def __add__(self, other: Any) -> Any:
        return OPERATORS["add"](self, other)

    def __radd__(self, other: Any) -> Any:
        return OPERATORS["add"](other, self)

    def __sub__(self, other: Any) -> Any:
        return OPERATORS["sub"](self, other)

    def __rsub__(self, other: Any) -> Any:
        return OPERATORS["sub"](other, self)

    def __mul__(self, other: Any) -> Any:
        return OPERATORS["mul"](self, other)

    def __rmul__(self, other: Any) -> Any:
        return OPERATORS["mul"](other, self)

    def __matmul__(self, other: Any) -> Any:
        return OPERATORS["dot"](self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return OPERATORS["dot"](other, self)

    # NumPy's arrays and tensor variables on the left leave the operator to the sparse variable.
    __array_priority__ = 2000
    __array_ufunc__ = None

    def __getitem__(self, index: Any) -> Any:
        return OPERATORS["getitem"](self, index)

    def __lt__(self, other: Any) -> Any:
        return OPERATORS["lt"](self, other)

    def __le__(self, other: Any) -> Any:
        return OPERATORS["le"](self, other)

    def __gt__(self, other: Any) -> Any:
        return OPERATORS["gt"](self, other)

    def __ge__(self, other: Any) -> Any:
        return OPERATORS["ge"](self, other)

    @property
    def size(self) -> Any:
        """The number of stored elements."""
        return OPERATORS["size"](self)

    def toarray(self) -> Any:
        """Return the matrix as a tensor."""
        return OPERATORS["dense"](self)

    todense = toarray

    def dot(self, other: Any) -> Any:
        """Return the product with a sparse or dense matrix, as a tensor."""
        return OPERATORS["dot"](self, other)

    def sum(self, axis: int | None = None, sparse_grad: bool = False) -> Any:
        """Return the sum of elements over an axis, or of all."""
        return OPERATORS["sum"](self, axis, sparse_grad)

    def astype(self, dtype: Any) -> Any:
        """Return the matrix in another dtype."""
        return OPERATORS["cast"](self, dtype)

    def zeros_like(self) -> Any:
        """Return the matrix of no elements of this shape."""
        return OPERATORS["zeros_like"](self)


class SparseVariable(SparseOperators, Variable):
    """A symbolic sparse matrix."""


class SparseConstant(SparseOperators, Constant):
    """A sparse matrix known while the graph is built."""


class SparseType(Type):
    """Sparse matrices of one format and dtype.

    Parameters
    ----------
    format : {'csr', 'csc', 'bsr'}
        Whether elements are stored by rows, columns or blocks.
    dtype : str
        The elements' dtype.

    Examples
    --------
    >>> from tensorsym.sparse import SparseType
    >>> print(SparseType("csr", "float32"))
    Sparse[float32, csr]
    """

    __props__ = ("format", "dtype")
    variable_class: ClassVar[Any] = SparseVariable
    constant_class: ClassVar[Any] = SparseConstant
    ndim = 2
    broadcastable = (False, False)
    shape = (None, None)
    dtype_set: ClassVar[set[str]] = {
        "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32",
        "float64", "complex64", "complex128",
    }  # fmt: skip

    def __init__(self, format: str, dtype: Any) -> None:
        self.dtype = canonical_dtype(dtype)
        if format not in FORMATS:
            raise TypeError(f"a sparse matrix is {', '.join(FORMATS)}, got {format!r}")
        if self.dtype not in self.dtype_set:
            raise TypeError(f"there are no sparse matrices of {dtype}")
        self.format = format

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data` as a SciPy matrix of this type, or raise TypeError."""
        if not reference().is_sparse(data):
            raise TypeError(f"expected a sparse matrix, got {type(data).__name__}")
        if data.format == self.format and data.dtype == self.dtype:
            return data
        holds = np.can_cast(data.dtype, self.dtype) or allow_downcast
        if strict or not holds:
            raise TypeError(f"expected {self}, got a matrix {data.format} of {data.dtype}")
        return data.asformat(self.format).astype(self.dtype)

    def value_key(self, data: Any) -> Hashable:
        """Return the identity: matrices are compared by no more."""
        return id(data)

    def values_eq(self, a: Any, b: Any) -> bool:
        """Tell whether two matrices have equal shape, dtype and elements."""
        if not (a.shape == b.shape and a.dtype == b.dtype and a.format == b.format):
            return False
        return np.array_equal(a.toarray(), b.toarray(), equal_nan=a.dtype.kind in "fc")

    def values_eq_approx(self, a: Any, b: Any, eps: float = 1e-6) -> bool:
        """Tell whether two matrices agree but for rounding."""
        return a.shape == b.shape and np.allclose(a.toarray(), b.toarray(), atol=eps, rtol=eps)

    def clone(self, format: str | None = None, dtype: Any = None) -> SparseType:
        """Return this type with another format or dtype."""
        return SparseType(format or self.format, dtype or self.dtype)

    def __str__(self) -> str:
        return f"Sparse[{self.dtype}, {self.format}]"

    def __repr__(self) -> str:
        return str(self)


def as_sparse_variable(x: Any, name: str | None = None) -> Any:
    """Return a variable, or a copy of a SciPy matrix as a constant.

    Parameters
    ----------
    x : SparseVariable or SciPy matrix
        The matrix.
    name : str, optional
        Name of a constant.

    Raises
    ------
    TypeError
        If it is no sparse matrix.
    """
    if isinstance(x, Variable):
        if not isinstance(x.type, SparseType):
            raise TypeError(f"expected a sparse matrix, got {x} of {x.type}")
        return x
    if isinstance(x, (np.ndarray, int, float, list)) or not reference().is_sparse(x):
        raise TypeError(f"expected a sparse matrix, got {type(x).__name__}")
    return SparseConstant(SparseType(x.format, x.dtype), x.copy(), name)


def is_sparse_variable(x: Any) -> bool:
    """Tell whether `x` is a sparse variable; raise TypeError if it is no tensor either."""
    if not isinstance(x, Variable) or not isinstance(x.type, SparseType | TensorType):
        raise TypeError(f"expected a sparse or dense variable, got {x!r}")
    return isinstance(x.type, SparseType)


def sparse_symbol(format_: str, name: str | None = None, dtype: Any = None) -> Any:
    """Return a new sparse variable of a format; its dtype is floatX if none is given."""
    return SparseType(format_, config.floatX if dtype is None else dtype)(name)
