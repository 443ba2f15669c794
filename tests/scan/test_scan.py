"""`scan` and its forms: values against loops over NumPy arrays, gradients against differences.

Numbers of random streams, truncated gradients and the forms of arguments are Theano's answers.
"""

import numpy as np
import pytest
from tests.numeric import check_derivatives

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.errors import LoopStateError, MissingInputError, RankError, ShapeError, UpdateError
from tensorsym.language.loop import Loop
from tensorsym.schedule.plan import HostCall
from tensorsym.schedule.plan import Loop as LoopInstruction
from tensorsym.tensor.shared_randomstreams import RandomStreams

RNG = np.random.default_rng(5)
v, w = T.dvectors("v", "w")
m = T.dmatrix("m")
x, y = T.dscalars("x", "y")
n = T.lscalar("n")
SEVEN = np.arange(7.0)


@pytest.fixture(params=["FAST_RUN", "reference"])
def mode(request):
    return request.param


def run(mode, inputs, outputs, *arrays, updates=None):
    compiled = theano.function(
        inputs, outputs, updates=updates, mode=mode, on_unused_input="ignore"
    )
    return compiled(*arrays)


def plan_of(inputs, outputs):
    return theano.function(inputs, outputs).executable.plan


# what a step is given


def test_cumulative_sums(mode):
    sums, updates = theano.scan(lambda a, s: s + a, sequences=m, outputs_info=T.zeros_like(m[0]))
    array = RNG.normal(size=(5, 3))
    np.testing.assert_allclose(run(mode, [m], sums, array), np.cumsum(array, axis=0))
    assert len(updates) == 0


def test_powers(mode):
    powers, _ = theano.scan(
        lambda p, base: p * base, outputs_info=T.ones_like(v), non_sequences=v, n_steps=n
    )
    found = run(mode, [v, n], powers, [1.0, 2.0, 3.0], 4)
    np.testing.assert_array_equal(found, np.array([1.0, 2.0, 3.0]) ** np.arange(1, 5)[:, None])


