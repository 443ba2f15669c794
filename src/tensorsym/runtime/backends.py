"""Which backend runs a function: the one place where runtime chooses between them."""

from __future__ import annotations

from typing import Any

from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.reference.executor import ReferenceExecutable
from tensorsym.rewrite import rewrite
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
    """
    graph = resolved.graph
    report = rewrite(graph, mode.query)
    return ReferenceExecutable(graph, mode.before, mode.after), graph, report
