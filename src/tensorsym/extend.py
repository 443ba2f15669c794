"""Registries: tables filled while tensorsym is imported and frozen then, with users' overlays.

A registry maps a key to what a lower room must find without importing the higher room that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from tensorsym.errors import InconsistencyError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LISTENERS", "Listener", "Registry", "announce"]

Key = TypeVar("Key")
Value = TypeVar("Value")


class Registry(Mapping[Key, Value], Generic[Key, Value]):
    """A table with a name, filled by `add` or the decorator `register`, closed by `freeze`.

    Entries added after `freeze` go to the user's overlay and raise `version`, which is part of
    every cache key.

    Examples
    --------
    >>> from tensorsym.extend import Registry
    >>> colours = Registry("colours")
    >>> colours.add("red", 1)
    >>> colours["red"]
    1
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.version = 0
        self._frozen = False
        self._entries: dict[Key, Value] = {}
        self._built_in: frozenset[Key] = frozenset()

    def __getitem__(self, key: Key) -> Value:
        return self._entries[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, key: Key, value: Value) -> None:
        """Add an entry; built-in entries can not be replaced."""
        if key in self._entries and (not self._frozen or key in self._built_in):
            raise InconsistencyError(f"{self.name} has an entry for {key!r} already")
        self._entries[key] = value
        self.version += self._frozen

    def register(self, *keys: Key) -> Callable[[Value], Value]:
        """Return a decorator that adds its argument under `keys`."""

        def decorate(value: Value) -> Value:
            for key in keys:
                self.add(key, value)
            return value

        return decorate

    def freeze(self) -> None:
        """Make all present entries permanent."""
        self._frozen = True
        self._built_in = frozenset(self._entries)


# Called with an event's name and what there is to know of it. What is built in stands in the
# windows.
Listener = Callable[[str, Mapping[str, object]], None]
LISTENERS: Registry[str, Listener] = Registry("listeners")


def announce(event: str, **payload: object) -> None:
    """Tell all listeners what is going on while a function is compiled.

    Parameters
    ----------
    event : str
        'phase' (with `name`, `moment` before or after, `graph`), 'rewrite' (with `firing`),
        'compiled' (with `name`, `graph`, `report`, `seconds`, `stages`, and `plan` where there is
        one), or 'called' (with `name`, `seconds`, and `before` and `rows`, accounts of what each
        instruction cost).
    **payload
        Live objects, not texts: whoever listens decides what to make of them, and must not change
        them.

    Examples
    --------
    >>> from tensorsym.extend import LISTENERS, announce
    >>> def hear(event, payload):
    ...     if event == "lunch":
    ...         print(event, payload["seconds"])
    >>> LISTENERS.add("example", hear)
    >>> announce("lunch", seconds=1800)
    lunch 1800
    """
    for listener in LISTENERS.values():
        listener(event, payload)
