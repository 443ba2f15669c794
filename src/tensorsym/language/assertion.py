"""`Assert` passes a value on if conditions hold; `Default` stands in for None."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import AssertionFailedError, NotScalarConstantError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.shape import see_through, value_of_first
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.errors import TensorSymError
    from tensorsym.graph.op import Storage
    from tensorsym.graph.type import Type

__all__ = ["Assert", "Default", "assert_op", "default"]


class Assert(Op):
    """A value that is passed on if all conditions hold, else an error with a message.

    Parameters
    ----------
    msg : str
        The message.
    error : type of TensorSymError
        The class of the error, an AssertionError if not given.
    """

    __props__ = ("msg", "error")
    view_map = {0: [0]}  # noqa: RUF012

    def __init__(
        self,
        msg: str = "a symbolic assertion failed",
        error: type[TensorSymError] = AssertionFailedError,
    ) -> None:
        self.msg = msg
        self.error = error

    def make_node(self, value: Any, *conditions: Any) -> Apply:
        """Return the application on a value of any type and scalar conditions."""
        value = value if isinstance(value, Variable) else as_tensor_variable(value)
        scalars = [as_tensor_variable(condition) for condition in conditions]
        for condition in scalars:
            if condition.type.ndim:
                raise TypeError(
                    f"a condition is a scalar, {condition} has {condition.type.ndim} dimensions"
                )
        kind: Type = value.type
        return Apply(self, [value, *scalars], [kind.make_variable()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Check the conditions and return the value itself."""
        value, *conditions = inputs
        if not np.all(conditions):
            raise self.error(self.msg, origin=node.origin)
        output_storage[0][0] = value

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the value's shape."""
        return [shapes[0]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that only the value is connected."""
        return [[True]] + [[False]] * (len(node.inputs) - 1)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient of the value as it is."""
        return [*output_grads, *[FUNCTIONS["disconnected"]() for _ in inputs[1:]]]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the value's tangent."""
        return [eval_points[0]]

    def __str__(self) -> str:
        return f"Assert{{msg={self.msg!r}}}"


def _value_if_true(node: Apply, elemwise: bool, depth: int) -> Any:
    """Return the value asserted about, where all conditions are known to hold."""
    conditions = [
        FUNCTIONS["get_scalar_constant_value"](v, elemwise, False, depth) for v in node.inputs[1:]
    ]
    if not all(conditions):
        raise NotScalarConstantError(f"{node} fails")
    return value_of_first(node, elemwise, depth)


see_through(Assert, _value_if_true)


@public("assert_op")
def assert_op(
    value: Any,
    *conditions: Any,
    message: str = "a symbolic assertion failed",
    error: type[TensorSymError] = AssertionFailedError,
) -> Any:
    """Return `value`, which raises AssertionError at run time unless all conditions hold.

    Parameters
    ----------
    value : tensor
        The value passed on.
    *conditions : scalar
        Conditions; true if not 0.
    message : str
        Text of the error.
    error : type of TensorSymError
        Class of the error, an AssertionError if not given.

    Returns
    -------
    TensorVariable
        `value`, checked in every call.

    Raises
    ------
    AssertionError
        At run time, if a condition does not hold.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> x = T.vector()
    >>> T.assert_op(x, T.all(x > 0)).ndim
    1
    """
    return Assert(message, error)(value, *conditions)


class Default(Op):
    """The first input, or the second where the first is None."""

    __props__ = ()
    view_map = {0: [0]}  # noqa: RUF012
    may_raise = False

    def make_node(self, x: Any, default: Any) -> Apply:
        """Return the application on two variables of one type."""
        x, default = (v if isinstance(v, Variable) else as_tensor_variable(v) for v in (x, default))
        if x.type != default.type:
            raise TypeError(
                f"both arguments of default have one type, got {x.type} and {default.type}"
            )
        return Apply(self, [x, default], [default.type.make_variable()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Choose; the default is copied, so that the result is a view of the first input only."""
        x, default = inputs
        output_storage[0][0] = copy.copy(default) if x is None else x

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient of the first input; None has none."""
        return [output_grads[0], FUNCTIONS["disconnected"]()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the first input is connected."""
        return [[True], [False]]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the first input's tangent."""
        return [eval_points[0]]


@public("default", "setdefault")
def default(x: Any, default: Any) -> Any:
    """Return `x`, or, where its value is None at run time, another variable.

    Parameters
    ----------
    x, default : Variable
        Two variables of one type.

    Returns
    -------
    TensorVariable
        `x`, or `default` where a function is given None.

    Raises
    ------
    TypeError
        If the types differ.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.default(T.vector(), T.vector()).ndim
    1
    """
    return Default()(x, default)
