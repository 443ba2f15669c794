"""What a plan holds in memory while it runs: the machine's rules followed with symbolic lengths.

In: a Plan. Out: the sizes of what is held at each point where it grows, and an account of births,
deaths and takeovers. Where the machine decides by what it meets (an argument's layout, a length
that happens to be 1) the account takes C order and the larger case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.schedule.arithmetic import (
    larger,
    lengths_of_results,
    quotient,
    slice_length,
    value_of_step,
)
from tensorsym.schedule.holding import (
    DONATED,
    Block,
    Holding,
    Point,
    Value,
    c_order,
    constant_value,
    is_c_order,
    lent,
    product,
    slot_name,
    static_shape,
)
from tensorsym.schedule.plan import (
    Allocate,
    Branch,
    Check,
    Copy,
    Fill,
    Free,
    HostCall,
    Kernel,
    LibraryCall,
    Loop,
    Pack,
    Transfer,
    View,
)
from tensorsym.schedule.plan import Lengths as LengthsInstruction
from tensorsym.schedule.sizes import Lengths, number, symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.schedule.holding import Occupancy
    from tensorsym.schedule.plan import Instruction, LoopState, Operand, Plan
    from tensorsym.schedule.sizes import Size

__all__ = ["argument_names", "occupancy"]


def occupancy(plan: Plan) -> Occupancy:
    """Return the account of a plan's run, results included.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> from tensorsym.schedule.build import schedule
    >>> x = T.vector("x")
    >>> for event in occupancy(schedule(FunctionGraph([x], [T.exp(x)]))).events:
    ...     print(event)
    birth    %1 float64[x.shape[0]]: 8*x.shape[0] bytes
    refused  %1 over %0: it is not the call's own
    """
    arguments = []
    for slot, name in zip(plan.inputs, argument_names(plan), strict=True):
        value = _argument(plan, slot, name)
        if slot in plan.donated:
            value.block = Block(number(0), maker=DONATED)
        arguments.append(value)
    lengths = Lengths(length for value in arguments for length in value.shape)
    account = _driven(_Tracer(plan, lengths).run(arguments, outermost=True), lengths)
    account.points = [
        Point(lengths.settled(point.size), point.plan, point.instruction)
        for point in account.points
    ]
    return account


def argument_names(plan: Plan) -> list[str]:
    """Return what a plan's arguments are called in sizes: by their names where those tell."""
    names = [slot_name(plan, slot, "") for slot in plan.inputs]
    return [
        name if name and names.count(name) == 1 else f"input {position}"
        for position, name in enumerate(names)
    ]


def _driven(outermost: Any, lengths: Lengths) -> Occupancy:
    """Run a tracer and those of the plans inside, however deep, without recursion."""
    stack, answer = [outermost], None
    while True:
        try:
            plan, arguments = stack[-1].send(answer)
        except StopIteration as end:
            stack.pop()
            answer = end.value
            if not stack:
                account: Occupancy = answer
                return account
        else:
            stack.append(_Tracer(plan, lengths).run(arguments))
            answer = None


def _argument(plan: Plan, slot: int, name: str) -> Value:
    """Return an argument of the whole plan: in C order, its lengths known by name."""
    shape = static_shape(plan, slot, name)
    return Value(
        shape,
        order=c_order(shape),
        numbers=(symbol(name),) if plan.slots[slot].kind == "scalar" else None,
    )


