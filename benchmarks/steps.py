"""Train steps: data, start, and cost as a function of a namespace; NumPy's gradients by hand."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Tuple

import numpy as np

RATE = 0.01
STEPS = ("logistic", "perceptron", "lenet")


class Step(NamedTuple):
    """A model to be trained.

    Attributes
    ----------
    x, y : ndarray
        Examples and their labels: floats for the logistic regression, integers for the perceptron.
    params : list of ndarray
        Where training starts.
    cost : callable
        (m, x, y, params) -> scalar.
    """

    x: np.ndarray
    y: np.ndarray
    params: "list[np.ndarray]"
    cost: Callable[..., Any]


def logistic_cost(m: Any, x: Any, y: Any, params: Any) -> Any:
    """Cross entropy with a penalty, as in Theano's tutorial."""
    w, b = params
    p = m.sigmoid(m.dot(x, w) + b)
    return m.mean(-y * m.log(p) - (1 - y) * m.log(1 - p)) + m.constant(0.01) * m.sum(w**2, None)


def perceptron_cost(m: Any, x: Any, y: Any, params: Any) -> Any:
    """Negative log likelihood of one hidden layer and a softmax."""
    w, b, v, c = params
    hidden = m.tanh(m.dot(x, w) + b)
    p = m.softmax(m.dot(hidden, v) + c, 1)
    return -m.mean(m.log(m.pick(p, y)))


def lenet_cost(m: Any, x: Any, y: Any, params: Any) -> Any:
    """Negative log likelihood of two layers of filters, one hidden layer and a softmax."""
    hidden = x
    for layer in (0, 2):
        largest = m.largest_of_four(m.correlate(hidden, params[layer]))
        hidden = m.tanh(largest + params[layer + 1][None, :, None, None])
    return perceptron_cost(m, hidden.reshape((x.shape[0], -1)), y, params[4:])


def logistic(dtype: str) -> Step:
    """Return the logistic regression on 400 examples of 784 features."""
    rng = np.random.RandomState(0)
    x, y = rng.standard_normal((400, 784)).astype(dtype), rng.randint(0, 2, 400).astype(dtype)
    start = [(0.01 * rng.standard_normal(784)).astype(dtype), np.zeros((), dtype)]
    return Step(x, y, start, logistic_cost)


def perceptron(dtype: str, batch: int) -> Step:
    """Return the perceptron 784-500-10."""
    rng = np.random.RandomState(0)
    x, y = rng.random_sample((batch, 784)).astype(dtype), rng.randint(0, 10, batch)
    shapes: Tuple[Tuple[int, ...], ...] = ((784, 500), (500,), (500, 10), (10,))
    start = [(0.05 * rng.standard_normal(shape)).astype(dtype) for shape in shapes]
    return Step(x, y, start, perceptron_cost)


def lenet(dtype: str, batch: int) -> Step:
    """Return LeNet as the deep learning tutorials size it: 20 and 50 filters, 500 hidden units."""
    rng = np.random.RandomState(0)
    x, y = rng.random_sample((batch, 1, 28, 28)).astype(dtype), rng.randint(0, 10, batch)
    shapes: Tuple[Tuple[int, ...], ...] = (
        (20, 1, 5, 5),
        (20,),
        (50, 20, 5, 5),
        (50,),
        (800, 500),
        (500,),
        (500, 10),
        (10,),
    )
    start = [(0.05 * rng.standard_normal(shape)).astype(dtype) for shape in shapes]
    return Step(x, y, start, lenet_cost)


def step_of(case: dict[str, Any]) -> Step:
    """Return the model of a case."""
    if case["work"] == "logistic":
        return logistic(case["dtype"])
    if case["work"] == "lenet":
        return lenet(case["dtype"], case["shape"][0])
    return perceptron(case["dtype"], case["shape"][0])


def numpy_logistic(x: Any, y: Any, state: list[Any]) -> Any:
    """Train one step by hand; return the cost."""
    w, b = state
    z = x @ w + b
    p = 1 / (1 + np.exp(-z))
    cost = (-y * np.log(p) - (1 - y) * np.log(1 - p)).mean() + np.asarray(0.01, x.dtype) * (
        w**2
    ).sum()
    delta = (p - y) / np.asarray(len(y), x.dtype)
    rate = np.asarray(RATE, x.dtype)
    state[:] = (
        w - rate * (x.T @ delta + np.asarray(0.02, x.dtype) * w),
        b - rate * delta.sum(),
    )
    return cost


def numpy_perceptron(x: Any, y: Any, state: list[Any]) -> Any:
    """Train one step by hand; return the cost."""
    rows, rate = np.arange(len(y)), np.asarray(RATE, x.dtype)
    hidden = np.tanh(x @ state[0] + state[1])
    scores = hidden @ state[2] + state[3]
    delta = np.exp(scores - scores.max(axis=1, keepdims=True))
    delta /= delta.sum(axis=1, keepdims=True)
    cost = -np.log(delta[rows, y]).mean()
    delta[rows, y] -= 1
    delta /= np.asarray(len(y), x.dtype)
    back = (delta @ state[2].T) * (1 - hidden**2)
    grads = (x.T @ back, back.sum(axis=0), hidden.T @ delta, delta.sum(axis=0))
    state[:] = [value - rate * grad for value, grad in zip(state, grads)]
    return cost
