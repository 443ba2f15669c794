"""Stable forms are found in what users and gradients write, and are right far from 0."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.special
from tests.rewrite.evaluation import evaluate, op_names, rewritten

import tensorsym.tensor as T
from tensorsym.language.table import FUNCTIONS as F

FAR = np.array([-1000.0, -750.0, -40.0, -1e-9, 0.0, 1e-9, 40.0, 750.0, 1000.0])


def value(build: Any, x: np.ndarray) -> tuple[np.ndarray, list[str]]:
    symbol = T.TensorType("float64", (None,) * x.ndim)("x")
    graph, _ = rewritten([symbol], [build(symbol)])
    (result,) = evaluate(graph.outputs, {graph.inputs[0]: x})
    return result, op_names(graph)


def exact(function: Any, x: np.ndarray) -> np.ndarray:
    with mpmath.workdps(800):
        return np.array([float(function(mpmath.mpf(float(v)))) for v in x])


def logistic(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


@pytest.mark.parametrize(
    ("build", "truth"),
    [
        (lambda x: T.log(1 + T.exp(x)), lambda x: mpmath.log1p(mpmath.exp(x))),
        (lambda x: T.log(T.exp(x) + 1), lambda x: mpmath.log1p(mpmath.exp(x))),
        (lambda x: 1 / (1 + T.exp(-x)), logistic),
        (lambda x: T.exp(x) / (1 + T.exp(x)), logistic),
        (lambda x: T.log(F["sigmoid"](x)), lambda x: mpmath.log(logistic(x))),
        (lambda x: T.log(1 - F["sigmoid"](x)), lambda x: mpmath.log(logistic(-x))),
        (lambda x: T.log(1 / (1 + T.exp(-x))), lambda x: mpmath.log(logistic(x))),
        (lambda x: 1 - F["sigmoid"](x), lambda x: logistic(-x)),
        (lambda x: T.log(T.exp(x)), lambda x: x),
        (lambda x: F["sigmoid"](x) * T.exp(-x), lambda x: logistic(-x)),
    ],
)
def test_no_overflow_and_no_cancellation(build: Any, truth: Any) -> None:
    result, _ = value(build, FAR)
    np.testing.assert_allclose(result, exact(truth, FAR), rtol=4e-15, atol=5e-324)


@pytest.mark.parametrize(
    ("build", "truth"),
    [
        (lambda x: T.log(1 + x), mpmath.log1p),
        (lambda x: T.log(1 - x), lambda x: mpmath.log1p(-x)),
        (lambda x: T.exp(x) - 1, mpmath.expm1),
        (lambda x: 1 - T.exp(x), lambda x: -mpmath.expm1(x)),
        (lambda x: 1 - F["erfc"](x), mpmath.erf),
        (lambda x: T.log(1 + x + x), lambda x: mpmath.log1p(2 * x)),
    ],
)
def test_digits_near_zero(build: Any, truth: Any) -> None:
    x = np.array([-1e-3, -1e-12, 1e-300, 1e-16, 1e-7])
    result, _ = value(build, x)
    np.testing.assert_allclose(result, exact(truth, x), rtol=2e-15)


def test_log_of_softmax_is_finite_where_softmax_is_zero() -> None:
    x = np.array([[0.0, 1000.0, -1000.0]])
    result, ops = value(lambda x: T.log(F["softmax"](x)), x)
    np.testing.assert_allclose(result, scipy.special.log_softmax(x, axis=1))
    assert "softmax" not in [name.lower() for name in ops]


def test_gradient_of_logistic_loss_is_finite_for_large_weights() -> None:
    x, y, w = T.dmatrix("x"), T.dvector("y"), T.dvector("w")
    p = 1 / (1 + T.exp(-T.dot(x, w)))
    cost = (-y * T.log(p) - (1 - y) * T.log(1 - p)).sum()
    graph, _ = rewritten([x, y, w], [cost, T.grad(cost, w)])
    rng = np.random.default_rng(0)
    data, labels, weights = (
        rng.normal(size=(6, 3)),
        np.array([0.0, 1, 1, 0, 1, 0]),
        np.array([900.0, -800, 500]),
    )
    loss, gradient = evaluate(
        graph.outputs, dict(zip(graph.inputs, [data, labels, weights], strict=True))
    )
    z = data @ weights
    np.testing.assert_allclose(loss, (np.logaddexp(0, z) - labels * z).sum(), rtol=1e-12)
    np.testing.assert_allclose(gradient, data.T @ (scipy.special.expit(z) - labels), rtol=1e-12)
    assert "exp" not in op_names(graph)


def test_rules_hold_for_integers_computed_as_floats() -> None:
    i = T.ivector("i")
    graph, report = rewritten([i], [T.exp(i) - 1])
    (result,) = evaluate(graph.outputs, {graph.inputs[0]: np.array([-3, 0, 2], "int32")})
    np.testing.assert_allclose(result, np.expm1([-3.0, 0, 2]), rtol=1e-15)
    assert report.fired("expm1") or report.fired("expm1_added")


def test_integer_sum_that_wraps_is_not_log1p() -> None:
    i = T.bvector("i")
    graph, report = rewritten([i], [T.log(1 + i)])
    assert not report.fired("log1p")
    assert graph.outputs[0].dtype == "float32"


@pytest.mark.parametrize("axis", [0, 1, None])
def test_log_of_a_sum_of_exponentials_does_not_overflow(axis: int | None) -> None:
    x = np.array([[0.0, 1000.0, -1000.0], [-np.inf, -np.inf, 3.0], [np.inf, 0.0, 1.0]])
    result, _ = value(lambda x: T.log(T.exp(x).sum(axis=axis)), x)
    np.testing.assert_allclose(result, scipy.special.logsumexp(x, axis=axis), rtol=1e-14)


def test_shifted_sum_of_exponentials_is_not_shifted_again() -> None:
    x = T.dmatrix("x")
    m = x.max(axis=1, keepdims=True)
    graph, report = rewritten([x], [T.log(T.exp(x - m).sum(axis=1))])
    assert not report.fired("log_sum_exp")
    assert op_names(graph).count("max") == 1


def test_softmax_is_recognised_and_its_logarithm_stable() -> None:
    x = np.array([[0.0, 1000.0, -1000.0], [1.0, 2.0, 3.0]])
    p, ops = value(lambda x: T.exp(x) / T.exp(x).sum(axis=1, keepdims=True), x)
    np.testing.assert_allclose(p, scipy.special.softmax(x, axis=1), rtol=1e-14)
    assert ops == ["Softmax"]
    q, ops = value(lambda x: T.log(T.exp(x) / T.exp(x).sum(axis=1, keepdims=True)), x)
    np.testing.assert_allclose(q, scipy.special.log_softmax(x, axis=1), rtol=1e-14)
    assert ops == ["LogSoftmax"]


def test_gradient_of_crossentropy_is_finite_where_softmax_underflows() -> None:
    x, y, w = T.dmatrix("x"), T.dmatrix("y"), T.dmatrix("w")
    cost = -(y * T.log(F["softmax"](T.dot(x, w)))).sum(axis=1).mean()
    graph, _ = rewritten([x, y, w], [cost, T.grad(cost, w)])
    rng = np.random.default_rng(1)
    data, weights = rng.normal(size=(5, 3)), 2000 * rng.normal(size=(3, 4))
    labels = np.eye(4)[[0, 1, 2, 3, 0]]
    loss, gradient = evaluate(
        graph.outputs, dict(zip(graph.inputs, [data, labels, weights], strict=True))
    )
    z = data @ weights
    np.testing.assert_allclose(loss, -(labels * scipy.special.log_softmax(z, 1)).sum(1).mean())
    expected = data.T @ (scipy.special.softmax(z, axis=1) - labels) / 5
    np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-14)
