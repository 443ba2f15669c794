"""Derivatives of loops, themselves loops.

Reverse mode runs over the steps from the last to the first. In it a state read at tap -t has a
state that is read at tap -t as well: what a step adds to the gradient of the value t steps before
it. Gradients of carried values and of what is the same in every step are carried. The values a
step had come in as sequences.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.walk import clone_graph, toposort
from tensorsym.language.arithmetic import cast
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.innergraph import DERIVATIVES
from tensorsym.language.loop import Loop, LoopLayout
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType

if TYPE_CHECKING:
    from tensorsym.graph.variable import Variable

__all__: list[str] = []


def _is_real(variable: Variable) -> bool:
    """Tell whether a variable has a gradient: tensors of floats and complex numbers do."""
    return isinstance(variable.type, TensorType) and not is_discrete(variable.type.dtype)


def _missing(gradient: Any) -> bool:
    return isinstance(gradient.type, DisconnectedType | NullType)


def _filled(x: Any, gradient: Any) -> Any:
    """Return a gradient of the shape of `x`, of zeros where there is none."""
    if _missing(gradient):
        return FUNCTIONS["zeros_like"](x)
    gradient = cast(gradient, x.type.dtype) if gradient.type.dtype != x.type.dtype else gradient
    if gradient.type.broadcastable != x.type.broadcastable:
        return FUNCTIONS["patternbroadcast"](gradient, x.type.broadcastable)
    return gradient


def _draws(body: Any, carried: list[Variable]) -> list[Variable]:
    """Return the tensors computed straight from carried values that are no tensors: random draws.

    The backward loop can not have these values again from their source, so they are collected.
    """
    opaque = {v for v in carried if not isinstance(v.type, TensorType)}
    found = []
    for node in toposort(body.outputs):
        if any(v in opaque for v in node.inputs):
            opaque.update(v for v in node.outputs if not isinstance(v.type, TensorType))
            found += [v for v in node.outputs if isinstance(v.type, TensorType)]
    return found


class _Backward:
    """The backward loop of one application of a loop.

    Attributes
    ----------
    values : list of Variable
        Inner variables whose values in each step the backward body gets as sequences.
    stacks : list of Variable
        These values, stacked over the steps, first step first.
    steps, back : Variable
        How many steps were done, and how many of the last ones gradients flow through.
    """

    def __init__(self, loop: Loop, inputs: Any, outputs: Any, output_grads: Any) -> None:
        self.loop = loop
        self.layout = loop.layout
        self.inputs = inputs
        self.output_grads = output_grads
        self.outputs = outputs
        self.steps = self.back = outputs[-1]
        if self.layout.truncate >= 0:
            self.back = FUNCTIONS["minimum"](self.steps, np.int64(self.layout.truncate))
        self._collect_values()

    def _collect_values(self) -> None:
        layout, body = self.layout, self.loop.body
        elements, taps, carried, self.inner_others = layout.split_inner(body.inputs)
        self.elements, self.taps, self.carried = elements, taps, carried
        _, sequences, initial, _, self.others = layout.split_outer(self.inputs)
        states, _, _ = layout.split_results(self.outputs)
        self.values = [*elements, *[v for group in taps for v in group]]
        stacks = [s[: self.steps] for s in sequences]
        for k, offsets in enumerate(layout.taps):
            depth = layout.depth(k)
            start = initial[k][initial[k].shape[0] - depth :]
            history = FUNCTIONS["join"](0, start, states[k])
            stacks += [history[depth + t : depth + t + self.steps] for t in offsets]
        remembered = [v for v in carried if isinstance(v.type, TensorType)]
        remembered += _draws(body, carried)
        self.values += remembered
        self.stacks = [*stacks, *self._run_again(remembered)]

    def _run_again(self, remembered: list[Variable]) -> list[Variable]:
        """Return the values of inner variables in each step, from another run of the loop."""
        if not remembered:
            return []
        body, layout = self.loop.body, self.layout
        states, carried, _ = layout.split_results(body.outputs)
        condition = [body.outputs[-1]] if layout.until else []
        again = Loop(
            body.inputs,
            [*states, *carried, *remembered, *condition],
            replace(layout, collected=len(remembered)),
            name="values for the gradient",
        )
        found = again(*self.inputs, return_list=True)
        result: list[Variable] = again.layout.split_results(found)[2]
        return result

    def gradients(self) -> list[Any]:
        """Return the gradient by each input of the loop."""
        layout = self.layout
        g_states, g_carried, g_collected = layout.split_results(self.output_grads)
        states, carried, collected = layout.split_results(self.loop.body.outputs)
        # Sequences of the backward body: cotangents of this step, then the values of this step.
        arriving = [*g_states, *g_collected]
        stacked = [*states, *collected]
        present = [k for k, g in enumerate(arriving) if _is_real(stacked[k]) and not _missing(g)]
        cotangents = [stacked[k].type() for k in present]
        arrived = dict(zip(present, cotangents, strict=True))
        pending = [[v.type() if _is_real(v) else None for v in group] for group in self.taps]
        adjoints = [v.type() if _is_real(v) else None for v in carried]
        sums = [v.type() if _is_real(v) else None for v in self.inner_others]

        weights: list[Any] = []
        for k in range(len(states)):
            terms = [arrived[k]] if k in arrived else []
            terms += [p for p in pending[k] if p is not None]
            weights.append(_total(terms))
        weights += [a if a is not None else FUNCTIONS["disconnected"]() for a in adjoints]
        for k in range(len(collected)):
            cotangent = arrived.get(len(states) + k)
            weights.append(cotangent if cotangent is not None else FUNCTIONS["disconnected"]())
        return self._run(
            weights, cotangents, [arriving[k] for k in present], pending, adjoints, sums, g_carried
        )

    def _run(
        self,
        weights: list[Any],
        cotangents: list[Any],
        arriving: list[Any],
        pending: list[list[Any]],
        adjoints: list[Any],
        sums: list[Any],
        g_carried: list[Any],
    ) -> list[Any]:
        layout = self.layout
        results = [*self.loop.body.outputs[: len(weights)]]
        # The values of this step stand in for the body's own computations of them.
        stand_ins = {v: v.type() for v in self.values}
        shadows = {v: v.type() for v in self.inner_others}
        results, _ = clone_graph(results, {**stand_ins, **shadows})
        live = [
            k
            for k, (r, w) in enumerate(zip(results, weights, strict=True))
            if _is_real(r) and not _missing(w)
        ]
        taps = [stand_ins[v] for group in self.taps for v in group]
        wrt = [
            *[stand_ins[v] for v in self.elements],
            *taps,
            *[stand_ins.get(v, v) for v in self.carried],
            *[shadows[v] for v in self.inner_others],
        ]
        found = DERIVATIVES["reverse"]([results[k] for k in live], [weights[k] for k in live], wrt)
        # The new states are known as well; what only led to them is not computed again.
        # Two states may be one variable of the body; each has its history all the same.
        new_states = [results[k].type() for k in range(len(layout.taps))]
        known = {results[k]: v for k, v in enumerate(new_states)}
        found, _ = clone_graph(found, known)
        histories = layout.split_results(self.outputs)[0]
        self.null = {k: g for k, g in enumerate(found) if isinstance(g.type, NullType)}
        made = [None if not _is_real(v) else _filled(v, g) for v, g in zip(wrt, found, strict=True)]
        d_elements, d_taps, d_carried, d_others = layout.split_inner(made)
        return self._loop_back(
            inner_sequences=[*cotangents, *stand_ins.values(), *new_states],
            sequences=[
                *[_reversed(s, self.steps) for s in [*arriving, *self.stacks, *histories]],
            ],
            shadows=list(shadows.values()),
            new=(d_elements, d_taps, d_carried, d_others),
            old=(pending, adjoints, sums),
            g_carried=g_carried,
        )

    def _loop_back(
        self, inner_sequences: Any, sequences: Any, shadows: Any, new: Any, old: Any, g_carried: Any
    ) -> list[Any]:
        d_elements, d_taps, d_carried, d_others = new
        pending, adjoints, sums = old
        layout = self.layout
        flat_pending = [p for group in pending for p in group if p is not None]
        new_pending = [d for group in d_taps for d in group if d is not None]
        offsets = [
            t
            for k, group in enumerate(pending)
            for t, p in zip(layout.taps[k], group, strict=True)
            if p is not None
        ]
        carried_in = [v for v in [*adjoints, *sums] if v is not None]
        carried_out = [d for d in d_carried if d is not None]
        carried_out += [s + d for s, d in zip(sums, d_others, strict=True) if s is not None]
        made = [d for d in d_elements if d is not None]
        _, _, initial, start, others = layout.split_outer(self.inputs)
        starts = [
            _zeros_before(initial[k], -t)
            for k, group in enumerate(pending)
            for t, p in zip(layout.taps[k], group, strict=True)
            if p is not None
        ]
        firsts = [_filled(v, g) for v, g in zip(start, g_carried, strict=True) if _is_real(v)]
        firsts += [FUNCTIONS["zeros_like"](v) for v in others if _is_real(v)]
        back = LoopLayout(
            sequences=len(sequences),
            taps=tuple((t,) for t in offsets),
            carried=len(carried_in),
            collected=len(made),
            others=len(others),
        )
        loop = Loop(
            [*inner_sequences, *flat_pending, *carried_in, *shadows],
            [*new_pending, *carried_out, *made],
            back,
            name=f"gradient of {self.loop}",
        )
        found = loop(self.back, *sequences, *starts, *firsts, *others, return_list=True)
        return self._sorted_out(back.split_results(found), pending)

    def _sorted_out(self, found: Any, pending: Any) -> list[Any]:
        """Return the backward loop's results as gradients by the inputs of the forward loop."""
        histories, finals, collected = (iter(group) for group in found)
        layout = self.layout
        _, sequences, initial, carried, others = layout.split_outer(self.inputs)
        gradients: list[Any] = [FUNCTIONS["disconnected"]()]
        for x in sequences:
            gradients.append(
                _padded(self._forward(next(collected)), x) if _is_real(x) else _zero(x)
            )
        for k, x in enumerate(initial):
            terms = [
                _at_start(self._forward(next(histories)), x, -t)
                for t, p in zip(layout.taps[k], pending[k], strict=True)
                if p is not None
            ]
            gradients.append(_total(terms) if terms else _zero(x))
        gradients += [self._reached(next(finals)) if _is_real(v) else _zero(v) for v in carried]
        gradients += [next(finals) if _is_real(v) else _zero(v) for v in others]
        self._mark_undefined(gradients)
        return self._by_connection(gradients)

    def _forward(self, stack: Any) -> Any:
        """Return a backward result per step in the order of the steps, 0 before the last few."""
        stack = _reversed(stack, self.back)
        if self.layout.truncate < 0:
            return stack
        lengths = [ShapeOf(d)(stack) for d in range(1, stack.type.ndim)]
        zeros = FUNCTIONS["zeros"]([self.steps - self.back, *lengths], dtype=stack.type.dtype)
        return FUNCTIONS["join"](0, FUNCTIONS["unbroadcast"](zeros, 0), stack)

    def _reached(self, gradient: Any) -> Any:
        """Return a gradient by a value before the first step, 0 unless gradients flow so far."""
        if self.layout.truncate < 0:
            return gradient
        whole = FUNCTIONS["eq"](self.back, self.steps)
        return FUNCTIONS["switch"](whole, gradient, FUNCTIONS["zeros_like"](gradient))

    def _by_connection(self, gradients: list[Any]) -> list[Any]:
        """Return the gradients, disconnected where the connection pattern says so."""
        node = self.outputs[0].owner
        pattern = self.loop.connection_pattern(node)
        arrived = [not isinstance(g.type, DisconnectedType) for g in self.output_grads]
        return [
            (_zero(x) if isinstance(g.type, DisconnectedType) else g)
            if any(connected and came for connected, came in zip(row, arrived, strict=True))
            else FUNCTIONS["disconnected"]()
            for x, g, row in zip(self.inputs, gradients, pattern, strict=True)
        ]

    def _mark_undefined(self, gradients: list[Any]) -> None:
        """Put null gradients where one step's gradient is undefined."""
        layout = self.layout
        elements, taps, carried, others = layout.split_inner(range(layout.inner_inputs))
        groups = [[i] for i in elements] + taps + [[i] for i in [*carried, *others]]
        for k, group in enumerate(groups):
            for i in group:
                if i in self.null:
                    gradients[1 + k] = self.null[i]