@pytest.mark.parametrize(
    ("taps", "wanted"),
    [
        ([-1, 0, 2], [310, 421, 532, 643]),
        ([2, -1], [3, 14, 25, 36]),
        ([2], [2, 3, 4, 5, 6]),
        ([-2], [0, 1, 2, 3, 4]),
        (-1, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_sequences_with_taps(mode, taps, wanted):
    def step(*elements):
        return sum(10**k * e for k, e in enumerate(elements))

    found, _ = theano.scan(step, sequences=dict(input=v, taps=taps))
    np.testing.assert_array_equal(run(mode, [v], found, SEVEN), wanted)


def test_taps_of_a_sequence_read_backwards(mode):
    found, _ = theano.scan(
        lambda a, b: a + 10 * b, sequences=dict(input=v, taps=[0, 1]), go_backwards=True
    )
    np.testing.assert_array_equal(run(mode, [v], found, SEVEN[:5]), [43, 32, 21, 10])


def test_fibonacci_reads_two_steps_back(mode):
    numbers, _ = theano.scan(
        lambda a, b: a + b, outputs_info=dict(initial=v, taps=[-2, -1]), n_steps=n
    )
    for steps in (0, 1, 2, 3, 9):
        wanted = [0, 1]
        for _ in range(steps):
            wanted.append(wanted[-1] + wanted[-2])
        np.testing.assert_array_equal(run(mode, [v, n], numbers, [0.0, 1.0], steps), wanted[2:])


def test_initial_values_are_the_first_as_many_as_are_read(mode):
    found, _ = theano.scan(
        lambda a, b: a + 10 * b, outputs_info=dict(initial=v, taps=[-1, -3]), n_steps=2
    )
    np.testing.assert_array_equal(run(mode, [v], found, [1.0, 2, 3, 4, 5]), [13, 33])


def test_arguments_come_in_the_order_sequences_states_others(mode):
    given = []

    def step(a0, b1, b0, h2, h1, k, c):
        given[:] = [a0, b1, b0, h2, h1, k, c]
        return h2 + h1 + a0, k + b0 * b1 * c, a0 * c

    (h, k, alone), _ = theano.scan(
        step,
        sequences=[v, dict(input=w, taps=[1, 0])],
        outputs_info=[dict(initial=m[0], taps=[-2, -1]), x, None],
        non_sequences=y,
    )
    arrays = [SEVEN + 1, SEVEN - 2, RNG.normal(size=(1, 2)), 0.5, 3.0]
    found = run(mode, [v, w, m, x, y], [h, k, alone], *arrays)
    history, count, products = list(arrays[2][0]), [0.5], []
    for t in range(6):
        history.append(history[-2] + history[-1] + arrays[0][t])
        count.append(count[-1] + arrays[1][t] * arrays[1][t + 1] * 3.0)
        products.append(arrays[0][t] * 3.0)
    for got, wanted in zip(found, (history[2:], count[1:], products), strict=True):
        np.testing.assert_allclose(got, wanted)
    assert given[-1] is y


def test_the_shortest_sequence_says_how_many_steps_there_are(mode):
    found, _ = theano.scan(lambda a, b: a * b, sequences=[v, w])
    np.testing.assert_array_equal(run(mode, [v, w], found, [1.0, 2, 3], [4.0, 5]), [4, 10])


def test_backwards_starts_at_the_end_also_for_fewer_steps(mode):
    found, _ = theano.scan(lambda a: a * 2, sequences=v, n_steps=2, go_backwards=True)
    np.testing.assert_array_equal(run(mode, [v], found, [1.0, 2, 3]), [6, 4])


def test_variables_from_outside_need_not_be_listed(mode):
    s = theano.shared(np.array([2.0, 3.0]))
    found, _ = theano.scan(lambda a: a * s * T.exp(x), sequences=v)
    got = run(mode, [v, x], found, [1.0, 2.0], 0.5)
    np.testing.assert_allclose(got, np.outer([1.0, 2.0], [2.0, 3.0]) * np.exp(0.5))


def test_what_no_step_changes_is_computed_once():
    found, _ = theano.scan(lambda a: a * T.exp(w).sum(), sequences=v)
    (loop,) = [i for i in plan_of([v, w], found).instructions if isinstance(i, LoopInstruction)]
    assert "exp" not in str(loop.body)


def test_python_numbers_and_arrays_become_variables(mode):
    halves, _ = theano.scan(
        lambda a, h: h / a, sequences=np.arange(1.0, 4), outputs_info=np.float64(6)
    )
    np.testing.assert_array_equal(run(mode, [], halves), [6, 3, 1])


def test_the_first_value_may_broadcast_if_the_values_have_its_lengths(mode):
    sums, _ = theano.scan(lambda a, s: s + a, sequences=m, outputs_info=T.zeros((1,)))
    np.testing.assert_array_equal(run(mode, [m], sums, [[1.0], [2.0]]), [[1], [3]])
    with pytest.raises((ShapeError, AssertionError)):
        run(mode, [m], sums, np.ones((2, 3)))


# what a step returns


def test_until_ends_the_loop_after_its_step(mode):
    powers, _ = theano.scan(
        lambda p: (p * 2, theano.scan_module.until(p * 2 > x)),
        outputs_info=T.constant(1.0, dtype="float64"),
        n_steps=50,
    )
    np.testing.assert_array_equal(run(mode, [x], powers, 45.0), [2, 4, 8, 16, 32, 64])
    assert run(mode, [x], powers, 1e300).shape == (50,)


def test_until_gradients_flow_through_the_steps_done():
    products, _ = theano.scan(
        lambda a, p: (p * a, theano.scan_module.until(p * a > 5)), sequences=v, outputs_info=x
    )
    cost = T.sum(products**2)
    check_derivatives(cost, [v, x], [np.array([2.0, 1.5, 2.5, 3.0, 4.0]), 1.0], order=1)


def test_updates_of_shared_variables_are_carried_and_returned(mode):
    s = theano.shared(1.0, name="s")
    found, updates = theano.scan(lambda b: (b * s, {s: s + b}), sequences=v)
    got = run(mode, [v], found, [1.0, 2.0, 3.0], updates=updates)
    np.testing.assert_array_equal(got, [1, 4, 12])
    assert s.get_value() == 7
    assert list(updates) == [s]


@pytest.mark.parametrize(
    "form",
    [
        lambda s, b: {s: s + b},
        lambda s, b: [(s, s + b)],
        lambda s, b: ([], {s: s + b}),
        lambda s, b: ({s: s + b}, theano.scan_module.until(b > 100)),
    ],
)
def test_a_step_may_return_updates_only(form):
    s = theano.shared(0.0)
    found, updates = theano.scan(lambda b: form(s, b), sequences=v)
    assert found is None
    theano.function([v], [], updates=updates)([1.0, 2.0])
    assert s.get_value() == 3


@pytest.mark.parametrize(
    "form",
    [
        lambda b: None,
        lambda b: 1.0,
        lambda b: [b, 1.0],
        lambda b: (theano.scan_module.until(b > 2), b),
        lambda b: (b, {}, b > 2),
        lambda b: ({}, [b]),
    ],
)
def test_other_forms_are_refused(form):
    with pytest.raises(ValueError, match="outputs, updates, until"):
        theano.scan(form, sequences=v)


def test_a_list_comes_back_where_it_is_asked_for():
    assert isinstance(theano.scan(lambda a: a, v)[0], theano.Variable)
    assert len(theano.scan(lambda a: a, v, return_list=True)[0]) == 1
    assert theano.scan(lambda a: [], v)[0] is None


# random numbers


def streams_function(step, mode, **kwargs):
    found, updates = theano.scan(step, sequences=v, **kwargs)
    return theano.function([v], found, updates=updates, mode=mode)


def test_a_draw_in_a_step_is_new_in_every_step_and_call(mode):
    stream = RandomStreams(7)
    f = streams_function(lambda a: a + stream.uniform(()), mode)
    first = [0.055749463523702913, 0.5019673520362743, 0.41076315608809444]
    second = [0.34854524632057327, 0.23155819153857315, 0.033000777765186506]
    np.testing.assert_array_equal([f(np.zeros(3)), f(np.zeros(3))], [first, second])


def test_a_draw_given_as_non_sequence_is_one_for_all_steps(mode):
    mask = RandomStreams(7).binomial((3,), p=0.5)
    f = streams_function(lambda a, drop: a * drop, mode, non_sequences=mask)
    np.testing.assert_array_equal(f([1.0, 2.0]), [[0, 1, 0], [0, 2, 0]])


def test_a_draw_from_outside_is_made_in_every_step(mode):
    mask = RandomStreams(7).binomial((3,), p=0.5)
    f = streams_function(lambda a: a * mask, mode)
    np.testing.assert_array_equal(f([1.0, 2.0]), [[0, 1, 0], [0, 0, 0]])
    np.testing.assert_array_equal(f([1.0, 2.0]), [[1, 1, 1], [2, 0, 2]])


def test_draws_and_states_together(mode):
    stream = RandomStreams(7)
    f = streams_function(lambda a, p: p + a * stream.normal(()), mode, outputs_info=np.float64(0))
    np.testing.assert_array_equal(f([1.0, 2.0]), [0.0030451329784748566, -1.372206407555176])
    np.testing.assert_array_equal(f([1.0, 2.0]), [-1.7617600953880213, -3.8378112832580036])


def test_gradients_see_the_numbers_drawn():
    stream = RandomStreams(3)
    walk, updates = theano.scan(lambda p: p * stream.normal(()), outputs_info=x, n_steps=4)
    f = theano.function([x], [walk[-1], T.grad(walk[-1], x)], updates=updates)
    for _ in range(2):
        value, slope = f(2.0)
        np.testing.assert_allclose(value, 2 * slope)


# gradients


def rnn(steps=4, batch=2, width=3):
    parameters = [RNG.normal(size=s) * 0.5 for s in ((width, width), (width, width), (width,))]
    start, inputs = RNG.normal(size=(batch, width)), RNG.normal(size=(steps, batch, width))
    symbols = [T.dmatrix(), T.dmatrix(), T.dvector(), T.dmatrix(), T.dtensor3()]
    u, r, b, h0, sequence = symbols
    states, _ = theano.scan(
        lambda s, h: T.tanh(T.dot(s, u) + T.dot(h, r) + b), sequences=sequence, outputs_info=h0
    )
    return symbols, states, [*parameters, start, inputs]


def test_a_recurrent_network_forward(mode):
    symbols, states, arrays = rnn()
    u, r, b, h, inputs = arrays
    wanted = []
    for s in inputs:
        h = np.tanh(s @ u + h @ r + b)
        wanted.append(h)
    np.testing.assert_allclose(run(mode, symbols, states, *arrays), wanted, rtol=1e-13)


def test_gradients_of_a_recurrent_network():
    symbols, states, arrays = rnn(steps=3)
    check_derivatives(T.sum(states[-1] ** 2) + T.sum(T.sin(states)), symbols, arrays, order=2)


def test_compiled_gradients_are_the_reference_executors():
    symbols, states, arrays = rnn()
    gradients = T.grad(T.sum(states[-1] ** 2) + states.sum(), symbols)
    compiled = run("FAST_RUN", symbols, gradients, *arrays)
    reference = run("reference", symbols, gradients, *arrays)
    for got, wanted in zip(compiled, reference, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)


def test_gradients_with_taps_of_sequences_and_states():
    found, _ = theano.scan(
        lambda a, b, h3, h1, c: T.sin(a * h3) + b * h1 * c,
        sequences=dict(input=v, taps=[0, 1]),
        outputs_info=dict(initial=w, taps=[-3, -1]),
        non_sequences=x,
    )
    arrays = [RNG.normal(size=6), RNG.normal(size=3), 0.7]
    check_derivatives(T.sum(found**2), [v, w, x], arrays)


def test_gradients_by_shared_variables():
    s = theano.shared(np.array([0.5, -1.0]))
    found, _ = theano.scan(lambda a, p: p * s + a, sequences=v, outputs_info=T.ones(2))
    gradient = theano.function([v], T.grad(found.sum(), s))
    p, d, total = np.ones(2), np.zeros(2), np.zeros(2)
    for a in SEVEN[:4]:
        p, d = p * s.get_value() + a, d * s.get_value() + p
        total += d
    np.testing.assert_allclose(gradient(SEVEN[:4]), total)


def test_gradients_backwards():
    found, _ = theano.scan(
        lambda a, p: T.tanh(p + a), sequences=v, outputs_info=x, go_backwards=True
    )
    check_derivatives(found[-1] ** 2, [v, x], [RNG.normal(size=4), 0.1])


@pytest.mark.parametrize("compiled", ["FAST_RUN", "reference"])
@pytest.mark.parametrize(
    ("truncate", "wanted"),
    [
        (2, [[0, 0, 48, 30], 0, 450]),
        (9, [[124, 82, 48, 30], 248, 944]),
        (-1, [[124, 82, 48, 30], 248, 944]),
    ],
)  # fmt: skip
def test_truncated_gradients_flow_through_the_last_steps(truncate, wanted, compiled):
    products, _ = theano.scan(
        lambda b, p, c: b * p * c,
        sequences=v,
        outputs_info=x,
        non_sequences=y,
        truncate_gradient=truncate,
    )
    gradients = T.grad(products.sum(), [v, x, y])
    found = run(compiled, [v, x, y], gradients, [2.0, 3, 5, 7], 1.0, 1.0)
    for got, expected in zip(found, wanted, strict=True):
        np.testing.assert_allclose(got, expected)


def test_truncated_gradients_with_several_taps():
    found, _ = theano.scan(
        lambda a, b, c: a + b * c,
        outputs_info=dict(initial=v, taps=[-2, -1]),
        non_sequences=y,
        n_steps=4,
        truncate_gradient=2,
    )
    by_v, by_y = run("FAST_RUN", [v, y], T.grad(found.sum(), [v, y]), [2.0, 3.0], 2.0)
    np.testing.assert_array_equal(by_v, [0, 0])
    assert by_y == 103


# loops in loops


def outer_products(mode, a, b):
    rows, _ = theano.scan(
        lambda a_i, b_: theano.scan(lambda b_j, a_: a_ * b_j, b_, non_sequences=a_i)[0],
        sequences=v,
        non_sequences=w,
    )
    return run(mode, [v, w], rows, a, b)


def test_loops_in_loops(mode):
    np.testing.assert_array_equal(
        outer_products(mode, SEVEN[:3], SEVEN[1:]), np.outer(SEVEN[:3], SEVEN[1:])
    )


def test_gradients_of_loops_in_loops():
    def row(a_i, total):
        inner, _ = theano.scan(lambda b_j, p: T.sin(p * a_i + b_j), sequences=w, outputs_info=total)
        return inner[-1]

    totals, _ = theano.scan(row, sequences=v, outputs_info=x)
    arrays = [RNG.normal(size=3), RNG.normal(size=2), 0.3]
    check_derivatives(T.sum(totals**2), [v, w, x], arrays)


def test_updates_pass_through_loops_in_loops(mode):
    s = theano.shared(0.0)

    def row(a):
        _, inner = theano.scan(lambda b: {s: s + a * b}, sequences=w)
        return inner

    _, updates = theano.scan(row, sequences=v)
    run(mode, [v, w], [], [1.0, 2.0], [3.0, 4.0], updates=updates)
    assert s.get_value() == 21


# how loops run


def test_loops_are_compiled():
    symbols, states, _ = rnn()
    plan = plan_of(symbols, states)
    assert sum(isinstance(i, LoopInstruction) for i in plan.instructions) == 1
    (loop,) = [i for i in plan.instructions if isinstance(i, LoopInstruction)]
    assert not any(isinstance(i, HostCall) for i in loop.body.instructions)


def test_gradient_loops_compute_only_the_gradients_wanted():
    symbols, states, _ = rnn()
    one = plan_of(symbols, T.grad(states.sum(), symbols[2]))
    backward = [i for i in one.instructions if isinstance(i, LoopInstruction)][-1]
    assert len(backward.states) + len(backward.carried) == 2


def test_one_step_is_no_loop(mode):
    found, _ = theano.scan(
        lambda a, b: a + 10 * b, outputs_info=dict(initial=v, taps=[-1, -3]), n_steps=1
    )
    np.testing.assert_array_equal(run(mode, [v], found, [1.0, 2, 3, 4, 5]), [13])
    nodes = theano.function([v], found).maker.fgraph.toposort()
    assert not any(isinstance(node.op, Loop) for node in nodes)
    assert not found.broadcastable[0]


def test_no_steps_give_empty_results(mode):
    states, _ = theano.scan(lambda a, p: p + a, sequences=v, outputs_info=x)
    assert run(mode, [v, x], states, np.zeros(0), 1.0).shape == (0,)


def test_a_compiled_loop_pickles_with_its_function():
    pickle = pytest.importorskip("pickle")
    found, _ = theano.scan(lambda a, p: p + a, sequences=v, outputs_info=x)
    again = pickle.loads(pickle.dumps(theano.function([v, x], found)))
    np.testing.assert_array_equal(again([1.0, 2.0], 3.0), [4, 6])


# errors


def test_errors_say_what_does_not_fit():
    with pytest.raises(ValueError, match="how many steps"):
        theano.scan(lambda a: a, outputs_info=x)
    with pytest.raises(ValueError, match="scalar integer"):
        theano.scan(lambda a: a, sequences=v, n_steps=x)
    with pytest.raises(ValueError, match="negative number of steps"):
        theano.scan(lambda a: a, sequences=v, n_steps=-2)
    with pytest.raises(ValueError, match="one entry per output, None"):
        theano.scan(lambda a: [a, a], sequences=v, outputs_info=[None])
    with pytest.raises(ValueError, match="negative and different"):
        theano.scan(lambda a, b: a, outputs_info=dict(initial=v, taps=[0, -1]), n_steps=2)
    with pytest.raises(LoopStateError, match="no initial value"):
        theano.scan(lambda a: a, outputs_info=dict(taps=[-2]), n_steps=2)
    with pytest.raises(RankError, match="elements of a scalar"):
        theano.scan(lambda a: a, sequences=x)


@pytest.mark.parametrize("first", [np.float32(1), np.ones(3)])
def test_a_state_keeps_dtype_and_rank(first):
    with pytest.raises(ValueError, match="changes its type in the first step"):
        theano.scan(lambda a, b: a.sum() + b.sum(), sequences=m, outputs_info=T.constant(first))


def test_a_strict_loop_lists_its_shared_variables(mode):
    s = theano.shared(2.0, name="s")
    with pytest.raises(MissingInputError, match="the strict loop uses s"):
        theano.scan(lambda a: a * s, sequences=v, strict=True)
    found, _ = theano.scan(lambda a, s_: a * s, sequences=v, non_sequences=[s], strict=True)
    np.testing.assert_array_equal(run(mode, [v], found, [1.0, 2.0]), [2, 4])


def test_only_shared_variables_are_updated():
    with pytest.raises(UpdateError, match="must be a SharedVariable"):
        theano.scan(lambda a: {x: a}, sequences=v)
    s = theano.shared(np.float32(1))
    with pytest.raises(TypeError, match="same type as the original shared variable"):
        theano.scan(lambda a: {s: s + a}, sequences=v)


def test_too_short_a_sequence_is_an_error(mode):
    found, _ = theano.scan(lambda a, p: p + a, sequences=v, outputs_info=x, n_steps=5)
    with pytest.raises(ShapeError):
        run(mode, [v, x], found, [1.0, 2.0], 0.0)


# map, reduce, folds, checkpoints


def test_map_and_folds(mode):
    arrays = [[1.0, 2.0, 3.0]]
    zero = T.constant(0.0, dtype="float64")
    squares = theano.map(lambda a: a**2, v)[0]
    total = theano.reduce(lambda a, s: s + a, v, zero)[0]
    left = theano.foldl(lambda a, s: 10 * s + a, v, zero)[0]
    right = theano.foldr(lambda a, s: 10 * s + a, v, zero)[0]
    found = run(mode, [v], [squares, total, left, right], *arrays)
    for got, wanted in zip(found, ([1, 4, 9], 6, 123, 321), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_reduce_with_several_states_returns_their_last_values(mode):
    (total, product), updates = theano.reduce(
        lambda a, s, p: [s + a, p * a], v, [np.float64(0), np.float64(1)]
    )
    assert run(mode, [v], [total, product], [2.0, 3.0, 4.0]) == [9, 24]
    assert len(updates) == 0


@pytest.mark.parametrize(("count", "wanted"), [(9, [3, 15, 36]), (10, [3, 15, 36, 45])])
def test_checkpoints_keep_every_nth_value(mode, count, wanted):
    sums, _ = theano.scan_checkpoints(
        lambda a, s: s + a, sequences=[v], outputs_info=[np.float64(0)], save_every_N=3
    )
    array = np.arange(float(count))
    np.testing.assert_array_equal(run(mode, [v], sums, array), wanted)
    gradient = run(mode, [v], T.grad(sums[-1] ** 2, v), array)
    np.testing.assert_allclose(gradient, np.full(count, 2 * array.sum()))


def test_a_non_sequence_that_no_step_uses_is_an_input_all_the_same():
    x, unused = T.dvectors("x", "unused")
    out, _ = theano.scan(lambda a, b: 2 * a, sequences=x, non_sequences=unused)
    f = theano.function([x, unused], [out, T.grad(out.sum(), x)])
    np.testing.assert_array_equal(f([1.0, 2.0], [0.0])[0], [2, 4])


def test_states_that_are_one_expression_have_gradients():
    start = [T.dscalar(), T.dscalar(), T.dvector(), T.dvector()]
    taps = [start[0], start[1], *[{"initial": v, "taps": [-2, -1]} for v in start[2:]]]

    def step(*values):
        total = sum(values)
        return [total] * 4

    out, _ = theano.scan(step, outputs_info=taps, n_steps=2)
    f = theano.function(start, T.grad(out[0].sum(), start))
    # The first total is a + b + c0 + c1 + d0 + d1, the second 4 totals more, without c0 and d0 but
    # with c1 and d1.
    for g, exact in zip(f(1, 1, [1, 1], [1, 1]), [5, 5, [5, 6], [5, 6]], strict=True):
        np.testing.assert_array_equal(g, exact)


def test_gradients_of_whole_numbers_do_not_enter_the_loop_back():
    x = T.dvector("x")
    (doubled, rounded), _ = theano.scan(lambda a: [2 * a, T.iround(a)], sequences=x)
    cost = (doubled * rounded).sum()
    f = theano.function([x], T.grad(cost, x))
    np.testing.assert_array_equal(f([1.0, 3.0]), [2, 6])


def test_the_tangent_of_a_loop_that_draws_passes_its_random_state_by():
    streams = T.shared_randomstreams.RandomStreams(1)
    x = T.dvector("x")
    out, updates = theano.scan(lambda a: 3 * a + streams.uniform(()), sequences=x)
    v = T.dvector("v")
    f = theano.function([x, v], T.Rop(out, x, v), updates=updates)
    np.testing.assert_array_equal(f([1.0, 2.0], [1.0, 2.0]), [3, 6])
