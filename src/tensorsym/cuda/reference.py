"""What kernels ask of the host: numbers among the inputs, and errors of inputs that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from tensorsym.errors import InconsistencyError
from tensorsym.graph.op import evaluate
from tensorsym.graph.variable import Constant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.cuda.array import DeviceArray
    from tensorsym.graph.variable import Apply

__all__ = ["from_input", "host_value", "host_values", "raise_reference"]


def host_value(node: Apply, inputs: Sequence[Any], place: int) -> Any:
    """Return the value of an input as a NumPy array; that of a constant costs no transfer."""
    variable = node.inputs[place]
    return variable.data if isinstance(variable, Constant) else np.asarray(inputs[place])


def host_values(node: Apply, inputs: Sequence[Any], first: int = 0) -> list[Any]:
    """Return the values of all inputs from `first` on."""
    return [host_value(node, inputs, place) for place in range(first, len(inputs))]


def from_input(first: int) -> Callable[[Apply], range]:
    """Return what gives the positions of a node's inputs from `first` on: they are numbers."""
    return lambda node: range(first, len(node.inputs))


def raise_reference(node: Apply, inputs: Sequence[DeviceArray]) -> NoReturn:
    """Raise what the reference raises for inputs that a kernel refused."""
    evaluate(node, [np.asarray(value) for value in inputs])
    raise InconsistencyError(f"{node.op} refused values on the device only", origin=node.origin)
