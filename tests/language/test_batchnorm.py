"""Batch normalization against its formulas in NumPy."""

import numpy as np
import pytest

import tensorsym as theano
import tensorsym.tensor as T

RNG = np.random.default_rng(4)
X = RNG.normal(size=(5, 3, 2, 4))
GAMMA, BETA = RNG.normal(size=(2, 3))
EPSILON = 1e-3
bn = T.nnet.bn


def statistics(axes):
    mean, var = X.mean(axes, keepdims=True), X.var(axes, keepdims=True)
    return mean, var, 1 / np.sqrt(var + EPSILON)


def wide(parameter):
    return parameter.reshape(1, 3, 1, 1)


def test_a_batch_is_normalized_by_its_own_statistics():
    x, gamma, beta = T.dtensor4(), T.dvector(), T.dvector()
    out = bn.batch_normalization_train(x, gamma, beta, "spatial", EPSILON)
    got = theano.function([x, gamma, beta], list(out))(X, GAMMA, BETA)
    mean, _, invstd = statistics((0, 2, 3))
    np.testing.assert_allclose(got[0], (X - mean) * invstd * wide(GAMMA) + wide(BETA))
    np.testing.assert_allclose(got[1], mean.ravel())
    np.testing.assert_allclose(got[2], invstd.ravel())


def test_running_statistics_move_by_the_factor():
    x, ones = T.dmatrix(), T.ones((1, 3))
    old = [T.addbroadcast(T.dmatrix(), 0), T.addbroadcast(T.dmatrix(), 0)]
    batch = X[:, :, 0, 0]
    symbols = [x, *[v.owner.inputs[0] for v in old]]
    out = bn.batch_normalization_train(
        x, ones, ones, running_average_factor=0.3, running_mean=old[0], running_var=old[1]
    )
    got = theano.function(symbols, list(out[3:]))(batch, np.ones((1, 3)), np.full((1, 3), 2.0))
    np.testing.assert_allclose(got[0], 0.7 * 1 + 0.3 * batch.mean(0, keepdims=True))
    np.testing.assert_allclose(got[1], 0.7 * 2 + 0.3 * batch.var(0, keepdims=True, ddof=1))


def test_given_statistics_are_used_as_they_are():
    x, gamma, beta, mean, var = T.dtensor4(), *[T.dvector() for _ in range(4)]
    out = bn.batch_normalization_test(x, gamma, beta, mean, var, "spatial", EPSILON)
    f = theano.function([x, gamma, beta, mean, var], out)
    m, v = np.arange(3.0), np.arange(1.0, 4)
    exact = (X - wide(m)) / np.sqrt(wide(v) + EPSILON) * wide(GAMMA) + wide(BETA)
    np.testing.assert_allclose(f(X, GAMMA, BETA, m, v), exact)
    out = bn.batch_normalization(x, 2.0, 1.0, 0.5, 4.0, mode="high_mem")
    np.testing.assert_allclose(theano.function([x], out)(X), (X - 0.5) / 2 + 1)


def test_the_gradient_is_that_of_finite_differences():
    def normalized(x, gamma, beta):
        return bn.batch_normalization_train(x, gamma, beta, (0,), EPSILON)[0]

    points = [X[:, :, 0, 0], GAMMA, BETA]
    T.verify_grad(normalized, points, rng=np.random.RandomState(1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"axes": "rows"}, "axes are"),
        ({"axes": ()}, "at least one axis"),
        ({"axes": (0, 2)}, "out of range"),
        ({"epsilon": 1e-6}, "epsilon"),
        ({"running_mean": T.dvector()}, "both"),
        ({"gamma": T.dscalar()}, "rank"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        bn.batch_normalization_train(
            **{"inputs": T.dmatrix(), "gamma": T.dvector(), "beta": T.dvector(), **options}
        )
