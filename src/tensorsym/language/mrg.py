"""The generator MRG31k3p: states of streams, jumps between streams, and uniform numbers.

Two recurrences of order 3 are combined. A state is six integers: the last three values of each
recurrence, the newest first. Streams are rows of a matrix; number i of a draw comes from stream
i modulo their count. The numbers are those of Theano's compiled code, bit by bit.

References
----------
P. L'Ecuyer and R. Touzin, "Fast combined multiple recursive generators with multipliers of the
form a = +-2^q +- 2^r", Proceedings of the 2000 Winter Simulation Conference, 683-689.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import RangeError
from tensorsym.graph.op import Op
from tensorsym.graph.type import NullType
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.shape import constant_length, shape_entries
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["M1", "M2", "MRGUniform", "jumped", "next_numbers", "substreams"]

M1, M2 = 2147483647, 2147462579
# x[n] = 2^22 x[n-2] + (2^7 + 1) x[n-3] mod M1, and x[n] = 2^15 x[n-1] + (2^15 + 1) x[n-3] mod M2.
FIRST = ((0, 2**22, 2**7 + 1), (1, 0, 0), (0, 1, 0))
SECOND = ((2**15, 0, 2**15 + 1), (1, 0, 0), (0, 1, 0))
# Substreams lie 2^72 numbers apart, the streams of different draws 2^134.
SUBSTREAM, STREAM = 72, 134
# What makes a difference of the recurrences a number below 1: 2^-31; of float32 the largest that
# keeps 2^31 - 1, which rounds to 2^31, below 1; of float16 it is applied to 15 bits and 1.
SCALES = {"float16": 3.0458e-05, "float32": np.float32(4.6566126e-10), "float64": 2.0**-31}
MOST_NUMBERS = M1

Matrix = tuple[tuple[int, ...], ...]


def _product(a: Matrix, b: Matrix, modulus: int) -> Matrix:
    """Return a product of square matrices modulo a number, in integers of any length."""
    size = range(3)
    return tuple(tuple(sum(a[i][k] * b[k][j] for k in size) % modulus for j in size) for i in size)


@lru_cache(maxsize=64)
def _jump(exponent: int) -> tuple[Matrix, Matrix]:
    """Return the matrices that advance both recurrences by 2^exponent numbers."""
    if exponent == 0:
        return FIRST, SECOND
    first, second = _jump(exponent - 1)
    return _product(first, first, M1), _product(second, second, M2)


def _advanced(states: np.ndarray[Any, Any], exponent: int) -> np.ndarray[Any, Any]:
    """Return states advanced by 2^exponent numbers."""
    columns = []
    for matrix, modulus, start in zip(_jump(exponent), (M1, M2), (0, 3), strict=True):
        part = states[:, start : start + 3].astype("int64")
        for row in matrix:
            terms = [part[:, k] * np.int64(row[k]) % modulus for k in range(3)]
            columns.append((terms[0] + terms[1] + terms[2]) % modulus)
    return np.stack(columns, axis=1).astype("int32")


def jumped(state: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the state at which the next draw's streams begin, 2^134 numbers later.

    Parameters
    ----------
    state : ndarray of int32, shape (6,)
        Where this draw's streams begin.
    """
    first: np.ndarray[Any, Any] = _advanced(state[None], STREAM)[0]
    return first


def substreams(state: np.ndarray[Any, Any], count: int) -> np.ndarray[Any, Any]:
    """Return the states of streams that lie 2^72 numbers apart.

    Parameters
    ----------
    state : ndarray of int32, shape (6,)
        The first stream's.
    count : int
        How many streams.

    Returns
    -------
    ndarray of int32, shape (count, 6)
        One state per row.
    """
    states, exponent = state[None], SUBSTREAM
    while len(states) < count:
        states = np.concatenate([states, _advanced(states, exponent)])
        exponent += 1
    return states[:count]


