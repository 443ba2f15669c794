"""Kernels run slab by slab: NumPy's numbers, and the bits of rows that are computed alone."""

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym import config

SHAPES = [(700, 300), (9, 40_000), (40_000, 9), (1031, 517)]


def numpy_softmax(x, axis):
    weights = np.exp(x - x.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def numpy_logsumexp(x, axis):
    largest = x.max(axis=axis, keepdims=True)
    return np.log(np.exp(x - largest).sum(axis=axis)) + largest.squeeze(axis)


EXPRESSIONS = {
    "softmax": (T.nnet.softmax, lambda x: numpy_softmax(x, 1)),
    "log softmax": (T.nnet.logsoftmax, lambda x: np.log(numpy_softmax(x, 1))),
    "softmax of columns": (lambda x: T.nnet.softmax(x.T).T, lambda x: numpy_softmax(x, 0)),
    "logsumexp": (lambda x: T.logsumexp(x, axis=1), lambda x: numpy_logsumexp(x, 1)),
    "logsumexp of columns": (lambda x: T.logsumexp(x, axis=0), lambda x: numpy_logsumexp(x, 0)),
    "layer norm": (
        lambda x: (x - x.mean(axis=1, keepdims=True)) / T.sqrt(x.var(axis=1, keepdims=True) + 1e-5),
        lambda x: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5),
    ),
    "centred columns": (
        lambda x: x - x.mean(axis=0, keepdims=True),
        lambda x: x - x.mean(0, keepdims=True),
    ),
}


def layouts(values):
    gaps = np.zeros((2 * values.shape[0], 2 * values.shape[1]), values.dtype)[::2, ::2]
    gaps[...] = values
    return {"C": values, "F": np.asfortranarray(values), "gaps": gaps, "back": values[::-1]}


@pytest.fixture(scope="module", params=["tile", "wait"])
def functions(request):
    x = T.dmatrix("x")
    with config.scope(tier=request.param):
        return {name: tensorsym.function([x], build(x)) for name, (build, _) in EXPRESSIONS.items()}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_slabs_give_what_numpy_gives(functions, name, shape):
    values = np.random.default_rng(3).normal(size=shape) * 3
    for layout, x in layouts(values).items():
        want = EXPRESSIONS[name][1](x)
        np.testing.assert_allclose(
            functions[name](x), want, rtol=1e-11, atol=1e-12, err_msg=f"layout {layout}"
        )
    np.testing.assert_array_equal(x, values[::-1])


@pytest.mark.parametrize("name", ["softmax", "log softmax", "logsumexp", "layer norm"])
def test_a_row_has_the_bits_it_has_alone(functions, name):
    x = np.random.default_rng(4).normal(size=(1031, 517))
    whole = functions[name](x)
    for start in (0, 40, 500, 1023):
        part = functions[name](x[start : start + 8].copy())
        np.testing.assert_array_equal(whole[start : start + 8], part)


def test_a_column_has_the_bits_it_has_among_few(functions):
    x = np.random.default_rng(5).normal(size=(128, 2000))
    for name in ("softmax of columns", "logsumexp of columns"):
        whole = functions[name](x)
        for start in (0, 640, 1984):
            part = functions[name](x[:, start : start + 16].copy())
            np.testing.assert_array_equal(whole[..., start : start + 16], part)


def test_results_that_are_kept_between_slabs_are_not_overwritten():
    x = T.dmatrix("x")
    largest = x.max(axis=1, keepdims=True)
    shifted = x - largest
    f = tensorsym.function([x], [T.exp(shifted).sum(axis=1), shifted, largest])
    values = np.random.default_rng(6).normal(size=(900, 300))
    first = f(values)
    kept = [array.copy() for array in first]
    f(values + 1)
    for now, then in zip(first, kept, strict=True):
        np.testing.assert_array_equal(now, then)
    np.testing.assert_array_equal(first[1], values - values.max(1, keepdims=True))


def test_a_nan_stays_in_its_row(functions):
    x = np.random.default_rng(7).normal(size=(700, 300))
    x[333, 7] = np.nan
    got = functions["softmax"](x)
    assert np.isnan(got[333]).all()
    assert not np.isnan(np.delete(got, 333, axis=0)).any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logsumexp_of_infinities_and_nothing_is_numpys(dtype):
    x = T.matrix("x", dtype=dtype)
    f = tensorsym.function([x], T.logsumexp(x, axis=1))
    rows = np.array(
        [[-np.inf, -np.inf], [np.inf, 0], [np.inf, -np.inf], [np.nan, 1], [-np.inf, 2]], dtype
    )
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(f(rows), np.logaddexp.reduce(rows, axis=1))
    np.testing.assert_array_equal(f(np.empty((3, 0), dtype)), np.full(3, -np.inf, dtype))
    assert "host" not in "".join(line for i in f.executable.plan.instructions for line in i.text())
