"""Theano's op classes whose work is done here by a function that builds an expression.

`RepeatOp(axis=0)(x, 2)` is `repeat(x, 2, axis=0)`: such classes have no nodes of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FunctionOp", "op_class"]


class FunctionOp:
    """A function with some of its parameters fixed, called like an op.

    Parameters
    ----------
    *values, **options
        The fixed parameters, in the order of `parameters` or by name.
    """

    function: ClassVar[Callable[..., Any]]
    parameters: ClassVar[tuple[str, ...]]

    def __init__(self, *values: Any, **options: Any) -> None:
        unknown = set(options) - set(self.parameters)
        if unknown or len(values) > len(self.parameters):
            raise TypeError(f"{type(self).__name__} takes the parameters {self.parameters}")
        self.options = {**dict(zip(self.parameters, values, strict=False)), **options}

    def __call__(self, *inputs: Any) -> Any:
        """Return the function's expression of `inputs`."""
        return type(self).function(*inputs, **self.options)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.options == other.options

    def __hash__(self) -> int:
        return hash((type(self), *sorted(self.options)))


def op_class(name: str, function: Callable[..., Any], *parameters: str) -> type[FunctionOp]:
    """Return the class of the ops that apply `function` with `parameters` fixed.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.language.functionop import op_class
    >>> RepeatOp = op_class("RepeatOp", T.repeat, "axis")
    >>> RepeatOp(axis=0)(T.constant([1, 2]), 2).eval()
    array([1, 1, 2, 2])
    """
    body = {
        "__doc__": f"Theano's class of {function.__name__}.",
        "function": staticmethod(function),
        "parameters": parameters,
    }
    return type(name, (FunctionOp,), body)
