"""Arrays of other packages on the same device, taken without a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cuda.array import DeviceArray, dense_strides
from tensorsym.cuda.dlpack import read_capsule
from tensorsym.errors import DTypeError, ForeignDeviceError

if TYPE_CHECKING:
    from tensorsym.cuda.context import Context

__all__ = ["adopted", "from_dlpack", "is_on_device"]

CUDA = 2  # kDLCUDA


def is_on_device(value: object) -> bool:
    """Tell whether a value says that it lies in the memory of a GPU.

    Examples
    --------
    >>> import numpy as np
    >>> is_on_device(np.zeros(3))
    False
    """
    if hasattr(value, "__cuda_array_interface__"):
        return True
    device = getattr(value, "__dlpack_device__", None)
    return device is not None and device()[0] == CUDA


def adopted(context: Context, value: Any) -> DeviceArray:
    """Return another package's array as ours, on the same memory.

    Parameters
    ----------
    context : Context
        The device it must be on.
    value : object
        Has `__cuda_array_interface__`, or `__dlpack__` on a CUDA device.

    Raises
    ------
    ForeignDeviceError
        If it is on another device.
    DTypeError
        If its elements are not of a dtype, or not aligned.
    """
    if isinstance(value, DeviceArray):
        return _checked(context, value, value.context.ordinal)
    interface = getattr(value, "__cuda_array_interface__", None)
    if interface is None:
        return from_dlpack(context, value)
    pointer, dtype = interface["data"][0], np.dtype(interface["typestr"])
    shape = tuple(interface["shape"])
    strides = interface.get("strides") or dense_strides(shape, dtype.itemsize)
    if interface.get("stream") not in (None, 1):
        context.synchronize()  # its work may be on another stream than ours
    array = DeviceArray(context, value, pointer, shape, tuple(strides), dtype)
    return _checked(context, array, context.device_of(pointer) if array.size else context.ordinal)


def from_dlpack(context: Context, value: Any) -> DeviceArray:
    """Return an array from its DLPack capsule."""
    kind, ordinal = value.__dlpack_device__()
    if kind != CUDA:
        raise ForeignDeviceError(
            "an array lies on another device than the function runs on",
            got=f"DLPack device ({kind}, {ordinal})",
            expected=f"{context.name}, or the host",
        )
    found = read_capsule(value.__dlpack__(stream=1))
    array = DeviceArray(context, found, found.pointer, found.shape, found.strides, found.dtype)
    return _checked(context, array, ordinal)


def _checked(context: Context, array: DeviceArray, ordinal: int) -> DeviceArray:
    if ordinal != context.ordinal:
        raise ForeignDeviceError(
            "an array lies on another device than the function runs on",
            got=f"cuda:{ordinal}",
            expected=f"{context.name}, or the host",
        )
    size = array.dtype.itemsize
    if array.pointer % size or any([stride % size for stride in array.strides]):
        raise DTypeError(
            "an array's elements are not aligned", got=f"strides {array.strides} of {array.dtype}"
        )
    return array
