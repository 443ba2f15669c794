"""Order: sorts, searches, unique elements, counts and differences, against NumPy."""

import functools

import numpy as np
import pytest
from tests.expressions import check_gradient, check_value, values

import tensorsym.tensor as T
from tensorsym.errors import RangeError

CUBE = np.random.default_rng(9).normal(size=(2, 3, 4))
TIES = np.array([[3.0, 1, 3, np.nan], [-0.0, 0.0, -1, 1]])


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_sort_and_argsort(axis):
    for array in (
        CUBE,
        TIES,
        TIES.astype("float32"),
        (CUBE * 4).astype("int8"),
        CUBE > 0,
        CUBE + 1j,
    ):
        check_value(lambda x: T.sort(x, axis), lambda a: np.sort(a, axis, kind="stable"), array)
        check_value(
            lambda x: T.argsort(x, axis), lambda a: np.argsort(a, axis, kind="stable"), array
        )
    check_gradient(lambda x: T.sort(x, axis) ** 2, CUBE)
    check_value(lambda x: x[x.argsort(0)[0, 0, 0]], lambda a: a[a.argsort(0)[0, 0, 0]], CUBE)


@pytest.mark.parametrize("kth", [1, 2, -1, -2, 3])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_topk_comes_in_descending_order(kth, axis):
    array = np.random.default_rng(2).permutation(27).reshape(3, 3, 3) / 7.0

    def reference(a):
        order = np.argsort(a, axis)
        cut = np.take(order, range(3 - kth, 3) if kth > 0 else range(-kth), axis)
        return np.flip(cut, axis)

    check_value(lambda x: T.argtopk(x, kth, axis), reference, array)
    check_value(
        lambda x: T.topk(x, kth, axis), lambda a: np.take_along_axis(a, reference(a), axis), array
    )
    check_value(
        lambda x, k: T.topk_and_argtopk(x, k, axis)[1],
        lambda a, k: reference(a),
        array,
        np.int64(kth),
    )
    check_gradient(lambda x: T.topk(x, kth, axis) ** 2, array)


def test_topk_of_all_and_what_it_refuses():
    assert values(T.topk(T.constant([[3.0, 1], [2, 5]]), 3, axis=None), {})[0].tolist() == [5, 3, 2]
    assert T.argtopk(T.vector(), 2, idx_dtype="int32").dtype == "int32"
    with pytest.raises(ValueError, match="0 elements"):
        T.topk(T.vector(), 0)
    with pytest.raises(TypeError):
        T.topk(T.vector(), 1, idx_dtype="float32")
    with pytest.raises(TypeError):
        T.topk(T.scalar(), 1)
    x, k = T.vector("x"), T.lscalar("k")
    for count in (0, 4, -4):
        with pytest.raises(RangeError, match="must not be 0 or exceed"):
            values(T.topk(x, k), {x: [1.0, 2, 3], k: count})


@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted(side):
    v = np.array([[0.5, 2], [2.5, 9]])
    unsorted = np.array([3.0, 1, 2, 2])
    order = np.argsort(unsorted)
    check_value(
        lambda x, y: T.searchsorted(x, y, side),
        lambda a, b: np.searchsorted(a, b, side),
        np.sort(unsorted),
        v,
    )
    check_value(
        lambda x, y, s: T.searchsorted(x, y, side, s),
        lambda a, b, s: np.searchsorted(a, b, side, s),
        unsorted,
        v,
        order,
    )
    assert values(T.searchsorted([1, 2], 2.0, side=side), {})[0].shape == ()


def test_searchsorted_refuses_matrices_other_sides_and_float_orders():
    with pytest.raises(ValueError, match="vector"):
        T.searchsorted(T.matrix(), T.vector())
    with pytest.raises(ValueError, match="side"):
        T.searchsorted(T.vector(), T.vector(), side="middle")
    with pytest.raises(TypeError):
        T.searchsorted(T.vector(), T.vector(), sorter=T.vector())


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_unique(axis):
    array = np.array([[3.0, 1, 3], [3, 1, 3], [0, 2, 0]])
    check_value(lambda x: T.unique(x, axis=axis), lambda a: np.unique(a, axis=axis), array)

    def reference(a):
        found = np.unique(a, True, True, True, axis=axis)
        return [part if i == 0 else part.reshape(-1) for i, part in enumerate(found)]

    check_value(lambda x: T.unique(x, True, True, True, axis), reference, array)
    distinct = np.random.default_rng(4).permutation(9).reshape(3, 3) / 3.0
    check_gradient(lambda x: T.unique(x, axis=axis) ** 2, distinct)


