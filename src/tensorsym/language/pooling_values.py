"""Pooling of arrays: the meaning of the ops, by NumPy, over any number of last axes.

An array is padded so that every window is whole; then the windows' elements at one place after the
other are strided views of it, as large as the output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Windows", "max_gradient", "maximum_of", "pooled", "spread", "total_at_maximum"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows that pool the last axes of an array.

    Attributes
    ----------
    lengths, output : tuple of int
        Lengths of the axes before and after pooling.
    window, stride, pad : tuple of int
        Size and step of a window, zeros at both ends, per axis.
    """

    lengths: tuple[int, ...]
    output: tuple[int, ...]
    window: tuple[int, ...]
    stride: tuple[int, ...]
    pad: tuple[int, ...]

    def padded(self, x: Array, value: Any) -> Array:
        """Return `x` with `value` around it, so that every window is whole."""
        margins = [(0, 0)] * (x.ndim - len(self.window))
        margins += [(p, self._behind(axis)) for axis, p in enumerate(self.pad)]
        return np.pad(x, margins, constant_values=value)

    def _behind(self, axis: int) -> int:
        reached = (self.output[axis] - 1) * self.stride[axis] + self.window[axis]
        return max(0, reached - self.pad[axis] - self.lengths[axis])

    def views(self, padded: Array) -> Iterator[Array]:
        """Yield for each place of a window the elements at it, one per window."""
        for place in np.ndindex(*self.window):
            steps = zip(place, self.stride, self.output, strict=True)
            yield padded[
                (..., *[slice(at, at + s * n, s) if n else slice(0) for at, s, n in steps])
            ]

    def inside(self, padded: Array) -> Array:
        """Return the part of a padded array that the pooled one had."""
        parts: tuple[Any, ...] = (
            ...,
            *[slice(p, p + n) for p, n in zip(self.pad, self.lengths, strict=True)],
        )
        return np.ascontiguousarray(padded[parts])

    def counts(self, with_padding: bool) -> Array:
        """Return how many elements each window has."""
        counts = np.ones((), dtype="int64")
        for axis, n in enumerate(self.output):
            pad, length = self.pad[axis], self.lengths[axis]
            starts = np.arange(n) * self.stride[axis]
            ends = np.minimum(starts + self.window[axis], length + 2 * pad)
            if not with_padding:
                starts, ends = np.maximum(starts, pad), np.minimum(ends, length + pad)
            counts = counts[..., None] * (ends - starts)
        return counts


def _lowest(dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "b":
        return False
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def maximum_of(x: Array, windows: Windows) -> Array:
    """Return the largest element of each window; padding does not count, NaN is largest."""
    out = np.full((*x.shape[: x.ndim - len(windows.window)], *windows.output), _lowest(x.dtype))
    out = out.astype(x.dtype)
    for view in windows.views(windows.padded(x, _lowest(x.dtype))):
        np.maximum(out, view, out=out)
    return out


def pooled(x: Array, windows: Windows, mode: str) -> Any:
    """Return the sum of each window, or its average with or without padding."""
    wide = np.dtype("float32") if x.dtype == "float16" else x.dtype
    out = np.zeros((*x.shape[: x.ndim - len(windows.window)], *windows.output), dtype=wide)
    for view in windows.views(windows.padded(x, 0)):
        out += view
    if mode != "sum":
        counts = windows.counts(mode == "average_inc_pad")
        with np.errstate(all="ignore"):
            out = out / counts.astype(wide if wide.kind == "f" else "int64")
    return out.astype(x.dtype, copy=False)


def _to_spread(g: Array, windows: Windows, mode: str) -> Any:
    if mode == "sum":
        return g
    return g / windows.counts(mode == "average_inc_pad").astype(g.dtype)


def spread(g: Array, windows: Windows, mode: str, dtype: Any) -> Any:
    """Return the gradient of `pooled`: each window's share for each of its elements."""
    padded = windows.padded(
        np.zeros((*g.shape[: g.ndim - len(windows.window)], *windows.lengths)), 0
    )
    padded = padded.astype(np.result_type(g.dtype, np.float32))
    share = _to_spread(g.astype(padded.dtype), windows, mode)
    for view in windows.views(padded):
        np.add(view, share, out=view)
    return windows.inside(padded).astype(dtype, copy=False)


def max_gradient(x: Array, out: Array, g: Array, windows: Windows) -> Array:
    """Return for each element the gradients of the windows of which it is (one of) the largest."""
    padded = windows.padded(np.zeros(x.shape, dtype=np.result_type(g.dtype, np.float32)), 0)
    pairs = zip(
        windows.views(padded), windows.views(windows.padded(x, _lowest(x.dtype))), strict=True
    )
    for view, elements in pairs:
        np.add(view, np.where(elements == out, g, 0), out=view)
    return windows.inside(padded).astype(g.dtype, copy=False)


def total_at_maximum(x: Array, out: Array, t: Array, windows: Windows) -> Array:
    """Return for each window the sum of `t` at the places where `x` is the window's largest."""
    total = np.zeros(out.shape, dtype=np.result_type(t.dtype, np.float32))
    pairs = zip(
        windows.views(windows.padded(t, 0)),
        windows.views(windows.padded(x, _lowest(x.dtype))),
        strict=True,
    )
    for view, elements in pairs:
        total += np.where(elements == out, view, 0)
    return total.astype(t.dtype, copy=False)
