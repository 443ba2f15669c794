"""Ops that only arrange elements, against their reference, in every layout."""

from __future__ import annotations

import numpy as np
import pytest

from tensorsym.language.creation import AllocEmpty
from tensorsym.language.diagonals import AllocDiag, ExtractDiag
from tensorsym.language.hostops import DeepCopyOp
from tensorsym.language.indexing_basic import IncSubtensor, Subtensor
from tensorsym.language.indexing_pattern import SliceEntry
from tensorsym.language.joining import Join, Split
from tensorsym.language.reshape import Alloc
from tests.cuda.ops.checking import agrees, refused_alike

SLICE = SliceEntry("int64", "int64", "int64")
COPIED = ("bool", "int16", "float16", "float32", "float64", "complex64", "complex128")


def numbers(*shape: int, dtype: str = "float32") -> np.ndarray:
    count = int(np.prod(shape))
    return (np.arange(count) % 251 - 100).reshape(shape).astype(dtype)


@pytest.mark.parametrize("dtype", COPIED)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)])
def test_a_copy_has_the_elements_whatever_the_strides(context, dtype, order):
    x = numbers(3, 37, 45, dtype=dtype).transpose(order)
    agrees(context, DeepCopyOp(), x)
    agrees(context, DeepCopyOp(), x[::-1, 1::2])


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_parts_are_joined_along_any_axis(context, axis):
    agrees(context, Join(), axis, numbers(4, 5), numbers(4, 5)[::-1], numbers(5, 4).T)


def test_parts_of_several_dtypes_are_cast(context):
    agrees(context, Join(), 0, numbers(3, dtype="int8"), numbers(4, dtype="float32"))
    agrees(context, Join(), 0, numbers(3, dtype="bool"), numbers(4, dtype="float16"))
    agrees(context, Join(), 0, numbers(3, dtype="float64"), numbers(4, dtype="complex128"))
    agrees(context, Join(), 0, numbers(3, dtype="complex64"), numbers(4, dtype="complex128"))


def test_empty_parts_add_nothing(context):
    agrees(context, Join(), 0, numbers(0, 3), numbers(2, 3), numbers(0, 3))
    agrees(context, Join(), 1, numbers(0, 3), numbers(0, 2))


def test_parts_that_do_not_fit_are_refused(context):
    refused_alike(context, Join(), 0, numbers(2, 3), numbers(2, 4))
    refused_alike(context, Join(), np.int64(2), numbers(2, 3), numbers(2, 3))


def test_a_tensor_is_split(context):
    agrees(context, Split(3), numbers(4, 9).T[::2], np.int64(0), np.array([2, 0, 3]))
    agrees(context, Split(2), numbers(4, 9), 1, np.array([8, 1]))


@pytest.mark.parametrize("lengths", [[2, 3], [6, -2], [1, 1, 2]])
def test_lengths_that_do_not_sum_up_are_refused(context, lengths):
    refused_alike(context, Split(len(lengths)), numbers(7), 0, np.array(lengths[::-1]))


@pytest.mark.parametrize("dtype", COPIED)
def test_a_value_is_broadcast_to_lengths(context, dtype):
    agrees(context, Alloc(), np.asarray(3, dtype), np.int64(40), np.int32(3))
    agrees(context, Alloc(), numbers(4, 1, dtype=dtype), 2, 4, 5)
    agrees(context, Alloc(), np.asarray(1, dtype), 0, 3)
    agrees(context, AllocEmpty(dtype), 3, np.int64(4))


def test_a_value_of_another_length_is_refused(context):
    refused_alike(context, Alloc(), numbers(3), np.int64(2), np.int64(4))


@pytest.mark.parametrize("offset", [-5, -1, 0, 2, 7])
@pytest.mark.parametrize("axes", [(0, 1), (2, 0)])
def test_diagonals_are_read_and_written(context, offset, axes):
    agrees(context, ExtractDiag(offset, *axes), numbers(3, 4, 5).transpose(2, 0, 1))
    agrees(context, AllocDiag(offset, *axes), numbers(3, 4)[:, ::-1])
    agrees(context, AllocDiag(offset, *axes), numbers(3, 0))


@pytest.mark.parametrize("bounds", [(1, 5, 2), (6, 0, -3), (-2, 99, 1), (4, 4, 1), (0, 9, 4)])
def test_slices_are_views(context, bounds):
    index = [np.int64(b) for b in bounds]
    agrees(context, Subtensor((SLICE,)), numbers(7, 4), *index)
    agrees(context, Subtensor((SLICE, "int64")), numbers(4, 7).T, *index, np.int64(-1))


@pytest.mark.parametrize("dtype", ["bool", "int8", "float16", "float32", "float64"])
@pytest.mark.parametrize("sets", [True, False])
@pytest.mark.parametrize("inplace", [True, False])
def test_slices_are_written(context, dtype, sets, inplace):
    op = IncSubtensor((SLICE, "int64"), inplace, sets)
    index = [np.int64(n) for n in (6, 0, -2, 1)]
    x = numbers(3, 7, 4, dtype=dtype).transpose(1, 2, 0)
    agrees(context, op, x, numbers(3, 3, dtype=dtype), *index)
    agrees(context, op, x, numbers(3, dtype=dtype), *index)
    agrees(context, op, x, np.asarray(2, dtype), *index)
    agrees(context, IncSubtensor((), inplace, sets), x, np.asarray(2, dtype))


def test_an_index_out_of_range_raises_as_on_the_host(context):
    error = refused_alike(context, Subtensor(("int64",)), numbers(3, 2), np.int64(3))
    assert isinstance(error, IndexError)
    refused_alike(context, IncSubtensor(("int64",)), numbers(3, 2), numbers(2), np.int64(-4))
    refused_alike(context, Subtensor((SLICE,)), numbers(3), *[np.int64(n) for n in (0, 3, 0)])
    refused_alike(context, IncSubtensor(()), numbers(3), numbers(2))
