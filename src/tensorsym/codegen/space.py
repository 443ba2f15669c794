"""Iteration spaces as data: dimensions dropped and joined where every operand's memory allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["collapsed", "order_of"]

Ints = tuple[int, ...]


def order_of(shape: Sequence[int], strides: Sequence[int]) -> Ints:
    """Return the dimensions from the largest step in memory to the smallest.

    Examples
    --------
    >>> order_of((3, 4), (8, 24))
    (1, 0)
    """
    return tuple(sorted(range(len(shape)), key=lambda d: (-abs(strides[d]), d)))


def collapsed(shape: Sequence[int], operands: Sequence[Sequence[int]]) -> tuple[Ints, list[Ints]]:
    """Return a space with as few dimensions as possible, and the operands' strides in it.

    Parameters
    ----------
    shape : sequence of int
        Lengths, the fastest dimension last.
    operands : sequence of sequence of int
        Strides of each operand, 0 where it stays in place.

    Examples
    --------
    >>> collapsed((2, 1, 3), [(24, 24, 8), (24, 0, 8)])
    ((6,), [(8,), (8,)])
    >>> collapsed((2, 3), [(24, 8), (0, 8)])
    ((2, 3), [(24, 8), (0, 8)])
    """
    dims: list[int] = []
    strides: list[list[int]] = [[] for _ in operands]
    for d, length in enumerate(shape):
        if length == 1:
            continue
        joins = bool(dims) and all(
            [mine[-1] == own[d] * length for mine, own in zip(strides, operands, strict=True)]
        )
        if joins:
            dims[-1] *= length
        else:
            dims.append(length)
        for mine, own in zip(strides, operands, strict=True):
            if joins:
                mine[-1] = own[d]
            else:
                mine.append(own[d])
    return tuple(dims), [tuple(mine) for mine in strides]
