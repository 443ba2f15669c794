"""Algebra of sums and other reductions, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.rewrite.evaluation import check, op_names, rewritten, values_before_and_after

import tensorsym.tensor as T

RNG = np.random.default_rng(6)
M, V, S = RNG.uniform(0.5, 2, size=(3, 4)), RNG.uniform(0.5, 2, size=4), np.array(1.7)


@pytest.mark.parametrize(
    ("build", "ops"),
    [
        (lambda xp, m, v, s: (2 * m).sum(), ["sum", "mul"]),
        (lambda xp, m, v, s: (-m).sum(), ["sum", "neg"]),
        (lambda xp, m, v, s: (m * s).sum(axis=0), ["DimShuffle", "sum", "mul"]),
        (lambda xp, m, v, s: (m * v).sum(axis=0), ["sum", "mul"]),
        (lambda xp, m, v, s: (m / v).sum(axis=0), ["sum", "true_div"]),
        (lambda xp, m, v, s: m.sum(axis=0).sum(), ["sum"]),
        (lambda xp, m, v, s: m.max(axis=1).max(), ["max"]),
        (lambda xp, m, v, s: m.T.sum(axis=0), ["sum"]),
        (lambda xp, m, v, s: m.T.sum(), ["sum"]),
        (lambda xp, m, v, s: m.sum(axis=1, keepdims=True).sum(axis=1), ["sum"]),
        (lambda xp, m, v, s: xp.ones_like(m).sum(), ["ShapeOf", "ShapeOf", "mul", "cast_float64"]),
        (lambda xp, m, v, s: -(-m).max(axis=0), ["min"]),
        (lambda xp, m, v, s: (m**2).sum(axis=1), ["sqr", "sum"]),
    ],
)
def test_reduction(build: Any, ops: list[str]) -> None:
    check(build, [T.dmatrix("m"), T.dvector("v"), T.dscalar("s")], [M, V, S], ops)


def test_sum_of_integers_keeps_every_bit() -> None:
    i = T.bmatrix("i")
    values = [RNG.integers(-128, 127, size=(30, 40)).astype("int8")]
    outputs = [
        (3 * i).sum(),
        (-i).sum(axis=0),
        i.sum(axis=0).sum(),
        i.T.sum(axis=0),
        T.ones_like(i).sum(),
    ]
    before, after, graph = values_before_and_after([i], outputs, values)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
    assert [v.type for v in graph.outputs] == [v.type for v in outputs]


def test_sum_in_a_wider_dtype_is_not_merged() -> None:
    x = T.fmatrix("x")
    graph, _ = rewritten([x], [x.sum(axis=0, dtype="float64").sum(dtype="float32")])
    assert op_names(graph).count("sum") == 2


def test_gradient_of_a_scaled_sum_is_a_fill() -> None:
    x = T.dmatrix("x")
    graph, _ = rewritten([x], [T.grad((3 * x).sum(), x)])
    assert sorted(op_names(graph)) == ["Alloc", "ShapeOf", "ShapeOf"]


def test_reduced_row_is_no_loop() -> None:
    row = T.drow("row")
    graph, _ = rewritten([row], [row.sum(axis=0), row.max(axis=0)])
    assert set(op_names(graph)) == {"DimShuffle"}


def test_dropped_dimension_of_a_shared_operand_is_not_summed_forever() -> None:
    x = T.dmatrix("x")
    column = -x.sum(axis=1, keepdims=True)
    graph, report = rewritten([x], [column, column.sum()])
    assert not any(phase.stopped_by for phase in report.phases)
    assert op_names(graph).count("sum") == 2
