"""The softmax family: ops over the last axis with a NumPy reference.

`expression` of such an op gives the same result in terms of simpler ops, for rewriting and fusion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import DTypeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import is_complex, is_float, upcast
from tensorsym.language.functions import exp, log
from tensorsym.language.reduction import reduce_with
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["LogSoftmax", "Softmax", "SoftmaxGrad", "logsoftmax", "softmax"]


class SoftmaxOperandError(DTypeError, ValueError):
    """The operand of a softmax is no row of floats (a ValueError too, as in Theano)."""


class _OverLastAxis(Op):
    """What the softmax ops have in common: one float tensor in, the same shape out."""

    __props__ = ()
    may_raise = False

    def make_node(self, x: Any) -> Apply:
        """Return the application on a tensor of floats with at least one dimension."""
        x = _checked(x, type(self).__name__)
        return Apply(self, [x], [TensorType(x.type.dtype, shape=x.type.shape)()])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the operand's shape."""
        return [shapes[0]]

    def __str__(self) -> str:
        return type(self).__name__


def _checked(x: Any, name: str) -> Any:
    x = as_tensor_variable(x)
    if not is_float(x.type.dtype) or x.type.ndim == 0:
        raise SoftmaxOperandError(
            f"{name} takes a vector or matrix of floats",
            got=f"{x} of type {x.type}",
            origin=x.origin,
        )
    return x


