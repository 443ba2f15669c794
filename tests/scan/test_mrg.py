"""MRG_RandomStreams against numbers that Theano 1.0.5 drew (tests/data/recorders/mrg.py)."""

import importlib.util
import json
import pathlib

import numpy as np
import pytest

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.errors import NullTypeGradError
from tensorsym.language.mrg import FIRST, M1, M2, SECOND, jumped, next_numbers, substreams
from tensorsym.sandbox.rng_mrg import MRG_RandomStreams, guess_n_streams

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
SPEC = importlib.util.spec_from_file_location("mrg", DATA / "recorders" / "mrg.py")
RECORDER = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(RECORDER)
ANSWERS = json.loads((DATA / "mrg.json").read_text())["answers"]
FOUND = {
    name: RECORDER.record(arrays)
    for name, arrays in RECORDER.draws(theano, T, MRG_RandomStreams).items()
}
# Sines and logarithms may differ in the last digits.
TOLERANCE = {"float64": 1e-12, "float32": 2e-6}


@pytest.mark.parametrize("name", ANSWERS)
def test_numbers_are_those_recorded_from_theano(name):
    for wanted, got in zip(ANSWERS[name], FOUND[name], strict=True):
        if name.startswith("normal"):
            np.testing.assert_allclose(
                got.pop("numbers"), wanted.pop("numbers"), rtol=TOLERANCE[wanted["dtype"]]
            )
            del got["digest"], wanted["digest"]
        assert got == wanted


def big_step(matrix, state, modulus):
    return [sum(a * b for a, b in zip(row, state, strict=True)) % modulus for row in matrix]


def test_the_recurrence_is_that_of_its_definition():
    state = np.array([[11, 22, 33, 44, 55, 66]], dtype="int32")
    after, numbers = next_numbers(state, 1, "float64")
    first, second = big_step(FIRST, [11, 22, 33], M1), big_step(SECOND, [44, 55, 66], M2)
    assert after.tolist() == [[*first, *second]]
    assert numbers[0] == ((first[0] - second[0]) % M1) / 2**31


def test_streams_lie_as_far_apart_as_they_should():
    state = np.array([1, 2, 3, 4, 5, 6], dtype="int32")
    rows = substreams(state, 5)
    for k, exponent in ((1, 72), (2, 73), (4, 74)):
        wanted = []
        for matrix, modulus, part in ((FIRST, M1, [1, 2, 3]), (SECOND, M2, [4, 5, 6])):
            power = np.array(matrix, dtype=object)
            for _ in range(exponent):
                power = power.dot(power) % modulus
            wanted += big_step(power.tolist(), part, modulus)
        assert rows[k].tolist() == wanted
    assert jumped(state).tolist() != rows[1].tolist()


def test_numbers_do_not_depend_on_how_often_they_are_asked_for():
    states = substreams(np.array([7] * 6, dtype="int32"), 4)
    after, together = next_numbers(states, 22, "float64")
    middle, first = next_numbers(states, 12, "float64")
    last, second = next_numbers(middle, 10, "float64")
    np.testing.assert_array_equal(np.concatenate([first, second]), together)
    np.testing.assert_array_equal(after, last)


def test_seeds_begin_anew():
    streams = MRG_RandomStreams(99)
    draw = theano.function([], [streams.uniform((4,)), streams.uniform((4,))])
    before = draw()
    draw()
    streams.seed()
    np.testing.assert_array_equal(draw(), before)
    streams.seed(5)
    assert (draw()[0] != before[0]).all()
    assert (before[0] != before[1]).all()


def test_draws_in_a_loop_are_theanos():
    streams, x = MRG_RandomStreams(3), T.dvector()
    found, updates = theano.scan(lambda a: a * streams.uniform((2,), dtype="float64"), sequences=x)
    f = theano.function([x], found, updates=updates)
    first, second = f([1.0, 1.0]), f([1.0, 1.0])
    plain = MRG_RandomStreams(3)
    draw = theano.function([], plain.uniform((2,), dtype="float64"))
    np.testing.assert_array_equal(np.concatenate([first, second]), [draw() for _ in range(4)])


@pytest.mark.parametrize(
    ("size", "count"),
    [((2,), 2), ((7,), 1), ((60, 100), 1000), ((10**6,), 15360), ("symbol", 15360)],
)  # fmt: skip
def test_small_draws_have_few_streams(size, count):
    assert guess_n_streams(size) == count


@pytest.mark.parametrize(
    "seed", [0, 2**31, [0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0], [1, 1, M1, 1, 1, 1]]
)
def test_seeds_that_repeat_themselves_are_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        MRG_RandomStreams(seed)


def test_what_theano_refuses_is_refused():
    streams, p = MRG_RandomStreams(), T.dmatrix()
    for action, error in (
        (lambda: MRG_RandomStreams([1, 2, 3]), TypeError),
        (lambda: streams.uniform((0, 2)), ValueError),
        (lambda: streams.uniform((1.5, 2)), AssertionError),
        (lambda: streams.uniform(3), TypeError),
        (lambda: streams.uniform((2,), colour="red"), TypeError),
        (lambda: streams.binomial((2,), n=2), NotImplementedError),
        (streams.multinomial, TypeError),
        (lambda: streams.multinomial((2,), pvals=p), ValueError),
        (lambda: streams.multinomial(pvals=[0.5, 0.5]), NotImplementedError),
        (lambda: streams.choice(p=p), NotImplementedError),
        (lambda: streams.normal((0,)), ValueError),
    ):
        with pytest.raises(error):
            action()


def test_gradients_pass_by_the_numbers_but_not_through_them():
    streams, y = MRG_RandomStreams(4), T.dscalar()
    noise = streams.normal((3,))
    f = theano.function([y], [T.grad((y * noise).sum(), y), noise.sum()])
    np.testing.assert_allclose(*f(2.0))
    with pytest.raises(NullTypeGradError):
        T.grad(streams.uniform((3,), low=y).sum(), y)
