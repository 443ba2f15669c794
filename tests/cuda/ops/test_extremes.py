"""Argmax and argmin over any axes: ties, NaN, layouts, dtypes, long reductions."""

from __future__ import annotations

import numpy as np
import pytest

from tensorsym.language.extremes import ArgExtreme
from tests.cuda.ops.checking import agrees, refused_alike

NAMES = ("argmax", "argmin")


def ties(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(1).integers(0, 9, size=shape).astype(dtype)


@pytest.mark.parametrize("axis", [None, (), (0,), (1,), (2,), (0, 1), (1, 2), (0, 2)])
def test_any_axes(context, axis):
    agrees(context, ArgExtreme("argmax", axis), ties(5, 7, 3))
    agrees(context, ArgExtreme("argmax", axis), ties(3, 7, 5).T)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_the_first_of_equal_elements(context, name, dtype):
    agrees(context, ArgExtreme(name, (1,)), ties(6, 300, dtype=dtype))
    agrees(context, ArgExtreme(name, (0,)), ties(300, 6, dtype=dtype))


@pytest.mark.parametrize("name", NAMES)
def test_the_first_nan_before_all(context, name):
    x = ties(4, 90)
    x[0, [70, 33]] = np.nan
    x[1] = np.nan
    x[2] = np.inf
    x[3, 5] = -np.inf
    agrees(context, ArgExtreme(name, (1,)), x)
    agrees(context, ArgExtreme(name), x)


@pytest.mark.parametrize("name", NAMES)
def test_a_long_reduction_in_parts(context, name):
    x = np.random.default_rng(2).permutation(30000).astype("float32")
    agrees(context, ArgExtreme(name), x)
    x[[9000, 29999]] = np.nan
    agrees(context, ArgExtreme(name), x)
    agrees(context, ArgExtreme(name, (0,)), ties(15000, 2))


def test_no_elements(context):
    agrees(context, ArgExtreme("argmax", (1,)), ties(0, 3))
    refused_alike(context, ArgExtreme("argmax", (1,)), ties(3, 0))
    refused_alike(context, ArgExtreme("argmin"), ties(0))
