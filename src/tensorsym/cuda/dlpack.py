"""DLPack capsules by ctypes: tensors of a device handed to other packages, and taken from them.

The structures are those of dlpack.h, version 0.8, which every package reads.
"""

from __future__ import annotations

import ctypes
from typing import Any, Protocol

import numpy as np

__all__ = ["Description", "as_capsule", "read_capsule"]


class Strided(Protocol):
    """A tensor in memory, such as a `DeviceArray`."""

    pointer: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]


CODES = {"i": 0, "u": 1, "f": 2, "c": 5, "b": 6}


class _Device(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_int32), ("ordinal", ctypes.c_int32))


class _DataType(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16))


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device", _Device),
        ("ndim", ctypes.c_int32),
        ("dtype", _DataType),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _Managed(ctypes.Structure):
    pass


_Deleter = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Managed))
_Managed._fields_ = (
    ("tensor", _Tensor),
    ("context", ctypes.c_void_p),
    ("deleter", _Deleter),
)
_Destructor = ctypes.CFUNCTYPE(None, ctypes.c_void_p)

_api = ctypes.pythonapi
_new = _api.PyCapsule_New
_new.restype, _new.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, _Destructor)
_pointer = _api.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
_rename = _api.PyCapsule_SetName
_rename.restype, _rename.argtypes = ctypes.c_int, (ctypes.py_object, ctypes.c_char_p)
# A destructor sees the capsule when it is dead: as an address, which must not be counted.
_is_named = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_IsValid", _api)
)
_pointer_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", _api)
)

FRESH, USED = b"dltensor", b"used_dltensor"

# What tensors handed out need, by the address of their structure, until their deleter is called.
_lent: dict[int, tuple[Any, ...]] = {}


def _forget(managed: Any) -> None:
    _lent.pop(ctypes.addressof(managed.contents), None)


def _end(capsule: int) -> None:
    """Delete a tensor that nobody took."""
    if _is_named(capsule, FRESH):
        _lent.pop(_pointer_of(capsule, FRESH), None)


_give_back, _end_capsule = _Deleter(_forget), _Destructor(_end)


def as_capsule(array: Strided, device: tuple[int, int]) -> Any:
    """Return a DLPack capsule of an array, which lives until the capsule's taker lets go."""
    managed = _Managed()
    tensor = managed.tensor
    itemsize = array.dtype.itemsize
    rank = len(array.shape)
    lengths = (ctypes.c_int64 * rank)(*array.shape)
    steps = (ctypes.c_int64 * rank)(*[s // itemsize for s in array.strides])
    tensor.data, tensor.device, tensor.ndim = (
        array.pointer or None,
        _Device(*device),
        len(array.shape),
    )
    tensor.dtype = _DataType(CODES[array.dtype.kind], 8 * itemsize, 1)
    tensor.shape = ctypes.cast(lengths, ctypes.POINTER(ctypes.c_int64))
    tensor.strides = ctypes.cast(steps, ctypes.POINTER(ctypes.c_int64))
    managed.deleter = _give_back
    address = ctypes.addressof(managed)
    _lent[address] = (array, managed, lengths, steps)
    return _new(address, FRESH, _end_capsule)


class Description:
    """What a capsule says of a tensor; it keeps the tensor alive.

    Attributes
    ----------
    pointer : int
        Address of the first element.
    shape, strides : tuple of int
        Lengths, and steps in bytes.
    dtype : numpy.dtype
        Type of the elements.
    device : tuple of (int, int)
        Kind and number.
    """

    def __init__(self, managed: Any) -> None:
        self._managed = managed
        tensor = managed.contents.tensor
        kind = next(k for k, code in CODES.items() if code == tensor.dtype.code)
        self.dtype = np.dtype(f"{kind}{tensor.dtype.bits * tensor.dtype.lanes // 8}")
        self.shape = tuple(tensor.shape[: tensor.ndim])
        steps = tensor.strides[: tensor.ndim] if tensor.strides else _dense(self.shape)
        self.strides = tuple(step * self.dtype.itemsize for step in steps)
        self.pointer = (tensor.data or 0) + tensor.byte_offset
        self.device = tensor.device.kind, tensor.device.ordinal

    def __del__(self) -> None:
        deleter: Any = self._managed.contents.deleter
        if deleter:
            deleter(self._managed)


def _dense(shape: tuple[int, ...]) -> list[int]:
    steps, step = [], 1
    for length in reversed(shape):
        steps.append(step)
        step *= length
    return steps[::-1]


def read_capsule(capsule: Any) -> Description:
    """Take a tensor out of a capsule, which nobody can do twice."""
    address = _pointer(capsule, FRESH)
    managed = ctypes.cast(address, ctypes.POINTER(_Managed))
    _rename(capsule, USED)
    return Description(managed)
