"""Tensors made from numbers, patterns, diagonals and grids, against NumPy."""

import numpy as np
import pytest
from tests.expressions import check_gradient, check_value, values

import tensorsym.tensor as T
from tensorsym.errors import IndexStepError, RangeError
from tensorsym.language.diagonals import AllocDiag

RNG = np.random.default_rng(5)
SQUARE, WIDE, CUBE = RNG.normal(size=(3, 3)), RNG.normal(size=(2, 4)), RNG.normal(size=(3, 3, 3))


@pytest.mark.parametrize(
    ("arguments", "dtype"),
    [
        ((3,), "int64"),
        ((3.0,), "float32"),
        ((0, 1, 0.25), "float32"),
        ((0, 0.3, 0.1), "float64"),
        ((5, 0, -2), "int64"),
        ((2, 2), "int64"),
        ((np.uint8(4),), "int64"),
        ((np.float64(2.5),), "float64"),
        ((np.int8(-3), np.float32(1)), "float32"),
        ((0, 1e-3, np.float32(1e-4)), "float64"),
    ],
    ids=str,
)
def test_arange_has_theanos_dtype_and_numpys_values(arguments, dtype):
    out = T.arange(*arguments)
    assert out.dtype == dtype
    typed = [
        np.asarray(a).astype("float64") if np.asarray(a).dtype.kind == "f" else a for a in arguments
    ]
    expected = (
        np.arange(*map(float, typed)) if dtype != "int64" else np.arange(*map(int, arguments))
    )
    np.testing.assert_allclose(values(out, {})[0], expected, rtol=1e-6)
    assert out.type.shape == expected.shape


def test_arange_of_symbols_knows_its_length():
    start, stop, step = (T.lscalar(n) for n in ("start", "stop", "step"))
    x, y = T.scalar("x"), T.scalar("y")
    for a, b, c in [(0, 5, 1), (1, 8, 3), (8, 1, -3), (3, 3, 1), (5, 1, 1), (1, 5, -1)]:
        check_value(T.arange, np.arange, *map(np.int64, (a, b, c)))
        check_value(T.arange, np.arange, *map(np.float64, (a, b, c)))
    for out in (T.arange(start, stop, step), T.arange(x, y, step)):
        with pytest.raises((ValueError, ZeroDivisionError), match="step can not be zero"):
            values(out, {start: 0, stop: 3, step: 0, x: 0.0, y: 1.0})
    with pytest.raises(IndexStepError):
        T.arange(0, 5, 0)
    with pytest.raises(TypeError):
        T.arange(T.vector())
    with pytest.raises(TypeError):
        T.arange(1j)


def test_arange_of_floats_has_a_gradient():
    check_gradient(lambda a, b: T.arange(a, 5.2, b), np.float64(0.5), np.float64(1.5))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_arange_equals_numpy_bit_by_bit(dtype):
    numbers = np.array([0.1, 2.95, 0.1], dtype)
    out = T.arange(*map(T.constant, numbers))
    assert out.dtype == dtype
    np.testing.assert_array_equal(values(out, {})[0], np.arange(*numbers, dtype=dtype))


@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_linspace(count, endpoint):
    check_value(
        lambda a, b, n: T.linspace(a, b, n, endpoint),
        lambda a, b, n: np.linspace(a, b, int(n), endpoint),
        np.float64(-1),
        np.float64(2),
        np.int64(count),
    )
    check_gradient(lambda a, b: T.linspace(a, b, 4, endpoint), np.float64(-1), np.float64(2))


@pytest.mark.parametrize(
    ("build", "reference"),
    [
        (lambda n, m: T.eye(n), lambda n, m: np.eye(n)),
        (lambda n, m: T.eye(n, m, k=1, dtype="int8"), lambda n, m: np.eye(n, m, 1)),
        (lambda n, m: T.tri(n, m, k=-1), lambda n, m: np.tri(n, m, -1)),
        (lambda n, m: T.full((n, m), 2.5), lambda n, m: np.full((n, m), 2.5)),
        (lambda n, m: T.empty((n, m)).shape, lambda n, m: np.array([n, m])),
        (lambda n, m: T.bartlett(m), lambda n, m: np.bartlett(m)),
        (lambda n, m: T.bartlett(n - 2), lambda n, m: np.bartlett(n - 2)),
        (lambda n, m: T.mgrid[0:n, 1:m:2], lambda n, m: np.mgrid[0:n, 1:m:2]),
        (lambda n, m: T.ogrid[0:n, 1:m], lambda n, m: np.ogrid[0:n, 1:m]),
        (lambda n, m: T.mgrid[0:1:5j, 0:2], lambda n, m: np.mgrid[0:1:5j, 0:2]),
    ],
)
def test_patterns_of_symbolic_sizes(build, reference):
    check_value(build, reference, np.int64(3), np.int64(6))


