"""`OrderedUpdates`: new values of shared variables, in the order they were given."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tensorsym.errors import UpdateError
from tensorsym.runtime.shared import SharedVariable

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["OrderedUpdates"]


class OrderedUpdates(OrderedDict[SharedVariable, Any]):
    """A dictionary of shared variables and their new values, as `function(updates=...)` takes it.

    Parameters
    ----------
    *args, **kwargs
        As for dict; pairs are taken too.

    Raises
    ------
    TypeError
        If a key is no shared variable.
    KeyError
        If two dictionaries are joined that update one variable differently.

    Examples
    --------
    >>> import tensorsym
    >>> from tensorsym.updates import OrderedUpdates
    >>> s = tensorsym.shared(1.0)
    >>> list(OrderedUpdates({s: s + 1}) + OrderedUpdates()) == [s]
    True
    """

    def __setitem__(self, key: SharedVariable, value: Any) -> None:
        if not isinstance(key, SharedVariable):
            raise UpdateError(
                "only shared variables have updates",
                got=f"{key!r}, a {type(key).__name__}",
                expected="a variable made by shared",
            )
        super().__setitem__(key, value)

    def update(self, other: Any = (), /, **kwargs: Any) -> None:
        """Add updates; one that is there already must be the same.

        Parameters
        ----------
        other : mapping or iterable of pairs
            Shared variables and new values.
        """
        pairs: Iterable[Any] = other.items() if isinstance(other, Mapping) else other
        for key, value in pairs:
            if key in self and self[key] is not value:
                raise KeyError(f"{key} has two updates: {self[key]} and {value}")
            self[key] = value

    def __add__(self, other: Any) -> OrderedUpdates:
        """Return the updates of both."""
        both = OrderedUpdates(self)
        both.update(other)
        return both

    def __radd__(self, other: Any) -> OrderedUpdates:
        """Return the updates of both."""
        both = OrderedUpdates(other)
        both.update(self)
        return both
