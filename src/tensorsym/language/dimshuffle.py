"""`DimShuffle`: reorder, drop and add dimensions; the only op that changes axes without data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.table import public
from tensorsym.language.tensortype import tensor_type
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["DimShuffle", "dimshuffle", "transpose"]

Order = tuple[int | str, ...]


class DimShuffle(Op):
    """A view of a tensor with its dimensions in another order.

    Parameters
    ----------
    input_broadcastable : sequence of bool
        Broadcast pattern of the input; a dimension left out of `new_order` must be broadcastable.
    new_order : sequence of int or 'x'
        For every output dimension the input dimension it is, or 'x' for a new one of length 1.
    """

    __props__ = ("input_broadcastable", "new_order")
    view_map = {0: [0]}  # noqa: RUF012 - the op protocol's attribute
    may_raise = False

    def __init__(self, input_broadcastable: Any, new_order: Any, inplace: bool = True) -> None:
        self.input_broadcastable = tuple(bool(b) for b in input_broadcastable)
        rank = len(self.input_broadcastable)
        self.new_order: Order = tuple("x" if d == "x" else _axis(d, rank) for d in new_order)
        kept = [d for d in self.new_order if not isinstance(d, str)]
        if len(set(kept)) != len(kept):
            raise ValueError(f"a dimension may not appear twice, as in {self.new_order}")
        self.drop = [d for d in range(rank) if d not in kept]
        self.shuffle = kept
        self.augment = [axis for axis, d in enumerate(self.new_order) if d == "x"]
        for d in self.drop:
            if not self.input_broadcastable[d]:
                raise ShapeError(
                    f"dimension {d} can not be dropped: it is not known to have length 1",
                    got=f"broadcast pattern {self.input_broadcastable}, new order {self.new_order}",
                    hint="sum over it, index it with 0, or mark it with T.addbroadcast",
                )

    def make_node(self, x: Any) -> Apply:
        """Return the application on `x`, whose broadcast pattern must be the op's."""
        x = as_tensor_variable(x)
        if x.type.ndim != len(self.input_broadcastable):
            raise TypeError(
                f"{self} takes {len(self.input_broadcastable)} dimensions, {x} has {x.type.ndim}"
            )
        for d in self.drop:
            if x.type.shape[d] != 1:
                raise ShapeError(f"dimension {d} of {x} can not be dropped", got=str(x.type))
        shape = tuple([1 if d == "x" else x.type.shape[d] for d in self.new_order])
        return Apply(self, [x], [tensor_type(x.type.dtype, shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return the view."""
        (x,) = inputs
        view = np.transpose(x, self.shuffle + self.drop)
        lengths = iter(view.shape[: len(self.shuffle)])
        strides = iter(view.strides[: len(self.shuffle)])
        shape = [1 if d == "x" else next(lengths) for d in self.new_order]
        steps = [0 if d == "x" else next(strides) for d in self.new_order]
        output_storage[0][0] = (
            np.lib.stride_tricks.as_strided(x, shape, steps) if shape else x.reshape(())
        )

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the input's lengths in the new order."""
        one = as_tensor_variable(np.int64(1))
        return [tuple(one if d == "x" else shapes[0][d] for d in self.new_order)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient shuffled back."""
        back: list[int | str] = ["x"] * len(self.input_broadcastable)
        for axis, d in enumerate(self.new_order):
            if d != "x":
                back[int(d)] = axis
        (g,) = output_grads
        return [DimShuffle(outputs[0].type.broadcastable, back)(g)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent in the new order."""
        return [None if eval_points[0] is None else self(eval_points[0])]

    def __str__(self) -> str:
        return f"DimShuffle{{{','.join(map(str, self.new_order))}}}"


def _axis(d: Any, rank: int) -> int:
    if isinstance(d, str):
        raise TypeError(f"a dimension is a number or 'x', got {d!r}")
    axis = int(d)
    if not -rank <= axis < rank:
        raise ValueError(f"dimension {d} is out of range for {rank} dimensions")
    return axis % rank


@public("dimshuffle")
def dimshuffle(x: Any, *pattern: Any) -> Any:
    """Return `x` with its dimensions reordered, dropped and added.

    Parameters
    ----------
    x : tensor
        Any tensor.
    *pattern : int or 'x'
        Input dimension of each output dimension; 'x' adds one of length 1; those left out must have
        length 1.

    Returns
    -------
    TensorVariable
        A view of `x`, with a dimension per item of `pattern`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.dimshuffle(T.vector(), "x", 0).broadcastable
    (True, False)
    """
    x = as_tensor_variable(x)
    order = pattern[0] if len(pattern) == 1 and isinstance(pattern[0], list | tuple) else pattern
    if tuple(order) == tuple(range(x.type.ndim)):
        return x
    return DimShuffle(x.type.broadcastable, order)(x)


@public("transpose", numpy=("transpose",))
def transpose(x: Any, axes: Any = None) -> Any:
    """Return `x` with its dimensions in reverse order, or in the order `axes`.

    Parameters
    ----------
    x : tensor
        Any tensor.
    axes : sequence of int, optional
        Input dimension of each output dimension.

    Returns
    -------
    TensorVariable
        A view of `x`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.transpose(T.row()).broadcastable
    (False, True)
    """
    x = as_tensor_variable(x)
    result = dimshuffle(x, *(range(x.type.ndim)[::-1] if axes is None else axes))
    if result is not x and x.name and result.name is None:
        result.name = f"{x.name}.T"
    return result