@pytest.mark.parametrize(
    "array", [SQUARE, WIDE, CUBE, SQUARE[0]], ids=["square", "wide", "cube", "vector"]
)
@pytest.mark.parametrize("k", [0, 1, -1])
def test_triangles(array, k):
    check_value(lambda x: T.tril(x, k), lambda a: np.tril(a, k), array)
    check_value(lambda x: T.triu(x, k), lambda a: np.triu(a, k), array)
    check_gradient(lambda x: T.tril(x, k), array)
    infinite = np.where(array > 0, np.inf, array)
    check_value(lambda x: T.triu(x, k), lambda a: np.triu(a, k), infinite)


@pytest.mark.parametrize("k", [0, 1, -2, 4])
def test_diagonals(k):
    for array in (SQUARE, WIDE):
        check_value(lambda x: T.diag(x, k), lambda a: np.diag(a, k), array)
        check_gradient(lambda x: T.diag(x, k), array)
    check_value(lambda x: T.diag(x, k), lambda a: np.diag(a, k), SQUARE[0])
    check_gradient(lambda x: T.diag(x, k), SQUARE[0])
    for axes in ((0, 1), (2, 0), (-1, 1)):
        check_value(
            lambda x, d=axes: T.diagonal(x, k, *d), lambda a, d=axes: a.diagonal(k, *d), CUBE
        )
        check_gradient(lambda x, d=axes: T.diagonal(x, k, *d), CUBE)


@pytest.mark.parametrize("offset", [-1, 0, 2])
def test_alloc_diag_on_other_axes_is_undone_by_extract_diag(offset):
    put = AllocDiag(offset, 0, 2)
    check_value(lambda x: T.diagonal(put(x), offset, 0, 2), lambda a: a, WIDE)
    check_gradient(lambda x: put(x) ** 2, WIDE)


def test_trace_is_theanos_and_numpys():
    check_value(T.trace, np.trace, SQUARE)
    check_value(T.trace, lambda a: a.diagonal().sum(), CUBE)
    check_value(np.trace, np.trace, CUBE)
    check_gradient(T.trace, WIDE)


def numpy_filled(a, value, offset=0):
    out = a.copy()
    rows = np.arange(max(0, min(a.shape[0] + min(offset, 0), a.shape[1] - max(offset, 0))))
    out[rows + max(-offset, 0), rows + max(offset, 0)] = value
    return out


@pytest.mark.parametrize("array", [SQUARE, WIDE, WIDE.T], ids=["square", "wide", "tall"])
def test_fill_diagonal(array):
    check_value(lambda x: T.fill_diagonal(x, 7.0), lambda a: numpy_filled(a, 7), array)
    check_gradient(T.fill_diagonal, array, np.float64(2))
    for offset in (-1, 0, 2, 5):
        check_value(
            T.fill_diagonal_offset,
            numpy_filled,
            array,
            np.float64(3),
            np.int64(offset),
        )
    check_gradient(lambda x, v: T.fill_diagonal_offset(x, v, 1), array, np.float64(2))


def test_fill_diagonal_of_a_cube_and_what_it_refuses():
    expected = CUBE.copy()
    np.fill_diagonal(expected, 1)
    check_value(lambda x: T.fill_diagonal(x, 1.0), lambda a: expected, CUBE)
    with pytest.raises(ValueError, match="one length"):
        check_value(lambda x: T.fill_diagonal(x, 1.0), lambda a: a, CUBE[:2])
    for build in (
        lambda: T.fill_diagonal(T.vector(), 1.0),
        lambda: T.fill_diagonal(T.matrix(), T.vector()),
        lambda: T.fill_diagonal(T.imatrix(), 1.5),
        lambda: T.fill_diagonal_offset(T.matrix(), 1.0, 0.5),
        lambda: T.fill_diagonal_offset(T.tensor3(), 1.0, 1),
    ):
        with pytest.raises(TypeError):
            build()


