"""`scan`: a function of one step made into a loop over sequences, with states.

The function is called once, with variables for one step. What it returns becomes the body of a
`Loop`; shared variables and other expressions it uses from outside are found and handed in, and
shared variables it updates, random states among them, are carried from step to step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.errors import LoopStateError, MissingInputError, RangeError, UpdateError
from tensorsym.graph.variable import Constant, Variable
from tensorsym.graph.walk import ancestors, clone_graph
from tensorsym.language.innergraph import captured
from tensorsym.language.loop import Loop, LoopLayout
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.testvalues import lend_test_values
from tensorsym.language.variable import as_tensor_variable
from tensorsym.runtime.loopinputs import elements_of, number_of_steps, states_of
from tensorsym.runtime.modes import get_mode
from tensorsym.runtime.recipe import update_value
from tensorsym.runtime.shared import SharedVariable
from tensorsym.runtime.stepresult import step_result
from tensorsym.runtime.updates import OrderedUpdates

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.language.tensortype import TensorType
    from tensorsym.runtime.loopinputs import Element, State
    from tensorsym.runtime.stepresult import StepResult

__all__ = ["scan"]


def scan(
    fn: Callable[..., Any],
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    n_steps: Any = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
    profile: Any = False,
    allow_gc: bool | None = None,
    strict: bool = False,
    return_list: bool = False,
) -> tuple[Any, OrderedUpdates]:
    """Return the results of all steps of a loop, and the new values of shared variables.

    Parameters
    ----------
    fn : callable
        One step. It is given, in this order: the elements of each sequence at its taps, the earlier
        values of each output at its taps, and the non-sequences. It returns the outputs (a variable
        or list), then, if any, updates of shared variables (a dict or pairs), then, if the loop may
        end early, `until(condition)`.
    sequences : tensor, dict, or list of them
        Looped over along the first dimension. A dict has `input`, and `taps`: which elements,
        relative to the step, are given to `fn`, in this order.
    outputs_info : tensor, dict, None, or list of them
        For each output its value before the first step; None where no step reads it. A dict has
        `initial`, and `taps`, all negative: which earlier values are read. With a tap -k, `initial`
        has the k values before the first step along its first dimension.
    non_sequences : tensor or list of tensor
        Given to `fn` as they are in every step. Other variables that `fn` uses need not be listed.
    n_steps : int or scalar, optional
        Number of steps; needed without sequences, and else that of the shortest sequence.
    truncate_gradient : int
        How many steps, counted from the last, gradients flow back; -1 is all.
    go_backwards : bool
        Whether sequences are read from the last element to the first.
    mode, profile, allow_gc : optional
        Kept for Theano programs: the loop is compiled as the function that contains it.
    name : str, optional
        Name for printing.
    strict : bool
        Whether shared variables that `fn` uses must be listed in `non_sequences`.
    return_list : bool
        Whether a single output comes in a list.

    Returns
    -------
    outputs : TensorVariable, list of TensorVariable, or None
        The values of all steps, stacked along the first dimension.
    updates : OrderedUpdates
        To be passed to `function`: final values of shared variables, random states among them.

    Raises
    ------
    ValueError
        If the number of steps is unknown, taps or what `fn` returns have no valid form, or a
        result has another
        dtype or rank than its initial value.
    MissingInputError
        If the loop is strict and uses shared variables that are not listed.

    Notes
    -----
    What does not depend on the step is computed once, before the loop. One step is no loop.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x = T.dvector("x")
    >>> sums, updates = tensorsym.scan(lambda x_t, total: total + x_t, x, outputs_info=T.zeros(()))
    >>> sums.eval({x: [1.0, 2.0, 3.0]}).tolist()
    [1.0, 3.0, 6.0]
    """
    if mode is not None:
        get_mode(mode)
    elements = elements_of(sequences, go_backwards)
    states = states_of(outputs_info)
    others = [_as_other(v) for v in _items(non_sequences)]
    steps = number_of_steps(n_steps, elements)
    single = _is_one(steps)
    step = _called(fn, elements, states, others, single=single)
    if single:
        made = [
            FUNCTIONS["unbroadcast"](FUNCTIONS["shape_padleft"](v), 0) for v in step.result.outputs
        ]
        updates = OrderedUpdates(_checked_updates(step.result.updates))
    else:
        made, updates = _Assembly(step, others, steps, truncate_gradient, strict, name).loop()
    if return_list or len(made) > 1:
        return made, updates
    return (made[0] if made else None), updates


def _items(given: Any) -> list[Any]:
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def _as_other(value: Any) -> Variable:
    return value if isinstance(value, Variable) else as_tensor_variable(value)


def _is_one(steps: Any) -> bool:
    return isinstance(steps, Constant) and int(steps.data) == 1


def _checked_updates(pairs: list[tuple[Any, Any]]) -> dict[SharedVariable, Variable]:
    checked: dict[SharedVariable, Variable] = {}
    for target, new in pairs:
        if not isinstance(target, SharedVariable):
            raise UpdateError(
                "update target must be a SharedVariable",
                got=f"{target!r}, a {type(target).__name__}",
            )
        checked[target] = update_value(target, new)
    return checked


@dataclass(frozen=True, slots=True)
class _Step:
    """One call of the function: what it was given and what it returned."""

    elements: list[Element]
    states: list[State | None]
    result: StepResult


def _called(
    fn: Callable[..., Any],
    elements: list[Element],
    states: list[State | None] | None,
    others: list[Variable],
    *,
    single: bool,
) -> _Step:
    """Call the function; for a single step with the very values, else with variables for them."""
    arguments: list[Any] = [e.first() if single else e.inner for e in elements]
    for state in states or []:
        if state is not None:
            arguments += state.first() if single else state.inner
    if not single and config.compute_test_value != "off":
        first = [e.first() for e in elements]
        first += [v for state in states or [] if state is not None for v in state.first()]
        lend_test_values(arguments, first)
    result = step_result(fn(*arguments, *others))
    if states is None:
        states = [None] * len(result.outputs)
    if len(states) != len(result.outputs):
        raise RangeError(
            "outputs_info does not fit the outputs of the loop's function",
            got=f"{len(states)} entries for {len(result.outputs)} outputs",
            expected="one entry per output, None for an output that no step reads",
        )
    return _Step(elements, states, result)


class _Assembly:
    """A loop put together from one step.

    Attributes
    ----------
    carried : dict
        Shared variables that steps update, and their new values.
    """

    def __init__(
        self,
        step: _Step,
        others: list[Variable],
        steps: Any,
        truncate: int,
        strict: bool,
        name: str | None,
    ) -> None:  # fmt: skip
        self.step = step
        self.others = others
        self.steps = steps
        self.truncate = truncate
        self.name = name
        self.recurrent = [
            (s, v) for s, v in zip(step.states, step.result.outputs, strict=True) if s
        ]
        self.collected = [v for s, v in zip(step.states, step.result.outputs, strict=True) if not s]
        self.carried = self._carried()
        self.results = [
            *[_as_state(new, state) for state, new in self.recurrent],
            *self.carried.values(),
            *[as_tensor_variable(v) for v in self.collected],
        ]
        if step.result.condition is not None:
            self.results.append(step.result.condition)
        if strict:
            self._refuse_unlisted()

    def _inner(self) -> list[Variable]:
        inner = [e.inner for e in self.step.elements]
        return inner + [v for state, _ in self.recurrent for v in state.inner]

    def _carried(self) -> dict[SharedVariable, Variable]:
        """Return the shared variables that a step updates, itself or by default updates."""
        result = self.step.result
        carried = _checked_updates(result.updates)
        wanted = [*result.outputs, *carried.values()]
        pending = wanted if result.condition is None else [*wanted, result.condition]
        blockers = {*self._inner(), *[v for v in self.others if v.owner is not None]}
        seen: set[Variable] = set()
        while pending:
            fresh = [
                v
                for v in ancestors(pending, blockers)
                if isinstance(v, SharedVariable) and v not in seen
            ]
            seen.update(fresh)
            pending = []
            for variable in fresh:
                default = getattr(variable, "default_update", None)
                if default is not None and variable not in carried:
                    carried[variable] = update_value(variable, default)
                    pending.append(carried[variable])
        return carried

    def _refuse_unlisted(self) -> None:
        listed = {*self.others, *self._inner()}
        for variable in ancestors(self.results, listed):
            if isinstance(variable, SharedVariable) and variable not in listed:
                raise MissingInputError(
                    f"the strict loop uses {variable}, which is not among its non_sequences",
                    got=f"non_sequences={[str(v) for v in self.others]}",
                    hint="list it, or leave strict out",
                )

    def _pinned(self) -> list[Variable]:
        """Return the non-sequences computed outside though their parts change inside."""
        changing = set(self.carried)
        return [
            v
            for v in self.others
            if v.owner is not None
            and any(
                a in changing or (a.owner is not None and not a.owner.op.pure)
                for a in ancestors([v])
            )
        ]

    def _idle(self, outside: list[Variable]) -> list[Variable]:
        """Return the non-sequences that no step uses: what depends on the loop names them still.

        A function that lists such a variable among its inputs is right to do so.
        """
        used = {*ancestors(self.results), *self.carried, *outside}
        return [
            v for v in dict.fromkeys(self.others) if v not in used and not isinstance(v, Constant)
        ]

    def loop(self) -> tuple[list[Variable], OrderedUpdates]:
        """Return the outputs in the order of the function's, and the updates."""
        inner, shared, pinned = self._inner(), list(self.carried), self._pinned()
        outside = [*pinned, *captured(self.results, [*inner, *shared, *pinned])]
        outside += self._idle(outside)
        stand_ins = [v.type() for v in [*shared, *outside]]
        replaced, _ = clone_graph(
            self.results, dict(zip([*shared, *outside], stand_ins, strict=True))
        )
        layout = LoopLayout(
            sequences=len(self.step.elements),
            taps=tuple([state.taps for state, _ in self.recurrent]),
            carried=len(shared),
            collected=len(self.collected),
            others=len(outside),
            until=self.step.result.condition is not None,
            truncate=self.truncate,
        )
        sequences = [e.whole for e in self.step.elements]
        firsts = [state.initial for state, _ in self.recurrent]
        loop = Loop([*inner, *stand_ins], replaced, layout, self.name)
        found = loop(self.steps, *sequences, *firsts, *shared, *outside, return_list=True)
        histories, finals, collected = map(iter, layout.split_results(found))
        outputs = [next(histories if state else collected) for state in self.step.states]
        return outputs, OrderedUpdates(zip(shared, finals, strict=True))


def _as_state(new: Any, state: State) -> Variable:
    """Return a step's result as a variable of the type in which the next step reads it."""
    result: Variable = as_tensor_variable(new)
    new = result
    wanted: TensorType = state.inner[0].type
    if (new.type.dtype, new.type.ndim) != (wanted.dtype, wanted.ndim):
        raise LoopStateError(
            f"the state that starts as {state.given} changes its type in the first step",
            got=f"a result of {new.type}",
            expected=f"{wanted}, as the initial value",
            hint="cast one of them, or give the initial value the rank of the result",
            origin=new.origin,
        )
    if new.type.broadcastable != wanted.broadcastable:
        converted: Variable = FUNCTIONS["patternbroadcast"](new, wanted.broadcastable)
        return converted
    return result
