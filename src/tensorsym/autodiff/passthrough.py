"""Ops whose value is their input and whose gradient is zero, cut, undefined, clipped or scaled."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar

from tensorsym.errors import BindingError, MethodNotDefined
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.arithmetic import clip, mul
from tensorsym.language.filling import zeros_like
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "ConsiderConstant",
    "DisconnectedGrad",
    "GradClip",
    "GradScale",
    "UndefinedGrad",
    "ZeroGrad",
    "consider_constant",
    "disconnected_grad",
    "grad_clip",
    "grad_not_implemented",
    "grad_scale",
    "grad_undefined",
    "undefined_grad",
    "zero_grad",
]


def grad_undefined(op: Any, x_pos: int, x: Variable, comment: str = "") -> Variable:
    """Return what an op's grad gives for an input by which its derivative does not exist.

    Parameters
    ----------
    op : Op
        The op.
    x_pos : int
        Number of the input.
    x : Variable
        The input.
    comment : str
        Why; shown to who asks for the gradient.

    Returns
    -------
    Variable
        Of type NullType. `grad` raises NullTypeGradError where it matters.

    Examples
    --------
    >>> from tensorsym.autodiff.passthrough import grad_undefined
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> grad_undefined("my_op", 0, x).type.why_null
    'the gradient of my_op by its input 0 (x) is mathematically undefined'
    """
    return _null(op, x_pos, x, "mathematically undefined", comment)


def grad_not_implemented(op: Any, x_pos: int, x: Variable, comment: str = "") -> Variable:
    """Return what an op's grad gives for an input whose gradient nobody has written.

    Parameters
    ----------
    op : Op
        The op.
    x_pos : int
        Number of the input.
    x : Variable
        The input.
    comment : str
        Why; shown to who asks for the gradient.

    Returns
    -------
    Variable
        Of type NullType. `grad` raises NullTypeGradError where it matters.

    Examples
    --------
    >>> from tensorsym.autodiff.passthrough import grad_not_implemented
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> grad_not_implemented("my_op", 0, x, "use the other op").type.why_null
    'the gradient of my_op by its input 0 (x) is not implemented: use the other op'
    """
    return _null(op, x_pos, x, "not implemented", comment)


def _null(op: Any, x_pos: int, x: Variable, reason: str, comment: str) -> Variable:
    why = f"the gradient of {op} by its input {x_pos} ({x}) is {reason}"
    undefined: Variable = NullType(f"{why}: {comment}" if comment else why)()
    return undefined


class PassThrough(Op):
    """An op whose output is its input."""

    __props__: ClassVar[tuple[str, ...] | None] = ()
    view_map = {0: [0]}  # noqa: RUF012 - the op protocol's attribute
    may_raise = False
    identity = True

    def make_node(self, x: Any) -> Apply:
        """Return the application on a variable of any type."""
        x = x if isinstance(x, Variable) else as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return the input."""
        output_storage[0][0] = inputs[0]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the input's shape."""
        return [shapes[0]]

    def __str__(self) -> str:
        return type(self).__name__


class ZeroGrad(PassThrough):
    """Its gradient is zero."""

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros."""
        return [zeros_like(g) for g in output_grads]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that nothing changes."""
        return [None]


class ConsiderConstant(ZeroGrad):
    """Its gradient is zero (Theano's older name)."""


