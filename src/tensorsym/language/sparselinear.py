"""Linear operations on sparse matrices whose gradients are the whole ones.

The gradient by an operand is as sparse as that of the result: it is not cut to the operand's own
elements, as those of `language.sparseops` are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import canonical_dtype, is_complex, is_discrete, upcast
from tensorsym.language.sparsetype import SparseType, as_sparse_variable, reference

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "Cast",
    "EnsureSortedIndices",
    "FormatAs",
    "HStack",
    "Neg",
    "Remove0",
    "Transpose",
    "VStack",
    "as_format",
    "cast",
    "ensure_sorted_indices",
    "fitted",
    "hstack",
    "neg",
    "remove0",
    "transpose",
    "vstack",
]

OTHER_FORMAT = {"csr": "csc", "csc": "csr", "bsr": "bsr"}


class Linear(Op):
    """A linear function of one sparse matrix, sparse.

    A subclass says its result's type, its value and its transpose; it is the identity if not.
    """

    __props__: ClassVar[tuple[str, ...]] = ()

    def out_type(self, x: SparseType) -> SparseType:
        """Return the type of the result."""
        return x

    def value(self, x: Any) -> Any:
        """Return the result."""
        return x.copy()

    def transposed(self, g: Any, x: Any) -> Any:
        """Return the gradient by `x` of which `g` is that of the result."""
        return g

    def make_node(self, x: Any) -> Apply:
        """Return the application on a sparse matrix."""
        x = as_sparse_variable(x)
        return Apply(self, [x], [self.out_type(x.type)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute the matrix."""
        output_storage[0][0] = self.value(inputs[0])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the operand's lengths."""
        return [shapes[0]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the transposed function of the gradient."""
        return [self.transposed(output_grads[0], inputs[0])]


class Neg(Linear):
    """The matrix with each element negated."""

    def value(self, x: Any) -> Any:
        """Negate."""
        return -x

    def transposed(self, g: Any, x: Any) -> Any:
        """Negate."""
        return neg(g)


class Transpose(Linear):
    """The transposed matrix, in the other format: its parts are the same."""

    def out_type(self, x: SparseType) -> SparseType:
        """Return the type of the other format."""
        return SparseType(OTHER_FORMAT[x.format], x.dtype)

    def value(self, x: Any) -> Any:
        """Transpose."""
        return x.T.copy()

    def transposed(self, g: Any, x: Any) -> Any:
        """Transpose."""
        return transpose(g)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths, swapped."""
        return [shapes[0][::-1]]


class Cast(Linear):
    """The matrix in another dtype.

    Parameters
    ----------
    out_type : str
        The dtype.
    """

    __props__: ClassVar[tuple[str, ...]] = ("dtype",)

    def __init__(self, out_type: str) -> None:
        self.dtype = canonical_dtype(out_type)

    def out_type(self, x: SparseType) -> SparseType:
        """Return the type of the dtype."""
        return SparseType(x.format, self.dtype)

    def value(self, x: Any) -> Any:
        """Cast; numbers that are to be real lose their imaginary part."""
        x = x.real if is_complex(x.dtype.name) and not is_complex(self.dtype) else x
        return x.astype(self.dtype)

    def transposed(self, g: Any, x: Any) -> Any:
        """Cast back."""
        return fitted(g, x)


class FormatAs(Linear):
    """The matrix in another format.

    Parameters
    ----------
    format : {'csr', 'csc', 'bsr'}
        The format.
    """

    __props__: ClassVar[tuple[str, ...]] = ("format",)

    def __init__(self, format: str) -> None:
        self.format = format

    def out_type(self, x: SparseType) -> SparseType:
        """Return the type of the format."""
        return SparseType(self.format, x.dtype)

    def value(self, x: Any) -> Any:
        """Convert."""
        return x.asformat(self.format, copy=True)

    def transposed(self, g: Any, x: Any) -> Any:
        """Convert back."""
        return FormatAs(x.type.format)(g)


class Remove0(Linear):
    """The matrix without elements that are stored and 0.

    Parameters
    ----------
    inplace : bool
        Kept for Theano programs: the operand is never overwritten.
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def value(self, x: Any) -> Any:
        """Drop zeros."""
        kept = x.copy()
        kept.eliminate_zeros()
        return kept


class EnsureSortedIndices(Linear):
    """The matrix with the indices of each row or column in order.

    Parameters
    ----------
    inplace : bool
        Kept for Theano programs: the operand is never overwritten.
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def value(self, x: Any) -> Any:
        """Sort."""
        return x.sorted_indices()


class HStack(Op):
    """Sparse matrices beside each other.

    Parameters
    ----------
    format : {'csr', 'csc'}, optional
        Of the result; 'csc' if not given.
    dtype : str, optional
        Of the result; that which holds all blocks if not given.
    """

    __props__ = ("format", "dtype")
    axis = 1

    def __init__(self, format: str | None = None, dtype: str | None = None) -> None:
        self.format = format or "csc"
        self.dtype = None if dtype is None else canonical_dtype(dtype)

    def make_node(self, *blocks: Any) -> Apply:
        """Return the application on the blocks."""
        blocks = tuple(as_sparse_variable(block) for block in blocks)
        if not blocks:
            raise ValueError("there are no blocks to stack")
        dtype = self.dtype or upcast(*[block.type.dtype for block in blocks])
        return Apply(self, list(blocks), [SparseType(self.format, dtype)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Stack."""
        if len({block.shape[1 - self.axis] for block in inputs}) > 1:
            raise ValueError(f"shape mismatch in a stack: {[block.shape for block in inputs]}")
        out = node.outputs[0].type
        output_storage[0][0] = reference().stack(inputs, self.axis, out.format, out.dtype)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the first block's lengths, but the sum along the axis."""
        lengths = list(shapes[0])
        for shape in shapes[1:]:
            lengths[self.axis] = lengths[self.axis] + shape[self.axis]
        return [tuple(lengths)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient's blocks."""
        start: Any = np.int64(0)
        grads = []
        for block in inputs:
            stop = start + block.shape[self.axis]
            part = slice(start, stop)
            picked = output_grads[0][(slice(None), part) if self.axis else (part, slice(None))]
            grads.append(fitted(picked, block))
            start = stop
        return grads


class VStack(HStack):
    """Sparse matrices below each other; parameters as for `HStack`."""

    axis = 0


neg, transpose = Neg(), Transpose()
remove0, ensure_sorted_indices = Remove0(), EnsureSortedIndices()


def cast(x: Any, dtype: Any) -> Any:
    """Return a sparse matrix in another dtype."""
    x = as_sparse_variable(x)
    return x if canonical_dtype(dtype) == x.type.dtype else Cast(dtype)(x)


def as_format(x: Any, format_: str) -> Any:
    """Return a sparse matrix in another format."""
    return x if x.type.format == format_ else FormatAs(format_)(x)


def fitted(g: Any, x: Any) -> Any:
    """Return a gradient in the format and, unless it is discrete, the dtype of its operand."""
    g = as_format(g, x.type.format)
    return g if is_discrete(x.type.dtype) else cast(g, x.type.dtype)


def hstack(blocks: Any, format: str | None = None, dtype: str | None = None) -> Any:
    """Return sparse matrices beside each other, of one format and dtype."""
    return HStack(format, dtype)(*blocks)


def vstack(blocks: Any, format: str | None = None, dtype: str | None = None) -> Any:
    """Return sparse matrices below each other, of one format and dtype."""
    return VStack(format, dtype)(*blocks)
