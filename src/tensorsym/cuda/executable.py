"""`Executable`: runs a placed plan on a device, one prepared function per instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.cuda.array import DeviceArray
from tensorsym.cuda.failure import InstructionError
from tensorsym.cuda.interop import adopted, is_on_device
from tensorsym.cuda.steps import Maker
from tensorsym.cuda.unit import Unit
from tensorsym.errors import DTypeError, ForeignDeviceError, RankError
from tensorsym.schedule.failures import explain_failure
from tensorsym.schedule.hostcalls import copied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.cuda.context import Context
    from tensorsym.schedule.plan import Plan

__all__ = ["Executable", "Resident", "Runner", "build"]

# Position of an input that may stay on the device, the cell that holds it, and the cell's lock.
Resident = tuple[int, list[Any], Any]


class Runner:
    """A plan, or one inside another, as a list of functions over a list of values.

    Parameters
    ----------
    context : Context
        The device.
    plan : Plan
        What it runs; placed.
    unit : Unit
        Where its kernels go.
    """

    def __init__(self, context: Context, plan: Plan, unit: Unit) -> None:
        self.context = context
        self.plan = plan
        maker = Maker(context, plan, unit, Runner)
        self.steps = [maker.make(instruction) for instruction in plan.instructions]
        self.labels = [self._label(i) for i in range(len(plan.instructions))]
        self._constants: list[tuple[int, Any]] | None = None

    def _label(self, index: int) -> tuple[str, Any]:
        instruction = self.plan.instructions[index]
        if not instruction.sources:
            return instruction.word, ()
        source = self.plan.origins[instruction.sources[-1]]
        return source.node, source.origin

    def frame(self) -> list[Any]:
        """Return room for all values, with the constants in place."""
        if self._constants is None:
            self._constants = [
                (
                    slot,
                    value if self.plan.slots[slot].home == "cpu" else self.context.from_host(value),
                )
                for slot, value in self.plan.constants
            ]
        values: list[Any] = [None] * len(self.plan.slots)
        for slot, value in self._constants:
            values[slot] = value
        return values

    def run(self, values: list[Any]) -> None:
        """Run all instructions; what fails is explained in the user's words."""
        labels = self.context.pool.labels
        index = 0
        try:
            for index, step in enumerate(self.steps):
                labels.now = self.labels[index]
                step(values)
        except Exception as error:
            raise self._explained(index, values, error) from error.__cause__

    def _explained(self, index: int, values: list[Any], error: Exception) -> BaseException:
        instruction = self.plan.instructions[index]
        shapes = {
            slot: values[slot].shape
            for slot in instruction.reads()
            if isinstance(values[slot], np.ndarray | DeviceArray)
        }
        status, detail, cause = 0, 0, error
        if isinstance(error, InstructionError):
            status, detail, cause = error.status, error.detail, None  # type: ignore[assignment]
        return explain_failure(self.plan, instruction, status, detail, shapes, cause)


