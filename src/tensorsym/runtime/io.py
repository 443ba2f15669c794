"""`In` and `Out`: how a function takes its inputs and gives its outputs."""

from __future__ import annotations

from typing import Any

from tensorsym.graph.variable import Variable
from tensorsym.language.variable import as_tensor_variable
from tensorsym.runtime.container import Container

__all__ = ["In", "Out", "Param", "as_in", "as_out"]


class In:
    """An input of a function.

    Parameters
    ----------
    variable : Variable
        The symbol.
    name : str, optional
        Keyword of the argument; the variable's name if not given.
    value : object, optional
        Default: used when the argument is missing. A Container is shared with its other users.
    update : Variable, optional
        Expression that becomes the new default after each call.
    mutable : bool, optional
        Whether the function may overwrite the argument; True if there is an update and no borrow.
    strict : bool
        Whether the argument is taken only if its dtype fits exactly.
    allow_downcast : bool, optional
        Whether conversion may lose digits; None takes Python floats for floatX.
    autoname : bool
        Whether the variable's name serves as keyword.
    implicit : bool, optional
        Whether the argument is not part of the call.
    borrow : bool, optional
        Whether the default value may be kept without a copy.
    shared : bool
        Whether the input stands for a shared variable.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x = T.dscalar("x")
    >>> f = tensorsym.function([tensorsym.In(x, value=2.0)], x * 3)
    >>> float(f()), float(f(1.0))
    (6.0, 3.0)
    """

    def __init__(
        self,
        variable: Variable,
        name: str | None = None,
        value: Any = None,
        update: Any = None,
        mutable: bool | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: bool | None = None,
        borrow: bool | None = None,
        shared: bool = False,
    ) -> None:
        if not isinstance(variable, Variable):
            raise TypeError(
                f"an input must be a Variable, got {type(variable).__name__} {variable!r}"
            )
        if name is not None and not isinstance(name, str):
            raise TypeError(f"the name of an input is a string, got {name!r}")
        self.variable = variable
        self.name = variable.name if name is None and autoname else name
        self.value = value
        self.mutable = bool(mutable) if mutable is not None else update is not None
        self.borrow = self.mutable if borrow is None else borrow
        if self.mutable and not self.borrow:
            raise ValueError(
                f"input {variable} is mutable, so it is borrowed too; borrow=False contradicts that"
            )
        self.strict = strict
        self.allow_downcast = allow_downcast
        self.implicit = isinstance(value, Container) if implicit is None else implicit
        self.shared = shared
        self.update: Variable | None = None
        if update is not None:
            self.update = update if isinstance(update, Variable) else as_tensor_variable(update)
            if self.update.type != variable.type:
                raise TypeError(
                    f"the update of input {variable} has type {self.update.type}, "
                    f"expected {variable.type}"
                )

    def __repr__(self) -> str:
        return f"In({self.variable}, name={self.name!r})"


class Param(In):
    """An input with a default, in Theano's older form.

    Parameters
    ----------
    variable : Variable
        The symbol.
    default : object, optional
        Default value.
    name, mutable, strict, allow_downcast, implicit, borrow
        As for `In`.
    """

    def __init__(
        self,
        variable: Variable,
        default: Any = None,
        name: str | None = None,
        mutable: bool = False,
        strict: bool = False,
        allow_downcast: bool | None = None,
        implicit: bool | None = None,
        borrow: bool | None = None,
    ) -> None:
        super().__init__(
            variable,
            name,
            default,
            mutable=mutable,
            strict=strict,
            allow_downcast=allow_downcast,
            implicit=implicit,
            borrow=borrow,
        )


class Out:
    """An output of a function.

    Parameters
    ----------
    variable : Variable
        The expression.
    borrow : bool
        Whether the returned array may share memory with the function's own.
    recycle : bool
        Whether a returned array that nobody has any more may be returned, with other contents, by
        a later call. Views have their array; raw pointers to its memory do not.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x = T.dvector("x")
    >>> f = tensorsym.function([x], tensorsym.Out(x * 3, recycle=True))
    >>> f([1.0, 2.0])
    array([3., 6.])
    """

    def __init__(self, variable: Any, borrow: bool = False, recycle: bool = False) -> None:
        self.variable = variable if isinstance(variable, Variable) else as_tensor_variable(variable)
        self.borrow = borrow
        self.recycle = recycle

    def __repr__(self) -> str:
        return f"Out({self.variable}, borrow={self.borrow}, recycle={self.recycle})"


def as_in(item: Any, allow_downcast: bool | None = None) -> In:
    """Return an entry of a function's input list as an `In`.

    Parameters
    ----------
    item : Variable, In, or tuple of (variable, default), (name, variable) or (name, variable,
    default)
        The entry.
    allow_downcast : bool, optional
        Used for entries that say nothing about it.
    """
    if isinstance(item, In):
        if item.allow_downcast is None:
            item.allow_downcast = allow_downcast
        return item
    if isinstance(item, Variable):
        return In(item, allow_downcast=allow_downcast)
    if isinstance(item, tuple | list):
        return _in_of_tuple(tuple(item), allow_downcast)
    raise TypeError(f"an input must be a Variable or In, got {type(item).__name__} {item!r}")


def _in_of_tuple(parts: tuple[Any, ...], allow_downcast: bool | None) -> In:
    name = parts[0] if parts and isinstance(parts[0], str) else None
    rest = parts[1:] if name is not None else parts
    if rest and isinstance(rest[0], list | tuple):  # ((name, variable), default)
        inner = _in_of_tuple(tuple(rest[0]), allow_downcast)
        return In(
            inner.variable,
            inner.name,
            rest[1] if len(rest) > 1 else None,
            allow_downcast=allow_downcast,
        )
    if not rest or not isinstance(rest[0], Variable) or len(rest) > 2:
        raise TypeError(
            f"an input tuple is (variable, default) or (name, variable[, default]), got {parts!r}"
        )
    return In(rest[0], name, rest[1] if len(rest) == 2 else None, allow_downcast=allow_downcast)


def as_out(item: Any) -> Out:
    """Return an entry of a function's output list as an `Out`."""
    if isinstance(item, Out):
        return item
    if isinstance(item, Variable):
        return Out(item)
    raise TypeError(f"an output must be a Variable or Out, got {type(item).__name__} {item!r}")
