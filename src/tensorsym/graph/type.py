"""What values a variable can have: `Type` and the types of values that are not tensors."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, ClassVar

from tensorsym.graph.variable import Constant, Variable

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["DisconnectedType", "Generic", "NullType", "SingletonType", "Type", "generic"]


class Type:
    """A set of values, with the ways to check, convert and compare them.

    Subclasses define `filter` and, for equality of types, `__props__`: the names of the attributes
    that make two instances the same type. Without `__props__` a type equals only itself.
    """

    variable_class: ClassVar[type[Variable]] = Variable
    constant_class: ClassVar[type[Constant]] = Constant
    __props__: ClassVar[tuple[str, ...] | None] = None

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data`, converted if need be, or raise TypeError if no value of this type."""
        return data

    def is_valid_value(self, data: Any) -> bool:
        """Tell whether `data` is a value as it stands."""
        try:
            self.filter(data, strict=True)
        except (TypeError, ValueError):
            return False
        return True

    def convert_variable(self, variable: Variable) -> Variable | None:
        """Return `variable` seen as of this type, or None when that can not be."""
        return variable if variable.type == self else None

    def filter_variable(self, other: Any, allow_convert: bool = True) -> Variable:
        """Return `other` (a variable or value) as a variable of this type, or raise TypeError."""
        if not isinstance(other, Variable):
            other = self.make_constant(other)
        if other.type == self:
            return other  # type: ignore[no-any-return]
        converted = self.convert_variable(other) if allow_convert else None
        if converted is None:
            raise TypeError(f"can not convert {other} of type {other.type} to {self}")
        return converted

    def make_variable(self, name: str | None = None) -> Variable:
        """Return a new variable of this type."""
        return self.variable_class(self, name=name)

    def make_constant(self, value: Any, name: str | None = None) -> Constant:
        """Return `value` as a constant of this type."""
        return self.constant_class(self, value, name)

    def __call__(self, name: str | None = None) -> Any:
        """Return a new variable of this type."""
        return self.make_variable(name)

    def value_key(self, data: Any) -> Hashable:
        """Return a key, equal for interchangeable values; the identity by default."""
        return id(data)

    def values_eq(self, a: Any, b: Any) -> bool:
        """Tell whether two values are equal."""
        return bool(a == b)

    def values_eq_approx(self, a: Any, b: Any) -> bool:
        """Tell whether two values are equal but for rounding."""
        return self.values_eq(a, b)

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """Tell whether two values could share memory."""
        return a is b

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other) or self.__props__ is None:
            return False
        return all(getattr(self, name) == getattr(other, name) for name in self.__props__)

    def __hash__(self) -> int:
        if self.__props__ is None:
            return id(self) >> 4
        return hash((type(self), *(getattr(self, name) for name in self.__props__)))

    def __repr__(self) -> str:
        if not self.__props__:
            return type(self).__name__
        props = ", ".join(repr(getattr(self, name)) for name in self.__props__)
        return f"{type(self).__name__}({props})"


class SingletonType(Type):
    """A type of which there is one instance."""

    __props__ = ()


class Generic(SingletonType):
    """Any Python object."""

    def values_eq(self, a: Any, b: Any) -> bool:
        """Tell whether two objects are the same or pickle alike."""
        return a is b or bool(pickle.dumps(a) == pickle.dumps(b))

    def __str__(self) -> str:
        return "Generic"


class DisconnectedType(SingletonType):
    """The gradient of a cost with respect to what it does not depend on."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Raise: there is no such value."""
        raise TypeError(
            "a disconnected gradient has no value; ask grad for disconnected_inputs='ignore'"
        )


class NullType(Type):
    """A gradient that is undefined or not known; `why_null` says why."""

    __props__ = ("why_null",)

    def __init__(self, why_null: str = "no reason was given") -> None:
        self.why_null = why_null

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Raise: there is no such value."""
        raise TypeError(f"this gradient has no value: {self.why_null}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(NullType)


generic = Generic()
