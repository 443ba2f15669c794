"""Functions made of these ops: the CPU's values, few transfers, the user's errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym import function, grad, shared
from tensorsym.sandbox.rng_mrg import MRG_RandomStreams
from tensorsym.schedule.plan import HostCall, Transfer

pytestmark = pytest.mark.usefixtures("context")


def step_of_a_classifier(device: str) -> tuple[Any, Any]:
    """Return a step of training words' vectors and a softmax, and the vectors."""
    rng = np.random.default_rng(3)
    words, labels = T.imatrix("words"), T.ivector("labels")
    vectors = shared(rng.normal(size=(9, 4)), name="vectors")
    w = shared(rng.normal(size=(8, 5)), name="w")
    x = T.concatenate([vectors[words].sum(axis=1), vectors[words[:, 0]]], axis=1)
    p = T.nnet.softmax(T.dot(x, w))
    cost = T.nnet.categorical_crossentropy(p, labels).mean()
    updates = [
        (v, v - 0.1 * g) for v, g in zip((vectors, w), grad(cost, [vectors, w]), strict=True)
    ]
    wrong = T.neq(T.argmax(p, axis=1), labels).sum()
    return function([words, labels], [cost, wrong], updates=updates, device=device), vectors


WORDS = np.random.default_rng(4).integers(0, 9, size=(6, 3)).astype("int32")
LABELS = np.array([0, 4, 2, 2, 1, 3], "int32")


def test_a_classifier_learns_as_on_the_cpu():
    results = []
    for device in ("cuda", "cpu"):
        step, vectors = step_of_a_classifier(device)
        calls = [step(WORDS, LABELS) for _ in range(3)]
        results.append([np.array(calls, "float64"), vectors.get_value()])
    for mine, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)


def test_a_classifiers_step_stays_on_the_device():
    step, _ = step_of_a_classifier("cuda")
    plan = step.executable.plan
    back = [i for i in plan.instructions if isinstance(i, Transfer) and i.device == "cpu"]
    assert {plan.slots[i.input].ndim for i in back} == {0}
    calls = [i for i in plan.instructions if isinstance(i, HostCall)]
    assert calls
    assert {plan.slots[slot].home for call in calls for slot in call.outputs} == {"cuda"}


def test_an_index_out_of_range_is_the_users_error():
    step, _ = step_of_a_classifier("cuda")
    with pytest.raises(IndexError, match="index 9 is out of bounds"):
        step(WORDS + 1 + (8 - WORDS.max()), LABELS)


def test_draws_are_the_cpus():
    for device in ("cuda", "cpu"):
        streams = MRG_RandomStreams(5)
        n = T.iscalar("n")
        x = T.fmatrix("x")
        draw = function([x, n], streams.uniform((n, 3), dtype="float32") + x[0], device=device)
        values = [draw(np.ones((2, 3), "float32"), 4) for _ in range(2)]
        if device == "cuda":
            expected = values
    np.testing.assert_array_equal(values, expected)


def test_numbers_that_an_op_reads_are_not_moved():
    x, y, n = T.fmatrix("x"), T.fvector("y"), T.iscalar("n")
    written = function([x, y, n], T.set_subtensor(x[n:, 1], y), device="cuda")
    moves = [i for i in written.executable.plan.instructions if isinstance(i, Transfer)]
    assert len(moves) == 3  # x and y, and the result
    values = written(np.zeros((4, 3), "float32"), np.ones(2, "float32"), 2)
    np.testing.assert_array_equal(values[:, 1], [0, 0, 1, 1])
