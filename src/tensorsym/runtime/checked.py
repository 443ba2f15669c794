"""Executables that are compared with NumPy at each call: before rewriting, after, and compiled."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import BadOptimization, BadThunkOutput
from tensorsym.language.tensortype import TensorType
from tensorsym.reference.executor import ReferenceExecutable
from tensorsym.reference.guards import NodeGuard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.rewrite import Report

__all__ = ["Checked"]


class Checked:
    """An executable of DebugMode: slow, and sure of its results.

    Parameters
    ----------
    executable : callable
        What is checked; its instructions are compared while they run.
    original, rewritten : FunctionGraph
        The graph before and after rewriting.
    report : Report
        What the rewrites did.
    finite : bool
        Whether NaN and infinities are refused.
    """

    def __init__(
        self,
        executable: Any,
        original: FunctionGraph,
        rewritten: FunctionGraph,
        report: Report,
        finite: bool,
    ) -> None:
        self.executable = executable
        self.plan = getattr(executable, "plan", None)
        self.free = getattr(executable, "free", None)
        self.report = report
        guard, inner = NodeGuard(finite), NodeGuard(finite)
        self.original = ReferenceExecutable(original, guard.before, guard.after)
        self.rewritten = ReferenceExecutable(rewritten, inner.before, inner.after)

    def __call__(self, values: list[Any]) -> list[Any]:
        """Run all three; return the compiled one's results."""
        expected = self.original(_copies(values))
        rewritten = self.rewritten(_copies(values))
        self._compare(rewritten, expected)
        results: list[Any] = self.executable(values)
        for variable, got, wanted in zip(
            self.rewritten.function_graph.outputs, results, rewritten, strict=True
        ):
            if not _equal(variable, got, wanted):
                raise BadThunkOutput(
                    f"the compiled function differs from NumPy in {variable}",
                    got=f"{got}",
                    expected=f"{wanted}",
                    origin=variable.origin,
                )
        return results

    def _compare(self, rewritten: Sequence[Any], expected: Sequence[Any]) -> None:
        outputs = self.original.function_graph.outputs
        for variable, got, wanted in zip(outputs, rewritten, expected, strict=True):
            if not _equal(variable, got, wanted):
                names = ", ".join(self.report.counts) or "none"
                raise BadOptimization(
                    f"{variable} has another value after rewriting",
                    got=f"{got}",
                    expected=f"{wanted}",
                    origin=variable.origin,
                    hint=f"rewrites that fired: {names}; mode.excluding(name) leaves one out",
                )


def _copies(values: Sequence[Any]) -> list[Any]:
    return [v.copy() if isinstance(v, np.ndarray) else copy.deepcopy(v) for v in values]


def _equal(variable: Any, got: Any, wanted: Any) -> bool:
    """Tell whether two tensors are equal but for rounding; other objects are not compared.

    Rewrites that keep digits make numbers of what overflowed: that is no fault of theirs.
    """
    type_ = variable.type
    if not isinstance(type_, TensorType):
        return True
    return type_.values_eq_approx(wanted, got, allow_remove_inf=True, allow_remove_nan=True)
