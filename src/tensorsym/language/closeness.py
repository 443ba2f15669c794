"""When two arrays count as equal but for rounding: Theano's tolerances by dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["TOLERANCES", "all_close", "tolerances"]

# dtype -> (absolute, relative), of Theano 1.0.5.
TOLERANCES = {"float16": (1e-3, 1e-3), "float32": (1e-5, 1e-5), "float64": (1e-8, 1e-5)}


def tolerances(a: Any, b: Any) -> tuple[float, float]:
    """Return the absolute and relative tolerance for comparing two arrays.

    The less precise of the two decides.
    """
    names = {str(a.dtype), str(b.dtype)}
    if "float16" in names:
        return TOLERANCES["float16"]
    return TOLERANCES["float32" if names & {"float32", "complex64"} else "float64"]


def all_close(a: Any, b: Any, rtol: float | None = None, atol: float | None = None) -> bool:
    """Tell whether two arrays agree within the tolerances of their dtypes, or given ones."""
    a, b = np.asarray(a), np.asarray(b)
    usual_atol, usual_rtol = tolerances(a, b)
    return bool(
        np.allclose(
            a,
            b,
            atol=usual_atol if atol is None else atol,
            rtol=usual_rtol if rtol is None else rtol,
        )
    )