def _zero(x: Variable) -> Any:
    if isinstance(x.type, TensorType):
        return FUNCTIONS["zero_gradient"](x)
    return NullType(f"{x} of {x.type} is no number: there is no gradient by it")()


def _total(terms: list[Any]) -> Any:
    if not terms:
        return FUNCTIONS["disconnected"]()
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _reversed(stack: Any, steps: Any) -> Any:
    """Return the first `steps` elements, last first."""
    return stack[:steps][::-1]


def _zeros_before(initial: Any, count: int) -> Any:
    lengths = [ShapeOf(d)(initial) for d in range(1, initial.type.ndim)]
    zeros = FUNCTIONS["zeros"]([count, *lengths], dtype=initial.type.dtype)
    return FUNCTIONS["patternbroadcast"](zeros, (count == 1, *initial.type.broadcastable[1:]))


def _padded(stack: Any, x: Any) -> Any:
    """Return a gradient per step with zeros added for elements of `x` that no step used."""
    lengths = [ShapeOf(d)(x) for d in range(1, x.type.ndim)]
    # Of no steps the stack does not know how long its elements would have been.
    stack = FUNCTIONS["reshape"](stack, [ShapeOf(0)(stack), *lengths])
    rest = FUNCTIONS["zeros_like"](x[ShapeOf(0)(stack) :])
    joined = FUNCTIONS["join"](0, stack, rest)
    return FUNCTIONS["patternbroadcast"](joined, x.type.broadcastable)


