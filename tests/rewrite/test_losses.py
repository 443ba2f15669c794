"""Losses of a softmax and their gradients are right where the softmax underflows to 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special
from tests.rewrite.evaluation import evaluate, op_names, rewritten

import tensorsym.tensor as T

SCORES = np.array([[1000.0, 0.0, -3.0], [0.0, 1000.0, 2.0], [0.5, -0.25, 1.0]])
LABELS = np.array([1, 1, 2])
ONE_HOT = np.eye(3)[LABELS]
RIVALS = np.array([[0.0, 1.0, 0.0], [0.25, 0.25, 0.5], [1.0, 0.0, 0.0]])


def softmax_of(x: Any) -> Any:
    return T.nnet.softmax(x)


def values(build: Any) -> tuple[list[np.ndarray], list[str]]:
    """Return the loss and its gradient by the scores, rewritten, and the ops left."""
    x, labels, target = T.dmatrix("x"), T.lvector("labels"), T.dmatrix("target")
    loss = build(x, labels, target)
    graph, _ = rewritten([x, labels, target], [loss, T.grad(loss, x)])
    given = dict(zip(graph.inputs, (SCORES, LABELS, RIVALS), strict=True))
    return evaluate(graph.outputs, given), op_names(graph)


@pytest.mark.parametrize(
    "build",
    [
        lambda x, y, _: T.nnet.categorical_crossentropy(softmax_of(x), y).mean(),
        lambda x, y, _: -T.mean(T.log(softmax_of(x))[T.arange(y.shape[0]), y]),
        lambda x, y, _: -T.mean(T.log(softmax_of(x)[T.arange(y.shape[0]), y])),
    ],
    ids=["crossentropy", "index of log", "log of index"],
)
def test_the_loss_of_class_numbers_is_finite_with_its_gradient(build: Any) -> None:
    (loss, gradient), names = values(build)
    exact = -scipy.special.log_softmax(SCORES, axis=1)[np.arange(3), LABELS].mean()
    np.testing.assert_allclose(loss, exact, rtol=1e-14)
    expected = (scipy.special.softmax(SCORES, axis=1) - ONE_HOT) / 3
    np.testing.assert_allclose(gradient, expected, rtol=1e-13, atol=1e-300)
    assert "SoftmaxGrad" not in names


@pytest.mark.parametrize(
    ("index", "place"),
    [((1, 2), (1, 2)), ((slice(0, 1), 1), (0, 1)), (np.array([0]), (0,))],
    ids=["element", "slice", "rows"],
)
def test_the_logarithm_of_a_part_of_a_softmax_is_finite(index: Any, place: Any) -> None:
    (loss, gradient), _ = values(lambda x, _, __: -T.log(softmax_of(x)[index]).sum())
    exact = -scipy.special.log_softmax(SCORES, axis=1)[place].sum()
    np.testing.assert_allclose(loss, exact, rtol=1e-14)
    mask = np.zeros_like(SCORES)
    mask[place] = 1
    expected = scipy.special.softmax(SCORES, axis=1) * mask.sum(axis=1, keepdims=True) - mask
    np.testing.assert_allclose(gradient, expected, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("factor", [1.0, -3.0, 0.5])
def test_the_loss_of_distributions_is_finite_with_its_gradient(factor: float) -> None:
    (loss, gradient), names = values(
        lambda x, _, p: factor * T.nnet.categorical_crossentropy(softmax_of(x), p).sum()
    )
    logarithm = scipy.special.log_softmax(SCORES, axis=1)
    np.testing.assert_allclose(loss, -factor * (RIVALS * logarithm).sum(), rtol=1e-14)
    expected = factor * (scipy.special.softmax(SCORES, axis=1) - RIVALS)
    np.testing.assert_allclose(gradient, expected, rtol=1e-13, atol=1e-300)
    assert "SoftmaxGrad" not in names


def test_a_gradient_that_does_not_divide_by_the_softmax_is_left_alone() -> None:
    (_, gradient), names = values(lambda x, _, p: (softmax_of(x) * p).sum())
    softmax = scipy.special.softmax(SCORES, axis=1)
    expected = softmax * (RIVALS - (RIVALS * softmax).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(gradient, expected, rtol=1e-13, atol=1e-16)
    assert "SoftmaxGrad" in names
