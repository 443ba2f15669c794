"""Gathers and scatters: arrays, masks and slices mixed; repeated places; bad indices."""

from __future__ import annotations

import numpy as np
import pytest

from tensorsym.language.indexing import Nonzero
from tensorsym.language.indexing_advanced import (
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
)
from tensorsym.language.indexing_pattern import SliceEntry
from tests.cuda.ops.checking import agrees, refused_alike

ALL = SliceEntry()
STEPPED = SliceEntry(None, None, "int64")
LONG, SHORT, MASK = "int64", "int32", "bool"
ROWS = np.array([2, 0, -1, 2, 3])
MATRIX_OF_ROWS = np.array([[0, 3, 1], [2, 2, -4]], "int32")


def numbers(*shape: int, dtype: str = "float32") -> np.ndarray:
    count = int(np.prod(shape))
    return (np.arange(count) % 101 - 50).reshape(shape).astype(dtype)


# pattern, shape of the tensor, inputs of the index
MIXTURES = {
    "array": ((LONG,), (4, 3), [ROWS]),
    "matrix": ((SHORT,), (4, 3), [MATRIX_OF_ROWS]),
    "last": ((ALL, LONG), (3, 4), [ROWS]),
    "middle": ((ALL, LONG, ALL), (3, 4, 5), [ROWS]),
    "two": ((LONG, LONG), (4, 4), [ROWS, ROWS[::-1]]),
    "broadcast": ((LONG, SHORT), (4, 4, 2), [np.array([[1], [2]]), MATRIX_OF_ROWS]),
    "separated": ((LONG, ALL, LONG), (4, 3, 4), [ROWS, ROWS[::-1]]),
    "scalar and array": ((LONG, ALL, LONG), (4, 3, 4), [np.int64(-2), ROWS]),
    "stepped": ((STEPPED, LONG), (7, 4), [np.int64(-2), ROWS]),
    "new axis": ((None, LONG, None, ALL), (4, 3), [ROWS]),
    "mask": ((MASK,), (3, 4), [numbers(3, 4) % 3 == 0]),
    "mask of rows": ((MASK, ALL), (4, 3), [np.array([True, False, True, True])]),
    "mask of the last two": ((ALL, MASK), (2, 3, 4), [numbers(3, 4) % 2 == 0]),
    "mask and array": ((MASK, LONG), (4, 4), [np.array([True, False, True, True]), ROWS[:3]]),
    "no element": ((LONG,), (4, 3), [np.zeros(0, "int64")]),
    "mask of nothing": ((MASK,), (3, 4), [np.zeros((3, 4), bool)]),
    "zero-dimensional mask": ((MASK,), (3,), [np.asarray(True)]),
    "nothing to take": ((ALL, LONG), (0, 4), [ROWS]),
    "unsigned": (("uint64",), (4, 3), [np.array([3, 0], "uint64")]),
}


@pytest.mark.parametrize("name", MIXTURES)
def test_elements_are_read(context, name):
    pattern, shape, index = MIXTURES[name]
    agrees(context, AdvancedSubtensor(pattern), numbers(*shape), *index)
    agrees(context, AdvancedSubtensor(pattern), numbers(*shape[::-1]).T, *index)


@pytest.mark.parametrize("sets", [True, False])
@pytest.mark.parametrize("name", MIXTURES)
def test_elements_are_written_in_the_order_of_the_index(context, name, sets):
    pattern, shape, index = MIXTURES[name]
    x = numbers(*shape)
    op = AdvancedIncSubtensor(pattern, set_instead_of_inc=sets)
    items = iter(index)
    taken = [
        None if e is None else slice(None, None, int(next(items))) if e is STEPPED
        else slice(None) if e is ALL else next(items)
        for e in pattern
    ]  # fmt: skip
    part = x[tuple(taken)].shape
    agrees(context, op, x, numbers(*part) * 2, *index)
    agrees(context, op, x[::-1], np.float32(3), *index)


@pytest.mark.parametrize("dtype", ["bool", "int8", "float16", "float32", "complex64", "complex128"])
def test_rows_are_read_in_words(context, dtype):
    agrees(context, AdvancedSubtensor1(), numbers(4, 8, dtype=dtype), ROWS)
    agrees(context, AdvancedSubtensor1(), numbers(4, 5, dtype=dtype), ROWS.astype("int8"))


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float16", "float32", "float64"])
@pytest.mark.parametrize("width", [1, 40, 300])
def test_rows_named_often_are_added_in_order(context, width, dtype):
    rng = np.random.default_rng(width)
    rows = rng.integers(0, 7, 600).astype("int32")
    values = (rng.normal(size=(600, width)) * 10).astype(dtype)
    agrees(context, AdvancedIncSubtensor1(), numbers(7, width, dtype=dtype), values, rows)


@pytest.mark.parametrize("sets", [True, False])
def test_rows_are_written_in_place(context, sets):
    op = AdvancedIncSubtensor1(inplace=True, set_instead_of_inc=sets)
    agrees(context, op, numbers(4, 3), numbers(5, 3), ROWS)
    agrees(context, op, numbers(3, 4).T, numbers(3), ROWS)


@pytest.mark.parametrize("bad", [4, -5, 2**62, -(2**63)])
def test_an_index_out_of_range_raises_as_on_the_host(context, bad):
    rows = np.array([0, bad, 1])
    for op in (AdvancedSubtensor1(), AdvancedSubtensor((LONG,))):
        assert isinstance(refused_alike(context, op, numbers(4, 3), rows), IndexError)
    for op in (AdvancedIncSubtensor1(), AdvancedIncSubtensor((LONG,), set_instead_of_inc=True)):
        refused_alike(context, op, numbers(4, 3), numbers(3, 3), rows)


def test_other_bad_indices_raise_as_on_the_host(context):
    refused_alike(context, AdvancedSubtensor1(), numbers(4), np.array([2**64 - 1], "uint64"))
    refused_alike(context, AdvancedSubtensor((MASK,)), numbers(4, 3), np.ones((4, 2), bool))
    refused_alike(context, AdvancedSubtensor((LONG, LONG)), numbers(4, 3), ROWS, ROWS[:2])
    refused_alike(context, AdvancedSubtensor1(), numbers(0, 3), ROWS)
    refused_alike(context, AdvancedIncSubtensor1(), numbers(4, 3), numbers(4, 3), ROWS)


@pytest.mark.parametrize("dtype", ["bool", "int16", "float16", "float32"])
def test_positions_of_what_is_not_zero(context, dtype):
    x = (numbers(40, 50) % 3).astype(dtype)
    agrees(context, Nonzero(), x)
    agrees(context, Nonzero(), x.T[::2])
    agrees(context, Nonzero(), np.resize(x, 700000 if dtype == "bool" else 3000))
    agrees(context, Nonzero(), x[:, :0])
