"""Convolutions of arrays: the meaning of the ops, by NumPy, of any dtype and number of axes.

A padded image is seen as windows, one per element of the output; what is left is a sum of
products, which `einsum` hands to BLAS where it can. Filters are correlated as they lie: whoever
wants a convolution hands in flipped ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Geometry", "correlate", "image_gradient", "weight_gradient"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Geometry:
    """What is fixed of a convolution once its arrays are known.

    Attributes
    ----------
    pads : tuple of pair of int
        Zeros before and after each axis.
    subsample, dilation : tuple of int
        Steps of the output and inside the filter.
    groups : int
        Groups of channels, each convolved by its own filters.
    unshared : bool
        Whether every element of the output has filters of its own.
    """

    pads: tuple[tuple[int, int], ...]
    subsample: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int = 1
    unshared: bool = False

    @property
    def n_axes(self) -> int:
        """Number of axes convolved over."""
        return len(self.pads)

    def output_lengths(self, image: tuple[int, ...], kernel: tuple[int, ...]) -> tuple[int, ...]:
        """Return the output's lengths, never below 0."""
        settings = zip(image, kernel, self.pads, self.subsample, self.dilation, strict=True)
        return tuple(
            [max(0, (n + sum(pad) - (k - 1) * d - 1) // s + 1) for n, k, pad, s, d in settings]
        )


def _wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype sums are taken in."""
    return np.dtype("float32") if dtype == "float16" else dtype


def _padded(image: Array, geometry: Geometry) -> Array:
    return np.pad(image, ((0, 0), (0, 0), *geometry.pads))


def _windows(padded: Array, kernel: tuple[int, ...], geometry: Geometry) -> Array:
    """Return (batch, group, channel, *output, *kernel): a view of a padded image."""
    batch, channels, *lengths = padded.shape
    groups = geometry.groups
    inside = Geometry(((0, 0),) * geometry.n_axes, geometry.subsample, geometry.dilation)
    output = inside.output_lengths(tuple(lengths), kernel)
    along_batch, along_channels, *along = padded.strides
    per_group = channels // groups
    shape = (batch, groups, per_group, *output, *kernel)
    strides = (
        along_batch,
        along_channels * per_group,
        along_channels,
        *[s * n for s, n in zip(along, geometry.subsample, strict=True)],
        *[s * n for s, n in zip(along, geometry.dilation, strict=True)],
    )
    return np.lib.stride_tricks.as_strided(padded, shape, strides)


def _letters(geometry: Geometry) -> tuple[str, str, str]:
    """Return the subscripts of windows, filters by group, and outputs by group."""
    output, kernel = "xyz"[: geometry.n_axes], "uvw"[: geometry.n_axes]
    own = output if geometry.unshared else ""
    return f"bgc{output}{kernel}", f"gm{own}c{kernel}", f"bgm{output}"


def _by_group(array: Array, axis: int, groups: int) -> Array:
    """Return an array whose channels along `axis` are split into groups and channels of a group."""
    shape = array.shape
    return array.reshape(
        *shape[:axis], groups, shape[axis] // groups if shape[axis] else 0, *shape[axis + 1 :]
    )


def correlate(image: Array, kernel: Array, geometry: Geometry, dtype: Any) -> Array:
    """Return the output, (batch, filters, *lengths), of `dtype`."""
    image, kernel = (a.astype(_wide(np.dtype(dtype)), copy=False) for a in (image, kernel))
    windows = _windows(_padded(image, geometry), kernel.shape[-geometry.n_axes :], geometry)
    of_windows, of_kernel, of_output = _letters(geometry)
    found = np.einsum(
        f"{of_windows},{of_kernel}->{of_output}",
        windows,
        _by_group(kernel, 0, geometry.groups),
        optimize=True,
    )
    batch, _, _, *lengths = found.shape
    output: Array = found.reshape(batch, kernel.shape[0], *lengths).astype(dtype, copy=False)
    return output


def weight_gradient(
    image: Array, top: Array, lengths: tuple[int, ...], geometry: Geometry, dtype: Any
) -> Array:
    """Return the gradient with respect to filters of `lengths`, given that of the output."""
    image, top = (a.astype(_wide(np.dtype(dtype)), copy=False) for a in (image, top))
    windows = _windows(_padded(image, geometry), lengths, geometry)
    of_windows, of_kernel, of_output = _letters(geometry)
    found = np.einsum(
        f"{of_windows},{of_output}->{of_kernel}",
        windows,
        _by_group(top, 1, geometry.groups),
        optimize=True,
    )
    kernel: Array = found.reshape(top.shape[1], *found.shape[2:]).astype(dtype, copy=False)
    return kernel


def image_gradient(
    kernel: Array, top: Array, lengths: tuple[int, ...], geometry: Geometry, dtype: Any
) -> Array:
    """Return the gradient with respect to an image of `lengths`, given that of the output."""
    kernel, top = (a.astype(_wide(np.dtype(dtype)), copy=False) for a in (kernel, top))
    n_axes, groups = geometry.n_axes, geometry.groups
    channels = kernel.shape[-n_axes - 1] * groups
    whole = [n + sum(pad) for n, pad in zip(lengths, geometry.pads, strict=True)]
    padded = np.zeros((top.shape[0], channels, *whole), dtype=top.dtype)
    # A view as one array of channels by group: elements of windows overlap, so they are added one
    # place of the filter after the other.
    windows = _windows(padded, kernel.shape[-n_axes:], geometry)
    of_windows, of_kernel, of_output = _letters(geometry)
    filters, by_group = _by_group(kernel, 0, groups), _by_group(top, 1, groups)
    for place in np.ndindex(*kernel.shape[-n_axes:]):
        windows[(..., *place)] += np.einsum(
            f"{of_kernel[:-n_axes]},{of_output}->{of_windows[:-n_axes]}",
            filters[(..., *place)],
            by_group,
            optimize=True,
        )
    pairs = zip(geometry.pads, lengths, strict=True)
    inside: tuple[Any, ...] = (..., *[slice(before, before + n) for (before, _), n in pairs])
    return np.ascontiguousarray(padded[inside]).astype(dtype, copy=False)
