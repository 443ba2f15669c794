"""The tile machine against C of the system's compiler: `python benchmarks/tiers.py`.

In: nothing. Out: a table of microseconds of CPU time, the least of many short rounds, arrays in and
out.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

import tensorsym.tensor as T
from tensorsym import config, function
from tensorsym.cpu import tiers

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTHS = (1_000, 100_000, 10_000_000)
ROUNDS = 60
AIM = 0.002  # seconds of a round


def expressions(a: Any, b: Any) -> dict[str, Any]:
    """Return the expressions by name."""
    return {
        "a + 1": a + 1,
        "2a + 3b": 2 * a + 3 * b,
        "a**2 + b**2 + 2ab": a**2 + b**2 + 2 * a * b,
        "2a + b**10": 2 * a + b**10,
        "exp(-(a-b)**2/2) * tanh(a) + log1p(exp(b))": T.exp(-((a - b) ** 2) / 2) * T.tanh(a)
        + T.log1p(T.exp(b)),
        "mean((a-b)**2)": T.mean((a - b) ** 2),
    }


def least(calls: list[Callable[[], Any]]) -> list[float]:
    """Return the least microseconds of each call; they take turns on a busy machine."""
    repeats, rounds = [], ROUNDS
    for call in calls:
        start = time.perf_counter()
        call()
        taken = time.perf_counter() - start
        repeats.append(max(1, int(AIM / max(1e-7, taken))))
        rounds = min(rounds, max(7, int(1.0 / taken)))
    times = [[float("inf")] for _ in calls]
    for _ in range(rounds):
        for call, count, found in zip(calls, repeats, times, strict=True):
            start = time.thread_time()
            for _ in range(count):
                call()
            found.append((time.thread_time() - start) / count)
    return [1e6 * min(found) for found in times]


def main() -> None:
    """Print the table."""
    tiers.pays = lambda kernel: bool(kernel.program.steps)  # also what does not pay
    print("| expression | dtype | n | tile | C | tile / C |\n|---|---|---|---|---|---|")
    for dtype in ("float64", "float32"):
        a, b = T.vector("a", dtype), T.vector("b", dtype)
        for name, expression in expressions(a, b).items():
            functions = {}
            for tier in ("tile", "wait"):
                with config.scope(tier=tier):
                    functions[tier] = function([a, b], expression, on_unused_input="ignore")
            for n in LENGTHS:
                x, y = np.random.default_rng(1).normal(size=(2, n)).astype(dtype)
                tile, c = least([lambda f=f, x=x, y=y: f(x, y) for f in functions.values()])
                print(
                    f"| {name} | {dtype} | {n} | {tile:.4g} | {c:.4g} | {tile / c:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
