"""How a kernel is launched for arrays of some shapes and strides: loop, grid, and space argument.

Everything here is arithmetic on numbers, done once per combination and kept by the kernel.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensorsym.codegen.space import collapsed, order_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Launch", "Reduction", "dense_in_order", "elementwise_launch", "reduction_launch"]

THREADS = 256
MOST_BLOCKS_Y = 65535
MOST_SPLITS = 512  # partial results per output
INT32_SAFE = 2**30  # indices below, and one step of a grid more, fit 32 bits

Ints = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Launch:
    """One loop over a space.

    Attributes
    ----------
    loop : {'flat', 'strided', 'reduce'}
        Which loop of the kernel.
    bits : {32, 64}
        Width of its indices.
    grid, block : tuple of int
        Blocks and threads.
    head : bytes
        The arguments before the pointers.
    unaligned : bytes
        The same where memory does not allow wide accesses.
    """

    loop: str
    bits: int
    grid: Ints
    block: Ints
    head: bytes
    unaligned: bytes


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction: one launch, or two with partial results between them.

    Attributes
    ----------
    outputs, splits : int
        How many results, and partial results of each.
    first : Launch
        Folds the elements.
    second : Launch or None
        Folds partial results.
    """

    outputs: int
    splits: int
    first: Launch
    second: Launch | None


def dense_in_order(shape: Sequence[int], order: Sequence[int], itemsize: int) -> Ints:
    """Return strides without gaps, the dimensions from the largest step to the smallest.

    Examples
    --------
    >>> dense_in_order((2, 3), (1, 0), 8)
    (8, 16)
    """
    strides, step = [0] * len(shape), itemsize
    for d in reversed(order):
        strides[d] = step
        step *= max(1, shape[d])
    return tuple(strides)


