"""Sizes: polynomials over lengths that are known when a plan runs, `8*x.shape[0]*x.shape[1]`.

In: lengths by name, and numbers made of them. Out: texts, and numbers once lengths are given.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensorsym.errors import LengthError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

__all__ = ["Lengths", "Size", "Symbol", "largest", "number", "symbol"]

Monomial = tuple["Symbol", ...]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A number that only a call knows: a length by name, or a function of other sizes.

    Attributes
    ----------
    name : str
        How it is written; what a caller gives its value by.
    operands : tuple of Size
        What it is computed of.
    function : callable or None
        Computes it of the operands' values; None where it has to be given.
    """

    name: str
    operands: tuple[Size, ...] = ()
    function: Callable[..., int] | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """A polynomial with integer coefficients: products of symbols, sorted, with their factors.

    Examples
    --------
    >>> n, m = symbol("n"), symbol("m")
    >>> print(8 * (n * m + n + n))
    8*m*n + 16*n
    >>> (n + 1).value({"n": 4})
    5
    """

    terms: tuple[tuple[Monomial, int], ...]

    def __add__(self, other: Size | int) -> Size:
        sums = dict(self.terms)
        for monomial, factor in number(other).terms:
            sums[monomial] = sums.get(monomial, 0) + factor
        return _sorted(sums)

    def __mul__(self, other: Size | int) -> Size:
        products: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in number(other).terms:
                monomial = tuple(sorted((*left, *right), key=_name))
                products[monomial] = products.get(monomial, 0) + a * b
        return _sorted(products)

    __radd__ = __add__
    __rmul__ = __mul__

    def __sub__(self, other: Size | int) -> Size:
        return self + number(other) * -1

    @property
    def constant(self) -> int | None:
        """The number, if it depends on nothing."""
        if not self.terms:
            return 0
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols in it, each once."""
        return tuple(dict.fromkeys(s for monomial, _ in self.terms for s in monomial))

    def covers(self, other: Size) -> bool:
        """Tell whether this is never less than another, lengths being at least 0."""
        return all(factor >= 0 for _, factor in (self - other).terms)

    def value(self, given: Mapping[str, int]) -> int:
        """Return the number for given lengths.

        Raises
        ------
        LengthError
            If a length is not given and can not be computed of those that are.
        """
        return sum(
            factor * math.prod(_value_of(s, given) for s in monomial)
            for monomial, factor in self.terms
        )

    def __str__(self) -> str:
        return " + ".join(_term_text(*term) for term in self.terms).replace("+ -", "- ") or "0"


def number(value: Size | int) -> Size:
    """Return a number as a size."""
    if isinstance(value, Size):
        return value
    return Size((((), value),)) if value else Size(())


def symbol(
    name: str, operands: Iterable[Size] = (), function: Callable[..., int] | None = None
) -> Size:
    """Return a length known by name, or computed by `function` of the operands' values."""
    return Size((((Symbol(name, tuple(operands), function),), 1),))


def largest(sizes: Iterable[Size]) -> list[Size]:
    """Return the sizes that no other one covers, in their order.

    Examples
    --------
    >>> n, m = symbol("n"), symbol("m")
    >>> [str(size) for size in largest([8 * n, 16 * n, 24 * m])]
    ['16*n', '24*m']
    """
    found: list[Size] = []
    for size in dict.fromkeys(sizes):
        if not any(other.covers(size) for other in found):
            found = [other for other in found if not size.covers(other)] + [size]
    return found


class Lengths:
    """Which lengths are known to be equal, because an instruction refuses all else.

    Parameters
    ----------
    arguments : iterable of Size
        The lengths of arguments: of equal ones the first gives its name.
    """

    def __init__(self, arguments: Iterable[Size] = ()) -> None:
        self._same: dict[Symbol, Size] = {}
        self._rank = {size: rank for rank, size in reversed(list(enumerate(arguments)))}

    def equate(self, a: Size, b: Size) -> None:
        """Take down that two lengths are equal: one name stands for both from now on."""
        a, b = self.settled(a), self.settled(b)
        if a == b:
            return
        first = sorted((a, b), key=lambda size: self._rank.get(size, len(self._rank)))
        for kept, other in (first, first[::-1]):
            single = _single(other)
            if single is not None and single not in _everything_in(kept):
                self._same[single] = kept
                return

    def settled(self, size: Size) -> Size:
        """Return a size in which equal lengths have one name."""
        while any(s in self._same for s in size.symbols):
            total = number(0)
            for monomial, factor in size.terms:
                product = number(factor)
                for s in monomial:
                    product = product * self._same.get(s, Size((((s,), 1),)))
                total = total + product
            size = total
        return size


def _single(size: Size) -> Symbol | None:
    """Return the symbol that a size consists of, if it has to be given from outside."""
    if len(size.terms) == 1 and size.terms[0][1] == 1 and len(size.terms[0][0]) == 1:
        found = size.terms[0][0][0]
        return found if found.function is None else None
    return None


def _everything_in(size: Size) -> Collection[Symbol]:
    """Return the symbols of a size and of the operands of its symbols."""
    found: dict[Symbol, None] = {}
    stack = list(size.symbols)
    while stack:
        s = stack.pop()
        if s not in found:
            found[s] = None
            stack.extend(inner for operand in s.operands for inner in operand.symbols)
    return found


def _value_of(found: Symbol, given: Mapping[str, int]) -> int:
    if found.name in given:
        return given[found.name]
    if found.function is None:
        raise LengthError(
            f"the length {found.name} is not given",
            got=", ".join(f"{name} = {value}" for name, value in given.items()) or "no lengths",
            hint=f"give it by name: {{{found.name!r}: 3}}",
        )
    return int(found.function(*[operand.value(given) for operand in found.operands]))


def _sorted(terms: Mapping[Monomial, int]) -> Size:
    kept = [(monomial, factor) for monomial, factor in terms.items() if factor]
    return Size(tuple(sorted(kept, key=lambda term: (-len(term[0]), [s.name for s in term[0]]))))


def _name(found: Symbol) -> str:
    return found.name


def _term_text(monomial: Monomial, factor: int) -> str:
    powers = Counter(s.name for s in monomial)
    texts = [name if power == 1 else f"{name}**{power}" for name, power in powers.items()]
    return "*".join(texts if factor == 1 and texts else [str(factor), *texts])
