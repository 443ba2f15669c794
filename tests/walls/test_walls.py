"""The hooks that later breadth needs, each through function() on the reference and on the Plan."""

import pickle

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym import Apply, Op, OpFromGraph, Type, Variable, function, shared
from tensorsym.ifelse import ifelse
from tensorsym.language.loop import Loop, LoopLayout
from tensorsym.schedule.plan import HostCall
from tensorsym.schedule.plan import Loop as LoopInstruction


@pytest.fixture(params=["reference", "auto"])
def mode(request):
    return request.param


class Counting(Op):
    """Adds one to a vector and counts how often it ran; only make_node and perform."""

    def __init__(self):
        self.runs = 0

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        self.runs += 1
        output_storage[0][0] = inputs[0] + 1


class Cube(Op):
    """A user's op in Theano's older style: `__props__`, itypes, perform and grad."""

    __props__ = ()
    itypes = (T.dvector,)
    otypes = (T.dvector,)

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] ** 3

    def grad(self, inputs, output_grads):
        return [3 * inputs[0] ** 2 * output_grads[0]]


class TextType(Type):
    """Values are strings."""

    __props__ = ()

    def filter(self, data, strict=False, allow_downcast=None):
        if not isinstance(data, str):
            raise TypeError("not a string")
        return data


