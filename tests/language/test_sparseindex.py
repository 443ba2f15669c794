"""Indices of sparse matrices against SciPy's, gradients against finite differences."""

import numpy as np
import pytest
import scipy.sparse as sp
from tests.language.sparsechecks import check_gradient

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym import sparse

RNG = np.random.RandomState(5)
A = sp.random(6, 5, 0.5, "csr", random_state=RNG)
i, j = T.lscalars("i", "j")


@pytest.fixture(params=["csr", "csc"])
def x(request):
    return sparse.matrix(request.param, "x", "float64")


def value(x, out, *given):
    """Return the value of an expression where x is A, i is 1 and j is 4."""
    f = theano.function([x, i, j], out, on_unused_input="ignore")
    return f(A.asformat(x.format), 1, 4)


@pytest.mark.parametrize(
    ("part", "exact"),
    [
        (lambda x: x[i:j], A[1:4]),
        (lambda x: x[i:j, :i], A[1:4, :1]),
        (lambda x: x[::2, j:0:-1], A[::2, 4:0:-1]),
        (lambda x: x[:, -2:], A[:, -2:]),
        (lambda x: x[[3, 0, 3]], A[[3, 0, 3]]),
        (lambda x: x[:, [1, 1]], A[:, [1, 1]]),
        (lambda x: sparse.GetItemList()(x, [-1, 2]), A[[-1, 2]]),
    ],
)
def test_a_part_is_scipys_in_the_matrix_format(x, part, exact):
    got = value(x, part(x))
    assert got.format == x.format
    np.testing.assert_array_equal(got.toarray(), exact.toarray())


@pytest.mark.parametrize(
    ("part", "exact"),
    [
        (lambda x: x[i, j], A[1, 4]),
        (lambda x: x[-1, 0], A[-1, 0]),
        (lambda x: x[[0, 2, 5], [1, 1, -1]], A.toarray()[[0, 2, 5], [1, 1, -1]]),
        (sparse.diag, A.diagonal()),
    ],
)
def test_elements_are_scipys(x, part, exact):
    np.testing.assert_array_equal(value(x, part(x)), exact)


@pytest.mark.parametrize(
    "part",
    [
        lambda x: x[1:4, ::-2],
        lambda x: x[[3, 0, 3]],
        lambda x: x[[3, -1, 3], [0, 2, 0]],
        lambda x: x[-2, 1],
        sparse.diag,
    ],
)
def test_the_gradient_by_the_matrix_is_whole(x, part):
    check_gradient(part, A.asformat(x.format))


def test_the_gradient_of_a_gradient_is_picked():
    x, v = sparse.csr_matrix("x", "float64"), T.dvector("v")
    g = T.grad((sparse.square_diagonal(v)[1:, :2].toarray() ** 3).sum(), v)
    at = np.array([2.0, 3.0, 5.0])
    np.testing.assert_allclose(theano.function([v], g)(at), [0, 27, 0])
    outer = T.grad((T.grad((x[[0, 0]].toarray() ** 2).sum(), x).toarray() ** 2).sum(), x)
    exact = np.zeros(A.shape)
    exact[0] = 32 * A.toarray()[0]  # the sum is 2 x**2, and the squared gradient 16 x**2
    np.testing.assert_allclose(theano.function([x], outer)(A).toarray(), exact)


def test_rows_of_one_index_are_added():
    x, rows = T.dmatrix("x"), T.dmatrix("rows")
    out = sparse.construct_sparse_from_list(x, rows, T.constant([2, 0, 2]))
    values = RNG.normal(size=(3, 4))
    exact = np.zeros((5, 4))
    np.add.at(exact, [2, 0, 2], values)
    got = theano.function([x, rows], out)(np.zeros((5, 4)), values)
    np.testing.assert_allclose(got.toarray(), exact)


@pytest.mark.parametrize(
    ("part", "error"),
    [
        (lambda x: x[1:2, 0], NotImplementedError),
        (lambda x: x[0], NotImplementedError),
        (lambda x: x[0, 0, 0], ValueError),
        (lambda x: x[..., 0], ValueError),
        (lambda x: x[T.fscalar() :], ValueError),
        (lambda x: x[T.lvector(), 1:2], ValueError),
        (lambda x: value(x, x[[0, 6]]), IndexError),
        (lambda x: value(x, x[[0, 6], [0, 1]]), IndexError),
        (lambda x: value(x, x[[0, 1], [0, 1, 2]]), ValueError),
    ],
)
def test_what_is_no_index_is_refused(x, part, error):
    with pytest.raises(error):
        part(x)
