"""`Recipe`: what a user asked of `function`, and how it becomes a closed graph.

Givens are substituted, updates and default updates collected, inputs checked; the result is one
FunctionGraph whose inputs are the arguments and then the shared variables, and whose outputs are
the outputs and then the updates.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.errors import (
    DuplicateInputError,
    MissingInputError,
    NullTypeGradError,
    UnusedInputError,
)
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.type import NullType
from tensorsym.graph.variable import Constant, Variable
from tensorsym.graph.walk import ancestors, replace_in_graph
from tensorsym.language.dtypes import upcast
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.runtime.container import Container
from tensorsym.runtime.shared import SharedVariable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tensorsym.graph.type import Type
    from tensorsym.runtime.io import In, Out

__all__ = ["Recipe", "update_value"]

Pairs = Sequence[tuple[Any, Any]]


@dataclass
class Recipe:
    """The arguments of `function`, normalised; pickled functions are built again from it.

    Attributes
    ----------
    inputs : list of In
        Arguments.
    outputs : list of Out
        Results.
    form : str
        "one", "list", "dict" or "none".
    keys : tuple of str
        Keys of a dict of outputs.
    updates, givens : list of pairs
        As given.
    no_default_updates : bool or list
        Which default updates are left out.
    rebuild_strict : bool
        Whether givens must keep types; a dtype that the other holds is cast.
    on_unused_input : str or None
        raise, warn or ignore.
    name : str or None
        Name of the function.
    device : str or None
        Where it runs; None for `config.device`.
    """

    inputs: list[In]
    outputs: list[Out]
    form: str
    keys: tuple[str, ...]
    updates: Pairs
    givens: Pairs
    no_default_updates: Any = False
    rebuild_strict: bool = True
    on_unused_input: str | None = None
    name: str | None = None
    device: str | None = None

    def resolve(self) -> Resolved:
        """Return the closed graph and what its inputs and outputs stand for."""
        self._check_duplicates()
        if not isinstance(self.no_default_updates, bool | list | tuple):
            raise TypeError(
                f"no_default_updates is a bool or a list, got {self.no_default_updates!r}"
            )
        updates = self._explicit_updates()
        expressions = [out.variable for out in self.outputs] + [new for _, new in updates]
        replaced = self._substitute(expressions)
        outputs, news = replaced[: len(self.outputs)], replaced[len(self.outputs) :]
        targets = [target for target, _ in updates]
        given = [item.variable for item in self.inputs]
        shared = self._collect_shared([*outputs, *news], given, targets, news)
        self._check_unused([*outputs, *news], given)
        self._check_missing([*outputs, *news], given)
        every = [
            *shared,
            *(t for t in targets if t not in shared and isinstance(t, SharedVariable)),
        ]
        graph = FunctionGraph([*given, *every], [*outputs, *news])
        return Resolved(graph, every, targets, len(outputs))

    def exchange(self, swap: Mapping[Any, Any], shared: Sequence[SharedVariable]) -> None:
        """Put other shared variables in the places of some of `shared`."""
        for old, new in swap.items():
            if old not in shared:
                raise ValueError(f"swap: {old} is not a shared variable of the function")
            if not isinstance(new, SharedVariable) or new.type != old.type:
                raise TypeError(
                    f"swap: {new} can not stand for {old}: it must be a shared variable "
                    f"of type {old.type}"
                )
        self.givens = [*self.givens, *swap.items()]
        self.updates = [(swap.get(old, old), new) for old, new in self.updates]

    def _check_duplicates(self) -> None:
        seen: set[Variable] = set()
        for item in self.inputs:
            if isinstance(item.variable, SharedVariable):
                raise TypeError(
                    f"the shared variable {item.variable} can not be an input: "
                    "it has a value already; "
                    "use givens to substitute another for this function"
                )
            if isinstance(item.variable, Constant):
                raise TypeError(f"the constant {item.variable} can not be an input")
            if item.variable in seen:
                raise DuplicateInputError(
                    f"{item.variable} is listed twice among the inputs of {self.title}",
                    hint="list each variable once",
                )
            seen.add(item.variable)

    @property
    def title(self) -> str:
        """The function's name in messages."""
        return f"function {self.name!r}" if self.name else "the function"

    def _explicit_updates(self) -> list[tuple[Any, Variable]]:
        """Return updates of shared variables, checked, and of inputs with an update."""
        pairs: list[tuple[Any, Variable]] = []
        seen: set[Variable] = set()
        for target, new in self.updates:
            if not isinstance(target, SharedVariable):
                raise TypeError(
                    f"only shared variables can be updated, got {target!r} "
                    f"of type {type(target).__name__}"
                )
            if target in seen:
                raise ValueError(f"the shared variable {target} has two updates", (target, new))
            seen.add(target)
            pairs.append((target, update_value(target, new)))
        pairs += [(item, item.update) for item in self.inputs if item.update is not None]
        return pairs

    def _substitute(self, expressions: list[Variable]) -> list[Variable]:
        """Return expressions with givens put in; a given may use those listed before it."""
        memo: dict[Variable, Variable] = {}
        for old, new in self.givens:
            if not isinstance(old, Variable):
                raise TypeError(f"givens substitute variables, got {old!r}")
            if old in memo:
                raise ValueError(f"{old} is substituted twice in givens")
            if any(old is item.variable for item in self.inputs):
                raise RuntimeError(f"{old} is an input and in givens; it can not be both")
            value = _given_value(old, new, self.rebuild_strict)
            memo[old] = replace_in_graph([value], memo, strict=False)[0]
        return replace_in_graph(expressions, memo, strict=False) if memo else expressions

    def _collect_shared(
        self,
        expressions: list[Variable],
        given: list[Variable],
        targets: list[Any],
        news: list[Variable],
    ) -> list[SharedVariable]:
        """Return the shared variables needed; add default updates to `targets` and `news`."""
        found: dict[SharedVariable, None] = {}
        pending = list(expressions)
        while pending:
            fresh = [
                v
                for v in ancestors(pending, given)
                if isinstance(v, SharedVariable) and v not in found
            ]
            pending = []
            for variable in fresh:
                found[variable] = None
                update = getattr(variable, "default_update", None)
                if update is not None and variable not in targets and self._wants_default(variable):
                    new = self._substitute([update_value(variable, update)])[0]
                    targets.append(variable)
                    news.append(new)
                    pending.append(new)
        return list(found)

    def _wants_default(self, variable: SharedVariable) -> bool:
        if isinstance(self.no_default_updates, bool):
            return not self.no_default_updates
        return variable not in self.no_default_updates

    def _check_unused(self, expressions: list[Variable], given: list[Variable]) -> None:
        policy = self.on_unused_input or config.on_unused_input
        if policy not in ("raise", "warn", "ignore"):
            raise ValueError(f"on_unused_input is raise, warn or ignore, got {policy!r}")
        if policy == "ignore":
            return
        needed = set(ancestors(expressions, given))
        for index, item in enumerate(self.inputs):
            if item.variable in needed or item.implicit or item.update is not None:
                continue
            text = (
                f"input {index} ({item.variable}) of {self.title} is not used to compute "
                "its outputs"
            )
            hint = "take it out of the inputs, or pass on_unused_input='ignore'"
            if policy == "raise":
                raise UnusedInputError(
                    text, got=f"{item.variable} of type {item.variable.type}", hint=hint
                )
            warnings.warn(f"{text}; {hint}", stacklevel=4)

    def _check_missing(self, expressions: list[Variable], given: list[Variable]) -> None:
        known = set(given)
        for variable in ancestors(expressions, given):
            if (
                variable.owner is not None
                or variable in known
                or isinstance(variable, Constant | SharedVariable)
            ):
                continue
            if isinstance(variable.type, NullType):
                raise NullTypeGradError(
                    f"{self.title} needs a derivative that is undefined: {variable.type.why_null}"
                )
            users = [
                v for v in ancestors(expressions, given) if v.owner and variable in v.owner.inputs
            ]
            raise MissingInputError(
                f"{self.title} needs the value of {variable}, which is not among its inputs",
                got=f"inputs {[str(v) for v in given]}; {variable} of type {variable.type} "
                f"is used in {users[0] if users else 'an output'}",
                origin=users[0].origin if users else (),
                hint="add it to the inputs, or give it a value with givens or shared",
            )


