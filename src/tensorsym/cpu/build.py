"""From a Plan to an Executable: instructions as numbers, kernels as tile programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym._ops import Program, opcode
from tensorsym.codegen.c import c_kernel
from tensorsym.cpu import convolution as _convolution  # noqa: F401 - it registers compiled ops
from tensorsym.cpu import pooling as _pooling  # noqa: F401 - so does it
from tensorsym.cpu._machine import Machine
from tensorsym.cpu.blas import ROUTINES, load_routines
from tensorsym.cpu.tiers import TIERS
from tensorsym.schedule.bands import find_bands
from tensorsym.schedule.failures import explain_failure
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
    from collections.abc import Callable

    from tensorsym.codegen.c import CKernel
    from tensorsym.schedule.plan import (
        Instruction,
        Plan,
        Slot,
    )

__all__ = ["Executable", "build"]

# The machine's numbers.
KINDS = [
    "kernel",
    "dimshuffle",
    "slice",
    "reshape",
    "specify",
    "lengths",
    "pack",
    "allocate",
    "fill",
    "copy",
    "free",
    "library",
    "host",
    "check",
    "alias",
    "branch",
    "loop",
]
SLOT_KINDS = {"buffer": 0, "scalar": 1, "object": 2}
ROLES = {"in": 0, "shape": 1, "out": 2, "sum": 3, "prod": 3, "any": 3, "all": 3, "max": 4, "min": 4}

Code = tuple[int, list[int], object]


class Executable(Machine):
    """A plan ready to run: called with a list of arrays, it returns a list of new arrays.

    Arguments are arrays of the very dtypes and ranks of the plan's inputs, in any layout; they are
    not changed, unless they are donated. Results share memory with nothing else. Any number of
    threads may call it at once.

    Attributes
    ----------
    plan : Plan
        What it runs.
    parts : tuple of Executable
        What runs the plans inside, inner ones first.
    """

    plan: Plan
    parts: tuple[Executable, ...] = ()


def build(plan: Plan) -> Executable:
    """Return what runs a plan on the CPU.

    Parameters
    ----------
    plan : Plan
        The plan; plans inside it are built too.

    Returns
    -------
    Executable
        Maps a list of arrays to a list of arrays.

    Examples
    --------
    >>> import numpy as np
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> from tensorsym.schedule.build import schedule
    >>> x = T.vector("x")
    >>> executable = build(schedule(FunctionGraph([x], [x * 2 + 1])))
    >>> executable([np.array([1.0, 2.0])])
    [array([3., 5.])]
    """
    programs: dict[CKernel, Program | None] = {}
    built: dict[int, Executable] = {}
    for part in _inner_first(plan):
        built[id(part)] = _build_one(part, programs, built)
    TIERS.adopt({kernel: program for kernel, program in programs.items() if program is not None})
    outermost = built.pop(id(plan))
    outermost.parts = tuple(built.values())
    return outermost


def _inner_first(plan: Plan) -> list[Plan]:
    """Return a plan and all plans inside it, inner ones first, without recursion."""
    found, stack = [], [plan]
    while stack:
        part = stack.pop()
        found.append(part)
        for instruction in part.instructions:
            if isinstance(instruction, Branch):
                stack.extend(instruction.plans)
            elif isinstance(instruction, Loop):
                stack.append(instruction.body)
    return found[::-1]


def _build_one(
    plan: Plan, programs: dict[CKernel, Program | None], built: dict[int, Executable]
) -> Executable:
    encoder = _Encoder(plan, programs, built)
    codes = [encoder.encode(instruction) for instruction in plan.instructions]

    def explain(index: int, status: int, detail: int, shapes: Any, error: Any) -> BaseException:
        return explain_failure(plan, plan.instructions[index], status, detail, shapes, error)

    executable = Executable(
        slots=[_encode_slot(slot) for slot in plan.slots],
        codes=codes,
        inputs=plan.inputs,
        outputs=plan.outputs,
        donated=[plan.inputs.index(slot) for slot in plan.donated],
        constants=plan.constants,
        explain=explain,
        slots_of=lambda index: plan.instructions[index].reads(),
        bands=[(band.first, band.stop, band.dims) for band in find_bands(plan)],
    )
    executable.plan = plan
    return executable


def _encode_slot(slot: Slot) -> tuple[int, int, int, tuple[int, ...]]:
    if slot.kind == "object":
        return SLOT_KINDS["object"], 0, 0, ()
    dtype = np.dtype(slot.dtype)
    return (
        SLOT_KINDS[slot.kind],
        dtype.num,
        dtype.itemsize,
        tuple([-1 if n is None else n for n in slot.shape]),
    )


class _Encoder:
    """Instructions as kind, numbers and an object, as the machine's `.pxi` files document them."""

    def __init__(
        self, plan: Plan, programs: dict[CKernel, Program | None], built: dict[int, Executable]
    ) -> None:
        self.plan = plan
        self.programs = programs
        self.built = built

    def encode(self, instruction: Instruction) -> Code:
        """Return one instruction's code."""
        return _ENCODINGS[type(instruction)](self, instruction)

    def kernel(self, kernel: Kernel) -> Code:
        """Return a kernel: rank, count, four numbers per operand; the program is the object."""
        program = self._program(c_kernel(kernel))
        if program is None:
            return self._kernel_as_host_call(kernel)
        givers = dict(kernel.reuse)
        numbers = [kernel.rank, len(kernel.operands)]
        for index, operand in enumerate(kernel.operands):
            mask = sum([1 << d for d, fixed in enumerate(operand.broadcast) if fixed])
            if operand.role == "out":
                mask = 0
            role = ROLES["sum" if operand.lenient else operand.role]
            numbers += [operand.slot, role, mask, givers.get(index, -1)]
        return KINDS.index("kernel"), numbers, program

    def _program(self, kernel: CKernel) -> Program | None:
        """Return the program, shared by equal kernels, or None where the machine lacks a loop."""
        if kernel not in self.programs:
            text = kernel.program
            steps = []
            for step in text.steps:
                code = opcode(step.loop, *step.dtypes)
                if code is not None:
                    steps.append((code, step.target, step.sources))
            known = len(steps) == len(text.steps)
            self.programs[kernel] = (
                Program(text.operands, steps, text.n_registers) if known else None
            )
        return self.programs[kernel]

    def _kernel_as_host_call(self, kernel: Kernel) -> Code:
        call = kernel_call(kernel, self.plan)
        return self._host(call, kernel.reads(), kernel.writes(), ())

    def _host(
        self,
        call: Callable[..., Any],
        inputs: tuple[int, ...],
        outputs: tuple[int, ...],
        writable: Any,
    ) -> Code:
        numbers = [len(inputs), len(outputs)]
        for index, slot in enumerate(inputs):
            numbers += [slot, int(index in writable)]
        return KINDS.index("host"), [*numbers, *outputs], call

    def host_call(self, instruction: HostCall) -> Code:
        """Return a host call: counts, inputs with flags, outputs; the function is the object."""
        node = instruction.node
        writable = {i for indices in node.op.destroy_map.values() for i in indices}
        return self._host(host_call(node), instruction.inputs, instruction.outputs, writable)

    def copy(self, copy: Copy) -> Code:
        """Return a copy: input and output of a tensor; an object is copied by Python."""
        if self.plan.slots[copy.input].kind == "object":
            return self._host(lambda values: [copied(values[0])], (copy.input,), (copy.output,), ())
        return KINDS.index("copy"), [copy.input, copy.output], None

    def library(self, call: LibraryCall) -> Code:
        """Return a product: routine, whether float64, the five operands, output, reuse."""
        load_routines()
        slots = [-1 if s is None else s for s in (call.x, call.y, call.z, call.alpha, call.beta)]
        numbers = [
            ROUTINES.index(call.routine),
            int(call.dtype == "float64"),
            *slots,
            call.output,
            int(call.reuse),
        ]
        return KINDS.index("library"), numbers, None

    def view(self, view: View) -> Code:
        """Return a view: input, output, and what its kind needs."""
        numbers = [view.input, view.output]
        if view.kind == "reshape":
            assert view.lengths is not None
            numbers.append(view.lengths)
        elif view.kind == "slice":
            numbers.append(len(view.arguments))
            for entry in view.arguments:
                numbers += _encode_entry(entry)
        else:
            numbers += [-1 if a is None else a for a in view.arguments]
        return KINDS.index(view.kind), numbers, None

    def branch(self, branch: Branch) -> Code:
        """Return a choice: condition, counts, inputs of both plans, outputs."""
        yes, no = branch.inputs
        numbers = [
            branch.condition,
            len(branch.outputs),
            len(yes),
            len(no),
            *yes,
            *no,
            *branch.outputs,
        ]
        return (
            KINDS.index("branch"),
            numbers,
            tuple([self.built[id(plan)] for plan in branch.plans]),
        )

    def loop(self, loop: Loop) -> Code:
        """Return a loop: counts, slots of each kind, then what each state needs."""
        numbers = [
            loop.steps,
            len(loop.sequences),
            len(loop.invariants),
            len(loop.states),
            len(loop.carried),
            int(loop.until),
            -1 if loop.done is None else loop.done,
            *loop.sequences,
            *loop.invariants,
        ]
        for pair in loop.carried:
            numbers += pair
        for state in loop.states:
            initial = -1 if state.initial is None else state.initial
            numbers += [initial, state.keep, state.output, len(state.taps), *state.taps]
        return KINDS.index("loop"), numbers, self.built[id(loop.body)]


