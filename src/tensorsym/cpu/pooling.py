"""Pooling by `_pool`: nodes of float32 or float64 over up to three axes; all others run NumPy."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cpu import _pool
from tensorsym.graph.op import evaluate
from tensorsym.language.pooling import Pool
from tensorsym.language.pooling_gradients import (
    AveragePoolGrad,
    DownsampleFactorMaxGradGrad,
    MaxPoolGrad,
)
from tensorsym.schedule.hostcalls import COMPILED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.graph.variable import Apply
    from tensorsym.language.pooling_values import Windows

    Array = np.ndarray[Any, Any]
    Shape = tuple[int, ...]
    Call = Callable[[list[Any]], list[Any]]

__all__: list[str] = []


class _Form:
    """A pooling of an array of known shape, in the words of `_pool`."""

    def __init__(self, shape: Shape, windows: Windows) -> None:
        missing = 3 - len(windows.lengths)
        leading = shape[: len(shape) - len(windows.lengths)]
        ones = (1,) * missing
        self.pooled_shape = (*leading, *windows.output)
        self.shape = (prod(leading), *ones, *windows.lengths)
        self.output = (prod(leading), *ones, *windows.output)
        self.settings = (
            (*ones, *windows.window),
            (*ones, *windows.stride),
            (*(0,) * missing, *windows.pad),
        )
        self.is_empty = 0 in self.shape or 0 in self.output


def _flat(array: Array) -> Array:
    return np.ascontiguousarray(array).reshape(-1)


def _pooled(op: Any, form: _Form, x: Array) -> Array:
    out = np.empty(form.pooled_shape, dtype=x.dtype)
    _pool.pool(_flat(x), form.shape, form.output, form.settings, op.mode, out.reshape(-1))
    return out


def _max_gradient(op: Any, form: _Form, x: Array, largest: Array, g: Array) -> Array:
    out = np.zeros(x.shape, dtype=x.dtype)
    flat = _flat(x), _flat(largest), _flat(g)
    _pool.max_gradient(*flat, form.shape, form.output, form.settings, out.reshape(-1))
    return out


def _at_maximum(op: Any, form: _Form, x: Array, largest: Array, t: Array) -> Array:
    out = np.empty(form.pooled_shape, dtype=x.dtype)
    flat = _flat(x), _flat(largest), _flat(t)
    _pool.total_at_maximum(*flat, form.shape, form.output, form.settings, out.reshape(-1))
    return out


def _spread(op: Any, form: _Form, x: Array, g: Array) -> Array:
    out = np.zeros(x.shape, dtype=x.dtype)
    _pool.spread(_flat(g), form.shape, form.output, form.settings, op.mode, out.reshape(-1))
    return out


@COMPILED.register(Pool)
def _call_of_pool(node: Apply) -> Call | None:
    return _call(node, _pooled)


@COMPILED.register(MaxPoolGrad)
def _call_of_max_gradient(node: Apply) -> Call | None:
    return _call(node, _max_gradient)


@COMPILED.register(DownsampleFactorMaxGradGrad)
def _call_of_at_maximum(node: Apply) -> Call | None:
    return _call(node, _at_maximum)


@COMPILED.register(AveragePoolGrad)
def _call_of_spread(node: Apply) -> Call | None:
    return _call(node, _spread)


def _call(node: Apply, compute: Callable[..., Array]) -> Call | None:
    """Return what computes a pooling, or None where NumPy does."""
    op: Any = node.op
    types: list[Any] = [v.type for v in (*node.inputs[:-3], *node.outputs)]
    if op.ndim > 3 or {t.dtype for t in types} not in ({"float32"}, {"float64"}):
        return None

    def call(arguments: list[Any]) -> list[Any]:
        *arrays, ws, stride, pad = arguments
        form = _Form(arrays[0].shape, op.windows(node, arrays[0].shape, ws, stride, pad))
        if form.is_empty:
            return evaluate(node, arguments)
        return [compute(op, form, *arrays)]

    return call
