"""Loops through `function`: one instruction, with the values of the reference and of NumPy."""

import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.numeric import check_derivatives

import tensorsym.tensor as T
from tensorsym import function, shared
from tensorsym.errors import ShapeError
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.loop import Loop, LoopLayout, map_index
from tensorsym.language.random import random_state_type, uniform
from tensorsym.schedule.build import schedule
from tensorsym.schedule.plan import HostCall, Kernel, LibraryCall
from tensorsym.schedule.plan import Loop as LoopInstruction

RNG = np.random.default_rng(3)


def loops_of(f):
    """Return the loops of a function's plan; no host call stands in for one."""
    instructions = f.executable.plan.instructions
    assert not [i for i in instructions if isinstance(i, HostCall) and isinstance(i.node.op, Loop)]
    return [i for i in instructions if isinstance(i, LoopInstruction)]


def both(inputs, outputs, arrays):
    """Return results of the machine, checked to be those of the reference, types and shapes too."""
    f = function(inputs, outputs, on_unused_input="ignore")
    assert loops_of(f)
    reference = function(inputs, outputs, mode="reference", on_unused_input="ignore")
    wanted = reference(*arrays)
    for _ in range(2):
        found = f(*arrays)
        for a, b in zip(found, wanted, strict=True):
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    return found


class Refuse(Op):
    """Hand a vector on until its sum is over a limit."""

    __props__ = ("limit",)

    def __init__(self, limit):
        self.limit = limit

    def make_node(self, v):
        return Apply(self, [v], [v.type()])

    def perform(self, node, inputs, output_storage):
        if inputs[0].sum() > self.limit:
            raise ArithmeticError("over the limit")
        output_storage[0][0] = inputs[0] * 1.0


def some_loop(taps, carried, collected, sequences, until):
    """Return a loop of vectors with the given parts; the inputs and their names; a cost."""
    elements = [T.dvector() for _ in range(sequences)]
    states = [[T.dvector() for _ in offsets] for offsets in taps]
    kept = [T.dvector() for _ in range(carried)]
    other = T.dvector()
    everything = [*elements, *[v for group in states for v in group], *kept, other]
    total = T.tanh(sum(v * (0.3 + 0.1 * k) for k, v in enumerate(everything)))
    new = [total * (k + 1) - group[0] * 0.5 for k, group in enumerate(states)]
    # Carried values trade places: none may be overwritten before the others are read.
    rotated = [*kept[1:], kept[0] + total] if kept else []
    made = [total.sum() + k if k % 2 else total - k for k in range(collected)]
    condition = [T.gt(total.sum(), 1.0)] if until else []
    layout = LoopLayout(sequences, taps, carried, collected, 1, until)
    return Loop(everything, [*new, *rotated, *made, *condition], layout)


TAPS = st.lists(st.sampled_from([(-1,), (-2, -1), (-3, -1), (-2,)]), max_size=2).map(tuple)


@settings(max_examples=30, deadline=None)
@given(
    TAPS,
    st.integers(0, 3),
    st.integers(0, 2),
    st.integers(0, 2),
    st.booleans(),
    st.integers(0, 9),
    st.data(),
)
def test_random_loops_and_their_gradients_equal_the_reference(
    taps, carried, collected, sequences, until, steps, data
):
    loop = some_loop(taps, carried, collected, sequences, until)
    n = T.lscalar("n")
    stacks = [T.dmatrix() for _ in range(sequences + len(taps))]
    vectors = [T.dvector() for _ in range(carried + 1)]
    outputs = loop(n, *stacks, *vectors, return_list=True)
    seed = data.draw(st.integers(0, 1000))
    rng = np.random.default_rng(seed)
    arrays = [np.array(steps)] + [
        rng.normal(size=(9 if k < sequences else 3, 2)) for k in range(len(stacks))
    ]
    arrays += [rng.normal(size=2) for _ in vectors]
    inputs = [n, *stacks, *vectors]
    real = outputs[:-1]
    if not real:
        both(inputs, outputs, arrays)
        return
    cost = sum((v**2).sum() * (k + 1) for k, v in enumerate(real))
    gradients = T.grad(cost, [*stacks, *vectors], disconnected_inputs="ignore")
    both(inputs, [*outputs, *gradients], arrays)
    kept = data.draw(st.lists(st.sampled_from(outputs), min_size=1, max_size=2))
    both(inputs, kept, arrays)