def test_bincount():
    numbers, weights = np.array([1, 3, 1]), np.array([0.5, 1, 2])
    check_value(T.bincount, np.bincount, numbers)
    check_value(T.bincount, np.bincount, numbers, weights)
    check_value(
        lambda x: T.bincount(x, minlength=6), lambda a: np.bincount(a, minlength=6), numbers
    )
    check_gradient(T.bincount, numbers, weights)
    assert T.bincount(T.ivector()).dtype == "int32"
    with pytest.raises(AssertionError, match="negative"):
        check_value(lambda x: T.bincount(x, assert_nonneg=True), lambda a: a, numbers - 2)
    for wrong in (T.vector(), T.imatrix()):
        with pytest.raises(TypeError):
            T.bincount(wrong)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_diff(n, axis):
    check_value(lambda x: T.diff(x, n, axis), lambda a: np.diff(a, n, axis), CUBE)
    check_gradient(lambda x: T.diff(x, n, axis), CUBE)


def test_diff_of_bools_tells_where_neighbours_differ():
    check_value(T.diff, np.diff, CUBE > 0)
    with pytest.raises(ValueError, match="negative"):
        T.diff(T.vector(), -1)


def test_closeness_and_extremes():
    a = np.array([1.0, np.nan, np.inf, -np.inf, 1e-9, 2])
    b = np.array([1 + 1e-6, np.nan, np.inf, np.inf, 0, 3])
    check_value(T.isclose, np.isclose, a, b)
    with_nan = functools.partial
    check_value(with_nan(T.isclose, equal_nan=True), with_nan(np.isclose, equal_nan=True), a, b)
    check_value(T.allclose, np.allclose, a[:1], b[:1])
    check_value(T.isclose, np.isclose, np.array([1, 2]), np.array([1, 3]))
    check_value(T.largest, np.maximum, a[3:], b[3:])
    check_value(lambda x, y: T.smallest(x, y, x), np.minimum, a[3:], b[3:])
    check_value(T.iround, lambda p: np.round(p).astype("int64"), np.array([0.5, 1.5, -2.4]))


def test_assert_passes_values_and_gradients_on():
    x = T.vector("x")
    out = T.assert_op(x * 2, T.all(x > 0), message="must be positive")
    assert values([out, T.grad(out.sum(), x)], {x: [1.0, 2]})[0].tolist() == [2, 4]
    with pytest.raises(AssertionError, match=r"must be positive(.|\n)*built at: .*test_sorting.py"):
        values(out, {x: [1.0, -2]})


def test_cov():
    rows, more = CUBE[0], CUBE[1]
    counts, weights = np.array([1, 2, 1, 3]), np.array([0.5, 0.1, 0.7, 0.2])
    check_value(T.cov, np.cov, rows)
    check_value(T.cov, np.cov, rows, more)
    check_value(
        lambda x: T.cov(x, rowvar=False, bias=True),
        lambda a: np.cov(a, rowvar=False, bias=True),
        rows,
    )
    check_value(lambda x: T.cov(x, ddof=0), lambda a: np.cov(a, ddof=0), rows)
    check_value(lambda x, c: T.cov(x, fweights=c), lambda a, c: np.cov(a, fweights=c), rows, counts)
    check_value(
        lambda x, w: T.cov(x, aweights=w), lambda a, w: np.cov(a, aweights=w), rows, weights
    )
    check_value(
        lambda x, c, w: T.cov(x, fweights=c, aweights=w),
        lambda a, c, w: np.cov(a, fweights=c, aweights=w),
        rows,
        counts,
        weights,
    )
    check_gradient(T.cov, rows)
