"""Where the extreme elements are, and the spread between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import ComplexError, ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import is_complex
from tensorsym.language.reduction import normalize_axes, restore_axes
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.totals import all_if_empty, max_, min_
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage
    from tensorsym.language.reduction import Axis

__all__ = ["ArgExtreme", "argmax", "argmin", "max_and_argmax", "ptp"]


class ArgExtreme(Op):
    """The index of the first extreme element over some dimensions, counted along them in order.

    Parameters
    ----------
    name : {'argmax', 'argmin'}
        Which extreme.
    axis : tuple of int, or None
        Dimensions searched, in increasing order; None all.
    """

    __props__ = ("name", "axis")

    def __init__(self, name: str, axis: tuple[int, ...] | None = None) -> None:
        self.name = name
        self.axis = axis

    def make_node(self, x: Any) -> Apply:
        """Return the application on a real tensor."""
        x = as_tensor_variable(x)
        if is_complex(x.type.dtype):
            raise ComplexError(f"{self.name}: complex numbers have no order", got=x.type.dtype)
        axes = range(x.type.ndim) if self.axis is None else self.axis
        shape = [length for d, length in enumerate(x.type.shape) if d not in axes]
        return Apply(self, [x], [TensorType("int64", shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Search with NumPy, which takes the first NaN for extreme."""
        (x,) = inputs
        axes = tuple(range(x.ndim)) if self.axis is None else self.axis
        kept = [d for d in range(x.ndim) if d not in axes]
        rows = np.transpose(x, [*kept, *axes])
        rows = rows.reshape((*rows.shape[: len(kept)], int(np.prod([x.shape[d] for d in axes]))))
        if rows.shape[-1] == 0:
            raise ShapeError(
                f"{self.name} of no elements", got=f"shape {x.shape}", origin=node.origin
            )
        output_storage[0][0] = np.asarray(getattr(np, self.name)(rows, axis=-1), dtype="int64")

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths that remain."""
        axes = range(len(shapes[0])) if self.axis is None else self.axis
        return [tuple(length for d, length in enumerate(shapes[0]) if d not in axes)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return 0: an index is constant but where it jumps."""
        return [FUNCTIONS["zero_gradient"](inputs[0])]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that an index does not change."""
        return [None]

    def __str__(self) -> str:
        return f"{self.name.capitalize()}{{axis={self.axis}}}"


def _search(name: str, x: Any, axis: Axis, keepdims: bool) -> Any:
    x = as_tensor_variable(x)
    if isinstance(axis, str):
        raise TypeError(f"an axis is an integer, got {axis!r}")
    axes = normalize_axes(all_if_empty(axis), x.type.ndim)
    if axes is not None and len(axes) == x.type.ndim:
        axes = None
    index = ArgExtreme(name, axes)(x)
    if not keepdims:
        return index
    return restore_axes(index, range(x.type.ndim) if axes is None else axes, x.type.ndim)


@public("argmax", numpy=("argmax",))
def argmax(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the index of the largest element over the given axes, the first of equal ones.

    Parameters
    ----------
    x : tensor
        A real tensor; a NaN counts as largest.
    axis : int or sequence of int, optional
        Dimensions searched; all if not given or empty. Over several the index is that into the
        elements of these dimensions, flattened.
    keepdims : bool
        Whether the searched dimensions stay, with length 1 and broadcastable.

    Returns
    -------
    TensorVariable
        Of int64.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.argmax(T.matrix(), axis=1).dtype
    'int64'
    """
    return _search("argmax", x, axis, keepdims)


@public("argmin", numpy=("argmin",))
def argmin(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the index of the smallest element over the given axes, the first of equal ones.

    Parameters
    ----------
    x : tensor
        A real tensor; a NaN counts as smallest.
    axis : int or sequence of int, optional
        Dimensions searched; all if not given or empty.
    keepdims : bool
        Whether the searched dimensions stay, with length 1 and broadcastable.

    Returns
    -------
    TensorVariable
        Of int64.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.argmin(T.matrix()).ndim
    0
    """
    return _search("argmin", x, axis, keepdims)


@public("max_and_argmax")
def max_and_argmax(a: Any, axis: Axis = None, keepdims: bool = False) -> list[Any]:
    """Return the largest element over the given axes and its index.

    Parameters
    ----------
    a : tensor
        A real tensor.
    axis : int or sequence of int, optional
        Dimensions searched; all if not given or empty.
    keepdims : bool
        Whether the searched dimensions stay, with length 1 and broadcastable.

    Returns
    -------
    list of TensorVariable
        The values, and the indices of int64.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> [v.dtype for v in T.max_and_argmax(T.fvector())]
    ['float32', 'int64']
    """
    return [max_(a, axis, keepdims), argmax(a, axis, keepdims)]


@public("ptp", numpy=("ptp",))
def ptp(a: Any, axis: Axis = None) -> Any:
    """Return the largest element minus the smallest ("peak to peak").

    Parameters
    ----------
    a : tensor
        A real tensor; not of bools.
    axis : int, optional
        Dimension searched; all if not given.

    Returns
    -------
    TensorVariable
        A tensor without the dimension `axis`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.ptp(T.vector()).ndim
    0
    """
    return max_(a, axis) - min_(a, axis)
