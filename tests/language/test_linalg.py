"""Linear algebra against NumPy and SciPy, gradients against differences."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.linalg
from tests.numeric import check_derivatives, difference_quotient, run

import tensorsym.tensor as T
from tensorsym import function
from tensorsym.errors import NullTypeGradError, RankError
from tensorsym.tensor import nlinalg, slinalg

RNG = np.random.default_rng(8)
A = RNG.normal(size=(3, 3)) + 3 * np.eye(3)
S = A @ A.T
B = RNG.normal(size=(3, 2))
V = RNG.normal(size=3)
TALL = RNG.normal(size=(4, 2))
a, b = T.dmatrices("a", "b")
v = T.dvector("v")


@pytest.mark.parametrize(
    ("made", "arrays", "wanted"),
    [
        (nlinalg.matrix_inverse(a), [A], np.linalg.inv(A)),
        (nlinalg.pinv(a), [TALL], np.linalg.pinv(TALL)),
        (nlinalg.det(a), [A], np.linalg.det(A)),
        (nlinalg.trace(a), [A], np.trace(A)),
        (nlinalg.matrix_dot(a, a.T, a), [A], A @ A.T @ A),
        (nlinalg.tensorinv(a, 1), [A], np.linalg.inv(A)),
        (nlinalg.tensorsolve(a, v), [A, V], np.linalg.solve(A, V)),
        (nlinalg.qr(a, "r"), [A], np.linalg.qr(A, "r")),
        (nlinalg.svd(a, compute_uv=False), [TALL], np.linalg.svd(TALL, compute_uv=False)),
        (nlinalg.eigh(a)[0], [S], np.linalg.eigh(S)[0]),
        (nlinalg.eig(a)[0], [S], np.linalg.eig(S)[0]),
        (nlinalg.lstsq()(a, v)[0], [A, V], np.linalg.lstsq(A, V, rcond=-1)[0]),
        (slinalg.cholesky(a), [S], np.linalg.cholesky(S)),
        (slinalg.Cholesky(lower=False)(a), [S], scipy.linalg.cholesky(S)),
        (slinalg.solve(a, v), [A, V], np.linalg.solve(A, V)),
        (slinalg.solve(a, b), [A, B], np.linalg.solve(A, B)),
        (slinalg.Solve("symmetric")(a, v), [S, V], np.linalg.solve(S, V)),
        (
            slinalg.solve_lower_triangular(a, v),
            [A, V],
            scipy.linalg.solve_triangular(A, V, lower=True),
        ),
        (slinalg.solve_upper_triangular(a, b), [A, B], scipy.linalg.solve_triangular(A, B)),
        (slinalg.expm(a), [A], scipy.linalg.expm(A)),
        (slinalg.kron(a, b), [A, B], np.kron(A, B)),
        (slinalg.eigvalsh(a, b), [A + A.T, S], scipy.linalg.eigvalsh(A + A.T, S)),
        (slinalg.eigvalsh(a), [S], np.linalg.eigvalsh(S)),
    ],
)
@pytest.mark.parametrize("mode", ["FAST_RUN", "reference"])
def test_values_are_numpys(made, arrays, wanted, mode):
    inputs = {1: [a], 2: [a, v if arrays[-1].ndim == 1 else b]}[len(arrays)]
    got = function(inputs, [made, made.shape], mode=mode, on_unused_input="ignore")(*arrays)
    np.testing.assert_allclose(got[0], wanted, rtol=1e-10, atol=1e-12)
    assert tuple(got[1]) == np.shape(wanted)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "int32"])
def test_dtypes_are_kept_and_integers_become_floats(dtype):
    x = T.TensorType(dtype, (False, False))()
    wanted = "float64" if dtype == "int32" else dtype
    value = np.array([[2, 1], [1, 3]], dtype=dtype)
    for f in (nlinalg.matrix_inverse, nlinalg.det, slinalg.cholesky, slinalg.expm):
        result = f(x)
        assert result.dtype == wanted
        assert function([x], result)(value).dtype == wanted


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, "inf", -np.inf])
def test_norms_of_matrices(order):
    name = {"inf": np.inf}.get(order, order)
    np.testing.assert_allclose(run([a], nlinalg.norm(a, order), [A]), np.linalg.norm(A, name))


@pytest.mark.parametrize("order", [None, 0, 1, -1, 2, 3, 2.5, np.inf, "-inf"])
def test_norms_of_vectors(order):
    name = {"-inf": -np.inf}.get(order, order)
    np.testing.assert_allclose(run([v], nlinalg.norm(v, order), [V]), np.linalg.norm(V, name))


@pytest.mark.parametrize("power", [-2, -1, 0, 1, 2, 3, 6])
def test_powers(power):
    made = nlinalg.matrix_power(a, power)
    found = function([a], made, on_unused_input="ignore")(A)
    np.testing.assert_allclose(found, np.linalg.matrix_power(A, power), rtol=1e-10)


@pytest.mark.parametrize(("mode", "shapes"), [("full", 2), ("complete", 4)])
def test_factors_multiply_to_the_matrix(mode, shapes):
    q, r = run([a], nlinalg.qr(a, mode), [TALL])
    assert q.shape == (4, shapes)
    np.testing.assert_allclose(q @ r, TALL, atol=1e-12)
    u, s, vt = run([a], nlinalg.svd(a, full_matrices=0), [TALL])
    np.testing.assert_allclose(u * s @ vt, TALL, atol=1e-12)
    w, x = run([a], nlinalg.eigh(a, "U"), [S])
    np.testing.assert_allclose(x * w @ x.T, S, rtol=1e-10)


@pytest.mark.parametrize(
    ("cost", "inputs", "arrays", "order"),
    [
        ((nlinalg.matrix_inverse(a) * A).sum(), [a], [A], 2),
        (nlinalg.det(a), [a], [A], 2),
        ((slinalg.solve(a, v) ** 2).sum(), [a, v], [A, V], 2),
        (T.sum(T.sin(slinalg.solve(a, b))), [a, b], [A, B], 1),
        ((slinalg.solve_lower_triangular(a, v) ** 2).sum(), [a, v], [A, V], 2),
        ((slinalg.solve_upper_triangular(a, b) ** 2).sum(), [a, b], [A, B], 1),
        ((slinalg.expm(a / 3) * A).sum(), [a], [A], 1),
        ((slinalg.kron(a, b) ** 2).sum(), [a, b], [A, B], 1),
    ],
)
def test_gradients_equal_differences(cost, inputs, arrays, order):
    check_derivatives(cost, inputs, arrays, order=order)


@pytest.mark.parametrize(
    "made",
    [
        nlinalg.pinv(a),
        nlinalg.svd(a, compute_uv=False),
        nlinalg.svd(a)[1],
        nlinalg.svd(a.T, full_matrices=False)[1],
    ],
)
def test_gradients_of_rectangular_matrices(made):
    weights = RNG.normal(size=run([a], made, [TALL]).shape)
    cost = (made * weights).sum()
    wanted = difference_quotient(lambda x: run([a], cost, [x]), [TALL], 0)
    np.testing.assert_allclose(run([a], T.grad(cost, a), [TALL]), wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    "made",
    [
        lambda s: slinalg.cholesky(s) ** 2,
        lambda s: slinalg.Cholesky(lower=False)(s) ** 2,
        lambda s: nlinalg.eigh(s)[0] ** 2,
        lambda s: nlinalg.eigh(s, "U")[1] ** 2 * V,
        lambda s: slinalg.eigvalsh(s, T.constant(A @ A.T)) ** 2,
        lambda s: slinalg.eigvalsh(T.constant(A + A.T), s) ** 2,
    ],
)
def test_gradients_through_symmetric_matrices(made):
    """Where one triangle is read, the gradient by a matrix with both is that by its root."""
    cost = T.sum(made(T.dot(a, a.T)))
    wanted = difference_quotient(lambda x: run([a], cost, [x]), [A], 0)
    np.testing.assert_allclose(run([a], T.grad(cost, a), [A]), wanted, rtol=1e-5, atol=1e-6)


def test_one_triangle_gets_the_gradient_of_both():
    gradient = run([a], T.grad(slinalg.cholesky(a).sum(), a), [[[2.0, 1.0], [1.0, 3.0]]])
    wanted = [[0.25583363680084636, 0.0], [0.39087901516970963, 0.31622776601683794]]
    np.testing.assert_allclose(gradient, wanted)


def test_what_has_no_gradient_says_so():
    with pytest.raises(NullTypeGradError, match="no gradient"):
        T.grad(nlinalg.svd(a)[0].sum(), a)
    with pytest.raises(RankError, match="det takes a matrix"):
        nlinalg.det(v)
    with pytest.raises(ValueError, match="structure"):
        slinalg.Solve("round")


def test_matrices_that_can_not_be_factored():
    with pytest.raises(np.linalg.LinAlgError):
        run([a], slinalg.cholesky(a), [-S])
    with pytest.raises(np.linalg.LinAlgError):
        run([a], nlinalg.matrix_inverse(a), [np.zeros((2, 2))])
    assert np.isnan(run([a], slinalg.Cholesky(on_error="nan")(a), [-S])).all()


def test_scipy_is_loaded_at_first_use():
    code = (
        "import sys, tensorsym.tensor as T; x = T.dmatrix(); y = T.slinalg.expm(x);"
        "assert 'scipy.linalg' not in sys.modules; y.eval({x: [[0.0]]});"
        "assert 'scipy.linalg' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
