"""Extremes, running sums, variance, norms and log-sum-exp against NumPy and SciPy."""

import numpy as np
import pytest
from scipy import special
from tests.numeric import check_derivatives, run

import tensorsym.tensor as T
from tensorsym.errors import ShapeError

RNG = np.random.default_rng(2)
X = RNG.normal(size=(2, 3, 4))
AXES = (None, 0, -1, (0, 2), [1])


def numpys(axis):
    return tuple(axis) if isinstance(axis, list) else axis


@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("keepdims", [False, True])
def test_statistics_agree_with_numpy(axis, keepdims):
    x, a = T.dtensor3(), numpys(axis)
    outputs = [
        T.var(x, axis, keepdims=keepdims), T.std(x, axis, keepdims=keepdims),
        T.var(x, axis, corrected=True, keepdims=keepdims), T.logsumexp(x, axis, keepdims=keepdims),
        x.norm(2, axis, keepdims), x.norm(np.inf, axis, keepdims), x.norm(3, axis, keepdims),
        T.prod(x, axis, keepdims=keepdims), T.all(x > 0, axis, keepdims=keepdims),
    ]  # fmt: skip
    k = {"axis": a, "keepdims": keepdims}
    wanted = [
        X.var(**k), X.std(**k), X.var(**k), special.logsumexp(X, **k), np.sqrt((X**2).sum(**k)),
        abs(X).max(**k), (abs(X) ** 3).sum(**k) ** (1 / 3), X.prod(**k), (X > 0).all(**k),
    ]  # fmt: skip
    for found, want in zip(run([x], outputs, [X]), wanted, strict=True):
        np.testing.assert_allclose(found, want)


def test_ddof_divides_by_less():
    x = T.dtensor3()
    outputs = [T.var(x, 1, ddof=1), T.std(x, 1, ddof=1), T.var(x, 1, ddof=1, corrected=True)]
    found = run([x], outputs, [X])
    np.testing.assert_allclose(found[0], X.var(1, ddof=1))
    np.testing.assert_allclose(found[1], X.std(1, ddof=1))
    np.testing.assert_allclose(found[2], X.var(1, ddof=1))
    with pytest.raises(ValueError, match="ddof is a number"):
        T.var(x, 1, True)


COSTS = {
    "var": lambda x: T.var(x, 1, ddof=1).sum(),
    "std": lambda x: T.std(x, 0).sum(),
    "norm": lambda x: x.norm(3, 2).sum(),
    "logsumexp": lambda x: (T.logsumexp(x, 1) * X[:, 0]).sum(),
    "cumsum": lambda x: (T.cumsum(x, 1) ** 2 * X).sum(),
    "cumprod": lambda x: (T.cumprod(x, 2) * X).sum(),
    "ptp": lambda x: T.ptp(x, 1).sum(),
    "prod": lambda x: T.prod(x, 1, no_zeros_in_input=True).sum(),
}


@pytest.mark.parametrize("name", list(COSTS))
def test_derivatives_equal_differences(name):
    x = T.dtensor3()
    check_derivatives(COSTS[name](x), [x], [X])


@pytest.mark.parametrize("zeros", [(1,), (0, 2), (3,)])
def test_derivatives_of_running_and_whole_products_are_right_at_zeros(zeros):
    x = T.dvector()
    given = np.array([2.0, -1.5, 0.7, 3.0])
    given[list(zeros)] = 0
    weights = np.arange(1.0, 5)
    check_derivatives((T.cumprod(x) * weights).sum(), [x], [given], order=1)
    check_derivatives(T.prod(x), [x], [given], order=1)


@pytest.mark.parametrize("axis", [*AXES, (2, 0), ()], ids=str)
def test_argmax_and_argmin_count_along_the_searched_axes(axis):
    x = T.dtensor3()
    axes = tuple(range(3)) if axis in (None, ()) else (axis,) if isinstance(axis, int) else axis
    axes = sorted(d % 3 for d in axes)
    kept = [d for d in range(3) if d not in axes]
    rows = np.transpose(X, kept + axes).reshape([X.shape[d] for d in kept] + [-1])
    most, where = T.max_and_argmax(x, axis)
    found = run([x], [most, where, T.argmin(x, axis)], [X])
    for got, want in zip(found, (rows.max(-1), rows.argmax(-1), rows.argmin(-1)), strict=True):
        np.testing.assert_array_equal(got, want)


def test_the_first_nan_and_the_first_of_equals_are_extreme():
    x = T.dvector()
    outputs = [T.argmax(x), T.argmin(x), T.max(x)]
    assert [int(v) for v in run([x], outputs[:2], [[1, np.nan, 9, np.nan]])] == [1, 1]
    assert np.isnan(run([x], outputs[2], [[1, np.nan]]))
    assert [int(v) for v in run([x], outputs[:2], [[2.0, 1, 2, 1]])] == [0, 1]


def test_argmin_is_right_where_the_negative_wraps():
    x = T.bvector()
    assert int(run([x], T.argmin(x), [np.array([5, -128, 127], "int8")])) == 1


def test_extremes_of_nothing_are_refused():
    x = T.dmatrix()
    for out in (T.argmax(x, 0), T.max(x, 0)):
        with pytest.raises(ShapeError, match="of no elements"):
            run([x], out, [np.empty((0, 3))])
    assert run([x], T.argmax(x, 1), [np.empty((0, 3))]).shape == (0,)


def test_axes_that_do_not_exist_are_refused():
    x = T.dmatrix()
    for function in (T.sum, T.argmax, T.cumsum, T.var, T.ptp):
        with pytest.raises(ValueError, match="out of range"):
            function(x, axis=2)
    with pytest.raises(TypeError):
        T.sum(x, axis=1.0)
    with pytest.raises(TypeError, match="known while"):
        T.sum(x, axis=T.iscalar())


def test_running_sums_keep_the_dtype_and_wrap():
    x = T.bvector()
    found = run([x], T.cumsum(x), [np.array([100, 100, 100], "int8")])
    assert (found.dtype, found.tolist()) == ("int8", [100, -56, 44])
    m = T.dmatrix()
    np.testing.assert_allclose(run([m], T.cumprod(m), [X[0]]), X[0].cumprod())


def test_log_sum_exp_neither_overflows_nor_is_nan():
    x = T.dvector()
    out = T.logsumexp(x)
    assert run([x], out, [[1000.0, 1000.0]]) == pytest.approx(1000 + np.log(2))
    assert run([x], out, [[-np.inf, -np.inf]]) == -np.inf
    assert run([x], out, [[]]) == -np.inf
    assert run([x], out, [[np.inf, 1.0]]) == np.inf
    assert run([x], T.grad(out, x), [[-np.inf, -np.inf]]).tolist() == [0, 0]


def test_norms_of_order_zero_count_and_of_minus_infinity_take_the_smallest():
    x = T.dvector()
    found = run([x], [x.norm(0), x.norm(-np.inf), x.norm(1)], [[0.0, -3.0, 2.0]])
    assert [float(v) for v in found] == [2, 0, 5]


def test_an_accumulator_that_can_not_hold_the_elements_is_refused():
    with pytest.raises(TypeError, match="accumulator"):
        T.sum(T.ivector(), acc_dtype="int8")
    x = T.fvector()
    out = T.sum(x, acc_dtype="float64")
    assert out.dtype == "float32"
    assert run([x], out, [np.array([2**25, 1, -(2**25)], "float32")]) == 1
