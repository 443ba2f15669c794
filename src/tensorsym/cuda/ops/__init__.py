"""Ops with a kernel of their own: a table from the class of an op to the function that computes it.

A function takes (context, node, arrays on the device) and returns arrays on the device, or None
where it has no kernel for these; `supports(node)` says so before any array is moved. Inputs that
it reads as numbers, lengths and bounds, come as NumPy arrays.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorsym.extend import Registry

if TYPE_CHECKING:
    from collections.abc import Collection

    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.graph.op import Op
    from tensorsym.graph.variable import Apply

__all__ = ["DEVICE_OPS", "DeviceOp", "device_op", "find_device_op", "load", "number_inputs"]

DeviceOp = Callable[["Context", "Apply", "list[DeviceArray]"], "list[DeviceArray] | None"]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A function, whether it has a kernel for a node, and which inputs it reads as numbers."""

    function: DeviceOp
    supports: Callable[[Apply], bool]
    numbers: Callable[[Apply], Collection[int]]


# Op class -> what computes it.
DEVICE_OPS: Registry[type[Op], _Entry] = Registry("device ops")


def _always(node: Apply) -> bool:
    return True


def _none(node: Apply) -> Collection[int]:
    return ()


def device_op(
    *classes: type[Any],
    supports: Callable[[Apply], bool] = _always,
    numbers: Callable[[Apply], Collection[int]] = _none,
) -> Callable[[DeviceOp], DeviceOp]:
    """Return a decorator that registers what computes ops of some classes.

    Parameters
    ----------
    *classes : type of Op
        Subclasses are not meant.
    supports : callable, optional
        Tells whether there is a kernel for a node; by default for all.
    numbers : callable, optional
        Gives the positions of a node's inputs that the function reads on the host.
    """

    def decorate(function: DeviceOp) -> DeviceOp:
        for cls in classes:
            DEVICE_OPS.add(cls, _Entry(function, supports, numbers))
        return function

    return decorate


def find_device_op(node: Apply) -> DeviceOp | None:
    """Return what computes a node on the device, or None."""
    found = DEVICE_OPS.get(type(node.op))
    return found.function if found is not None and found.supports(node) else None


def number_inputs(node: Apply) -> Collection[int]:
    """Return the positions of inputs that the device's function for a node reads on the host."""
    found = DEVICE_OPS.get(type(node.op))
    return found.numbers(node) if found is not None else ()


def load() -> None:
    """Import the modules beside this one, which fill the table."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
