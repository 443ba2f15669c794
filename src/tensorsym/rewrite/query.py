"""Which rewrites run: an optimizer's name, with names, tags and phases included or excluded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tensorsym.rewrite.rules import PHASES

if TYPE_CHECKING:
    from tensorsym.rewrite.rules import Algorithm, Pass, Rule

__all__ = ["OPTIMIZERS", "Query"]

# Name of an optimizer -> the phases it runs.
OPTIMIZERS: dict[str, tuple[str, ...]] = {
    "fast_run": PHASES,
    "fast_compile": ("canonicalize",),
    "None": (),
    "none": (),
    "merge": (),
    "canonicalize": ("canonicalize",),
    "stabilize": ("canonicalize", "stabilize"),
    "specialize": ("canonicalize", "stabilize", "specialize"),
    "unsafe": PHASES,
    "o1": ("canonicalize",),
    "o2": PHASES,
    "o3": PHASES,
    "o4": PHASES,
}
# Rewrites with this tag only run when they are included by name or tag.
OPTIONAL = "optional"
# Groups of Theano whose exclusion switches a whole phase off.
THEANO_GROUPS = {"BlasOpt": "linear_algebra", "blas": "linear_algebra", "local_opt": "canonicalize"}


@dataclass(frozen=True, slots=True)
class Query:
    """A choice of rewrites.

    Attributes
    ----------
    phases : tuple of str
        Phases that run, in order.
    included, excluded : frozenset of str
        Names, tags, phases or Theano names. Excluding wins.

    Examples
    --------
    >>> from tensorsym.rewrite.query import Query
    >>> Query.of("fast_run").excluding("local_log1p").excluded
    frozenset({'local_log1p'})
    """

    phases: tuple[str, ...] = PHASES
    included: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    @classmethod
    def of(cls, optimizer: str | None) -> Query:
        """Return the query that an optimizer's name stands for.

        Raises
        ------
        ValueError
            If there is no such optimizer.
        """
        phases = OPTIMIZERS.get(str(optimizer))
        if phases is None:
            raise ValueError(
                f"there is no optimizer {optimizer!r}; there are {', '.join(OPTIMIZERS)}"
            )
        return cls(phases, frozenset({"unsafe"}) if optimizer == "unsafe" else frozenset())

    def including(self, *names: str) -> Query:
        """Return this query with phases or optional rewrites switched on."""
        flat = _names(names)
        phases = tuple(phase for phase in PHASES if phase in self.phases or phase in flat)
        return replace(
            self, phases=phases, included=self.included | flat, excluded=self.excluded - flat
        )

    def excluding(self, *names: str) -> Query:
        """Return this query with rewrites switched off."""
        flat = _names(names)
        off = flat | {THEANO_GROUPS[name] for name in flat if name in THEANO_GROUPS}
        return replace(
            self,
            phases=tuple(p for p in self.phases if p not in off),
            excluded=self.excluded | flat,
        )

    def selects(self, rewrite: Rule | Algorithm | Pass) -> bool:
        """Tell whether a rewrite runs, phases aside."""
        labels = {rewrite.name, *rewrite.tags, *rewrite.theano}
        if labels & self.excluded:
            return False
        return not ({OPTIONAL, "unsafe"} & set(rewrite.tags)) or bool(labels & self.included)


def _names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(part for name in names for part in name.split(":") if part)
