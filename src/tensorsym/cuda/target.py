"""What the scheduler needs to know of GPUs: dtypes of kernels and products, records with text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorsym.codegen.cuda_scalar import reason_without_kernel
from tensorsym.cuda.ops import find_device_op, load, number_inputs
from tensorsym.schedule.target import CPU, Target

if TYPE_CHECKING:
    from tensorsym.graph.variable import Apply
    from tensorsym.language.elementwise import Record

__all__ = ["cuda_target"]

EXTRA = frozenset(["float16", "complex64", "complex128"])


def _computes(record: Record, dtypes: tuple[str, ...]) -> bool:
    return not reason_without_kernel(record.name, dtypes)


def _has_op(node: Apply) -> bool:
    return find_device_op(node) is not None


def cuda_target() -> Target:
    """Return the target, when all ops with functions of their own are known."""
    load()
    return Target(
        "cuda",
        CPU.kernel_dtypes | EXTRA,
        CPU.library_dtypes | EXTRA,
        _computes,
        _has_op,
        number_inputs,
    )