def _at_start(stack: Any, initial: Any, count: int) -> Any:
    """Return the gradient by initial values of what the first `count` steps read of them."""
    read = stack[:count]
    before = FUNCTIONS["zeros_like"](initial[: initial.shape[0] - count])
    after = FUNCTIONS["zeros_like"](initial[initial.shape[0] - count + ShapeOf(0)(read) :])
    joined = FUNCTIONS["join"](0, before, read, after)
    return FUNCTIONS["patternbroadcast"](joined, initial.type.broadcastable)


@DERIVATIVES.register("loop, reverse")
def loop_gradient(loop: Loop, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
    """Return the gradients by the inputs of a loop, computed by a loop that runs backwards.

    Parameters
    ----------
    loop : Loop
        The op.
    inputs, outputs, output_grads : list of Variable
        Of one application.
    """
    return _Backward(loop, inputs, outputs, output_grads).gradients()


@DERIVATIVES.register("loop, forward")
def loop_tangent(loop: Loop, inputs: Any, eval_points: Any) -> list[Any]:
    """Return the tangents of the outputs of a loop, computed by a loop over values and tangents.

    Parameters
    ----------
    loop : Loop
        The op.
    inputs : list of Variable
        Of one application.
    eval_points : list of Variable or None
        Tangents of the inputs.
    """
    layout, body = loop.layout, loop.body
    varying = [_is_real(v) for v in body.inputs]
    moved = [v.type() if real else None for v, real in zip(body.inputs, varying, strict=True)]
    found = DERIVATIVES["forward"](
        body.outputs[: len(layout.taps) + layout.carried + layout.collected],
        [v for v, real in zip(body.inputs, varying, strict=True) if real],
        [t for t in moved if t is not None],
    )
    tangents = [
        None if not _is_real(v) else FUNCTIONS["zeros_like"](v) if t is None else _filled(v, t)
        for v, t in zip(body.outputs, found, strict=False)
    ]
    return _Forward(loop, inputs, eval_points).tangents(moved, tangents)


class _Forward:
    """The loop over values and tangents of one application of a loop."""

    def __init__(self, loop: Loop, inputs: Any, eval_points: Any) -> None:
        self.loop, self.inputs = loop, inputs
        self.points = [
            None if not _is_real(v) else FUNCTIONS["zeros_like"](v) if t is None else t
            for v, t in zip(inputs, eval_points, strict=True)
        ]

    def tangents(self, moved: list[Any], changes: list[Any]) -> list[Any]:
        """Return the tangents of the outputs, given the body's inputs' and outputs' tangents."""
        layout, body = self.loop.layout, self.loop.body
        elements, taps, carried, others = layout.split_inner(body.inputs)
        t_elements, t_taps, t_carried, t_others = layout.split_inner(moved)
        states, new_carried, collected = layout.split_results(body.outputs)
        c_states, c_carried, c_collected = layout.split_results(changes)
        steps, sequences, initial, start, rest = layout.split_outer(self.inputs)
        _, p_sequences, p_initial, p_start, p_rest = layout.split_outer(self.points)
        moving = [k for k, c in enumerate(c_states) if c is not None]
        double = LoopLayout(
            sequences=len(elements) + len(_present(t_elements)),
            taps=(*layout.taps, *[layout.taps[k] for k in moving]),
            carried=len(carried) + len(_present(t_carried)),
            collected=len(collected) + len(_present(c_collected)),
            others=len(others) + len(_present(t_others)),
            until=layout.until,
        )
        inner = [
            *elements, *_present(t_elements),
            *[v for group in taps for v in group], *[v for k in moving for v in t_taps[k]],
            *carried, *_present(t_carried), *others, *_present(t_others),
        ]  # fmt: skip
        results = [
            *states, *_present(c_states), *new_carried, *_present(c_carried),
            *collected, *_present(c_collected), *body.outputs[len(changes):],
        ]  # fmt: skip
        loop = Loop(inner, results, double, name=f"tangent of {self.loop}")
        found = loop(
            steps, *sequences, *_present(p_sequences), *initial, *_present(p_initial),
            *start, *_present(p_start), *rest, *_present(p_rest), return_list=True,
        )  # fmt: skip
        groups = double.split_results(found)
        tails = [
            iter(g[len(own) :])
            for g, own in zip(groups, (states, new_carried, collected), strict=True)
        ]
        ordered = zip((c_states, c_carried, c_collected), tails, strict=True)
        return [None if c is None else next(tail) for cs, tail in ordered for c in cs] + [None]


def _present(items: list[Any]) -> list[Any]:
    return [item for item in items if item is not None]
