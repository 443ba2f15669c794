"""Random numbers are the CPU's, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from tensorsym.language.mrg import MRGUniform, substreams
from tensorsym.language.mrgchoice import ChoiceFromUniform, MultinomialFromUniform
from tensorsym.language.tensortype import TensorType
from tests.cuda.ops.checking import agrees, refused_alike

FLOATS = ("float16", "float32", "float64")
SEED = np.array([12345, 23456, 34567, 45678, 56789, 67890], "int32")


@pytest.mark.parametrize("dtype", FLOATS)
def test_uniform_numbers_and_states(context, dtype):
    states = substreams(SEED, 7)
    for size in ((5, 9), (3,), (0, 4), ()):
        op = MRGUniform(TensorType(dtype, shape=(None,) * len(size)))
        agrees(context, op, states, np.array(size, "int64"))
    agrees(context, MRGUniform(TensorType(dtype, shape=(None,))), states, np.array([2000]))


def test_too_many_numbers_are_refused(context):
    op = MRGUniform(TensorType("float32", shape=(None, None)))
    refused_alike(context, op, substreams(SEED, 2), np.array([2**20, 2**20]))


def draws(rows: int, outcomes: int, n: int, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(rows)
    p = rng.random((rows, outcomes))
    return (p / p.sum(axis=1, keepdims=True)).astype(dtype), rng.random(rows * n).astype(dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_counts_of_outcomes(context, dtype):
    agrees(context, MultinomialFromUniform(), *draws(9, 5, 40, dtype), 40)
    agrees(context, MultinomialFromUniform("int64"), *draws(9, 5, 1, dtype), np.int64(1))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("replace", [True, False])
def test_outcomes_without_repetition(context, dtype, replace):
    agrees(context, ChoiceFromUniform(replace=replace), *draws(9, 6, 5, dtype), 5)
    p = np.zeros((4, 5), dtype)
    p[:, 2] = 1
    agrees(context, ChoiceFromUniform(replace=replace), p, draws(4, 5, 2, dtype)[1], 2)


def test_numbers_that_do_not_fit_are_refused(context):
    p, unis = draws(3, 4, 2, "float32")
    refused_alike(context, MultinomialFromUniform(), p, unis, 3)
    refused_alike(context, MultinomialFromUniform(), p, unis[:0], 0)
    refused_alike(context, ChoiceFromUniform(), p, np.resize(unis, 15), 5)