def next_numbers(
    states: np.ndarray[Any, Any], count: int, dtype: str
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the states after a draw, and its numbers, between 0 and 1.

    Parameters
    ----------
    states : ndarray of int32, shape (n, 6)
        Streams; they are not changed.
    count : int
        How many numbers.
    dtype : str
        A dtype of floats.
    """
    values = np.empty((-(-count // len(states)), len(states)), dtype="int64")
    older = [states[:, k].astype("int64") for k in range(6)]
    a1, a2, a3, b1, b2, b3 = older
    for row in values:
        # Streams that end before the last row stay as they are.
        rest = count - (row.ctypes.data - values.ctypes.data) // values.itemsize
        a1, a2, a3, last_a = (a2 * 2**22 + a3 * 129) % M1, a1, a2, (a1, a2, a3)
        b1, b2, b3, last_b = (b1 * 2**15 + b3 * 32769) % M2, b1, b2, (b1, b2, b3)
        np.subtract(a1, b1, out=row)
        row[row <= 0] += M1
        if rest < len(row):
            a1, a2, a3 = _joined((a1, a2, a3), last_a, rest)
            b1, b2, b3 = _joined((b1, b2, b3), last_b, rest)
    after = np.stack([a1, a2, a3, b1, b2, b3], axis=1).astype("int32")
    return after, _scaled(values.reshape(-1)[:count], dtype)


def _joined(new: Any, old: Any, count: int) -> list[Any]:
    """Return values of which the first `count` are new."""
    return [np.concatenate([n[:count], o[count:]]) for n, o in zip(new, old, strict=True)]


def _scaled(values: np.ndarray[Any, Any], dtype: str) -> np.ndarray[Any, Any]:
    if dtype == "float16":
        scale = np.asarray(SCALES[dtype], dtype="float16").item()
        return np.asarray(((values & 0x7FFF) + 1) * scale, dtype=dtype)
    return np.asarray(values.astype(dtype) * np.dtype(dtype).type(SCALES[dtype]), dtype=dtype)


class MRGUniform(Op):
    """Uniform numbers between 0 and 1, both excluded, from the states of streams.

    Parameters
    ----------
    outtype : TensorType
        Type of the numbers.
    """

    __props__ = ("outtype",)

    def __init__(self, outtype: TensorType) -> None:
        self.outtype = outtype

    @classmethod
    def new(cls, states: Any, ndim: int | None, dtype: str, size: Any) -> Any:
        """Return (states after the draw, numbers).

        Parameters
        ----------
        states : int32 matrix
            Streams.
        ndim : int, optional
            Number of dimensions, where it can not be seen.
        dtype : str
            dtype of the numbers.
        size : tuple of int and scalar, or vector of integers
            Lengths.
        """
        is_listed = isinstance(size, tuple | list)
        lengths = FUNCTIONS["int_vector"](list(size)) if is_listed else as_tensor_variable(size)
        rank = ndim if ndim is not None else lengths.type.shape[0]
        if rank is None:
            raise RangeError(f"the number of dimensions of the size {size} is not known; give ndim")
        known: list[int | None] = [None] * rank
        if lengths.type.shape[0] == rank:
            known = [constant_length(n) for n in shape_entries(lengths, rank)]
        # Theano's pattern: only lengths of 1 are promised.
        shape = tuple(1 if n == 1 else None for n in known)
        return cls(TensorType(dtype, shape=shape))(states, lengths)

    def make_node(self, states: Any, size: Any) -> Apply:
        """Return the application on states of streams and a vector of lengths."""
        states, size = as_tensor_variable(states), as_tensor_variable(size)
        if (states.type.dtype, states.type.ndim) != ("int32", 2):
            raise TypeError(f"states of streams are an int32 matrix, got {states.type}")
        if size.type.ndim != 1 or not is_discrete(size.type.dtype):
            raise TypeError(f"the size of a draw is a vector of integers, got {size.type}")
        return Apply(self, [states, size], [states.type(), self.outtype()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Draw."""
        states, size = inputs
        shape = tuple(int(n) for n in size)
        count = int(np.prod(shape, dtype="int64"))
        if count > MOST_NUMBERS:
            raise RangeError("a draw has at most 2**31 - 1 numbers", got=f"size {shape}")
        after, numbers = next_numbers(states, count, self.outtype.dtype)
        output_storage[0][0] = after
        output_storage[1][0] = numbers.reshape(shape)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the states' shape, and the lengths given."""
        size: Any = node.inputs[1]
        known = size.type.shape[0]
        if known != self.outtype.ndim:
            return [shapes[0], None]
        entries = shape_entries(size, known)
        return [shapes[0], tuple(FUNCTIONS["cast"](n, "int64") for n in entries)]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return that there is no gradient through a draw."""
        return [NullType(f"{self} draws random numbers: they have no gradient")() for _ in inputs]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that the numbers do not change."""
        return [None, None]