@dataclass
class Resolved:
    """A closed graph: arguments, then `shared`, to `n_outputs` outputs, then a value per target."""

    graph: FunctionGraph
    shared: list[SharedVariable]
    targets: list[Any]
    n_outputs: int


def update_value(target: SharedVariable, new: Any) -> Any:
    """Return a shared variable's new value, checked to be of its type."""
    try:
        return target.type.filter_variable(new, allow_convert=False)
    except TypeError as error:
        got = (
            f"{new} of type {new.type}"
            if isinstance(new, Variable)
            else f"{type(new).__name__} {new!r}"
        )
        raise TypeError(
            "An update must have the same type as the original shared variable\n"
            f"  got:      {got}\n"
            f"  expected: {target.type}, the type of {target}\n"
            "  hint:     cast the update with T.cast(..., dtype); for a difference in the "
            "broadcast pattern use T.unbroadcast or T.patternbroadcast"
        ) from error


def _given_value(old: Variable, new: Any, strict: bool) -> Any:
    if not isinstance(new, Variable):
        return old.type.filter_variable(new)
    if not strict and old.type != new.type:
        return new
    try:
        return old.type.filter_variable(_widened(new, old.type))
    except TypeError as error:
        raise TypeError(
            f"givens can not put {new} of type {new.type} in place of {old} of type {old.type}; "
            "cast it, or pass rebuild_strict=False"
        ) from error


def _widened(new: Variable, wanted: Type) -> Variable:
    """Return `new` cast to the dtype wanted, if that holds all values of its own."""
    if not isinstance(new.type, TensorType) or not isinstance(wanted, TensorType):
        return new
    if new.type.dtype == wanted.dtype or upcast(new.type.dtype, wanted.dtype) != wanted.dtype:
        return new
    cast: Variable = FUNCTIONS["cast"](new, wanted.dtype)
    return cast


def pairs_of(mapping: Any, what: str) -> list[tuple[Any, Any]]:
    """Return updates or givens, a mapping or an iterable of pairs, as a list of pairs."""
    if mapping is None:
        return []
    items: Iterable[Any] = mapping.items() if isinstance(mapping, Mapping) else mapping
    pairs = []
    for item in items:
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise ValueError(f"{what} are pairs (variable, expression), got {item!r}")
        pairs.append((item[0], item[1]))
    return pairs


def default_containers(inputs: Sequence[In]) -> list[Container]:
    """Return a container per input that holds its default, if any."""
    containers = []
    for item in inputs:
        if isinstance(item.value, Container):
            containers.append(item.value)
            continue
        container = Container(
            item.variable.type,
            None,
            item.name,
            strict=item.strict,
            allow_downcast=item.allow_downcast,
        )
        if item.value is not None:
            default = (
                item.value.container.value if isinstance(item.value, SharedVariable) else item.value
            )
            container.value = default if item.borrow else _copy_of(default)
        containers.append(container)
    return containers


def _copy_of(value: Any) -> Any:
    copy = getattr(value, "copy", None)
    return copy() if callable(copy) else value
