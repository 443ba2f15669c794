"""What a plan is for: the dtypes and functions of a backend's kernels, and its other ops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tensorsym.graph.variable import Apply
    from tensorsym.language.elementwise import Record

__all__ = ["CPU", "Target"]


def _written(record: Record, dtypes: tuple[str, ...]) -> bool:
    return bool(record.c)


def _none(node: Apply) -> bool:
    return False


def _no_inputs(node: Apply) -> Collection[int]:
    return ()


@dataclass(frozen=True, slots=True)
class Target:
    """A backend, as far as scheduling needs to know it.

    Attributes
    ----------
    name : {'cpu', 'cuda'}
        Where kernels run.
    kernel_dtypes : frozenset of str
        What kernels compute with.
    library_dtypes : frozenset of str
        What there are products of.
    computes : callable
        Tells of an elementwise record and the dtypes it computes in whether kernels can.
    has_op : callable
        Tells of a node that no kernel computes whether the backend has a function for it.
    number_inputs : callable
        Gives the positions of a node's inputs that such a function reads on the host.
    """

    name: str
    kernel_dtypes: frozenset[str]
    library_dtypes: frozenset[str]
    computes: Callable[[Record, tuple[str, ...]], bool] = _written
    has_op: Callable[[Apply], bool] = _none
    number_inputs: Callable[[Apply], Collection[int]] = _no_inputs


_INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
CPU = Target(
    "cpu",
    frozenset(["bool", *_INTEGERS, "float32", "float64"]),
    frozenset(["float32", "float64"]),
)
"""Kernels of the tile machine and of C: real dtypes but float16."""
