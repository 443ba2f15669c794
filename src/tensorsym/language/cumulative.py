"""Running sums and products along a dimension."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import RankError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.arithmetic import cast, eq, switch
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["CumOp", "cumprod", "cumsum"]

RUNNING = {"add": np.add, "mul": np.multiply}


class CumOp(Op):
    """Running sum or product along a dimension, from its start or from its end.

    Parameters
    ----------
    axis : int, optional
        The dimension; None takes all elements in order.
    mode : {'add', 'mul'}
        Sum or product.
    reverse : bool
        Whether it runs from the end.
    """

    __props__ = ("axis", "mode", "reverse")
    may_raise = False

    def __init__(self, axis: int | None = None, mode: str = "add", reverse: bool = False) -> None:
        if mode not in RUNNING:
            raise ValueError(f"the mode is {' or '.join(RUNNING)}, got {mode!r}")
        self.axis = axis
        self.mode = mode
        self.reverse = reverse

    def make_node(self, x: Any) -> Apply:
        """Return the application on `x`."""
        x = as_tensor_variable(x)
        if self.axis is None:
            return CumOp(0, self.mode, self.reverse).make_node(FUNCTIONS["flatten"](x))
        if not 0 <= self.axis < x.type.ndim:
            raise RankError(f"{x} has no dimension {self.axis}", got=str(x.type), origin=x.origin)
        return Apply(self, [x], [TensorType(x.type.dtype, shape=x.type.shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Accumulate with NumPy in the elements' own dtype: integers wrap."""
        (x,) = inputs
        assert self.axis is not None
        step = slice(None, None, -1 if self.reverse else 1)
        where = (slice(None),) * self.axis + (step,)
        with np.errstate(all="ignore"):
            running = RUNNING[self.mode].accumulate(x[where], axis=self.axis, dtype=x.dtype)
        output_storage[0][0] = np.ascontiguousarray(running[where])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the operand's shape."""
        return [shapes[0]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient summed from the other end; for products see `_factors`."""
        (x,), (g,), (out,) = inputs, output_grads, outputs
        if is_discrete(out.type.dtype):
            return [FUNCTIONS["zero_gradient"](x)]
        back = CumOp(self.axis, "add", not self.reverse)
        if self.mode == "add":
            return [back(g)]
        first_zero, before = self._factors(x)
        replaced = self(switch(first_zero, 1, x))
        quotient = back(_conjugate(out) * g) / _conjugate(switch(before, x, 1))
        after = switch(before, quotient, FUNCTIONS["zeros_like"](g))
        return [switch(first_zero, back(_conjugate(replaced) * g), after)]

    def _factors(self, x: Any) -> tuple[Any, Any]:
        """Return where the first factor 0 is, and where no factor so far is 0.

        Before the first 0 a partial product is divided by the factor; at the 0 the others multiply;
        behind it every product has the factor 0.
        """
        zero = eq(x, 0)
        zeros_so_far = CumOp(self.axis, "add", self.reverse)(cast(zero, "int64"))
        return zero & eq(zeros_so_far, 1), eq(zeros_so_far, 0)

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the running sum of the tangent, for products of the tangent / x."""
        (x,), (tangent,) = inputs, eval_points
        if tangent is None or is_discrete(x.type.dtype):
            return [None]
        along = CumOp(self.axis, "add", self.reverse)
        if self.mode == "add":
            return [along(tangent)]
        first_zero, before = self._factors(x)
        replaced = self(switch(first_zero, 1, x))
        nothing = FUNCTIONS["zeros_like"](tangent)
        ratio = along(switch(before, tangent / switch(before, x, 1), nothing))
        at_zero = along(switch(first_zero, tangent, nothing))
        return [switch(before, self(x) * ratio, replaced * at_zero)]

    def __str__(self) -> str:
        name = {"add": "Cumsum", "mul": "Cumprod"}[self.mode]
        return f"{name}{{axis={self.axis}{', reverse' if self.reverse else ''}}}"


def _conjugate(x: Any) -> Any:
    return FUNCTIONS["conj"](x) if x.type.dtype.startswith("complex") else x


def _along(mode: str, x: Any, axis: Any) -> Any:
    x = as_tensor_variable(x)
    if axis is None:
        return CumOp(0, mode)(FUNCTIONS["flatten"](x))
    if isinstance(axis, float):
        raise ValueError(f"an axis is an integer, got {axis}")
    if not -x.type.ndim <= operator.index(axis) < x.type.ndim:
        raise ValueError(f"axis {axis} is out of range for a tensor of {x.type.ndim} dimensions")
    return CumOp(operator.index(axis) % x.type.ndim, mode)(x)


@public("cumsum", numpy=("cumsum",))
def cumsum(x: Any, axis: int | None = None) -> Any:
    """Return the sums of the elements up to each one.

    Parameters
    ----------
    x : tensor
        Any tensor; integers keep their dtype and wrap.
    axis : int, optional
        The dimension summed along; without it `x` is flattened.

    Returns
    -------
    TensorVariable
        Of the shape of `x`, or a vector if `axis` is None.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.cumsum(T.matrix()).ndim
    1
    """
    return _along("add", x, axis)


@public("cumprod", numpy=("cumprod",))
def cumprod(x: Any, axis: int | None = None) -> Any:
    """Return the products of the elements up to each one.

    Parameters
    ----------
    x : tensor
        Any tensor; integers keep their dtype and wrap.
    axis : int, optional
        The dimension multiplied along; without it `x` is flattened.

    Returns
    -------
    TensorVariable
        Of the shape of `x`, or a vector if `axis` is None.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.cumprod(T.matrix(), axis=0).ndim
    2
    """
    return _along("mul", x, axis)
