"""Theano's test of shared memory."""

from typing import Any

import numpy as np

__all__ = ["may_share_memory"]


def may_share_memory(a: Any, b: Any, raise_other_type: bool = True) -> bool:
    """Tell whether two arrays could overlap.

    Parameters
    ----------
    a, b : numpy.ndarray
        The arrays.
    raise_other_type : bool
        Whether what is no array raises TypeError; else it shares nothing.
    """
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return np.may_share_memory(a, b)
    if raise_other_type:
        raise TypeError(f"expected two arrays, got {type(a).__name__} and {type(b).__name__}")
    return False
