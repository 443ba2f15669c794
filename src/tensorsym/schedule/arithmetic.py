"""Lengths computed while a plan runs, as sizes: scalar steps, slices, what ops infer of shapes."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.graph.evaluate import evaluate_graph
from tensorsym.graph.variable import Constant, Variable
from tensorsym.graph.walk import graph_inputs
from tensorsym.language.elementwise import RECORDS, Elementwise
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.sizes import number, symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.graph.variable import Apply
    from tensorsym.schedule.plan import Step
    from tensorsym.schedule.sizes import Size

__all__ = ["larger", "lengths_of_results", "quotient", "slice_length", "value_of_step"]

# A longer expression is no name to read; it is computed all the same, and called by its place.
LONGEST_NAME = 80
DEEPEST = 40
INTEGER_KINDS = "iub"
_ARITHMETIC = {"add": operator.add, "sub": operator.sub, "mul": operator.mul}


def value_of_step(step: Step, arguments: Sequence[Size | None]) -> Size | None:
    """Return what a scalar step makes of known integers, or None."""
    if np.dtype(step.dtype).kind not in INTEGER_KINDS:
        return None
    known = [a for a in arguments if a is not None]
    if len(known) < len(arguments):
        return None
    return _applied(step.op, known, step.dtype)


def _applied(op: str, operands: Sequence[Size], dtype: str) -> Size | None:
    """Return an elementwise op of sizes: a polynomial where it is one."""
    if op.startswith("cast"):
        return operands[0]
    total = operands[0]
    if op in _ARITHMETIC:
        for other in operands[1:]:
            total = _ARITHMETIC[op](total, other)
        return total
    text = f"{op}({', '.join(map(str, operands))})"
    if len(text) > LONGEST_NAME or op not in RECORDS:
        return None
    return symbol(text, operands, _reference(op, dtype))


def _reference(op: str, dtype: str) -> Callable[..., int]:
    record = RECORDS[op]

    def compute(*values: int) -> int:
        function = record.reference()
        result = function(*[np.int64(v) for v in values[: record.arity]])
        for value in values[record.arity :]:
            result = function(result, np.int64(value))
        return int(np.asarray(result, dtype=dtype))

    return compute


def slice_length(length: Size, bounds: Sequence[Size | int | None]) -> Size:
    """Return how many elements a slice has.

    Examples
    --------
    >>> n = symbol("n")
    >>> print(slice_length(n, (1, None, None)), slice_length(number(5), (None, None, 2)))
    len(range(n)[1:]) 3
    """
    sizes = [None if b is None else number(b) for b in bounds]
    if sizes[0] in (None, number(0)) and sizes[1] == length and sizes[2] in (None, number(1)):
        return length
    if sizes[0] is None and sizes[1] is None and sizes[2] == number(-1):
        return length
    texts = ["" if size is None else str(size) for size in sizes]
    texts = texts if sizes[2] is not None else texts[:2]
    places = [i for i, size in enumerate(sizes) if size is not None]

    def compute(n: int, *values: int) -> int:
        given: list[int | None] = [None, None, None]
        for place, value in zip(places, values, strict=True):
            given[place] = value
        return len(range(n)[slice(*given)])

    operands = [length, *[size for size in sizes if size is not None]]
    constants = [operand.constant for operand in operands]
    if all(c is not None for c in constants):
        return number(compute(*[c for c in constants if c is not None]))
    return symbol(f"len(range({length})[{':'.join(texts)}])", operands, compute)


def lengths_of_results(
    node: Apply,
    shapes: Sequence[Sequence[Size]],
    numbers: Sequence[Sequence[Size | None] | None],
) -> list[list[Size | None] | None]:
    """Return the lengths of a node's results that the op infers; None for what it can not say.

    Parameters
    ----------
    node : Apply
        The node.
    shapes, numbers : sequence
        Lengths, and integer values where they are known, of its inputs.
    """
    known: dict[Variable, Size] = {}
    given: list[Any] = []
    for variable, lengths, values in zip(node.inputs, shapes, numbers, strict=True):
        if not isinstance(variable.type, TensorType):
            given.append(None)
            continue
        entries = tuple(TensorType("int64", ())() for _ in lengths)
        known.update(zip(entries, lengths, strict=True))
        given.append(entries)
        if not lengths and values and values[0] is not None:
            known[variable] = values[0]
    try:
        found = node.op.infer_shape(node, given)
    except Exception:  # a user's op may raise what it likes; its lengths are unknown then
        return [None] * len(node.outputs)
    return [
        None if shape is None else [_size_of(length, known) for length in shape] for shape in found
    ]


def larger(a: Size, b: Size) -> Size:
    """Return the larger of two sizes."""
    return a if a.covers(b) else b if b.covers(a) else symbol(f"max({a}, {b})", (a, b), max)


def quotient(total: int, rest: int) -> int:
    """Return what is left of a total; 0 where nothing is."""
    return total // rest if rest else 0


def _size_of(length: Any, known: dict[Variable, Size], depth: int = 0) -> Size | None:
    """Return an inferred length as a size."""
    if not isinstance(length, Variable):
        return number(int(length))
    if length in known:
        return known[length]
    if isinstance(length, Constant):
        return number(int(length.data))
    node = length.owner
    if node is None or depth > DEEPEST:
        return None
    if isinstance(node.op, Elementwise) and node.op.record.name in _ARITHMETIC:
        operands = [_size_of(v, known, depth + 1) for v in node.inputs]
        sizes = [size for size in operands if size is not None]
        return _applied(node.op.record.name, sizes, "int64") if sizes == operands else None
    leaves = [v for v in graph_inputs([length]) if not isinstance(v, Constant)]
    if not all(v in known for v in leaves):
        return None
    operands_ = [known[v] for v in leaves]

    def compute(*values: int) -> int:
        return int(evaluate_graph([length], dict(zip(leaves, values, strict=True)))[0])

    return symbol(f"{node.op}({', '.join(map(str, operands_))})", operands_, compute)
