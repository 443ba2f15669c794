"""Theano's `_asarray`: arrays of a dtype given by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorsym.config import config

__all__ = ["_asarray"]


def _asarray(a: Any, dtype: Any, order: Any = None) -> np.ndarray[Any, Any]:
    """Return `a` as an array of a dtype, of which 'floatX' is `config.floatX`.

    Parameters
    ----------
    a : array_like
        The values.
    dtype : str or numpy.dtype
        The dtype; 'floatX' is looked up.
    order : {'C', 'F', 'A', 'K'}, optional
        Memory order, as for `numpy.asarray`.

    Returns
    -------
    numpy.ndarray
        `a` itself if it is one already.

    Examples
    --------
    >>> import tensorsym
    >>> tensorsym._asarray([1, 2], dtype="float32").dtype
    dtype('float32')
    """
    return np.asarray(a, dtype=config.floatX if dtype == "floatX" else dtype, order=order)
