"""Ranges and diagonal patterns."""

from __future__ import annotations

import numpy as np
import pytest

from tensorsym.language.creation import ARange
from tensorsym.language.patterns import Eye, Tri
from tests.cuda.ops.checking import agrees, refused_alike


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float16", "float32", "float64"])
def test_ranges(context, dtype):
    agrees(context, ARange(dtype), np.int64(3), np.int64(90), np.int64(7))
    agrees(context, ARange(dtype), np.float64(5), np.float64(-2), np.float64(-0.3))
    agrees(context, ARange(dtype), 4, 4, 1)


def test_integers_of_a_range_wrap(context):
    agrees(context, ARange("int8"), 0, 1000, 3)


def test_a_step_of_zero_is_refused(context):
    refused_alike(context, ARange("int64"), np.int64(0), np.int64(4), np.int64(0))


@pytest.mark.parametrize("op", [Eye, Tri])
@pytest.mark.parametrize("dtype", ["bool", "float16", "float32", "int64"])
def test_diagonal_patterns(context, op, dtype):
    for n, m, k in [(3, 5, 0), (5, 3, 1), (4, 4, -2), (2, 3, 9), (0, 3, 0)]:
        agrees(context, op(dtype), n, np.int64(m), k)
