"""Running sums and products along any axis, from either end."""

from __future__ import annotations

import numpy as np
import pytest

from tensorsym.language.cumulative import CumOp
from tests.cuda.ops.checking import agrees


def numbers(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(-3, 4, size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "float64"])
@pytest.mark.parametrize("mode", ["add", "mul"])
def test_integers_are_exact_and_wrap(context, mode, dtype):
    for axis in range(3):
        agrees(context, CumOp(axis, mode), numbers(5, 7, 4, dtype=dtype))
    agrees(context, CumOp(1, mode, reverse=True), numbers(4, 600, dtype=dtype))


@pytest.mark.parametrize("reverse", [False, True])
def test_sums_of_floats_are_near(context, reverse):
    x = np.random.default_rng(5).normal(size=(3, 700)).astype("float32")
    agrees(context, CumOp(1, "add", reverse), x, ulps=64)
    agrees(context, CumOp(0, "add", reverse), x.T[::-1], ulps=64)
    agrees(context, CumOp(1, "mul", reverse), 1 + x / 100, ulps=64)


def test_nan_and_empty(context):
    x = np.ones((2, 300), "float32")
    x[0, 200], x[1, 40] = np.nan, np.inf
    agrees(context, CumOp(1), x)
    agrees(context, CumOp(1), x[:, :0])
    agrees(context, CumOp(0), x[:0])
