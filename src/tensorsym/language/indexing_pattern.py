"""Index patterns: what stands between the brackets of `x[...]`, as pattern and inputs.

A pattern is part of an op (it is hashable and says which entries exist); the numbers in it are
inputs of the node, constants too, so that equal nodes merge and a compiled function can be called
with other indices.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorsym.errors import DTypeError, IndexingError, IndexStepError
from tensorsym.graph.variable import Constant, Variable
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.shape import constant_length
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tensorsym.graph.type import Type

__all__ = [
    "Entry",
    "Pattern",
    "SliceEntry",
    "fill_pattern",
    "parse_index",
    "pattern_text",
    "slice_length",
    "static_length",
]

LARGEST_INDEX = np.iinfo("int64").max


class SliceEntry(NamedTuple):
    """A slice in a pattern: per bound the dtype of the input that gives it, or None if left out."""

    start: str | None = None
    stop: str | None = None
    step: str | None = None

    def __str__(self) -> str:
        return f"{self.start or ''}:{self.stop or ''}:{self.step or ''}"


# A dtype stands for an index or array of indices (one input), None for a new axis.
Entry = str | SliceEntry | None
Pattern = tuple[Entry, ...]
ALL = SliceEntry()


class ParsedIndex(NamedTuple):
    """An index as pattern and inputs; `advanced` if arrays or masks take part."""

    pattern: Pattern
    inputs: list[Any]
    advanced: bool


def parse_index(index: Any, ndim: int) -> ParsedIndex:
    """Return the user's index of a tensor of `ndim` dimensions as pattern and inputs.

    Raises
    ------
    IndexError
        If there are more indices than dimensions, or two Ellipses.
    TypeError
        If an index is a Python bool, a float, or something else that does not index.
    """
    items = list(index) if isinstance(index, tuple) else [index]
    items = [item if _is_marker(item) else _as_index(item) for item in items]
    items = _without_ellipsis(items, ndim)
    pattern: list[Entry] = []
    inputs: list[Any] = []
    advanced = False
    for item in items:
        if item is None:
            pattern.append(None)
        elif isinstance(item, slice):
            bounds = [_as_bound(bound) for bound in (item.start, item.stop, item.step)]
            pattern.append(
                SliceEntry(*[None if bound is None else bound.type.dtype for bound in bounds])
            )
            inputs += [bound for bound in bounds if bound is not None]
        else:
            pattern.append(item.type.dtype)
            inputs.append(item)
            advanced = advanced or item.type.ndim > 0 or item.type.dtype == "bool"
    return ParsedIndex(tuple(pattern), inputs, advanced)


def _is_marker(item: Any) -> bool:
    return item is None or item is Ellipsis or isinstance(item, slice)


def _is_none(item: Any) -> bool:
    """Tell whether an item is None, or a constant None of a program for Theano."""
    return item is None or (isinstance(item, Constant) and item.data is None)


def _as_index(item: Any) -> Any:
    """Return an index that is no slice as a tensor of integers or bools, or None for a new axis."""
    if _is_none(item):
        return None
    if isinstance(item, Variable):
        if not isinstance(item.type, TensorType):
            raise DTypeError(f"{item} can not be an index", got=f"a variable of type {item.type}")
        if not is_discrete(item.type.dtype):
            raise _not_an_index(item, f"{item} of {item.type.dtype}")
        return item
    if isinstance(item, bool | np.bool_) or (
        isinstance(item, list | tuple) and _contains_bool(item)
    ):
        raise DTypeError(
            "Python bools are not symbolic indices",
            got=repr(item),
            hint="give a mask as an array: x[numpy.array([True, False])]",
        )
    if isinstance(item, list | tuple) and not _is_numeric(item):
        tensor = as_tensor_variable(item)
        return _as_index(tensor)
    if not isinstance(item, list | tuple | np.ndarray):
        return _as_integer(item)
    array = np.asarray(item)
    if not array.size and array.dtype.kind == "f":
        array = array.astype("int64")
    if array.dtype.kind not in "biu":
        raise _not_an_index(item, f"an array of {array.dtype.name}")
    return constant(array if array.dtype.kind == "b" or array.ndim else array.astype("int64"))


def _as_integer(item: Any) -> Any:
    try:
        value = operator.index(item)
    except TypeError:
        raise _not_an_index(item, f"{type(item).__name__} {item!r}") from None
    if not -LARGEST_INDEX - 1 <= value <= LARGEST_INDEX:
        raise DTypeError(f"the index {value} does not fit int64")
    return constant(np.int64(value))


def _not_an_index(item: Any, got: str) -> DTypeError:
    origin = item.origin if isinstance(item, Variable) else ()
    return DTypeError("an index must be integers or a boolean mask", got=got, origin=origin)


def _contains_bool(items: Sequence[Any]) -> bool:
    stack = list(items)
    while stack:
        item = stack.pop()
        if isinstance(item, bool | np.bool_):
            return True
        if isinstance(item, list | tuple):
            stack.extend(item)
    return False


def _is_numeric(items: Sequence[Any]) -> bool:
    stack = list(items)
    while stack:
        item = stack.pop()
        if isinstance(item, Variable):
            return False
        if isinstance(item, list | tuple):
            stack.extend(item)
        elif isinstance(item, slice) or item is None or item is Ellipsis:
            raise DTypeError(
                "a list of indices holds integers", got=repr(item), hint="use a tuple: x[:, 0]"
            )
    return True


def _as_bound(bound: Any) -> Any:
    """Return a bound of a slice as a 0-d integer tensor, or None."""
    if _is_none(bound):
        return None
    if isinstance(bound, Variable):
        type_: Type = bound.type
        if not isinstance(type_, TensorType) or not is_discrete(type_.dtype) or type_.ndim:
            raise DTypeError(
                "a slice's bound must be an integer",
                got=f"{bound} of type {type_}",
                origin=bound.origin,
            )
        return FUNCTIONS["cast"](bound, "int8") if type_.dtype == "bool" else bound
    try:
        value = operator.index(bound)
    except TypeError:
        raise DTypeError(
            "a slice's bound must be an integer", got=f"{type(bound).__name__} {bound!r}"
        ) from None
    # As in Python, a bound beyond all lengths is as good as the largest.
    return constant(np.int64(min(max(value, -LARGEST_INDEX), LARGEST_INDEX)))


def _without_ellipsis(items: list[Any], ndim: int) -> list[Any]:
    """Return the items with the Ellipsis, if any, written out as full slices."""
    used = sum(_consumed(item) for item in items)
    if used > ndim:
        raise IndexingError(
            "too many indices", got=f"{used} indices", expected=f"at most {ndim}, one per dimension"
        )
    places = [place for place, item in enumerate(items) if item is Ellipsis]
    if len(places) > 1:
        raise IndexingError("an index can have only one Ellipsis (`...`)")
    if not places:
        return items
    (place,) = places
    return items[:place] + [slice(None)] * (ndim - used) + items[place + 1 :]


def _consumed(item: Any) -> int:
    """Return how many dimensions an item takes."""
    if item is None or item is Ellipsis:
        return 0
    if isinstance(item, Variable) and item.type.dtype == "bool":
        rank: int = item.type.ndim
        return rank
    return 1


def fill_pattern(pattern: Pattern, inputs: Sequence[Any]) -> list[Any]:
    """Return the items of a pattern with `inputs` in place: slices, inputs and None."""
    given: Iterator[Any] = iter(inputs)
    items: list[Any] = []
    for entry in pattern:
        if isinstance(entry, SliceEntry):
            items.append(slice(*[None if bound is None else next(given) for bound in entry]))
        else:
            items.append(None if entry is None else next(given))
    return items


def numpy_index(pattern: Pattern, arrays: Sequence[Any]) -> tuple[Any, ...]:
    """Return the index for NumPy, with run-time arrays in place."""
    given = iter(arrays)
    items: list[Any] = []
    for entry in pattern:
        if isinstance(entry, SliceEntry):
            items.append(slice(*[None if bound is None else int(next(given)) for bound in entry]))
        elif entry is None:
            items.append(None)
        else:
            array = next(given)
            items.append(int(array) if np.ndim(array) == 0 and entry != "bool" else array)
    return tuple(items)


def pattern_text(pattern: Pattern) -> str:
    """Return a pattern in Theano's notation: `int64, ::`."""
    return ", ".join("newaxis" if entry is None else str(entry) for entry in pattern)


