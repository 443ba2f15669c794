"""Scalar text taken apart: an op that says `x / (1 + ts_abs(x))` is a few steps of a kernel.

Text that is a single operator or call on the operands names a loop of its own and is left whole.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from tensorsym.language.elementwise import RECORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.language.elementwise import Record

__all__ = ["Node", "composite_text"]

# An expression: an operand's letter, a number, or (op, *arguments) with the name of an op record.
Node = str | float | tuple["str | Node", ...]

TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?)|(\w+)|([<>=!]=|[-+*/<>?:(),]))")
WHOLE = re.compile(r"-?x|y|x \S+ y|x \? y : z|1 / x|x \S+ x|ts_\w+\(x(?:, y(?:, z)?)?\)")
BINARY = (
    {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "neq"},
    {"+": "add", "-": "sub"},
    {"*": "mul", "/": "true_div"},
)


def composite_text(record: Record) -> Node | None:
    """Return a record's text as a tree of records, or None if it is one operation or not read.

    Examples
    --------
    >>> from tensorsym.language import nnet
    >>> composite_text(RECORDS["softsign"])
    ('true_div', 'x', ('add', 1.0, ('abs_', 'x')))
    """
    return _parsed(record.c)


@functools.lru_cache(maxsize=4096)
def _parsed(text: str) -> Node | None:
    if WHOLE.fullmatch(text):
        return None
    try:
        parser = _Parser(_tokens(text))
        tree = parser.choice()
    except (KeyError, IndexError, ValueError):
        return None
    return tree if parser.at_end() else None


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = TOKEN.match(text, position)
        if match is None:
            raise ValueError(text)
        tokens.append(match.group().strip())
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent over one line of C; the depth is that of its brackets."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = [*tokens, ""]
        self.position = 0

    def at_end(self) -> bool:
        """Tell whether all is read."""
        return self.position == len(self.tokens) - 1

    def take(self, *wanted: str) -> str | None:
        """Return and pass the next token if it is one of `wanted`."""
        token = self.tokens[self.position]
        if token not in wanted:
            return None
        self.position += 1
        return token

    def expect(self, wanted: str) -> None:
        """Pass a token that must be there."""
        if self.take(wanted) is None:
            raise ValueError(wanted)

    def choice(self) -> Node:
        """Read `condition ? value : other`."""
        condition = self.binary(0)
        if not self.take("?"):
            return condition
        value = self.choice()
        self.expect(":")
        return ("switch", condition, value, self.choice())

    def binary(self, level: int) -> Node:
        """Read operators of one level of precedence."""
        if level == len(BINARY):
            return self.unary()
        left = self.binary(level + 1)
        while operator := self.take(*BINARY[level]):
            left = (BINARY[level][operator], left, self.binary(level + 1))
        return left

    def unary(self) -> Node:
        """Read a sign, a bracket, a number, an operand or a call."""
        if self.take("-"):
            return ("neg", self.unary())
        if self.take("("):
            inside = self.choice()
            self.expect(")")
            return inside
        token = self.tokens[self.position]
        self.position += 1
        if token in ("x", "y", "z"):
            return token
        if not token.startswith("ts_"):
            return float(token)
        self.expect("(")
        arguments = [self.choice()]
        while self.take(","):
            arguments.append(self.choice())
        self.expect(")")
        return (_op_of_function(token, len(arguments)), *arguments)


def _op_of_function(function: str, arity: int) -> str:
    """Return the op record whose text is a call of `function`."""
    text = f"{function}({', '.join('xyz'[:arity])})"
    for name, record in RECORDS.items():
        if record.c == text:
            return name
    raise KeyError(function)
