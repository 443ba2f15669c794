"""Ops that change a tensor's shape or what is known of it: lengths and fills."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import ShapeError, SpecifiedShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.arithmetic import cast
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.shape import (
    constant_length,
    see_through,
    shape,
    shape_entries,
    value_of_first,
)
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["Alloc", "Reshape", "SpecifyShape"]


class Reshape(Op):
    """A tensor's elements, in order, in another shape; one length may be -1.

    Parameters
    ----------
    ndim : int
        Number of dimensions of the result.
    """

    __props__ = ("ndim",)
    view_map = {0: [0]}  # noqa: RUF012

    def __init__(self, ndim: int, name: str | None = None) -> None:
        self.ndim = ndim

    def make_node(self, x: Any, shp: Any) -> Apply:
        """Return the application on `x` and the vector of lengths."""
        x, shp = as_tensor_variable(x), as_tensor_variable(shp)
        if shp.type.ndim == 0:
            shp = shp.dimshuffle("x")
        if shp.type.ndim != 1 or not (is_discrete(shp.type.dtype) or shp.type.shape == (0,)):
            raise TypeError(f"a shape is a vector of integers, got {shp} of type {shp.type}")
        known = shp.type.shape[0]
        if known is not None and known != self.ndim:
            raise ShapeError(
                f"the new shape has {known} lengths",
                expected=f"{self.ndim} (ndim)",
                origin=x.origin,
            )
        lengths = [constant_length(item) for item in shape_entries(shp, self.ndim)]
        lengths = _complete(x, lengths)
        return Apply(self, [x, shp], [TensorType(x.type.dtype, shape=lengths)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return the array in its new shape, a view where possible."""
        x, shape = inputs
        if len(shape) != self.ndim:
            raise ShapeError(
                f"the new shape has {len(shape)} lengths",
                expected=f"{self.ndim} (ndim)",
                origin=node.origin,
            )
        try:
            output_storage[0][0] = np.reshape(x, tuple(int(n) for n in shape))
        except ValueError as error:
            raise ShapeError(
                "the elements do not fill the new shape",
                got=f"{x.size} elements of shape {x.shape}",
                expected=f"shape {tuple(int(n) for n in shape)}",
                origin=node.origin,
            ) from error

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the requested lengths, -1 worked out."""
        requested = shape_entries(node.inputs[1], self.ndim)
        static = node.outputs[0].type.shape
        return [
            tuple(
                constant(np.int64(known))
                if known is not None
                else _requested_length(item, requested, shapes[0])
                for known, item in zip(static, requested, strict=True)
            )
        ]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the result depends on the elements, not on the lengths' values."""
        return [[True], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient in the input's shape."""
        x, _ = inputs
        (g,) = output_grads
        return [reshape(g, shape(x), ndim=x.type.ndim), FUNCTIONS["disconnected"]()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent in the new shape."""
        return [None if eval_points[0] is None else self(eval_points[0], inputs[1])]

    def __str__(self) -> str:
        return f"Reshape{{{self.ndim}}}"


class SpecifyShape(Op):
    """A tensor whose lengths are checked at run time against the given ones."""

    __props__ = ("lengths",)
    view_map = {0: [0]}  # noqa: RUF012

    def __init__(self, lengths: Sequence[int | None]) -> None:
        self.lengths = tuple(None if n is None else int(n) for n in lengths)

    def make_node(self, x: Any) -> Apply:
        """Return the application on `x`."""
        x = as_tensor_variable(x)
        shape = [
            n if n is not None else known
            for n, known in zip(self.lengths, x.type.shape, strict=True)
        ]
        for n, known in zip(self.lengths, x.type.shape, strict=True):
            if n is not None and known is not None and n != known:
                raise SpecifiedShapeError(
                    f"{x} is known to have another shape",
                    got=str(x.type.shape),
                    expected=str(self.lengths),
                )
        return Apply(self, [x], [TensorType(x.type.dtype, shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return the array after checking its shape."""
        (x,) = inputs
        for n, actual in zip(self.lengths, x.shape, strict=True):
            if n is not None and n != actual:
                raise SpecifiedShapeError(
                    "an array has another shape than specified",
                    got=str(x.shape),
                    expected=str(tuple("any" if n is None else n for n in self.lengths)),
                    origin=node.origin,
                )
        output_storage[0][0] = x

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the specified lengths, or the input's."""
        pairs = zip(self.lengths, shapes[0], strict=True)
        return [tuple(length if n is None else constant(np.int64(n)) for n, length in pairs)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient as it is."""
        return [output_grads[0]]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent as it is."""
        return [eval_points[0]]


class Alloc(Op):
    """A new tensor of the given shape, filled by broadcasting a value."""

    __props__ = ()

    def make_node(self, value: Any, *lengths: Any) -> Apply:
        """Return the application on a value and scalar integer lengths."""
        value = as_tensor_variable(value)
        scalars = [as_tensor_variable(n) for n in lengths]
        for n in scalars:
            if n.type.ndim or not is_discrete(n.type.dtype):
                raise TypeError(f"a length is a scalar integer, got {n} of type {n.type}")
        if value.type.ndim > len(scalars):
            raise TypeError(
                f"a value of {value.type.ndim} dimensions does not fit {len(scalars)} lengths"
            )
        shape = [constant_length(n) for n in scalars]
        return Apply(self, [value, *scalars], [TensorType(value.type.dtype, shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return the filled array."""
        value, *lengths = inputs
        shape = tuple(int(n) for n in lengths)
        try:
            output_storage[0][0] = np.broadcast_to(value, shape).copy()
        except ValueError as error:
            raise ShapeError(
                "the value does not broadcast to the shape", got=f"value of shape {value.shape}",
                expected=f"something that broadcasts to {shape}", origin=node.origin,
            ) from error  # fmt: skip

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths."""
        return [tuple(cast(n, "int64") for n in node.inputs[1:])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that only the value is connected."""
        return [[True]] + [[False]] * (len(node.inputs) - 1)

    def do_constant_folding(self, node: Apply) -> bool:
        """Refuse: a filled tensor is cheaper to make than to keep."""
        return bool(node.outputs[0].type.ndim == 0)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient summed over the dimensions that were filled."""
        value, *lengths = inputs
        (g,) = output_grads
        new = g.type.ndim - value.type.ndim
        axes = [
            d
            for d in range(value.type.ndim)
            if value.type.broadcastable[d] and not g.type.broadcastable[d + new]
        ]
        total = FUNCTIONS["sum"](g, axis=[d + new for d in axes], keepdims=True) if axes else g
        total = FUNCTIONS["sum"](total, axis=list(range(new))) if new else total
        return [total, *[FUNCTIONS["disconnected"]() for _ in lengths]]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the filled tangent."""
        return [None if eval_points[0] is None else self(eval_points[0], *inputs[1:])]


def _requested_length(item: Any, requested: Sequence[Any], old: Sequence[Any]) -> Any:
    """Return the length that `item` of a new shape stands for: itself, or the rest if it is -1."""
    known = constant_length(item)
    if known is not None and known != -1:
        return constant(np.int64(known))
    # The product of all requested lengths is minus that of the others where this one is -1.
    others = FUNCTIONS["maximum"](-_product(requested), constant(np.int64(1)))
    left_over = FUNCTIONS["int_div"](_product(old), others)
    if known == -1:
        return left_over
    return FUNCTIONS["switch"](
        FUNCTIONS["eq"](item, constant(np.int64(-1))), left_over, cast(item, "int64")
    )


def _product(lengths: Sequence[Any]) -> Any:
    total: Any = constant(np.int64(1))
    for length in lengths:
        total = total * cast(length, "int64")
    return total


def _complete(x: Any, lengths: list[int | None]) -> list[int | None]:
    """Return the static lengths of a reshape with -1 worked out where all else is known."""
    if lengths.count(-1) > 1:
        raise ShapeError("only one length can be -1", got=str(lengths), origin=x.origin)
    if any(n is not None and n < -1 for n in lengths):
        raise ShapeError("a length can not be negative", got=str(lengths), origin=x.origin)
    total = None if None in x.type.shape else int(np.prod(x.type.shape, dtype="int64"))
    others = [n for n in lengths if n is not None and n != -1]
    if total is not None and None not in lengths:
        product = int(np.prod(others, dtype="int64"))
        if -1 in lengths:
            if product and total % product == 0:
                return [total // product if n == -1 else n for n in lengths]
        elif product == total:
            return lengths
        raise ShapeError(
            "the elements do not fill the new shape",
            got=f"{x} of shape {x.type.shape}",
            expected=f"shape {lengths}",
            origin=x.origin,
        )
    return [None if n == -1 else n for n in lengths]


for _op_class in (Alloc, Reshape, SpecifyShape):
    see_through(_op_class, value_of_first)


def lengths_of(shp: Any) -> list[Any]:
    """Return a shape (int, sequence of ints and scalars, or vector of known length) as a list."""
    if isinstance(shp, Variable):
        if shp.type.ndim == 0:
            return [shp]
        known = known_length(shp)
        if known is None:
            raise ValueError(f"the number of lengths in the shape {shp} is not known; give ndim")
        return shape_entries(shp, known)
    return list(shp) if isinstance(shp, Sequence | np.ndarray) else [shp]


@public("known_length")
def known_length(v: Any) -> int | None:
    """Return the length of a vector expression if it is known while the graph is built, else None.

    Parameters
    ----------
    v : tensor
        A vector (or a tensor, of which the first length is meant).

    Returns
    -------
    int or None
        The length; None if it is not known.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.known_length(T.matrix().shape)
    2
    """
    v = as_tensor_variable(v)
    length: int | None = v.type.shape[0] if v.type.ndim else None
    return length


@public("reshape", numpy=("reshape",))
def reshape(x: Any, newshape: Any, ndim: int | None = None) -> Any:
    """Return the elements of `x`, in order, in another shape.

    Parameters
    ----------
    x : tensor
        Any tensor.
    newshape : int, sequence of int or scalar, or integer vector
        The lengths; one may be -1 and is then worked out.
    ndim : int, optional
        Number of lengths, needed where it can not be seen from `newshape`.

    Returns
    -------
    TensorVariable
        Of the new shape; a view where strides allow it.

    Raises
    ------
    ShapeError
        If the elements are known not to fill the shape.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.reshape(T.vector(), (2, -1)).ndim
    2
    """
    x = as_tensor_variable(x)
    if ndim is None:
        newshape = lengths_of(newshape)
        ndim = len(newshape)
    if isinstance(newshape, Sequence):
        newshape = FUNCTIONS["int_vector"](newshape)
    elif not isinstance(newshape, Variable):
        newshape = as_tensor_variable(newshape, ndim=1)
    return Reshape(ndim)(x, newshape)


@public("specify_shape")
def specify_shape(x: Any, shape: Any) -> Any:
    """Return `x` with lengths that are checked at run time and known from then on.

    Parameters
    ----------
    x : tensor
        Any tensor.
    shape : sequence of int or None
        The lengths; None leaves one open.

    Returns
    -------
    TensorVariable
        `x`, with known lengths that every call checks.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.specify_shape(T.matrix(), (3, None)).type.shape
    (3, None)
    """
    x = as_tensor_variable(x)
    if isinstance(shape, Variable):
        shape = [constant_length(n) for n in lengths_of(shape)]
    lengths = [n if n is None else constant_length(as_tensor_variable(n)) for n in shape]
    if len(lengths) != x.type.ndim:
        raise SpecifiedShapeError(
            f"{x} has {x.type.ndim} dimensions, {len(lengths)} lengths are specified"
        )
    return SpecifyShape(lengths)(x)
