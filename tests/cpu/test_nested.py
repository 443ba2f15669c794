"""Choices and loops: plans inside plans."""

import numpy as np
import pytest
from tests.differ import assert_agree
from tests.layouts import values

import tensorsym.tensor as T
from tensorsym.cpu.build import build
from tensorsym.errors import ShapeError
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.ifelse import ifelse
from tensorsym.schedule.build import schedule
from tensorsym.schedule.plan import Branch, Check, Loop, LoopState, Plan, Slot, Source

x, y = T.dvectors("x", "y")
c, d = T.dscalar("c"), T.bscalar("d")


class Count(Op):
    """Hand a value on, and take down that it was computed."""

    __props__ = ("name",)

    def __init__(self, name):
        self.name = name
        self.calls = []

    def make_node(self, v):
        return Apply(self, [v], [v.type()])

    def perform(self, node, inputs, output_storage):
        self.calls.append(1)
        output_storage[0][0] = inputs[0].copy()


@pytest.mark.parametrize("condition", [1.0, 0.0, -0.0, np.nan])
def test_only_the_chosen_branch_runs(condition):
    yes, no, both = Count("yes"), Count("no"), Count("both")
    shared = both(T.exp(x))
    out = ifelse(c, yes(shared) + 1.0, no(T.tanh(shared)) * 2.0)
    executable = build(schedule(FunctionGraph([x, c], [out])))
    for _ in range(2):
        (got,) = executable([values(4), np.array(condition)])
    e = np.exp(values(4))
    np.testing.assert_allclose(got, e + 1 if condition != 0 else np.tanh(e) * 2, rtol=1e-14)
    chosen, other = (yes, no) if condition != 0 else (no, yes)
    assert (len(chosen.calls), len(other.calls), len(both.calls)) == (2, 0, 2)


def test_branches_are_plans_inside():
    plan = schedule(FunctionGraph([x, y, c], [ifelse(c, T.exp(x), T.tanh(y)) + 1.0]))
    (branch,) = [i for i in plan.instructions if isinstance(i, Branch)]
    assert [len(inner.instructions) for inner in branch.plans] == [1, 1]
    assert "branch on" in str(plan)


def test_choices_inside_choices():
    inner = ifelse(d, T.exp(x) * y, x - y)
    outer = ifelse(c, inner + T.sqr(x), ifelse(d, y, T.exp(x)))
    for first in (0.0, 1.0):
        for second in (0, 1):
            arrays = [values(3), values(3, seed=1), np.array(first), np.array(second, "int8")]
            assert_agree([x, y, c, d], [outer, outer.sum(), x], arrays)


def test_many_choices_one_after_the_other():
    out = x
    for k in range(300):
        out = ifelse(T.gt(out.sum(), k), T.tanh(out), out * 1.01 + 0.1)
    assert_agree([x], [out], [values(3)])


def test_branches_hand_on_what_they_are_given():
    constant = T.constant(np.arange(3.0))
    outputs = [
        ifelse(c, x, y),
        ifelse(c, x[::-1], constant),
        ifelse(c, x, x),
        ifelse(c, x.sum(), y[0]),
    ]
    for condition in (0.0, 1.0):
        assert_agree([x, y, c], outputs, [values(3), values(3, seed=1), np.array(condition)])


def test_several_values_at_once():
    first, second = ifelse(c, [T.exp(x), x.sum()], [x * 2.0, y.sum()])
    for condition in (0.0, 1.0):
        assert_agree(
            [x, y, c], [first + second, second], [values(3), values(4), np.array(condition)]
        )


def test_errors_inside_a_branch_name_their_line():
    out = ifelse(c, x + y, x)
    executable = build(schedule(FunctionGraph([x, y, c], [out])))
    with pytest.raises(ShapeError, match="add: input dimension mismatch") as info:
        executable([values(3), values(4), np.array(1.0)])
    assert __file__ in str(info.value)
    np.testing.assert_array_equal(executable([values(3), values(4), np.array(0.0)])[0], values(3))


def loop_plan(body_inputs, body_outputs, states, *, sequences=(), invariants=()):
    """Return a plan that is one loop, of steps, sequences, first values and invariants."""
    body = schedule(FunctionGraph(body_inputs, body_outputs))
    slots, firsts = [Slot("scalar", "int64", (), "n")], []
    for k, v in enumerate(sequences):
        slots.append(Slot("buffer", v.type.dtype, (None, *v.type.shape), f"sequence {k}"))
    taken = iter(range(len(slots), 100))
    for (taps, _), v in zip(states, body_outputs, strict=True):
        firsts.append(next(taken) if taps else None)
        if taps:
            slots.append(Slot("buffer", v.type.dtype, (None, *v.type.shape), "first values"))
    for v in invariants:
        slots.append(
            Slot("buffer" if v.type.ndim else "scalar", v.type.dtype, v.type.shape, "invariant")
        )
    n_inputs = len(slots)
    made = []
    for (taps, keep), first, v in zip(states, firsts, body_outputs, strict=True):
        made.append(LoopState(first, taps, keep, len(slots)))
        slots.append(Slot("buffer", v.type.dtype, (None, *v.type.shape), "result"))
    n_first = n_inputs - len(invariants)
    loop = Loop(
        (0,),
        body,
        0,
        tuple(range(1, 1 + len(sequences))),
        tuple(made),
        tuple(range(n_first, n_inputs)),
    )
    outputs = tuple(state.output for state in made)
    return Plan(tuple(slots), tuple(range(n_inputs)), outputs, (), (loop,), (Source("loop", ()),))


