"""Products of matrices and of batches by the tiled kernel."""

from __future__ import annotations

import numpy as np
import pytest

from tensorsym.language.contraction import BatchedDot
from tensorsym.language.products import Dot
from tensorsym.language.tensortype import TensorType
from tests.cuda.ops.checking import agrees, computed, refused_alike


def numbers(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(-3, 4, size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["int8", "uint16", "float16", "float32", "float64", "complex64"])
def test_batches_of_every_dtype(context, dtype):
    x, y = numbers(3, 5, 40, dtype=dtype), numbers(3, 40, 37, dtype=dtype)
    agrees(context, BatchedDot(), x, y)
    agrees(context, Dot(), x[0], y[0])


def test_batches_of_any_layout(context):
    agrees(context, BatchedDot(), numbers(2, 3, 33, 5).transpose(1, 0, 3, 2), numbers(3, 2, 33, 4))
    agrees(context, BatchedDot(), numbers(4, 6, 3)[::2], numbers(4, 3, 2)[1::2])
    agrees(context, Dot(), numbers(5, 70).T, numbers(9, 5).T)


def test_a_batch_declared_to_be_one_broadcasts(context):
    x, y = numbers(1, 3, 4), numbers(5, 4, 2)
    variables = [TensorType("float32", shape=shape)() for shape in ((1, None, None), (None,) * 3)]
    node = BatchedDot().make_node(*variables)
    (result,) = computed(context, node, [x, y])
    np.testing.assert_array_equal(result, x @ y)


@pytest.mark.parametrize(
    ("x", "y"),
    [((7,), (7,)), ((7,), (7, 3)), ((3, 7), (7,)), ((3, 0), (0, 4)), ((0, 3), (3, 4))],
)
def test_vectors_and_empty_matrices(context, x, y):
    agrees(context, Dot(), numbers(*x), numbers(*y))


def test_inner_lengths_that_differ_are_refused(context):
    refused_alike(context, Dot(), numbers(3, 4), numbers(5, 3))
    refused_alike(context, BatchedDot(), numbers(2, 3, 4), numbers(2, 3, 4))
    refused_alike(context, BatchedDot(), numbers(2, 3, 4), numbers(1, 4, 4))


def test_float32_products_are_near(context):
    rng = np.random.default_rng(4)
    x, y = (rng.normal(size=(50, 50)).astype("float32") for _ in range(2))
    agrees(context, Dot(), x, y, ulps=64)
