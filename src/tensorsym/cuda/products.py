"""Products of matrices and vectors on a device: cuBLAS where it is found, else tiles of our own.

Row-major matrices are transposed column-major ones: cuBLAS computes y.T @ x.T.
"""

from __future__ import annotations

import functools
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.codegen.cuda_library import library_for
from tensorsym.codegen.cuda_scalar import load, storage_type, store, value_type
from tensorsym.codegen.templates import fill_template
from tensorsym.cuda.failure import InstructionError
from tensorsym.cuda.source import KernelSource
from tensorsym.schedule.failures import INNER_LENGTHS, LENGTHS_DIFFER

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.schedule.plan import LibraryCall

__all__ = ["batched_product", "library_call"]

TILE = 16
MOST_BLOCKS_Z = 65535


def library_call(context: Context, call: LibraryCall) -> Any:
    """Return what runs a product: called with the slots' values, it fills that of its result."""
    ranks = {"gemm": (2, 2), "gemv": (2, 1), "ger": (1, 1), "dot": (1, 1)}[call.routine]

    def run(values: list[Any]) -> None:
        x, y = values[call.x], values[call.y]
        z = None if call.z is None else values[call.z]
        if call.routine == "ger":
            x, y = _column(x), _row(y)
        else:
            x = x if ranks[0] == 2 else _row(x)
            y = y if ranks[1] == 2 else _column(y)
        if x.shape[1] != y.shape[0]:
            raise InstructionError(INNER_LENGTHS)
        shape = x.shape[0], y.shape[1]
        own = {"gemv": shape[:1], "dot": ()}.get(call.routine, shape)
        if z is not None:
            for d, (mine, theirs) in enumerate(zip(own, z.shape, strict=True)):
                if mine != theirs:
                    raise InstructionError(LENGTHS_DIFFER, d)
            z = _column(z) if call.routine == "gemv" else z
        alpha = 1 if call.alpha is None else values[call.alpha].item()
        beta = 0 if z is None else 1 if call.beta is None else values[call.beta].item()
        result = product(context, x, y, z if beta != 0 else None, alpha, beta)
        size = result.dtype.itemsize
        if call.routine == "gemv":
            result = result.view(own, (size,))
        values[call.output] = result.view((), ()) if call.routine == "dot" else result

    return run


def _row(vector: DeviceArray) -> DeviceArray:
    return vector.view((1, *vector.shape), (0, *vector.strides))


def _column(vector: DeviceArray) -> DeviceArray:
    return vector.view((*vector.shape, 1), (*vector.strides, 0))


def product(
    context: Context, x: DeviceArray, y: DeviceArray, z: DeviceArray | None, alpha: Any, beta: Any
) -> DeviceArray:
    """Return `alpha * x @ y + beta * z` of matrices."""
    batch = [_as_batch(a) for a in (x, y)]
    result = _product(context, batch[0], batch[1], None if z is None else _as_batch(z), alpha, beta)
    return result.view(result.shape[1:], result.strides[1:])


def batched_product(context: Context, x: DeviceArray, y: DeviceArray) -> DeviceArray:
    """Return the products of the matrices of two batches of equal length."""
    return _product(context, x, y, None, 1, 0)


def _as_batch(matrix: DeviceArray) -> DeviceArray:
    return matrix.view((1, *matrix.shape), (0, *matrix.strides))


def _product(
    context: Context, x: DeviceArray, y: DeviceArray, z: DeviceArray | None, alpha: Any, beta: Any
) -> DeviceArray:
    count, m, k = x.shape
    n = y.shape[2]
    out = context.empty((count, m, n), x.dtype)
    if out.size == 0:
        return out
    library = context.library
    if library is not None and k > 0 and x.dtype.kind in "fc":
        if z is not None:
            context.copy(out, z)
        library.gemm(context, x, y, out, alpha, beta if z is not None else 0)
        return out
    _own_product(context, (x, y, z), out, (alpha, beta))
    return out


def _own_product(
    context: Context,
    operands: tuple[DeviceArray, DeviceArray, DeviceArray | None],
    out: DeviceArray,
    scales: tuple[Any, Any],
) -> None:
    x, y, z = operands
    count, m, n = out.shape
    k, size = x.shape[2], x.dtype.itemsize
    steps = [[s // size for s in a.strides] if a is not None else [0, 0, 0] for a in operands]
    numbers = [m, n, k, int(z is not None), *steps[0], *steps[1], *steps[2]]
    wide: Any = np.dtype("float32") if x.dtype == np.float16 else x.dtype
    alpha, beta = (np.asarray(scale, wide)[()] for scale in scales)
    source = _source(x.dtype.name)
    for start in range(0, count, MOST_BLOCKS_Z):
        part = min(MOST_BLOCKS_Z, count - start)
        parts = [
            a if a is None else a.view(a.shape, a.strides, start * a.strides[0])
            for a in (out, x, y, z)
        ]
        pointers = struct.pack("4Q", *[0 if a is None else a.pointer for a in parts])
        arguments = struct.pack("13q", *numbers) + pointers + alpha.tobytes() + beta.tobytes()
        grid = -(-n // TILE), -(-m // TILE), part
        context.launch(source, grid, (TILE * TILE, 1, 1), [arguments])


@functools.cache
def _source(dtype: str) -> KernelSource:
    zero = {"complex64": "ts_make<float>(0, 0)", "complex128": "ts_make<double>(0, 0)"}.get(
        dtype, "0"
    )
    text = fill_template(
        "gemm",
        storage=storage_type(dtype),
        value=value_type(dtype),
        zero=zero,
        load_x=load("x[row * s.x[1] + a * s.x[2]]", dtype),
        load_y=load("y[b * s.y[1] + column * s.y[2]]", dtype),
        load_z=load("z[row * s.z[1] + column * s.z[2]]", dtype),
        store=store("value", dtype),
    )
    return KernelSource("gemm", library_for(text) + "\n" + text)
