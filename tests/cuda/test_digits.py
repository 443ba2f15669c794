"""The digits example on the device, on a few hundred examples, to the CPU's accuracy."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

import digits_model
from tensorsym import config
from tensorsym.cuda.array import DeviceArray

N_TRAIN, N_TEST, BATCH, EPOCHS = 240, 120, 20, 4


def train(device, make):
    """Return the error rate after a few epochs, and the first parameter."""
    digits = load_digits()
    x, y = digits.data[: N_TRAIN + N_TEST] / 16.0, digits.target[: N_TRAIN + N_TEST]
    with config.scope(device=device):
        seen = digits_model.share(x[:N_TRAIN], y[:N_TRAIN])
        unseen = digits_model.share(x[N_TRAIN:], y[N_TRAIN:])
        model = make(np.random.RandomState(3))
        step = digits_model.train_step(model, seen, BATCH, 0.2)
        errors = digits_model.error_rate(model, unseen)
        for _ in range(EPOCHS):
            for index in range(N_TRAIN // BATCH):
                step(index)
        return float(errors()), model.params[0]


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "make",
    [
        lambda rng: digits_model.softmax_regression(rng, 64, 10),
        lambda rng: digits_model.multilayer_perceptron(rng, 64, 30, 10),
    ],
    ids=["softmax regression", "perceptron"],
)
def test_digits_are_learnt_as_on_the_cpu(make):
    (mine, weights), (theirs, wanted) = (train(device, make) for device in ("cuda", "cpu"))
    assert isinstance(weights.container.storage[0], DeviceArray)
    assert mine == theirs
    assert mine < 0.35  # of ten classes: chance is 0.9
    np.testing.assert_allclose(weights.get_value(), wanted.get_value(), rtol=1e-7, atol=1e-9)