def static_length(length: int | None, item: slice) -> int | None:
    """Return the length of a slice of a dimension of `length`, or None if that is not known."""
    bounds = [
        None if bound is None else constant_length(bound)
        for bound in (item.start, item.stop, item.step)
    ]
    known = [
        bound is None or value is not None
        for bound, value in zip((item.start, item.stop, item.step), bounds, strict=True)
    ]
    if bounds[2] == 0:
        raise IndexStepError("a slice's step can not be zero", got=str(item))
    if length == 1 and item.start is None and item.stop is None:
        return 1
    if not all(known):
        return None
    if length is not None:
        return len(range(*slice(*bounds).indices(length)))
    start, stop, step = bounds
    # Some slices are empty, whatever the length.
    same_side = start is not None and stop is not None and (start < 0) == (stop < 0)
    forward = (step or 1) > 0
    empty = same_side and (stop <= start if forward else stop >= start)  # type: ignore[operator]
    return 0 if empty else None


def slice_length(length: Any, item: slice) -> Any:
    """Return the symbolic length of a slice of a dimension of (symbolic) `length`.

    Constant bounds give simple expressions: the length of `x[1:]` is `maximum(n - 1, 0)`.
    """
    step = 1 if item.step is None else _known_or(item.step)
    if isinstance(step, int):
        return _as_length(_directed_length(length, item, step, forward=step > 0))
    forward, backward = (_directed_length(length, item, step, forward=way) for way in (True, False))
    return FUNCTIONS["switch"](step > 0, _as_length(forward), _as_length(backward))