def test_derivatives_of_a_compiled_loop_equal_differences():
    loop = some_loop(((-2, -1),), 1, 1, 1, until=False)
    inputs = [T.dmatrix(), T.dmatrix(), T.dvector(), T.dvector()]
    states, last, made, _ = loop(4, *inputs)
    cost = (states**2).sum() + (last * made[1]).sum()
    arrays = [
        RNG.normal(size=(5, 3)),
        RNG.normal(size=(2, 3)),
        RNG.normal(size=3),
        RNG.normal(size=3),
    ]
    wanted = function(inputs, T.grad(cost, inputs), mode="reference")(*arrays)
    f = function(inputs, T.grad(cost, inputs))
    assert len(loops_of(f)) >= 2
    for a, b in zip(f(*arrays), wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)
    check_derivatives(cost, inputs, arrays, order=1)


def test_bodies_are_rewritten_and_use_kernels_and_the_library():
    x, h, w = T.dvector(), T.dvector(), T.dmatrix()
    loop = Loop([x, h, w], [T.log(1 + T.exp(T.dot(h, w) + x))], LoopLayout(1, ((-1,),), others=1))
    stack, start, matrix = T.dmatrix(), T.dmatrix(), T.dmatrix()
    f = function([stack, start, matrix], loop(stack.shape[0], stack, start, matrix)[0])
    (found,) = loops_of(f)
    body = found.body.instructions
    assert [
        step.op for i in body if isinstance(i, Kernel) for step in i.steps if step.op != "add"
    ] == ["softplus"]
    assert any(isinstance(i, LibraryCall) for i in body)
    assert not any(isinstance(i, HostCall) for i in body)
    rows, weights, state = RNG.normal(size=(7, 3)), RNG.normal(size=(3, 3)), np.zeros(3)
    wanted = []
    for row in rows:
        state = np.log1p(np.exp(state @ weights + row))
        wanted.append(state)
    np.testing.assert_allclose(f(rows, np.zeros((1, 3)), weights), wanted, rtol=1e-12)


@pytest.mark.parametrize("last", [0, 1, 63, 64, 65, 200, 10**6])
def test_a_condition_ends_a_loop_of_unknown_length(last):
    a, c, limit = T.dscalar(), T.lscalar(), T.lscalar()
    loop = Loop(
        [a, c, limit],
        [a + c, c + 1, a * 2.0, T.ge(c, limit)],
        LoopLayout(taps=((-1,),), carried=1, collected=1, others=1, until=True),
    )
    n, stop = T.lscalar(), T.lscalar()
    f = function([n, stop], loop(n, T.zeros((1,)), np.int64(0), stop))
    assert loops_of(f)
    sums, count, doubled, done = f(300, last)
    steps = min(300, last + 1)
    wanted = np.cumsum(np.arange(steps, dtype=float))
    assert (count, done) == (steps, steps)
    np.testing.assert_array_equal(sums, wanted)
    np.testing.assert_array_equal(doubled, 2 * np.concatenate([[0], wanted[:-1]]))


def test_a_random_state_is_carried_and_the_callers_is_left_alone():
    r, c = random_state_type(), T.dscalar()
    new_state, number = uniform(r, size=())
    loop = Loop([r, c], [new_state, c + number, number], LoopLayout(carried=2, collected=1))
    state, n = random_state_type(), T.lscalar()
    f = function([n, state], loop(n, state, 0.0)[:3])
    assert loops_of(f)
    for steps in (0, 1, 5):
        mine = np.random.RandomState(9)
        after, total, numbers = f(steps, mine)
        wanted = np.random.RandomState(9).uniform(size=steps)
        np.testing.assert_allclose(numbers, wanted)
        np.testing.assert_allclose(total, wanted.sum())
        again = np.random.RandomState(9)
        assert mine.uniform() == again.uniform()
        again.seed(9)
        again.uniform(size=steps)
        assert after is not mine
        assert after.uniform() == again.uniform()


