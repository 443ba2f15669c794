"""Which backend runs a function: the one place where runtime chooses between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.cpu.build import build
from tensorsym.reference.executor import ReferenceExecutable
from tensorsym.rewrite import rewrite
from tensorsym.schedule.build import schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.runtime.modes import Mode
    from tensorsym.runtime.recipe import Recipe, Resolved

__all__ = ["build_executable"]


def build_executable(
    resolved: Resolved, recipe: Recipe, mode: Mode
) -> tuple[Any, FunctionGraph, Any]:
    """Return what runs the graph, the rewritten graph, and the rewrites' report.

    Parameters
    ----------
    resolved : Resolved
        The closed graph.
    recipe : Recipe
        What was asked.
    mode : Mode
        Rewrites and backend.

    Notes
    -----
    Only arguments declared mutable are donated. The buffer of a shared variable never is: a reader
    in another thread may take it at any time (memory contract, M21).
    """
    graph = resolved.graph
    report = rewrite(graph, mode.query)
    if mode.runs_reference:
        return ReferenceExecutable(graph, mode.before, mode.after), graph, report
    donated = [i for i, item in enumerate(recipe.inputs) if item.mutable and item.update is None]
    executable = build(schedule(graph, donated, _rewritten_by(mode)))
    executable.recycle([i for i, out in enumerate(recipe.outputs) if out.recycle])
    return executable, graph, report


def _rewritten_by(mode: Mode) -> Callable[[FunctionGraph], FunctionGraph]:
    """Return a function that gives a rewritten copy of the body of a loop."""

    def prepare(graph: FunctionGraph) -> FunctionGraph:
        copy = graph.clone()
        rewrite(copy, mode.query)
        return copy

    return prepare
