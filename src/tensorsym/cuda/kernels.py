"""Plan kernels on a device: results get memory, the geometry is looked up, one or two launches."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.codegen.cuda import PACK, finishing_kernel
from tensorsym.codegen.space import order_of
from tensorsym.cuda.array import DeviceArray, dense_strides
from tensorsym.cuda.failure import InstructionError
from tensorsym.cuda.geometry import (
    Reduction,
    dense_in_order,
    elementwise_launch,
    for_several,
    reduction_launch,
)
from tensorsym.schedule.failures import LENGTHS_DIFFER, NO_ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.codegen.cuda import CudaKernel
    from tensorsym.cuda.context import Context
    from tensorsym.cuda.geometry import (
        Launch,
    )
    from tensorsym.cuda.unit import Unit
    from tensorsym.schedule.plan import Kernel, Operand

__all__ = ["KernelCall"]

Ints = tuple[int, ...]


class KernelCall:
    """A kernel of a plan: called with the slots' values, it fills those of its results.

    Parameters
    ----------
    context : Context
        The device.
    unit : Unit
        Where its text goes.
    text : CudaKernel
        What decides its text.
    kernel : Kernel
        The kernel, or the part of it that the text is of.
    """

    def __init__(self, context: Context, unit: Unit, text: CudaKernel, kernel: Kernel) -> None:
        self.context = context
        self.unit = unit
        self.text = text
        self.name = unit.add(text)
        self.lenders = [o for o in kernel.operands if o.role in ("in", "shape")]
        self.lender_slots = [o.slot for o in self.lenders]
        self.rank = kernel.rank
        operands = [o for o in kernel.operands if o.role != "shape"]
        self.results = [o for o in operands if o.role != "in"]
        self.folds = [o for o in self.results if o.role != "out"]
        self.walked = [
            o
            for o, way in zip(operands, text.ways, strict=True)
            if way == "array" and o.role == "in"
        ]
        self.walked_slots = [o.slot for o in self.walked]
        pointers, values = text.argument_order()
        n_inputs = len(operands) - len(self.results)
        self.pointer_slots = [operands[n].slot for n in pointers if n < n_inputs]
        self.value_slots = [operands[n].slot for n in values]
        self.pack = struct.Struct(f"{len(pointers)}Q")
        self.partial_name = unit.add(finishing_kernel(text)) if text.reduces else ""
        self.cache: dict[tuple[Any, ...], _Prepared] = {}

    def __call__(self, values: list[Any]) -> None:
        """Run the kernel."""
        key = tuple([(values[s].shape, values[s].strides) for s in self.lender_slots])
        prepared = self.cache.get(key)
        if prepared is None:
            if len(self.cache) > 256:  # shapes that change at every call must not pile up
                self.cache.clear()
            prepared = self.cache[key] = self.prepare([values[s] for s in self.lender_slots])
        context, made = self.context, []
        for slot, nbytes, shape, strides, dtype in prepared.results:
            block = context.pool.allocate(nbytes)
            array = DeviceArray(context, block, block.pointer, shape, strides, dtype)
            made.append(array)
            values[slot] = array
        if prepared.launch is None:
            self.fill_empty(made)
        elif isinstance(prepared.launch, Reduction):
            self.reduce(prepared.launch, values, made)
        else:
            self.launch(prepared.launch, values, made)

    def launch(self, launch: Launch, values: list[Any], made: Sequence[DeviceArray]) -> None:
        """Launch one loop."""
        pointers = [values[s].pointer for s in self.pointer_slots]
        pointers += [array.pointer for array in made]
        union = 0
        for slot in self.walked_slots:
            union |= values[slot].pointer
        for array in made:
            union |= array.pointer
        head = launch.head if union % PACK == 0 else launch.unaligned
        arguments = head + self.pack.pack(*pointers)
        for slot in self.value_slots:
            arguments += values[slot].tobytes()
        function = self.unit.function(f"{self.name}_{launch.loop}", launch.bits)
        function._launch_kernel(launch.grid, launch.block, arguments, 0, None)

    def reduce(self, plan: Reduction, values: list[Any], made: list[DeviceArray]) -> None:
        """Launch a reduction, and a second loop over partial results if there are any."""
        if plan.second is None:
            self.launch(plan.first, values, made)
            return
        targets, partial, finals = [], [], []
        for operand, array in zip(self.results, made, strict=True):
            if operand.role != "out":
                finals.append(array)
                array = self.context.empty((plan.splits, plan.outputs), array.dtype)  # noqa: PLW2901
                partial.append(array)
            targets.append(array)
        self.launch(plan.first, values, targets)
        second = for_several(plan.second, len(partial))
        pointers = [array.pointer for array in (*partial, *finals)]
        arguments = second.head + struct.pack(f"{len(pointers)}Q", *pointers)
        function = self.unit.function(f"{self.partial_name}_reduce", second.bits)
        function._launch_kernel(second.grid, second.block, arguments, 0, None)

    def fill_empty(self, made: Sequence[DeviceArray]) -> None:
        """Store what reductions over no elements give."""
        for operand, array in zip(self.results, made, strict=True):
            if operand.role == "out" or array.size == 0:
                continue
            host = np.full(array.shape, operand.role in ("prod", "all"), operand.dtype)
            self.context.copy(array, self.context.from_host(host))

    def prepare(self, lent: Sequence[Any]) -> _Prepared:
        """Return results and launches for operands of some shapes and strides."""
        shape = self.common_shape(lent)
        for operand in self.folds:
            if operand.role in ("max", "min") and not operand.lenient:
                for d, fixed in enumerate(operand.broadcast):
                    if fixed and shape[d] == 0:
                        raise InstructionError(
                            NO_ELEMENTS, [o.slot for o in self.results].index(operand.slot)
                        )
        by_slot = dict(zip(self.lender_slots, lent, strict=True))
        steps = [self.steps_of(operand, by_slot[operand.slot], shape) for operand in self.walked]
        order = self.order_of_results(shape, steps)
        results: list[tuple[int, int, Ints, Ints, np.dtype[Any]]] = []
        out_steps = []
        for operand in self.results:
            dtype = np.dtype(operand.dtype)
            if operand.role == "out":
                out_steps.append(dense_in_order(shape, order, 1))
                own, strides = shape, tuple([s * dtype.itemsize for s in out_steps[-1]])
            else:
                own = tuple([n for n, r in zip(shape, operand.broadcast, strict=True) if not r])
                strides = dense_strides(own, dtype.itemsize)
            results.append((operand.slot, dtype.itemsize * math.prod(own), own, strides, dtype))
        if math.prod(shape) == 0:
            return _Prepared(results, None)
        processors = self.context.processors
        launch: Launch | Reduction
        if self.text.reduces:
            launch = reduction_launch(shape, self.text.reduced, [*steps, *out_steps], processors)
        else:
            launch = elementwise_launch(
                shape, [*steps, *out_steps], self.rank, self.text.width, processors
            )
        return _Prepared(results, launch)

    def common_shape(self, lent: Sequence[Any]) -> Ints:
        """Return the lengths of the space; operands not broadcast along a dimension must agree."""
        lengths: list[int | None] = [None] * self.rank
        for operand, array in zip(self.lenders, lent, strict=True):
            for d, fixed in enumerate(operand.broadcast):
                if fixed:
                    continue
                if lengths[d] is None:
                    lengths[d] = array.shape[d]
                elif lengths[d] != array.shape[d]:
                    raise InstructionError(LENGTHS_DIFFER, d)
        return tuple([1 if n is None else n for n in lengths])

    def steps_of(self, operand: Operand, array: Any, shape: Ints) -> Ints:
        """Return an operand's strides in elements."""
        size = array.dtype.itemsize
        return tuple(
            [
                0 if fixed else stride // size
                for fixed, stride in zip(operand.broadcast, array.strides, strict=True)
            ]
        )

    def order_of_results(self, shape: Ints, steps: Sequence[Ints]) -> Ints:
        """Return the order of the results' dimensions in memory: the first whole operand's."""
        if not self.text.reduces and self.rank > 1 and min(shape) > 1:
            for operand, own in zip(self.walked, steps, strict=True):
                if not any(operand.broadcast):
                    return order_of(shape, own)
        return tuple(range(self.rank))


class _Prepared:
    """Results of a kernel (slot, bytes, shape, strides, dtype) and its launches."""

    __slots__ = ("launch", "results")

    def __init__(
        self,
        results: Sequence[tuple[int, int, Ints, Ints, np.dtype[Any]]],
        launch: Launch | Reduction | None,
    ) -> None:
        self.results = results
        self.launch = launch
