"""Arrays of one shape in every layout that memory can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

Array = np.ndarray[Any, Any]


def values(shape: int | tuple[int, ...], dtype: str = "float64", seed: int = 0) -> Array:
    """Return small numbers, the same for the same arguments."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind in "fc":
        return np.asarray(rng.normal(size=shape)).astype(dtype)
    return np.asarray(rng.integers(0, 5, size=shape)).astype(dtype)


def layouts(shape: tuple[int, ...], dtype: str = "float64") -> Iterator[tuple[str, Array]]:
    """Yield arrays of one shape in every layout."""
    array = values(shape, dtype)
    yield "contiguous", array
    yield "fortran", np.array(array, order="F")
    yield (
        "every second",
        values(tuple(2 * n for n in shape), dtype)[(..., *(slice(None, None, 2) for _ in shape))],
    )
    yield "reversed", array[(..., *(slice(None, None, -1) for _ in shape))]
    if shape:
        yield "repeated", np.broadcast_to(array[:1], shape)
        yield "transposed", values(shape[::-1], dtype).T
    yield "read-only", np.lib.stride_tricks.as_strided(array, writeable=False)
