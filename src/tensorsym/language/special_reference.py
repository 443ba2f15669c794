"""References of special functions that SciPy has under another form.

Only a record's `reference()` imports this module, by name: it loads scipy.special, which is slow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

__all__ = [
    "chi2_survival",
    "log_gamma",
    "lower_gamma",
    "polygamma",
    "trigamma",
    "upper_gamma",
    "xlogx",
    "xlogy0",
]

Array = np.ndarray[Any, Any]


def log_gamma(x: Array) -> Any:
    """Return log|gamma(x)| of reals, the principal branch of log gamma of complex numbers."""
    return special.loggamma(x) if x.dtype.kind == "c" else special.gammaln(x)


def polygamma(order: Array, x: Array) -> Any:
    """Return the derivative of psi of the given order; NaN for orders that are no counts."""
    count = (order >= 0) & (order == np.floor(order))
    return np.where(count, special.polygamma(np.where(count, order, 1), x), np.nan)


def trigamma(x: Array) -> Any:
    """Return the first derivative of psi: the Hurwitz zeta function of 2 and x."""
    return special.zeta(2, x)


def chi2_survival(x: Array, k: Array) -> Any:
    """Return the probability that a chi-squared variable of k degrees of freedom exceeds x."""
    return np.where(k > 0, special.chdtrc(k, np.maximum(x, 0)), np.nan)


def lower_gamma(k: Array, x: Array) -> Any:
    """Return the integral of t**(k-1) exp(-t) from 0 to x."""
    return special.gammainc(k, x) * special.gamma(k)


def upper_gamma(k: Array, x: Array) -> Any:
    """Return the integral of t**(k-1) exp(-t) from x to infinity."""
    return special.gammaincc(k, x) * special.gamma(k)


def xlogx(x: Array) -> Any:
    """Return x log(x), 0 at 0."""
    return xlogy0(x, x)


def xlogy0(x: Array, y: Array) -> Any:
    """Return x log(y), 0 where x is 0 whatever y is."""
    return np.where(x == 0, 0, x * np.log(np.where(x == 0, 1, y)))
