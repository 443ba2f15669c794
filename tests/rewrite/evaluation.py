"""Evaluation of expressions node by node with each op's `perform`, the oracle of tests below the runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.op import evaluate as evaluate_node
from tensorsym.graph.variable import Constant, Variable
from tensorsym.graph.walk import toposort
from tensorsym.rewrite import Query, Report, rewrite


def evaluate(outputs: Sequence[Variable], values: Mapping[Variable, Any]) -> list[Any]:
    """Return the values of `outputs` where the leaves have `values`."""
    known = {v: v.type.filter(value) for v, value in values.items()}

    def value_of(v: Variable) -> Any:
        return v.data if isinstance(v, Constant) else known[v]

    for node in toposort(outputs, known):
        known.update(
            zip(node.outputs, evaluate_node(node, [value_of(v) for v in node.inputs]), strict=True)
        )
    return [value_of(v) for v in outputs]


def rewritten(
    inputs: Sequence[Variable], outputs: Sequence[Variable], query: Query | str | None = "fast_run"
) -> tuple[FunctionGraph, Report]:
    """Return the rewritten copy of `outputs` and the report; the graph's specification is checked."""
    graph = FunctionGraph(inputs, outputs)
    report = rewrite(graph, query, texts=True)
    graph.check_integrity()
    return graph, report


def values_before_and_after(
    inputs: Sequence[Variable],
    outputs: Sequence[Variable],
    arrays: Sequence[Any],
    query: Query | str | None = "fast_run",
) -> tuple[list[Any], list[Any], FunctionGraph]:
    """Return the values of the expressions as written and as rewritten, and the rewritten graph."""
    graph, _ = rewritten(inputs, outputs, query)
    before = evaluate(outputs, dict(zip(inputs, arrays, strict=True)))
    after = evaluate(graph.outputs, dict(zip(graph.inputs, arrays, strict=True)))
    return before, after, graph


def op_names(graph: FunctionGraph) -> list[str]:
    """Return the names of a graph's ops in topological order."""
    return [getattr(node.op, "name", type(node.op).__name__) for node in graph.toposort()]
