"""Programs of the tile machine: a kernel's steps as table entries, its values in registers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensorsym.schedule.plan import Kernel, Step

__all__ = ["TileProgram", "TileStep", "tile_program"]

# There are no loops of these over bools: they are computed as integers, as NumPy does.
NOT_OF_BOOL = frozenset(("abs_", "int_div", "left_shift", "mod", "right_shift", "sqr"))
PREDICATES_OF_FLOATS = frozenset(("isnan", "isinf"))
VARIADIC = frozenset(("add", "mul"))
INEXACT = ("float", "complex")


@dataclass(frozen=True, slots=True)
class TileStep:
    """One loop over a tile.

    Attributes
    ----------
    loop : str
        Name of the compiled loop.
    dtypes : tuple of str
        dtypes of its operands; for 'cast' the one it takes and the one it makes.
    target : int
        Register that is written.
    sources : tuple of int
        Registers that are read.
    """

    loop: str
    dtypes: tuple[str, ...]
    target: int
    sources: tuple[int, ...]

    def __str__(self) -> str:
        sources = ", ".join(f"r{source}" for source in self.sources)
        return f"r{self.target} = {self.loop}[{', '.join(self.dtypes)}]({sources})"


@dataclass(frozen=True, slots=True)
class TileProgram:
    """What the tile machine runs, as plain data; equal kernels have equal programs.

    Attributes
    ----------
    operands : tuple
        `(dtype, 'in')`, and `(dtype, role, register)` for what is stored or reduced.
    steps : tuple of TileStep
        The loops, in order. Input number k lies in register k.
    n_registers : int
        How many registers there are.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> from tensorsym.schedule.build import schedule
    >>> x = T.vector("x")
    >>> plan = schedule(FunctionGraph([x], [T.tanh(x) * x]))
    >>> print(tile_program(plan.instructions[0]))
    r0 = in float64
    r1 = tanh[float64](r0)
    r0 = mul[float64, float64](r1, r0)
    out r0 float64
    """

    operands: tuple[tuple[str, str] | tuple[str, str, int], ...]
    steps: tuple[TileStep, ...]
    n_registers: int

    def __str__(self) -> str:
        lines = [
            f"r{k} = in {operand[0]}"
            for k, operand in enumerate(self.operands)
            if operand[1] == "in"
        ]
        lines += [str(step) for step in self.steps]
        lines += [f"{o[1]} r{o[2]} {o[0]}" for o in self.operands if len(o) == 3]
        return "\n".join(lines)


def tile_program(kernel: Kernel) -> TileProgram:
    """Return the tile machine's program for a kernel.

    Parameters
    ----------
    kernel : Kernel
        Steps may have any number of arguments: variadic ones are folded from the left.

    Returns
    -------
    TileProgram
        Its operands are the kernel's without those that only lend their shape.
    """
    code = _StraightLine(kernel)
    register, n_registers = _registers(code)
    steps = [
        TileStep(loop, dtypes, register[number], tuple([register[a] for a in arguments]))
        for number, (loop, dtypes, arguments) in enumerate(code.loops, code.n_inputs)
    ]
    operands: list[tuple[str, str] | tuple[str, str, int]] = []
    for operand in kernel.operands:
        if operand.role == "in":
            operands.append((operand.dtype, "in"))
        elif operand.role != "shape":
            operands.append((operand.dtype, operand.role, register[code.value_of[operand.value]]))
    return TileProgram(tuple(operands), tuple(steps), n_registers)


class _StraightLine:
    """A kernel's steps as loops, one table entry each, still in single assignment form."""

    def __init__(self, kernel: Kernel) -> None:
        self.n_inputs = sum([operand.role == "in" for operand in kernel.operands])
        self.loops: list[tuple[str, tuple[str, ...], tuple[int, ...]]] = []
        # The kernel's value -> the value here.
        self.value_of = list(range(self.n_inputs))
        for step in kernel.steps:
            arguments = [self.value_of[a] for a in step.arguments]
            self.value_of.append(self._expand(step, arguments))
        self.results = [
            self.value_of[o.value] for o in kernel.operands if o.role not in ("in", "shape")
        ]

    def _add(self, loop: str, dtypes: tuple[str, ...], *arguments: int) -> int:
        self.loops.append((loop, dtypes, arguments))
        return self.n_inputs + len(self.loops) - 1

    def _expand(self, step: Step, arguments: list[int]) -> int:
        op, dtypes = step.op, step.dtypes
        if op == "cast":
            return self._add("cast", (dtypes[0], step.dtype), *arguments)
        if op in PREDICATES_OF_FLOATS and not dtypes[0].startswith(INEXACT):
            return self._add("neq", dtypes * 2, *arguments * 2)
        if op in NOT_OF_BOOL and step.dtype == "bool":
            numbers = [self._add("cast", ("bool", "uint8"), a) for a in arguments]
            number = self._add(op, ("uint8",) * len(numbers), *numbers)
            return self._add("cast", ("uint8", "bool"), number)
        if op in VARIADIC:
            value = arguments[0]
            for argument in arguments[1:]:
                value = self._add(op, dtypes[:2], value, argument)
            return value
        return self._add(op, dtypes, *arguments)


def _registers(code: _StraightLine) -> tuple[list[int], int]:
    """Return the register of every value, and how many there are.

    A value's register serves again after its last use; what is stored keeps its register to the
    end.
    """
    last_use = list(range(code.n_inputs + len(code.loops)))
    for number, (_, _, arguments) in enumerate(code.loops, code.n_inputs):
        for argument in arguments:
            last_use[argument] = number
    for value in code.results:
        last_use[value] = len(last_use)
    register = list(range(code.n_inputs))
    free: list[int] = []
    n_registers = code.n_inputs
    for number, (_, _, arguments) in enumerate(code.loops, code.n_inputs):
        free.extend([register[a] for a in dict.fromkeys(arguments) if last_use[a] == number])
        if free:
            register.append(free.pop())
        else:
            register.append(n_registers)
            n_registers += 1
    return register, n_registers