def elementwise_launch(
    shape: Ints, operands: Sequence[Ints], rank: int, width: int, processors: int
) -> Launch:
    """Return the launch of an elementwise kernel.

    Parameters
    ----------
    shape : tuple of int
        Lengths of the space; no length is 0.
    operands : sequence of tuple of int
        Strides in elements, those of an output last.
    rank : int
        Dimensions that the kernel's text has.
    width : int
        Elements of a wide access.
    processors : int
        Multiprocessors of the device.
    """
    order = order_of(shape, operands[-1]) if operands else tuple(range(len(shape)))
    dims, strides = collapsed(
        [shape[d] for d in order], [[own[d] for d in order] for own in operands]
    )
    n = math.prod(dims)
    bits = 32 if _reach(dims, strides) < INT32_SAFE else 64
    code = "i" if bits == 32 else "q"
    if len(dims) <= 1 and all([own in ((), (1,)) for own in strides]):
        heads = [_padded(struct.pack(f"2{code}", n, packs)) for packs in (n // width, 0)]
        threads = min(THREADS, max(32, _power_above(-(-n // width))))
        blocks = max(1, min(-(-n // (threads * width)), processors * 16))
        return Launch("flat", bits, (blocks, 1), (threads, 1, 1), heads[0], heads[1])
    space, steps = max(1, rank), []
    lengths = (1,) * (space - len(dims)) + dims
    for own in strides:
        steps += [0] * (space - len(dims)) + list(own)
    columns = dims[-1]
    rows = n // columns
    along = min(THREADS, _power_above(columns))
    down = THREADS // along
    blocks_x = min(-(-columns // along), processors * 32)
    blocks_y = min(-(-rows // down), max(1, processors * 32 // blocks_x), MOST_BLOCKS_Y)
    numbers = [rows, columns, *lengths, *steps]
    head = _padded(struct.pack(f"{len(numbers)}{code}", *numbers))
    return Launch("strided", bits, (blocks_x, blocks_y), (along, down, 1), head, head)


def reduction_launch(
    shape: Ints, reduced: Sequence[bool], operands: Sequence[Ints], processors: int
) -> Reduction:
    """Return the launches of a reduction.

    Parameters
    ----------
    shape : tuple of int
        Lengths of the space; no length is 0.
    reduced : sequence of bool
        Which dimensions are reduced.
    operands : sequence of tuple of int
        Strides in elements, 0 where an operand stays in place.
    processors : int
        Multiprocessors of the device.
    """
    kept = [d for d in range(len(shape)) if not reduced[d]]
    folded = [d for d in range(len(shape)) if reduced[d]]
    if operands:
        folded = [folded[i] for i in order_of(folded, [operands[0][d] for d in folded])]
    kept_dims, by_kept = collapsed(
        [shape[d] for d in kept], [[own[d] for d in kept] for own in operands]
    )
    folded_dims, by_folded = collapsed(
        [shape[d] for d in folded], [[own[d] for d in folded] for own in operands]
    )
    outputs, length = math.prod(kept_dims), math.prod(folded_dims)
    along = outputs == 1 or _steps_less(by_folded, by_kept)
    lanes = _lanes(outputs, length, along)
    blocks = -(-outputs // (THREADS // lanes))
    splits = _splits(blocks, length, lanes, processors)
    chunk = -(-length // splits)
    chunk = -(-chunk // lanes) * lanes
    splits = -(-length // chunk)
    ranks = max(1, len(kept)), max(1, len(folded))
    reach = _reach(
        kept_dims + folded_dims, [a + b for a, b in zip(by_kept, by_folded, strict=True)]
    )
    bits = 32 if max(reach, outputs * splits) < INT32_SAFE else 64
    numbers = [outputs, length, chunk, lanes, int(along)]
    first = _reduce_launch(
        bits, numbers, ranks, (kept_dims, folded_dims), (by_kept, by_folded), (blocks, splits)
    )
    if splits == 1:
        return Reduction(outputs, 1, first, None)
    return Reduction(outputs, splits, first, _second(bits, outputs, splits))


def _second(bits: int, outputs: int, splits: int) -> Launch:
    """Return the launch that folds rows of partial results; the kernel reads one array or more."""
    lanes = _lanes(outputs, splits, False)
    numbers = [outputs, splits, splits, lanes, 0]
    blocks = -(-outputs // (THREADS // lanes))
    dims, steps = ((outputs,), (splits,)), ([(1,)], [(outputs,)])
    return _reduce_launch(bits, numbers, (1, 1), dims, steps, (blocks, 1))


def for_several(launch: Launch, count: int) -> Launch:
    """Return the launch of a kernel that folds partial results of `count` reductions at once."""
    code, size = ("i", 4) if launch.bits == 32 else ("q", 8)
    numbers = struct.unpack(f"9{code}", launch.head[: 9 * size])
    more = [*numbers[:7], *[numbers[7]] * count, *[numbers[8]] * count]
    head = _padded(struct.pack(f"{len(more)}{code}", *more))
    return Launch(launch.loop, launch.bits, launch.grid, launch.block, head, head)


def _reduce_launch(
    bits: int,
    numbers: Sequence[int],
    ranks: tuple[int, int],
    dims: tuple[Ints, Ints],
    steps: tuple[Sequence[Ints], Sequence[Ints]],
    grid: Ints,
) -> Launch:
    everything = list(numbers)
    for rank, lengths in zip(ranks, dims, strict=True):
        everything += [1] * (rank - len(lengths)) + list(lengths)
    for rank, operands in zip(ranks, steps, strict=True):
        for own in operands or [()]:
            everything += [0] * (rank - len(own)) + list(own)
    code = "i" if bits == 32 else "q"
    head = _padded(struct.pack(f"{len(everything)}{code}", *everything))
    return Launch("reduce", bits, (grid[0], grid[1]), (THREADS, 1, 1), head, head)


def _lanes(outputs: int, length: int, along: bool) -> int:
    """Return how many threads make one output: a power of two."""
    if along:
        return min(THREADS, _power_above(-(-length // 4)))
    groups = min(THREADS, max(32, THREADS // _power_above(-(-length // 8))))
    groups = min(groups, _power_above(outputs))
    return min(THREADS // groups, _power_above(length))


def _splits(blocks: int, length: int, lanes: int, processors: int) -> int:
    """Return how many blocks make one output where there are too few outputs for the device."""
    if blocks >= processors * 2:
        return 1
    return max(1, min(processors * 8 // blocks, length // (lanes * 8), MOST_SPLITS))


def _steps_less(by_folded: Sequence[Ints], by_kept: Sequence[Ints]) -> bool:
    """Tell whether neighbours along the reduced dimensions lie closer than those along others."""
    for folded, kept in zip(by_folded, by_kept, strict=True):
        near = min([abs(s) for s in folded if s], default=0)
        far = min([abs(s) for s in kept if s], default=0)
        if near and far:
            return near < far
    return False


def _reach(dims: Ints, operands: Sequence[Ints]) -> int:
    """Return a bound of all indices."""
    spans = [
        sum([abs(s) * (n - 1) for s, n in zip(own, dims, strict=True)]) + 1 for own in operands
    ]
    return max([math.prod(dims), *spans])


def _power_above(n: int) -> int:
    """Return the smallest power of two that is not below `n`."""
    return 1 << max(0, n - 1).bit_length()


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 8)
