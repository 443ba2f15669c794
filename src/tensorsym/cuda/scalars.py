"""How elements of a dtype are written in kernels: as they are kept, and as they are computed."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tensorsym.codegen.cuda_library import library_for
from tensorsym.codegen.cuda_scalar import (
    combining_text,
    load,
    scalar_text,
    storage_type,
    store,
    value_type,
)
from tensorsym.codegen.templates import fill_template
from tensorsym.cuda.source import KernelSource

__all__ = ["REAL", "Scalar", "cast_text", "kernel", "scalar_of", "sum_text"]

INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
REAL = frozenset(["bool", *INTEGERS, "float16", "float32", "float64"])
"""Dtypes that kernels compare and compute with; complex numbers are moved and added only."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """Names of a dtype in text.

    Attributes
    ----------
    dtype : str
        The dtype.
    store : str
        The type in memory.
    wide : str
        The type that arithmetic is done in: float32 for float16.
    """

    dtype: str
    store: str
    wide: str

    @property
    def suffix(self) -> str:
        """What names of scalar functions of the wide type end with."""
        return self.wide.removeprefix("ts_")

    def load(self, place: str) -> str:
        """Return the text of an element's value."""
        return load(place, self.dtype)

    def stored(self, value: str) -> str:
        """Return the text of what is put in memory for a value of the wide type."""
        return store(value, self.dtype)


@functools.lru_cache(maxsize=32)
def scalar_of(dtype: str) -> Scalar:
    """Return the names of a dtype.

    Examples
    --------
    >>> scalar_of("float16")
    Scalar(dtype='float16', store='ts_f16', wide='ts_f32')
    """
    return Scalar(dtype, storage_type(dtype), value_type(dtype))


def cast_text(source: str, target: str) -> str:
    """Return the text of the value `x` of one dtype as it is stored in another.

    Examples
    --------
    >>> cast_text("float32", "int8")
    'ts_cast_f32_i8(x)'
    """
    return store(scalar_text("cast", source, target)[0], target)


def sum_text(dtype: str) -> str:
    """Return the text of the sum of values `x` and `y` as it is stored; of bools, of either."""
    return store(combining_text("any" if dtype == "bool" else "sum", dtype), dtype)


@functools.lru_cache(maxsize=4096)
def kernel(template: str, *, function: str = "", **holes: object) -> KernelSource:
    """Return the kernel of a template, or a function of several, after what it calls."""
    text = fill_template(template, **holes)
    return KernelSource(function or template, f"{library_for(text)}\n{text}")
