"""Theano's names for what differed between versions of Python."""

import builtins
import io
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from operator import truediv as operator_div

PY3 = True
BytesIO = io.BytesIO
izip = builtins.zip
imap = builtins.map
ifilter = builtins.filter
next = builtins.next


def cmp(x: object, y: object) -> int:
    """Return -1, 0 or 1 as `x` is less than, equal to or greater than `y`."""
    return int(x > y) - int(x < y)  # type: ignore[operator]


def exc_message(error: BaseException) -> object:
    """Return the first argument of an exception."""
    return error.args[0] if error.args else ""


def get_unbound_function(function: Callable[..., object]) -> Callable[..., object]:
    """Return the function behind a method."""
    return getattr(function, "__func__", function)


def decode(text: bytes | str) -> str:
    """Return bytes as text."""
    return text.decode() if isinstance(text, bytes) else text


def decode_iter(lines: Iterator[bytes]) -> Iterator[str]:
    """Yield lines of bytes as text."""
    return map(decode, lines)


__all__ = [
    "PY3",
    "BytesIO",
    "Callable",
    "OrderedDict",
    "cmp",
    "decode",
    "decode_iter",
    "defaultdict",
    "exc_message",
    "get_unbound_function",
    "ifilter",
    "imap",
    "izip",
    "next",
    "operator_div",
    "partial",
]
