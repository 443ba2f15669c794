"""Which memory each value of a plan is in, and transfers where instructions need it elsewhere.

Instructions go to the device that has a kernel, a product or an op for them, if one of their
operands is large or there already. Scalars and lengths stay on the host, where shapes are computed
and from where kernels get them as arguments. A value that was moved is remembered in both places,
so that no pair of transfers back and forth arises.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tensorsym.schedule.lives import with_lives
from tensorsym.schedule.plan import (
    Allocate,
    Branch,
    Check,
    Copy,
    Fill,
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
    from collections.abc import Callable, Mapping, Sequence

    from tensorsym.schedule.plan import Instruction, LoopState, Plan
    from tensorsym.schedule.target import Target

__all__ = ["HOST", "placed"]

HOST = "cpu"


def placed(
    plan: Plan,
    target: Target,
    resident: Mapping[int, int | None] | None = None,
    n_outputs: int | None = None,
) -> Plan:
    """Return a plan with a home for every slot, and the transfers between them.

    Parameters
    ----------
    plan : Plan
        A plan without lives, all of it on the host.
    target : Target
        Where kernels run.
    resident : mapping of int to int or None
        Positions of inputs that may arrive on the device, and of the outputs that replace their
        values after the call. Those that are used there, or will be made there, do.
    n_outputs : int, optional
        How many outputs must be on the host; the others stay where they are.
    """
    wanted = [
        HOST if n_outputs is None or i < n_outputs else None for i in range(len(plan.outputs))
    ]
    homes = [HOST] * len(plan.inputs)
    first = _Placer(plan, target, homes, wanted)
    first.run()
    moved, made = first.moved_inputs(), first.output_homes()
    for position, successor in (resident or {}).items():
        if position in moved or (successor is not None and made[successor] == target.name):
            homes[position] = target.name
    return _finished(plan, target, homes, wanted)


def _finished(
    plan: Plan,
    target: Target,
    homes: Sequence[str],
    wanted: Sequence[str | None],
    private: bool = False,
) -> Plan:
    lived = with_lives(_Placer(plan, target, homes, wanted).run(), private=private)
    return lived.with_instructions(tuple([_in_new_memory(i, lived) for i in lived.instructions]))


def _in_new_memory(instruction: Instruction, plan: Plan) -> Instruction:
    """Return an instruction of the device whose results lie over no operand.

    The device's pool hands freed memory out again at once, and counts who uses it.
    """
    if isinstance(instruction, Kernel) and instruction.reuse:
        there = plan.slots[instruction.writes()[0]].home != HOST
        return replace(instruction, reuse=()) if there else instruction
    if isinstance(instruction, LibraryCall) and instruction.reuse:
        return replace(instruction, reuse=False)
    return instruction


class _Placer:
    """A plan being placed.

    Parameters
    ----------
    homes : sequence of str
        Where the inputs are.
    wanted : sequence of str or None
        Where the outputs must be; None leaves them where they are made.
    """

    def __init__(
        self, plan: Plan, target: Target, homes: Sequence[str], wanted: Sequence[str | None]
    ) -> None:
        self.plan = plan
        self.target = target
        self.device = target.name
        self.wanted = wanted
        self.slots = list(plan.slots)
        self.constants = list(plan.constants)
        self.constant_of = dict(plan.constants)
        self.instructions: list[Instruction] = []
        # By slot of the old plan: where it is, and under which number.
        self.places: dict[int, dict[str, int]] = {slot: {HOST: slot} for slot in self.constant_of}
        self.large: set[int] = set()
        self.view_of: dict[int, int] = {}
        self.moved: set[int] = set()
        for slot, home in zip(plan.inputs, homes, strict=True):
            self.made(slot, home)
            if plan.slots[slot].kind == "buffer":
                self.large.add(slot)

    def run(self) -> Plan:
        """Return the placed plan, still without lives."""
        for instruction in self.plan.instructions:
            _PLACEMENTS[type(instruction)](self, instruction)
        outputs = [
            self.anywhere(slot) if home is None else self.at(slot, home)
            for slot, home in zip(self.plan.outputs, self.wanted, strict=True)
        ]
        return replace(
            self.plan,
            slots=tuple(self.slots),
            constants=tuple(self.constants),
            instructions=tuple(self.instructions),
            outputs=tuple(outputs),
        )

    def output_homes(self) -> list[str]:
        """Return where the outputs are made."""
        return [self.slots[self.anywhere(slot)].home for slot in self.plan.outputs]

    def moved_inputs(self) -> set[int]:
        """Return the positions of inputs that the device needs, themselves or views of them."""
        return {i for i, slot in enumerate(self.plan.inputs) if slot in self.moved}

    def made(self, slot: int, home: str) -> int:
        """Take down where a slot is; return its number."""
        if self.slots[slot].home != home:
            self.slots[slot] = replace(self.slots[slot], home=home)
        self.places[slot] = {home: slot}
        if home != HOST:
            self.large.add(slot)
        return slot

    def anywhere(self, slot: int) -> int:
        """Return a slot's number on the device, if it is there, else on the host."""
        places = self.places[slot]
        return places.get(self.device, places.get(HOST, slot))

    def at(self, slot: int, home: str) -> int:
        """Return a slot's number in a place, and move it there if it is not."""
        places = self.places[slot]
        found = places.get(home)
        if found is not None or self.slots[slot].kind == "object":
            return slot if found is None else found
        self.slots.append(replace(self.slots[slot], home=home))
        found = places[home] = len(self.slots) - 1
        if slot in self.constant_of:
            self.constants.append((found, self.constant_of[slot]))
            return found
        (old,) = [number for place, number in places.items() if place != home]
        self.instructions.append(Transfer((), old, found, home))
        root = slot
        while root in self.view_of:
            root = self.view_of[root]
        if home != HOST:
            self.moved.add(root)
        return found

    def is_large(self, slots: Sequence[int]) -> bool:
        """Tell whether one of some slots is worth the device."""
        return any([slot in self.large or self.device in self.places[slot] for slot in slots])

    def emit(self, instruction: Instruction) -> None:
        """Add an instruction."""
        self.instructions.append(instruction)

    def kernel(self, kernel: Kernel) -> None:
        """Run a kernel on the device if an operand is large; one element is an argument."""
        inputs = [o for o in kernel.operands if o.role in ("in", "shape")]
        if not self.is_large([o.slot for o in inputs]):
            self.emit(self.renamed_kernel(kernel, lambda slot, _: self.at(slot, HOST)))
            for slot in kernel.writes():
                self.made(slot, HOST)
            return

        def place(slot: int, walked: bool) -> int:
            return self.at(slot, self.device) if walked else self.anywhere(slot)

        self.emit(self.renamed_kernel(kernel, place))
        for slot in kernel.writes():
            self.made(slot, self.device)

    def renamed_kernel(self, kernel: Kernel, place: Callable[[int, bool], int]) -> Kernel:
        """Return a kernel whose inputs are other slots."""
        operands = [
            replace(o, slot=place(o.slot, o.role == "in" and not all(o.broadcast)))
            if o.role in ("in", "shape")
            else o
            for o in kernel.operands
        ]
        return replace(kernel, operands=tuple(operands))

    def library(self, call: LibraryCall) -> None:
        """Multiply on the device; the scalars are arguments."""
        there: dict[str, Any] = {
            name: self.at(getattr(call, name), self.device) for name in ("x", "y")
        }
        if call.z is not None:
            there["z"] = self.at(call.z, self.device)
        for name in ("alpha", "beta"):
            slot = getattr(call, name)
            if slot is not None:
                there[name] = self.at(slot, HOST)
        self.emit(replace(call, output=self.made(call.output, self.device), **there))

    def view(self, view: View) -> None:
        """Look at a tensor where it is."""
        source = self.anywhere(view.input)
        arguments = view.arguments
        if view.kind == "slice":
            arguments = tuple(
                [
                    tuple([f"%{self.at(int(b[1:]), HOST)}" if isinstance(b, str) else b for b in e])
                    for e in arguments
                ]
            )
        lengths = None if view.lengths is None else self.at(view.lengths, HOST)
        home = self.slots[source].home
        self.emit(replace(view, input=source, arguments=arguments, lengths=lengths))
        self.made(view.output, home)
        self.view_of[view.output] = view.input
        if view.input in self.large:
            self.large.add(view.output)

    def transfer(self, transfer: Transfer) -> None:
        """Move a tensor where the user wants it, unless it is there."""
        source = self.at(transfer.input, transfer.device)
        anything = (None,) * self.slots[source].ndim
        self.emit(View(transfer.sources, "specify", source, transfer.output, anything))
        self.made(transfer.output, transfer.device)
        self.view_of[transfer.output] = transfer.input
        if transfer.input in self.large:
            self.large.add(transfer.output)

    def lengths(self, lengths: Lengths) -> None:
        """Ask a tensor where it is; the answer is the host's."""
        self.emit(replace(lengths, input=self.anywhere(lengths.input)))
        self.made(lengths.output, HOST)

    def pack(self, pack: Pack) -> None:
        """Pack on the host: vectors of scalars are shapes."""
        self.emit(replace(pack, inputs=tuple([self.at(slot, HOST) for slot in pack.inputs])))
        self.made(pack.output, HOST)

    def allocate(self, allocate: Allocate) -> None:
        """Take memory on the device."""
        lengths = tuple([self.at(slot, HOST) for slot in allocate.lengths])
        home = self.device if self.slots[allocate.output].shape else HOST
        self.emit(replace(allocate, lengths=lengths, output=self.made(allocate.output, home)))

    def fill(self, fill: Fill) -> None:
        """Fill memory of the device; one element is an argument."""
        lengths = tuple([self.at(slot, HOST) for slot in fill.lengths])
        one = all([length == 1 for length in self.slots[fill.value].shape])
        home = self.device if self.slots[fill.output].shape else HOST
        value = self.anywhere(fill.value) if one and home != HOST else self.at(fill.value, home)
        output = self.made(fill.output, home)
        self.emit(replace(fill, value=value, lengths=lengths, output=output))

    def copy(self, copy: Copy) -> None:
        """Copy a tensor where it is."""
        source = self.anywhere(copy.input)
        self.emit(replace(copy, input=source))
        self.made(copy.output, self.slots[source].home)
        if copy.input in self.large:
            self.large.add(copy.output)

    def host_call(self, call: HostCall) -> None:
        """Call Python, or the device's own function for the op where an operand is large."""
        there = self.target.has_op(call.node) and self.is_large(call.inputs)
        home = self.device if there else HOST
        numbers = self.target.number_inputs(call.node) if there else ()
        inputs = [
            self.at(slot, HOST if position in numbers else home)
            for position, slot in enumerate(call.inputs)
        ]
        self.emit(replace(call, inputs=tuple(inputs)))
        for slot in call.outputs:
            kind = self.slots[slot].kind
            self.made(slot, HOST if kind == "object" else home)
            if kind == "buffer":
                self.large.add(slot)

    def check(self, check: Check) -> None:
        """Look at conditions on the host; the value stays where it is."""
        conditions = tuple([self.at(slot, HOST) for slot in check.conditions])
        source = self.anywhere(check.input)
        self.emit(replace(check, input=source, conditions=conditions))
        self.made(check.output, self.slots[source].home)
        self.view_of[check.output] = check.input
        if check.input in self.large:
            self.large.add(check.output)

    def branch(self, branch: Branch) -> None:
        """Place both plans; results that one of them makes on the device are there."""
        condition = self.at(branch.condition, HOST)
        inputs = tuple([tuple([self.anywhere(s) for s in slots]) for slots in branch.inputs])
        inside = [[self.slots[slot].home for slot in slots] for slots in inputs]
        free: list[str | None] = [None] * len(branch.outputs)
        made = []
        for part, homes in zip(branch.plans, inside, strict=True):
            placer = _Placer(part, self.target, homes, free)
            placer.run()
            made.append(placer.output_homes())
        wanted = [max(pair) for pair in zip(*made, strict=True)]  # "cuda" > "cpu"
        yes, no = (
            _finished(part, self.target, homes, wanted)
            for part, homes in zip(branch.plans, inside, strict=True)
        )
        for slot, home in zip(branch.outputs, wanted, strict=True):
            self.made(slot, home)
        self.emit(
            replace(branch, condition=condition, plans=(yes, no), inputs=(inputs[0], inputs[1]))
        )

    def loop(self, loop: Loop) -> None:
        """Place the body; what its steps hand on is on the device if one of them makes it there."""
        counts = [len(state.taps) for state in loop.states]
        n_sequences, n_states = len(loop.sequences), len(loop.states)
        handed = [state.initial for state in loop.states] + [first for first, _ in loop.carried]
        body = loop.body
        homes = [
            self.home_in_loop(slot, own)
            for slot, own in zip(
                [
                    *loop.sequences,
                    *[
                        s.initial
                        for s, n in zip(loop.states, counts, strict=True)
                        for _ in range(n)
                    ],
                    *[first for first, _ in loop.carried],
                    *loop.invariants,
                ],
                body.inputs,
                strict=True,
            )
        ]
        n_handed = n_states + len(loop.carried)
        results = [HOST] * n_handed
        spans = _spans(n_sequences, [*counts, *[1] * len(loop.carried)])
        while True:
            placer = _Placer(body, self.target, homes, [None] * len(body.outputs))
            placer.run()
            made = placer.output_homes()
            old = [*homes], [*results]
            for position in placer.moved_inputs():
                homes[position] = self.device
            for number, span in enumerate(spans):
                if self.device in (made[number], results[number], *[homes[i] for i in span]):
                    results[number] = self.device
                    for i in span:
                        homes[i] = self.device
            if ([*homes], [*results]) == old:
                break
        wanted: list[str | None] = [*results, *([HOST] if loop.until else [])]
        placed_body = _finished(body, self.target, homes, wanted, private=True)
        self.emit_loop(loop, placed_body, homes, results, handed)

    def home_in_loop(self, slot: int | None, own: int) -> str:
        """Return where a body's argument begins: scalars and lengths where they are."""
        if slot is None or self.slots[slot].kind == "object":
            return HOST
        return self.slots[self.anywhere(slot)].home

    def emit_loop(
        self,
        loop: Loop,
        body: Plan,
        homes: Sequence[str],
        results: Sequence[str],
        handed: Sequence[int | None],
    ) -> None:
        """Add the loop, with its arguments where the body expects them."""
        n_invariants = len(loop.invariants)
        first = [
            None if slot is None else self.at(slot, home)
            for slot, home in zip(handed, results, strict=True)
        ]
        states: list[LoopState] = [
            replace(state, initial=slot)
            for state, slot in zip(loop.states, first[: len(loop.states)], strict=True)
        ]
        carried = [
            (slot, final)
            for slot, (_, final) in zip(first[len(loop.states) :], loop.carried, strict=True)
            if slot is not None
        ]
        sequences = [
            self.at(slot, home)
            for slot, home in zip(loop.sequences, homes[: len(loop.sequences)], strict=True)
        ]
        invariants = [
            self.at(slot, home)
            for slot, home in zip(loop.invariants, homes[len(homes) - n_invariants :], strict=True)
        ]
        steps = self.at(loop.steps, HOST)
        finals = [state.output for state in loop.states] + [final for _, final in loop.carried]
        for slot, home in zip(finals, results, strict=True):
            self.made(slot, home)
            if self.slots[slot].kind == "buffer":
                self.large.add(slot)
        if loop.done is not None:
            self.made(loop.done, HOST)
        self.emit(
            replace(
                loop,
                body=body,
                steps=steps,
                sequences=tuple(sequences),
                states=tuple(states),
                carried=tuple(carried),
                invariants=tuple(invariants),
            )
        )


def _spans(start: int, counts: Sequence[int]) -> list[range]:
    """Return consecutive ranges of positions."""
    spans = []
    for count in counts:
        spans.append(range(start, start + count))
        start += count
    return spans


_PLACEMENTS: dict[type[Instruction], Callable[[_Placer, Any], None]] = {
    Kernel: _Placer.kernel,
    LibraryCall: _Placer.library,
    View: _Placer.view,
    Transfer: _Placer.transfer,
    Lengths: _Placer.lengths,
    Pack: _Placer.pack,
    Allocate: _Placer.allocate,
    Fill: _Placer.fill,
    Copy: _Placer.copy,
    HostCall: _Placer.host_call,
    Check: _Placer.check,
    Branch: _Placer.branch,
    Loop: _Placer.loop,
}
