"""Gradients and tangents in the dtype and pattern of the variables they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorsym.language.arithmetic import cast, second
from tensorsym.language.complexparts import real
from tensorsym.language.dtypes import is_complex, is_discrete
from tensorsym.language.rebroadcast import patternbroadcast
from tensorsym.language.tensortype import TensorType

if TYPE_CHECKING:
    from tensorsym.graph.variable import Variable

__all__ = ["in_dtype_of", "like_variable"]


def in_dtype_of(variable: Variable, derivative: Variable) -> Variable:
    """Return a derivative in the dtype of its variable; integers keep derivatives of floats."""
    wanted = getattr(variable.type, "dtype", None)
    got = getattr(derivative.type, "dtype", None)
    if got is None or wanted is None or got == wanted or is_discrete(wanted):
        return derivative
    if is_complex(got) and not is_complex(wanted):
        derivative = real(derivative)
    converted: Variable = cast(derivative, wanted)
    return converted


def like_variable(derivative: Variable, variable: Variable) -> Variable:
    """Return a derivative with its variable's broadcast pattern, and real if the variable is."""
    kind, wanted = derivative.type, variable.type
    if not isinstance(kind, TensorType) or not isinstance(wanted, TensorType):
        return derivative
    if is_complex(kind.dtype) and not is_complex(wanted.dtype):
        derivative = real(derivative)
    if kind.broadcastable == wanted.broadcastable:
        return derivative
    pairs = zip(kind.broadcastable, wanted.broadcastable, strict=True)
    if any(narrow and not wide for narrow, wide in pairs):
        derivative = second(variable, derivative)
    fitted: Variable = patternbroadcast(derivative, wanted.broadcastable)
    return fitted
