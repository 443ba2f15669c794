"""Registries: tables filled while tensorsym is imported and frozen afterwards, with overlays for users.

A registry maps a key to what a lower room must find without importing the higher room that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from tensorsym.errors import InconsistencyError

__all__ = ["Registry"]

Key = TypeVar("Key")
Value = TypeVar("Value")


class Registry(Mapping[Key, Value], Generic[Key, Value]):
    """A table with a name, filled by `add` or the decorator `register`, closed by `freeze`.

    Entries added after `freeze` go to the user's overlay and raise `version`, which is part of every cache key.

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
