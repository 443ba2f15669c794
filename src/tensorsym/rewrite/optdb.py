"""`optdb`, Theano's database of optimizers: programs add theirs to it, and choose by tags.

Users' local optimizers enter the phase they name; users' passes run after the phases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.rewrite.engine import rewrite
from tensorsym.rewrite.localopt import LocalOptimizer, as_algorithm
from tensorsym.rewrite.passes import PASSES, Optimizer
from tensorsym.rewrite.query import OPTIMIZERS, OPTIONAL, Query
from tensorsym.rewrite.rules import PHASES, Pass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.functiongraph import FunctionGraph

__all__ = ["OptDB", "Selected", "TagQuery", "optdb"]

# Where Theano's databases stand in the order in which they run.
POSITIONS = {"canonicalize": 1, "stabilize": 1.5, "linear_algebra": 1.7, "specialize": 2}


class TagQuery:
    """Which rewrites by tags, in Theano's form.

    Parameters
    ----------
    include : sequence of str
        Names of optimizers (fast_run ...), phases, rewrites or tags that run.
    require, exclude : sequence of str, optional
        Tags that all of them must have, and those that none may have.
    subquery : dict, optional
        Kept for Theano programs.
    position_cutoff : float
        Phases at later positions do not run: 1 is canonicalize, 1.5 stabilize, 2 specialize.

    Examples
    --------
    >>> from tensorsym.gof import Query
    >>> Query(include=["fast_run"], position_cutoff=1.51).query.phases
    ('canonicalize', 'stabilize')
    """

    def __init__(
        self,
        include: Sequence[str],
        require: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        subquery: Any = None,
        position_cutoff: float = float("inf"),
        extra_optimizations: Any = (),
    ) -> None:
        self.include, self.require = list(include), list(require or ())
        self.exclude = list(exclude or ())
        self.position_cutoff = position_cutoff

    @property
    def query(self) -> Query:
        """The choice of rewrites."""
        wanted = {phase for name in self.include for phase in OPTIMIZERS.get(name, (name,))}
        phases = tuple(
            phase
            for phase in PHASES
            if phase in wanted and POSITIONS[phase] <= self.position_cutoff
        )
        return Query(phases, frozenset(self.include)).excluding(*self.exclude)

    def including(self, *tags: str) -> TagQuery:
        """Return this query with more tags included."""
        return TagQuery([*self.include, *tags], self.require, self.exclude)

    def excluding(self, *tags: str) -> TagQuery:
        """Return this query with more tags excluded."""
        return TagQuery(self.include, self.require, [*self.exclude, *tags])

    def requiring(self, *tags: str) -> TagQuery:
        """Return this query with more tags required."""
        return TagQuery(self.include, [*self.require, *tags], self.exclude)


class Selected(Optimizer):
    """The rewrites that a query chooses, as a pass.

    Parameters
    ----------
    query : Query
        The choice.
    """

    def __init__(self, query: Query) -> None:
        self.query = query

    def apply(self, fgraph: FunctionGraph) -> Any:
        """Rewrite the graph; return the report."""
        return rewrite(fgraph, self.query)


# Theano's databases of local optimizers, and the phase that stands for each.
PHASE_OF = {**{phase: phase for phase in PHASES}, "uncanonicalize": "specialize",
            "specialize_device": "specialize", "BlasOpt": "linear_algebra"}  # fmt: skip


class OptDB:
    """Theano's database of optimizers; `optdb["canonicalize"]` is that of a phase.

    Parameters
    ----------
    phase : str, optional
        The phase whose local optimizers are registered here.

    Examples
    --------
    >>> from tensorsym.compile import optdb
    >>> optdb["canonicalize"].phase
    'canonicalize'
    """

    def __init__(self, phase: str | None = None) -> None:
        self.phase = phase

    def __getitem__(self, name: str) -> OptDB:
        if name not in PHASE_OF:
            raise KeyError(f"there is no database {name!r}; there are {', '.join(PHASE_OF)}")
        return OptDB(PHASE_OF[name])

    def __contains__(self, name: str) -> bool:
        return name in PHASE_OF

    def register(self, name: str, obj: Any, *tags: Any, **options: Any) -> None:
        """Register an optimizer.

        Parameters
        ----------
        name : str
            A name of its own, usable in `mode.excluding`.
        obj : LocalOptimizer or Optimizer
            What runs; a local optimizer runs in this database's phase.
        *tags
            A number among them is the position of a pass. With 'fast_run' it runs by default,
            else only in modes that include it by name or tag.
        **options
            `position` as a keyword; others are kept for Theano programs.
        """
        words = tuple(tag for tag in tags if isinstance(tag, str))
        position = next((tag for tag in tags if isinstance(tag, int | float)), None)
        if not {"fast_run", "fast_compile"} & set(words):
            words += (OPTIONAL,)
        if isinstance(obj, LocalOptimizer):
            as_algorithm(name, obj, (self.phase or "specialize",), words)
            return
        if not hasattr(obj, "optimize"):
            raise TypeError(f"expected an optimizer, got {obj!r}")
        at = options.get("position", position)
        PASSES.add(name, Pass(name, obj, float("inf") if at is None else at, words))

    def query(self, *tags: Any, **options: Any) -> Selected:
        """Return the pass of the rewrites that tags or a `TagQuery` name."""
        if tags and isinstance(tags[0], TagQuery):
            return Selected(tags[0].query)
        signed = [tag if tag[0] in "+-&" else f"+{tag}" for tag in tags]
        return Selected(
            TagQuery(
                include=[tag[1:] for tag in signed if tag[0] == "+"],
                require=[tag[1:] for tag in signed if tag[0] == "&"],
                exclude=[tag[1:] for tag in signed if tag[0] == "-"],
            ).query
        )


optdb = OptDB()
