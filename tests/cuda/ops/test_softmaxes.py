"""The softmax family and its losses: short, middle and long rows, corners, labels."""

from __future__ import annotations

import numpy as np
import pytest

from tensorsym.language.crossentropy import (
    CrossentropyCategorical1Hot,
    CrossentropyCategorical1HotGrad,
    CrossentropySoftmax1HotWithBiasDx,
    CrossentropySoftmaxArgmax1HotWithBias,
    LabelError,
)
from tensorsym.language.softmax import LogSoftmax, Softmax, SoftmaxGrad
from tests.cuda.ops.checking import agrees, refused_alike

FLOATS = ("float16", "float32", "float64")
# One warp for each of eight rows, eight warps for a row, and 32 that read a row three times.
ROWS = ((11, 7), (3, 1200), (2, 9000))


def scores(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(scale=3, size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", ROWS)
@pytest.mark.parametrize("op", [Softmax(), LogSoftmax()])
def test_rows_of_any_length(context, op, shape, dtype):
    agrees(context, op, scores(*shape, dtype=dtype), ulps=8)


@pytest.mark.parametrize("op", [Softmax(), LogSoftmax()])
def test_rows_of_any_layout_and_rank(context, op):
    agrees(context, op, scores(7, 3, 5).transpose(1, 2, 0), ulps=8)
    agrees(context, op, scores(14)[::-2], ulps=8)
    agrees(context, op, scores(0, 4))
    agrees(context, op, scores(4, 0))


@pytest.mark.parametrize("op", [Softmax(), LogSoftmax()])
def test_infinities_and_nans(context, op):
    x = scores(6, 7)
    x[0, 3], x[1, 2], x[2, 6], x[3] = np.nan, np.inf, -np.inf, -np.inf
    x[4] = -1e30
    x[5, 0] = 1e30
    agrees(context, op, x, ulps=8)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", ROWS)
def test_gradient_of_the_softmax(context, shape, dtype):
    sm = np.exp(scores(*shape)).astype("float64")
    sm = (sm / sm.sum(axis=1, keepdims=True)).astype(dtype)
    agrees(context, SoftmaxGrad(), scores(*shape, dtype=dtype), sm, ulps=16)


def test_gradient_of_the_softmax_casts(context):
    agrees(context, SoftmaxGrad(), scores(3, 7, dtype="float64"), scores(3, 7), ulps=8)
    agrees(context, SoftmaxGrad(), scores(0, 7), scores(0, 7))
    agrees(context, SoftmaxGrad(), scores(7, 3).T, scores(3, 7), ulps=8)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", ROWS)
def test_loss_softmax_and_largest_column(context, shape, dtype):
    x, b = scores(*shape, dtype=dtype), scores(shape[1], dtype=dtype)
    labels = (np.arange(shape[0]) * 5 % shape[1]).astype("int32")
    agrees(context, CrossentropySoftmaxArgmax1HotWithBias(), x, b, labels, ulps=16)


def test_the_largest_column_is_the_first_and_nan_before_all(context):
    x = np.zeros((5, 70), "float32")
    x[1, 66], x[2, 40:60], x[3, 69], x[3, 30] = np.nan, 1, np.inf, np.nan
    x[4] = -np.inf
    labels = np.arange(5)
    agrees(context, CrossentropySoftmaxArgmax1HotWithBias(), x, np.zeros(70, "f4"), labels, ulps=8)


@pytest.mark.parametrize("dtype", FLOATS)
def test_gradients_of_the_losses(context, dtype):
    x = np.abs(scores(9, 7, dtype=dtype)) + 1
    dy, labels = scores(9, dtype=dtype), (np.arange(9) % 7).astype("uint8")
    agrees(context, CrossentropySoftmax1HotWithBiasDx(), dy, x, labels, ulps=2)
    agrees(context, CrossentropyCategorical1HotGrad(), dy, x.astype("float64"), labels, ulps=2)
    agrees(context, CrossentropyCategorical1Hot(), x[::-1], labels, ulps=4)


def test_losses_of_no_rows(context):
    none = np.zeros(0, "int64")
    agrees(context, CrossentropySoftmaxArgmax1HotWithBias(), scores(0, 3), scores(3), none)
    agrees(context, CrossentropySoftmax1HotWithBiasDx(), scores(0), scores(0, 3), none)
    agrees(context, CrossentropyCategorical1Hot(), scores(0, 3), none)


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_out_of_range_raises_as_on_the_host(context, label):
    labels, x = np.array([0, label]), np.ones((2, 3), "float32")
    for op, arguments in (
        (CrossentropySoftmaxArgmax1HotWithBias(), (x, x[0], labels)),
        (CrossentropySoftmax1HotWithBiasDx(), (x[:, 0], x, labels)),
        (CrossentropyCategorical1Hot(), (x, labels)),
        (CrossentropyCategorical1HotGrad(), (x[:, 0], x, labels)),
    ):
        assert isinstance(refused_alike(context, op, *arguments), LabelError)


def test_lengths_that_differ_are_refused(context):
    x = np.ones((2, 3), "float32")
    refused_alike(context, CrossentropySoftmaxArgmax1HotWithBias(), x, x[:, 0], np.array([0, 1]))
    refused_alike(context, CrossentropyCategorical1Hot(), x, np.array([0, 1, 2]))
