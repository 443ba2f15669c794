"""The largest or smallest few elements along a dimension, and their positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import DTypeError, RangeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.arithmetic import abs_, cast
from tensorsym.language.dtypes import INT, UINT, is_complex, is_discrete
from tensorsym.language.indexing import take_along_axis
from tensorsym.language.indexing_assignment import inc_subtensor
from tensorsym.language.shape import constant_length
from tensorsym.language.sorting import along_axis, sortable
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["TopK", "argtopk", "topk", "topk_and_argtopk"]


class TopK(Op):
    """The k largest, or -k smallest, elements along a dimension, in descending order.

    Parameters
    ----------
    axis : int
        The dimension, counted from the front.
    sorted : bool
        Kept for Theano programs: they are in order anyway.
    idx_dtype : str
        Integer dtype of the positions.
    return_values, return_indices : bool
        Which of both are computed.
    """

    __props__ = ("axis", "sorted", "idx_dtype", "return_values", "return_indices")

    def __init__(
        self,
        axis: int = -1,
        sorted: bool = True,
        idx_dtype: str = "int64",
        return_values: bool = True,
        return_indices: bool = True,
    ) -> None:
        if not (return_values or return_indices):
            raise ValueError("topk returns values, positions, or both")
        self.axis = axis
        self.sorted = sorted
        self.idx_dtype = idx_dtype
        self.return_values = return_values
        self.return_indices = return_indices

    def make_node(self, x: Any, kth: Any) -> Apply:
        """Return the application on a tensor and the number of elements."""
        x, kth = as_tensor_variable(x), as_tensor_variable(kth)
        axis = self.axis % x.type.ndim
        known = constant_length(kth)
        shape = list(x.type.shape)
        shape[axis] = None if known is None else abs(known)
        types = [TensorType(x.type.dtype, shape=shape)] * self.return_values
        types += [TensorType(self.idx_dtype, shape=shape)] * self.return_indices
        return Apply(self, [x, kth], [type_() for type_ in types])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Sort, stably, and take the last few, or the first."""
        x, kth = inputs[0], int(inputs[1])
        if not 0 < abs(kth) <= x.shape[self.axis]:
            raise RangeError(
                "topk: the number of elements must not be 0 or exceed the length",
                got=f"{kth} of {x.shape[self.axis]}",
                origin=node.origin,
            )
        order = np.moveaxis(np.argsort(x, axis=self.axis, kind="stable"), self.axis, -1)
        few = order[..., -kth:] if kth > 0 else order[..., :-kth]
        positions = np.moveaxis(few[..., ::-1], -1, self.axis)
        cells = iter(output_storage)
        if self.return_values:
            next(cells)[0] = np.take_along_axis(x, positions, axis=self.axis)
        if self.return_indices:
            next(cells)[0] = positions.astype(self.idx_dtype)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the tensor's lengths, with the number of elements in the dimension."""
        lengths = list(shapes[0])
        lengths[self.axis] = abs_(cast(node.inputs[1], "int64"))
        return [tuple(lengths)] * len(node.outputs)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that values depend on the tensor, and positions on nothing differentiable."""
        outputs = [True] * self.return_values + [False] * self.return_indices
        return [outputs, [False] * len(outputs)]

    def _positions(self, inputs: Any) -> Any:
        return TopK(self.axis, self.sorted, return_values=False)(*inputs)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient with each element where it came from."""
        x, disconnected = inputs[0], FUNCTIONS["disconnected"]()
        if not self.return_values:
            return [FUNCTIONS["disconnected"](), disconnected]
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x), disconnected]
        came_from = along_axis(x, self._positions(inputs), self.axis % x.type.ndim)
        return [inc_subtensor(FUNCTIONS["zeros_like"](x)[came_from], output_grads[0]), disconnected]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent of the values; positions do not change."""
        tangents: list[Any] = [None] * self.return_indices
        if self.return_values:
            tangent = eval_points[0]
            moved = (
                None
                if tangent is None
                else take_along_axis(
                    tangent, self._positions(inputs), axis=self.axis % inputs[0].type.ndim
                )
            )
            tangents.insert(0, moved)
        return tangents


def _operands(x: Any, kth: Any, axis: int | None, idx_dtype: str) -> tuple[Any, Any, int]:
    """Return the tensor, the number of elements and the dimension, checked."""
    if idx_dtype not in INT + UINT:
        raise DTypeError("positions have an integer dtype", got=str(idx_dtype))
    x, place = sortable("topk", x, axis)
    if is_complex(x.type.dtype):
        raise DTypeError("topk: complex numbers have no order", got=f"{x} of {x.type.dtype}")
    count = as_tensor_variable(kth)
    if count.type.ndim or not is_discrete(count.type.dtype):
        raise DTypeError(
            "topk: the number of elements is a scalar integer", got=f"{count} of {count.type}"
        )
    if constant_length(count) == 0:
        raise RangeError("topk: 0 elements are asked for", expected="a number other than 0")
    return x, cast(count, "int64"), place


@public("argtopk")
def argtopk(
    x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: str = "int64"
) -> Any:
    """Return the positions of the largest or smallest elements along a dimension.

    Parameters
    ----------
    x : tensor
        A real tensor.
    kth : int or scalar
        How many: the `kth` largest, or, if negative, the `-kth` smallest. Not 0.
    axis : int, optional
        The dimension; None means the flattened tensor.
    sorted : bool
        Whether they come in descending order of the elements; otherwise the order is not specified.
    idx_dtype : str
        Integer dtype of the result.

    Returns
    -------
    TensorVariable
        `abs(kth)` long in dimension `axis`.

    Raises
    ------
    ValueError
        If `kth` is 0, or, at run time, exceeds the length.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.argtopk(T.vector(), 3).dtype
    'int64'
    """
    x, count, place = _operands(x, kth, axis, idx_dtype)
    return TopK(place, sorted, idx_dtype, return_values=False)(x, count)


@public("topk")
def topk(
    x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: str = "int64"
) -> Any:
    """Return the largest or smallest elements along a dimension.

    Parameters
    ----------
    x : tensor
        A real tensor.
    kth : int or scalar
        How many: the `kth` largest, or, if negative, the `-kth` smallest. Not 0.
    axis : int, optional
        The dimension; None means the flattened tensor.
    sorted : bool
        Whether they come in descending order; otherwise the order is not specified.
    idx_dtype : str
        Kept for Theano programs.

    Returns
    -------
    TensorVariable
        `abs(kth)` long in dimension `axis`.

    Raises
    ------
    ValueError
        If `kth` is 0, or, at run time, exceeds the length.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.topk(T.fmatrix(), 3, axis=0).dtype
    'float32'
    """
    x, count, place = _operands(x, kth, axis, idx_dtype)
    return TopK(place, sorted, idx_dtype, return_indices=False)(x, count)


@public("topk_and_argtopk")
def topk_and_argtopk(
    x: Any, kth: Any, axis: int | None = -1, sorted: bool = True, idx_dtype: str = "int64"
) -> list[Any]:
    """Return the largest or smallest elements along a dimension, and their positions.

    Parameters
    ----------
    x : tensor
        A real tensor.
    kth : int or scalar
        How many: the `kth` largest, or, if negative, the `-kth` smallest. Not 0.
    axis : int, optional
        The dimension; None means the flattened tensor.
    sorted : bool
        Whether they come in descending order; otherwise the order is not specified.
    idx_dtype : str
        Integer dtype of the positions.

    Returns
    -------
    list of TensorVariable
        Elements and positions, `abs(kth)` long in dimension `axis`.

    Raises
    ------
    ValueError
        If `kth` is 0, or, at run time, exceeds the length.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> [v.dtype for v in T.topk_and_argtopk(T.fvector(), 3)]
    ['float32', 'int64']
    """
    x, count, place = _operands(x, kth, axis, idx_dtype)
    found: list[Any] = TopK(place, sorted, idx_dtype)(x, count)
    return found
