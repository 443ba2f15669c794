"""Where the extreme elements are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cuda.ops import device_op
from tensorsym.cuda.reference import raise_reference
from tensorsym.cuda.scalars import kernel, scalar_of
from tensorsym.language.extremes import ArgExtreme

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.graph.variable import Apply

__all__: list[str] = []

THREADS = 256
# A result of more elements than this is cut in parts if there are not enough results to fill the
# device; a part should keep a block busy.
PART = 4096
WANTED_BLOCKS = 512


@device_op(ArgExtreme)
def arg_extreme(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Search (outer, length, inner); other axes are moved to the end first."""
    (x,) = inputs
    op: Any = node.op
    axes = tuple(range(x.ndim)) if op.axis is None else op.axis
    kept = [d for d in range(x.ndim) if d not in axes]
    length = math.prod([x.shape[d] for d in axes])
    if length == 0:
        raise_reference(node, inputs)
    if axes and axes != tuple(range(axes[0], axes[0] + len(axes))):
        order = [*kept, *axes]
        x = x.view(tuple([x.shape[d] for d in order]), tuple([x.strides[d] for d in order]))
        inner = 1
    else:
        inner = math.prod(x.shape[axes[-1] + 1 :]) if axes else 1
    x = context.contiguous(x)
    results = x.size // length
    shape = tuple([inputs[0].shape[d] for d in kept])
    out = context.empty(shape, np.int64)
    if results:
        parts = _parts(results, length)
        if parts == 1:
            _search(context, op.name, x, out, (results, length, inner))
        else:
            best = context.empty((results, parts), x.dtype)
            found = context.empty((results, parts), np.int64)
            _search(context, op.name, x, found, (results, length, inner), best=best)
            _search(context, op.name, best, out, (results, parts, 1), found=found)
    return [out]


def _parts(results: int, length: int) -> int:
    """Return into how many parts the length is cut, by its own size and the number of results."""
    wanted = -(-WANTED_BLOCKS // results)
    return max(1, min(wanted, length // PART))


def _search(
    context: Context,
    name: str,
    x: DeviceArray,
    place: DeviceArray,
    space: tuple[int, int, int],
    *,
    best: DeviceArray | None = None,
    found: DeviceArray | None = None,
) -> None:
    """Launch the search over (results, length, inner), of parts if their best elements are kept."""
    results, length, inner = space
    parts = 1 if best is None else best.shape[-1]
    chunk = -(-length // parts)
    lanes = 1
    while lanes < THREADS and lanes < chunk and (inner == 1 or results * lanes < 2**15):
        lanes *= 2
    scalar = scalar_of(x.dtype.name)
    code = kernel(
        "arg_extreme",
        what={"argmax": "largest", "argmin": "smallest"}[name],
        better={"argmax": ">", "argmin": "<"}[name],
        store=scalar.store, wide=scalar.wide, value=scalar.load("x[i]"),
        place="k" if found is None else "found[i]",
        keep="" if best is None
        else f"best[result * gridDim.y + blockIdx.y] = {scalar.stored('values[threadIdx.x]')};",
    )  # fmt: skip
    numbers: list[Any] = [np.int64(n) for n in (results, length, inner, chunk)]
    numbers += [np.int32(lanes), np.int32(inner == 1)]
    arrays = [place if best is None else best, place, x, place if found is None else found]
    grid = -(-results // (THREADS // lanes)), parts, 1
    context.launch(code, grid, (THREADS, 1, 1), [*numbers, *arrays])
