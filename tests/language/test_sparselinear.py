"""Linear operations and comparisons of sparse matrices against SciPy's."""

import numpy as np
import pytest
import scipy.sparse as sp
from tests.language.sparsechecks import check_gradient

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym import sparse

RNG = np.random.RandomState(6)
A, B = (sp.random(5, 4, 0.5, "csr", random_state=RNG) for _ in range(2))
WIDE, ROW = RNG.normal(size=(5, 4)), RNG.normal(size=4)
x, y = sparse.csr_matrix("x", "float64"), sparse.csc_matrix("y", "float64")


def value(out):
    """Return the value of an expression where x is A and y is B."""
    return theano.function([x, y], out, on_unused_input="ignore")(A, B.tocsc())


@pytest.mark.parametrize(
    ("out", "exact"),
    [
        (sparse.hstack([x, y]), sp.hstack([A, B])),
        (sparse.vstack([x, y], "csr", "float32"), sp.vstack([A, B]).astype("float32")),
        (x * y, A.multiply(B)),
        (x - y, A - B),
        (x < y, A < B),
        (x > y, A > B),
        (sparse.neq(x, y), A != B),
        (sparse.mul_s_v(x, ROW), A.multiply(ROW)),
        (sparse.structured_add_s_v(x, ROW), (A.toarray() + ROW) * (A.toarray() != 0)),
        (sparse.add_s_s_data(x, x * 2.0), 3 * A),
        (sparse.structured_add(x, 2), A + 2 * (A != 0)),
        (sparse.structured_minimum(x, 0.5), A.minimum(0.5)),
        (sparse.sampling_dot(WIDE, WIDE[:4], x), A.multiply(WIDE @ WIDE[:4].T)),
        (sparse.true_dot(x, T.constant(WIDE.T)), A @ WIDE.T),
        (sparse.rint(x * 3.0), (3 * A).rint()),
    ],
)
def test_a_sparse_result_is_scipys(out, exact):
    got = value(out)
    exact = exact.toarray() if sp.issparse(exact) else exact
    np.testing.assert_allclose(got.toarray(), exact, rtol=1e-12)
    assert (got.format, got.dtype) == (out.type.format, out.type.dtype)


@pytest.mark.parametrize(
    ("out", "exact"),
    [
        (x >= T.constant(WIDE), A.toarray() >= WIDE),
        (sparse.le(T.constant(WIDE), x), A.toarray() >= WIDE),
        (sparse.usmm(2.0, x, T.constant(WIDE.T), np.eye(5)), 2 * A @ WIDE.T + np.eye(5)),
        (theano.dot(T.constant(WIDE.T), x), WIDE.T @ A),
        (theano.dot(x, T.constant(ROW)), A @ ROW),
        (x.size, A.nnz),
        (sparse.cast(x * 2j, "float64").toarray(), np.zeros((5, 4))),
    ],
)
def test_a_dense_result_is_scipys(out, exact):
    np.testing.assert_allclose(value(out), exact, rtol=1e-12)


@pytest.mark.parametrize("format_", ["csr", "csc"])
@pytest.mark.parametrize(
    "function",
    [
        lambda a: -a,
        lambda a: a.T,
        lambda a: sparse.cast(a, "complex128").astype("float64"),
        lambda a: sparse.hstack([a, B, a * 2.0]),
        lambda a: sparse.vstack([a, B.tocsc()], format="csr"),
        lambda a: a + B,
        lambda a: B - a,
        lambda a: a * T.constant(WIDE),
        lambda a: sparse.col_scale(a, T.constant(ROW)),
        lambda a: sparse.true_dot(a, sparse.as_sparse(B.T.tocsr())),
        lambda a: sparse.true_dot(B.T.tocsr(), a),
        lambda a: a.sum(0),
        lambda a: a.sum(-1),
        lambda a: a.sum(),
        sparse.clean,
    ],
)
def test_the_gradient_of_a_linear_function_is_whole(function, format_):
    check_gradient(function, A.asformat(format_))


@pytest.mark.parametrize(
    "function",
    [
        sparse.structured_exp,
        sparse.tanh,
        lambda a: sparse.structured_add_s_v(a, T.constant(ROW)),
        lambda a: sparse.sampling_dot(T.constant(WIDE), T.constant(WIDE[:4]), a),
        lambda a: sparse.sp_sum(a, 1, sparse_grad=True),
        lambda a: sparse.true_dot(a, T.constant(WIDE.T)),
    ],
)
def test_the_gradient_of_a_structured_function_is_where_elements_are(function):
    check_gradient(function, A, structured=True)


def test_clean_drops_zeros_and_sorts():
    unsorted = sp.csr_matrix(([1.0, 0.0, 2.0], [3, 0, 1], [0, 3]), shape=(1, 4))
    got = theano.function([x], sparse.clean(x))(unsorted)
    np.testing.assert_array_equal(got.indices, [1, 3])
    np.testing.assert_array_equal(got.data, [2, 1])
    assert unsorted.nnz == 3


@pytest.mark.parametrize(
    ("out", "exact"),
    [
        (x.T, (4, 5)),
        (sparse.hstack([x, -x, x]), (5, 12)),
        (sparse.true_dot(x, x.T), (5, 5)),
        (sparse.clean(x + x * x)[1:], (4, 4)),
        (sparse.csc_from_dense(sparse.dense_from_sparse(x)), (5, 4)),
    ],
)
def test_a_shape_needs_lengths_only(out, exact):
    f = theano.function([x], out.shape)
    assert tuple(f(A)) == exact
    ops = {type(node.op) for node in f.maker.fgraph.toposort()}
    assert not ops & {type(v.owner.op) for v in [out, x + x, x * x, x.T, -x]}


@pytest.mark.parametrize(
    "function", [lambda a: a * 2.0, lambda a: a.T, lambda a: -a, lambda a: a[:]]
)
def test_a_result_shares_nothing_with_its_operand(function):
    got = theano.function([x], function(x))(A)
    assert not np.shares_memory(got.indices, A.indices)
    assert not np.shares_memory(got.data, A.data)


def test_a_matrix_of_blocks_is_multiplied():
    blocks = sparse.bsr_matrix("blocks", "float64")
    at = sp.bsr_matrix(np.kron(np.eye(2), [[1.0, 2.0], [3.0, 0.0]]))
    g = T.grad((blocks * blocks).sum(), blocks)
    np.testing.assert_allclose(
        theano.function([blocks], blocks * blocks)(at).toarray(), at.toarray() ** 2
    )
    assert g.type == blocks.type


def test_a_constant_is_a_copy():
    matrix = A.copy()
    constant = sparse.as_sparse_variable(matrix)
    matrix.data[:] = 0
    np.testing.assert_array_equal(theano.function([], constant)().toarray(), A.toarray())


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda: sparse.hstack([]), ValueError),
        (lambda: value(sparse.hstack([x, x.T])), ValueError),
        (lambda: value(x * x.T), ValueError),
        (lambda: x * T.dtensor3(), TypeError),
    ],
)
def test_what_does_not_fit_is_refused(build, error):
    with pytest.raises(error):
        build()
