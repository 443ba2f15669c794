"""The memory that a plan needs at most, in bytes, as a formula of its arguments' lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensorsym.errors import origin_text
from tensorsym.schedule.occupancy import argument_names, occupancy
from tensorsym.schedule.sizes import largest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tensorsym.schedule.holding import Point
    from tensorsym.schedule.plan import Plan

__all__ = ["Memory", "memory_of"]


@dataclass(frozen=True, slots=True)
class Memory:
    """What a plan holds at most: results and what lies between, arguments and constants left out.

    Attributes
    ----------
    peaks : tuple of Point
        The points of the plan where it may be the most; which one is, the lengths decide.
    events : tuple of str
        Each birth, death, takeover and refusal, in order.
    arguments : tuple of str
        What the arguments are called in the formula.

    Notes
    -----
    Not less than what is in use for arguments in C order. Memory that is free again but kept for
    later calls comes on top, and what Python code of an op uses inside.
    """

    peaks: tuple[Point, ...]
    events: tuple[str, ...]
    arguments: tuple[str, ...]

    @property
    def formula(self) -> str:
        """Bytes at the worst point, of lengths such as `x.shape[0]`."""
        texts = [str(point.size) for point in self.peaks] or ["0"]
        return texts[0] if len(texts) == 1 else f"max({', '.join(texts)})"

    def bytes(self, given: Mapping[str, int]) -> int:
        """Return the bytes for given lengths by name.

        Raises
        ------
        LengthError
            If a length is missing.
        """
        return max((point.size.value(given) for point in self.peaks), default=0)

    def text(self, *, places: bool = True) -> str:
        """Return the formula, and for each peak what makes it and where that was built."""
        return "\n".join(
            [f"{self.formula} bytes", *[_point_text(point, places) for point in self.peaks]]
        )

    def __str__(self) -> str:
        return self.text()


def memory_of(plan: Plan) -> Memory:
    """Return what a plan holds at most.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> from tensorsym.schedule.build import schedule
    >>> x, y = T.matrices("x", "y")
    >>> memory = memory_of(schedule(FunctionGraph([x, y], [T.dot(x, y).sum()])))
    >>> memory.formula
    '8*x.shape[0]*y.shape[1]'
    >>> memory.bytes({"x.shape[0]": 10, "y.shape[1]": 5})
    400
    """
    account = occupancy(plan)
    at = {point.size: point for point in reversed(account.points)}
    peaks = [at[size] for size in largest(point.size for point in account.points)]
    return Memory(tuple(peaks), tuple(account.events), tuple(argument_names(plan)))


def _point_text(point: Point, places: bool) -> str:
    if point.instruction is None:
        return f"  {point.size} where results are copied"
    sources = [point.plan.origins[number] for number in point.instruction.sources]
    text = f"  {point.size} at {sources[-1].node if sources else point.instruction.word}"
    origin = next((source.origin for source in reversed(sources) if source.origin), ())
    return f"{text}, built at {origin_text(origin)}" if origin and places else text