a, b = T.dscalars("a", "b")


@pytest.mark.parametrize("keep", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("steps", [0, 1, 2, 3, 7, 20])
def test_two_taps(keep, steps):
    run = build(loop_plan([a, b], [a + b], [((-2, -1), keep)]))
    for _ in range(2):
        (got,) = run([np.array(steps), np.array([0.0, 1.0])])
    fibonacci = [0.0, 1.0]
    for _ in range(steps):
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    expected = fibonacci[2:] if keep == 0 else fibonacci[-keep:]
    np.testing.assert_array_equal(got, expected)


def test_states_that_swap():
    run = build(loop_plan([x, y], [y, x], [((-1,), 1), ((-1,), 1)]))
    first, second = values((1, 3)), values((1, 3), seed=1)
    for steps in range(5):
        got = run([np.array(steps), first, second])
        expected = (second, first) if steps % 2 else (first, second)
        np.testing.assert_array_equal(got[0], expected[0])
        np.testing.assert_array_equal(got[1], expected[1])


def test_sequences_and_invariants():
    w, h = T.dmatrix("w"), T.dvector("h")
    step = T.tanh(T.dot(h, w) + x)
    plan = loop_plan(
        [x, h, w], [step, step.sum()], [((-1,), 0), ((), 0)], sequences=[x], invariants=[w]
    )
    run = build(plan)
    rows, weights, start = values((30, 4)), values((4, 4), seed=1) * 0.3, np.zeros((1, 4))
    for layout in (rows, np.asfortranarray(rows), rows[::-1][::-1]):
        states, sums = run([np.array(30), layout, start, weights])
        h_now, expected = start[0], []
        for row in rows:
            h_now = np.tanh(h_now @ weights + row)
            expected.append(h_now)
        np.testing.assert_allclose(states, expected, rtol=1e-12)
        np.testing.assert_allclose(sums, np.sum(expected, axis=1), rtol=1e-10, atol=1e-12)
    assert "loop of %0 steps" in str(plan)


def test_a_host_op_inside_a_loop():
    count = Count("inside")
    run = build(loop_plan([x], [count(T.exp(x)) * 0.5], [((-1,), 1)]))
    (got,) = run([np.array(4), np.zeros((1, 3))])
    expected = np.zeros(3)
    for _ in range(4):
        expected = np.exp(expected) * 0.5
    np.testing.assert_allclose(got, [expected], rtol=1e-14)
    assert len(count.calls) == 4


def test_loops_that_can_not_run_are_errors():
    run = build(loop_plan([x, a], [a + x.sum()], [((-1,), 0)], sequences=[x]))
    with pytest.raises(ShapeError, match="sequence 0 of the loop is too short"):
        run([np.array(5), values((4, 2)), np.zeros(1)])
    with pytest.raises(ShapeError, match="state 0 of the loop has too few initial values"):
        run([np.array(2), values((4, 2)), np.zeros(0)])
    with pytest.raises(ShapeError, match="negative"):
        run([np.array(-1), values((4, 2)), np.zeros(1)])
    grows = build(loop_plan([x], [T.concatenate([x, x])], [((-1,), 0)]))
    with pytest.raises(ShapeError, match="another shape"):
        grows([np.array(3), np.zeros((1, 2))])
    np.testing.assert_array_equal(run([np.array(2), values((4, 2)) * 0, np.ones(1)])[0], [1, 1])


def test_checks_raise_what_they_are_told_to():
    slots = (
        Slot("buffer", "float64", (None,), "x"), Slot("scalar", "bool", (), "holds"),
        Slot("buffer", "float64", (None,), "checked"),
    )  # fmt: skip
    check = Check((0,), 0, (1,), 2, "x is not sorted", ValueError)
    run = build(Plan(slots, (0, 1), (2,), (), (check,), (Source("Assert(x, holds)", ()),)))
    np.testing.assert_array_equal(run([values(3), np.array(True)])[0], values(3))
    with pytest.raises(ValueError, match="x is not sorted") as info:
        run([values(3), np.array(False)])
    assert "Assert" in info.value.__notes__[0]
