"""`Container`: a typed place for one value, read and written by functions; a view of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import BindingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.graph.type import Type
    from tensorsym.graph.variable import Variable

__all__ = ["Container", "ContainerView", "host_value"]


def host_value(value: Any) -> Any:
    """Return a value where NumPy can read it: one in the memory of a device is copied.

    Examples
    --------
    >>> host_value("anything else stays what it is")
    'anything else stays what it is'
    """
    return value.to_host() if hasattr(value, "__cuda_array_interface__") else value


class Container:
    """A place for a value of one type.

    Parameters
    ----------
    type : Type
        What the value must be.
    value : object, optional
        The value; None for empty.
    name : str, optional
        Name in messages.
    readonly, strict : bool
        Whether values may be set, and whether they may be converted when set.
    allow_downcast : bool, optional
        Whether conversion may lose digits.

    Attributes
    ----------
    storage : list
        One cell; functions hold this list, so that a new value is seen at once.
    """

    __slots__ = ("allow_downcast", "name", "readonly", "storage", "strict", "type")

    def __init__(
        self,
        type: Type,
        value: Any = None,
        name: str | None = None,
        *,
        readonly: bool = False,
        strict: bool = False,
        allow_downcast: bool | None = None,
    ) -> None:
        self.type = type
        self.name = name
        self.readonly = readonly
        self.strict = strict
        self.allow_downcast = allow_downcast
        self.storage: list[Any] = [None]
        if value is not None:
            self.value = value

    @property
    def value(self) -> Any:
        """The value itself, not a copy, unless it lies on another device."""
        return host_value(self.storage[0])

    @value.setter
    def value(self, value: Any) -> None:
        if self.readonly:
            raise TypeError(f"the value of {self.name or 'this input'} can not be set")
        self.storage[0] = (
            None if value is None else self.type.filter(value, self.strict, self.allow_downcast)
        )

    @property
    def data(self) -> Any:
        """The value (Theano's other name)."""
        return self.value

    @data.setter
    def data(self, value: Any) -> None:
        self.value = value

    def __getstate__(self) -> Any:
        return {name: getattr(self, name) for name in self.__slots__}

    def __setstate__(self, state: Any) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        return f"<{self.name or self.type}: {self.storage[0]!r}>"


class ContainerView:
    """The containers of a function by variable, name or position.

    Parameters
    ----------
    shared : sequence of (Variable, Container)
        Of the shared variables.
    defaults : sequence of Container
        Of the arguments.
    position : callable
        Gives an argument's position for a key, or raises BindingError.
    """

    def __init__(
        self,
        shared: Sequence[tuple[Variable, Container]],
        defaults: Sequence[Container],
        position: Callable[[object], int],
    ) -> None:
        self._shared = shared
        self._defaults = defaults
        self._position = position

    def __getitem__(self, key: Any) -> Container:
        for variable, container in self._shared:
            if key is variable or (isinstance(key, str) and key == variable.name):
                return container
        try:
            return self._defaults[self._position(key)]
        except BindingError as error:
            raise TypeError(str(error)) from error

    def __contains__(self, key: Any) -> bool:
        try:
            self[key]
        except TypeError:
            return False
        return True

    def __len__(self) -> int:
        return len(self._defaults)
