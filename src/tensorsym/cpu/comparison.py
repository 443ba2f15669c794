"""Instructions compared with NumPy while they run, and a watch for the first NaN.

For `config.check` and DebugMode. In: what an instruction reads and writes. Out: nothing, or an
error that names the instruction and the user's line.
"""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.errors import BadThunkOutput, origin_text
from tensorsym.schedule.hostcalls import kernel_values
from tensorsym.schedule.plan import Kernel, LibraryCall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tensorsym.errors import Origin
    from tensorsym.schedule.plan import Instruction, Plan

__all__ = ["Comparison", "agree"]

# Relative to the largest value on the way: our exp and NumPy's differ in the last bits.
TOLERANCE = {"float32": 1e-4, "float64": 1e-9}


def agree(got: Any, expected: Any, scale: float = 0.0) -> bool:
    """Tell whether two arrays are equal but for rounding; integers are equal exactly.

    Parameters
    ----------
    got, expected : array
        What is compared.
    scale : float
        The largest magnitude on the way to them: differences of large numbers lose digits.
    """
    if got.shape != expected.shape:
        return False
    tolerance = TOLERANCE.get(got.dtype.name)
    if tolerance is None:
        return bool(np.array_equal(got, expected))
    with np.errstate(all="ignore"):
        size = max(scale, largest_of([expected]))
        return bool(np.allclose(got, expected, tolerance, tolerance * size, equal_nan=True))


def largest_of(values: Sequence[Any]) -> float:
    """Return the largest finite magnitude."""
    found = 0.0
    for value in values:
        array = np.asarray(value)
        if array.dtype.kind in "fiu" and array.size:
            finite = np.abs(array[np.isfinite(array)].astype(float))
            found = max(found, float(finite.max()) if finite.size else 0.0)
    return found


class Comparison:
    """An observer of one plan's instructions.

    Attributes
    ----------
    observed : list of (reads, writes)
        The slots that the machine shows per instruction.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.observed: list[tuple[Sequence[int], Sequence[int]]] = [
            (tuple(dict.fromkeys(instruction.reads())), instruction.writes())
            if isinstance(instruction, Kernel | LibraryCall)
            else ((), ())
            for instruction in plan.instructions
        ]
        self._running = threading.local()
        self._tells_nan = config.check
        self._told: set[int] = set()

    def __call__(self, index: int, values: Mapping[int, Any], moment: int) -> None:
        """Note what an instruction reads; compare what it wrote."""
        stack = self._running.__dict__.setdefault("stack", {})
        if moment == 0:
            stack[index] = {slot: value.copy() for slot, value in values.items()}
            return
        instruction, given = self.plan.instructions[index], stack.pop(index, {})
        if any(value.size == 0 for value in given.values()):
            return
        expected, met = _expected(instruction, given)
        scale = largest_of(met)
        for slot, wanted in zip(instruction.writes(), expected, strict=True):
            if not agree(values[slot], wanted, scale):
                self._refuse(instruction, values[slot], wanted)
        if self._tells_nan and index not in self._told and _has_nan(values) and not _has_nan(given):
            self._told.add(index)
            text, origin = self._source(instruction)
            warnings.warn(
                f"NaN appears in {text}, none of whose operands has one; "
                f"built at {origin_text(origin)}",
                RuntimeWarning,
                stacklevel=2,
            )

    def _source(self, instruction: Instruction) -> tuple[str, Origin]:
        sources = [self.plan.origins[number] for number in instruction.sources]
        return ", ".join(source.node for source in sources), sources[-1].origin if sources else ()

    def _refuse(self, instruction: Instruction, got: Any, expected: Any) -> None:
        text, origin = self._source(instruction)
        with np.errstate(all="ignore"):
            apart = np.abs(np.asarray(got, float) - np.asarray(expected, float))
        place = np.unravel_index(int(np.nanargmax(apart)) if apart.size else 0, got.shape)
        raise BadThunkOutput(
            f"a compiled instruction differs from NumPy: {text}",
            got=f"{got[place]} at position {tuple(map(int, place))}, {got.dtype} {got.shape}",
            expected=f"{expected[place]}",
            origin=origin,
            hint="report the program; mode='FAST_COMPILE' does without compiled instructions",
        )


def _expected(
    instruction: Instruction, given: Mapping[int, Any]
) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return what NumPy makes of an instruction's operands, and the values on the way."""
    if isinstance(instruction, Kernel):
        return kernel_values(instruction, [given[slot] for slot in instruction.reads()])
    assert isinstance(instruction, LibraryCall)
    x, y = given[instruction.x], given[instruction.y]
    alpha = 1 if instruction.alpha is None else given[instruction.alpha]
    beta = 1 if instruction.beta is None else given[instruction.beta]
    product = np.outer(x, y) if instruction.routine == "ger" else x @ y
    result = np.asarray(alpha * product, instruction.dtype)
    if instruction.z is not None and beta != 0:
        result = np.asarray(result + beta * given[instruction.z], instruction.dtype)
    magnitude = np.outer(abs(x), abs(y)) if instruction.routine == "ger" else abs(x) @ abs(y)
    return [result], [*given.values(), alpha * magnitude]


def _has_nan(values: Mapping[int, Any]) -> bool:
    return any(value.dtype.kind == "f" and np.isnan(value).any() for value in values.values())
