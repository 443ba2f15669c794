"""Sums and products in canonical form: what cancels, repeats or is constant is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.rewrite.evaluation import check, op_names, rewritten, values_before_and_after

import tensorsym.tensor as T

RNG = np.random.default_rng(2)
ARRAYS = [RNG.uniform(0.5, 2.0, size=5) for _ in "xyz"]

SUMS = {
    "x + y - x": (lambda xp, x, y, z: x + y - x, []),
    "x + 1 + y + 2 - 3": (lambda xp, x, y, z: x + 1 + y + 2 - 3, ["add"]),
    "-(x - y)": (lambda xp, x, y, z: -(x - y), ["sub"]),
    "x + x + x": (lambda xp, x, y, z: x + x + x, ["mul"]),
    "(2 - x) - (3 - y)": (lambda xp, x, y, z: (2 - x) - (3 - y), ["add", "sub"]),
    "x - (-y)": (lambda xp, x, y, z: x - (-y), ["add"]),
    "x + 0": (lambda xp, x, y, z: x + 0, []),
    "-x - y": (lambda xp, x, y, z: -x - y, ["add", "neg"]),
    "(x + y) + (z - x)": (lambda xp, x, y, z: (x + y) + (z - x), ["add"]),
}
PRODUCTS = {
    "x * y / x": (lambda xp, x, y, z: x * y / x, []),
    "2 * x * 3 * y": (lambda xp, x, y, z: 2 * x * 3 * y, ["mul"]),
    "x / 3": (lambda xp, x, y, z: x / 3, ["mul"]),
    "x * x": (lambda xp, x, y, z: x * x, ["sqr"]),
    "x * x * x / x": (lambda xp, x, y, z: x * x * x / x, ["sqr"]),
    "1 / x": (lambda xp, x, y, z: 1 / x, ["inv"]),
    "x / y / z": (lambda xp, x, y, z: x / y / z, ["mul", "true_div"]),
    "-x * -y": (lambda xp, x, y, z: -x * -y, ["mul"]),
    "-x / -y": (lambda xp, x, y, z: -x / -y, ["true_div"]),
    "x * -1": (lambda xp, x, y, z: x * -1, ["neg"]),
    "x ** 2 / x": (lambda xp, x, y, z: x**2 / x, []),
    "x ** 3 * x": (lambda xp, x, y, z: x**3 * x, ["sqr", "sqr"]),
    "x ** -2": (lambda xp, x, y, z: x**-2, ["sqr", "inv"]),
    "x ** 0.5": (lambda xp, x, y, z: x**0.5, ["sqrt"]),
    "x ** -0.5": (lambda xp, x, y, z: x**-0.5, ["sqrt", "inv"]),
    "(x ** 2) ** 3": (lambda xp, x, y, z: (x**2) ** 3, ["sqr", "sqr", "mul"]),
    "1 / (1 / x)": (lambda xp, x, y, z: 1 / (1 / x), []),
    "(x / y + z) * y": (lambda xp, x, y, z: (x / y + z) * y, ["mul", "add"]),
}


@pytest.mark.parametrize("name", [*SUMS, *PRODUCTS])
def test_canonical_form(name: str) -> None:
    build, ops = (SUMS | PRODUCTS)[name]
    check(build, T.dvectors("x", "y", "z"), ARRAYS, ops)


@pytest.mark.parametrize("build", [lambda x: x - x, lambda x: x * 0, lambda x: 0 / x])
def test_zero_keeps_the_shape_and_not_the_tensor(build: Any) -> None:
    x = T.dmatrix("x")
    graph, _ = rewritten([x], [build(T.exp(x))])
    assert sorted(op_names(graph)) == ["Alloc", "ShapeOf", "ShapeOf"]


def test_cancelling_keeps_the_broadcast_shape() -> None:
    x, row = T.dmatrix("x"), T.drow("row")
    values = [np.ones((3, 4)), np.full((1, 4), 2.0)]
    before, after, graph = values_before_and_after([x, row], [row * x / x], values)
    np.testing.assert_array_equal(before[0], after[0])
    assert "true_div" not in op_names(graph)


def test_division_by_tiny_constant_stays_a_division() -> None:
    x = T.dvector("x")
    graph, _ = rewritten([x], [x / 1e-310])
    assert op_names(graph) == ["true_div"]


def test_shared_sum_is_not_computed_twice() -> None:
    x, y, z = T.dvectors("x", "y", "z")
    inner = x + y
    graph, _ = rewritten([x, y, z], [inner + z, inner * z])
    assert sorted(op_names(graph)) == ["add", "add", "mul"]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint16"])
def test_integers_wrap_as_before(dtype: str) -> None:
    i, j = (T.TensorType(dtype, (None,))(name) for name in "ij")
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(4)
    values = [rng.integers(limits.min, limits.max, 50, dtype=dtype, endpoint=True) for _ in "ij"]
    outputs = [
        i * 3 * 50 * j,
        i + 100 + j - i - 50,
        i * i * i,
        i - 1 + j * 2,
        7 - (i - j),
        i + i + i,
    ]
    before, after, _ = values_before_and_after([i, j], outputs, values)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def test_mixed_dtypes_keep_the_result_dtype() -> None:
    i, x = T.bvector("i"), T.fvector("x")
    values = [np.array([100, -100, 3], "int8"), np.array([1.5, 2.5, -3.5], "float32")]
    outputs = [(i + x) - x, (i * x) / x, i * i * x, (i + i) + x]
    before, after, graph = values_before_and_after([i, x], outputs, values)
    assert [v.dtype for v in graph.outputs] == [v.dtype for v in outputs]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_allclose(old, new, rtol=1e-5)


def test_bools_are_left_alone() -> None:
    a, b = T.TensorType("bool", (None,))("a"), T.TensorType("bool", (None,))("b")
    values = [np.array([True, False, True]), np.array([True, True, False])]
    before, after, _ = values_before_and_after([a, b], [a + b + a, a * b * a], values)
    np.testing.assert_array_equal(before, after)
