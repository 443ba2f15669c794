"""cuBLAS by ctypes: found where CUDA or a wheel put it, and what products need of it."""

from __future__ import annotations

import ctypes
import glob
import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context

__all__ = ["Library", "candidates", "find_library"]

FUNCTIONS = {"float32": "S", "float64": "D", "complex64": "C", "complex128": "Z"}
SCALARS: dict[str, Any] = {
    "float32": np.float32,
    "float64": np.float64,
    "complex64": np.complex64,
    "complex128": np.complex128,
    "float16": np.float32,
}
NO_TRANSPOSE, TRANSPOSE = 0, 1
REAL_16F, COMPUTE_32F, DEFAULT_ALGORITHM = 2, 68, -1
LIMIT = 2**31 - 1


def candidates() -> list[str]:
    """Return the files that may be cuBLAS, the most specific place first."""
    homes = [os.environ.get(name) for name in ("CUDA_HOME", "CUDA_ROOT", "CUDA_PATH")]
    places = [os.path.join(home, "lib64") for home in homes if home]
    for folder in sys.path:
        places += glob.glob(os.path.join(folder, "nvidia", "*", "lib"))
    places += ["/usr/local/cuda/lib64", "/usr/lib/x86_64-linux-gnu"]
    found = [path for place in places for path in sorted(glob.glob(place + "/libcublas.so*"))]
    return [*dict.fromkeys(found), "libcublas.so.13", "libcublas.so.12"]


class Library:
    """cuBLAS on one device.

    Parameters
    ----------
    path : str
        The library.

    Raises
    ------
    OSError
        If the library can not be used.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._library = ctypes.CDLL(path)
        self._handle = ctypes.c_void_p()
        status = self._library.cublasCreate_v2(ctypes.byref(self._handle))
        if status != 0:
            raise OSError(f"cublasCreate: status {status}")

    def gemm(
        self,
        context: Context,
        x: DeviceArray,
        y: DeviceArray,
        out: DeviceArray,
        alpha: Any,
        beta: Any,
    ) -> None:
        """Set `out` to `alpha * x @ y + beta * out`, for each matrix of a batch.

        Row-major matrices are transposed column-major ones: it is y.T @ x.T that is computed.
        """
        dtype = x.dtype.name
        count, m, n = out.shape
        x, trans_x, ld_x = _as_columns(context, x)
        y, trans_y, ld_y = _as_columns(context, y)
        scalar = SCALARS[dtype]
        scales = [np.array(value, scalar) for value in (alpha, beta)]
        one, two = (s.ctypes.data_as(ctypes.c_void_p) for s in scales)
        size = x.dtype.itemsize
        sizes = [n, m, x.shape[2]]
        steps = [a.strides[0] // size for a in (y, x, out)]
        pairs = [(y.pointer, ld_y), (x.pointer, ld_x), (out.pointer, max(1, n))]
        head = [self._handle, trans_y, trans_x, *[ctypes.c_int(s) for s in sizes], one]
        if dtype == "float16":
            status = self._half(head, two, pairs, steps, count)
        else:
            status = self._plain(FUNCTIONS[dtype], head, two, pairs, steps, count)
        if status != 0:
            raise RuntimeError(f"cuBLAS: a product of {dtype} failed with status {status}")

    def _plain(
        self, letter: str, head: list[Any], two: Any, pairs: Any, steps: list[int], count: int
    ) -> int:
        operands: list[Any] = []
        for number, ((pointer, leading), step) in enumerate(zip(pairs, steps, strict=True)):
            if number == 2:
                operands.append(two)
            operands += [ctypes.c_void_p(pointer), ctypes.c_int(leading), ctypes.c_longlong(step)]
        function = getattr(self._library, f"cublas{letter}gemmStridedBatched")
        return int(function(*head, *operands, ctypes.c_int(count)))

    def _half(self, head: list[Any], two: Any, pairs: Any, steps: list[int], count: int) -> int:
        """Multiply half precision with sums in single precision."""
        operands: list[Any] = []
        for number, ((pointer, leading), step) in enumerate(zip(pairs, steps, strict=True)):
            if number == 2:
                operands.append(two)
            operands += [
                ctypes.c_void_p(pointer),
                ctypes.c_int(REAL_16F),
                ctypes.c_int(leading),
                ctypes.c_longlong(step),
            ]
        return int(
            self._library.cublasGemmStridedBatchedEx(
                *head,
                *operands,
                ctypes.c_int(count),
                ctypes.c_int(COMPUTE_32F),
                ctypes.c_int(DEFAULT_ALGORITHM),
            )
        )


def _as_columns(context: Context, batch: DeviceArray) -> tuple[DeviceArray, Any, int]:
    """Return matrices as cuBLAS may read them, how, and their leading dimension."""
    size = batch.dtype.itemsize
    _, rows, columns = batch.shape
    down, along = batch.strides[1:]
    if (columns <= 1 or along == size) and (rows <= 1 or down >= columns * size):
        leading = columns if rows <= 1 else down // size
        if leading <= LIMIT:
            return batch, ctypes.c_int(NO_TRANSPOSE), max(1, leading)
    if (rows <= 1 or down == size) and (columns <= 1 or along >= rows * size):
        leading = rows if columns <= 1 else along // size
        if leading <= LIMIT:
            return batch, ctypes.c_int(TRANSPOSE), max(1, leading)
    return context.copied(batch), ctypes.c_int(NO_TRANSPOSE), max(1, columns)


def find_library() -> Library | None:
    """Return cuBLAS for the current device, or None."""
    for path in candidates():
        try:
            return Library(path)
        except (OSError, AttributeError):
            continue
    return None
