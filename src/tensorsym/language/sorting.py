"""Order: sort, argsort and binary search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import DTypeError, RangeError, RankError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.arrangement import axis_within, flatten
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.indexing import take_along_axis
from tensorsym.language.indexing_assignment import inc_subtensor
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "ArgSort",
    "SearchSorted",
    "Sort",
    "argsort",
    "sort",
]

KINDS = ("quicksort", "mergesort", "heapsort", "stable")


class Sort(Op):
    """A tensor sorted along a dimension; NaN comes last.

    Parameters
    ----------
    axis : int
        The dimension, counted from the front.
    """

    __props__ = ("axis",)
    may_raise = False

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def make_node(self, x: Any) -> Apply:
        """Return the application on a tensor."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Sort with NumPy; stably, so that 0 and -0 keep their order on every machine."""
        output_storage[0][0] = np.sort(inputs[0], axis=self.axis, kind="stable")

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the tensor's shape."""
        return [shapes[0]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient with each element where it came from."""
        (x,), (g,) = inputs, output_grads
        if is_discrete(x.type.dtype):
            return [FUNCTIONS["zero_gradient"](x)]
        came_from = along_axis(x, ArgSort(self.axis)(x), self.axis)
        return [inc_subtensor(FUNCTIONS["zeros_like"](x)[came_from], g)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent in the order of the values."""
        if eval_points[0] is None:
            return [None]
        return [take_along_axis(eval_points[0], ArgSort(self.axis)(inputs[0]), axis=self.axis)]


class ArgSort(Op):
    """The positions of the elements in ascending order; equal elements keep theirs.

    Parameters
    ----------
    axis : int
        The dimension, counted from the front.
    """

    __props__ = ("axis",)
    may_raise = False

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def make_node(self, x: Any) -> Apply:
        """Return the application on a tensor."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [TensorType("int64", shape=x.type.shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Sort with NumPy."""
        positions = np.argsort(inputs[0], axis=self.axis, kind="stable")
        output_storage[0][0] = positions.astype("int64", copy=False)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the tensor's shape."""
        return [shapes[0]]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros: positions are locally constant."""
        return [FUNCTIONS["zero_gradient"](inputs[0])]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that positions do not change."""
        return [None]


def along_axis(x: Any, positions: Any, axis: int) -> tuple[Any, ...]:
    """Return the index of the elements that `positions` name along one dimension of `x`."""
    ndim = x.type.ndim
    return tuple(
        positions
        if d == axis
        else FUNCTIONS["dimshuffle"](
            FUNCTIONS["arange"](ShapeOf(d)(x)), *["x"] * d, 0, *["x"] * (ndim - 1 - d)
        )
        for d in range(ndim)
    )


def sortable(
    name: str, a: Any, axis: Any, kind: str = "quicksort", order: Any = None
) -> tuple[Any, int]:
    """Return the tensor, flattened if the axis is None, and the axis counted from the front."""
    a = as_tensor_variable(a)
    if kind not in KINDS:
        raise RangeError(f"{name} has no kind {kind!r}", expected=", ".join(KINDS))
    if order is not None:
        raise TypeError(f"{name}: tensors have no fields to order by")
    if axis is None:
        return flatten(a), 0
    if isinstance(axis, Variable):
        axis = FUNCTIONS["get_scalar_constant_value"](axis)
    if a.type.ndim == 0:
        raise RankError(
            f"{name} needs at least one dimension", got=f"the scalar {a}", origin=a.origin
        )
    return a, axis_within(axis, a.type.ndim)


@public("sort", numpy=("sort",))
def sort(a: Any, axis: int | None = -1, kind: str = "quicksort", order: None = None) -> Any:
    """Return a sorted copy of a tensor.

    Parameters
    ----------
    a : tensor
        Any tensor; complex numbers are ordered by real, then imaginary part.
    axis : int, optional
        The dimension sorted along; None sorts the flattened tensor.
    kind : {'quicksort', 'mergesort', 'heapsort', 'stable'}
        Kept for programs; the result is that of a stable sort.
    order : None
        Kept for Theano programs.

    Returns
    -------
    TensorVariable
        Of the type of `a`; NaN comes last.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.sort(T.matrix(), axis=0).ndim
    2
    """
    a, place = sortable("sort", a, axis, kind, order)
    return Sort(place)(a)


@public("argsort", numpy=("argsort",))
def argsort(a: Any, axis: int | None = -1, kind: str = "quicksort", order: None = None) -> Any:
    """Return the positions of a tensor's elements in ascending order.

    Parameters
    ----------
    a : tensor
        Any tensor.
    axis : int, optional
        The dimension sorted along; None sorts the flattened tensor.
    kind : {'quicksort', 'mergesort', 'heapsort', 'stable'}
        Kept for programs; the result is that of a stable sort.
    order : None
        Kept for Theano programs.

    Returns
    -------
    TensorVariable
        Of int64, in the shape of `a`; equal elements keep their order.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.argsort(T.vector()).dtype
    'int64'
    """
    a, place = sortable("argsort", a, axis, kind, order)
    return ArgSort(place)(a)


class SearchSorted(Op):
    """The places at which values go into a sorted vector, so that it stays sorted.

    Parameters
    ----------
    side : {'left', 'right'}
        Whether equal elements come after or before the place.
    """

    __props__ = ("side",)

    def __init__(self, side: str = "left") -> None:
        if side not in ("left", "right"):
            raise RangeError(f"searchsorted has no side {side!r}", expected="left or right")
        self.side = side

    def make_node(self, x: Any, v: Any, *sorter: Any) -> Apply:
        """Return the application on a vector, values, and perhaps the order that sorts."""
        x, v = as_tensor_variable(x), as_tensor_variable(v)
        if x.type.ndim > 1 and all(x.type.broadcastable[:-1]):
            x = as_tensor_variable(x, ndim=1)
        if x.type.ndim != 1:
            raise RangeError(
                "searchsorted looks in a vector",
                got=f"{x} of {x.type.ndim} dimensions",
                origin=x.origin,
            )
        order = [as_tensor_variable(item) for item in sorter]
        for item in order:
            if item.type.ndim != 1 or not is_discrete(item.type.dtype):
                raise DTypeError(
                    "the order that sorts is a vector of integers", got=f"{item} of {item.type}"
                )
        return Apply(self, [x, v, *order], [TensorType("int64", shape=v.type.shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Search with NumPy."""
        x, v, *order = inputs
        sorter = order[0] if order else None
        places = np.searchsorted(x, v, side=self.side, sorter=sorter)  # type: ignore[call-overload]
        output_storage[0][0] = np.asarray(places, dtype="int64")

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of the values."""
        return [shapes[1]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the order is not differentiable."""
        return [[True], [True], [False]][: len(node.inputs)]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros: places are locally constant."""
        gradients = [FUNCTIONS["zero_gradient"](v) for v in inputs[:2]]
        return gradients + [FUNCTIONS["disconnected"]() for _ in inputs[2:]]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that places do not change."""
        return [None]


@public("searchsorted", numpy=("searchsorted",))
def searchsorted(x: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """Return the places at which values go into a sorted vector, so that it stays sorted.

    Parameters
    ----------
    x : vector
        In ascending order, unless `sorter` is given.
    v : tensor
        The values.
    side : {'left', 'right'}
        Whether equal elements of `x` come after or before the place.
    sorter : int vector, optional
        Positions that sort `x`, as `argsort` gives them.

    Returns
    -------
    TensorVariable
        Of int64, in the shape of `v`.

    Raises
    ------
    ValueError
        If `x` is no vector, or for another side.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.searchsorted(T.vector(), T.matrix()).ndim
    2
    """
    return SearchSorted(side)(x, v, *([] if sorter is None else [sorter]))
