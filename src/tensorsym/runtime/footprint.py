"""How much memory a call of a function takes: lengths of arguments put into the plan's formula."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tensorsym.errors import PlanError
from tensorsym.graph.variable import Variable
from tensorsym.runtime.shared import SharedVariable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tensorsym.schedule.memory import Memory
    from tensorsym.schedule.plan import Plan

__all__ = ["Footprint", "memory_of_plan"]


def memory_of_plan(plan: Plan) -> Memory:
    """Return what a plan holds at most; its rooms take 5 ms to import, and most programs do not."""
    memory: Memory = importlib.import_module("tensorsym.schedule.memory").memory_of(plan)
    return memory


class Footprint:
    """The part of a function that says how much memory its calls take."""

    executable: Any
    maker: Any
    shared_variables: list[SharedVariable]

    @property
    def has_plan(self) -> bool:
        """Whether calls run a plan, not node by node."""
        return getattr(self.executable, "plan", None) is not None

    def memory(self) -> Memory:
        """Return what a call holds at most, as a formula of the arguments' lengths.

        Raises
        ------
        PlanError
            If the function runs node by node.

        Examples
        --------
        >>> import tensorsym
        >>> import tensorsym.tensor as T
        >>> x = T.dmatrix("x")
        >>> f = tensorsym.function([x], T.dot(x, x.T).sum(axis=0))
        >>> f.memory().formula
        '8*x.shape[0]**2 + 8*x.shape[0]'
        >>> f.peak_bytes({x: (100, 3)})
        80800
        """
        plan: Plan | None = getattr(self.executable, "plan", None)
        if plan is None:
            raise PlanError(
                f"{self.maker.recipe.title} runs node by node and has no plan",
                hint="compile it with the default mode",
            )
        return memory_of_plan(plan)

    def peak_bytes(self, shapes: Mapping[Variable | str, Sequence[int] | int]) -> int:
        """Return the bytes that a call holds at most, arguments and constants left out.

        Parameters
        ----------
        shapes : mapping
            Shapes by argument; values of integer scalars by argument; single lengths by the name
            that they have in `memory()`. Shared variables have their present shapes.

        Raises
        ------
        LengthError
            If the formula needs a length that is not given.
        """
        memory = self.memory()
        variables = [item.variable for item in self.maker.recipe.inputs] + self.shared_variables
        return memory.bytes(_given_lengths(memory.arguments, variables, shapes))


def _given_lengths(
    names: Sequence[str],
    variables: Sequence[Variable],
    shapes: Mapping[Variable | str, Sequence[int] | int],
) -> dict[str, int]:
    """Return lengths by the names they have in the formula.

    Parameters
    ----------
    names : sequence of str
        What the arguments are called in the formula.
    variables : sequence of Variable
        The arguments, shared variables included: those have their present shapes unless given.
    shapes : mapping
        Shapes by argument, values of integer scalars by argument, or single lengths by name.
    """
    given: dict[str, int] = {}
    entries: dict[Variable, Any] = {
        v: v.get_value(borrow=True).shape
        for v in variables
        if isinstance(v, SharedVariable) and hasattr(v.get_value(borrow=True), "shape")
    }
    for key, value in shapes.items():
        if isinstance(key, Variable):
            if key not in variables:
                raise KeyError(f"{key} is no argument of the function")
            entries[key] = value
        elif not isinstance(value, int):
            entries[variables[names.index(key)]] = value
        else:
            given[key] = value
    for variable, value in entries.items():
        name = names[variables.index(variable)]
        if isinstance(value, int):
            given[name] = value
        else:
            given.update({f"{name}.shape[{d}]": int(n) for d, n in enumerate(value)})
    return given
