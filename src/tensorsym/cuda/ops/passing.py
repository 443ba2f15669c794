"""Ops that hand on their operand: nothing moves, whatever they promise about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorsym.autodiff.passthrough import (
    ConsiderConstant,
    DisconnectedGrad,
    GradClip,
    GradScale,
    UndefinedGrad,
    ZeroGrad,
)
from tensorsym.cuda.ops import device_op
from tensorsym.cuda.reference import from_input, host_values, raise_reference
from tensorsym.language.assertion import Assert
from tensorsym.language.hostops import ViewOp
from tensorsym.language.scalarconversion import ScalarFromTensor, TensorFromScalar
from tensorsym.language.tensortype import TensorType

if TYPE_CHECKING:
    from tensorsym.cuda.array import DeviceArray
    from tensorsym.cuda.context import Context
    from tensorsym.graph.variable import Apply

__all__: list[str] = []


def _of_tensors(node: Apply) -> bool:
    return isinstance(node.inputs[0].type, TensorType)


@device_op(
    ConsiderConstant, DisconnectedGrad, GradClip, GradScale, ScalarFromTensor, TensorFromScalar,
    UndefinedGrad, ViewOp, ZeroGrad,
    supports=_of_tensors,
)  # fmt: skip
def hand_on(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Return the operand."""
    return inputs


@device_op(Assert, supports=_of_tensors, numbers=from_input(1))
def check(context: Context, node: Apply, inputs: list[DeviceArray]) -> list[DeviceArray]:
    """Return the first operand if all others hold."""
    if not all(bool(condition) for condition in host_values(node, inputs, first=1)):
        raise_reference(node, inputs)
    return inputs[:1]
