"""Random expressions: rewritten or not, their values agree, exactly for integers."""

from __future__ import annotations

from typing import Any

import hypothesis
import hypothesis.strategies as st
import numpy as np
from tests.rewrite.evaluation import evaluate, values_before_and_after

import tensorsym.tensor as T
from tensorsym.config import config
from tensorsym.errors import ShapeError
from tensorsym.language.table import FUNCTIONS as F

SHAPES = {"m": (3, 4), "n": (3, 4), "v": (4,), "s": ()}
# Functions that are smooth and tame, so that a reassociated sum stays within a few roundings.
UNARY = (
    T.neg, T.tanh, T.sqr, T.exp, T.abs_, F["sigmoid"], F["softplus"],
    lambda x: T.log(1 + T.exp(x)), lambda x: T.log(1.5 + T.sqr(x)), lambda x: 1 / (1 + T.exp(-x)),
    lambda x: x * 2, lambda x: 3 - x, lambda x: x / 4, lambda x: x + 1, lambda x: x**2, lambda x:
    x**3, T.zeros_like, T.ones_like, lambda x: 1 - F["sigmoid"](x), lambda x: T.exp(x) - 1, lambda
    x: T.fill(x, 0.5), lambda x: T.sqrt(T.sqr(x) + 1), lambda x: T.switch(x > 0, x, 0.1 * x),
)  # fmt: skip
BINARY = (
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / (1 + T.sqr(y)),
    T.maximum, T.minimum, lambda x, y: T.switch(x < y, x, y), lambda x, y: x * y / (2 + T.sqr(x)),
    T.fill,
)  # fmt: skip
MATRIX = (
    lambda x: x.T, lambda x: x.sum(axis=0), lambda x: x.sum(axis=1, keepdims=True),
    lambda x: x.mean(),
    lambda x: T.max(x, axis=1), lambda x: x.reshape((x.shape[0] * x.shape[1],)), lambda x: x[0],
    lambda x: x[1:], lambda x: T.dot(x, x.T), lambda x: x * x.sum(axis=0), lambda x: x.sum() * x,
    lambda x: T.dot(x.T, x) * 0.5, lambda x: (2 * x).sum(axis=1),
)  # fmt: skip
INTEGER_UNARY = (
    T.neg, T.sqr, T.abs_, lambda x: x * 3, lambda x: x + 100, lambda x: 50 - x, lambda x: x**3,
    lambda x: T.cast(T.cast(x, "int64"), "int8"), lambda x: x & 7, lambda x: x // 1, T.zeros_like,
    lambda x: T.switch(x > 0, x, x), lambda x: T.cast(x, "int16"), lambda x: -(x - 3) * 2,
)  # fmt: skip
INTEGER_BINARY = (
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, T.maximum, lambda x, y: x + y - x,
    lambda x, y: x | y,
)  # fmt: skip


def grow(
    pool: list[Any], data: st.DataObject, steps: int, unary: Any, binary: Any, matrix: Any
) -> Any:
    """Return the last of `steps` expressions, each made from those before."""
    for _ in range(steps):
        x = pool[data.draw(st.integers(0, len(pool) - 1))]
        kind = data.draw(st.integers(0, 2))
        if kind == 0:
            pool.append(data.draw(st.sampled_from(unary))(x))
        elif kind == 1:
            y = pool[data.draw(st.integers(0, len(pool) - 1))]
            if x.type.shape != y.type.shape and 0 not in (x.ndim, y.ndim):
                continue
            if x.owner is not None and y.owner is not None and x.ndim:
                y = data.draw(st.sampled_from(unary))(x)
            pool.append(data.draw(st.sampled_from(binary))(x, y))
        elif x.ndim == 2 and matrix:
            pool.append(data.draw(st.sampled_from(matrix))(x))
    return pool[-1]


def leaves(dtype: str) -> dict[Any, Any]:
    rng = np.random.default_rng(5)
    symbols = {}
    for name, shape in SHAPES.items():
        draw = rng.integers(-128, 127, shape) if dtype == "int8" else rng.uniform(-1.2, 1.2, shape)
        symbols[T.TensorType(dtype, shape=(None,) * len(shape))(name)] = np.asarray(draw).astype(
            dtype
        )
    return symbols


@hypothesis.settings(max_examples=150, deadline=None, derandomize=True)
@hypothesis.given(data=st.data(), steps=st.integers(2, 12), with_gradient=st.booleans())
def test_float_expressions_keep_their_values(data: Any, steps: int, with_gradient: bool) -> None:
    symbols = leaves("float64")
    result = grow(list(symbols), data, steps, UNARY, BINARY, MATRIX)
    outputs = [result]
    if with_gradient:
        outputs += T.grad(result.sum(), list(symbols), disconnected_inputs="ignore")
    try:
        evaluate(outputs, symbols)
    except ShapeError:
        hypothesis.reject()
    with config.scope(on_opt_error="raise"):
        before, after, graph = values_before_and_after(
            list(symbols), outputs, list(symbols.values())
        )
    for output, new, old_value, new_value in zip(
        outputs, graph.outputs, before, after, strict=True
    ):
        assert new.type == output.type
        assert new_value.shape == old_value.shape
        finite = np.isfinite(old_value)
        scale = np.abs(old_value[finite]).max(initial=1e-3)
        np.testing.assert_allclose(
            new_value[finite], old_value[finite], rtol=1e-8, atol=1e-8 * scale
        )


@hypothesis.settings(max_examples=150, deadline=None, derandomize=True)
@hypothesis.given(data=st.data(), steps=st.integers(2, 12))
def test_integer_expressions_keep_every_bit(data: Any, steps: int) -> None:
    symbols = leaves("int8")
    result = grow(list(symbols), data, steps, INTEGER_UNARY, INTEGER_BINARY, ())
    with config.scope(on_opt_error="raise"):
        before, after, graph = values_before_and_after(
            list(symbols), [result], list(symbols.values())
        )
    assert graph.outputs[0].type == result.type
    np.testing.assert_array_equal(before[0], after[0])
