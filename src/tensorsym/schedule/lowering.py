"""Nodes outside of kernels: views, shapes, fills, library calls, choices; else host calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorsym.extend import Registry
from tensorsym.graph.variable import Constant
from tensorsym.language.blas import Gemm, Gemv, Ger, ScaledDot
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.indexing_basic import Subtensor
from tensorsym.language.products import Dot
from tensorsym.language.rebroadcast import Rebroadcast
from tensorsym.language.reshape import Alloc, Reshape, SpecifyShape
from tensorsym.language.shape import MakeVector, Shape, ShapeOf
from tensorsym.language.tensortype import TensorType
from tensorsym.language.transfer import TransferTo
from tensorsym.schedule.plan import (
    Branch,
    Copy,
    Fill,
    HostCall,
    Lengths,
    LibraryCall,
    Pack,
    Transfer,
    View,
)

if TYPE_CHECKING:
    from tensorsym.graph.op import Op
    from tensorsym.graph.variable import Apply, Variable
    from tensorsym.schedule.builder import PlanBuilder

__all__ = ["LOWERINGS", "emit_node"]

Lowering = Callable[["PlanBuilder", "Apply"], bool]

# Op class -> function that emits the node's instructions, or returns False to leave it to a host
# call.
LOWERINGS: Registry[type[Op], Lowering] = Registry("lowerings")


def emit_node(builder: PlanBuilder, node: Apply) -> None:
    """Add the instructions of a node that no kernel computes."""
    if (node, 0) in builder.branches:
        _emit_branch(builder, node)
        return
    lowering = LOWERINGS.get(type(node.op))
    if lowering is None or not lowering(builder, node):
        _emit_host_call(builder, node)


def _emit_host_call(builder: PlanBuilder, node: Apply) -> None:
    """Call perform; what it may overwrite is copied first."""
    sources = (builder.source(node),)
    inputs = [builder.slot_of(v) for v in node.inputs]
    for index in sorted({i for indices in node.op.destroy_map.values() for i in indices}):
        slot = builder.slots[inputs[index]]
        copied = builder.temporary(slot.dtype, slot.shape, slot.name, kind=slot.kind)
        builder.emit(Copy(sources, inputs[index], copied))
        inputs[index] = copied
    outputs = tuple([builder.new_slot(v) for v in node.outputs])
    builder.emit(HostCall(sources, node, tuple(inputs), outputs))


def _emit_branch(builder: PlanBuilder, node: Apply) -> None:
    sources = (builder.source(node),)
    (yes, yes_given), (no, no_given) = (builder.branches[node, k] for k in range(2))
    condition = builder.slot_of(node.inputs[0])
    inputs = (
        tuple([builder.slot_of(v) for v in yes_given]),
        tuple([builder.slot_of(v) for v in no_given]),
    )
    outputs = tuple([builder.new_slot(v) for v in node.outputs])
    builder.emit(Branch(sources, condition, (yes, no), inputs, outputs))


@LOWERINGS.register(DimShuffle)
def _dimshuffle(builder: PlanBuilder, node: Apply) -> bool:
    op: Any = node.op
    order = tuple([-1 if d == "x" else d for d in op.new_order])
    return _view(builder, node, "dimshuffle", order)


def _view(
    builder: PlanBuilder, node: Apply, kind: str, arguments: tuple[Any, ...], message: str = ""
) -> bool:
    sources, slot = (builder.source(node),), builder.slot_of(node.inputs[0])
    output = builder.new_slot(node.outputs[0])
    builder.emit(View(sources, kind, slot, output, arguments, message=message))
    return True


@LOWERINGS.register(SpecifyShape)
def _specify_shape(builder: PlanBuilder, node: Apply) -> bool:
    op: Any = node.op
    message = "an array has another shape than specified"
    return _view(builder, node, "specify", op.lengths, message)


@LOWERINGS.register(Rebroadcast)
def _rebroadcast(builder: PlanBuilder, node: Apply) -> bool:
    op: Any = node.op
    declared = dict(op.axis)
    rank = len(builder.slots[builder.slot_of(node.inputs[0])].shape)
    lengths = tuple([1 if declared.get(d) else None for d in range(rank)])
    return _view(builder, node, "specify", lengths, "a dimension was declared broadcastable")


@LOWERINGS.register(TransferTo)
def _transfer(builder: PlanBuilder, node: Apply) -> bool:
    op: Any = node.op
    slot = builder.slot_of(node.inputs[0])
    if builder.target.name == "cpu":
        return _view(builder, node, "specify", (None,) * builder.slots[slot].ndim)
    sources = (builder.source(node),)
    builder.emit(Transfer(sources, slot, builder.new_slot(node.outputs[0]), op.target))
    return True


@LOWERINGS.register(Reshape)
def _reshape(builder: PlanBuilder, node: Apply) -> bool:
    x, lengths = node.inputs
    type_: Any = lengths.type
    if type_.dtype != "int64":
        return False
    sources, slot, shape = (builder.source(node),), builder.slot_of(x), builder.slot_of(lengths)
    builder.emit(View(sources, "reshape", slot, builder.new_slot(node.outputs[0]), lengths=shape))
    return True


@LOWERINGS.register(Subtensor)
def _subtensor(builder: PlanBuilder, node: Apply) -> bool:
    numbers = iter(node.inputs[1:])
    bounds: list[tuple[Any, ...]] = []
    op: Any = node.op
    for entry in op.idx_list:
        if isinstance(entry, str):
            bounds.append((_bound(builder, next(numbers)),))
        else:
            bounds.append(
                tuple([None if b is None else _bound(builder, next(numbers)) for b in entry])
            )
    return _view(builder, node, "slice", tuple(bounds))


def _bound(builder: PlanBuilder, number: Variable) -> int | str:
    """Return a bound of a slice: the number, or the slot that will hold it."""
    if isinstance(number, Constant):
        return int(number.data)
    return f"%{builder.slot_of(number)}"


@LOWERINGS.register(Shape)
def _shape(builder: PlanBuilder, node: Apply) -> bool:
    return _lengths(builder, node, None)


@LOWERINGS.register(ShapeOf)
def _shape_of(builder: PlanBuilder, node: Apply) -> bool:
    op: Any = node.op
    return _lengths(builder, node, op.i)


def _lengths(builder: PlanBuilder, node: Apply, dim: int | None) -> bool:
    if not isinstance(node.inputs[0].type, TensorType):
        return False
    sources, slot = (builder.source(node),), builder.slot_of(node.inputs[0])
    builder.emit(Lengths(sources, slot, builder.new_slot(node.outputs[0]), dim))
    return True


@LOWERINGS.register(MakeVector)
def _make_vector(builder: PlanBuilder, node: Apply) -> bool:
    sources, slots = (builder.source(node),), tuple([builder.slot_of(v) for v in node.inputs])
    builder.emit(Pack(sources, slots, builder.new_slot(node.outputs[0])))
    return True


@LOWERINGS.register(Alloc)
def _alloc(builder: PlanBuilder, node: Apply) -> bool:
    value, *lengths = node.inputs
    sources = (builder.source(node),)
    slots = tuple([builder.as_dtype(n, "int64", sources) for n in lengths])
    builder.emit(Fill(sources, builder.slot_of(value), slots, builder.new_slot(node.outputs[0])))
    return True


@LOWERINGS.register(Dot)
def _dot(builder: PlanBuilder, node: Apply) -> bool:
    output_type: Any = node.outputs[0].type
    x, y = node.inputs
    types: list[Any] = [x.type, y.type]
    dtype, known = output_type.dtype, builder.target.library_dtypes
    if dtype not in known or ("float16" in [t.dtype for t in types] and "float16" not in known):
        return False
    sources = (builder.source(node),)
    left, right = (builder.as_dtype(v, dtype, sources) for v in (x, y))
    ranks = types[0].ndim, types[1].ndim
    output = builder.new_slot(node.outputs[0])
    if ranks == (1, 2):  # x @ y is y.T @ x
        flipped = builder.temporary(dtype, types[1].shape[::-1], f"{builder.name(y)}.T")
        builder.emit(View(sources, "dimshuffle", right, flipped, (1, 0)))
        left, right = flipped, left
    routine = {(2, 2): "gemm", (1, 1): "dot"}.get(ranks, "gemv")
    builder.emit(LibraryCall(sources, routine, dtype, left, right, output))
    return True


@LOWERINGS.register(ScaledDot)
@LOWERINGS.register(Gemm)
@LOWERINGS.register(Gemv)
@LOWERINGS.register(Ger)
def _scaled_product(builder: PlanBuilder, node: Apply) -> bool:
    op: Any = node.op
    routine = {Gemv: "gemv", Ger: "ger"}.get(type(op), "gemm")
    named = {name: builder.slot_of(v) for name, v in zip(op.operands, node.inputs, strict=True)}
    output: Any = node.outputs[0]
    builder.emit(
        LibraryCall(
            (builder.source(node),),
            routine,
            output.type.dtype,
            named["x"],
            named["y"],
            builder.new_slot(output),
            named.get("z"),
            named.get("alpha"),
            named.get("beta"),
        )
    )
    return True
