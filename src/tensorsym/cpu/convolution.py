"""Convolutions by `_conv`: nodes of float32 or float64 with shared filters; NumPy runs others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cpu import _conv
from tensorsym.cpu.blas import cython_blas, load_routines
from tensorsym.graph.op import evaluate
from tensorsym.language.convolution import (
    AbstractConv,
    AbstractConvGradInputs,
    AbstractConvGradWeights,
)
from tensorsym.schedule.hostcalls import COMPILED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.graph.variable import Apply

    Array = np.ndarray[Any, Any]
    Shape = tuple[int, ...]
    Call = Callable[[list[Any]], list[Any]]

__all__: list[str] = []

# From as many values per row of the filter on, columns hold one row of it: one product per row.
LONG_ROW = 64
# BLAS counts in C's int.
LARGEST = 2**31 - 1


def _five(shape: Shape, filler: int = 1) -> Shape:
    """Return a shape, or settings per axis, with a depth of its own where there is none."""
    return shape if len(shape) in (3, 5) else (*shape[:-2], filler, *shape[-2:])


class _Form:
    """A convolution of arrays of known shapes, in the words of `_conv`."""

    def __init__(self, op: Any, image: Shape, kernel: Shape, output: Shape) -> None:
        geometry = op.geometry(kernel)
        self.op = op
        self.shapes = _five(image), _five(kernel), _five(output)
        pads = tuple([before for before, _ in geometry.pads])
        self.settings = _five(pads, 0), _five(geometry.subsample), _five(geometry.dilation)
        self.groups = op.num_groups
        _, channels, _, rows, columns = self.shapes[1]
        self.inner = 1 if channels * columns >= LONG_ROW else rows

    @property
    def fits(self) -> bool:
        """Whether no array is empty, and none too long for BLAS."""
        return all(0 < np.prod(shape, dtype=object) <= LARGEST for shape in self.shapes)

    def _split(self) -> Shape:
        filters, channels, depth, rows, columns = self.shapes[1]
        outer = rows // self.inner
        return (
            self.groups,
            filters // self.groups,
            channels,
            depth,
            outer,
            self.inner,
            columns,
        )

    def packed(self, kernel: Array) -> Array:
        """Return filters, flipped if need be, as `_conv` takes them."""
        split = self.op.flipped(kernel).reshape(self._split())
        return np.ascontiguousarray(split.transpose(0, 3, 4, 1, 2, 5, 6)).reshape(-1)

    def unpacked(self, weights: Array, shape: Shape) -> Array:
        """Return filters of a shape from what `_conv` made."""
        groups, filters, channels, depth, outer, inner, columns = self._split()
        split = weights.reshape(groups, depth, outer, filters, channels, inner, columns)
        kernel = split.transpose(0, 3, 4, 1, 2, 5, 6).reshape(shape)
        return np.ascontiguousarray(self.op.flipped(kernel))

    def run(self, routine: Any, first: Array, second: Array, out: Array) -> None:
        """Call one of `_conv`'s functions on arrays laid out flat."""
        first, second = (np.ascontiguousarray(a).reshape(-1) for a in (first, second))
        flat = out.reshape(-1)
        routine(first, second, self.shapes, self.settings, self.groups, self.inner, flat)


def _output(node: Apply, arguments: list[Any]) -> list[Any] | None:
    op: Any = node.op
    image, kernel = arguments
    shape = op.checked_output(node, image.shape, kernel.shape)
    form = _Form(op, image.shape, kernel.shape, shape)
    if not form.fits:
        return None
    out = np.empty(shape, dtype=image.dtype)
    form.run(_conv.output, image, form.packed(kernel), out)
    return [out]


def _weights(node: Apply, arguments: list[Any]) -> list[Any] | None:
    op: Any = node.op
    image, top, lengths = arguments
    shape = op.check(node, image.shape, top.shape, lengths)
    form = _Form(op, image.shape, shape, top.shape)
    if not form.fits:
        return None
    packed = np.zeros(int(np.prod(shape)), dtype=image.dtype)
    form.run(_conv.weight_gradient, image, top, packed)
    return [form.unpacked(packed, shape)]


def _image(node: Apply, arguments: list[Any]) -> list[Any] | None:
    op: Any = node.op
    kernel, top, lengths = arguments
    shape = op.check(node, kernel.shape, top.shape, lengths)
    form = _Form(op, shape, kernel.shape, top.shape)
    if not form.fits:
        return None
    out = np.zeros(shape, dtype=top.dtype)
    form.run(_conv.image_gradient, form.packed(kernel), top, out)
    return [out]


@COMPILED.register(AbstractConv)
def _call_of_output(node: Apply) -> Call | None:
    return _call(node, _output)


@COMPILED.register(AbstractConvGradWeights)
def _call_of_weights(node: Apply) -> Call | None:
    return _call(node, _weights)


@COMPILED.register(AbstractConvGradInputs)
def _call_of_image(node: Apply) -> Call | None:
    return _call(node, _image)


def _call(node: Apply, compute: Callable[[Apply, list[Any]], list[Any] | None]) -> Call | None:
    """Return what computes a convolution, or None where NumPy does."""
    types: list[Any] = [v.type for v in (*node.inputs[:2], *node.outputs)]
    dtypes = {t.dtype for t in types}
    op: Any = node.op
    if op.unshared or dtypes not in ({"float32"}, {"float64"}):
        return None
    load_routines()
    table = cython_blas().__pyx_capi__
    _conv.set_gemm(table["sgemm"], table["dgemm"])

    def call(arguments: list[Any]) -> list[Any]:
        found = compute(node, arguments)
        return evaluate(node, arguments) if found is None else found

    return call