class DisconnectedGrad(PassThrough):
    """No gradient passes: what is above it is disconnected from the cost."""

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the output does not count as depending on the input."""
        return [[False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return that the input is disconnected."""
        return [DisconnectedType()()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that nothing changes."""
        return [None]


class UndefinedGrad(PassThrough):
    """Its gradient is an error."""

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return an undefined gradient."""
        return [grad_undefined(self, 0, inputs[0])]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that no tangent passes, as in Theano."""
        return [DisconnectedType()()]


class GradClip(PassThrough):
    """Its gradient is clipped to an interval.

    Parameters
    ----------
    clip_lower_bound, clip_upper_bound : number or scalar
        The interval.
    """

    # Bounds may be expressions, which have no equality: every instance equals itself only.
    __props__ = None

    def __init__(self, clip_lower_bound: Any, clip_upper_bound: Any) -> None:
        bounds = (clip_lower_bound, clip_upper_bound)
        known = not any(isinstance(bound, Variable) for bound in bounds)
        if known and not clip_lower_bound <= clip_upper_bound:
            raise BindingError(
                "grad_clip: the lower bound is above the upper", got=f"{bounds[0]}, {bounds[1]}"
            )
        self.clip_lower_bound = clip_lower_bound
        self.clip_upper_bound = clip_upper_bound

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient, clipped."""
        return [clip(g, self.clip_lower_bound, self.clip_upper_bound) for g in output_grads]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Refuse: clipping a gradient has no counterpart in forward mode."""
        raise MethodNotDefined(
            "a clipped gradient is not linear, so it has no forward mode",
            hint="take Rop of the expression without grad_clip",
        )


class GradScale(PassThrough):
    """Its gradient is multiplied by a number.

    Parameters
    ----------
    multiplier : number or tensor
        The factor.
    """

    # As in GradClip.
    __props__ = None

    def __init__(self, multiplier: Any) -> None:
        self.multiplier = multiplier

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient, scaled."""
        return [mul(self.multiplier, g) for g in output_grads]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent, scaled."""
        return [None if t is None else mul(self.multiplier, t) for t in eval_points]


def zero_grad(x: Any) -> Any:
    """Return `x` with a gradient of zeros.

    Parameters
    ----------
    x : Variable
        Any expression.

    Returns
    -------
    Variable
        Of the same value and type.

    Examples
    --------
    >>> from tensorsym.autodiff.passthrough import zero_grad
    >>> from tensorsym.language.tensortype import TensorType
    >>> zero_grad(TensorType("float64", (False,))("x")).type
    TensorType(float64, vector)
    """
    return ZeroGrad()(x)


def disconnected_grad(x: Any) -> Any:
    """Return `x` cut off from gradients: it counts as a constant.

    Parameters
    ----------
    x : Variable
        Any expression.

    Returns
    -------
    Variable
        Of the same value and type.

    Examples
    --------
    >>> from tensorsym.autodiff.passthrough import disconnected_grad
    >>> from tensorsym.language.tensortype import TensorType
    >>> disconnected_grad(TensorType("float64", (False,))("x")).type
    TensorType(float64, vector)
    """
    return DisconnectedGrad()(x)


def undefined_grad(x: Any) -> Any:
    """Return `x` so that asking for a gradient through it raises NullTypeGradError.

    Parameters
    ----------
    x : Variable
        Any expression.

    Returns
    -------
    Variable
        Of the same value and type.

    Examples
    --------
    >>> from tensorsym.autodiff.passthrough import undefined_grad
    >>> from tensorsym.language.tensortype import TensorType
    >>> undefined_grad(TensorType("float64", (False,))("x")).type
    TensorType(float64, vector)
    """
    return UndefinedGrad()(x)


def consider_constant(x: Any) -> Any:
    """Return `x` with a gradient of zeros; deprecated for `zero_grad` and `disconnected_grad`.

    Parameters
    ----------
    x : Variable
        Any expression.

    Returns
    -------
    Variable
        Of the same value and type.

    Examples
    --------
    >>> import warnings
    >>> from tensorsym.autodiff.passthrough import consider_constant
    >>> from tensorsym.language.tensortype import TensorType
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     consider_constant(TensorType("float64", ())("x")).type
    TensorType(float64, scalar)
    """
    what = "consider_constant is deprecated; use zero_grad or disconnected_grad"
    warnings.warn(what, DeprecationWarning, stacklevel=2)
    return ConsiderConstant()(x)


def grad_clip(x: Any, lower_bound: Any, upper_bound: Any) -> Any:
    """Return `x` with its gradient clipped, element by element, to an interval.

    Parameters
    ----------
    x : tensor
        Any expression.
    lower_bound, upper_bound : number or scalar
        The interval.

    Returns
    -------
    Variable
        Of the same value and type.

    Raises
    ------
    BindingError
        If the lower bound is above the upper.

    Examples
    --------
    >>> from tensorsym.autodiff.passthrough import grad_clip
    >>> from tensorsym.autodiff.reverse import grad
    >>> from tensorsym.graph.evaluate import evaluate_graph
    >>> from tensorsym.language.arithmetic import sqr
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> float(evaluate_graph([grad(sqr(grad_clip(x, -1, 1)), x)], {x: 3.0})[0])
    1.0
    """
    return GradClip(lower_bound, upper_bound)(x)


def grad_scale(x: Any, multiplier: Any) -> Any:
    """Return `x` with its gradient multiplied by a number; -1 reverses it.

    Parameters
    ----------
    x : tensor
        Any expression.
    multiplier : number or tensor
        The factor.

    Returns
    -------
    Variable
        Of the same value and type.

    Examples
    --------
    >>> from tensorsym.autodiff.passthrough import grad_scale
    >>> from tensorsym.autodiff.reverse import grad
    >>> from tensorsym.graph.evaluate import evaluate_graph
    >>> from tensorsym.language.arithmetic import sqr
    >>> from tensorsym.language.tensortype import TensorType
    >>> x = TensorType("float64", ())("x")
    >>> float(evaluate_graph([grad(sqr(grad_scale(x, -1)), x)], {x: 3.0})[0])
    -6.0
    """
    return GradScale(multiplier)(x)
