"""CUDA C as plain data: what is compiled, and what a launch names."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BLOCK", "LARGEST_INT32", "KernelSource"]

BLOCK = 256  # threads of a block, where nothing speaks for another number
LARGEST_INT32 = 2**31 - 1


@dataclass(frozen=True, slots=True)
class KernelSource:
    """A kernel in a translation unit; equal ones are compiled once per device.

    Attributes
    ----------
    name : str
        The kernel, declared `extern "C" __global__` in the text.
    text : str
        A whole translation unit of CUDA C++, without `#include`.

    Examples
    --------
    >>> source = KernelSource("nothing", 'extern "C" __global__ void nothing() {}')
    >>> source.name
    'nothing'
    """

    name: str
    text: str
