"""Theano's home of rewrites of tensors: what registers a program's own, and `Assert`.

The rewrites themselves are in `tensorsym.rewrite`.
"""

from __future__ import annotations

from typing import Any

from tensorsym.language.assertion import Assert, assert_op
from tensorsym.language.shape import MakeVector
from tensorsym.language.shape import ShapeOf as Shape_i
from tensorsym.rewrite.optdb import optdb
from tensorsym.rewrite.passes import in2out, out2in

make_vector = MakeVector()
assert_ = assert_op


def _registering(phase: str) -> Any:
    """Return the decorator that registers a local optimizer in a phase."""

    def register(lopt: Any, *tags: str, name: str | None = None, **options: Any) -> Any:
        if isinstance(lopt, str):
            return lambda inner: register(inner, lopt, *tags, name=name, **options)
        optdb[phase].register(name or str(lopt), lopt, "fast_run", *tags, **options)
        return lopt

    register.__name__ = f"register_{phase}"
    register.__doc__ = f"Register a local optimizer in {phase}; tags may stand before it."
    return register


register_canonicalize = _registering("canonicalize")
register_stabilize = _registering("stabilize")
register_specialize = _registering("specialize")
register_uncanonicalize = _registering("uncanonicalize")
register_specialize_device = _registering("specialize_device")

__all__ = [
    "Assert",
    "MakeVector",
    "Shape_i",
    "assert_",
    "assert_op",
    "in2out",
    "make_vector",
    "out2in",
    "register_canonicalize",
    "register_specialize",
    "register_specialize_device",
    "register_stabilize",
    "register_uncanonicalize",
]
