"""`DeviceArray`: pointer, shape, strides and dtype of a tensor in a GPU's memory, and little else.

Arithmetic is the plans' business. NumPy reads one by `numpy.asarray`, other packages by
`__cuda_array_interface__` and DLPack, without a copy.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np

from tensorsym.cuda.dlpack import as_capsule

__all__ = ["DeviceArray", "dense_strides"]

Shape = tuple[int, ...]


class Device(Protocol):
    """What an array asks of the `Context` that it belongs to."""

    ordinal: int
    name: str

    def copied(self, array: DeviceArray) -> DeviceArray:
        """Return a contiguous copy."""

    def to_host(self, array: DeviceArray) -> np.ndarray[Any, Any]:
        """Return the elements as a new NumPy array."""


def dense_strides(shape: Shape, itemsize: int) -> Shape:
    """Return the strides of elements in C order without gaps.

    Examples
    --------
    >>> dense_strides((2, 3), 8)
    (24, 8)
    """
    strides, step = [], itemsize
    for length in reversed(shape):
        strides.append(step)
        step *= max(1, length)
    return tuple(strides[::-1])


class DeviceArray:
    """A tensor in the memory of a device.

    Parameters
    ----------
    context : Context
        The device it is on.
    owner : object
        What keeps the memory alive.
    pointer : int
        Address of the first element.
    shape, strides : tuple of int
        Lengths, and steps in bytes, which may be 0 or negative.
    dtype : numpy.dtype
        Type of the elements.
    """

    __slots__ = ("_contiguous", "context", "dtype", "owner", "pointer", "shape", "strides")

    __array_priority__ = 1000.0

    def __init__(
        self,
        context: Device,
        owner: object,
        pointer: int,
        shape: Shape,
        strides: Shape,
        dtype: np.dtype[Any],
    ) -> None:
        self.context = context
        self.owner = owner
        self.pointer = pointer
        self.shape = shape
        self.strides = strides
        self.dtype = dtype
        self._contiguous: bool | None = None

    @property
    def is_contiguous(self) -> bool:
        """Whether the elements lie in C order without gaps."""
        if self._contiguous is None:
            dense = dense_strides(self.shape, self.dtype.itemsize)
            self._contiguous = self.strides == dense or all(
                [
                    n <= 1 or mine == one
                    for n, mine, one in zip(self.shape, self.strides, dense, strict=True)
                ]
            )
        return self._contiguous

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.size * self.dtype.itemsize

    def view(self, shape: Shape, strides: Shape, offset: int = 0) -> DeviceArray:
        """Return another view of the memory, which begins `offset` bytes after this one."""
        return DeviceArray(
            self.context, self.owner, self.pointer + offset, shape, strides, self.dtype
        )

    def copy(self) -> DeviceArray:
        """Return a contiguous copy with memory of its own."""
        return self.context.copied(self)

    def to_host(self) -> np.ndarray[Any, Any]:
        """Return the elements as a new NumPy array."""
        return self.context.to_host(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if copy is False:
            raise ValueError("an array on a device can not be read by NumPy without a copy")
        return self.to_host().astype(dtype or self.dtype, copy=False)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {
            "version": 3,
            "shape": self.shape,
            "typestr": self.dtype.str,
            "data": (self.pointer, False),
            "strides": None if self.is_contiguous else self.strides,
            "stream": 1,  # the legacy default stream
        }

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, self.context.ordinal  # kDLCUDA

    def __dlpack__(self, **options: Any) -> Any:
        """Return a capsule on the same memory; work on it is ordered by the default stream."""
        return as_capsule(self, self.__dlpack_device__())

    def __deepcopy__(self, memo: dict[int, Any]) -> DeviceArray:
        return self.copy()

    def __copy__(self) -> DeviceArray:
        return self.copy()

    def __reduce__(self) -> Any:
        return np.asarray, (self.to_host(),)

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<DeviceArray {self.dtype}{list(self.shape)} on {self.context.name}>"
