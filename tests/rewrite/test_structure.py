"""Views, casts, reshapes and fills that do nothing go; the others stand at the inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.rewrite.evaluation import check, op_names, rewritten, values_before_and_after

import tensorsym.tensor as T
from tensorsym.language.dtypes import ALL, COMPLEX
from tensorsym.rewrite.structure import holds_exactly

RNG = np.random.default_rng(3)
A, B = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))


@pytest.mark.parametrize(
    ("build", "ops"),
    [
        (lambda xp, x, y: x.T.T, []),
        (lambda xp, x, y: (x + y).T, ["DimShuffle", "DimShuffle", "add"]),
        (lambda xp, x, y: (x.T + y.T).T, ["add"]),
        (lambda xp, x, y: xp.dot(x, y.T).T, ["DimShuffle", "Dot"]),
        (lambda xp, x, y: x.reshape((2, 6)).reshape((12,)), ["Reshape"]),
        (lambda xp, x, y: x.reshape((x.shape[0], x.shape[1])), []),
        (lambda xp, x, y: x.reshape((x.shape[0], 1, x.shape[1])), ["DimShuffle"]),
        (lambda xp, x, y: x + xp.zeros_like(y), []),
        (lambda xp, x, y: x * xp.ones_like(x), []),
        (lambda xp, x, y: x.astype("float64"), []),
        (lambda xp, x, y: xp.exp(x)[0], ["Subtensor", "exp"]),
        (lambda xp, x, y: x[:], []),
        (lambda xp, x, y: x[: x.shape[0]], []),
        (lambda xp, x, y: xp.dot(x, y.T)[1], ["Subtensor", "DimShuffle", "Dot"]),
    ],
)  # fmt: skip
def test_views_and_fills(build: Any, ops: list[str]) -> None:
    check(build, T.dmatrices("x", "y"), [A, B], ops)


@pytest.mark.parametrize("start", ALL)
@pytest.mark.parametrize("between", ALL)
def test_one_cast_gives_the_bits_of_two(start: str, between: str) -> None:
    x = T.TensorType(start, (None,))("x")
    extremes = ["0", "1"] if start == "bool" else ["0", "1", "100"]
    values = np.array([int(text) for text in extremes]).astype(start)
    if np.dtype(start).kind in "iu":
        limits = np.iinfo(start)
        values = np.array([limits.min, limits.max, limits.max // 3], dtype=start)
    for end in ALL:
        if start in COMPLEX and not {between, end} <= set(COMPLEX):
            continue
        if between in COMPLEX and end not in COMPLEX:
            continue
        result = T.cast(T.cast(x, between), end)
        with np.errstate(all="ignore"):
            before, after, graph = values_before_and_after([x], [result], [values])
        np.testing.assert_array_equal(before[0], after[0])
        assert graph.outputs[0].type == result.type
        if holds_exactly(start, between) and holds_exactly(start, end):
            assert len(graph.apply_nodes) <= 1


def test_fill_of_unknown_length_is_kept() -> None:
    x, n = T.dvector("x"), T.lscalar("n")
    graph, _ = rewritten([x, n], [x + T.alloc(1.0, n)])
    assert "Alloc" in op_names(graph)


def test_fill_never_computes_its_model() -> None:
    x, s = T.dmatrix("x"), T.dscalar("s")
    graph, _ = rewritten([x, s], [T.fill(T.exp(x) + 1, s)])
    assert "exp" not in op_names(graph)


def test_elementwise_of_fill_is_fill_of_elementwise() -> None:
    s, n = T.dscalar("s"), T.lscalar("n")
    values = [np.array(0.7), np.array(5)]
    before, after, graph = values_before_and_after([s, n], [T.exp(T.alloc(s, n)) * 2], values)
    np.testing.assert_allclose(before[0], after[0], rtol=1e-15)
    assert all(node.outputs[0].ndim == 0 or node.outputs[0].broadcastable == (True,) or
               type(node.op).__name__ == "Alloc" for node in graph.toposort())  # fmt: skip


def test_shape_needs_no_tensor() -> None:
    x, w = T.dmatrices("x", "w")
    hidden = T.tanh(T.dot(x, w) + 1)
    graph, _ = rewritten([x, w], [hidden.shape, hidden.T.shape[0], hidden.sum(axis=1).size])
    assert set(op_names(graph)) == {"ShapeOf", "MakeVector"}


def test_mean_of_known_length_is_a_product() -> None:
    x = T.TensorType("float64", (None,), shape=(8,))("x")
    graph, _ = rewritten([x], [x.mean()])
    assert sorted(op_names(graph)) == ["mul", "sum"]


def test_switch_by_a_constant_is_decided() -> None:
    x, y = T.dmatrices("x", "y")
    graph, _ = rewritten([x, y], [T.switch(1, x, y), T.switch(T.zeros_like(x), x, y)])
    assert [v.name for v in graph.outputs] == ["x", "y"]


def test_lengths_are_not_negative() -> None:
    x = T.dvector("x")
    n = x.shape[0]
    before, after, graph = values_before_and_after(
        [x], [T.lt(n, 0), T.ge(n, 0), T.maximum(n, 0), T.minimum(n, 0)], [np.ones(3)]
    )
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
    assert op_names(graph) == ["ShapeOf"]


def test_what_was_written_is_read() -> None:
    x, y = T.dmatrix("x"), T.dvector("y")
    graph, _ = rewritten([x, y], [T.set_subtensor(x[1], y)[1]])
    assert graph.outputs[0] is graph.inputs[1]
