"""What is known of a tensor's broadcast pattern, changed: declared, or forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.shape import see_through, value_of_first
from tensorsym.language.table import public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.op import Storage

__all__ = ["Rebroadcast", "addbroadcast", "patternbroadcast", "unbroadcast"]


class Rebroadcast(Op):
    """A tensor with another broadcast pattern; a new True is checked at run time.

    Parameters
    ----------
    *axis : pair of (int, bool)
        Dimensions and whether they broadcast from now on.
    """

    __props__ = ("axis",)
    view_map = {0: [0]}  # noqa: RUF012

    def __init__(self, *axis: tuple[int, bool]) -> None:
        self.axis = tuple(sorted((int(d), bool(b)) for d, b in axis))

    def make_node(self, x: Any) -> Apply:
        """Return the application on `x`."""
        x = as_tensor_variable(x)
        shape = list(x.type.shape)
        for d, broadcasts in self.axis:
            if not 0 <= d < x.type.ndim:
                raise ValueError(f"{x} has no dimension {d}")
            if broadcasts and shape[d] not in (None, 1):
                raise ShapeError(
                    f"dimension {d} of {x} has length {shape[d]}, it can not broadcast",
                    origin=x.origin,
                )
            shape[d] = 1 if broadcasts else None if shape[d] == 1 else shape[d]
        return Apply(self, [x], [TensorType(x.type.dtype, shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return the array after checking the dimensions that broadcast."""
        (x,) = inputs
        for d, broadcasts in self.axis:
            if broadcasts and x.shape[d] != 1:
                raise ShapeError(
                    f"dimension {d} was declared broadcastable", got=f"shape {x.shape}",
                    expected="length 1", origin=node.origin,
                )  # fmt: skip
        output_storage[0][0] = x

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the input's lengths, 1 where declared."""
        declared = dict(self.axis)
        one = constant(np.int64(1))
        return [tuple(one if declared.get(d) else length for d, length in enumerate(shapes[0]))]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient with the input's pattern."""
        (x,) = inputs
        return [Rebroadcast(*[(d, x.type.broadcastable[d]) for d, _ in self.axis])(output_grads[0])]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent with the new pattern."""
        return [None if eval_points[0] is None else self(eval_points[0])]


see_through(Rebroadcast, value_of_first)


@public("patternbroadcast")
def patternbroadcast(x: Any, broadcastable: Sequence[bool]) -> Any:
    """Return `x` with the given broadcast pattern; what becomes broadcastable is checked in calls.

    Parameters
    ----------
    x : tensor
        Any tensor.
    broadcastable : sequence of bool
        One entry per dimension; dimensions without one stay as they are.

    Returns
    -------
    TensorVariable
        `x` with another type.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.patternbroadcast(T.matrix(), (True, False)).broadcastable
    (True, False)
    """
    x = as_tensor_variable(x)
    if len(broadcastable) > x.type.ndim:
        raise ShapeError(
            f"a pattern of {len(broadcastable)} entries does not fit {x}", got=str(x.type)
        )
    changes = [
        (d, bool(b)) for d, b in enumerate(broadcastable) if bool(b) != x.type.broadcastable[d]
    ]
    return Rebroadcast(*changes)(x) if changes else x


@public("addbroadcast")
def addbroadcast(x: Any, *axes: int) -> Any:
    """Return `x` with the dimensions `axes` declared to have length 1, checked at run time.

    Parameters
    ----------
    x : tensor
        Any tensor.
    *axes : int
        Dimensions.

    Returns
    -------
    TensorVariable
        `x` with another type.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.addbroadcast(T.matrix(), 1).broadcastable
    (False, True)
    """
    return _declare(x, axes, True)


@public("unbroadcast")
def unbroadcast(x: Any, *axes: int) -> Any:
    """Return `x` with the dimensions `axes` no longer broadcastable.

    Parameters
    ----------
    x : tensor
        Any tensor.
    *axes : int
        Dimensions.

    Returns
    -------
    TensorVariable
        `x` with another type.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.unbroadcast(T.row(), 0).broadcastable
    (False, False)
    """
    return _declare(x, axes, False)


def _declare(x: Any, axes: Sequence[int], broadcasts: bool) -> Any:
    x = as_tensor_variable(x)
    for d in axes:
        if not 0 <= d < x.type.ndim:
            raise ValueError(f"{x} has no dimension {d}, it has {x.type.ndim} dimensions")
    return patternbroadcast(
        x, [broadcasts if d in axes else b for d, b in enumerate(x.type.broadcastable)]
    )