def _as_length(value: Any) -> Any:
    return (
        constant(np.int64(value)) if isinstance(value, int) else FUNCTIONS["cast"](value, "int64")
    )


def _known_or(bound: Any) -> Any:
    """Return a bound as an int if it is known, else as an int64 expression."""
    value = constant_length(bound)
    return FUNCTIONS["cast"](bound, "int64") if value is None else value


def _directed_length(length: Any, item: slice, step: Any, *, forward: bool) -> Any:
    """Return the length of a slice that steps forward, or of one that steps backward."""
    span = length
    if item.start is not None or item.stop is not None:
        lowest, highest = (0, length) if forward else (-1, length - constant(np.int64(1)))
        start, stop = (lowest, highest) if forward else (highest, lowest)
        if item.start is not None:
            start = _clipped(item.start, length, lowest, highest)
        if item.stop is not None:
            stop = _clipped(item.stop, length, lowest, highest)
        low, high = (start, stop) if forward else (stop, start)
        span = high if isinstance(low, int) and low == 0 else high - low
    stride = step if forward else -step
    if not (isinstance(stride, int) and stride == 1):
        span = FUNCTIONS["int_div"](span + (stride - 1), stride)
    if isinstance(span, int):
        return max(span, 0)
    return span if span is length else FUNCTIONS["maximum"](span, constant(np.int64(0)))


def _clipped(bound: Any, length: Any, lowest: int, highest: Any) -> Any:
    """Return a bound counted from the front and limited to what the dimension has."""
    maximum, minimum = FUNCTIONS["maximum"], FUNCTIONS["minimum"]
    value = _known_or(bound)
    if isinstance(value, int):
        if value >= 0:
            return 0 if value == 0 and lowest == 0 else minimum(constant(np.int64(value)), highest)
        return maximum(length + constant(np.int64(value)), constant(np.int64(lowest)))
    from_front = FUNCTIONS["switch"](value < 0, value + length, value)
    return minimum(maximum(from_front, constant(np.int64(lowest))), highest)
