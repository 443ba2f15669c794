"""Where the user built an expression: file and line of the first frame outside of tensorsym."""

from __future__ import annotations

import contextlib
import os
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from tensorsym.errors import Origin

__all__ = ["current_origin", "from_origin", "is_inherited", "merge_origins"]

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
# A merged node keeps the places of all nodes it stands for, but no more than an error message can
# show.
MOST_PLACES = 8

_inherited: ContextVar[Origin | None] = ContextVar("inherited origin", default=None)


def current_origin() -> Origin:
    """Return the place of the user's code that is running, or the origin set by `from_origin`."""
    inherited = _inherited.get()
    if inherited is not None:
        return inherited
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return ((frame.f_code.co_filename, frame.f_lineno),)
        frame = frame.f_back
    return ()


def is_inherited() -> bool:
    """Tell whether nodes are built on behalf of others: by a rewrite, a gradient, an expansion."""
    return _inherited.get() is not None


@contextlib.contextmanager
def from_origin(origin: Origin) -> Iterator[None]:
    """Give nodes built in this block the origin of the node they replace or differentiate."""
    token = _inherited.set(origin)
    try:
        yield
    finally:
        _inherited.reset(token)


def merge_origins(first: Origin, second: Origin) -> Origin:
    """Return the union of two origins, in order, bounded in length."""
    if first is second or not second or first == second:
        return first
    return tuple(dict.fromkeys(first + second))[:MOST_PLACES]
