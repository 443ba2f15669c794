"""Rewrites of basic indexing: parts are taken of inputs, not of results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.arithmetic import second
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.indexing_basic import IncSubtensor, Subtensor
from tensorsym.language.indexing_pattern import fill_pattern
from tensorsym.language.products import Dot
from tensorsym.language.reshape import Alloc
from tensorsym.language.shape import MakeVector, constant_length
from tensorsym.language.table import FUNCTIONS
from tensorsym.rewrite.context import call, padded
from tensorsym.rewrite.rules import PHASES, algorithm
from tensorsym.rewrite.structure import MOST_LIFTS, ROOM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.rules import Replacement

__all__ = ["part_of_elementwise", "part_of_fill", "part_of_vector", "useless_part", "useless_write"]


def _items(node: Apply, first: int = 1) -> list[Any]:
    """Return the index as slices and scalars, one for each dimension of the tensor."""
    items = fill_pattern(node.op.idx_list, node.inputs[first:])  # type: ignore[attr-defined]
    missing = node.inputs[0].type.ndim - len(items)
    return items + [slice(None)] * missing


def _is_whole(item: Any, length: Any = None, context: Context | None = None) -> bool:
    """Tell whether an item takes all of a dimension, whose length is `length`."""
    if not isinstance(item, slice):
        return False
    if item.step is not None and constant_length(item.step) != 1:
        return False
    if item.start is not None and constant_length(item.start) != 0:
        return False
    return item.stop is None or (
        context is not None and context.shapes.same_length(item.stop, length)
    )


def _taken(x: Any, items: Sequence[Any]) -> Any:
    """Return `x` at an index."""
    return FUNCTIONS["getitem"](x, tuple(items))


@algorithm(
    "useless_part", *PHASES, roots=(Subtensor,),
    theano=("local_useless_subtensor", "local_useless_slice"),
    why="all of the tensor is taken",
)  # fmt: skip
def useless_part(node: Apply, context: Context) -> Replacement:
    """Drop an index that takes whole dimensions only."""
    x: Any = node.inputs[0]
    lengths = context.shapes.lengths(x)
    if not all(_is_whole(i, n, context) for i, n in zip(_items(node), lengths, strict=True)):
        return None
    return x if x.type == node.outputs[0].type else None


@algorithm(
    "part_of_vector", *PHASES, roots=(Subtensor,), inputs=(MakeVector,),
    theano=("local_subtensor_make_vector",),
    why="the element is known",
)  # fmt: skip
def part_of_vector(node: Apply, context: Context) -> Replacement:
    """Replace an element of a listed vector by the element, and a slice of it by a shorter list."""
    listed: list[Any] = node.inputs[0].owner.inputs  # type: ignore[union-attr]
    (item,) = _items(node)
    if not isinstance(item, slice):
        place = constant_length(item)
        if place is None or not -len(listed) <= place < len(listed):
            return None
        return context.fit(listed[place], node.outputs[0])
    bounds = [None if b is None else constant_length(b) for b in (item.start, item.stop, item.step)]
    given = [b is not None for b in (item.start, item.stop, item.step)]
    if (
        any(known is None and wanted for known, wanted in zip(bounds, given, strict=True))
        or bounds[2] == 0
    ):
        return None
    chosen = listed[slice(*bounds)]
    return call(node.inputs[0].owner.op, *chosen) if chosen else None  # type: ignore[union-attr]


@algorithm(
    "part_of_elementwise", "canonicalize", roots=(Subtensor,), theano=("local_subtensor_lift",),
    why="only the part is computed",
)  # fmt: skip
def part_of_elementwise(node: Apply, context: Context) -> Replacement:
    """Replace a part of an elementwise result by the op on parts of the operands."""
    x: Any = node.inputs[0]
    if x.owner is None or type(x.owner.op) is not Elementwise or not context.single_use(x):
        return None
    lifts = node.__dict__.get(ROOM, 0)
    if lifts >= MOST_LIFTS:
        return None
    items = _items(node)
    parts = []
    for v in x.owner.inputs:
        own = [
            _item_of(item, here, there)
            for item, here, there in zip(
                items, v.type.broadcastable, x.type.broadcastable, strict=True
            )
        ]
        part = _taken(v, own)
        if part is not v:
            part.owner.__dict__[ROOM] = lifts + 1
        parts.append(part)
    result = call(x.owner.op, *parts)
    return result if result.type == node.outputs[0].type else None


def _item_of(item: Any, broadcasts: bool, whole: bool) -> Any:
    """Return the item for an operand: a dimension that it broadcasts is taken whole, or dropped."""
    if not broadcasts or whole:
        return item
    return slice(None) if isinstance(item, slice) else 0


@algorithm(
    "part_of_fill", *PHASES, roots=(Subtensor,), inputs=(Alloc, "second"),
    theano=("local_subtensor_of_alloc",),
    why="a part of a filled tensor is a smaller fill", differs="the index is out of range",
)  # fmt: skip
def part_of_fill(node: Apply, context: Context) -> Replacement:
    """Replace a part of a filled tensor by a smaller fill."""
    filled: Any = node.inputs[0]
    out: Any = node.outputs[0]
    value: Any = filled.owner.inputs[1 if filled.owner.op is second else 0]
    value = padded(value, filled.type.ndim)
    own: list[Any] = []
    for item, broadcasts in zip(_items(node), value.type.broadcastable, strict=True):
        if not broadcasts and not _is_whole(item):
            return None
        own.append(slice(None) if isinstance(item, slice) else 0)
    return context.fit(_taken(value, own), out)


@algorithm(
    "part_of_dot", "canonicalize", roots=(Subtensor,), inputs=(Dot,),
    theano=("local_subtensor_of_dot",),
    why="only the part is computed",
)  # fmt: skip
def part_of_dot(node: Apply, context: Context) -> Replacement:
    """Replace a part of a product by the product of parts."""
    product: Any = node.inputs[0]
    if not context.single_use(product):
        return None
    x, y = product.owner.inputs
    items = _items(node)
    rows, columns = items[: x.type.ndim - 1], items[x.type.ndim - 1 :]
    result = call(
        Dot(), _taken(x, rows) if rows else x, _taken(y, [slice(None), *columns]) if columns else y
    )
    return result if result.type == node.outputs[0].type else None


def _same_index(a: Apply, b: Apply) -> bool:
    """Tell whether a part and a write use the same numbers in the same pattern."""
    pairs = zip(a.inputs[1:], b.inputs[2:], strict=False)
    same_pattern = bool(a.op.idx_list == b.op.idx_list)  # type: ignore[attr-defined]
    return same_pattern and all(m is n for m, n in pairs)


@algorithm(
    "part_just_written", *PHASES, roots=(Subtensor,), inputs=(IncSubtensor,),
    theano=("local_subtensor_inc_subtensor",),
    why="what was put there is there",
)  # fmt: skip
def part_just_written(node: Apply, context: Context) -> Replacement:
    """Replace a read at the place of a write by what was written."""
    write: Any = node.inputs[0].owner
    if not write.op.set_instead_of_inc or not _same_index(node, write):
        return None
    value: Any = write.inputs[1]
    out: Any = node.outputs[0]
    return value if value.type == out.type else None


@algorithm(
    "useless_write", *PHASES, roots=(IncSubtensor,),
    theano=("local_useless_inc_subtensor", "local_incsubtensor_of_zeros_to_setsubtensor",
            "local_incsubtensor_of_zeros"),
    why="nothing of the tensor is left, or nothing is added",
)  # fmt: skip
def useless_write(node: Apply, context: Context) -> Replacement:
    """Replace a write over the whole tensor by the value or a sum; drop one that adds 0."""
    x: Any = node.inputs[0]
    y: Any = node.inputs[1]
    sets = node.op.set_instead_of_inc  # type: ignore[attr-defined]
    if not sets and context.value_of(y) == 0 and y.type.ndim == 0:
        return x
    lengths = context.shapes.lengths(x)
    items = _items(node, 2)
    if not all(_is_whole(item, n, context) for item, n in zip(items, lengths, strict=True)):
        return None
    if y.type != x.type or not context.shapes.same_shape(x, y):
        return None
    if sets or context.value_of(x) == 0:
        return y
    return FUNCTIONS["add"](x, y) if x.type.dtype != "bool" else None
