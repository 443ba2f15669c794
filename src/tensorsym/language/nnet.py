"""Activations and the softmax family.

Elementwise activations are records or short compositions of them. The softmax family are ops over
the last axis with a NumPy reference; `expression` of such an op gives the same result in terms of
simpler ops, for rewriting and fusion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import DTypeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.arithmetic import cast, clip, eq, switch
from tensorsym.language.dtypes import is_complex, is_float, to_float, to_real_float, upcast
from tensorsym.language.elementwise import elementwise
from tensorsym.language.functions import exp, expm1, log
from tensorsym.language.reduction import reduce_with
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["LogSoftmax", "Softmax", "SoftmaxGrad", "logsoftmax", "relu", "softmax"]

# Klambauer et al., Self-Normalizing Neural Networks (2017), arXiv:1706.02515, equation 14.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def _logistic(x: Any) -> Any:
    """Return 1/(1 + exp(-x)) without overflow: the exponential is taken of -|x|."""
    if x.dtype.kind == "c":
        return 1 / (1 + np.exp(-x))
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1).astype(x.dtype) / (1 + small)


def _log_1_plus_exp(x: Any) -> Any:
    if x.dtype.kind == "c":
        return np.log1p(np.exp(x))
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _piecewise_logistic(x: Any) -> Any:
    """Return Theano's approximation: a hyperbola to |x| = 3.4, a line to 6, then a constant."""
    half = np.abs(x) / 2
    # The line and the constant are fitted to the logistic function; at most 0.008 off.
    line = 0.935409070603099 + 0.0458812946797165 * (half - 1.7)
    outer = np.where(half < 3, line, 0.99505475368673)
    upper = np.where(half < 1.7, 1.5 * half / (1 + half), outer)
    return (0.5 * (np.copysign(np.where(np.isnan(x), x, upper), x) + 1)).astype(x.dtype)


sigmoid = elementwise(
    "sigmoid", numpy=_logistic, c="ts_sigmoid(x)", rule=to_float, traits="monotone",
    partials=(lambda x, out: out * (1 - out),), points=(-745.0, 745.0),
    doc="Logistic function, 1 / (1 + exp(-x)); does not overflow.",
)  # fmt: skip
softplus = elementwise(
    "softplus", numpy=_log_1_plus_exp, c="ts_softplus(x)", rule=to_float, traits="monotone",
    partials=(lambda x, out: sigmoid(x),), points=(-745.0, 745.0), aliases=("log1pexp",),
    doc="log(1 + exp(x)), a smooth maximum of 0 and x; neither overflows nor loses small values.",
)  # fmt: skip
ultra_fast_sigmoid = elementwise(
    "ultra_fast_sigmoid", numpy=_piecewise_logistic, c="", rule=to_real_float,
    traits="monotone surrogate_gradient", partials=(lambda x, out: out * (1 - out),),
    doc="Sigmoid approximated in pieces by a hyperbola, a line and a constant; error below 0.008. "
    "Its gradient is that of a sigmoid of the same value.",
)  # fmt: skip
softsign = elementwise(
    "softsign", numpy=lambda x: x / (1 + np.abs(x)), c="x / (1 + ts_abs(x))", rule=to_float,
    traits="odd monotone",
    partials=(lambda x, out: 1 / FUNCTIONS["sqr"](1 + FUNCTIONS["abs_"](x)),),
    doc="x / (1 + |x|), between -1 and 1.",
)  # fmt: skip
positive_part = elementwise(
    "positive_part", numpy=lambda x: np.maximum(x, 0), c="ts_max(x, 0)", rule=to_real_float,
    traits="idempotent monotone", domain=((0.2, 3.0),),
    partials=(lambda x, out: switch(eq(x, 0), constant(0.5, dtype=out.type.dtype), x > 0),),
    doc="Larger of x and 0. The gradient at 0 is one half, as of (x + |x|)/2 (Theano's relu).",
)  # fmt: skip


@public("relu")
def relu(x: Any, alpha: Any = 0) -> Any:
    """Return x where it is positive, alpha * x elsewhere (rectified linear unit).

    Parameters
    ----------
    x : tensor
        A real tensor; integers become floats.
    alpha : float or tensor
        Slope for negative x; broadcasts against x.

    Returns
    -------
    TensorVariable
        Of the broadcast shape; float16 becomes float32 unless floatX is float16, as in Theano.

    Notes
    -----
    The gradient at 0 is (1 + alpha) / 2, the mean of both slopes, as in Theano.

    References
    ----------
    Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models (2013).

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.relu(T.fmatrix(), 0.25).dtype
    'float32'
    """
    x = as_tensor_variable(x)
    half = as_tensor_variable(0.5)
    x = cast(x, upcast(to_real_float(x.type.dtype)[1], half.type.dtype))
    if isinstance(alpha, int | float) and alpha == 0:
        return positive_part(x)
    # alpha gets the dtype it would have in (1 + alpha) / 2, the expression Theano builds.
    mean_slope = as_tensor_variable(0.5 * (1 + alpha))
    alpha = cast(as_tensor_variable(alpha), mean_slope.type.dtype)
    return positive_part(x) - alpha * positive_part(-x)


@public("elu")
def elu(x: Any, alpha: Any = 1) -> Any:
    """Return x where it is positive, alpha * (exp(x) - 1) elsewhere (exponential linear unit).

    Parameters
    ----------
    x : tensor
        Any tensor.
    alpha : float or tensor
        Minus the limit at minus infinity.

    Returns
    -------
    TensorVariable
        Of the shape of `x`.

    References
    ----------
    Clevert, Unterthiner and Hochreiter, arXiv:1511.07289.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.elu(T.fvector()).dtype
    'float32'
    """
    x = as_tensor_variable(x)
    # The exponential is taken of what is not positive only: its overflow would poison the gradient.
    below = expm1(switch(x > 0, cast(constant(0), x.type.dtype), x))
    return switch(x > 0, x, alpha * below)


@public("selu")
def selu(x: Any) -> Any:
    """Return the scaled exponential linear unit, which keeps mean 0 and variance 1 through layers.

    Parameters
    ----------
    x : tensor
        Any tensor.

    Returns
    -------
    TensorVariable
        Of float64 unless floatX is smaller: the constants are, as in Theano.

    References
    ----------
    Klambauer, Unterthiner, Mayr and Hochreiter, arXiv:1706.02515.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.selu(T.dvector()).dtype
    'float64'
    """
    return SELU_SCALE * elu(x, SELU_ALPHA)


@public("hard_sigmoid")
def hard_sigmoid(x: Any) -> Any:
    """Return a line of slope 0.2 through (0, 0.5), limited to [0, 1]: a rough sigmoid.

    Parameters
    ----------
    x : tensor
        A real tensor.

    Returns
    -------
    TensorVariable
        Of the shape of `x`, in [0, 1].

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.nnet.hard_sigmoid(T.fvector()).dtype
    'float32'
    """
    x = as_tensor_variable(x)
    dtype = to_real_float(x.type.dtype)[1]
    return clip(x * constant(0.2, dtype=dtype) + constant(0.5, dtype=dtype), 0, 1)


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
