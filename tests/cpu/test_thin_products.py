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
    for one, other, summand in itertools.product(LAYOUTS, LAYOUTS, [*LAYOUTS, "reversed"]):
        third = z[::-1, ::-1].copy()[::-1, ::-1] if summand == "reversed" else laid_out(z, summand)
        got = f(laid_out(x, one), laid_out(y, other), third)
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
        assert got.shape == (m, n)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch", [0, 1, 2])
def test_a_matrix_is_updated_by_an_outer_product(batch: int, dtype: str) -> None:
    rng = np.random.RandomState(batch)
    start = rng.randn(33, 18).astype(dtype)
    w, x, d = tensorsym.shared(start), T.matrix("x", dtype=dtype), T.matrix("d", dtype=dtype)
    step = tensorsym.function([x, d], [], updates=[(w, w - np.asarray(0.5, dtype) * T.dot(x.T, d))])
    a, b = rng.randn(batch, 33).astype(dtype), rng.randn(batch, 18).astype(dtype)
    expected = start.astype("float64")
    for _ in range(4):
        step(a, b)
        expected = expected - 0.5 * a.T.astype("float64") @ b
        np.testing.assert_allclose(w.get_value(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [1, 7])
def test_an_outer_product_is_added_over_its_summand(n: int) -> None:
    z, v, w = T.dmatrix("z"), T.dvector("v"), T.dvector("w")
    f = tensorsym.function([z, v, w], T.ger(z * 2, np.asarray(3.0), v, w))
    a, b, c = np.arange(5.0 * n).reshape(5, n), np.arange(5.0), np.linspace(1, 2, n)
    for array in (a, np.asfortranarray(a), a[::-1]):
        np.testing.assert_allclose(f(array, b, c), array * 2 + 3 * np.outer(b, c), rtol=1e-15)
