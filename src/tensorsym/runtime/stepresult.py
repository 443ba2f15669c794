"""What the function of a loop returns for a step: outputs, updates, and when to stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tensorsym.errors import RangeError
from tensorsym.graph.variable import Variable
from tensorsym.language.variable import as_tensor_variable

__all__ = ["StepResult", "step_result", "until"]

FORMS = (
    "outputs",
    "updates",
    "outputs, updates",
    "outputs, until(condition)",
    "updates, until(condition)",
    "outputs, updates, until(condition)",
)


class until:  # noqa: N801 - Theano's name
    """The condition after which a loop does no further step; returned by its function.

    Parameters
    ----------
    condition : scalar
        True (not 0) ends the loop; the results of this step are kept.

    Examples
    --------
    >>> import tensorsym
    >>> from tensorsym.scan_module import until
    >>> powers, _ = tensorsym.scan(lambda x: (x * 2, until(x > 50)), outputs_info=1.0, n_steps=99)
    >>> powers.eval().tolist()
    [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]
    """

    def __init__(self, condition: Any) -> None:
        self.condition = as_tensor_variable(condition)
        if self.condition.type.ndim:
            raise RangeError(
                "the condition that ends a loop is a scalar", got=str(self.condition.type)
            )


@dataclass(frozen=True, slots=True)
class StepResult:
    """The parts of what a step returns.

    Attributes
    ----------
    outputs : list of Variable
        In the order of `outputs_info`.
    updates : list of pairs
        Shared variables and their new values.
    condition : Variable or None
        Ends the loop.
    """

    outputs: list[Variable]
    updates: list[tuple[Any, Any]]
    condition: Variable | None


def step_result(returned: Any) -> StepResult:
    """Return the parts of what a function given to `scan` returned.

    Parameters
    ----------
    returned : Variable, list, dict or tuple
        In one of the forms that `scan` documents.

    Raises
    ------
    ValueError
        If it has none of these forms.
    """
    if _are_outputs(returned):
        return StepResult(_listed(returned), [], None)
    if _are_updates(returned):
        return StepResult([], _pairs(returned), None)
    parts = list(returned) if isinstance(returned, list | tuple) else [None]
    outputs = _listed(parts.pop(0)) if parts and _are_outputs(parts[0]) else []
    updates = _pairs(parts.pop(0)) if parts and _are_updates(parts[0]) else []
    stop = parts.pop(0) if parts and isinstance(parts[0], until) else None
    if parts:
        raise RangeError(
            "the function of a loop returned what no loop understands",
            got=f"{returned!r}",
            expected=f"one of these forms, in this order: {'; '.join(FORMS)}",
            hint="make variables of numbers with T.constant, and of conditions with until",
        )
    return StepResult(outputs, updates, None if stop is None else stop.condition)


def _are_outputs(item: Any) -> bool:
    if isinstance(item, list | tuple):
        return all(isinstance(v, Variable) for v in item)
    return isinstance(item, Variable)


def _are_updates(item: Any) -> bool:
    if isinstance(item, Mapping):
        return True
    return isinstance(item, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 for pair in item
    )


def _listed(outputs: Any) -> list[Variable]:
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


def _pairs(updates: Any) -> list[tuple[Any, Any]]:
    items = updates.items() if isinstance(updates, Mapping) else updates
    return [(target, new) for target, new in items]
