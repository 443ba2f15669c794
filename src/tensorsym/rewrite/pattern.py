"""Patterns: cheap untyped terms written with the operators of the language.

`log(1 + x)` in a rule builds a term of this module, not a graph; `matcher` compiles terms to
closures. Nothing here knows of dtypes or graphs; names of ops are looked up when a rule is first
used, so that a rule may name an op of a family that is not installed and then simply never fires.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Application",
    "Literal",
    "Pattern",
    "PatternVariable",
    "Rest",
    "as_pattern",
    "function",
    "rest",
]


class Pattern:
    """A term; the operators build larger terms."""

    __slots__ = ()

    def __add__(self, other: Pattern | float) -> Pattern:
        return Application("add", (self, as_pattern(other)))

    def __radd__(self, other: float) -> Pattern:
        return Application("add", (as_pattern(other), self))

    def __sub__(self, other: Pattern | float) -> Pattern:
        return Application("sub", (self, as_pattern(other)))

    def __rsub__(self, other: float) -> Pattern:
        return Application("sub", (as_pattern(other), self))

    def __mul__(self, other: Pattern | float) -> Pattern:
        return Application("mul", (self, as_pattern(other)))

    def __rmul__(self, other: float) -> Pattern:
        return Application("mul", (as_pattern(other), self))

    def __truediv__(self, other: Pattern | float) -> Pattern:
        return Application("true_div", (self, as_pattern(other)))

    def __rtruediv__(self, other: float) -> Pattern:
        return Application("true_div", (as_pattern(other), self))

    def __pow__(self, other: Pattern | float) -> Pattern:
        return Application("pow", (self, as_pattern(other)))

    def __neg__(self) -> Pattern:
        return Application("neg", (self,))


@dataclass(frozen=True, slots=True)
class PatternVariable(Pattern):
    """Any expression, the same wherever the name stands.

    Of a `constant` one the value is known while compiling.
    """

    name: str
    constant: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Literal(Pattern):
    """A tensor all of whose elements have this value."""

    value: int | float

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Rest(Pattern):
    """The operands of an n-ary sum or product that the terms beside it leave over, joined."""

    variable: PatternVariable

    def __str__(self) -> str:
        return f"rest({self.variable})"


@dataclass(frozen=True, slots=True)
class Application(Pattern):
    """An op by name on terms.

    Attributes
    ----------
    name : str
        The op's public name.
    operands : tuple of Pattern
        What it is applied to.
    attributes : PatternVariable, optional
        Stands for the op's own attributes (axis and dtype of a reduction): equal names, equal
        attributes.
    """

    name: str
    operands: tuple[Pattern, ...]
    attributes: PatternVariable | None = None

    def __str__(self) -> str:
        texts = [str(operand) for operand in self.operands]
        symbol = INFIX.get(self.name)
        if symbol and len(texts) == 2:
            return f"({texts[0]} {symbol} {texts[1]})"
        if self.name == "neg":
            return f"-{texts[0]}"
        if self.attributes is not None:
            texts.append(f"{self.attributes}")
        return f"{self.name}({', '.join(texts)})"


INFIX = {"add": "+", "sub": "-", "mul": "*", "true_div": "/", "pow": "**"}


def as_pattern(value: Pattern | float) -> Pattern:
    """Return a number as a term; terms as they are."""
    return value if isinstance(value, Pattern) else Literal(value)


def rest(variable: Pattern) -> Rest:
    """Return a term for all other operands of the n-ary sum or product it stands in.

    Examples
    --------
    >>> from tensorsym.rewrite.pattern import PatternVariable, rest
    >>> print(1 + rest(PatternVariable("x")))
    (1 + rest(x))
    """
    if not isinstance(variable, PatternVariable):
        raise TypeError(f"rest takes a variable, got {variable}")
    return Rest(variable)


def function(name: str) -> Callable[..., Pattern]:
    """Return the function that builds terms of the op `name`.

    Examples
    --------
    >>> from tensorsym.rewrite.pattern import PatternVariable, function
    >>> print(function("log")(1 + PatternVariable("x")))
    log((1 + x))
    """

    def build(*operands: Pattern | float, axis: Pattern | None = None) -> Pattern:
        if axis is not None and not isinstance(axis, PatternVariable):
            raise TypeError(f"axis is a variable in a pattern, got {axis}")
        return Application(name, tuple(as_pattern(operand) for operand in operands), axis)

    build.__name__ = name
    return build


exp, expm1, exp2, log, log1p, log2, log10 = map(
    function, ("exp", "expm1", "exp2", "log", "log1p", "log2", "log10")
)
sqrt, sqr, inv, abs_, sgn, neg = map(function, ("sqrt", "sqr", "inv", "abs_", "sgn", "neg"))
sin, cos, tan, sinh, cosh, tanh = map(function, ("sin", "cos", "tan", "sinh", "cosh", "tanh"))
arcsinh, arccosh, arctanh = map(function, ("arcsinh", "arccosh", "arctanh"))
deg2rad, rad2deg, conj = map(function, ("deg2rad", "rad2deg", "conj"))
erf, erfc, sigmoid, softplus = map(function, ("erf", "erfc", "sigmoid", "softplus"))
maximum, minimum, int_div, mod, switch = map(
    function, ("maximum", "minimum", "int_div", "mod", "switch")
)
lt, le, gt, ge, eq, neq = map(function, ("lt", "le", "gt", "ge", "eq", "neq"))
and_, or_, xor, invert = map(function, ("and_", "or_", "xor", "invert"))
ceil, floor, trunc, tensor_copy = map(function, ("ceil", "floor", "trunc", "tensor_copy"))
sum_, prod, max_, min_, dot = map(function, ("sum", "prod", "max", "min", "dot"))
softmax, logsoftmax = map(function, ("softmax", "logsoftmax"))
