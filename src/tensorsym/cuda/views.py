"""Views of tensors on the device and the host: the same memory with other lengths and strides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cuda.array import DeviceArray, dense_strides
from tensorsym.cuda.failure import InstructionError
from tensorsym.schedule.failures import NEGATIVE_LENGTH, OUT_OF_RANGE, WRONG_SIZE, ZERO_STEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.cuda.context import Context

__all__ = ["reshaped", "sliced", "viewed"]


def viewed(array: Any, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
    """Return a view with other dimensions of the same elements."""
    if isinstance(array, DeviceArray):
        return array.view(shape, strides)
    return np.lib.stride_tricks.as_strided(array, shape, strides)


def sliced(array: Any, entries: Sequence[tuple[Any, ...]], values: Sequence[Any]) -> Any:
    """Return what slices and indices take of an array; dimensions without an entry stay whole.

    Parameters
    ----------
    array : DeviceArray or numpy.ndarray
        The array.
    entries : sequence of tuple
        (index,), or (start, stop, step), of ints, None, and "%n" for the scalar in slot n.
    values : sequence
        The slots' values.
    """
    index: list[Any] = []
    for d, entry in enumerate(entries):
        bounds = [int(values[int(b[1:])]) if isinstance(b, str) else b for b in entry]
        length = array.shape[d]
        if len(bounds) == 1:
            if not -length <= bounds[0] < length:
                raise InstructionError(OUT_OF_RANGE, d)
            index.append(bounds[0] % length)
        else:
            if bounds[2] == 0:
                raise InstructionError(ZERO_STEP, d)
            index.append(slice(*bounds))
    if not isinstance(array, DeviceArray):
        return array[(*index, ...)]
    shape: list[int] = []
    strides: list[int] = []
    offset = 0
    for d, (length, step) in enumerate(zip(array.shape, array.strides, strict=True)):
        wanted = index[d] if d < len(index) else slice(None)
        if not isinstance(wanted, slice):
            offset += wanted * step
            continue
        taken = range(length)[wanted]
        if taken:
            offset += taken[0] * step
        shape.append(len(taken))
        strides.append(step * (taken.step if len(taken) > 1 else 1))
    return array.view(tuple(shape), tuple(strides), 0 if 0 in shape else offset)


def reshaped(context: Context, array: Any, lengths: Any, rank: int) -> Any:
    """Return an array with the lengths of a vector, of which one may be -1; gaps mean a copy."""
    wanted = [int(n) for n in lengths]
    if len(wanted) != rank:
        raise InstructionError(WRONG_SIZE)
    if min(wanted, default=0) < -1 or wanted.count(-1) > 1:
        raise InstructionError(NEGATIVE_LENGTH)
    known = 1
    for n in wanted:
        known *= n if n != -1 else 1
    if -1 in wanted:
        if known == 0 or array.size % known:
            raise InstructionError(WRONG_SIZE)
        wanted[wanted.index(-1)] = array.size // known
    elif known != array.size:
        raise InstructionError(WRONG_SIZE)
    shape = tuple(wanted)
    if not isinstance(array, DeviceArray):
        return array.reshape(shape)
    return context.contiguous(array).view(shape, dense_strides(shape, array.dtype.itemsize))
