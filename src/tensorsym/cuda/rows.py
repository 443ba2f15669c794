"""How rows are dealt out to threads: by their length, a warp or a block for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensorsym.codegen.templates import fill_template

if TYPE_CHECKING:
    from tensorsym.cuda.scalars import Scalar

__all__ = ["RowPlan", "plan_rows", "row_reduction"]

WARP = 32
THREADS = 256
# Registers for elements, of 4 bytes: with more, fewer warps fit on a processor than hide the
# latency of its memory.
MOST_REGISTERS = 32
WARPS_OF_LONG_ROWS = 16

COMBINED = {"sum": "mine + other", "max": "other > mine ? other : mine"}


@dataclass(frozen=True, slots=True)
class RowPlan:
    """How rows of a length are read.

    Attributes
    ----------
    warps : int
        How many share a row.
    kept : int
        Elements that each thread keeps in registers; 0 if the row is too long for that.
    """

    warps: int
    kept: int

    @property
    def block(self) -> tuple[int, int, int]:
        """Threads of a row, and rows of a block: whole warps, so that one row's can leave."""
        threads = self.warps * WARP
        return threads, max(1, THREADS // threads) if self.warps == 1 else 1, 1

    @property
    def threads(self) -> int:
        """Threads of a block."""
        return self.block[0] * self.block[1]

    def grid(self, rows: int) -> tuple[int, int, int]:
        """Return blocks for so many rows."""
        return -(-rows // self.block[1]), 1, 1

    def each(self) -> str:
        """Return the head of a loop over a thread's columns."""
        threads = self.warps * WARP
        if not self.kept:
            return f"for (long long column = threadIdx.x; column < n; column += {threads})"
        return (
            f'_Pragma("unroll") for (int k = 0; k < {self.kept}; k++)\n'
            f"    if (const int column = threadIdx.x + {threads} * k; column < n)"
        )

    def keep(self, name: str, wide: str, loaded: str) -> str:
        """Return the text that reads a row into registers, or nothing."""
        return (
            f"{wide} {name}[{self.kept}];\n  {self.each()}\n    {name}[k] = {loaded};"
            if self.kept
            else ""
        )

    def value(self, name: str, loaded: str) -> str:
        """Return the text of an element in the loop."""
        return f"{name}[k]" if self.kept else f"({loaded})"


def plan_rows(n: int, scalar: Scalar) -> RowPlan:
    """Return how rows of `n` elements are read.

    Examples
    --------
    >>> from tensorsym.cuda.scalars import scalar_of
    >>> [plan_rows(n, scalar_of("float16")) for n in (10, 1000, 100000)]
    [RowPlan(warps=1, kept=1), RowPlan(warps=1, kept=32), RowPlan(warps=16, kept=0)]
    """
    most = MOST_REGISTERS // (2 if scalar.suffix == "f64" else 1)
    for warps in (1, THREADS // WARP):
        if n <= warps * WARP * most:
            return RowPlan(warps, 1 << (-(-n // (warps * WARP)) - 1).bit_length() if n else 1)
    return RowPlan(WARPS_OF_LONG_ROWS, 0)


def row_reduction(kind: str, plan: RowPlan, scalar: Scalar) -> str:
    """Return the function `row_sum` or `row_max`."""
    return fill_template(
        "row_reduce", what=kind, function=f"row_{kind}", combined=COMBINED[kind], wide=scalar.wide,
        warps=plan.warps,
    )  # fmt: skip
