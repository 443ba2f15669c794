"""Random numbers of MRG streams, and draws from distributions: those of the CPU, bit by bit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cuda.moves import filled
from tensorsym.cuda.ops import device_op
from tensorsym.cuda.reference import from_input, host_value, raise_reference
from tensorsym.cuda.scalars import cast_text, kernel, scalar_of
from tensorsym.cuda.source import BLOCK
from tensorsym.language.mrg import MOST_NUMBERS, SCALES, MRGUniform
from tensorsym.language.mrgchoice import ChoiceFromUniform, MultinomialFromUniform

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.cuda.source import KernelSource
    from tensorsym.graph.variable import Apply

__all__: list[str] = []


@device_op(MRGUniform, numbers=from_input(1))
def mrg_uniform(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Let every stream step as often as it gives a number."""
    states = context.contiguous(inputs[0])
    op: Any = node.op
    shape = tuple([int(n) for n in host_value(node, inputs, 1)])
    count, streams = math.prod(shape), states.shape[0]
    if count > MOST_NUMBERS or streams == 0 or count < 0:
        raise_reference(node, inputs)
    dtype = op.outtype.dtype
    out, after = context.empty(shape, dtype), context.empty(states.shape, states.dtype)
    code = kernel("mrg", store=scalar_of(dtype).store, stored=_scaled(dtype))
    grid = -(-streams // BLOCK), 1, 1
    numbers = [np.int64(streams), np.int64(count)]
    context.launch(code, grid, (BLOCK, 1, 1), [*numbers, out, after, states])
    return [after, out]


def _scaled(dtype: str) -> str:
    """Return the text that makes a number between 0 and 1; 15 bits and a scale exceed a float."""
    scale: Any = SCALES[dtype]
    if dtype == "float16":
        exact = np.float16(scale).item()
        return f"ts_store_f16(ts_odd_f32(((number & 0x7fff) + 1) * {exact!r}))"
    if dtype == "float32":
        return f"(float)number * {float(scale).hex()}f"
    return f"(double)number * {float(scale).hex()}"


def _discrete_draw(node: Apply, function: str, dtype: str) -> KernelSource:
    output: Any = node.outputs[0].type
    types: list[Any] = [v.type for v in node.inputs]
    counted, probability, unit = (
        scalar_of(output.dtype),
        scalar_of(dtype),
        scalar_of(types[1].dtype),
    )
    return kernel(
        "multinomial", function=function, count=counted.store, store=probability.store,
        unit=unit.store, number=unit.load("numbers[draw * rows + row]"),
        probability=probability.load("p[k]"),
        increased=counted.stored(f"{counted.load('found[k]')} + 1"), found=counted.stored("found"),
        nothing=probability.stored("0"),
        divided=cast_text("float64", dtype),
    )  # fmt: skip


@device_op(MultinomialFromUniform, numbers=from_input(2))
def multinomial(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Count, for each row, the outcomes that its numbers fall on."""
    probabilities, numbers = (context.contiguous(v) for v in inputs[:2])
    draws = int(host_value(node, inputs, 2))
    rows, outcomes = probabilities.shape
    if draws < 1 or numbers.size != rows * draws:
        raise_reference(node, inputs)
    counts = filled(context, probabilities.shape, node.outputs[0].type.dtype)
    code = _discrete_draw(node, "multinomial", probabilities.dtype.name)
    lengths = [np.int64(n) for n in (rows, outcomes, draws)]
    arguments: list[Any] = [*lengths, counts, probabilities, numbers]
    context.launch(code, context.grid_for(rows), (BLOCK, 1, 1), arguments)
    return [counts]


@device_op(ChoiceFromUniform, numbers=from_input(2))
def choice(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Draw one after the other, for each row."""
    op: Any = node.op
    rest, numbers = context.copied(inputs[0]), context.contiguous(inputs[1])
    draws = int(host_value(node, inputs, 2))
    rows, outcomes = rest.shape
    impossible = draws > outcomes and not op.replace
    if draws < 1 or numbers.size != rows * draws or impossible:
        raise_reference(node, inputs)
    chosen = context.empty((rows, draws), node.outputs[0].type.dtype)
    code = _discrete_draw(node, "choice", rest.dtype.name)
    lengths = [np.int64(n) for n in (rows, outcomes, draws)]
    arguments: list[Any] = [*lengths, np.int32(op.replace), chosen, rest, numbers]
    context.launch(code, context.grid_for(rows), (BLOCK, 1, 1), arguments)
    return [chosen]
