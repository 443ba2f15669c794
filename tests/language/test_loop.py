"""Loops: values against NumPy, derivatives against differences, laziness, pickling, errors."""

import pickle
from functools import partial

import numpy as np
import pytest
from tests import numeric
from tests.numeric import check_derivatives, run

import tensorsym.tensor as T
from tensorsym.errors import ShapeError
from tensorsym.language.innergraph import captured
from tensorsym.language.loop import Loop, LoopLayout, map_index
from tensorsym.language.random import random_state_type, uniform

RNG = np.random.default_rng(11)
STEPS = 4
ELEMENTS = RNG.uniform(-0.8, 0.8, size=(5, 3))
ELEMENTS[2] = [3, 1, 1]
START = RNG.normal(size=(2, 3))
MATRIX = RNG.normal(size=(3, 3))
WEIGHTS = RNG.normal(size=3)


@pytest.fixture(autouse=True, params=["reference", "auto"])
def _both_modes(request, monkeypatch):
    monkeypatch.setattr(f"{__name__}.run", partial(numeric.run, mode=request.param))


def two_taps(until=False):
    """Return a loop whose state is read one and two steps back, with a sequence and a matrix."""
    s, h2, h1, m = T.dvector(), T.dvector(), T.dvector(), T.dmatrix()
    new = T.tanh(T.dot(m, h1) + 0.5 * h2 * s)
    outputs = [new, (new * s).sum()] + ([T.gt(s.sum(), 2.5)] if until else [])
    layout = LoopLayout(sequences=1, taps=((-2, -1),), collected=1, others=1, until=until)
    return Loop([s, h2, h1, m], outputs, layout)


def by_numpy(steps, until=False):
    history, made = list(START), []
    for element in ELEMENTS[:steps]:
        history.append(np.tanh(MATRIX @ history[-1] + 0.5 * history[-2] * element))
        made.append((history[-1] * element).sum())
        if until and element.sum() > 2.5:
            break
    return np.array(history[2:]), np.array(made)


@pytest.mark.parametrize(("until", "done"), [(False, 4), (True, 3)])
def test_a_loop_with_two_taps_computes_what_numpy_does(until, done):
    inputs = [T.dmatrix(), T.dmatrix(), T.dmatrix()]
    outputs = two_taps(until)(STEPS, *inputs)
    states, made, steps = run(inputs, outputs, [ELEMENTS, START, MATRIX])
    wanted = by_numpy(STEPS, until)
    np.testing.assert_allclose(states, wanted[0])
    np.testing.assert_allclose(made, wanted[1])
    assert steps == done


@pytest.mark.parametrize("until", [False, True])
@pytest.mark.parametrize("steps", [4, 1])
def test_derivatives_of_a_loop_equal_differences(until, steps):
    inputs = [T.dmatrix(), T.dmatrix(), T.dmatrix()]
    states, made, _ = two_taps(until)(steps, *inputs)
    cost = (states * WEIGHTS).sum() + T.sum(made**2)
    check_derivatives(cost, inputs, [ELEMENTS, START, MATRIX], order=2 if steps == 4 else 1)


def test_a_loop_of_no_steps_gives_empty_stacks_and_zero_gradients():
    inputs = [T.dmatrix(), T.dmatrix(), T.dmatrix()]
    states, made, steps = two_taps()(0, *inputs)
    found = run(inputs, [states, made, steps], [ELEMENTS, START, MATRIX])
    assert [f.shape for f in found] == [(0, 3), (0,), ()]
    gradients = T.grad((states * WEIGHTS).sum(), inputs)
    for gradient, x in zip(
        run(inputs, gradients, [ELEMENTS, START, MATRIX]), (ELEMENTS, START, MATRIX), strict=True
    ):
        np.testing.assert_array_equal(gradient, np.zeros_like(x))


def test_a_carried_value_is_remembered_for_the_gradient():
    s, c, v = T.dscalar(), T.dvector(), T.dvector()
    loop = Loop([s, c, v], [T.sin(c) * s + v], LoopLayout(sequences=1, carried=1, others=1))
    inputs = [T.dvector(), T.dvector(), T.dvector()]
    out, _ = loop(3, *inputs)
    check_derivatives(T.sum(out**2), inputs, [RNG.normal(size=4), WEIGHTS[:2], WEIGHTS[1:]])


def test_a_loop_may_carry_a_random_state_and_its_gradient_sees_the_same_numbers():
    r, c = random_state_type(), T.dscalar()
    new_state, number = uniform(r, size=())
    loop = Loop([r, c], [new_state, c * number], LoopLayout(carried=2))
    state, start = random_state_type(), T.dscalar()
    _, product, _ = loop(3, state, start)
    found = run([state, start], [product, T.grad(product, start)], [np.random.RandomState(5), 2.0])
    wanted = np.prod(np.random.RandomState(5).uniform(size=3))
    np.testing.assert_allclose(found, [2 * wanted, wanted])


def test_map_index_stacks_and_computes_outer_values_once():
    x = T.dvector("x")
    outer = T.exp(x)
    product, alone = map_index(lambda i: [outer[i] * x, i], x.shape[0])
    loop = product.owner.op
    assert [str(n.op) for n in loop.body.function_graph.apply_nodes].count(
        "Elemwise{exp,no_inplace}"
    ) == 0
    values = run([x], [product, alone], [WEIGHTS])
    np.testing.assert_allclose(values[0], np.exp(WEIGHTS)[:, None] * WEIGHTS)
    assert values[1].tolist() == [0, 1, 2]
    check_derivatives(T.sum(product**2), [x], [WEIGHTS])


def test_what_a_body_captures_does_not_depend_on_its_inputs():
    x, i = T.dvector("x"), T.dscalar("i")
    outer = T.exp(x)
    assert captured([outer * i, x], [i]) == [outer, x]


def test_a_loop_pickles_with_its_body():
    inputs = [T.dmatrix(), T.dmatrix(), T.dmatrix()]
    again = pickle.loads(pickle.dumps(two_taps()))
    states = again(STEPS, *inputs)[0]
    np.testing.assert_allclose(run(inputs, states, [ELEMENTS, START, MATRIX]), by_numpy(STEPS)[0])


def test_inputs_that_do_not_fit_are_refused():
    loop = two_taps()
    with pytest.raises(TypeError, match="no stack of"):
        loop(1, T.dvector(), T.dmatrix(), T.dmatrix())
    with pytest.raises(TypeError, match="scalar integer"):
        loop(1.5, T.dmatrix(), T.dmatrix(), T.dmatrix())
    with pytest.raises(ValueError, match="takes 4 inputs"):
        loop(1, T.dmatrix())
    inputs = [T.dmatrix(), T.dmatrix(), T.dmatrix()]
    with pytest.raises(ShapeError, match="too short"):
        run(inputs, loop(6, *inputs), [ELEMENTS, START, MATRIX])
    with pytest.raises(ShapeError, match="too few initial values"):
        run(inputs, loop(1, *inputs), [ELEMENTS, START[:1], MATRIX])
    with pytest.raises(ValueError, match="-1 steps"):
        run(inputs, loop(-1, *inputs), [ELEMENTS, START, MATRIX])


def test_a_state_whose_new_value_has_another_type_is_refused():
    h = T.fvector()
    with pytest.raises(TypeError):
        Loop([h], [T.cast(h, "float64")], LoopLayout(taps=((-1,),)))
