"""Expressions typed as text, read into graphs; nothing in them is run.

In: `log(1 + exp(x))` and what is known of the symbols. Out: a variable. A name that is no function
is a symbol.
"""

from __future__ import annotations

import ast
import math
import operator
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.errors import ExpressionError
from tensorsym.language.constructors import PATTERNS, PREFIXES
from tensorsym.language.table import FUNCTIONS, METHODS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tensorsym.graph.variable import Variable

__all__ = ["read_expression", "type_named"]


NUMBERS = {
    "pi": math.pi,
    "inf": math.inf,
    "nan": math.nan,
    "True": True,
    "False": False,
    "None": None,
}
# Names of modules that programs put before functions.
MODULES = frozenset(
    {"T", "tt", "np", "numpy", "tensor", "nnet", "theano", "tensorsym", "ts", "math"}
)
# Attributes that are no methods: they are looked up on the variable.
ATTRIBUTES = frozenset({"T", "shape", "ndim", "size", "real", "imag"})
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: lambda x, y: _sized(operator.pow, x, y),
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: lambda x, y: _sized(operator.lshift, x, y),
    ast.RShift: operator.rshift,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
# These compare objects, not tensors, when Python applies them.
COMPARISONS: dict[type[ast.AST], str] = {ast.Eq: "eq", ast.NotEq: "neq"}


# 2**64 is beyond every dtype; Python would go on to numbers that fill the memory.
LARGEST_EXPONENT = 64