class _Tracer(Holding):
    """One plan's run."""

    def run(self, arguments: Sequence[Value], *, outermost: bool = False) -> Any:
        """Follow the instructions; a generator of the plans inside."""
        plan = self.plan
        self.values.update(zip(plan.inputs, arguments, strict=True))
        own = {id(v.block): v.block for v in arguments if v.block is not None}
        self.held = sum((block.size for block in own.values()), number(0))
        for slot, data in plan.constants:
            self.values[slot] = constant_value(data)
        for self.index, instruction in enumerate(plan.instructions):
            if isinstance(instruction, Branch):
                yield from self.branch(instruction)
            elif isinstance(instruction, Loop):
                yield from self.loop(instruction)
            else:
                _RULES[type(instruction)](self, instruction)
        if outermost:
            self.copy_results()
        self.account.held = self.held
        self.account.results = [self.values[slot] for slot in plan.outputs]
        return self.account

    def kernel(self, kernel: Kernel) -> None:
        """Make a kernel's results, over operands that die where that can be."""
        space = self.space(kernel)
        takes_over = dict(kernel.reuse)
        for index, operand in enumerate(kernel.operands):
            if operand.role in ("in", "shape"):
                continue
            shape = [
                n for d, n in enumerate(space) if operand.role == "out" or not operand.broadcast[d]
            ]
            giver = takes_over.get(index)
            if giver is not None and self.takes_over(kernel.operands[giver].slot, operand.slot):
                continue
            value = self.born(operand.slot, shape)
            if operand.role == "out" and self.plan.slots[operand.slot].kind == "buffer":
                self.like_operand(kernel, value)
                if giver is None:
                    self.explain_birth(kernel, operand)
        if kernel.rank == 0:
            self.scalar_results(kernel)
        self.grown(kernel)

    def space(self, kernel: Kernel) -> list[Size]:
        """Return the lengths of a kernel's iteration space, in which its operands agree."""
        space: list[Size | None] = [None] * kernel.rank
        for operand in kernel.operands:
            if operand.role not in ("in", "shape"):
                continue
            for d, length in enumerate(self.values[operand.slot].shape):
                if operand.broadcast[d]:
                    continue
                known = space[d]
                if known is None:
                    space[d] = length
                else:
                    self.lengths.equate(known, length)
        return [number(1) if n is None else n for n in space]

    def explain_birth(self, kernel: Kernel, result: Operand) -> None:
        """Say why a result lies over none of the operands that have its size."""
        for operand in kernel.operands:
            if operand.role != "in" or any(operand.broadcast):
                continue
            slot = operand.slot
            if self.values[slot].block is None:
                reason = "is not the call's own"
            elif self.last[slot] > self.index or slot in self.plan.outputs:
                reason = "is needed later"
            elif np.dtype(operand.dtype).itemsize != np.dtype(result.dtype).itemsize:
                reason = "has elements of another size"
            else:
                reason = "is taken over by another result"
            self.note(f"refused  %{result.slot} over %{slot}: it {reason}")

    def like_operand(self, kernel: Kernel, value: Value) -> None:
        """Give a result Fortran order if the first operand with the whole space has it."""
        for operand in kernel.operands:
            if operand.role == "in" and not any(operand.broadcast):
                order = self.values[operand.slot].order
                if order is not None and list(order) == sorted(order, reverse=True):
                    value.order = order
                return

    def scalar_results(self, kernel: Kernel) -> None:
        """Follow the integers that a kernel of scalars computes: lengths are made of them."""
        inputs = [o for o in kernel.operands if o.role == "in"]
        known: list[Size | None] = [(self.values[o.slot].numbers or (None,))[0] for o in inputs]
        for step in kernel.steps:
            known.append(value_of_step(step, [known[a] for a in step.arguments]))
        for operand in kernel.operands:
            if operand.role == "out":
                self.values[operand.slot].numbers = (known[operand.value],)

    def library(self, call: LibraryCall) -> None:
        """Make a product, over its summand where that can be."""
        x, y = self.values[call.x], self.values[call.y]
        if call.routine != "ger":
            self.lengths.equate(x.shape[-1], y.shape[0])
        shape = [*(x.shape if call.routine == "ger" else x.shape[:-1])]
        shape += y.shape if call.routine == "ger" else y.shape[1:]
        if not (call.reuse and call.z is not None and self.takes_over(call.z, call.output)):
            self.born(call.output, shape)
        # BLAS reads matrices with adjacent elements; what has none is copied for the call.
        extra = number(0)
        for slot in (call.x, call.y):
            if self.values[slot].order is None:
                itemsize = np.dtype(call.dtype).itemsize
                extra = extra + product(self.values[slot].shape) * itemsize
        self.grown(call, extra)

    def view(self, view: View) -> None:
        """Make a view; a reshape of what has gaps is a copy."""
        {
            "dimshuffle": self.dimshuffle,
            "slice": self.slice,
            "reshape": self.reshape,
            "specify": self.specify,
        }[view.kind](view)

    def dimshuffle(self, view: View) -> None:
        old = self.values[view.input]
        shape = [number(1) if d == -1 else old.shape[d] for d in view.arguments]
        value = self.shares(view.input, view.output, shape)
        if old.order is not None:
            place = {d: new for new, d in enumerate(view.arguments)}
            value.order = tuple(place[d] for d in old.order if d in place)

    def slice(self, view: View) -> None:
        old = self.values[view.input]
        shape: list[Size] = []
        kept: dict[int, int] = {}
        cut: list[int] = []
        for d, length in enumerate(old.shape):
            bounds = view.arguments[d] if d < len(view.arguments) else (None, None, None)
            if len(bounds) == 1:
                cut.append(d)
                continue
            kept[d] = len(shape)
            if bounds == (None, None, None):
                shape.append(length)
                continue
            numbers = [self.integer(int(b[1:])) if isinstance(b, str) else b for b in bounds]
            shape.append(slice_length(self.lengths.settled(length), numbers))
            if bounds[2] not in (None, 1) or old.order is None or d not in old.order[:1]:
                cut.append(-1)
        value = self.shares(view.input, view.output, shape)
        value.numbers = _numbers_of_slice(old, view.arguments)
        whole = old.order is not None and set(cut) <= set(old.order[:1])
        value.order = (
            tuple(kept[d] for d in old.order if d in kept) if whole and old.order else None
        )
        if value.order is None and not shape:
            value.order = ()

    def reshape(self, view: View) -> None:
        assert view.lengths is not None
        old = self.values[view.input]
        given = self.values[view.lengths].numbers or ()
        info = self.plan.slots[view.output]
        names = static_shape(self.plan, view.output, slot_name(self.plan, view.output, ""))
        shape = list(names)
        if len(given) == info.ndim:
            shape = [name if n is None else n for n, name in zip(given, names, strict=True)]
        total, rest = product(old.shape), [n for n in shape if n.constant != -1]
        if len(rest) == len(shape) - 1:
            free = (
                total
                if not rest
                else symbol(f"({total})//({product(rest)})", (total, product(rest)), quotient)
            )
            shape = [free if n.constant == -1 else n for n in shape]
        if old.order is None or not is_c_order(old.order):
            self.born(view.output, shape)
            self.grown(view)
            return
        value = self.shares(view.input, view.output, shape)
        value.order, value.numbers = c_order(shape), None

    def specify(self, view: View) -> None:
        old = self.values[view.input]
        for length, wanted in zip(old.shape, view.arguments, strict=True):
            if wanted is not None:
                self.lengths.equate(number(wanted), length)
        self.shares(view.input, view.output, old.shape)

    def length_of(self, instruction: LengthsInstruction) -> None:
        """Read lengths."""
        shape = self.values[instruction.input].shape
        if instruction.dim is not None:
            self.values[instruction.output] = Value(numbers=(shape[instruction.dim],))
            return
        self.born(instruction.output, [number(len(shape))]).numbers = tuple(shape)
        self.grown(instruction)

    def pack(self, pack: Pack) -> None:
        """Make a vector of scalars."""
        numbers = tuple((self.values[slot].numbers or (None,))[0] for slot in pack.inputs)
        self.born(pack.output, [number(len(pack.inputs))]).numbers = numbers
        self.grown(pack)

    def allocate(self, instruction: Allocate | Fill) -> None:
        """Make memory of lengths that scalars hold."""
        self.born(instruction.output, [self.integer(slot) for slot in instruction.lengths])
        self.grown(instruction)

    def copy(self, copy: Copy | Transfer) -> None:
        """Make a copy; on another device there is as much of it."""
        old = self.values[copy.input]
        self.born(copy.output, old.shape).numbers = old.numbers
        self.grown(copy)

    def alias(self, instruction: Check) -> None:
        """Let the output be the input."""
        self.shares(instruction.input, instruction.output, self.values[instruction.input].shape)

    def free(self, free: Free) -> None:
        """End slots."""
        for slot in free.slots:
            self.leaves(slot)

    def host(self, call: HostCall) -> None:
        """Let Python make arrays, of lengths that the op infers."""
        inputs = [self.values[slot] for slot in call.inputs]
        shapes = lengths_of_results(
            call.node, [v.shape for v in inputs], [v.numbers for v in inputs]
        )
        for slot, found in zip(call.outputs, shapes, strict=True):
            unknown = static_shape(self.plan, slot, slot_name(self.plan, slot, f"%{slot}"))
            known = unknown if found is None or len(found) != len(unknown) else found
            shape = [
                name if n is None or name.constant is not None else n
                for n, name in zip(known, unknown, strict=True)
            ]
            self.born(slot, shape, ours=False)
        self.grown(call)

    def branch(self, branch: Branch) -> Any:
        """Run both plans: what is held afterwards is as large as either's results."""
        made: list[list[Value]] = []
        for plan, slots in zip(branch.plans, branch.inputs, strict=True):
            arguments = [lent(self.values[slot]) for slot in slots]
            account = yield plan, arguments
            self.inside(account)
            extra = account.held
            for value, slot in zip(account.results, branch.outputs, strict=True):
                if value.block is None or value.block.users > 1 or not value.block.ours:
                    extra = extra + self.size_of(slot, value)
            self.grown(branch, extra)
            made.append(account.results)
        for slot, one, other in zip(branch.outputs, *made, strict=True):
            shape = [larger(a, b) for a, b in zip(one.shape, other.shape, strict=True)]
            self.born(slot, shape)
        self.grown(branch)

    def loop(self, loop: Loop) -> Any:
        """Run the body twice: on the first carried values, and on those that a step made."""
        steps = self.integer(loop.steps)
        for state in loop.states:
            if state.initial is not None:
                rows = self.values[state.initial].shape[1:]
                self.born(state.output, [_ring_length(loop, state, steps), *rows])
        self.grown(loop)
        first = yield loop.body, self.body_arguments(loop, None)
        self.inside(first)
        for state, made in zip(loop.states, first.results, strict=False):
            if state.initial is None:
                self.born(state.output, [_ring_length(loop, state, steps), *made.shape])
            else:
                self.equate_rows(state, made)
        carried = self.carried_results(loop, first)
        self.grown(loop, first.held)
        later = yield loop.body, self.body_arguments(loop, carried)
        self.inside(later)
        self.grown(loop, later.held)
        for (_, final), value in zip(loop.carried, carried, strict=True):
            self.born(final, value.shape)
        if loop.done is not None:
            self.values[loop.done] = Value(numbers=(None if loop.until else steps,))
        self.grown(loop)

    def equate_rows(self, state: LoopState, made: Value) -> None:
        """Take down that a state keeps its shape."""
        for a, b in zip(self.values[state.output].shape[1:], made.shape, strict=True):
            self.lengths.equate(a, b)

    def body_arguments(self, loop: Loop, carried: list[Value] | None) -> list[Value]:
        """Return what a step gets: rows, carried values (None: the first ones), invariants."""
        rows = [self.values[slot] for slot in loop.sequences]
        rows += [self.values[state.output] for state in loop.states for _ in state.taps]
        elements = [Value(row.shape[1:], order=c_order(row.shape[1:])) for row in rows]
        if carried is None:
            carried = [lent(self.values[initial]) for initial, _ in loop.carried]
        else:
            shared = {id(v.block): Block(v.block.size) for v in carried if v.block is not None}
            carried = [Value(v.shape, shared.get(id(v.block)), v.order, v.numbers) for v in carried]
        return [*elements, *carried, *[lent(self.values[slot]) for slot in loop.invariants]]

    def carried_results(self, loop: Loop, account: Occupancy) -> list[Value]:
        """Return the carried values that a step made: what is not its own was copied."""
        results = account.results[len(loop.states) : len(loop.states) + len(loop.carried)]
        copies = []
        for (_, final), value in zip(loop.carried, results, strict=True):
            block = value.block
            if block is None and self.plan.slots[final].kind == "buffer":
                block = Block(self.size_of(final, value))
                account.held = account.held + block.size
            copies.append(Value(value.shape, block, value.order))
        return copies

    def copy_results(self) -> None:
        """Copy the results that share memory with something: nobody else may see it."""
        given: set[int] = set()
        extra = number(0)
        for slot in self.plan.outputs:
            value = self.values[slot]
            size = self.size_of(slot, value)
            whole = value.block is not None and value.block.size == size
            if value.block is not None and not value.block.ours:
                whole = value.block.maker == slot
            elif value.block is not None and value.block.maker == DONATED:
                whole = True
            if value.block is None or id(value.block) in given or not whole:
                extra = extra + size
            # A part may be copied or take the memory along: then the next one is copied.
            given.add(id(value.block))
        if extra.terms:
            self.held = self.held + extra
            self.note(f"birth    copies of results: {self.lengths.settled(extra)} bytes")
            self.grown(None)


