"""Constant folding: what, how big, and what refuses."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rewrite.evaluation import evaluate, op_names, rewritten

import tensorsym.tensor as T
from tensorsym.graph.variable import Constant


def test_constant_expression_becomes_its_value() -> None:
    x = T.dscalar("x")
    graph, _ = rewritten([x], [x + T.log(T.constant(np.float64(2.0))) * 3])
    constants = [v for node in graph.toposort() for v in node.inputs if isinstance(v, Constant)]
    assert [float(v.data) for v in constants] == [np.log(2.0) * 3]


def test_large_results_are_not_kept() -> None:
    row, column = np.ones((1, 2000)), np.ones((2000, 1))
    graph, _ = rewritten([], [T.dot(T.constant(column), T.constant(row))])
    assert "Dot" in op_names(graph)


def test_fills_are_not_folded() -> None:
    graph, _ = rewritten([], [T.alloc(1.0, 3, 4)])
    assert op_names(graph) == ["Alloc"]


def test_error_of_a_constant_expression_comes_with_the_call() -> None:
    graph, report = rewritten([], [T.max(T.constant(np.zeros(0)))])
    assert not report.fired("constant_folding")
    with pytest.raises(ValueError, match="no elements"):
        evaluate(graph.outputs, {})


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.0])
def test_special_values_keep_their_bits(value: float) -> None:
    graph, _ = rewritten([], [T.constant(value) * T.constant(1.0)])
    (result,) = evaluate(graph.outputs, {})
    assert np.array_equal(result, value, equal_nan=True)
    assert np.signbit(result) == np.signbit(value)


def test_folded_type_keeps_the_broadcast_pattern() -> None:
    x = T.dvector("x")
    y = T.constant(np.ones(1))[: T.constant(1)]
    graph, _ = rewritten([x], [T.unbroadcast(y, 0) + x])
    assert graph.outputs[0].broadcastable == (False,)
