"""Theano's home of the type of tensors, and of comparisons that forgive infinities or NaN."""

from typing import Any

from tensorsym.language.tensortype import TensorType

__all__ = [
    "TensorType",
    "values_eq_approx_always_true",
    "values_eq_approx_remove_inf",
    "values_eq_approx_remove_inf_nan",
    "values_eq_approx_remove_nan",
]


def values_eq_approx_remove_inf(a: Any, b: Any) -> bool:
    """Tell whether two arrays agree but for rounding; an infinity in the first may be anything."""
    return TensorType.values_eq_approx(a, b, allow_remove_inf=True)


def values_eq_approx_remove_nan(a: Any, b: Any) -> bool:
    """Tell whether two arrays agree but for rounding; a NaN in the first may be anything."""
    return TensorType.values_eq_approx(a, b, allow_remove_nan=True)


def values_eq_approx_remove_inf_nan(a: Any, b: Any) -> bool:
    """Tell whether two arrays agree but for rounding, where the first is finite."""
    return TensorType.values_eq_approx(a, b, allow_remove_inf=True, allow_remove_nan=True)


def values_eq_approx_always_true(a: Any, b: Any) -> bool:
    """Tell that any two arrays agree."""
    return True