def _wide(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return float16 as float32, in which sums over a row are taken."""
    return x.astype("float32") if x.dtype == "float16" else x


def _sum_last(x: Any) -> Any:
    return reduce_with("sum", x, -1, keepdims=True)


def _shifted(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return `x` minus its largest element along the last axis: exponentials do not overflow."""
    return x if x.size == 0 else x - x.max(axis=-1, keepdims=True)


class Softmax(_OverLastAxis):
    """exp(x) / sum(exp(x)) over the last axis."""

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy, shifted by the largest element."""
        (x,) = inputs
        with np.errstate(all="ignore"):
            weights = np.exp(_shifted(_wide(x)))
            weights /= weights.sum(axis=-1, keepdims=True)
        output_storage[0][0] = weights.astype(x.dtype, copy=False)

    def expression(self, x: Any) -> Any:
        """Return the same in terms of simpler ops."""
        weights = exp(x - reduce_with("max", x, -1, keepdims=True))
        return weights / _sum_last(weights)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return `softmax_grad` of the cotangent."""
        return [SoftmaxGrad()(output_grads[0], outputs[0])]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return `softmax_grad` of the tangent: the Jacobian is symmetric."""
        return [None if eval_points[0] is None else SoftmaxGrad()(eval_points[0], self(*inputs))]


class SoftmaxGrad(Op):
    """(dy - sum(dy * sm)) * sm over the last axis: the gradient of a softmax with value `sm`."""

    __props__ = ()
    may_raise = False

    def make_node(self, dy: Any, sm: Any) -> Apply:
        """Return the application on the output's gradient and the softmax."""
        dy, sm = as_tensor_variable(dy), _checked(sm, "SoftmaxGrad")
        if dy.type.ndim != sm.type.ndim or is_complex(dy.type.dtype):
            raise SoftmaxOperandError(
                "dy and sm must be real and of one rank", got=f"{dy.type}, {sm.type}"
            )
        pairs = zip(sm.type.shape, dy.type.shape, strict=True)
        shape = [mine if mine is not None else other for mine, other in pairs]
        dtype = upcast(dy.type.dtype, sm.type.dtype)
        return Apply(self, [dy, sm], [TensorType(dtype, shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy."""
        dtype = node.outputs[0].type.dtype
        dy, sm = (_wide(np.asarray(v, dtype=dtype)) for v in inputs)
        with np.errstate(all="ignore"):
            weighted = dy * sm
            weighted -= weighted.sum(axis=-1, keepdims=True) * sm
        output_storage[0][0] = weighted.astype(dtype, copy=False)

    def expression(self, dy: Any, sm: Any) -> Any:
        """Return the same in terms of simpler ops."""
        weighted = dy * sm
        return weighted - _sum_last(weighted) * sm

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the softmax's shape."""
        return [shapes[1]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients of a function linear in `dy` and quadratic in `sm`."""
        (dy, sm), (g,) = inputs, output_grads
        return [self(g, sm), g * (dy - _sum_last(dy * sm)) - dy * _sum_last(g * sm)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent of both operands."""
        (dy, sm), (t_dy, t_sm) = inputs, eval_points
        terms = [] if t_dy is None else [self(t_dy, sm)]
        if t_sm is not None:
            terms.append(t_sm * (dy - _sum_last(dy * sm)) - sm * _sum_last(dy * t_sm))
        return [None if not terms else terms[0] if len(terms) == 1 else terms[0] + terms[1]]

    def __str__(self) -> str:
        return "SoftmaxGrad"


class LogSoftmax(_OverLastAxis):
    """x - log(sum(exp(x))) over the last axis, finite where the softmax underflows."""

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy, shifted by the largest element."""
        (x,) = inputs
        with np.errstate(all="ignore"):
            shifted = _shifted(_wide(x))
            shifted = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        output_storage[0][0] = shifted.astype(x.dtype, copy=False)

    def expression(self, x: Any) -> Any:
        """Return the same in terms of simpler ops."""
        shifted = x - reduce_with("max", x, -1, keepdims=True)
        return shifted - log(_sum_last(exp(shifted)))

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return g - softmax * sum(g)."""
        (g,), (out,) = output_grads, outputs
        return [g - exp(out) * _sum_last(g)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return t - sum(t * softmax)."""
        (tangent,) = eval_points
        if tangent is None:
            return [None]
        return [tangent - _sum_last(tangent * exp(self(*inputs)))]


def _rows(x: Any, name: str, axis: int | None) -> Any:
    """Return the operand with the axis in the last place; without `axis` as in Theano."""
    x = _checked(x, name)
    if axis is None:
        if x.type.ndim > 2:
            raise SoftmaxOperandError(
                f"{name} takes a vector or matrix of floats",
                got=f"{x} of type {x.type}",
                hint="give axis=-1",
            )
        return x.dimshuffle("x", 0) if x.type.ndim == 1 else x
    if not -x.type.ndim <= axis < x.type.ndim:
        raise ValueError(f"axis {axis} is out of range for a tensor of {x.type.ndim} dimensions")
    return FUNCTIONS["swapaxes"](x, axis, -1) if axis % x.type.ndim != x.type.ndim - 1 else x


def _over(op: Op, c: Any, axis: int | None) -> Any:
    rows = _rows(c, str(op).lower(), axis)
    result = op(rows)
    if axis is None or axis % rows.type.ndim == rows.type.ndim - 1:
        return result
    return FUNCTIONS["swapaxes"](result, axis, -1)


@public("softmax", "softmax_op")
def softmax(c: Any, axis: int | None = None) -> Any:
    """Return exp(c) / sum(exp(c)), each row a distribution.

    Parameters
    ----------
    c : tensor
        A vector or matrix of floats; with `axis` a tensor of any rank but 0.
    axis : int, optional
        The axis that sums to 1. If not given, the rows of a matrix; a vector becomes a matrix of
        one row, as in Theano.

    Returns
    -------
    TensorVariable
        Of the operand's dtype.

    Raises
    ------
    ValueError
        If the operand has another rank or is not of floats.

    Notes
    -----
    Rows are shifted by their largest element, so nothing overflows. float16 is summed in float32.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.softmax(T.vector()).broadcastable
    (True, False)
    """
    return _over(Softmax(), c, axis)


@public("logsoftmax", "logsoftmax_op")
def logsoftmax(c: Any, axis: int | None = None) -> Any:
    """Return log(softmax(c)), accurate where the softmax underflows.

    Parameters
    ----------
    c : tensor
        A vector or matrix of floats; with `axis` a tensor of any rank but 0.
    axis : int, optional
        As for `softmax`.

    Returns
    -------
    TensorVariable
        Of the shape of `c`; at most 0.

    Raises
    ------
    ValueError
        If the operand has another rank or is not of floats.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.logsoftmax(T.fmatrix()).dtype
    'float32'
    """
    return _over(LogSoftmax(), c, axis)


@public("softmax_grad")
def softmax_grad(dy: Any, sm: Any) -> Any:
    """Return (dy - sum(dy * sm)) * sm over the last axis, the gradient of a softmax.

    Parameters
    ----------
    dy : tensor
        Gradient with respect to the softmax.
    sm : tensor
        The softmax.

    Returns
    -------
    TensorVariable
        Of the shape of `sm`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.softmax_grad(T.matrix(), T.matrix()).ndim
    2
    """
    return SoftmaxGrad()(dy, sm)


@public("softmax_graph")
def softmax_graph(c: Any) -> Any:
    """Return the softmax over the last axis in terms of simpler ops.

    Parameters
    ----------
    c : tensor
        A tensor of floats.

    Returns
    -------
    TensorVariable
        Of the shape of `c`; built of elementwise ops and sums.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.softmax_graph(T.matrix()).ndim
    2
    """
    return Softmax().expression(_checked(c, "softmax_graph"))