def _encode_entry(entry: tuple[Any, ...]) -> list[int]:
    """Return seven numbers: whether it is an index, then flag and value of up to three bounds."""
    numbers = [int(len(entry) == 1)]
    for bound in (*entry, None, None)[:3]:
        if bound is None:
            numbers += [0, 0]
        elif isinstance(bound, str):
            numbers += [2, int(bound[1:])]
        else:
            # Beyond the range of lengths, bounds mean the same as at its ends.
            numbers += [1, max(-(2**62), min(2**62, bound))]
    return numbers


def _simple(kind: str, *fields: str) -> Callable[[_Encoder, Any], Code]:
    """Return an encoding that lists fields: slots, and tuples of slots."""

    def encode(encoder: _Encoder, instruction: Any) -> Code:
        numbers: list[int] = []
        for name in fields:
            value = getattr(instruction, name)
            numbers += value if isinstance(value, tuple) else [-1 if value is None else value]
        return KINDS.index(kind), numbers, None

    return encode


_ENCODINGS: dict[type[Instruction], Callable[[_Encoder, Any], Code]] = {
    Kernel: _Encoder.kernel,
    HostCall: _Encoder.host_call,
    LibraryCall: _Encoder.library,
    View: _Encoder.view,
    Branch: _Encoder.branch,
    Loop: _Encoder.loop,
    Lengths: _simple("lengths", "input", "output", "dim"),
    Pack: _simple("pack", "output", "inputs"),
    Allocate: _simple("allocate", "output", "lengths"),
    Fill: _simple("fill", "output", "value", "lengths"),
    Copy: _Encoder.copy,
    Transfer: _simple("alias", "input", "output"),
    Check: _simple("check", "input", "output", "conditions"),
    Free: _simple("free", "slots"),
}
