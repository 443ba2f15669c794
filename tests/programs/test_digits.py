"""The demo's multilayer perceptron against the same training in plain NumPy."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from digits_model import error_rate, multilayer_perceptron, share, softmax_regression, train_step

N_TRAIN, N_TEST, BATCH, RATE, EPOCHS = 300, 120, 25, 0.1, 4


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    data = load_digits()
    order = np.random.RandomState(0).permutation(len(data.target))[: N_TRAIN + N_TEST]
    return data.data[order] / 16.0, data.target[order]


def values(model: Any) -> list[np.ndarray]:
    """Return copies of the model's parameters."""
    return [p.get_value() for p in model.params]


def forward(params: list[np.ndarray], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the last layer's input and the probabilities of a model of one or two layers."""
    hidden = np.tanh(x @ params[0] + params[1]) if len(params) == 4 else x
    scores = hidden @ params[-2] + params[-1]
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, e / e.sum(axis=1, keepdims=True)


def numpy_step(
    params: list[np.ndarray], x: np.ndarray, y: np.ndarray
) -> tuple[float, list[np.ndarray]]:
    """Return the cost on (x, y) and the parameters after one step, by back-propagation."""
    hidden, p = forward(params, x)
    rows = np.arange(len(y))
    cost = -np.log(p[rows, y]).mean()
    delta = p.copy()
    delta[rows, y] -= 1
    delta /= len(y)
    grads = [hidden.T @ delta, delta.sum(axis=0)]
    if len(params) == 4:
        back = (delta @ params[2].T) * (1 - hidden**2)
        grads = [x.T @ back, back.sum(axis=0), *grads]
    return cost, [value - RATE * g for value, g in zip(params, grads, strict=True)]


@pytest.mark.parametrize("hidden", [0, 16])
def test_training_follows_numpy_step_by_step(
    digits: tuple[np.ndarray, np.ndarray], hidden: int
) -> None:
    x, y = digits
    rng = np.random.RandomState(7)
    model = (
        multilayer_perceptron(rng, 64, hidden, 10) if hidden else softmax_regression(rng, 64, 10)
    )
    params = values(model)
    step = train_step(model, share(x[:N_TRAIN], y[:N_TRAIN]), BATCH, RATE)
    errors = error_rate(model, share(x[N_TRAIN:], y[N_TRAIN:]))
    for _ in range(EPOCHS):
        for index in range(N_TRAIN // BATCH):
            rows = slice(index * BATCH, (index + 1) * BATCH)
            cost, params = numpy_step(params, x[rows], y[rows])
            np.testing.assert_allclose(step(index), cost, rtol=1e-10)
        wrong = forward(params, x[N_TRAIN:])[1].argmax(axis=1) != y[N_TRAIN:]
        assert float(errors()) == pytest.approx(wrong.mean(), abs=1e-15)
    for got, expected in zip(values(model), params, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)


def test_perceptron_reads_nine_of_ten_digits(digits: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = digits
    model = multilayer_perceptron(np.random.RandomState(7), 64, 16, 10)
    step = train_step(model, share(x[:N_TRAIN], y[:N_TRAIN]), BATCH, RATE)
    errors = error_rate(model, share(x[N_TRAIN:], y[N_TRAIN:]))
    for _ in range(60):
        for index in range(N_TRAIN // BATCH):
            step(index)
    assert float(errors()) < 0.1


def test_a_short_last_batch_is_averaged_over_what_it_holds(
    digits: tuple[np.ndarray, np.ndarray],
) -> None:
    x, y = digits[0][: BATCH + 5], digits[1][: BATCH + 5]
    model = multilayer_perceptron(np.random.RandomState(1), 64, 8, 10)
    cost, params = numpy_step(values(model), x[BATCH:], y[BATCH:])
    np.testing.assert_allclose(train_step(model, share(x, y), BATCH, RATE)(1), cost, rtol=1e-10)
    for got, expected in zip(values(model), params, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)
