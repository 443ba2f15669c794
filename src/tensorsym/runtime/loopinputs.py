"""What `scan` loops over and starts from, in all the ways it may be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorsym.errors import LoopStateError, RangeError, RankError
from tensorsym.graph.variable import Constant
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.variable import Variable

__all__ = ["Element", "State", "elements_of", "number_of_steps", "states_of"]


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a sequence at one tap.

    Attributes
    ----------
    whole : Variable
        The elements of all steps, stacked.
    inner : Variable
        The element in a step.
    """

    whole: Variable
    inner: Variable

    def first(self) -> Any:
        """Return the element of the first step."""
        return self.whole[0]  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class State:
    """An output that later steps read.

    Attributes
    ----------
    given : Variable
        The value before the first step, as the user gave it.
    initial : Variable
        The values before the first step, stacked.
    taps : tuple of int
        Which values a step reads.
    inner : list of Variable
        These values in a step.
    """

    given: Variable
    initial: Variable
    taps: tuple[int, ...]
    inner: list[Variable]

    def first(self) -> list[Any]:
        """Return what the first step reads."""
        return [self.initial[len_ + tap] for len_ in [-min(self.taps)] for tap in self.taps]  # type: ignore[index]


def elements_of(sequences: Any, go_backwards: bool) -> list[Element]:
    """Return the elements that a step gets, tap by tap.

    Parameters
    ----------
    sequences : tensor, dict, list of them, or None
        As `scan` takes them.
    go_backwards : bool
        Whether the last element comes first.
    """
    found = []
    for item in _listed(sequences):
        fields = item if isinstance(item, Mapping) else {"input": item}
        if fields.get("input") is None:
            raise RangeError("a sequence of a loop has no input", got=f"{item!r}")
        x = as_tensor_variable(fields["input"])
        if x.type.ndim == 0:
            raise RankError(
                "a loop can not go over the elements of a scalar",
                got=f"the sequence {x} of {x.type}",
                hint="a value that is the same in every step belongs in non_sequences",
                origin=x.origin,
            )
        taps = [0] if fields.get("taps") is None else [int(t) for t in _listed(fields["taps"])]
        found += [_element(x, tap, taps, go_backwards) for tap in taps]
    return found


def _element(x: Any, tap: int, taps: list[int], go_backwards: bool) -> Element:
    """Return the elements at a tap; step 0 is the first for which all taps lie in the sequence."""
    latest, earliest = max(*taps, 0), min(*taps, 0)
    start, end = tap - earliest, tap - latest
    whole = x if not start and not end else x[start : end or None]
    whole = whole[::-1] if go_backwards else whole
    inner = TensorType(x.type.dtype, shape=x.type.shape[1:])(_tapped(x.name, tap))
    return Element(whole, inner)


def _tapped(name: str | None, tap: int) -> str | None:
    return name and f"{name}[t{tap:+d}]" if tap else name and f"{name}[t]"


def states_of(outputs_info: Any) -> list[State | None] | None:
    """Return the state of each output, None where no step reads it; None if nothing was said.

    Parameters
    ----------
    outputs_info : tensor, dict, None, or list of them
        As `scan` takes it.
    """
    if outputs_info is None or (isinstance(outputs_info, list | tuple) and not outputs_info):
        return None
    return [_state(item) for item in _listed(outputs_info)]


def _state(item: Any) -> State | None:
    fields = item if isinstance(item, Mapping) else {"initial": item}
    taps = fields.get("taps")
    if fields.get("initial") is None:
        if taps is not None:
            raise LoopStateError(
                "an output is read by later steps but has no initial value", got=f"{dict(fields)}"
            )
        return None
    offsets = (-1,) if taps is None else tuple([int(t) for t in _listed(taps)])
    if not offsets or any(t >= 0 for t in offsets) or len(set(offsets)) < len(offsets):
        raise RangeError(
            "the taps of an output are negative and different",
            got=f"taps={list(offsets)} of {fields['initial']}",
            hint="-1 is the value of the step before",
        )
    given = as_tensor_variable(fields["initial"])
    if offsets == (-1,):
        initial = FUNCTIONS["unbroadcast"](FUNCTIONS["shape_padleft"](given), 0)
        pattern = given.type.broadcastable
    elif given.type.ndim == 0:
        raise LoopStateError(
            "the initial values of several taps are stacked along the first dimension",
            got=f"{given}, a scalar",
            expected=f"{-min(offsets)} values",
        )
    else:
        initial, pattern = given[: -min(offsets)], given.type.broadcastable[1:]
    # Lengths other than 1 may differ from what is known of the first value.
    type_ = TensorType(given.type.dtype, pattern)
    return State(given, initial, offsets, [type_(_tapped(given.name, t)) for t in offsets])


def number_of_steps(n_steps: Any, elements: list[Element]) -> Variable:
    """Return the number of steps; if not given, the length of the shortest sequence.

    Parameters
    ----------
    n_steps : int, scalar or None
        As `scan` takes it.
    elements : list of Element
        What is looped over.
    """
    if n_steps is None:
        if not elements:
            raise RangeError(
                "nothing says how many steps the loop has",
                hint="give n_steps, or a sequence to loop over",
            )
        lengths = [ShapeOf(0)(e.whole) for e in elements]
        steps = lengths[0]
        for length in lengths[1:]:
            steps = FUNCTIONS["minimum"](steps, length)
        return steps  # type: ignore[no-any-return]
    steps = as_tensor_variable(n_steps)
    if steps.type.ndim or not is_discrete(steps.type.dtype):
        raise LoopStateError(
            "the number of steps is a scalar integer", got=f"n_steps={n_steps} of {steps.type}"
        )
    if isinstance(steps, Constant) and int(steps.data) < 0:
        raise RangeError(
            "a loop can not do a negative number of steps",
            got=f"n_steps={int(steps.data)}",
            hint="go_backwards=True reads sequences from their end",
        )
    return steps  # type: ignore[no-any-return]


def _listed(items: Any) -> list[Any]:
    if items is None:
        return []
    return list(items) if isinstance(items, list | tuple) else [items]