class Length(Op):
    def make_node(self, text):
        return Apply(self, [text], [T.lscalar()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = np.array(len(inputs[0]))


def test_ifelse_computes_only_the_chosen_branch(mode):
    c, x = T.bscalar("c"), T.dvector("x")
    yes, no = Counting(), Counting()
    f = function([c, x], ifelse(c, yes(x) * 2, no(x) * 3), mode=mode)
    yes.runs = no.runs = 0
    np.testing.assert_array_equal(f(1, [1.0]), [4.0])
    assert (yes.runs, no.runs) == (1, 0)
    np.testing.assert_array_equal(f(0, [1.0]), [6.0])
    assert (yes.runs, no.runs) == (1, 1)


def test_ifelse_has_the_gradient_of_the_chosen_branch(mode):
    c, x = T.bscalar("c"), T.dscalar("x")
    f = function([c, x], T.grad(ifelse(c, x**2, x**3), x), mode=mode)
    assert (f(1, 2.0), f(0, 2.0)) == (4.0, 12.0)


def fibonacci_loop():
    before, last, scale = T.dscalar(), T.dscalar(), T.dscalar()
    body = Loop(
        [before, last, scale], [scale * (before + last)], LoopLayout(taps=((-2, -1),), others=1)
    )
    n, start, factor = T.lscalar("n"), T.dvector("start"), T.dscalar("factor")
    return n, start, factor, body(n, start, factor)[0]


def assert_runs_in_the_machine(f, mode):
    if mode == "auto":
        instructions = f.executable.plan.instructions
        assert any(isinstance(i, LoopInstruction) for i in instructions)
        assert not [
            i for i in instructions if isinstance(i, HostCall) and isinstance(i.node.op, Loop)
        ]


def test_a_loop_reads_a_state_two_steps_back(mode):
    n, start, factor, values = fibonacci_loop()
    f = function([n, start, factor], values, mode=mode)
    assert_runs_in_the_machine(f, mode)
    np.testing.assert_array_equal(f(6, [1.0, 1.0], 1.0), [2, 3, 5, 8, 13, 21])
    np.testing.assert_array_equal(f(0, [1.0, 1.0], 1.0), [])


def test_a_loop_has_a_gradient(mode):
    n, start, factor, values = fibonacci_loop()
    f = function([n, start, factor], T.grad(values[-1], [start, factor]), mode=mode)
    assert_runs_in_the_machine(f, mode)
    by_start, by_factor = f(4, [1.0, 1.0], 2.0)
    # x2 = 2(a+b), x3 = 2(b+x2), x4 = 2(x2+x3), x5 = 2(x3+x4)
    np.testing.assert_allclose(
        by_start, [2**2 * 2 * 2 + 2**4 + 2**3, 2**4 + 3 * 2**3 + 2**2 + 2**3], rtol=1
    )
    eps = 1e-6
    g = function([n, start, factor], values[-1], mode=mode)
    for k in range(2):
        step = np.eye(2)[k] * eps
        slope = (g(4, 1 + step, 2.0) - g(4, 1 - step, 2.0)) / (2 * eps)
        np.testing.assert_allclose(by_start[k], slope, rtol=1e-6)
    slope = (g(4, [1.0, 1.0], 2 + eps) - g(4, [1.0, 1.0], 2 - eps)) / (2 * eps)
    np.testing.assert_allclose(by_factor, slope, rtol=1e-6)


def test_an_op_with_only_make_node_and_perform_is_a_full_citizen(mode):
    x = T.dvector("x")
    f = function([x], T.exp(Counting()(x)).sum(), mode=mode)
    np.testing.assert_allclose(f([0.0, 1.0]), np.exp([1.0, 2.0]).sum())


def test_a_users_gradient_is_used(mode):
    x = T.dvector("x")
    f = function([x], T.grad(Cube()(x).sum(), x), mode=mode)
    np.testing.assert_allclose(f([1.0, 2.0]), [3.0, 12.0])


def test_sizes_known_only_at_run_time(mode):
    x = T.dvector("x")
    f = function([x], [T.nonzero(x)[0], x[x > 0], x[x > 0].sum()], mode=mode)
    for value in ([0.0, 2.0, -1.0, 3.0], [-1.0], []):
        array = np.array(value)
        places, positive, total = f(array)
        np.testing.assert_array_equal(places, np.nonzero(array)[0])
        np.testing.assert_array_equal(positive, array[array > 0])
        assert total == array[array > 0].sum()


def test_a_random_stream_draws_new_numbers_by_its_default_update(mode):
    streams = tensorsym.tensor.shared_randomstreams.RandomStreams(seed=7)
    f = function([], streams.uniform((3,)), mode=mode)
    first, second = f(), f()
    assert not np.array_equal(first, second)
    again = tensorsym.tensor.shared_randomstreams.RandomStreams(seed=7)
    g = function([], again.uniform((3,)), mode=mode)
    np.testing.assert_array_equal(g(), first)
    frozen = function([], again.uniform((3,)), no_default_updates=True, mode=mode)
    np.testing.assert_array_equal(frozen(), frozen())


def test_an_op_from_a_graph_computes_and_differentiates(mode):
    a, b = T.dscalars("a", "b")
    product = OpFromGraph([a, b], [a * b, a + b])
    x, y = T.dscalars("x", "y")
    first, second = product(x, y)
    f = function([x, y], [first * second, *T.grad(first * second, [x, y])], mode=mode)
    value, by_x, by_y = f(2.0, 3.0)
    assert (value, by_x, by_y) == (30.0, 2 * 2 * 3 + 9, 4 + 2 * 2 * 3)


def test_a_function_pickles_with_its_shared_values(mode):
    state = shared(np.arange(3.0), name="state")
    x = T.dvector("x")
    f = function([x], state * x, updates=[(state, state + x)], mode=mode)
    g = pickle.loads(pickle.dumps(f))
    np.testing.assert_array_equal(g(np.ones(3)), [0, 1, 2])
    np.testing.assert_array_equal(g(np.ones(3)), [1, 2, 3])
    np.testing.assert_array_equal(state.get_value(), [0, 1, 2])


def test_values_that_are_no_tensors_travel(mode):
    text = TextType()("text")
    assert isinstance(text, Variable)
    f = function([text], [Length()(text) + 1, text], mode=mode)
    assert f("four") == [5, "four"]
    with pytest.raises(TypeError, match="not a string"):
        f(4)
