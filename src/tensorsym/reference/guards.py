"""Hooks of the reference executor that refuse values: not finite, too big, or changed in place."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import BadDestroyMap, BadViewMap, InvalidValueError, NotFiniteError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.graph.variable import Apply

__all__ = ["BIG", "NanGuard", "NodeGuard", "fault_of"]

BIG = 1e10


def fault_of(value: Any, *, nan: bool, inf: bool, big: bool) -> str:
    """Return what a value has that is refused, or an empty string.

    Examples
    --------
    >>> import numpy as np
    >>> from tensorsym.reference.guards import fault_of
    >>> fault_of(np.array([1.0, np.inf]), nan=True, inf=True, big=True)
    'inf at position (1,)'
    """
    if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind not in "fc":
        return ""
    array = np.asarray(value)
    tests: list[tuple[str, Callable[[Any], Any]]] = []
    if nan:
        tests.append(("NaN", np.isnan))
    if inf:
        tests.append(("inf", np.isinf))
    if big:
        tests.append((f"a value beyond {BIG:g}", lambda a: np.abs(a) > BIG))
    for name, test in tests:
        found = test(array)
        if found.any():
            place = tuple(int(i) for i in np.argwhere(found)[0])
            return f"{name} at position {place}" if place else name
    return ""


class NanGuard:
    """Refuse NaN, infinities and big values in what nodes read and make.

    Parameters
    ----------
    nan, inf, big : bool
        What is refused.
    """

    def __init__(self, nan: bool, inf: bool, big: bool) -> None:
        self.refused = {"nan": nan, "inf": inf, "big": big}

    def before(self, node: Apply, values: Sequence[Any]) -> None:
        """Look at a node's inputs."""
        self._look("input", node, node.inputs, values)

    def after(self, node: Apply, values: Sequence[Any]) -> None:
        """Look at a node's outputs."""
        self._look("output", node, node.outputs, values)

    def _look(
        self, what: str, node: Apply, variables: Sequence[Any], values: Sequence[Any]
    ) -> None:
        for index, (variable, value) in enumerate(zip(variables, values, strict=True)):
            if not getattr(variable.tag, "nan_guard_mode_check", True):
                continue
            fault = fault_of(value, **self.refused)
            if fault:
                raise NotFiniteError(
                    f"{fault.partition(' at ')[0]} detected in {what} {index} of {node}",
                    got=f"{fault}, {variable} of type {variable.type}",
                    origin=node.origin,
                    hint="look at this line first: no node before it had such a value",
                )


class NodeGuard:
    """Refuse nodes that change or share memory without saying so, and values that are not finite.

    Parameters
    ----------
    finite : bool
        Whether NaN and infinities are refused.
    """

    def __init__(self, finite: bool) -> None:
        self.finite = finite
        self._running = threading.local()

    def before(self, node: Apply, values: Sequence[Any]) -> None:
        """Note what a node is given."""
        copies = [v.copy() if isinstance(v, np.ndarray) else None for v in values]
        self._running.__dict__.setdefault("stack", []).append((list(values), copies))

    def after(self, node: Apply, values: Sequence[Any]) -> None:
        """Compare with what it left, and look at what it made."""
        given, copies = self._running.stack.pop()
        destroyed = {i for indices in node.op.destroy_map.values() for i in indices}
        for index, (value, copy) in enumerate(zip(given, copies, strict=True)):
            if copy is None or index in destroyed:
                continue
            if not np.array_equal(value, copy, equal_nan=value.dtype.kind in "fc"):
                raise BadDestroyMap(
                    f"{node.op} changed its input {index} without a destroy_map that says so",
                    origin=node.origin,
                )
        for index, value in enumerate(values):
            declared = {*node.op.view_map.get(index, ()), *node.op.destroy_map.get(index, ())}
            self._look_at(node, index, value, [g for i, g in enumerate(given) if i not in declared])

    def _look_at(self, node: Apply, index: int, value: Any, others: Sequence[Any]) -> None:
        output = node.outputs[index]
        if not output.type.is_valid_value(value):
            raise InvalidValueError(
                f"output {index} of {node.op} has another type than it declares",
                got=f"{getattr(value, 'dtype', type(value).__name__)} of shape "
                f"{getattr(value, 'shape', ())}",
                expected=f"{output.type}",
                origin=node.origin,
            )
        fault = fault_of(value, nan=self.finite, inf=self.finite, big=False)
        if fault:
            raise InvalidValueError(
                f"output {index} of {node.op} is not finite",
                got=fault,
                hint="DebugMode(check_isfinite=False) allows it",
                origin=node.origin,
            )
        if isinstance(value, np.ndarray) and any(
            isinstance(other, np.ndarray) and np.shares_memory(value, other) for other in others
        ):
            raise BadViewMap(
                f"output {index} of {node.op} shares memory with an input without a view_map "
                "that says so",
                origin=node.origin,
            )
