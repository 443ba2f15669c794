"""Random draws: NumPy's numbers from the same state, shapes, the state passed on."""

import numpy as np
import pytest
from tests.numeric import run

import tensorsym.tensor as T
from tensorsym.language import random as draws

SEED = 3
R = draws.random_state_type("r")


def oracle():
    return np.random.RandomState(SEED)


# What is drawn, and the same by NumPy.
CASES = {
    "uniform": (lambda: draws.uniform(R, (2, 3), -1, 2.0), lambda s: s.uniform(-1, 2, (2, 3))),
    "uniform of arguments": (
        lambda: draws.uniform(R, None, T.constant([0.0, 5.0]), T.constant([1.0, 6.0])),
        lambda s: s.uniform([0, 5], [1, 6]),
    ),
    "normal": (lambda: draws.normal(R, (4,), 1.0, 2.0), lambda s: s.normal(1, 2, 4)),
    "binomial": (lambda: draws.binomial(R, (4,), 10, 0.3), lambda s: s.binomial(10, 0.3, 4)),
    "poisson": (lambda: draws.poisson(R, (3,), 4.0), lambda s: s.poisson(4, 3)),
    "integers": (
        lambda: draws.random_integers(R, (5,), 0, 9),
        lambda s: [s.randint(0, 10) for _ in range(5)],
    ),
    "choice": (lambda: draws.choice(R, (4,), 5), lambda s: s.choice(5, 4)),
    "weighted choice": (
        lambda: draws.choice(R, (4,), [3, 7, 9], True, [0.1, 0.2, 0.7]),
        lambda s: s.choice([3, 7, 9], 4, p=[0.1, 0.2, 0.7]),
    ),
    "choice without replacement": (
        lambda: draws.choice(R, (4,), 5, replace=False),
        lambda s: s.choice(5, 4, replace=False),
    ),
    "permutation": (lambda: draws.permutation(R, None, 6), lambda s: s.permutation(6)),
    "permutations": (
        lambda: draws.permutation(R, (2,), 3),
        lambda s: [s.permutation(3) for _ in range(2)],
    ),
    "multinomial": (
        lambda: draws.multinomial(R, (2,), 10, [0.3, 0.7]),
        lambda s: [s.multinomial(10, [0.3, 0.7]) for _ in range(2)],
    ),
    "multinomial of rows": (
        lambda: draws.multinomial(R, None, 10, [[0.3, 0.7], [0.5, 0.5]]),
        lambda s: [s.multinomial(10, p) for p in ([0.3, 0.7], [0.5, 0.5])],
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_numbers_are_those_of_numpy_and_the_state_moves_on(name):
    build, by_numpy = CASES[name]
    state, numbers = build()
    given, reference = oracle(), oracle()
    after, found = run([R], [state, numbers], [given])
    np.testing.assert_array_equal(found, np.asarray(by_numpy(reference), dtype=numbers.dtype))
    assert found.ndim == numbers.ndim
    assert R.type.values_eq(after, reference)
    assert R.type.values_eq(given, oracle()), "the state given is not advanced"


def test_two_draws_in_a_row_differ_and_two_from_one_state_agree():
    state, first = draws.normal(R, (3,))
    _, second = draws.normal(state, (3,))
    _, again = draws.normal(R, (3,))
    a, b, c = run([R], [first, second, again], [oracle()])
    assert (a != b).all()
    assert (a == c).all()


def test_in_place_draws_advance_the_state_given():
    op = draws.RandomFunction("normal", T.TensorType("float64", (False,)), inplace=True)
    assert op.destroy_map == {0: [0]}
    state = oracle()
    storage = [[None], [None]]
    node = op.make_node(R, (2,), 0.0, 1.0)
    op.perform(node, [state, np.array([2]), np.array(0.0), np.array(1.0)], storage)
    assert storage[0][0] is state
    assert not R.type.values_eq(state, oracle())


def test_lengths_of_minus_one_are_those_of_arguments():
    average = T.dvector()
    _, numbers = draws.normal(R, (2, -1), average)
    assert run([R, average], numbers, [oracle(), [0.0, 10.0, 20.0]]).shape == (2, 3)


def test_symbolic_sizes_need_a_known_number_of_lengths():
    size = T.lvector()
    _, numbers = draws.uniform(R, size, ndim=2)
    assert run([R, size], numbers, [oracle(), [2, 3]]).shape == (2, 3)
    with pytest.raises(ValueError, match="give ndim"):
        draws.uniform(R, size)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: draws.uniform(R, (2,), ndim=3), "3"),
        (lambda: draws.uniform(R, (2,), T.dmatrix()), "2 dimensions"),
        (lambda: draws.uniform(R, (-2,)), "can not be -2"),
        (lambda: draws.uniform(R, (-1,)), "must be that of an argument"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_only_random_states_are_random_states():
    with pytest.raises(TypeError, match="RandomState"):
        draws.random_state_type.filter(3)
    with pytest.raises(TypeError):
        draws.uniform(T.dscalar(), (2,))


def test_draws_have_no_gradient():
    x = T.dscalar()
    _, numbers = draws.normal(R, (2,), x)
    with pytest.raises(TypeError, match="random numbers"):
        T.grad(numbers.sum(), x)


def test_dtypes_follow_floatx_and_the_arguments():
    assert draws.uniform(R, (2,), dtype="float32")[1].dtype == "float32"
    assert draws.uniform(R, (2,))[1].dtype == "float64"
    assert draws.binomial(R, (2,), dtype="int8")[1].dtype == "int8"
