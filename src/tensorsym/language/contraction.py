"""Products over several dimensions: batches of matrices, `tensordot`, `outer`, `kron`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import RankError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.arrangement import shape_padleft
from tensorsym.language.dimshuffle import dimshuffle
from tensorsym.language.dtypes import is_complex, is_discrete, upcast
from tensorsym.language.elementwise import broadcast_shapes
from tensorsym.language.products import dot, gradient_of_operand
from tensorsym.language.rebroadcast import patternbroadcast
from tensorsym.language.reshape import reshape
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.op import Storage

__all__ = ["BatchedDot", "batched_dot", "batched_tensordot", "kron", "matmul", "outer", "tensordot"]


class BatchedDot(Op):
    """Matrix products over the last two dimensions; the others broadcast as declared."""

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        """Return the application on two tensors of one rank, of at least three dimensions."""
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        if x.type.ndim != y.type.ndim or x.type.ndim < 3:
            raise RankError(
                "batches of matrices have one rank, at least 3", got=f"{x.type} and {y.type}"
            )
        inner = (x.type.shape[-1], y.type.shape[-2])
        if None not in inner and inner[0] != inner[1]:
            raise _inner_lengths_differ(x, x.type.shape, y, y.type.shape, x.origin + y.origin)
        # Rows and columns do not take part in the broadcasting of batches.
        batch = broadcast_shapes("matmul", [_batch(x), _batch(y)])
        shape = [*batch, x.type.shape[-2], y.type.shape[-1]]
        return Apply(self, [x, y], [TensorType(upcast(x.type.dtype, y.type.dtype), shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Multiply with NumPy."""
        x, y = inputs
        first, second = node.inputs
        if x.shape[-1] != y.shape[-2]:
            raise _inner_lengths_differ(first, x.shape, second, y.shape, node.origin)
        declared = (v.type.shape for v in node.inputs)
        pairs = zip(x.shape[:-2], y.shape[:-2], *declared, strict=False)
        if any(a != b and 1 not in types for a, b, *types in pairs):
            raise ShapeError(
                "matmul: the batches differ in length",
                got=f"{first} of shape {x.shape}, {second} of shape {y.shape}",
                expected="equal lengths of batches, or a length declared to be 1",
                origin=node.origin,
            )
        dtype = node.outputs[0].type.dtype
        output_storage[0][0] = np.matmul(np.asarray(x, dtype), np.asarray(y, dtype))

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths of the batches, and the outer lengths."""
        x, (of_x, of_y) = node.inputs[0], shapes
        batch = [of_y[d] if x.type.shape[d] == 1 else of_x[d] for d in range(len(of_x) - 2)]
        return [(*batch, of_x[-2], of_y[-1])]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the products of the gradient with the other operand transposed."""
        (x, y), (g,) = inputs, output_grads
        if is_discrete(outputs[0].type.dtype):
            return [FUNCTIONS["zero_gradient"](v) for v in inputs]
        left, right = (FUNCTIONS["conj"](v) if is_complex(v.type.dtype) else v for v in (x, y))
        gradients = [self(g, _transposed(right)), self(_transposed(left), g)]
        summed = [_summed_batches(d, v) for d, v in zip(gradients, inputs, strict=True)]
        return [gradient_of_operand(d, v) for d, v in zip(summed, inputs, strict=True)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the product rule's sum."""
        (x, y), (tx, ty) = inputs, eval_points
        terms = ([] if tx is None else [self(tx, y)]) + ([] if ty is None else [self(x, ty)])
        return [None if not terms else terms[0] if len(terms) == 1 else terms[0] + terms[1]]


def _batch(x: Any) -> Any:
    """Return a variable with the shape of the batches of `x`."""
    return TensorType(x.type.dtype, shape=x.type.shape[:-2])(x.name)


def _summed_batches(g: Any, x: Any) -> Any:
    """Return a gradient summed over the batches that were broadcast."""
    pairs = zip(g.type.broadcastable[:-2], x.type.broadcastable[:-2], strict=True)
    axes = [d for d, (mine, theirs) in enumerate(pairs) if theirs and not mine]
    return FUNCTIONS["sum"](g, axis=axes, keepdims=True) if axes else g


def _transposed(x: Any) -> Any:
    ndim = x.type.ndim
    return dimshuffle(x, *range(ndim - 2), ndim - 1, ndim - 2)


def _inner_lengths_differ(x: Any, of_x: Any, y: Any, of_y: Any, origin: Any) -> ShapeError:
    return ShapeError(
        "matmul: inner lengths differ",
        got=f"{x} of shape {of_x}, {y} of shape {of_y}",
        expected="last length of the first equal to the second last length of the second",
        origin=origin,
    )


@public("matmul", numpy=("matmul",))
def matmul(x1: Any, x2: Any) -> Any:
    """Return the matrix product, NumPy's `@`.

    Parameters
    ----------
    x1, x2 : tensor
        Vectors, matrices or batches of matrices (in the last two dimensions), not scalars. Batches
        broadcast where a length is declared to be 1.

    Returns
    -------
    TensorVariable
        Of the dtype that holds both.

    Raises
    ------
    ShapeError
        If inner lengths are known to differ.
    ValueError
        For scalars.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.matmul(T.tensor3(), T.matrix()).ndim
    3
    """
    x1, x2 = as_tensor_variable(x1), as_tensor_variable(x2)
    if x1.type.ndim == 0 or x2.type.ndim == 0:
        raise ShapeError(
            "matmul takes no scalars",
            got=f"{x1} and {x2}",
            hint="use * for a product with a scalar",
        )
    if x1.type.ndim <= 2 and x2.type.ndim <= 2:
        return dot(x1, x2)
    if x2.type.ndim <= 2:
        return tensordot(x1, x2, [[x1.type.ndim - 1], [0]])
    vector = x1.type.ndim == 1
    left = dimshuffle(x1, "x", 0) if vector else x1
    rank = max(left.type.ndim, x2.type.ndim)
    left, right = (
        shape_padleft(v, rank - v.type.ndim) if v.type.ndim < rank else v for v in (left, x2)
    )
    product = BatchedDot()(left, right)
    return dimshuffle(product, *range(rank - 2), rank - 1) if vector else product


@public("batched_dot")
def batched_dot(a: Any, b: Any) -> Any:
    """Return the products of the parts of two tensors along their first dimension.

    Parameters
    ----------
    a, b : tensor
        Tensors of at least one dimension; part i of the result is `dot(a[i], b[i])`.

    Returns
    -------
    TensorVariable
        Of `a.ndim + b.ndim - 3` dimensions, or one more for each operand that is a vector.

    Raises
    ------
    TypeError
        For a scalar.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.batched_dot(T.tensor3(), T.matrix()).ndim
    2
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    for v in (a, b):
        if v.type.ndim == 0:
            raise RankError(
                "batched_dot needs a dimension of batches", got=f"the scalar {v}", origin=v.origin
            )
    if a.type.ndim == 1 or b.type.ndim == 1:
        return _padded_right(a, b.type.ndim) * _padded_right(b, a.type.ndim)
    if a.type.ndim > 3 or b.type.ndim > 3:
        return batched_tensordot(a, b, [[a.type.ndim - 1], [max(1, b.type.ndim - 2)]])
    a, b = _same_batches(a, b)
    left = a if a.type.ndim == 3 else dimshuffle(a, 0, "x", 1)
    right = b if b.type.ndim == 3 else dimshuffle(b, 0, 1, "x")
    kept = [0] + [1] * (a.type.ndim == 3) + [2] * (b.type.ndim == 3)
    return dimshuffle(BatchedDot()(left, right), *kept)


def _same_batches(a: Any, b: Any) -> tuple[Any, Any]:
    """Return the operands with their first dimensions, which are of one length, declared alike."""
    if a.type.broadcastable[0] == b.type.broadcastable[0]:
        return a, b
    return FUNCTIONS["addbroadcast"](a, 0), FUNCTIONS["addbroadcast"](b, 0)


def _padded_right(x: Any, ndim: int) -> Any:
    """Return a vector of batches as a factor of a tensor of `ndim` dimensions."""
    return dimshuffle(x, 0, *["x"] * (ndim - 1)) if x.type.ndim == 1 else x


@public("tensordot", numpy=("tensordot",))
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Return the sum of products over pairs of dimensions.

    Parameters
    ----------
    a, b : tensor
        The operands.
    axes : int, or pair of (sequences of) int
        The dimensions summed over: those of `a` and, in the same order, those of `b`; a number n
        means the last n of `a` and the first n of `b`.

    Returns
    -------
    TensorVariable
        The dimensions of `a` that remain, then those of `b`.

    Raises
    ------
    ValueError
        If the axes do not fit the operands, or lengths are known to differ.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.tensordot(T.tensor3(), T.matrix(), axes=[[2], [0]]).ndim
    3
    """
    return _contract(as_tensor_variable(a), as_tensor_variable(b), axes, batches=0)


@public("batched_tensordot")
def batched_tensordot(x: Any, y: Any, axes: Any = 2) -> Any:
    """Return sums of products over pairs of dimensions for each part along the first.

    Parameters
    ----------
    x, y : tensor
        The operands; their first dimensions are of one length.
    axes : int, or pair of (sequences of) int
        As in `tensordot`, the first dimension excepted, which is not summed over.

    Returns
    -------
    TensorVariable
        The first dimension, then the dimensions of `x` that remain, then those of `y`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.batched_tensordot(T.tensor3(), T.tensor3(), axes=[[1], [2]]).ndim
    3
    """
    return _contract(as_tensor_variable(x), as_tensor_variable(y), axes, batches=1)


def _contracted_axes(a: Any, b: Any, axes: Any, batches: int) -> tuple[list[int], list[int]]:
    """Return the dimensions summed over, counted from the front."""
    if isinstance(axes, int | np.integer) or np.ndim(axes) == 0:
        count = int(axes)
        if not 0 <= count <= min(a.type.ndim, b.type.ndim) - batches:
            raise ShapeError(
                f"tensordot: {count} dimensions can not be summed over",
                got=f"{a} of {a.type.ndim} and {b} of {b.type.ndim} dimensions",
            )
        return list(range(a.type.ndim - count, a.type.ndim)), list(range(batches, batches + count))
    if len(axes) != 2:
        raise ShapeError("tensordot: axes are a number, or a list for each operand", got=str(axes))
    pair = []
    for v, given in zip((a, b), axes, strict=True):
        items = [given] if isinstance(given, int | np.integer) else list(given)
        if any(not -v.type.ndim <= item < v.type.ndim for item in items):
            raise ShapeError(
                f"tensordot: an axis is out of range for {v}",
                got=f"{items}, {v.type.ndim} dimensions",
            )
        places = [int(item) % v.type.ndim for item in items]
        if len(set(places)) != len(places) or any(place < batches for place in places):
            raise ShapeError(
                f"tensordot: {items} are no different dimensions to sum over", got=str(v.type)
            )
        pair.append(places)
    if len(pair[0]) != len(pair[1]):
        raise ShapeError("tensordot: the operands have different numbers of axes", got=str(axes))
    return pair[0], pair[1]


def _contract(a: Any, b: Any, axes: Any, *, batches: int) -> Any:
    """Return a contraction as one matrix product, or one per batch, of the operands reshaped."""
    of_a, of_b = _contracted_axes(a, b, axes, batches)
    if batches:
        a, b = _same_batches(a, b)
    for d, e in zip(of_a, of_b, strict=True):
        lengths = (a.type.shape[d], b.type.shape[e])
        if None not in lengths and lengths[0] != lengths[1]:
            raise ShapeError(
                f"tensordot: lengths differ in dimensions {d} and {e}",
                got=f"{a} of shape {a.type.shape}, {b} of shape {b.type.shape}",
                expected="equal lengths of the dimensions summed over",
                origin=a.origin + b.origin,
            )
    kept_a = [d for d in range(batches, a.type.ndim) if d not in of_a]
    kept_b = [d for d in range(batches, b.type.ndim) if d not in of_b]
    leading = list(range(batches))
    left = merge(dimshuffle(a, *leading, *kept_a, *of_a), [leading, len(kept_a), len(of_a)])
    right = merge(dimshuffle(b, *leading, *of_b, *kept_b), [leading, len(of_b), len(kept_b)])
    product = BatchedDot()(left, right) if batches else dot(left, right)
    static: list[int | None] = [a.type.shape[d] for d in kept_a] + [b.type.shape[d] for d in kept_b]
    symbolic: list[Any] = [ShapeOf(d)(a) for d in kept_a] + [ShapeOf(d)(b) for d in kept_b]
    if batches:
        static.insert(0, product.type.shape[0])
        symbolic.insert(0, ShapeOf(0)(product))
    if product.type.ndim == len(static) and len(kept_a) == len(kept_b) == 1:
        return product
    return patternbroadcast(
        reshape(product, symbolic, ndim=len(symbolic)), [n == 1 for n in static]
    )


def merge(x: Any, groups: Sequence[Any]) -> Any:
    """Return `x` with batches kept and the dimensions after them merged to one per group.

    `groups` are the leading dimensions, and the numbers of dimensions of each group that follows.
    """
    leading, *counts = groups
    if all(count == 1 for count in counts):
        return x
    lengths = [ShapeOf(d)(x) for d in leading]
    first = len(leading)
    for count in counts:
        product: Any = constant(np.int64(1))
        for d in range(first, first + count):
            product = ShapeOf(d)(x) if d == first else product * ShapeOf(d)(x)
        lengths.append(product)
        first += count
    return reshape(x, lengths, ndim=len(lengths))


@public("outer", numpy=("outer",))
def outer(x: Any, y: Any) -> Any:
    """Return the matrix of products of the elements of two vectors.

    Parameters
    ----------
    x, y : tensor
        Vectors; other tensors are flattened.

    Returns
    -------
    TensorVariable
        A matrix with a row per element of `x`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.outer(T.vector(), T.vector()).ndim
    2
    """
    x, y = (
        v if v.type.ndim == 1 else FUNCTIONS["flatten"](v) for v in map(as_tensor_variable, (x, y))
    )
    return dot(dimshuffle(x, 0, "x"), dimshuffle(y, "x", 0))


@public("kron", numpy=("kron",))
def kron(a: Any, b: Any) -> Any:
    """Return the Kronecker product: each element of `a` times the whole of `b`, side by side.

    Parameters
    ----------
    a, b : tensor
        The operands; the one of lower rank counts as padded on the left.

    Returns
    -------
    TensorVariable
        Of the higher rank; lengths multiply.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.kron(T.matrix(), T.matrix()).ndim
    2
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    ndim = max(a.type.ndim, b.type.ndim)
    a, b = (shape_padleft(v, ndim - v.type.ndim) if v.type.ndim < ndim else v for v in (a, b))
    left = dimshuffle(a, *[item for d in range(ndim) for item in (d, "x")])
    right = dimshuffle(b, *[item for d in range(ndim) for item in ("x", d)])
    lengths = [ShapeOf(d)(a) * ShapeOf(d)(b) for d in range(ndim)]
    pattern = [a.type.broadcastable[d] and b.type.broadcastable[d] for d in range(ndim)]
    return patternbroadcast(reshape(left * right, lengths, ndim=ndim), pattern)
