"""`Unique`: the different elements, or parts, of a tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType
from tensorsym.graph.variable import Apply
from tensorsym.language.arrangement import axis_within, flatten
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.indexing_assignment import inc_subtensor
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["Unique", "unique"]


class Unique(Op):
    """The different elements of a tensor, or parts along a dimension, in ascending order.

    Parameters
    ----------
    return_index, return_inverse, return_counts : bool
        Further outputs: first positions, the number of each element among the different ones, how
        often each occurs.
    axis : int, optional
        The dimension; the flattened tensor if not given.
    """

    __props__ = ("return_index", "return_inverse", "return_counts", "axis")

    def __init__(
        self,
        return_index: bool = False,
        return_inverse: bool = False,
        return_counts: bool = False,
        axis: int | None = None,
    ) -> None:
        self.return_index = bool(return_index)
        self.return_inverse = bool(return_inverse)
        self.return_counts = bool(return_counts)
        self.axis = axis

    def make_node(self, x: Any) -> Apply:
        """Return the application on a tensor."""
        x = as_tensor_variable(x)
        shape: list[int | None] = [None]
        if self.axis is not None:
            place = axis_within(self.axis, x.type.ndim)
            shape = [None if d == place else n for d, n in enumerate(x.type.shape)]
        outputs = [TensorType(x.type.dtype, shape=shape)()]
        for wanted in (self.return_index, self.return_inverse, self.return_counts):
            outputs += [TensorType("int64", (False,))()] if wanted else []
        return Apply(self, [x], outputs)

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Find with NumPy."""
        flags = (self.return_index, self.return_inverse, self.return_counts)
        found: Any = np.unique(inputs[0], *flags, axis=self.axis)  # type: ignore[call-overload]
        values = found if isinstance(found, tuple) else (found,)
        output_storage[0][0] = values[0]
        for cell, value in zip(output_storage[1:], values[1:], strict=True):
            cell[0] = value.reshape(-1).astype("int64")

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return what does not depend on the values: other lengths, and that of the inverse."""
        known: list[Any] = [None] * len(node.outputs)
        if self.return_inverse:
            (shape,) = shapes
            length = shape[0] if shape else as_tensor_variable(np.int64(1))
            if self.axis is not None:
                length = shape[axis_within(self.axis, len(shape))]
            else:
                for other in shape[1:]:
                    length = length * other
            known[1 + self.return_index] = (length,)
        return known

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the elements are connected, positions and counts are not."""
        return [[True] + [False] * (len(node.outputs) - 1)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros with each gradient at the first position of its element."""
        (x,), (g, *_) = inputs, output_grads
        if isinstance(g.type, DisconnectedType):
            return [FUNCTIONS["disconnected"]()]
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x)]
        first = Unique(return_index=True, axis=self.axis)(x)[1]
        zeros = FUNCTIONS["zeros_like"](x)
        if self.axis is None:
            flat = inc_subtensor(flatten(zeros)[first], g)
            return [
                flat if x.type.ndim == 1 else FUNCTIONS["reshape"](flat, x.shape, ndim=x.type.ndim)
            ]
        whole = (slice(None),) * axis_within(self.axis, x.type.ndim)
        return [inc_subtensor(zeros[(*whole, first)], g)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent at the first positions."""
        others: list[Any] = [None] * (self.return_index + self.return_inverse + self.return_counts)
        if eval_points[0] is None:
            return [None, *others]
        first = Unique(return_index=True, axis=self.axis)(inputs[0])[1]
        return [FUNCTIONS["take"](eval_points[0], first, axis=self.axis), *others]


@public("unique", numpy=("unique",))
def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
) -> Any:
    """Return the different elements of a tensor in ascending order.

    Parameters
    ----------
    ar : tensor
        Any tensor.
    return_index : bool
        Whether the first position of each is returned too.
    return_inverse : bool
        Whether, for each element of `ar`, its number among the different ones is returned too.
    return_counts : bool
        Whether it is returned too how often each occurs.
    axis : int, optional
        The dimension along which different parts are found; elements of the flattened tensor if not
        given.

    Returns
    -------
    TensorVariable or list of TensorVariable
        The elements or parts, and vectors of int64 as asked for.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> [v.dtype for v in T.unique(T.fmatrix(), return_counts=True)]
    ['float32', 'int64']
    """
    return Unique(return_index, return_inverse, return_counts, axis)(ar)
