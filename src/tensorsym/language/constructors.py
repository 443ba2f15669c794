"""Symbols: `scalar`, `vector`, `matrix` ... in every dtype, one or several at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["PATTERNS", "PREFIXES"]

# Theano's prefix of typed constructors -> dtype; without prefix it is floatX.
PREFIXES = {
    "b": "int8", "w": "int16", "i": "int32", "l": "int64", "f": "float32", "d": "float64",
    "c": "complex64",
    "z": "complex128",
}  # fmt: skip
# Kind of tensor -> broadcast pattern.
PATTERNS: dict[str, tuple[bool, ...]] = {
    "scalar": (), "vector": (False,), "row": (True, False), "col": (False, True),
    "matrix": (False, False),
    **{f"tensor{n}": (False,) * n for n in range(3, 8)},
}  # fmt: skip
PLURALS = {"matrix": "matrices"}


def _constructor(kind: str, pattern: tuple[bool, ...]) -> Callable[..., Any]:
    def construct(name: str | None = None, dtype: Any = None) -> Any:
        return TensorType(config.floatX if dtype is None else dtype, pattern)(name)

    construct.__name__ = construct.__qualname__ = kind
    construct.__doc__ = f"""Return a symbolic {kind}.

    Parameters
    ----------
    name : str, optional
        Name shown in messages and printouts.
    dtype : str, optional
        floatX if not given.

    Returns
    -------
    TensorVariable
        Of broadcast pattern {pattern}.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.{kind}("x").broadcastable
    {pattern}
    """
    return construct


class Several:
    """Makes several symbols at once: `x, y = T.matrices("x", "y")`, or a number of unnamed ones.

    Parameters
    ----------
    one : callable
        Makes one symbol from a name.
    """

    def __init__(self, one: Callable[..., Any], name: str) -> None:
        self.one = one
        self.__name__ = name

    def __call__(self, *names: Any, **keywords: Any) -> Any:
        """Return symbols: one per name, per letter of a name, or as many as a number says."""
        wanted: Any = names[0] if len(names) == 1 else names
        if isinstance(wanted, int):
            wanted = [None] * wanted
        made = [self.one(name, **keywords) for name in wanted]
        return made[0] if len(made) == 1 else made


def _publish_constructors() -> None:
    for kind, pattern in PATTERNS.items():
        plural = PLURALS.get(kind, kind + "s")
        construct = _constructor(kind, pattern)
        FUNCTIONS.add(kind, construct)
        FUNCTIONS.add(plural, Several(construct, plural))
        for prefix, dtype in PREFIXES.items():
            type_ = TensorType(dtype, pattern)
            FUNCTIONS.add(prefix + kind, type_)
            FUNCTIONS.add(prefix + plural, Several(type_, prefix + plural))


@public("tensor")
def tensor(
    dtype: Any = None,
    broadcastable: Sequence[Any] | None = None,
    name: str | None = None,
    *,
    shape: Any = None,
) -> Any:
    """Return a symbolic tensor of any dtype and broadcast pattern.

    Parameters
    ----------
    dtype : str, optional
        floatX if not given.
    broadcastable : sequence of bool
        True for every dimension that has length 1 and broadcasts.
    name : str, optional
        Name shown in messages and printouts.
    shape : sequence of int or None, optional
        Lengths, where known, in place of the pattern.

    Returns
    -------
    TensorVariable
        A new variable without an owner.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.tensor("int8", (False, True)).ndim
    2
    """
    return TensorType(config.floatX if dtype is None else dtype, broadcastable, shape=shape)(name)


_publish_constructors()
