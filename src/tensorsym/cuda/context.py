"""`Context`: all that the backend does with one device: memory, copies, compiled kernels, launches.

PyCUDA is behind it and nowhere else. The primary context is used, which other packages of the
process share; work is ordered by the default stream.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cuda.array import DeviceArray, dense_strides
from tensorsym.cuda.memory import Pool
from tensorsym.cuda.modules import Modules
from tensorsym.cuda.moves import move
from tensorsym.cuda.source import BLOCK
from tensorsym.errors import ForkedDeviceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.cuda.array import Shape
    from tensorsym.cuda.source import KernelSource

__all__ = ["Context"]

BLOCKS_PER_PROCESSOR = 16
DEVICE_ORDINAL = 9  # CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL

_forked = threading.Event()
os.register_at_fork(after_in_child=_forked.set)


class Context:
    """A device in use.

    Parameters
    ----------
    driver : module
        `pycuda.driver`, initialised.
    ordinal : int
        Number of the device.
    nvcc : str
        The compiler.

    Attributes
    ----------
    name : str
        `cuda:0`.
    pool : Pool
        Its memory.
    processors : int
        How many multiprocessors it has.
    library : Library or None
        cuBLAS, if it is there.
    """

    def __init__(self, driver: Any, ordinal: int, nvcc: str) -> None:
        import pycuda.tools

        self._driver = driver
        self.ordinal = ordinal
        self.name = f"cuda:{ordinal}"
        device = driver.Device(ordinal)
        self.processors: int = device.get_attribute(driver.device_attribute.MULTIPROCESSOR_COUNT)
        self.handle = device.retain_primary_context()
        self._depths = threading.local()
        if threading.current_thread() is threading.main_thread():
            self.__enter__()  # for good: entering again costs nothing then
        # Elsewhere PyCUDA would end the process with the thread.
        atexit.register(self._close)
        with self:
            self.pool = Pool(pycuda.tools.DeviceMemoryPool(), driver.MemoryError)
        self.modules = Modules(driver, nvcc)
        self.library: Any = None

    def _close(self) -> None:
        """Give memory back while the device is current; PyCUDA ends the process otherwise."""
        if not _forked.is_set():
            with self:
                self.pool.close()
            while getattr(self._depths, "depth", 0):
                self.__exit__()

    def __enter__(self) -> Context:
        """Make the device current in this thread."""
        if _forked.is_set():
            raise ForkedDeviceError(
                "a forked process can not use the GPU of its parent",
                got=f"process {os.getpid()}, forked after {self.name} was first used",
                hint='start processes by multiprocessing\'s "spawn", or fork before the first use',
            )
        depth = getattr(self._depths, "depth", 0)
        if depth == 0:
            self.handle.push()
        self._depths.depth = depth + 1
        return self

    def __exit__(self, *details: object) -> None:
        self._depths.depth -= 1
        if self._depths.depth == 0:
            self._driver.Context.pop()

    def empty(self, shape: Shape, dtype: Any) -> DeviceArray:
        """Return a contiguous array whose elements are undefined."""
        dtype = np.dtype(dtype)
        strides = dense_strides(shape, dtype.itemsize)
        size = dtype.itemsize
        for length in shape:
            size *= length
        block = self.pool.allocate(size)
        return DeviceArray(self, block, block.pointer, shape, strides, dtype)

    def contiguous(self, array: DeviceArray) -> DeviceArray:
        """Return the array itself if it is contiguous, else a copy."""
        return array if array.is_contiguous else self.copied(array)

    def copied(self, array: DeviceArray) -> DeviceArray:
        """Return a contiguous copy."""
        with self:
            copy = self.empty(array.shape, array.dtype)
            self.copy(copy, array)
            return copy

    def copy(self, target: DeviceArray, source: DeviceArray) -> None:
        """Copy elements between arrays of one shape and dtype that do not overlap."""
        if source.size == 0:
            return
        if target.is_contiguous and source.is_contiguous:
            self._driver.memcpy_dtod_async(target.pointer, source.pointer, source.nbytes, None)
            return
        move(self, target, source)

    def grid_for(self, n: int, per_block: int = BLOCK) -> tuple[int, int, int]:
        """Return blocks for a loop of `n` steps whose threads stride over the whole grid."""
        return max(1, min(-(-n // per_block), self.processors * BLOCKS_PER_PROCESSOR)), 1, 1

    def to_host(self, array: DeviceArray) -> np.ndarray[Any, Any]:
        """Return the elements as a new NumPy array, when all work before is done."""
        with self:
            result = np.empty(array.shape, array.dtype)
            if result.size:
                dense = self.contiguous(array)  # kept until it is read
                self._driver.memcpy_dtoh(result, dense.pointer)
            return result

    def from_host(self, array: np.ndarray[Any, Any]) -> DeviceArray:
        """Return a copy of a NumPy array on the device."""
        with self:
            result = self.empty(array.shape, array.dtype)
            if array.size:
                self._driver.memcpy_htod(result.pointer, np.ascontiguousarray(array))
            return result

    def launch(
        self,
        source: KernelSource,
        grid: tuple[int, ...],
        block: tuple[int, ...],
        arguments: Sequence[DeviceArray | np.generic | bytes],
        shared: int = 0,
    ) -> None:
        """Run a kernel, after all work before it.

        Parameters
        ----------
        source : KernelSource
            The kernel; it is compiled at its first launch.
        grid, block : tuple of int
            Blocks, and threads of each, in up to three dimensions.
        arguments : sequence
            Arrays give their pointers; NumPy scalars are passed as they are; bytes are a struct.
        shared : int
            Bytes of dynamic shared memory.
        """
        function = self.modules.function(source)
        function._launch_kernel(grid, block, packed(arguments), shared, None)

    def device_of(self, pointer: int) -> int:
        """Return the number of the device that memory is on; PyCUDA does not know how to ask."""
        ordinal = ctypes.c_int(self.ordinal)
        with self:
            driver = ctypes.CDLL("libcuda.so.1")  # loaded already
            status = driver.cuPointerGetAttribute(
                ctypes.byref(ordinal), DEVICE_ORDINAL, ctypes.c_uint64(pointer)
            )
        return ordinal.value if status == 0 else self.ordinal

    def synchronize(self) -> None:
        """Wait for all work."""
        with self:
            self._driver.Context.synchronize()


def packed(arguments: Sequence[DeviceArray | np.generic | bytes]) -> bytes:
    """Return arguments as a kernel finds them: each at a multiple of its size.

    Examples
    --------
    >>> packed([np.int32(1), np.float64(0)]).hex()
    '01000000000000000000000000000000'
    """
    buffer = bytearray()
    for argument in arguments:
        if isinstance(argument, DeviceArray):
            data, alignment = argument.pointer.to_bytes(8, "little"), 8
        elif isinstance(argument, bytes):
            data, alignment = argument, 8
        else:
            data = argument.tobytes()
            alignment = len(data)
        buffer += bytes(-len(buffer) % alignment) + data
    return bytes(buffer)
