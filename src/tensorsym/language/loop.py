"""`Loop`: a body repeated, over elements of sequences, with states that remember several steps."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.graph.walk import clone_graph
from tensorsym.language.arithmetic import cast
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.innergraph import DERIVATIVES, InnerGraph, captured, own
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.graph.op import Storage
    from tensorsym.graph.type import Type
    from tensorsym.graph.variable import Variable

__all__ = ["Loop", "LoopLayout", "map_index"]


@dataclass(frozen=True, slots=True)
class LoopLayout:
    """How the inputs and outputs of a loop and of its body are arranged.

    Attributes
    ----------
    sequences : int
        Tensors of which the body gets an element (along the first dimension) per step.
    taps : tuple of tuple of int
        For each state when it is read, such as (-2, -1). All its values are collected.
    carried : int
        States read at the last step only, of any type, of which only the final value is wanted.
    collected : int
        Values made in each step and not read by the next.
    others : int
        Variables that are the same in every step.
    until : bool
        Whether the body's last output is a condition that ends the loop after its step.
    truncate : int
        Through how many steps, counted from the last, gradients flow back; -1 is all.

    Notes
    -----
    Inputs of the body: sequence elements; the taps of each state, in order; carried states; others.
    Outputs of the body: new values of the states; of the carried; collected values; the condition.
    Inputs of the loop: number of steps; sequences; initial values of the states, stacked, as many
    as the earliest tap reaches back; initial carried values; others.
    Outputs of the loop: values of the states, stacked, without the initial ones; final carried
    values; collected values, stacked; the number of steps done.
    """

    sequences: int = 0
    taps: tuple[tuple[int, ...], ...] = ()
    carried: int = 0
    collected: int = 0
    others: int = 0
    until: bool = False
    truncate: int = -1

    def depth(self, state: int) -> int:
        """Return how many steps back a state is read."""
        return -min(self.taps[state])

    @property
    def inner_inputs(self) -> int:
        """Number of inputs of the body."""
        return self.sequences + sum(map(len, self.taps)) + self.carried + self.others

    @property
    def inner_outputs(self) -> int:
        """Number of outputs of the body."""
        return len(self.taps) + self.carried + self.collected + self.until

    def split_outer(
        self, values: Sequence[Any]
    ) -> tuple[Any, list[Any], list[Any], list[Any], list[Any]]:
        """Return the loop's inputs as (steps, sequences, initial states, carried, others)."""
        cuts = np.cumsum([1, self.sequences, len(self.taps), self.carried])
        return (
            values[0],
            list(values[1 : cuts[1]]),
            list(values[cuts[1] : cuts[2]]),
            list(values[cuts[2] : cuts[3]]),
            list(values[cuts[3] :]),
        )

    def split_inner(
        self, values: Sequence[Any]
    ) -> tuple[list[Any], list[list[Any]], list[Any], list[Any]]:
        """Return the body's inputs as (sequence elements, taps of each state, carried, others)."""
        position = self.sequences
        taps = []
        for offsets in self.taps:
            taps.append(list(values[position : position + len(offsets)]))
            position += len(offsets)
        carried = list(values[position : position + self.carried])
        return (
            list(values[: self.sequences]),
            taps,
            carried,
            list(values[position + self.carried :]),
        )

    def split_results(self, values: Sequence[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        """Return outputs, of the loop or the body, as (states, carried, collected)."""
        first, second = len(self.taps), len(self.taps) + self.carried
        return (
            list(values[:first]),
            list(values[first:second]),
            list(values[second : second + self.collected]),
        )


class Loop(Op):
    """A body repeated a number of times known when it runs.

    Parameters
    ----------
    inputs, outputs : sequence of Variable
        The body: expressions of `inputs` and constants only, arranged as the layout says.
    layout : LoopLayout
        What stands where.
    name : str, optional
        Name for printing.
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        layout: LoopLayout,
        name: str | None = None,
    ) -> None:
        if len(inputs) != layout.inner_inputs or len(outputs) != layout.inner_outputs:
            raise ValueError(
                f"the body has {len(inputs)} inputs and {len(outputs)} outputs, "
                f"its layout {layout.inner_inputs} and {layout.inner_outputs}"
            )
        self.layout = layout
        self.name = name
        self.body = InnerGraph(inputs, _of_state_types(inputs, outputs, layout))
        self.pure = all(node.op.pure for node in self.body.function_graph.apply_nodes)

    def make_node(self, *values: Any) -> Apply:
        """Return the application on the inputs that the layout lists."""
        layout = self.layout
        count = 1 + layout.sequences + len(layout.taps) + layout.carried + layout.others
        if len(values) != count:
            raise ValueError(f"{self} takes {count} inputs, {len(values)} given")
        steps, sequences, initial, carried, others = layout.split_outer(values)
        steps = as_tensor_variable(steps)
        if steps.type.ndim or not is_discrete(steps.type.dtype):
            raise TypeError(f"the number of steps is a scalar integer, got {steps.type}")
        elements, taps, inner_carried, inner_others = layout.split_inner(self.body.inputs)
        stacked = [_stack_of(v, x, "sequence") for v, x in zip(elements, sequences, strict=True)]
        starts = [_stack_of(v[0], x, "initial state") for v, x in zip(taps, initial, strict=True)]
        rest = [
            v.type.filter_variable(x)
            for v, x in zip([*inner_carried, *inner_others], [*carried, *others], strict=True)
        ]
        return Apply(
            self, [cast(steps, "int64"), *stacked, *starts, *rest], self._output_variables()
        )

    def _output_variables(self) -> list[Variable]:
        states, carried, collected = self.layout.split_results(self.body.outputs)
        stacks = [
            TensorType(v.type.dtype, shape=(None, *v.type.shape)) for v in [*states, *collected]
        ]
        types: list[Type] = [
            *stacks[: len(states)],
            *[v.type for v in carried],
            *stacks[len(states) :],
            TensorType("int64", shape=()),
        ]
        return [t() for t in types]

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Run the body step by step."""
        steps, sequences, initial, carried, others = self.layout.split_outer(inputs)
        self._check_lengths(node, int(steps), sequences, initial)
        layout = self.layout
        rings = [
            deque(
                (x[i, ...] for i in range(len(x) - layout.depth(k), len(x))), maxlen=layout.depth(k)
            )
            for k, x in enumerate(initial)
        ]
        states: list[list[Any]] = [[] for _ in layout.taps]
        collected: list[list[Any]] = [[] for _ in range(layout.collected)]
        done = 0
        while done < steps:
            taps = [r[t] for r, offsets in zip(rings, layout.taps, strict=True) for t in offsets]
            found = self.body([*[s[done, ...] for s in sequences], *taps, *carried, *others])
            new, carried, made = layout.split_results(found)
            for ring, history, value in zip(rings, states, new, strict=True):
                ring.append(value)
                history.append(value)
            for history, value in zip(collected, made, strict=True):
                history.append(value)
            done += 1
            if layout.until and found[-1]:
                break
        self._store(output_storage, states, carried, collected, done, inputs)

    def _check_lengths(self, node: Apply, steps: int, sequences: Any, initial: Any) -> None:
        if steps < 0:
            raise ValueError(f"a loop can not do {steps} steps")
        for k, sequence in enumerate(sequences):
            if len(sequence) < steps:
                raise ShapeError(
                    f"sequence {k} of the loop is too short",
                    got=f"{len(sequence)} elements, shape {sequence.shape}",
                    expected=f"at least {steps}, one per step",
                    origin=node.origin,
                )
        for k, start in enumerate(initial):
            if len(start) < self.layout.depth(k):
                raise ShapeError(
                    f"state {k} of the loop has too few initial values",
                    got=f"{len(start)}, shape {start.shape}",
                    expected=f"{self.layout.depth(k)}, as far as it is read back",
                    origin=node.origin,
                )

    def _store(
        self,
        output_storage: Storage,
        states: list[list[Any]],
        carried: list[Any],
        collected: list[list[Any]],
        done: int,
        inputs: list[Any],
    ) -> None:
        outputs = self.layout.split_results(self.body.outputs)
        initial = self.layout.split_outer(inputs)[2]
        nothing = [x[:0] for x in initial] + [_nothing(v.type) for v in outputs[2]]
        stacks = [
            np.stack(history) if history else empty.copy()
            for history, empty in zip([*states, *collected], nothing, strict=True)
        ]
        taken = list(inputs)
        finals = []
        for value in carried:
            finals.append(own(value, taken))
            taken.append(finals[-1])
        values = [*stacks[: len(states)], *finals, *stacks[len(states) :]]
        for cell, value in zip(
            output_storage, [*values, np.array(done, dtype="int64")], strict=True
        ):
            cell[0] = value

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the number of steps and what is known of the body's values."""
        if self.layout.until:
            return [None] * (len(node.outputs) - 1) + [()]
        _, _, initial, carried, _ = self.layout.split_outer(shapes)
        _states, _, collected = self.layout.split_results(node.outputs)
        steps = FUNCTIONS["maximum"](node.inputs[0], np.int64(0))
        known = [(steps, *shape[1:]) for shape in initial]
        made = [(steps, *[ShapeOf(d)(v) for d in range(1, v.type.ndim)]) for v in collected]
        return [*known, *[None] * len(carried), *made, ()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return which results depend on which inputs, through any number of steps."""
        layout = self.layout
        inner = np.array(self.body.dependence(), dtype=bool)
        inner = inner.reshape(layout.inner_inputs, layout.inner_outputs)
        elements, taps, carried, others = layout.split_inner(range(layout.inner_inputs))
        groups = [[i] for i in elements] + taps + [[i] for i in [*carried, *others]]
        pattern = np.array([inner[group].any(axis=0) for group in groups], dtype=bool)
        pattern = pattern.reshape(len(groups), layout.inner_outputs)
        recurrent = len(layout.taps) + layout.carried
        feedback = pattern[layout.sequences : layout.sequences + recurrent]
        for _ in range(recurrent):
            reached = pattern[:, :recurrent] @ feedback if recurrent else pattern & False
            pattern = pattern | reached
        # An initial value is the result where no step is done.
        for k in range(layout.carried):
            pattern[layout.sequences + len(layout.taps) + k, len(layout.taps) + k] = True
        results = len(layout.taps) + layout.carried + layout.collected
        rows = [[*map(bool, row[:results]), False] for row in pattern]
        return [[False] * (results + 1), *rows]

    def inner_graphs(self) -> Sequence[Any]:
        """Return the body."""
        return (self.body.function_graph,)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients, computed by a loop that runs backwards over the steps."""
        found: list[Any] = DERIVATIVES["loop, reverse"](self, inputs, outputs, output_grads)
        return found

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangents, computed by a loop over values and tangents."""
        found: list[Any] = DERIVATIVES["loop, forward"](self, inputs, eval_points)
        return found

    def __str__(self) -> str:
        return f"Loop{{{self.name}}}" if self.name else "Loop"


def _nothing(type_: Type) -> Any:
    """Return the stack of no values; a length that is not known is 0."""
    assert isinstance(type_, TensorType)
    return np.empty((0, *[length or 0 for length in type_.shape]), dtype=type_.dtype)


def _stack_of(element: Any, x: Any, what: str) -> Any:
    """Return `x`, checked to be a stack of values of the type of `element`."""
    x = as_tensor_variable(x)
    wanted = element.type
    if x.type.ndim != wanted.ndim + 1 or x.type.dtype != wanted.dtype:
        raise TypeError(f"the {what} {x} of {x.type} is no stack of {wanted}")
    return TensorType(wanted.dtype, shape=(x.type.shape[0], *wanted.shape)).filter_variable(x)


def _of_state_types(
    inputs: Sequence[Variable], outputs: Sequence[Variable], layout: LoopLayout
) -> list[Variable]:
    """Return the body's outputs with new states converted to the types in which they are read."""
    _, taps, carried, _ = layout.split_inner(inputs)
    wanted = [*[group[0] for group in taps], *carried]
    converted = [v.type.filter_variable(new) for v, new in zip(wanted, outputs, strict=False)]
    return [*converted, *outputs[len(converted) :]]


def close_over(
    inputs: Sequence[Variable], outputs: Sequence[Variable]
) -> tuple[list[Variable], list[Variable], list[Variable]]:
    """Return (outer variables used, their inner stand-ins, `outputs` in terms of these)."""
    outer = captured(outputs, inputs)
    inner = [v.type() for v in outer]
    replaced, _ = clone_graph(outputs, dict(zip(outer, inner, strict=True)))
    return outer, inner, replaced


@public("map_index")
def map_index(function: Callable[[Any], Sequence[Any]], count: Any) -> list[Any]:
    """Return the results of a function of 0, 1, ..., count - 1, stacked.

    Parameters
    ----------
    function : callable
        Takes a scalar of int64, returns a list of tensors; may use any variables.
    count : int or scalar
        Number of calls.

    Returns
    -------
    list of TensorVariable
        One more dimension than what the function returns.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> x = T.vector("x")
    >>> [v.ndim for v in T.map_index(lambda i: [x * i, i], 3)]
    [2, 1]
    """
    index = TensorType("int64", ())("index")
    step = index + np.int64(1)
    results = [as_tensor_variable(v) for v in function(index)]
    outer, inner, body = close_over([index], [step, *results])
    layout = LoopLayout(carried=1, collected=len(results), others=len(outer))
    loop = Loop([index, *inner], body, layout, name="map")
    found = loop(count, np.int64(0), *outer, return_list=True)
    return found[1:-1]  # type: ignore[no-any-return]
