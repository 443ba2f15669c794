"""Inverse and determinant against NumPy, their gradients against differences."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym import function, grad

MATRIX = np.array([[2.0, 1.0, 0.5], [0.3, -1.5, 0.2], [0.1, 0.4, 3.0]])


@pytest.mark.parametrize("mode", ["reference", "auto"])
def test_inverse_and_determinant_are_numpys(mode):
    m = T.dmatrix("m")
    f = function([m], [T.nlinalg.matrix_inverse(m), T.nlinalg.det(m)], mode=mode)
    inverse, determinant = f(MATRIX)
    np.testing.assert_allclose(inverse, np.linalg.inv(MATRIX), rtol=1e-12)
    np.testing.assert_allclose(determinant, np.linalg.det(MATRIX), rtol=1e-12)
    with pytest.raises(np.linalg.LinAlgError):
        f(np.ones((2, 2)))


@pytest.mark.parametrize("name", ["matrix_inverse", "det"])
def test_gradients_equal_central_differences(name):
    m = T.dmatrix("m")
    weight = np.arange(9.0).reshape(3, 3) + 1 if name == "matrix_inverse" else 1.0
    cost = (getattr(T.nlinalg, name)(m) * weight).sum()
    value, gradient = function([m], cost), function([m], grad(cost, m))(MATRIX)
    eps = 1e-6
    for i in range(3):
        for j in range(3):
            step = np.zeros((3, 3))
            step[i, j] = eps
            slope = (value(MATRIX + step) - value(MATRIX - step)) / (2 * eps)
            np.testing.assert_allclose(gradient[i, j], slope, rtol=1e-6, atol=1e-7)


def test_powers_and_products_are_numpys():
    m = T.dmatrix("m")
    power, product = function([m], [T.nlinalg.matrix_power(m, 5), T.nlinalg.matrix_dot(m, m, m)])(
        MATRIX
    )
    np.testing.assert_allclose(power, np.linalg.matrix_power(MATRIX, 5), rtol=1e-12)
    np.testing.assert_allclose(product, MATRIX @ MATRIX @ MATRIX, rtol=1e-12)
