"""Device ops against their reference: one node, its arrays on both sides."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorsym.cuda.array import DeviceArray
from tensorsym.cuda.ops import find_device_op, number_inputs
from tensorsym.graph.op import evaluate
from tensorsym.language.tensortype import TensorType

__all__ = ["agrees", "computed", "node_of", "refused_alike"]


def node_of(op: Any, *arguments: Any) -> tuple[Any, list[Any]]:
    """Return a node on variables of the arrays' types, and the arrays; Python numbers are
    constants."""
    variables, arrays = [], []
    for argument in arguments:
        array = np.asarray(argument)
        arrays.append(array)
        if isinstance(argument, np.ndarray | np.generic):
            variables.append(TensorType(array.dtype.name, shape=(None,) * array.ndim)())
        else:
            variables.append(argument)
    node = op.make_node(*variables)
    return node, [
        np.asarray(a, dtype=v.type.dtype) if a.ndim == 0 else a
        for a, v in zip(arrays, node.inputs, strict=True)
    ]


def on_device(context: Any, array: np.ndarray) -> DeviceArray:
    """Return an array on the device with the strides it has on the host."""
    low, high = np.lib.array_utils.byte_bounds(array) if array.size else (0, 0)
    if array.flags.c_contiguous or array.size == 0 or high - low > 64 * array.nbytes + 64:
        return context.from_host(array)
    start = array.__array_interface__["data"][0] - low
    memory = np.zeros(high - low, "u1")
    view = np.ndarray(array.shape, array.dtype, memory, start, array.strides)
    view[...] = array
    whole = context.from_host(memory)
    return DeviceArray(
        context, whole.owner, whole.pointer + start, array.shape, array.strides, array.dtype
    )


def computed(context: Any, node: Any, arrays: list[np.ndarray]) -> list[np.ndarray] | None:
    """Return what the device computes, or None where it has no kernel; the inputs stay."""
    function = find_device_op(node)
    assert function is not None, node
    numbers = number_inputs(node)
    inputs: list[Any] = [a if i in numbers else on_device(context, a) for i, a in enumerate(arrays)]
    results = function(context, node, inputs)
    if results is None:
        return None
    values = [context.to_host(r) for r in results]
    destroyed = {i for indices in node.op.destroy_map.values() for i in indices}
    for i, (array, held) in enumerate(zip(arrays, inputs, strict=True)):
        if i not in destroyed:
            np.testing.assert_array_equal(np.asarray(held), array)
    return values


def agrees(context: Any, op: Any, *arguments: Any, ulps: float = 0) -> None:
    """Assert that device and reference give the same, but for rounding.

    That is some ulps of the largest number among inputs and results.
    """
    node, arrays = node_of(op, *arguments)
    expected = evaluate(node, [a.copy(order="K") for a in arrays])
    results = computed(context, node, arrays)
    assert results is not None
    values = [np.asarray(value) for value in expected]
    for result, value, output in zip(results, values, node.outputs, strict=True):
        assert result.dtype == output.type.dtype == value.dtype
        assert result.shape == value.shape
        if ulps == 0 or result.dtype.kind in "biu":
            np.testing.assert_array_equal(result, value)
            continue
        involved = [np.abs(a[np.isfinite(a)]) for a in (*arrays, value) if a.dtype.kind in "fc"]
        scale = max([float(a.max()) for a in involved if a.size], default=1.0)
        np.testing.assert_allclose(
            result.astype("f8"), value.astype("f8"), rtol=0,
            atol=ulps * np.finfo(value.dtype).eps * scale,
        )  # fmt: skip


def refused_alike(context: Any, op: Any, *arguments: Any) -> BaseException:
    """Assert that the device raises what the reference raises; return it."""
    node, arrays = node_of(op, *arguments)
    errors = []
    for attempt in (lambda: evaluate(node, arrays), lambda: computed(context, node, arrays)):
        try:
            attempt()
        except Exception as error:
            errors.append(error)
    assert len(errors) == 2, errors
    assert (type(errors[0]), str(errors[0])) == (type(errors[1]), str(errors[1]))
    return errors[0]
