"""Two classifiers of handwritten digits, written in Theano's language.

Comes in: shared images and labels. Goes out: compiled functions that train and test on them.
Progress, tables and plots are the business of digits.py; this file would run on Theano itself.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import tensorsym as theano
import tensorsym.tensor as T


class Split(NamedTuple):
    """Shared images of shape (n, features) and labels of shape (n,): a call passes no data."""

    x: T.TensorVariable
    y: T.TensorVariable


class Classifier(NamedTuple):
    """The symbolic probability of each class given `x`, and the parameters to train."""

    x: T.TensorVariable
    probabilities: T.TensorVariable
    params: list


def share(images: np.ndarray, labels: np.ndarray) -> Split:
    """Move a data set into shared variables."""
    return Split(
        theano.shared(images.astype(theano.config.floatX), name="images"),
        theano.shared(labels.astype("int64"), name="labels"),
    )


def dense(rng: np.random.RandomState, n_in: int, n_out: int) -> list:
    """Return a weight matrix drawn uniformly, and a bias of zeros, both shared.

    The range is that of Glorot and Bengio, "Understanding the difficulty of training deep
    feedforward neural networks", AISTATS 2010, equation 16.
    """
    scale = np.sqrt(6.0 / (n_in + n_out))
    weights = rng.uniform(-scale, scale, size=(n_in, n_out)).astype(theano.config.floatX)
    bias = np.zeros(n_out, dtype=theano.config.floatX)
    return [theano.shared(weights, name="W"), theano.shared(bias, name="b")]


def softmax_regression(rng: np.random.RandomState, n_in: int, n_out: int) -> Classifier:
    """Return a linear classifier."""
    x = T.matrix("x")
    W, b = dense(rng, n_in, n_out)
    return Classifier(x, T.nnet.softmax(T.dot(x, W) + b), [W, b])


def multilayer_perceptron(
    rng: np.random.RandomState, n_in: int, n_hidden: int, n_out: int
) -> Classifier:
    """Return a classifier with one hidden layer of tanh units."""
    x = T.matrix("x")
    W1, b1 = dense(rng, n_in, n_hidden)
    W2, b2 = dense(rng, n_hidden, n_out)
    hidden = T.tanh(T.dot(x, W1) + b1)
    return Classifier(x, T.nnet.softmax(T.dot(hidden, W2) + b2), [W1, b1, W2, b2])


def train_step(model: Classifier, data: Split, batch: int, rate: float) -> Callable:
    """Compile `step(index)`: descend on mini-batch `index` of `data` and return its cost."""
    index, y = T.lscalar("index"), T.lvector("y")
    cost = -T.mean(T.log(model.probabilities)[T.arange(y.shape[0]), y])
    grads = T.grad(cost, model.params)
    window = slice(index * batch, (index + 1) * batch)
    return theano.function(
        inputs=[index],
        outputs=cost,
        updates=[(p, p - rate * g) for p, g in zip(model.params, grads, strict=True)],
        givens={model.x: data.x[window], y: data.y[window]},
        name="train_step",
    )


def error_rate(model: Classifier, data: Split) -> Callable:
    """Compile `errors()`: the share of `data` that the model gets wrong."""
    y = T.lvector("y")
    wrong = T.neq(T.argmax(model.probabilities, axis=1), y)
    return theano.function(
        inputs=[], outputs=T.mean(wrong), givens={model.x: data.x, y: data.y}, name="error_rate"
    )
