"""Ops with a kernel of their own: a table from the class of an op to the function that computes it.

A function takes (context, node, arrays on the device) and returns arrays on the device, or None
where it has no kernel for these; `supports(node)` says so before any array is moved.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorsym.extend import Registry

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.graph.op import Op
    from tensorsym.graph.variable import Apply

__all__ = ["DEVICE_OPS", "DeviceOp", "device_op", "find_device_op", "load"]

DeviceOp = Callable[["Context", "Apply", "list[DeviceArray]"], "list[DeviceArray] | None"]

# Op class -> (the function, whether it has a kernel for a node).
DEVICE_OPS: Registry[type[Op], tuple[DeviceOp, Callable[[Apply], bool]]] = Registry("device ops")


def _always(node: Apply) -> bool:
    return True


def device_op(
    *classes: type[Any], supports: Callable[[Apply], bool] = _always
) -> Callable[[DeviceOp], DeviceOp]:
    """Return a decorator that registers what computes ops of some classes.

    Parameters
    ----------
    *classes : type of Op
        Subclasses are not meant.
    supports : callable, optional
        Tells whether there is a kernel for a node; by default for all.
    """

    def decorate(function: DeviceOp) -> DeviceOp:
        for cls in classes:
            DEVICE_OPS.add(cls, (function, supports))
        return function

    return decorate


def find_device_op(node: Apply) -> DeviceOp | None:
    """Return what computes a node on the device, or None."""
    found = DEVICE_OPS.get(type(node.op))
    return found[0] if found is not None and found[1](node) else None


def load() -> None:
    """Import the modules beside this one, which fill the table."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
