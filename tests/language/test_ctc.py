"""Connectionist temporal classification against the sum over all alignments."""

import itertools

import numpy as np
import pytest
from tests.numeric import difference_quotient

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.tensor.nnet.ctc import ctc

RNG = np.random.default_rng(11)
LABELS = np.array([[1, 2, -1], [1, 1, -1], [-1, -1, -1], [2, 1, 2]], "int32")
LENGTHS = np.array([5, 4, 3, 5], "int32")


def collapsed(path):
    """Return the labels an alignment stands for: repetitions once, blanks not at all."""
    return [symbol for symbol, _ in itertools.groupby(path) if symbol != 0]


def losses(activations):
    """Return minus the logarithm of the probability of each row, summed over all alignments."""
    p = np.exp(activations) / np.exp(activations).sum(axis=2, keepdims=True)
    found = []
    for n, (row, length) in enumerate(zip(LABELS, LENGTHS, strict=True)):
        wanted, total = [k for k in row if k >= 0], 0.0
        for path in itertools.product(range(activations.shape[2]), repeat=int(length)):
            if collapsed(path) == wanted:
                total += np.prod([p[t, n, symbol] for t, symbol in enumerate(path)])
        found.append(-np.log(total))
    return np.array(found)


def test_the_loss_sums_over_all_alignments():
    x = T.dtensor3()
    activations = RNG.normal(size=(5, 4, 3))
    got = theano.function([x], ctc(x, LABELS, LENGTHS))(activations)
    np.testing.assert_allclose(got, losses(activations), rtol=1e-12)


def test_its_gradient_and_its_change_are_those_of_differences():
    x, t, weights = T.dtensor3(), T.dtensor3(), np.array([1.0, -2.0, 0.5, 3.0])
    cost = T.sum(ctc(x, LABELS, LENGTHS) * weights)
    activations, tangent = RNG.normal(size=(5, 4, 3)), RNG.normal(size=(5, 4, 3))
    f = theano.function([x, t], [T.grad(cost, x), T.Rop(cost, x, t)])
    gradient, change = f(activations, tangent)
    wanted = difference_quotient(lambda a: (losses(a) * weights).sum(), [activations], 0)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(change, (wanted * tangent).sum(), rtol=1e-6)


def test_time_too_short_for_the_labels_gives_an_infinite_loss_without_gradient():
    x = T.ftensor3()
    cost = ctc(x, np.array([[1, 1]], "int32"), np.array([2], "int32"))
    f = theano.function([x], [cost, T.grad(cost.sum(), x)])
    loss, gradient = f(np.zeros((2, 1, 3), "float32"))
    assert loss == np.inf
    np.testing.assert_array_equal(gradient, 0)


def test_labels_that_are_no_symbols_are_refused():
    x, labels = T.ftensor3(), T.imatrix()
    f = theano.function([x, labels], ctc(x, labels, np.array([2], "int32")))
    with pytest.raises(ValueError, match="do not fit"):
        f(np.zeros((2, 1, 3), "float32"), np.array([[3]], "int32"))


def test_no_sequences_have_no_losses():
    x, labels, lengths = T.ftensor3(), T.imatrix(), T.ivector()
    f = theano.function([x, labels, lengths], ctc(x, labels, lengths))
    empty = np.zeros((2, 0, 3), "float32"), np.zeros((0, 1), "int32"), np.zeros(0, "int32")
    assert f(*empty).shape == (0,)
