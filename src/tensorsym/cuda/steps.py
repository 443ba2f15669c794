"""From instructions to functions over the slots' values, for a device and the host beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.codegen.cuda import cuda_kernels
from tensorsym.cuda.array import DeviceArray
from tensorsym.cuda.failure import InstructionError
from tensorsym.cuda.kernels import KernelCall
from tensorsym.cuda.nested import branch_step, loop_step
from tensorsym.cuda.ops import find_device_op
from tensorsym.cuda.products import library_call
from tensorsym.cuda.views import reshaped, sliced, viewed
from tensorsym.schedule.failures import (
    LENGTHS_DIFFER,
    NEGATIVE_LENGTH,
    NOT_TRUE,
    OTHER_LENGTH,
)
from tensorsym.schedule.hostcalls import copied, host_call, kernel_call
from tensorsym.schedule.plan import (
    Allocate,
    Branch,
    Check,
    Copy,
    Fill,
    Free,
    HostCall,
    Kernel,
    Lengths,
    LibraryCall,
    Loop,
    Pack,
    Transfer,
    View,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.cuda.context import Context
    from tensorsym.cuda.unit import Unit
    from tensorsym.schedule.plan import Instruction, Plan

__all__ = ["Maker", "Step"]

Step = "Callable[[list[Any]], None]"


class Maker:
    """Makes the functions of a plan's instructions.

    Parameters
    ----------
    context : Context
        The device.
    plan : Plan
        The plan, placed.
    unit : Unit
        Where its kernels go.
    runner : callable
        Makes what runs a plan inside, of context, plan and unit.
    """

    def __init__(
        self, context: Context, plan: Plan, unit: Unit, runner: Callable[[Any, Any, Any], Any]
    ) -> None:
        self.context = context
        self.plan = plan
        self.slots = plan.slots
        self.unit = unit
        self.runner = runner

    def make(self, instruction: Instruction) -> Callable[[list[Any]], None]:
        """Return the function of one instruction."""
        return _STEPS[type(instruction)](self, instruction)

    def on_host(self, slot: int) -> bool:
        """Tell whether a slot's home is the host."""
        return self.slots[slot].home == "cpu"

    def kernel(self, kernel: Kernel) -> Callable[[list[Any]], None]:
        """Return a kernel: launches, or NumPy where all is on the host."""
        writes = kernel.writes()
        if self.on_host(writes[0]):
            call, reads = kernel_call(kernel, self.plan), kernel.reads()

            def compute(values: list[Any]) -> None:
                for slot, value in zip(writes, call([values[s] for s in reads]), strict=True):
                    values[slot] = value

            return compute
        by_value = [
            o.slot
            for o in kernel.operands
            if o.role == "in" and all(o.broadcast) and self.on_host(o.slot)
        ]
        calls = [
            KernelCall(self.context, self.unit, text, part)
            for text, part in cuda_kernels(kernel, by_value)
        ]
        if len(calls) == 1:
            return calls[0]

        def run(values: list[Any]) -> None:
            for part in calls:
                part(values)

        return run

    def library(self, call: LibraryCall) -> Callable[[list[Any]], None]:
        """Return a product."""
        run: Callable[[list[Any]], None] = library_call(self.context, call)
        return run

    def view(self, view: View) -> Callable[[list[Any]], None]:
        """Return a view of a tensor, on either side."""
        source, output = view.input, view.output
        if view.kind == "dimshuffle":
            order = view.arguments

            def shuffle(values: list[Any]) -> None:
                old = values[source]
                shape = tuple([1 if d < 0 else old.shape[d] for d in order])
                strides = tuple([0 if d < 0 else old.strides[d] for d in order])
                values[output] = viewed(old, shape, strides)

            return shuffle
        if view.kind == "slice":
            return lambda values: values.__setitem__(
                output, sliced(values[source], view.arguments, values)
            )
        if view.kind == "reshape":
            assert view.lengths is not None
            lengths, rank = view.lengths, self.slots[output].ndim
            return lambda values: values.__setitem__(
                output, reshaped(self.context, values[source], values[lengths], rank)
            )

        def specify(values: list[Any]) -> None:
            old = values[source]
            for d, length in enumerate(view.arguments):
                if length is not None and length != old.shape[d]:
                    raise InstructionError(OTHER_LENGTH, d)
            values[output] = old

        return specify

    def lengths(self, lengths: Lengths) -> Callable[[list[Any]], None]:
        """Return the lengths of a tensor as a vector, or one as a scalar."""
        source, output, dim = lengths.input, lengths.output, lengths.dim

        def run(values: list[Any]) -> None:
            shape = values[source].shape
            values[output] = np.array(shape if dim is None else shape[dim], np.int64)

        return run

    def pack(self, pack: Pack) -> Callable[[list[Any]], None]:
        """Return a vector of scalars."""
        dtype = self.slots[pack.output].dtype

        def run(values: list[Any]) -> None:
            values[pack.output] = np.array([values[s] for s in pack.inputs], dtype)

        return run

    def allocate(self, allocate: Allocate) -> Callable[[list[Any]], None]:
        """Return memory of a shape."""
        output = allocate.output
        dtype, empty = np.dtype(self.slots[output].dtype), self.empty(output)

        def run(values: list[Any]) -> None:
            values[output] = empty(shape_of(values, allocate.lengths), dtype)

        return run

    def empty(self, slot: int) -> Callable[[Any, Any], Any]:
        """Return what makes arrays where a slot is."""
        return np.empty if self.on_host(slot) else self.context.empty

    def fill(self, fill: Fill) -> Callable[[list[Any]], None]:
        """Return memory of a shape, filled by broadcasting."""
        output, host = fill.output, self.on_host(fill.output)

        def run(values: list[Any]) -> None:
            value, shape = values[fill.value], shape_of(values, fill.lengths)
            strides = [0] * len(shape)
            for d, (length, step) in enumerate(
                zip(value.shape, value.strides, strict=True), len(shape) - value.ndim
            ):
                if length != 1:
                    if length != shape[d]:
                        raise InstructionError(LENGTHS_DIFFER, d)
                    strides[d] = step
            if host:
                values[output] = np.broadcast_to(value, shape).copy()
                return
            if isinstance(value, np.ndarray):
                value = self.context.from_host(value)
            spread = value.view(shape, tuple(strides))
            values[output] = target = self.context.empty(shape, value.dtype)
            self.context.copy(target, spread)

        return run

    def copy(self, copy: Copy) -> Callable[[list[Any]], None]:
        """Return a copy of a tensor or an object."""

        def run(values: list[Any]) -> None:
            values[copy.output] = copied(values[copy.input])

        return run

    def transfer(self, transfer: Transfer) -> Callable[[list[Any]], None]:
        """Return a tensor moved between the host and the device."""
        source, output, context = transfer.input, transfer.output, self.context
        if transfer.device == "cpu":
            return lambda values: values.__setitem__(output, context.to_host(values[source]))
        return lambda values: values.__setitem__(output, context.from_host(values[source]))

    def check(self, check: Check) -> Callable[[list[Any]], None]:
        """Return a check of conditions."""

        def run(values: list[Any]) -> None:
            for number, slot in enumerate(check.conditions):
                if not values[slot].all():
                    raise InstructionError(NOT_TRUE, number)
            values[check.output] = values[check.input]

        return run

    def free(self, free: Free) -> Callable[[list[Any]], None]:
        """Let go of values; the pool gets their memory when nobody else has it."""

        def run(values: list[Any]) -> None:
            for slot in free.slots:
                values[slot] = None

        return run

    def host_call(self, call: HostCall) -> Callable[[list[Any]], None]:
        """Return the device's function for an op, or a call of `perform` on the host."""
        node = call.node
        perform = host_call(node)
        writable = {i for indices in node.op.destroy_map.values() for i in indices}

        def on_host(values: list[Any]) -> None:
            arguments = [
                _as_argument(values[slot], index in writable)
                for index, slot in enumerate(call.inputs)
            ]
            for slot, value in zip(call.outputs, perform(arguments), strict=True):
                at_home = self.on_host(slot) or self.slots[slot].kind == "object"
                values[slot] = value if at_home else self.context.from_host(value)

        own = find_device_op(node)
        there = any([not self.on_host(s) for s in call.outputs])
        if own is None or not there:
            return on_host

        def on_device(values: list[Any]) -> None:
            results = own(self.context, node, [values[s] for s in call.inputs])
            if results is None:
                on_host(values)
                return
            for slot, value in zip(call.outputs, results, strict=True):
                values[slot] = value

        return on_device

    def branch(self, branch: Branch) -> Callable[[list[Any]], None]:
        """Return a choice between two plans."""
        yes, no = (self.runner(self.context, plan, self.unit) for plan in branch.plans)
        return branch_step(branch, (yes, no))

    def loop(self, loop: Loop) -> Callable[[list[Any]], None]:
        """Return a loop."""
        return loop_step(
            self.context, loop, self.runner(self.context, loop.body, self.unit), self.slots
        )


def shape_of(values: list[Any], slots: Sequence[int]) -> tuple[int, ...]:
    """Return the shape that scalar slots hold."""
    shape = tuple([int(values[slot]) for slot in slots])
    for d, length in enumerate(shape):
        if length < 0:
            raise InstructionError(NEGATIVE_LENGTH, d)
    return shape


def _as_argument(value: Any, writable: bool) -> Any:
    """Return an operand as `perform` sees it: on the host, read-only unless it may overwrite it."""
    if isinstance(value, DeviceArray):
        return value.to_host()
    if isinstance(value, np.ndarray) and not writable and value.flags.writeable:
        value = value.view()
        value.flags.writeable = False
    return value


_STEPS: dict[type[Instruction], Callable[[Maker, Any], Callable[[list[Any]], None]]] = {
    Kernel: Maker.kernel,
    LibraryCall: Maker.library,
    View: Maker.view,
    Lengths: Maker.lengths,
    Pack: Maker.pack,
    Allocate: Maker.allocate,
    Fill: Maker.fill,
    Copy: Maker.copy,
    Transfer: Maker.transfer,
    Check: Maker.check,
    Free: Maker.free,
    HostCall: Maker.host_call,
    Branch: Maker.branch,
    Loop: Maker.loop,
}
