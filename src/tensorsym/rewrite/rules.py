"""Rules as data, algorithms by name, and the table of both.

A rule is two terms and a reason; an algorithm is a function from a node to its replacement. Both
are entries of `REWRITES`; built-in entries are fixed, users add theirs to the overlay, whose
version is part of every cache key.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from tensorsym.extend import Registry
from tensorsym.graph.variable import Apply
from tensorsym.language.dtypes import FLOAT
from tensorsym.rewrite.pattern import PatternVariable, as_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.pattern import Pattern

__all__ = ["PHASES", "REWRITES", "Algorithm", "Pass", "Rule", "algorithm", "rules"]

Exactness = Literal["exact", "reassociating", "stabilising"]
Interval = tuple[float, float]
# A variable, or one (or None: leave it) per output, or None: nothing to do. The language's
# expressions are of type Any.
Replacement = Any
Transform = Callable[[Apply, "Context"], Replacement]

# In the order they run. What canonicalize has is repeated while stabilizing: new terms cancel too.
PHASES = ("canonicalize", "stabilize", "specialize", "linear_algebra")


@dataclass(frozen=True, slots=True)
class Rule:
    """An equation used from left to right.

    Attributes
    ----------
    name : str
        Unique name, usable in `mode.excluding`.
    left, right : Pattern, or number for the right
        The terms. Every variable of the right stands in the left.
    condition : callable, optional
        Takes variables of the left by parameter name (constants as numbers) and tells whether the
        rule may fire.
    why : str
        The reason, in one sentence.
    differs : str
        Where the sides differ by more than rounding; empty: nowhere.
    exactness : {'exact', 'reassociating', 'stabilising'}
        Equal bits; equal but for the order of roundings; more accurate on the right.
    tags : tuple of str
        Groups for including and excluding.
    theano : tuple of str
        Names of Theano's rewrites that this rule answers to.
    dtypes : tuple of str
        dtypes in which the variables may be computed; real floats unless said otherwise.
    phases : tuple of str
        When it runs.
    domain : tuple of (low, high)
        Where tests draw the variables, in order; one interval serves all.
    """

    name: str
    left: Pattern
    right: Pattern | int | float
    condition: Callable[..., bool] | None = None
    why: str = ""
    differs: str = ""
    exactness: Exactness = "exact"
    tags: tuple[str, ...] = ()
    theano: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = FLOAT
    phases: tuple[str, ...] = ()
    domain: tuple[Interval, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.left} -> {as_pattern(self.right)}"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A rewrite that is a function.

    Attributes
    ----------
    name, why, differs, tags, theano, phases
        As for `Rule`.
    roots : tuple of str or type, or None
        Names or classes of the ops it looks at; None: every node.
    inputs : tuple of str or type
        Names or classes of ops of which one must compute an input of the node; empty: no such
        demand.
    transform : callable
        From (node, context) to the replacement, or None.
    """

    name: str
    transform: Transform
    roots: tuple[str | type, ...] | None
    why: str
    phases: tuple[str, ...]
    theano: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    differs: str = ""
    inputs: tuple[str | type, ...] = ()


@dataclass(frozen=True, slots=True)
class Pass:
    """A registered pass.

    Attributes
    ----------
    name : str
        Its name.
    optimizer : Optimizer
        What runs.
    position : float
        Passes run in this order.
    tags : tuple of str
        Groups for including and excluding.
    theano : tuple of str
        As for rules; none.
    """

    name: str
    optimizer: Any
    position: float
    tags: tuple[str, ...]
    theano: tuple[str, ...] = ()


REWRITES: Registry[str, Rule | Algorithm] = Registry("rewrites")

RuleFamily = Callable[..., Iterator[Rule]]


def rules(
    *phases: str,
    domain: Interval | tuple[Interval, ...] = (-3.0, 3.0),
    constants: str = "",
    tags: tuple[str, ...] = (),
) -> Callable[[RuleFamily], tuple[Rule, ...]]:
    """Return a decorator that enters the rules that a generator yields.

    The generator's parameters are the pattern variables.

    Parameters
    ----------
    *phases : str
        Phases in which the rules run.
    domain : interval, or one per variable
        Where tests draw the variables.
    constants : str
        Names of the parameters that match only tensors of one value known while compiling.
    tags : tuple of str
        Groups that all these rules belong to; the generator's name is one anyway.

    Examples
    --------
    >>> from tensorsym.rewrite.pattern import exp, log
    >>> from tensorsym.rewrite.rules import Rule
    >>> def inverses(x):
    ...     yield Rule("my_log_exp", log(exp(x)), x, why="exp overflows", differs="|x| > 700")
    >>> from tensorsym.rewrite.pattern import PatternVariable
    >>> print(next(inverses(PatternVariable("x"))))
    my_log_exp: log(exp(x)) -> x
    """
    intervals: tuple[Interval, ...] = domain if isinstance(domain[0], tuple) else (domain,)

    def decorate(family: RuleFamily) -> tuple[Rule, ...]:
        names = list(inspect.signature(family).parameters)
        fixed = constants.split()
        family_name = getattr(family, "__name__", "")
        table = tuple(
            replace(
                rule,
                phases=rule.phases or phases,
                domain=rule.domain or intervals,
                tags=(*rule.tags, *tags, family_name),
            )
            for rule in family(*[PatternVariable(name, name in fixed) for name in names])
        )
        for rule in table:
            REWRITES.add(rule.name, rule)
        return table

    return decorate


def algorithm(
    name: str,
    *phases: str,
    roots: Sequence[str | type] | None,
    why: str,
    theano: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    differs: str = "",
    inputs: Sequence[str | type] = (),
) -> Callable[[Transform], Transform]:
    """Return a decorator that enters a function as an algorithm.

    See `Algorithm` for the parameters.
    """

    def decorate(transform: Transform) -> Transform:
        REWRITES.add(
            name,
            Algorithm(
                name,
                transform,
                None if roots is None else tuple(roots),
                why,
                phases,
                theano,
                tags,
                differs,
                tuple(inputs),
            ),
        )
        return transform

    return decorate
