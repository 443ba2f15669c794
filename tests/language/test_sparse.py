"""Sparse matrices against SciPy's, their gradients against those of dense expressions."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym import sparse

RNG = np.random.RandomState(3)
A = sp.random(5, 4, 0.4, "csr", random_state=RNG)
B = sp.random(4, 3, 0.5, "csc", random_state=RNG)
DENSE, WIDE = RNG.normal(size=(4, 3)), RNG.normal(size=(5, 4))

x = sparse.csr_matrix("x", dtype="float64")
y = sparse.csc_matrix("y", dtype="float64")
d = T.dmatrix("d")


def call(out, **given):
    symbols = {"x": x, "y": y, "d": d}
    return theano.function([symbols[k] for k in given], out)(*given.values())


def check(out, exact, **given):
    got = call(out, **given)
    got = got.toarray() if sp.issparse(got) else got
    np.testing.assert_allclose(got, exact, rtol=1e-12)


def of_stored(function):
    return sp.csr_matrix((function(A.data), A.indices, A.indptr), A.shape)


@pytest.mark.parametrize(
    ("out", "exact"),
    [
        (x * 2.0, 2 * A),
        (-x, -A),
        (x.T, A.T),
        (x + x, 2 * A),
        (x - x * 0.5, 0.5 * A),
        (x * x, A.multiply(A)),
        (sparse.true_dot(x, x.T), A @ A.T),
        (sparse.structured_sigmoid(x), of_stored(lambda data: 1 / (1 + np.exp(-data)))),
        (sparse.sqr(x), A.power(2)),
        (sparse.sp_ones_like(x), A != 0),
        (sparse.col_scale(x, T.arange(4.0)), A @ sp.diags(np.arange(4.0))),
        (sparse.row_scale(x, T.arange(5.0)), sp.diags(np.arange(5.0)) @ A),
        (sparse.CSR(*sparse.csm_properties(x)), A),
        (x.astype("float32").astype("float64"), A.astype("float32")),
        (sparse.sp_zeros_like(x), 0 * A),
    ],
)
def test_a_sparse_result_is_scipys(out, exact):
    check(out, exact.toarray(), x=A)


@pytest.mark.parametrize(
    ("out", "exact"),
    [
        (x.toarray(), A.toarray()),
        (x.sum(), A.sum()),
        (sparse.sp_sum(x, axis=0), A.toarray().sum(0)),
        (x.sum(1), A.toarray().sum(1)),
        (x.shape, [5, 4]),
        (sparse.diag(x), A.diagonal()),
        (sparse.dot(x, T.constant(DENSE)), A @ DENSE),
        (sparse.dot(x, T.constant(DENSE[:, 0])), A @ DENSE[:, 0]),
        (sparse.dot(T.constant(WIDE.T), x), WIDE.T @ A),
        (x + T.constant(WIDE), A.toarray() + WIDE),
        (T.constant(WIDE) - x, WIDE - A.toarray()),
        (sparse.square_diagonal(T.arange(3.0)).toarray() + 0 * x.sum(), np.diag(np.arange(3.0))),
    ],
)
def test_a_dense_result_is_scipys(out, exact):
    check(out, exact, x=A)


def test_formats_meet():
    check(sparse.dot(x, y), (A @ B).toarray(), x=A, y=B)
    check(sparse.structured_dot(x, y), (A @ B).toarray(), x=A, y=B)
    assert sparse.csc_from_dense(d).type.format == "csc"
    check(sparse.csc_from_dense(d), DENSE, d=DENSE)


def dense_gradient(cost, at):
    """Return the gradient by a matrix of the same expression of tensors."""
    symbol = T.dmatrix()
    return theano.function([symbol], T.grad(cost(symbol), symbol))(at.toarray())


def squared(v):
    return (T.tanh(v) ** 2).sum()


@pytest.mark.parametrize(
    ("of_sparse", "of_dense"),
    [
        (lambda a: squared(sparse.dot(a, T.constant(DENSE))), lambda a: squared(T.dot(a, DENSE))),
        (lambda a: squared(sparse.dot(T.constant(WIDE.T), a)), lambda a: squared(T.dot(WIDE.T, a))),
        (lambda a: squared((a * T.constant(WIDE)).toarray()), lambda a: squared(a * WIDE)),
        (lambda a: squared((a + a.T.T).toarray()), lambda a: squared(a + a)),
        (
            lambda a: squared(sparse.structured_dot(a, a.T).toarray()),
            lambda a: squared(T.dot(a, a.T)),
        ),
        (lambda a: squared(sparse.sp_sum(a, 0, True)), lambda a: squared(a.sum(0))),
        (lambda a: (a * a).sum(), lambda a: (a * a).sum()),
    ],
)
def test_the_gradient_by_a_sparse_matrix_is_the_dense_one_in_its_structure(of_sparse, of_dense):
    g = call(T.grad(of_sparse(x), x), x=A)
    assert sp.issparse(g)
    np.testing.assert_array_equal(g.indices, A.indices)
    np.testing.assert_allclose(g.toarray(), dense_gradient(of_dense, A) * (A.toarray() != 0))


def test_the_gradient_by_a_dense_factor_is_the_dense_one():
    g = call(T.grad(squared(sparse.structured_dot(x, d)), d), x=A, d=DENSE)
    symbol = T.dmatrix()
    exact = theano.function([symbol], T.grad(squared(T.dot(A.toarray(), symbol)), symbol))(DENSE)
    np.testing.assert_allclose(g, exact)


def test_the_gradient_by_a_broadcast_scale_is_summed():
    v = T.dvector()
    g = theano.function([x, v], T.grad(squared(sparse.row_scale(x, v).toarray()), v))
    symbol = T.dvector()
    exact = T.grad(squared(A.toarray() * symbol.dimshuffle(0, "x")), symbol)
    at = np.arange(5.0)
    np.testing.assert_allclose(g(A, at), theano.function([symbol], exact)(at))


def test_a_sparse_matrix_is_shared_and_updated():
    s = theano.shared(A.tocsc(), name="s")
    assert s.type == sparse.SparseType("csc", "float64")
    step = theano.function([], s.sum(), updates=[(s, s * 2.0)])
    step()
    np.testing.assert_allclose(s.get_value().toarray(), 2 * A.toarray())
    s.set_value(A.tocsc())
    assert step() == pytest.approx(A.sum())


@pytest.mark.parametrize(
    "build",
    [
        lambda: sparse.SparseType("coo", "float64"),
        lambda: sparse.SparseType("csr", "bool"),
        lambda: sparse.as_sparse_variable(np.ones((2, 2))),
        lambda: sparse.as_sparse_variable(T.dmatrix()),
        lambda: sparse.structured_dot(T.dmatrix(), T.dmatrix()),
        lambda: sparse.true_dot(T.dmatrix(), T.dmatrix()),
        lambda: sparse.structured_dot(x, T.dtensor3()),
        lambda: sparse.csr_from_dense(T.dtensor3()),
        lambda: call(x.toarray(), x=np.ones((2, 2))),
        lambda: sparse.CSR(T.dmatrix(), T.ivector(), T.ivector(), T.ivector()),
    ],
)
def test_what_is_no_sparse_matrix_is_refused(build):
    with pytest.raises(TypeError):
        build()


@pytest.mark.parametrize(
    "build",
    [
        lambda: call(sparse.dot(x, d), x=A, d=WIDE),
        lambda: call(x + x.T, x=A),
        lambda: sparse.sp_sum(x, axis=2),
        lambda: sparse.CSM("coo"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(build):
    with pytest.raises(ValueError, match=r"shape|axis|format"):
        build()


def test_scipys_matrices_are_not_imported_before_they_are_needed():
    code = "import sys, tensorsym.sparse; assert 'scipy.sparse' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
