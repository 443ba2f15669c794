"""Shared variables: symbolic variables with a value that functions read and update."""

from __future__ import annotations

import copy
import itertools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import DTypeError
from tensorsym.graph.type import generic
from tensorsym.graph.variable import Variable
from tensorsym.language.operators import TensorOperators
from tensorsym.language.tensortype import TensorType
from tensorsym.runtime.container import Container, host_value

if TYPE_CHECKING:
    from tensorsym.graph.type import Type

__all__ = [
    "ScalarSharedVariable",
    "SharedVariable",
    "TensorSharedVariable",
    "shared",
    "shared_constructor",
]

_serial = itertools.count()


class SharedVariable(Variable):
    """A variable whose value lives between calls.

    Parameters
    ----------
    name : str or None
        Name.
    type : Type
        Type of the value.
    value : object
        First value; None if `container` is given.
    strict : bool
        Whether `set_value` converts nothing.
    allow_downcast : bool, optional
        Whether `set_value` may lose digits.
    container : Container, optional
        Place of the value, shared with another variable.

    Attributes
    ----------
    default_update : Variable
        If set, the update a function makes when it is given none for this variable.
    """

    __slots__ = ("container", "lock", "serial")

    default_update: Variable

    def __init__(
        self,
        name: str | None,
        type: Type,
        value: Any,
        strict: bool = False,
        allow_downcast: bool | None = None,
        container: Container | None = None,
    ) -> None:
        super().__init__(type, None, None, name)
        # Functions that write several shared variables lock them in the order of their serial
        # numbers.
        self.serial = next(_serial)
        self.lock = threading.RLock()
        self.container = container or Container(
            type, value, name, strict=strict, allow_downcast=allow_downcast
        )

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any:
        """Return the value.

        Parameters
        ----------
        borrow : bool
            Whether the value itself may be returned; otherwise a copy nobody else changes.
        return_internal_type : bool
            Whether a value on another device may be returned as it is there.
        """
        value = self.container.storage[0]
        if hasattr(value, "__cuda_array_interface__") and not return_internal_type:
            return host_value(value)
        return value if borrow else copy.deepcopy(value)

    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Set the value.

        Parameters
        ----------
        new_value : object
            Filtered by the type; None empties the variable, and functions that read it then raise
            TypeError.
        borrow : bool
            Whether the object may be kept; otherwise it is copied.

        Raises
        ------
        TypeError
            If it does not fit the type.
        """
        self.container.value = new_value if borrow else copy.deepcopy(new_value)

    @property
    def value(self) -> Any:
        """No value: `get_value` and `set_value` say who owns the array, as in Theano."""
        raise AttributeError("a shared variable has no .value; use get_value() and set_value(v)")

    @value.setter
    def value(self, value: Any) -> None:
        raise AttributeError("a shared variable has no .value; use get_value() and set_value(v)")

    def zero(self, borrow: bool = False) -> None:
        """Set all elements to 0."""
        self.container.value = np.zeros_like(self.container.value)

    def clone(self) -> Variable:
        """Return another variable on the same container."""
        twin = type(self)(self.name, self.type, None, container=self.container)
        twin._tag = copy.copy(self._tag)
        return twin

    def __getstate__(self) -> Any:
        return {"container": self.container}

    def __reduce__(self) -> Any:
        return _rebuild_shared, (
            type(self),
            self.name,
            self.type,
            self.container,
            self.__dict__,
            self._tag,
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        if id(self) not in memo:
            twin = type(self)(
                self.name, self.type, None, container=copy.deepcopy(self.container, memo)
            )
            memo[id(self)] = twin
            twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
            twin._tag = copy.deepcopy(self._tag, memo)
        result: Variable = memo[id(self)]
        return result

    def __str__(self) -> str:
        return self.name if self.name is not None else f"<{self.type}>"


def _rebuild_shared(
    cls: type[SharedVariable],
    name: str | None,
    type_: Type,
    container: Container,
    attributes: Any,
    tag: Any,
) -> SharedVariable:
    variable = cls(name, type_, None, container=container)
    variable.__dict__.update(attributes)
    variable._tag = tag
    return variable


class TensorSharedVariable(TensorOperators, SharedVariable):
    """A shared array."""

    __slots__ = ()


class ScalarSharedVariable(TensorSharedVariable):
    """A shared array of rank 0 made from a number."""

    __slots__ = ()


Constructor = Callable[..., SharedVariable]
_constructors: list[Constructor] = []


def shared_constructor(constructor: Constructor, remove: bool = False) -> Constructor:
    """Register a constructor tried by `shared`; the last registered comes first.

    Parameters
    ----------
    constructor : callable
        Takes (value, name, strict, allow_downcast, **kwargs) and raises TypeError for values that
        are not its own.
    remove : bool
        Whether to take it away instead.

    Returns
    -------
    callable
        The constructor: a decorator changes nothing.

    Examples
    --------
    >>> from tensorsym import shared_constructor
    >>> def only_none(value, name, strict, allow_downcast):
    ...     raise TypeError
    >>> constructor = shared_constructor(only_none)
    >>> _ = shared_constructor(only_none, remove=True)
    """
    if remove:
        _constructors.remove(constructor)
    else:
        _constructors.append(constructor)
    return constructor


def shared(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Return a shared variable with a first value.

    Parameters
    ----------
    value : array_like or object
        An ndarray or a number gives a tensor; its dtype is kept. Other objects are kept as they
        are.
    name : str, optional
        Name.
    strict : bool
        Whether later values are taken only if their dtype fits exactly.
    allow_downcast : bool, optional
        Whether later values may lose digits.
    **kwargs
        Passed to the constructor: `borrow=True` keeps the array itself, `broadcastable=` sets the
        pattern (all False if not given, so that lengths may change), `target=` the device.

    Returns
    -------
    SharedVariable
        With `get_value` and `set_value`.

    Raises
    ------
    TypeError
        For symbolic values, masked elements, and arguments that no constructor knows.

    Examples
    --------
    >>> import numpy as np
    >>> import tensorsym
    >>> w = tensorsym.shared(np.zeros(3), name="w")
    >>> w.get_value()
    array([0., 0., 0.])
    """
    if isinstance(value, Variable):
        raise TypeError(
            f"a shared variable needs a value, got the symbol {value}; "
            "compute it first with .eval()"
        )
    if np.ma.is_masked(value):
        raise DTypeError("masked elements have no value", hint="fill them first: x.filled(0)")
    for constructor in reversed(_constructors):
        try:
            variable = constructor(
                value, name=name, strict=strict, allow_downcast=allow_downcast, **kwargs
            )
        except TypeError:
            continue
        return variable
    raise TypeError(
        f"no shared variable can be made of a {type(value).__name__} with {sorted(kwargs)}"
    )


@shared_constructor
def generic_constructor(
    value: Any, name: str | None = None, strict: bool = False, allow_downcast: bool | None = None
) -> SharedVariable:
    """Share any object."""
    return SharedVariable(name, generic, value, strict, allow_downcast)


@shared_constructor
def tensor_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Any = None,
    target: str = "cpu",
) -> SharedVariable:
    """Share an array."""
    if not isinstance(value, np.ndarray):
        raise TypeError("not an array")
    pattern = (False,) * value.ndim if broadcastable is None else broadcastable
    type_ = TensorType(value.dtype.newbyteorder("="), pattern)
    array = value if borrow and value.dtype.isnative else np.array(value, dtype=type_.dtype)
    return TensorSharedVariable(name, type_, array, strict, allow_downcast)


@shared_constructor
def scalar_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    target: str = "cpu",
) -> SharedVariable:
    """Share a number; a Python float is float64, an int int64."""
    if not isinstance(value, float | int | complex | np.generic):
        raise TypeError("not a number")
    array = np.array(value)
    type_ = TensorType(array.dtype, ())
    return ScalarSharedVariable(name, type_, array, strict, allow_downcast)