def test_a_failing_step_leaves_nothing_behind_and_shared_values_intact():
    h, r = T.dvector(), random_state_type()
    new_state, number = uniform(r, size=())
    loop = Loop(
        [h, r], [Refuse(10)(h + number + 1), new_state], LoopLayout(taps=((-1,),), carried=1)
    )
    total = shared(np.zeros(4), name="total")
    start, state, n = T.dmatrix(), random_state_type(), T.lscalar()
    values = loop(n, start, state)[0]
    f = function([n, start, state], values, updates=[(total, total + values[-1])])
    assert loops_of(f)
    first, mine = np.zeros((1, 4)), np.random.RandomState(1)
    f(1, first, mine)
    before, counts = total.get_value(), (sys.getrefcount(first), sys.getrefcount(mine))
    for _ in range(50):
        with pytest.raises(ArithmeticError, match="over the limit") as info:
            f(1000, first, mine)
    assert any(__file__ in note for note in info.value.__notes__)
    del info
    np.testing.assert_array_equal(total.get_value(), before)
    assert (sys.getrefcount(first), sys.getrefcount(mine)) == counts
    np.testing.assert_array_equal(first, 0)
    assert f(1, first, mine).shape == (1, 4)


def test_shapes_that_differ_between_steps_are_errors():
    i, x = T.lscalar(), T.dvector()
    grows = Loop([i, x], [i + 1, x[:i]], LoopLayout(carried=1, collected=1, others=1))
    v = T.dvector()
    f = function([v], grows(3, np.int64(0), v)[1])
    with pytest.raises(ShapeError, match="another shape than the step before"):
        f(np.ones(5))


def test_several_threads_share_a_function():
    loop = some_loop(((-2, -1),), 2, 1, 1, until=True)
    inputs = [T.dmatrix(), T.dmatrix(), T.dvector(), T.dvector(), T.dvector()]
    f = function(inputs, loop(50, *inputs))
    jobs = []
    for _ in range(4):
        jobs.append([RNG.normal(size=s) for s in ((60, 3), (2, 3), (3,), (3,), (3,))])
    wanted = [f(*job) for job in jobs]
    wrong = []

    def work(job, values):
        for _ in range(100):
            if not all(np.array_equal(a, b) for a, b in zip(f(*job), values, strict=True)):
                wrong.append(job)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(jobs, wanted, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_loops_inside_loops():
    m, v = T.dmatrix("m"), T.dvector("v")
    (table,) = map_index(lambda i: map_index(lambda j: [m[i, j] * v], m.shape[1]), m.shape[0])
    f = function([m, v], [table, T.grad((table**2).sum(), m)])
    (outer, *_) = loops_of(f)
    assert any(isinstance(i, LoopInstruction) for i in outer.body.instructions)
    a, b = RNG.normal(size=(3, 4)), RNG.normal(size=2)
    found, gradient = f(a, b)
    np.testing.assert_allclose(found, a[:, :, None] * b)
    np.testing.assert_allclose(gradient, 2 * a * (b**2).sum())


def test_one_loop_used_twice_makes_of_each_what_is_read():
    s = T.dscalar()
    loop = Loop([s], [s + 1, s * 2, s * 3], LoopLayout(taps=((-1,),), collected=2))
    x, y = T.dvectors("x", "y")
    first, second = loop(3, x, return_list=True), loop(2, y, return_list=True)
    plan = schedule(FunctionGraph([x, y], [first[1], second[2]]))
    assert [len(i.states) for i in plan.instructions if isinstance(i, LoopInstruction)] == [2, 2]
    f = function([x, y], [first[1], second[2], second[0]])
    doubled, tripled, sums = f([1.0], [5.0])
    np.testing.assert_array_equal(doubled, [2, 4, 6])
    np.testing.assert_array_equal(tripled, [15, 18])
    np.testing.assert_array_equal(sums, [6, 7])


def test_a_carried_sum_grows_in_place():
    x, total = T.dmatrix(), T.dmatrix()
    loop = Loop([x, total], [total + T.exp(x)], LoopLayout(sequences=1, carried=1))
    stack, start = T.dtensor3(), T.dmatrix()
    f = function([stack, start], loop(stack.shape[0], stack, start)[0])
    (found,) = loops_of(f)
    kernels = [i for i in found.body.instructions if isinstance(i, Kernel)]
    assert [len(k.reuse) for k in kernels] == [1]
    a, b = RNG.normal(size=(6, 2, 3)), RNG.normal(size=(2, 3))
    kept = b.copy()
    np.testing.assert_allclose(f(a, b), b + np.exp(a).sum(axis=0))
    np.testing.assert_array_equal(b, kept)
