"""The table: what is measured, at which sizes and dtypes, and where tensorsym must stand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BANDWIDTH", "Case", "all_cases"]


@dataclass(frozen=True)
class Case:
    """One row.

    Parameters
    ----------
    group : str
        call, elementwise, chain, reduction, step or bandwidth.
    work : str
        What is computed: a name of `expressions.EXPRESSIONS`, or of a step.
    shape : tuple of int
        Shape of the arrays, or for a network its batch.
    dtype : str
        float32 or float64.
    targets : tuple of tuple
        See `targets.py`.
    variant : str
        "trusted" (no check of arguments) or "recycled" (outputs' memory is used again).
    """

    group: str
    work: str
    shape: tuple[int, ...]
    dtype: str
    targets: tuple[tuple[Any, ...], ...] = ()
    variant: str = ""

    @property
    def name(self) -> str:
        """The row's name, by which `--only` and comparisons know it."""
        size = "x".join(map(str, self.shape))
        kind = {"float64": "f64", "float32": "f32"}[self.dtype]
        variant = f" {self.variant}" if self.variant else ""
        return f"{self.group}:{self.work} {size} {kind}{variant}"

    @property
    def request(self) -> dict[str, Any]:
        """What a peer's process needs to know."""
        return asdict(self)


DTYPES = ("float64", "float32")
SQUARES = ((1000, 1000), (10_000, 1000))
ELEMENTWISE = ("a+1", "2a+3b", "a2+b2+2ab", "2a+b10")
REDUCTIONS = (
    "sum", "sum0", "sum1", "max", "max0", "max1", "sqdiff", "logsumexp0", "logsumexp1", "softmax0",
    "softmax1",
)  # fmt: skip
# What "measured bandwidth" means: these rows, and the plain sums.
BANDWIDTH = (
    Case("bandwidth", "copy", (10_000_000,), "float64"),
    Case("bandwidth", "triad", (10_000_000,), "float64"),
)


def calls() -> Iterator[Case]:
    """Yield the price of a call."""
    yield Case("call", "a+1", (1,), "float64", (("most", "us", 0.150), ("ratio", "numpy", 3.0)))
    yield Case("call", "a+1", (1,), "float64", (), "trusted")
    yield Case("call", "a+1", (1,), "float64", (("most", "us", 0.080),), "recycled")
    yield Case("call", "ten scalars", (), "float64", (("most", "us", 0.400),))


def all_cases() -> Iterator[Case]:
    """Yield every row that is timed by turns, in the order of the printed table."""
    yield from BANDWIDTH
    yield from calls()
    for dtype in DTYPES:
        for work in ELEMENTWISE:
            for n in (1000, 100_000, 10_000_000):
                loop = ("loop", 0.85)
                yield Case(
                    "elementwise", work, (n,), dtype, (("best", 0.9 if n > 1e6 else 1.0), loop)
                )
    yield Case("elementwise", "a+1", (10_000_000,), "float64", (), "recycled")
    for dtype in DTYPES:
        for n in (1000, 100_000, 1_000_000, 10_000_000):
            targets = ("best", 1.7), ("ratio", "theano", 8.0), ("ratio", "pytensor", 8.0)
            yield Case("chain", "chain", (n,), dtype, targets)
    for dtype in DTYPES:
        for work in REDUCTIONS:
            for shape in SQUARES:
                plain = (("loop", 0.9),) if work.startswith("sum") else ()
                yield Case("reduction", work, shape, dtype, (("best", 0.95), *plain))
    for dtype in DTYPES:
        yield Case("step", "logistic", (400, 784), dtype, (("best", 0.97),))
        for batch, ahead in ((60, 0.97), (1, 1.3)):
            yield Case("step", "perceptron", (batch,), dtype, (("best", ahead),))
    for batch in (500, 1):
        targets = ("best", 0.97), ("ratio", "theano", 2.0)
        yield Case("step", "lenet", (batch,), "float32", targets)
