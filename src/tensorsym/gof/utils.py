"""Theano's helpers of graphs."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

from tensorsym.errors import MethodNotDefined, TestValueError
from tensorsym.graph.variable import Scratchpad as scratchpad  # noqa: N813 - Theano's spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from tensorsym.graph.variable import Variable

__all__ = [
    "MethodNotDefined",
    "TestValueError",
    "difference",
    "flatten",
    "give_variables_names",
    "memoize",
    "object2",
    "remove",
    "scratchpad",
    "to_return_values",
    "unique",
]

Item = TypeVar("Item")


class object2:  # noqa: N801 - Theano's spelling
    """An object compared and hashed by the attributes that `__props__` names."""

    __props__: tuple[str, ...] = ()

    def _props(self) -> tuple[Hashable, ...]:
        return tuple(getattr(self, name) for name in self.__props__)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._props() == other._props()

    def __hash__(self) -> int:
        return hash((type(self), self._props()))


def memoize(function: Callable[..., Item]) -> Callable[..., Item]:
    """Return `function` with its results kept by positional arguments."""
    return functools.cache(function)


def unique(items: Sequence[Any]) -> bool:
    """Tell whether no item occurs twice."""
    return len(set(items)) == len(items)


def difference(first: Iterable[Item], second: Iterable[Item]) -> list[Item]:
    """Return the items of `first` that are not in `second`, in order."""
    others = set(second)
    return [item for item in first if item not in others]


def remove(predicate: Callable[[Item], Any], items: Iterable[Item]) -> list[Item]:
    """Return the items for which `predicate` is false."""
    return [item for item in items if not predicate(item)]


def flatten(items: Any) -> list[Any]:
    """Return the leaves of nested lists, tuples and sets."""
    if isinstance(items, list | tuple | set):
        return [leaf for item in items for leaf in flatten(item)]
    return [items]


def to_return_values(values: list[Item]) -> Any:
    """Return the only value, or the list of several."""
    return values[0] if len(values) == 1 else values


def give_variables_names(variables: Sequence[Variable]) -> list[str]:
    """Name every variable that has no name or one that another has; return the names."""
    names = [variable.name for variable in variables]
    taken: set[str | None] = set()
    for index, (variable, name) in enumerate(zip(variables, names, strict=True)):
        if not name or names.count(name) > 1:
            variable.name = _free_name(name or f"{variable.type}_{index}", taken | set(names))
        taken.add(variable.name)
    return [str(variable.name) for variable in variables]


def _free_name(stem: str, taken: set[str | None]) -> str:
    return next(
        name for name in (f"{stem}_{count}" for count in range(len(taken) + 1)) if name not in taken
    )
