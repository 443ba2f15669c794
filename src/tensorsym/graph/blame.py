"""Who is to blame: what a run-time error tells about the node that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.errors import origin_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.variable import Apply

__all__ = ["blame"]


def blame(error: BaseException, node: Apply, arrays: Sequence[Any]) -> None:
    """Add to an exception the failing node, what its inputs were, and where the user built it.

    The exception keeps its class and message; the first node to be blamed is the one named.
    """
    if getattr(error, "_blamed", False):
        return
    lines = [f"while computing: {node}"]
    lines += [
        f"  input {index} {variable}: {_description(array)}"
        for index, (variable, array) in enumerate(zip(node.inputs, arrays, strict=False))
    ]
    if node.origin:
        lines.append(f"  built at: {origin_text(node.origin)}")
    if config.exception_verbosity == "high":
        lines += [f"  value {index}: {array!r}" for index, array in enumerate(arrays)]
    else:
        lines.append("  config.exception_verbosity = 'high' shows the values")
    error.add_note("\n".join(lines))
    try:
        error._blamed = True  # type: ignore[attr-defined]
    except AttributeError:  # an exception class with slots tells no more than once anyway
        return


def _description(array: Any) -> str:
    shape = getattr(array, "shape", None)
    return f"{array.dtype} of shape {shape}" if shape is not None else type(array).__name__
