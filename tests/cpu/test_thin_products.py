"""Products of which one side is a row or a column: no gemm, in every layout."""

import itertools

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T

SHAPES = [(1, 5, 7), (6, 5, 1), (6, 1, 7), (1, 1, 7), (6, 1, 1), (1, 5, 1), (1, 1, 1)]
LAYOUTS = ["rows", "columns", "apart"]


def laid_out(values: np.ndarray, layout: str) -> np.ndarray:
    if layout == "rows":
        return np.ascontiguousarray(values)
    if layout == "columns":
        return np.asfortranarray(values)
    room = np.zeros((2 * values.shape[0], 3 * values.shape[1]), values.dtype)
    room[::2, ::3] = values
    return room[::2, ::3]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("alpha_beta", [(1.0, 0.0), (-0.5, 1.0), (2.0, -3.0)])
def test_thin_products_are_numpys(
    shape: tuple[int, int, int], alpha_beta: tuple[float, float], dtype: str
) -> None:
    m, k, n = shape
    alpha, beta = (np.asarray(number, dtype) for number in alpha_beta)
    rng = np.random.RandomState(m + 10 * k + 100 * n)
    x, y, z = (rng.randn(*s).astype(dtype) for s in ((m, k), (k, n), (m, n)))
    matrix = T.TensorType(dtype, (False, False))
    X, Y, Z = matrix("X"), matrix("Y"), matrix("Z")
    expression = T.dot(X, Y) if beta == 0 else T.gemm(Z, alpha, X, Y, beta)
    f = tensorsym.function([X, Y, Z], expression, on_unused_input="ignore")
    expected = x @ y if beta == 0 else alpha * (x @ y) + beta * z
    for one, other in itertools.product(LAYOUTS, LAYOUTS):
        got = f(laid_out(x, one), laid_out(y, other), z)
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
        assert got.shape == (m, n)