def test_one_hot_rows():
    check_value(lambda y: T.to_one_hot(y, 4), lambda y: np.eye(4)[y], np.array([0, 3, 3]))
    assert T.to_one_hot(T.ivector(), 4, dtype="int8").dtype == "int8"


@pytest.mark.parametrize("order", ["C", "F"])
def test_flat_and_multiple_positions(order):
    rows, columns = np.array([[0, 2], [1, 1]]), np.array([[3, 0], [2, 3]])
    check_value(
        lambda i, j: T.ravel_multi_index((i, j), (3, 4), order=order),
        lambda i, j: np.ravel_multi_index((i, j), (3, 4), order=order),
        rows,
        columns,
    )
    for mode in ("wrap", "clip"):
        check_value(
            lambda i, j, m=mode: T.ravel_multi_index((i, j), (2, 3), m, order),
            lambda i, j, m=mode: np.ravel_multi_index((i, j), (2, 3), m, order),
            rows,
            columns,
        )
    check_value(
        lambda i: T.unravel_index(i, (3, 4), order),
        lambda i: np.unravel_index(i, (3, 4), order),
        rows * 5,
    )
    check_value(
        lambda i, d: T.unravel_index(i, d, order, ndim=2),
        lambda i, d: np.unravel_index(i, tuple(d), order),
        rows * 5,
        np.array([3, 4]),
    )
    for build in (
        lambda i: T.ravel_multi_index((i, i), (2, 9)),
        lambda i: T.unravel_index(i, (1, 2))[0],
    ):
        with pytest.raises(RangeError, match="out of range"):
            check_value(build, lambda i: i, rows)


def test_permutations():
    order = np.array([2, 0, 1])
    orders = np.array([[2, 0, 1], [0, 2, 1]])
    rows = RNG.normal(size=(2, 3))
    check_value(T.inverse_permutation, np.argsort, order)
    check_value(T.inverse_permutation, lambda p: np.argsort(p, 1), orders)
    check_value(T.permute_row_elements, lambda a, p: a[:, p], rows, order)
    check_value(T.permute_row_elements, lambda a, p: np.take_along_axis(a, p, 1), rows, orders)
    check_value(
        lambda x, p: T.permute_row_elements(x, p, 1), lambda a, p: a[:, np.argsort(p)], rows, order
    )
    check_value(T.permute_row_elements, lambda a, p: a[p], rows[0], orders)
    check_gradient(T.permute_row_elements, rows, orders)
    check_gradient(lambda x, p: T.permute_row_elements(x, p, inverse=True), rows, orders)


def test_ceil_intdiv_rounds_up():
    a, b = np.array([7, -7, 6, 7, 0]), np.array([2, 2, 3, -2, 5])
    check_value(T.ceil_intdiv, lambda a, b: -(-a // b), a, b)


def test_likes_take_shape_and_dtype():
    assert T.identity_like(T.fmatrix()).dtype == "float32"
    check_value(T.identity_like, lambda a: np.eye(*a.shape), WIDE)
    check_value(lambda x: T.full_like(x, 3), lambda a: np.full_like(a, 3), WIDE)


def test_an_asserted_constant_is_known_only_if_the_condition_is_known_to_hold():
    two = T.constant(2)
    assert T.get_scalar_constant_value(T.opt.Assert()(two, two > 1)) == 2
    for condition in (two > 2, two > T.scalar()):
        with pytest.raises(T.NotScalarConstantError):
            T.get_scalar_constant_value(T.opt.Assert()(two, condition))


def test_one_length_is_a_shape():
    m = T.dmatrix()
    out = T.reshape(m, T.as_tensor_variable(6), ndim=1)
    np.testing.assert_array_equal(out.eval({m: [[0, 1, 2], [3, 4, 5]]}), np.arange(6))


def test_none_as_a_constant_is_every_axis():
    m = T.dmatrix()
    assert T.max(m, axis=T.NoneConst.clone()).eval({m: [[0, 5], [3, 4]]}) == 5
