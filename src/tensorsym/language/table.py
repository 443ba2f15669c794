"""The table of public functions, from which methods, NumPy's protocols and the face derive.

Each op family adds its functions here; `language.variable` looks operators up by name, so that the
class of tensor variables and the families of ops do not import each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tensorsym.extend import Registry

__all__ = ["FUNCTIONS", "METHODS", "NUMPY", "public"]

Function = TypeVar("Function", bound=Callable[..., Any])

# Public name (as in `tensor.exp`) -> function.
FUNCTIONS: Registry[str, Callable[..., Any]] = Registry("public functions")
# Method name -> function of the variable.
METHODS: Registry[str, Callable[..., Any]] = Registry("tensor methods")
# NumPy's name -> function, for __array_ufunc__ and __array_function__.
NUMPY: Registry[str, Callable[..., Any]] = Registry("NumPy functions")


def publish(
    function: Callable[..., Any],
    *names: str,
    methods: tuple[str, ...] = (),
    numpy: tuple[str, ...] = (),
) -> None:
    """Enter a function under public names, as methods and for NumPy's protocols."""
    for name in names:
        FUNCTIONS.add(name, function)
    for name in methods:
        METHODS.add(name, function)
    for name in numpy:
        NUMPY.add(name, function)


def public(
    *names: str, methods: tuple[str, ...] = (), numpy: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """Return a decorator that publishes a function under its own name, or under `names`."""

    def decorate(function: Function) -> Function:
        publish(function, *(names or (function.__name__,)), methods=methods, numpy=numpy)
        return function

    return decorate
