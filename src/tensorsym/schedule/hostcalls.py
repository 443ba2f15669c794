"""Calls of Python from the machine: `perform`, and kernels with steps that have no loop."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.extend import Registry
from tensorsym.graph.blame import blame
from tensorsym.graph.op import evaluate
from tensorsym.language.elementwise import RECORDS
from tensorsym.language.reduction import REDUCTIONS
from tensorsym.language.tensortype import TensorType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.op import Op
    from tensorsym.graph.variable import Apply
    from tensorsym.schedule.plan import Kernel, Plan, Step

__all__ = ["COMPILED", "copied", "host_call", "kernel_call", "kernel_values"]

Call = Callable[[list[Any]], list[Any]]

# Op class -> function that returns what computes a node in place of `perform`, or None.
COMPILED: Registry[type[Op], Callable[[Apply], Call | None]] = Registry("compiled ops")


def copied(value: Any) -> Any:
    """Return a copy of an object that somebody will overwrite, or that must not be the caller's."""
    # A list's own copy holds the same arrays.
    method = None if isinstance(value, list) else getattr(value, "copy", None)
    return method() if callable(method) else copy.deepcopy(value)


def _compiled(node: Apply) -> Call | None:
    """Return compiled code for a node's op, or that of a class whose `perform` it inherits."""
    kind: Any = type(node.op)
    for base in kind.__mro__:
        if base in COMPILED and kind.perform is base.perform:
            return COMPILED[base](node)
    return None


def host_call(node: Apply) -> Call:
    """Return a function that computes a node's outputs by compiled code or by `perform`.

    A result that is not an array of the output's dtype and rank is converted as the type's `filter`
    does; one that shares memory with an input, although the op declares no view, is copied.
    """
    declared = [
        {*node.op.view_map.get(index, ()), *node.op.destroy_map.get(index, ())}
        for index in range(len(node.outputs))
    ]
    types = [output.type for output in node.outputs]
    compute = _compiled(node) or functools.partial(evaluate, node)

    def call(arguments: list[Any]) -> list[Any]:
        try:
            results = compute(arguments)
        except Exception as error:
            blame(error, node, arguments)
            raise
        for index, (value, type_) in enumerate(zip(results, types, strict=True)):
            if isinstance(type_, TensorType):
                array = _as_array(value, type_)
                hidden = [a for i, a in enumerate(arguments) if i not in declared[index]]
                results[index] = array.copy() if _overlaps(array, hidden) else array
        return results

    return call


def _as_array(value: Any, type_: TensorType) -> np.ndarray[Any, Any]:
    if (
        isinstance(value, np.ndarray)
        and value.dtype == type_.numpy_dtype
        and value.ndim == type_.ndim
        and value.flags.aligned
        and value.dtype.isnative
    ):
        return value
    array: np.ndarray[Any, Any] = type_.filter(value)
    return array


def _overlaps(array: np.ndarray[Any, Any], others: Sequence[Any]) -> bool:
    return any(
        [isinstance(other, np.ndarray) and np.may_share_memory(array, other) for other in others]
    )


def kernel_call(kernel: Kernel, plan: Plan) -> Callable[[list[Any]], list[Any]]:
    """Return a function that computes a kernel's results with NumPy, step by step.

    It serves kernels with a step for which there is no compiled loop, such as an op record that a
    user added, and tests as the meaning of a kernel.
    """
    inputs = [o for o in kernel.operands if o.role in ("in", "shape")]
    names = [plan.slots[operand.slot].name for operand in inputs]

    def call(arguments: list[Any]) -> list[Any]:
        return kernel_values(kernel, arguments)[0]

    call.__doc__ = f"Compute a kernel of {', '.join(names)} with NumPy."
    return call


def kernel_values(kernel: Kernel, arguments: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return a kernel's results computed with NumPy, and all values on the way to them."""
    inputs = [o for o in kernel.operands if o.role in ("in", "shape")]
    outputs = [o for o in kernel.operands if o.role not in ("in", "shape")]
    shape = np.broadcast_shapes(*[a.shape for a in arguments]) if arguments else ()
    values = [a for a, operand in zip(arguments, inputs, strict=True) if operand.role == "in"]
    with np.errstate(all="ignore"):
        for step in kernel.steps:
            values.append(_evaluate(step, [values[a] for a in step.arguments]))
        return [_result(operand, values[operand.value], shape) for operand in outputs], values


def _evaluate(step: Step, operands: list[Any]) -> Any:
    if step.op == "cast":
        name = f"cast_{step.dtype}"
        return RECORDS[name].reference()(operands[0])
    record = RECORDS[step.op]
    function = record.reference()
    result = function(*operands[: record.arity])
    for operand in operands[record.arity :]:
        result = function(np.asarray(result, dtype=step.dtype), operand)
    return np.asarray(result, dtype=step.dtype)


def _result(operand: Any, value: Any, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    whole = np.broadcast_to(value, shape)
    if operand.role == "out":
        return whole.copy()
    axes = tuple([d for d, reduced in enumerate(operand.broadcast) if reduced])
    function = REDUCTIONS[operand.role].reference()
    return np.asarray(function(whole, axis=axes), dtype=operand.dtype)
