"""Evaluation of expressions node by node with `perform`: the oracle of tests of rewriting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import tensorsym.tensor as T
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.op import evaluate as evaluate_node
from tensorsym.graph.variable import Constant
from tensorsym.graph.walk import toposort
from tensorsym.rewrite import rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tensorsym.graph.variable import Variable
    from tensorsym.rewrite import Query, Report


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
    """Return the rewritten copy of `outputs` and the report.

    The graph's specification is checked.
    """
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


def check(
    build: Callable[..., Any], symbols: Sequence[Any], arrays: Sequence[Any], ops: Sequence[str]
) -> FunctionGraph:
    """Check the value of a rewritten expression against NumPy and the ops it is left with.

    Parameters
    ----------
    build : callable
        (module, *operands) to the expression, called with `tensorsym.tensor` and with `numpy`.
    symbols, arrays : sequence
        The operands for either call.
    ops : sequence of str
        Names of the ops wanted, in any order.
    """
    graph, _ = rewritten(symbols, [build(T, *symbols)])
    (value,) = evaluate(graph.outputs, dict(zip(graph.inputs, arrays, strict=True)))
    with np.errstate(all="ignore"):
        expected = np.asarray(build(np, *arrays))
    assert value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-14)
    assert sorted(op_names(graph)) == sorted(ops)
    return graph
