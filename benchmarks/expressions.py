"""The formulas of the table, once for all peers, and their data.

A formula is a function of a namespace `m` (see `peers/`) and arrays or symbols; `m` has exp, tanh,
log1p, sum, max, mean, softmax and logsumexp.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Optional

import numpy as np


class Expression(NamedTuple):
    """A formula in the three languages that peers speak.

    `text` is what NumPy and numexpr evaluate; None if numexpr has no word for it.
    """

    formula: Callable[..., Any]
    names: str
    text: Optional[str] = None


def chain(m: Any, a: Any, b: Any) -> Any:
    """Five functions and a square: more arithmetic than memory."""
    return m.exp(-((a - b) ** 2) / 2) * m.tanh(a) + m.log1p(m.exp(b))


EXPRESSIONS = {
    "a+1": Expression(lambda m, a: a + 1, "a", "a + 1"),
    "2a+3b": Expression(lambda m, a, b: 2 * a + 3 * b, "ab", "2 * a + 3 * b"),
    "a2+b2+2ab": Expression(
        lambda m, a, b: a**2 + b**2 + 2 * a * b, "ab", "a**2 + b**2 + 2 * a * b"
    ),
    "2a+b10": Expression(lambda m, a, b: 2 * a + b**10, "ab", "2 * a + b**10"),
    "chain": Expression(chain, "ab", "exp(-((a - b) ** 2) / 2) * tanh(a) + log1p(exp(b))"),
    "sum": Expression(lambda m, a: m.sum(a, None), "a", "sum(a)"),
    "sum0": Expression(lambda m, a: m.sum(a, 0), "a", "sum(a, axis=0)"),
    "sum1": Expression(lambda m, a: m.sum(a, 1), "a", "sum(a, axis=1)"),
    "max": Expression(lambda m, a: m.max(a, None), "a", "max(a)"),
    "max0": Expression(lambda m, a: m.max(a, 0), "a", "max(a, axis=0)"),
    "max1": Expression(lambda m, a: m.max(a, 1), "a", "max(a, axis=1)"),
    "sqdiff": Expression(lambda m, a, b: m.mean((a - b) ** 2), "ab"),
    "logsumexp0": Expression(lambda m, a: m.logsumexp(a, 0), "a"),
    "logsumexp1": Expression(lambda m, a: m.logsumexp(a, 1), "a"),
    "softmax0": Expression(lambda m, a: m.softmax(a, 0), "a"),
    "softmax1": Expression(lambda m, a: m.softmax(a, 1), "a"),
}


def arrays(names: str, shape: Any, dtype: str) -> list[np.ndarray]:
    """Return one array of normal numbers per name, the same in every process."""
    rng = np.random.RandomState(len(names))
    return [rng.standard_normal(tuple(shape)).astype(dtype) for _ in names]
