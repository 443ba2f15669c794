"""The user's own program against the same 100 steps in plain NumPy."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "examples" / "seed_logistic.py"
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float64")
Y = np.array([0, 0, 0, 1], dtype="float64")


def numpy_step(
    w: np.ndarray, b: float, x: np.ndarray = X, y: np.ndarray = Y
) -> tuple[float, np.ndarray, float]:
    """Return the cost at (w, b) and the parameters after one step of gradient descent."""
    p = 1 / (1 + np.exp(-(x @ w + b)))
    cost = (-y * np.log(p) - (1 - y) * np.log(1 - p)).mean() + 0.01 * (w**2).sum()
    delta = (p - y) / len(y)
    return cost, w - 0.1 * (x.T @ delta + 0.02 * w), b - 0.1 * delta.sum()


def numpy_program(seed: int) -> tuple[np.ndarray, float, np.ndarray]:
    """Return weights, bias and predictions after the script's 100 steps."""
    w, b = np.random.RandomState(seed).randn(2), 0.0
    for _ in range(100):
        _, w, b = numpy_step(w, b)
    return w, b, 1 / (1 + np.exp(-(X @ w + b))) > 0.5


def run_script(seed: int) -> dict[str, Any]:
    """Run the shipped script from `seed` and return its globals; leave NumPy's stream as it was."""
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        return runpy.run_path(str(SCRIPT))
    finally:
        np.random.set_state(state)


@pytest.mark.parametrize("seed", [0, 1, 2017])
def test_script_trains_the_weights_numpy_trains(seed: int, capsys: pytest.CaptureFixture) -> None:
    script = run_script(seed)
    w, b, predicted = numpy_program(seed)
    np.testing.assert_allclose(script["w"].get_value(), w, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(script["b"].get_value(), b, rtol=1e-12, atol=1e-12)
    assert capsys.readouterr().out == f"{predicted}\n"


def test_each_call_returns_the_cost_before_its_update() -> None:
    script = run_script(5)
    w, b = script["w"].get_value(), float(script["b"].get_value())
    for _ in range(20):
        cost, w, b = numpy_step(w, b)
        got = script["train_model"](X, Y)
        assert isinstance(got, np.ndarray)
        assert (got.dtype, got.shape) == (np.dtype("float64"), ())
        np.testing.assert_allclose(got, cost, rtol=1e-12)
        np.testing.assert_allclose(script["w"].get_value(), w, rtol=1e-12, atol=1e-12)


def test_script_learns_a_conjunction_when_trained_longer() -> None:
    script = run_script(3)
    for _ in range(3000):
        script["train_model"](X, Y)
    assert script["predict"](X).tolist() == [False, False, False, True]


def test_cost_stays_finite_where_the_written_formula_overflows() -> None:
    # Theano 1.0.5 answers 1000.01 too: it stabilises log(sigmoid(x)) and log(1 - sigmoid(x)).
    script = run_script(0)
    script["w"].set_value(np.array([1.0, 0.0]))
    script["b"].set_value(0.0)
    wrong = script["train_model"](np.array([[1000.0, 0.0]]), np.array([0.0]))
    np.testing.assert_allclose(wrong, 1000.01, rtol=1e-12)
