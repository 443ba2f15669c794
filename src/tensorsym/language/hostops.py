"""Ops that run in Python: views and copies of any type, printing, and users' functions as ops."""

from __future__ import annotations

import copy
import functools
import sys
from typing import TYPE_CHECKING, Any

from tensorsym.graph.op import Op
from tensorsym.graph.type import Type
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.table import public
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.graph.op import Storage

__all__ = ["DeepCopyOp", "FromFunctionOp", "Print", "ViewOp", "as_op", "view"]


def _as_variable(x: Any) -> Variable:
    if isinstance(x, Variable):
        return x
    variable: Variable = as_tensor_variable(x)
    return variable


class _Unchanged(Op):
    """What ops that hand on their operand have in common."""

    may_raise = False

    def make_node(self, x: Any) -> Apply:
        """Return the application on any variable."""
        x = _as_variable(x)
        return Apply(self, [x], [x.type()])

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the operand's shape."""
        return [shapes[0]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient as it is."""
        return [output_grads[0]]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent as it is."""
        return [eval_points[0]]


class ViewOp(_Unchanged):
    """The operand itself, under another variable."""

    __props__ = ()
    view_map = {0: [0]}  # noqa: RUF012 - the op protocol's attribute

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Hand on the value."""
        output_storage[0][0] = inputs[0]


class DeepCopyOp(_Unchanged):
    """A copy of the operand that shares nothing with it."""

    __props__ = ()

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Copy the value."""
        output_storage[0][0] = copy.deepcopy(inputs[0])


def view(x: Any) -> Any:
    """Return another variable for the value of `x`."""
    return ViewOp()(x)


def _print_attributes(op: Print, value: Any) -> None:
    for attribute in op.attrs:
        found = getattr(value, attribute)
        print(op.message, attribute, "=", found() if callable(found) else found, flush=True)


class Print(_Unchanged):
    """The operand itself; each computation prints it.

    Parameters
    ----------
    message : str
        Printed before the value.
    attrs : sequence of str
        Attributes printed; methods are called.
    global_fn : callable, optional
        Called with (this op, value) in place of printing.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.language.hostops import Print
    >>> Print("x is")(T.vector()).ndim
    1
    """

    __props__ = ("message", "attrs", "global_fn")
    view_map = {0: [0]}  # noqa: RUF012 - the op protocol's attribute
    pure = False
    may_raise = True

    def __init__(
        self,
        message: str = "",
        attrs: Sequence[str] = ("__str__",),
        global_fn: Callable[[Any, Any], None] = _print_attributes,
    ) -> None:
        self.message = message
        self.attrs = tuple(attrs)
        self.global_fn = global_fn

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Print, and hand on the value."""
        self.global_fn(self, inputs[0])
        output_storage[0][0] = inputs[0]


class FromFunctionOp(Op):
    """A Python function of arrays as an op.

    Parameters
    ----------
    fn : callable
        Takes the values of the inputs, returns the value of the output, or a sequence of values.
    itypes, otypes : sequence of Type
        Types of inputs and outputs.
    infer_shape : callable, optional
        (node, shapes of the inputs) to the shapes of the outputs.
    """

    __props__ = ("fn", "itypes", "otypes")

    def __init__(
        self,
        fn: Callable[..., Any],
        itypes: Sequence[Type],
        otypes: Sequence[Type],
        infer_shape: Callable[..., Any] | None = None,
    ) -> None:
        self.fn = fn
        self.itypes: Sequence[Type] = tuple(itypes)
        self.otypes: Sequence[Type] = tuple(otypes)
        self._infer_shape = infer_shape
        self.__name__ = fn.__name__
        functools.update_wrapper(self, fn, assigned=("__doc__",), updated=())

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Call the function."""
        found = self.fn(*inputs)
        values = list(found) if isinstance(found, list | tuple) else [found]
        if len(values) != len(output_storage):
            raise TypeError(
                f"{self.__name__} returned {len(values)} values, {len(output_storage)} are declared"
            )
        for value, output, cell in zip(values, node.outputs, output_storage, strict=True):
            cell[0] = output.type.filter(value)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return what the user's function gives, if there is one."""
        if self._infer_shape is None:
            return super().infer_shape(node, shapes)
        found: list[Any] = self._infer_shape(node, shapes)
        return found

    def __reduce__(self) -> Any:
        """Pickle by the function's name: under it stands the op, if it was made by a decorator."""
        named = getattr(sys.modules.get(self.fn.__module__), self.fn.__name__, None)
        if named is self:
            return _op_at, (self.fn.__module__, self.fn.__name__)
        return type(self), (self.fn, self.itypes, self.otypes, self._infer_shape)

    def __str__(self) -> str:
        return f"FromFunctionOp{{{self.__name__}}}"


def _op_at(module: str, name: str) -> Any:
    __import__(module)
    return getattr(sys.modules[module], name)


@public("as_op")
def as_op(
    itypes: Type | Sequence[Type],
    otypes: Type | Sequence[Type],
    infer_shape: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], FromFunctionOp]:
    """Return a decorator that makes an op of a function of arrays; it has no gradient.

    Parameters
    ----------
    itypes, otypes : Type or sequence of Type
        Types of inputs and outputs.
    infer_shape : callable, optional
        (node, shapes of the inputs) to the shapes of the outputs.

    Returns
    -------
    callable
        A decorator that makes an op of a function.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.language.hostops import as_op
    >>> vector = T.TensorType("float64", (False,))
    >>> @as_op(itypes=[vector], otypes=[vector])
    ... def backwards(x):
    ...     return x[::-1]
    >>> backwards(T.dvector()).ndim
    1
    """
    inputs = [itypes] if isinstance(itypes, Type) else list(itypes)
    outputs = [otypes] if isinstance(otypes, Type) else list(otypes)
    for type_ in [*inputs, *outputs]:
        if not isinstance(type_, Type):
            raise TypeError(f"itypes and otypes are types, got {type_!r}")

    def decorate(function: Callable[..., Any]) -> FromFunctionOp:
        return FromFunctionOp(function, inputs, outputs, infer_shape)

    return decorate
