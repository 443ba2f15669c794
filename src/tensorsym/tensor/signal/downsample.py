"""The home of pooling before Theano 0.9: its `max_pool_2d`, and names that were there."""

from __future__ import annotations

from typing import Any

from tensorsym.language.pooling import Pool, pool_2d
from tensorsym.language.pooling_gradients import max_pool_2d_same_size

__all__ = ["DownsampleFactorMax", "Pool", "max_pool_2d", "max_pool_2d_same_size", "pool_2d"]

DownsampleFactorMax = Pool


def max_pool_2d(
    input: Any,
    ds: Any,
    ignore_border: bool | None = None,
    st: Any = None,
    padding: Any = (0, 0),
    mode: str = "max",
) -> Any:
    """Return `pool_2d` under the names its settings had.

    Parameters
    ----------
    input : tensor
        Of at least two dimensions.
    ds, st, padding : pair of int
        Size, step and padding of windows.
    ignore_border : bool, optional
        Whether windows that do not fit are dropped; False if not given, with a warning.
    mode : str
        What is taken of a window.

    Returns
    -------
    TensorVariable
        Of the dtype of `input`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.tensor.signal import downsample
    >>> downsample.max_pool_2d(T.tensor4(), (2, 2), ignore_border=True).ndim
    4
    """
    return pool_2d(input, ds, ignore_border, st, padding, mode)