def _numbers_of_slice(old: Value, bounds: Sequence[Any]) -> tuple[Size | None, ...] | None:
    """Return the integers of a part of a vector of known ones."""
    if not old.numbers or len(old.shape) != 1 or len(bounds) != 1:
        return None
    if any(isinstance(b, str) for b in bounds[0]):
        return None
    if len(bounds[0]) > 1:
        return old.numbers[slice(*bounds[0])]
    index: int = bounds[0][0]
    return (old.numbers[index],) if -len(old.numbers) <= index < len(old.numbers) else None


def _ring_length(loop: Loop, state: LoopState, steps: Size) -> Size:
    """Return how many values of a state are held.

    Where nobody knows how many steps are done the ring doubles: old and new lie side by side then.
    """
    back = max([-tap for tap in state.taps], default=0)
    if state.keep:
        return number(max(back, state.keep) + 1)
    return (steps + back) * 2 if loop.until else steps + back


_RULES: dict[type[Instruction], Callable[[_Tracer, Any], None]] = {
    Kernel: _Tracer.kernel,
    LibraryCall: _Tracer.library,
    View: _Tracer.view,
    LengthsInstruction: _Tracer.length_of,
    Pack: _Tracer.pack,
    Allocate: _Tracer.allocate,
    Fill: _Tracer.allocate,
    Copy: _Tracer.copy,
    Check: _Tracer.alias,
    Transfer: _Tracer.copy,
    Free: _Tracer.free,
    HostCall: _Tracer.host,
}
