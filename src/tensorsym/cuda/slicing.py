"""Views by integers and slices, and the dimensions of an index of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.cuda.array import DeviceArray

__all__ = ["slice_steps", "sliced"]


def slice_steps(item: slice, length: int, stride: int) -> tuple[int, int, int]:
    """Return length, stride and the offset of the first element of a slice of a dimension.

    Raises
    ------
    ValueError
        If the slice's step is 0.

    Examples
    --------
    >>> slice_steps(slice(None, None, -2), 5, 8)
    (3, -16, 32)
    """
    start, stop, step = item.indices(length)
    count = len(range(start, stop, step))
    return count, step * stride, start * stride if count else 0


def sliced(x: DeviceArray, index: Sequence[Any]) -> DeviceArray:
    """Return a view of a tensor at an index of integers and slices.

    Raises
    ------
    IndexError, ValueError
        If an integer is out of range; if a step is 0.
    """
    shape: list[int] = []
    strides: list[int] = []
    offset = 0
    for item, length, stride in zip(index, x.shape, x.strides, strict=False):
        if isinstance(item, slice):
            count, step, first = slice_steps(item, length, stride)
            shape.append(count)
            strides.append(step)
            offset += first
        elif not -length <= item < length:
            raise IndexError(f"index {item} is out of range for length {length}")
        else:
            offset += item % length * stride
    rest = len(index)
    empty = 0 in shape or 0 in x.shape[rest:]
    return x.view((*shape, *x.shape[rest:]), (*strides, *x.strides[rest:]), 0 if empty else offset)
