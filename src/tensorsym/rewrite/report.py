"""What a run of the rewriter did: the rules fired, in order, with reasons and places."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tensorsym.graph.variable import Constant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tensorsym.errors import Origin
    from tensorsym.graph.variable import Variable

__all__ = ["Firing", "PhaseReport", "Report", "expression_text"]

# How deep an expression is printed before it becomes "...": deep ones are long, and the change is
# at the top.
DEEPEST_TEXT = 4
MOST_OPERANDS = 6


@dataclass(frozen=True, slots=True)
class Firing:
    """One application of a rewrite.

    Attributes
    ----------
    name, phase, why : str
        The rewrite, when it ran, and its reason.
    before, after : str
        The expression replaced and its replacement; empty unless texts were asked for.
    origin : tuple of (filename, line)
        Where the user built the expression.
    """

    name: str
    phase: str
    before: str
    after: str
    why: str
    origin: Origin


@dataclass(slots=True)
class PhaseReport:
    """One phase: nodes before and after, rewrites tried and fired, seconds."""

    name: str
    nodes_before: int
    nodes_after: int = 0
    visits: int = 0
    tried: int = 0
    fired: int = 0
    seconds: float = 0.0
    stopped_by: str = ""


@dataclass(slots=True)
class Report:
    """All phases of one run."""

    phases: list[PhaseReport] = field(default_factory=list)
    firings: list[Firing] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """How often each rewrite fired."""
        return Counter(firing.name for firing in self.firings)

    def fired(self, name: str) -> bool:
        """Tell whether the rewrite `name` fired."""
        return any(firing.name == name for firing in self.firings)

    def __str__(self) -> str:
        lines = [
            f"{p.name}: {p.nodes_before} -> {p.nodes_after} nodes, "
            f"{p.fired} fired of {p.tried} tried, {p.seconds * 1e3:.1f} ms"
            for p in self.phases
        ]
        lines += [f"  {name} x{count}" for name, count in self.counts.most_common()]
        return "\n".join(lines)


def expression_text(variable: Variable, depth: int = DEEPEST_TEXT) -> str:
    """Return a short text of an expression; what lies deeper than `depth` is written as dots."""
    node = variable.owner
    if node is None:
        return (
            str(variable.data)
            if isinstance(variable, Constant)
            else variable.name or f"<{variable.type}>"
        )
    if depth == 0:
        return variable.name or "..."
    name = getattr(node.op, "name", None) or str(node.op)
    return f"{name}({', '.join(_texts(node.inputs, depth - 1))})"


def _texts(variables: Iterable[Variable], depth: int) -> list[str]:
    listed = list(variables)
    texts = [expression_text(v, depth) for v in listed[:MOST_OPERANDS]]
    return texts if len(listed) <= MOST_OPERANDS else [*texts, "..."]