class Executable(Runner):
    """A plan ready to run: called with a list of arrays, it returns a list of new ones.

    Parameters
    ----------
    context : Context
        The device.
    plan : Plan
        What it runs.
    residents : sequence of Resident
        Inputs that stay on the device between calls.

    Attributes
    ----------
    plan : Plan
        What it runs.
    takes_device_arrays : bool
        True: shared values are given to it wherever they are.
    """

    takes_device_arrays = True

    def __init__(self, context: Context, plan: Plan, residents: Sequence[Resident] = ()) -> None:
        self.unit = Unit(context)
        super().__init__(context, plan, self.unit)
        # Slot and dtype of each argument; objects have no dtype.
        self._inputs = [
            (slot, np.dtype(plan.slots[slot].dtype) if plan.slots[slot].dtype else None)
            for slot in plan.inputs
        ]
        self._residents = [r for r in residents if plan.slots[plan.inputs[r[0]]].home != "cpu"]

    def __call__(self, arrays: list[Any]) -> list[Any]:
        """Return the plan's results, which share memory with nothing else."""
        if len(arrays) != len(self._inputs):
            raise TypeError(f"{len(self._inputs)} arguments expected, {len(arrays)} given")
        with self.context:
            self._settle(arrays)
            values = self.frame()
            for (slot, dtype), value in zip(self._inputs, arrays, strict=True):
                values[slot] = value if dtype is None else self._taken(slot, dtype, value)
            self.run(values)
            return self._results(values, arrays)

    def _settle(self, arrays: list[Any]) -> None:
        """Upload shared values that are still on the host, and leave them on the device."""
        for position, cell, lock in self._residents:
            value = arrays[position]
            if not isinstance(value, np.ndarray):
                continue
            arrays[position] = moved = self.context.from_host(value)
            # Another call may publish a new value meanwhile: the old one must not come back.
            if lock.acquire(blocking=False):
                try:
                    if cell[0] is value:
                        cell[0] = moved
                finally:
                    lock.release()

    def _taken(self, slot: int, dtype: np.dtype[Any], value: Any) -> Any:
        """Return an argument where the plan expects it; kernels read what does not fit wrongly."""
        declared = self.plan.slots[slot]
        if not isinstance(value, np.ndarray | DeviceArray):
            raise TypeError(f"expected an array, got {type(value).__name__}")
        if value.dtype != dtype or value.ndim != len(declared.shape):
            raise TypeError(
                f"expected an array of {dtype} with {declared.ndim} dimensions, "
                f"got one of {value.dtype} with {value.ndim}"
            )
        for d, (wanted, length) in enumerate(zip(declared.shape, value.shape, strict=True)):
            if wanted not in (None, length):
                raise ValueError(
                    f"expected length {wanted} in dimension {d}, "
                    f"got an array of shape {value.shape}"
                )
        if isinstance(value, DeviceArray):
            if declared.home == "cpu":
                return value.to_host()
            if value.context is not self.context:
                raise ForeignDeviceError(
                    "an array lies on another device than the function runs on",
                    got=f"{declared.name} on {value.context.name}",
                    expected=f"{self.context.name}, or the host",
                )
            return value
        return value if declared.home == "cpu" else self.context.from_host(value)

    def adopt(self, value: Any, slot: int) -> Any:
        """Return an argument that lies on the device, checked, or None if it does not.

        Parameters
        ----------
        value : object
            The argument.
        slot : int
            Its position.
        """
        if not is_on_device(value):
            return None
        declared = self.plan.slots[self.plan.inputs[slot]]
        array = adopted(self.context, value)
        if array.dtype != declared.dtype:
            raise DTypeError(
                "an array on the device has another dtype than the argument",
                got=f"{array.dtype}",
                expected=declared.dtype,
                hint="arrays on the device are not converted",
            )
        fits = len(array.shape) == declared.ndim and all(
            [n in (None, m) for n, m in zip(declared.shape, array.shape, strict=True)]
        )
        if not fits:
            raise RankError(
                "an array on the device has another shape than the argument",
                got=f"shape {array.shape}",
                expected=str(declared),
            )
        return array

    def _results(self, values: list[Any], arrays: Sequence[Any]) -> list[Any]:
        """Return the outputs, copied where they share memory with something else."""
        taken = {id(a.owner) for a in arrays if isinstance(a, DeviceArray)}
        taken |= {id(v.owner) for _, v in self._constants or () if isinstance(v, DeviceArray)}
        results: list[Any] = []
        for slot in self.plan.outputs:
            value = values[slot]
            if isinstance(value, DeviceArray):
                whole = value.is_contiguous and value.nbytes == getattr(value.owner, "nbytes", -1)
                if not whole or id(value.owner) in taken:
                    value = value.copy()
                taken.add(id(value.owner))
            elif self.plan.slots[slot].kind != "object":
                value = np.array(value)
            elif any(value is other for other in arrays) or any(value is r for r in results):
                value = copied(value)
            results.append(value)
        return results

    def free(self) -> None:
        """Give back memory that the pool keeps."""
        self.context.pool.release()


def build(context: Context, plan: Plan, residents: Sequence[Resident] = ()) -> Executable:
    """Return what runs a placed plan on a device."""
    return Executable(context, plan, residents)
