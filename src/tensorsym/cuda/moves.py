"""Elements moved on a device: copies of any strides, with a cast or added; transposes; fills.

What an op only arranges is a view of its result, and a move into it. Sources broadcast by strides
of 0. Nothing here checks lengths: views come from the ops, which do.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tensorsym.codegen.space import collapsed, order_of
from tensorsym.cuda.scalars import REAL, cast_text, kernel, scalar_of, sum_text
from tensorsym.cuda.source import BLOCK, LARGEST_INT32

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.cuda.array import DeviceArray, Shape
    from tensorsym.cuda.source import KernelSource

__all__ = ["as_dtype", "broadcast", "can_move", "filled", "index_of", "move", "take"]

WORDS = {1: "ts_u8", 2: "ts_u16", 4: "ts_u32", 8: "ts_u64", 16: "uint4"}
TILE = 32
# Below this many rows or columns a tile of a transpose is mostly empty.
LEAST_SIDE = 8
MOST_BLOCKS_Y = 65535


class Launcher(Protocol):
    """What moves ask of the `Context`, which has them for its own copies."""

    def empty(self, shape: Shape, dtype: Any) -> DeviceArray:
        """Return a contiguous array whose elements are undefined."""

    def grid_for(self, n: int) -> tuple[int, int, int]:
        """Return blocks for a loop of `n` steps."""

    def launch(
        self,
        source: KernelSource,
        grid: tuple[int, ...],
        block: tuple[int, ...],
        arguments: Sequence[DeviceArray | np.generic | bytes],
    ) -> None:
        """Run a kernel."""


def index_of(n: int) -> tuple[str, Any]:
    """Return the type of C and of NumPy that counts to `n`, and a grid further."""
    return ("int", np.int32) if n <= LARGEST_INT32 // 2 else ("long long", np.int64)


def can_move(source: str, target: str) -> bool:
    """Tell whether elements of one dtype can be put where another is kept."""
    is_complex = target.startswith("complex")
    return (source in REAL or source.startswith("complex")) and (
        is_complex or (target in REAL and source in REAL)
    )


def broadcast(array: DeviceArray, shape: Shape) -> DeviceArray:
    """Return a view of a shape, in which lengths of 1 and new dimensions have stride 0.

    Raises
    ------
    ValueError
        If the lengths do not fit.
    """
    new = len(shape) - array.ndim
    if new < 0:
        raise ValueError(f"{array.shape} does not broadcast to {shape}")
    strides = [0] * new
    for own, wanted, stride in zip(array.shape, shape[new:], array.strides, strict=True):
        if own not in (1, wanted):
            raise ValueError(f"{array.shape} does not broadcast to {shape}")
        strides.append(stride if own == wanted else 0)
    return array.view(shape, tuple(strides))


def filled(context: Launcher, shape: Shape, dtype: Any, value: Any = 0) -> DeviceArray:
    """Return a new array with one value everywhere."""
    out = context.empty(shape, dtype)
    size = out.dtype.itemsize
    if out.size:
        index, count = index_of(out.size)
        code = kernel("fill", index=index, type=WORDS[size])
        data = np.asarray(value, dtype=out.dtype).tobytes()
        word: Any = data if size == 16 else np.frombuffer(data, f"u{size}")[0]
        grid = context.grid_for(out.size)
        context.launch(code, grid, (BLOCK, 1, 1), [count(out.size), out, word])
    return out


def as_dtype(context: Launcher, array: DeviceArray, dtype: Any) -> DeviceArray:
    """Return the elements, contiguous and of a dtype; the array itself if it is so."""
    if array.dtype == dtype and array.is_contiguous:
        return array
    out = context.empty(array.shape, dtype)
    move(context, out, array)
    return out


@dataclass(slots=True)
class _Space:
    """What a move goes through: lengths, and the steps of both sides in bytes.

    Attributes
    ----------
    places : DeviceArray, optional
        Offsets in the source along dimension `named`, all divisible by `unit`.
    """

    dims: list[int]
    to: list[int]
    from_: list[int]
    places: DeviceArray | None = None
    named: int = -1
    unit: int = 0

    def widen(self, target: DeviceArray, source: DeviceArray) -> int:
        """Return the largest word whose moves move the elements; change dims and steps to it."""
        size = target.dtype.itemsize
        last = len(self.dims) - 1
        if self.named == last or not self.to[last] == self.from_[last] == size:
            return size
        numbers = [target.pointer, source.pointer, self.dims[last] * size, self.unit]
        numbers += self.to[:last] + self.from_[:last]
        for word in (16, 8, 4, 2):
            if word > size and not any(number % word for number in numbers):
                self.dims[last] = self.dims[last] * size // word
                self.to[last] = self.from_[last] = word
                return word
        return size


def _ordered_space(target: DeviceArray, source: DeviceArray) -> _Space:
    """Return the space of both arrays, in the order in which the target lies in memory."""
    order = order_of(target.shape, target.strides)
    dims, (to, from_) = collapsed(
        [target.shape[d] for d in order],
        [[a.strides[d] for d in order] for a in (target, source)],
    )
    return _Space(list(dims) or [1], list(to) or [0], list(from_) or [0])


def move(
    context: Launcher, target: DeviceArray, source: DeviceArray, *, adds: bool = False
) -> None:
    """Write the elements of a source to a target of its shape, in the target's dtype.

    Parameters
    ----------
    adds : bool
        Whether they are added to what is there; both dtypes are the same then.
    """
    if target.size == 0:
        return
    space = _ordered_space(target, source)
    if not adds and source.dtype == target.dtype and _transpose(context, target, source, space):
        return
    _launch(context, target, source, space, adds=adds)


def take(
    context: Launcher,
    target: DeviceArray,
    source: DeviceArray,
    places: DeviceArray,
    dim: int,
    unit: int,
) -> None:
    """Write elements of a source, of the target's shape and dtype, whose places are listed.

    Parameters
    ----------
    target : DeviceArray
        Contiguous.
    source : DeviceArray
        Its stride along `dim` is not used.
    places : DeviceArray
        Offsets in bytes along that dimension, int64.
    dim : int
        The dimension.
    unit : int
        What divides all places.
    """
    sides = []
    for part in (slice(None, dim), slice(dim + 1, None)):
        dims, (to, from_) = collapsed(
            target.shape[part], [target.strides[part], source.strides[part]]
        )
        sides.append((list(dims), list(to), list(from_)))
    (before, to_before, from_before), (after, to_after, from_after) = sides
    space = _Space(
        [*before, target.shape[dim], *after],
        [*to_before, target.strides[dim], *to_after],
        [*from_before, 0, *from_after],
        places,
        len(before),
        unit,
    )
    _launch(context, target, source, space)


def _launch(
    context: Launcher,
    target: DeviceArray,
    source: DeviceArray,
    space: _Space,
    *,
    adds: bool = False,
) -> None:
    if adds or source.dtype != target.dtype:
        names = source.dtype.name, target.dtype.name
        kept, store = (scalar_of(name) for name in names)
        holes = {
            "kept": kept.store, "store": store.store, "wide": kept.wide,
            "loaded": kept.load("*source"),
            "stored": sum_text(names[1]) if adds else cast_text(*names),
            "there": f"const {store.wide} y = {store.load('*target')};" if adds else "",
        }  # fmt: skip
    else:
        word = WORDS[space.widen(target, source)]
        holes = {"kept": word, "store": word, "wide": word, "loaded": "*source"}
        holes |= {"stored": "x", "there": ""}
    n, rank = math.prod(space.dims), len(space.dims)
    index, count = index_of(n)
    effect = "added to what is there" if adds else "replacing what is there"
    code = kernel("move", index=index, rank=rank, named=space.named, effect=effect, **holes)
    numbers = struct.pack(f"{3 * rank}q", *space.dims, *space.to, *space.from_)
    places = target if space.places is None else space.places
    arguments = [count(n), target, source, places, numbers]
    context.launch(code, context.grid_for(n), (BLOCK, 1, 1), arguments)


def _transpose(context: Launcher, target: DeviceArray, source: DeviceArray, space: _Space) -> bool:
    """Move by tiles if the elements that lie side by side differ; tell whether it was done."""
    size = target.dtype.itemsize
    dims, to, from_ = space.dims, space.to, space.from_
    if not 2 <= len(dims) <= 4 or to[-1] != size or from_[-1] == size or size not in from_:
        return False
    side = from_.index(size)
    if dims[-1] < LEAST_SIDE or dims[side] < LEAST_SIDE:
        return False
    batch = [d for d in range(len(dims) - 1) if d != side]
    tiles = -(-dims[-1] // TILE) * -(-dims[side] // TILE)
    if max(tiles, math.prod([dims[d] for d in batch])) > LARGEST_INT32:
        return False
    padding = 2 - len(batch)
    lengths = [1] * padding + [dims[d] for d in batch]
    steps = [[0] * padding + [s[d] for d in batch] for s in (from_, to)]
    numbers = struct.pack(
        "10q", dims[-1], dims[side], from_[-1], to[side], math.prod(lengths), lengths[1],
        *steps[0], *steps[1],
    )  # fmt: skip
    code = kernel("transpose", type=WORDS[size])
    grid = tiles, min(math.prod(lengths), MOST_BLOCKS_Y), 1
    context.launch(code, grid, (TILE, 8, 1), [target, source, numbers])
    return True