def _sized(operation: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    """Return `operation(x, y)`, but refuse to compute huge Python ints."""
    if isinstance(x, int) and isinstance(y, int) and abs(y) > LARGEST_EXPONENT:
        raise ExpressionError(f"{x} and {y} make a number that fits no dtype")
    return operation(x, y)


def type_named(declaration: str, dtype: str | None = None) -> TensorType:
    """Return the type that a name such as `fmatrix` or `vector` stands for.

    Parameters
    ----------
    declaration : str
        A kind of tensor (scalar, vector, row, col, matrix, tensor3 to tensor7), with or without
        Theano's letter for the dtype.
    dtype : str, optional
        The dtype where there is no letter; floatX if not given.

    Raises
    ------
    ExpressionError
        If there is no such kind.

    Examples
    --------
    >>> from tensorsym.explain.expression import type_named
    >>> print(type_named("fmatrix"))
    TensorType(float32, matrix)
    """
    if declaration in PATTERNS:
        return TensorType(config.floatX if dtype is None else dtype, PATTERNS[declaration])
    if declaration[:1] in PREFIXES and declaration[1:] in PATTERNS:
        return TensorType(PREFIXES[declaration[0]], PATTERNS[declaration[1:]])
    raise ExpressionError(
        f"there is no kind of tensor {declaration!r}",
        expected=f"{', '.join(PATTERNS)}, perhaps after a letter of {' '.join(PREFIXES)}",
    )


def read_expression(
    text: str, types: Mapping[str, TensorType] | None = None, default: TensorType | None = None
) -> tuple[Variable, dict[str, Variable]]:
    """Return the graph of an expression and its symbols by name.

    Parameters
    ----------
    text : str
        Python's notation for operators, calls, methods, indices and numbers.
    types : mapping of str to TensorType, optional
        Types of symbols.
    default : TensorType, optional
        Type of symbols without one; a floatX vector if not given.

    Raises
    ------
    ExpressionError
        If the text is anything else than an expression: assignments, lambdas, unknown functions and
        attributes.

    Examples
    --------
    >>> from tensorsym.explain.expression import read_expression
    >>> from tensorsym.printing import formula
    >>> expression, symbols = read_expression("T.log(1 + exp(x)).sum(axis=0)")
    >>> formula(expression), list(symbols)
    ('sum(log(1 + exp(x)))', ['x'])
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        raise ExpressionError(f"{text[:80]!r} is not an expression", got=str(error)) from error
    reader = _Reader(
        text.strip(), dict(types or {}), type_named("vector") if default is None else default
    )
    return as_tensor_variable(reader.read(tree)), reader.symbols


class _Reader:
    """Builds the value of a syntax tree after those of its parts, with a stack of its own."""

    def __init__(self, text: str, types: dict[str, TensorType], default: TensorType) -> None:
        self.text = text
        self.types = types
        self.default = default
        self.symbols: dict[str, Variable] = {}

    def read(self, tree: ast.expr) -> Any:
        """Return the value of a syntax tree."""
        values: list[Any] = []
        stack: list[tuple[ast.AST, bool]] = [(tree, False)]
        while stack:
            part, ready = stack.pop()
            inner = self._parts(part)
            if not ready:
                stack.append((part, True))
                stack.extend((item, False) for item in reversed(inner))
                continue
            arguments = values[len(values) - len(inner) :]
            del values[len(values) - len(inner) :]
            values.append(self._build(part, arguments))
        return values[0]

    def _parts(self, part: ast.AST) -> list[ast.AST]:
        """Return the parts whose values are needed first, in order."""
        match part:
            case ast.Constant() | ast.Name():
                return []
            case ast.BinOp():
                return [part.left, part.right]
            case ast.UnaryOp():
                return [part.operand]
            case ast.Compare(ops=[_]):
                return [part.left, part.comparators[0]]
            case ast.Tuple() | ast.List():
                return list(part.elts)
            case ast.Subscript():
                return [part.value, part.slice]
            case ast.Slice():
                return [bound for bound in (part.lower, part.upper, part.step) if bound is not None]
            case ast.Attribute():
                return [] if self._is_module(part.value) else [part.value]
            case ast.Call():
                return [
                    *self._receiver(part),
                    *part.args,
                    *(keyword.value for keyword in part.keywords),
                ]
        raise self._refused(part)

    def _receiver(self, call: ast.Call) -> list[ast.AST]:
        """Return the object whose method is called, if it is one."""
        if isinstance(call.func, ast.Attribute) and not self._is_module(call.func.value):
            return [call.func.value]
        return []

    def _is_module(self, part: ast.AST) -> bool:
        while isinstance(part, ast.Attribute) and part.attr in MODULES:
            part = part.value
        return isinstance(part, ast.Name) and part.id in MODULES and part.id not in self.types

    def _build(self, part: ast.AST, values: list[Any]) -> Any:
        match part:
            case ast.Constant(value=bool() | int() | float() | complex() | str() | None as value):
                return value
            case ast.Constant(value=value) if value is Ellipsis:
                return value
            case ast.Name():
                return self._named(part.id)
            case ast.BinOp() | ast.UnaryOp() if type(part.op) in OPERATORS:
                return OPERATORS[type(part.op)](*values)
            case ast.Compare(ops=[comparison]) if type(comparison) in OPERATORS:
                return OPERATORS[type(comparison)](*values)
            case ast.Compare(ops=[comparison]) if type(comparison) in COMPARISONS:
                return FUNCTIONS[COMPARISONS[type(comparison)]](*values)
            case ast.Tuple() | ast.List():
                return tuple(values) if isinstance(part, ast.Tuple) else values
            case ast.Subscript():
                return as_tensor_variable(values[0])[values[1]]
            case ast.Slice():
                given = iter(values)
                return slice(
                    *[
                        None if b is None else next(given)
                        for b in (part.lower, part.upper, part.step)
                    ]
                )
            case ast.Attribute():
                return self._attribute(part, values)
            case ast.Call():
                return self._call(part, values)
        raise self._refused(part)

    def _named(self, name: str) -> Any:
        if name in NUMBERS and name not in self.types:
            return NUMBERS[name]
        if name not in self.symbols:
            self.symbols[name] = self.types.get(name, self.default)(name)
        return self.symbols[name]

    def _attribute(self, part: ast.Attribute, values: list[Any]) -> Any:
        if not values and part.attr in NUMBERS:
            return NUMBERS[part.attr]
        if values and part.attr in ATTRIBUTES:
            return getattr(as_tensor_variable(values[0]), part.attr)
        raise self._refused(part, f"there is no attribute {part.attr!r}")

    def _call(self, call: ast.Call, values: list[Any]) -> Any:
        n_keywords = len(call.keywords)
        arguments, named = values[: len(values) - n_keywords], values[len(values) - n_keywords :]
        keywords = {}
        for keyword, value in zip(call.keywords, named, strict=True):
            if keyword.arg is None:
                raise self._refused(call, "** is not understood")
            keywords[keyword.arg] = value
        if self._receiver(call):
            assert isinstance(call.func, ast.Attribute)
            return self._method(call, call.func.attr, arguments, keywords)
        name = (
            call.func.attr
            if isinstance(call.func, ast.Attribute)
            else getattr(call.func, "id", None)
        )
        function = FUNCTIONS.get(name) if name is not None else None
        if function is None:
            raise self._refused(call, f"there is no function {name!r}")
        return function(*arguments, **keywords)

    def _method(
        self, call: ast.Call, name: str, arguments: list[Any], keywords: dict[str, Any]
    ) -> Any:
        receiver = as_tensor_variable(arguments[0])
        if name in METHODS:
            return METHODS[name](receiver, *arguments[1:], **keywords)
        if name.startswith("_") or name not in FUNCTIONS or not hasattr(type(receiver), name):
            raise self._refused(call, f"tensors have no method {name!r}")
        return getattr(receiver, name)(*arguments[1:], **keywords)

    def _refused(self, part: ast.AST, why: str = "") -> ExpressionError:
        source = ast.get_source_segment(self.text, part) if hasattr(part, "lineno") else None
        return ExpressionError(
            f"{why or type(part).__name__ + ' is no part of an expression'}",
            got=source,
            hint="names are symbols; operators, functions, methods and indices are understood",
        )
