"""Pooling, neighbourhoods and batch normalization: values against loops, derivatives, errors."""

import itertools

import numpy as np
import pytest
from tests.numeric import check_derivatives

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.tensor.nnet import bn, neighbours
from tensorsym.tensor.signal import downsample, pool

RNG = np.random.default_rng(5)
MODES = ("max", "sum", "average_inc_pad", "average_exc_pad")
SETTINGS = [
    ((2, 2), (2, 2), (0, 0), True),
    ((2, 2), (2, 2), (0, 0), False),
    ((3, 2), (1, 3), (0, 0), False),
    ((3, 3), (2, 1), (2, 1), True),
    ((1, 4), (3, 2), (0, 0), True),
]


def pooled(x, window, stride, pad, ignore_border, mode):
    """Return the pooling of the last two axes by loops over windows."""
    places = []
    for n, w, s, p in zip(x.shape[-2:], window, stride, pad, strict=True):
        starts = range(0, n + 2 * p, s)
        if ignore_border:
            starts = [at for at in starts if at + w <= n + 2 * p]
        else:
            # A window is left out if the one before it reaches the end already.
            starts = [at for at in starts if at == 0 or at - s + w < n or s >= w]
        places.append([(at, min(at + w, n + 2 * p)) for at in starts])
    out = np.zeros((*x.shape[:-2], len(places[0]), len(places[1])))
    for (i, (top, bottom)), (j, (left, right)) in itertools.product(*map(enumerate, places)):
        rows = slice(max(0, top - pad[0]), max(0, bottom - pad[0]))
        columns = slice(max(0, left - pad[1]), max(0, right - pad[1]))
        part = x[..., rows, columns]
        if mode == "max":
            out[..., i, j] = part.max(axis=(-2, -1))
            continue
        total = part.sum(axis=(-2, -1))
        count = 1
        if mode == "average_inc_pad":
            count = (bottom - top) * (right - left)
        elif mode == "average_exc_pad":
            count = part.shape[-1] * part.shape[-2]
        out[..., i, j] = total / count
    return out


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int32"])
@pytest.mark.parametrize("mode_of_run", ["reference", None], ids=["reference", "compiled"])
@pytest.mark.parametrize(("window", "stride", "pad", "ignore_border"), SETTINGS)
def test_pool_2d_equals_loops(window, stride, pad, ignore_border, mode_of_run, dtype):
    image = RNG.integers(-9, 9, (2, 3, 7, 8)).astype(dtype)
    x = T.tensor4(dtype=dtype)
    modes = MODES if dtype != "int32" else MODES[:2]
    outs = [pool.pool_2d(x, window, ignore_border, stride, pad, mode) for mode in modes]
    f = theano.function([x], [*outs, outs[0].shape], mode=mode_of_run)
    *found, shape = f(image)
    for mode, got in zip(modes, found, strict=True):
        expected = pooled(image.astype("float64"), window, stride, pad, ignore_border, mode)
        assert got.dtype == dtype
        assert got.shape == tuple(shape) == expected.shape
        np.testing.assert_allclose(got, expected, rtol=2e-3 if dtype == "float16" else 1e-6)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("window", "stride", "pad", "ignore_border"), SETTINGS[1:4])
def test_pooling_has_derivatives_of_all_kinds(window, stride, pad, ignore_border, mode):
    x = T.dtensor3()
    out = pool.pool_2d(x, window, ignore_border, stride, pad, mode)
    # apart from each other: no two elements of a window are nearly equal
    image = RNG.permutation(40).reshape(2, 4, 5) / 10
    check_derivatives(T.sum(T.sin(out)), [x], [image])


def test_all_that_equal_the_largest_get_the_gradient():
    x = T.dmatrix()
    cost = T.sum(pool.pool_2d(x, (2, 2), ignore_border=True) * 3)
    image = np.array([[1.0, 1.0, 4.0, 0.0], [1.0, 0.0, 2.0, 4.0]])
    expected = 3 * np.array([[1, 1, 1, 0], [1, 0, 0, 1]])
    np.testing.assert_array_equal(theano.function([x], T.grad(cost, x))(image), expected)


def test_a_nan_is_the_largest_element():
    x = T.dmatrix()
    out = theano.function([x], pool.pool_2d(x, (1, 2), ignore_border=True))
    np.testing.assert_array_equal(out([[np.nan, 1.0, 2.0, np.nan]]), [[np.nan, np.nan]])


def test_infinite_gradients_do_not_spoil_other_elements():
    x, g = T.dmatrix(), T.dmatrix()
    back = T.Lop(pool.pool_2d(x, (1, 2), ignore_border=True), x, g)
    got = theano.function([x, g], back)([[1.0, 2.0, 4.0, 3.0]], [[np.inf, np.nan]])
    np.testing.assert_array_equal(got, [[0.0, np.inf, np.nan, 0.0]])


def test_windows_may_be_computed():
    x, n = T.dmatrix(), T.lscalar()
    sizes = T.stack([n, n + 1])
    out = pool.Pool(ignore_border=True)(x, sizes)
    image = RNG.normal(size=(6, 9))
    got, shape = theano.function([x, n], [out, out.shape])(image, 2)
    np.testing.assert_array_equal(got, pooled(image, (2, 3), (2, 3), (0, 0), True, "max"))
    assert tuple(shape) == (3, 3)


def test_pool_3d_is_pool_2d_of_the_largest_planes():
    volume = RNG.normal(size=(2, 5, 6, 7))
    x = T.dtensor4()
    for mode in ("max", "sum"):
        out = pool.pool_3d(x, (2, 3, 2), ignore_border=True, mode=mode)
        planes = volume[:, :4].reshape(2, 2, 2, 6, 7)
        planes = planes.max(axis=2) if mode == "max" else planes.sum(axis=2)
        expected = pooled(planes, (3, 2), (3, 2), (0, 0), True, mode)
        np.testing.assert_allclose(theano.function([x], out)(volume), expected)


def test_max_pool_2d_same_size_keeps_the_largest_only():
    image = RNG.normal(size=(1, 1, 4, 5))
    x = T.dtensor4()
    got = theano.function([x], pool.max_pool_2d_same_size(x, (2, 2)))(image)
    kept = np.repeat(np.repeat(pooled(image, (2, 2), (2, 2), (0, 0), True, "max"), 2, 2), 2, 3)
    expected = np.zeros_like(image)
    expected[..., :4] = np.where(image[..., :4] == kept, image[..., :4], 0)
    np.testing.assert_array_equal(got, expected)


def test_older_names_of_settings_still_count_and_say_so():
    x = T.dtensor4()
    assert downsample.max_pool_2d(x, (2, 2), ignore_border=True).owner.op == pool.Pool(True)
    with pytest.warns(UserWarning, match="ds is now called ws"):
        pool.pool_2d(x, ds=(2, 2), ignore_border=True)
    with pytest.warns(UserWarning, match="ignore_border"):
        pool.pool_2d(x, (2, 2))


@pytest.mark.parametrize(
    ("ws", "stride", "pad"),
    [((0, 2), (1, 1), (0, 0)), ((2, 2), (0, 1), (0, 0)), ((2, 2), (2, 2), (3, 0))],
)
def test_windows_that_make_no_sense_are_refused_at_run_time(ws, stride, pad):
    x, w, s, p = T.dmatrix(), T.lvector(), T.lvector(), T.lvector()
    f = theano.function([x, w, s, p], pool.Pool(ignore_border=True)(x, w, s, p))
    with pytest.raises(ValueError, match="can not pool"):
        f(np.ones((4, 4)), ws, stride, pad)


def rows_of(image, size, step, mode):
    """Return the neighbourhoods of images by loops."""
    margins = {"half": (size[0] // 2, size[1] // 2), "full": (size[0] - 1, size[1] - 1)}
    wrapped = mode == "wrap_centered"
    down, along = (size[0] // 2, size[1] // 2) if wrapped else margins.get(mode, (0, 0))
    width = ((0, 0), (0, 0), (down, down), (along, along))
    padded = np.pad(image, width, mode="wrap" if wrapped else "constant")
    rows = []
    for n, c in np.ndindex(*image.shape[:2]):
        for i in range(0, padded.shape[2] - size[0] + 1, step[0]):
            for j in range(0, padded.shape[3] - size[1] + 1, step[1]):
                rows.append(padded[n, c, i : i + size[0], j : j + size[1]].ravel())
    return np.array(rows)


@pytest.mark.parametrize(
    ("size", "step", "mode"),
    [
        ((2, 3), (2, 3), "valid"),
        ((2, 2), (1, 2), "valid"),
        ((3, 3), (1, 1), "half"),
        ((2, 2), (1, 1), "full"),
        ((3, 3), (2, 3), "wrap_centered"),
        ((3, 4), (3, 4), "ignore_borders"),
    ],
)
def test_neighbourhoods_are_rows_with_gradients(size, step, mode):
    image = RNG.normal(size=(2, 1, 4, 6))
    x = T.dtensor4()
    out = neighbours.images2neibs(x, size, step, mode=mode)
    expected = rows_of(image, size, step, mode)
    got, shape = theano.function([x], [out, out.shape])(image)
    np.testing.assert_array_equal(got, expected)
    assert tuple(shape) == expected.shape
    check_derivatives(T.sum(T.sin(out)), [x], [image], order=1)


def test_images_come_back_from_their_neighbourhoods():
    image = RNG.normal(size=(2, 3, 5, 7))
    x = T.dtensor4()
    for mode, kept in (("ignore_borders", image[:, :, :4, :6]), ("valid", image[:, :, :4, :6])):
        given = kept if mode == "valid" else image
        rows = neighbours.images2neibs(x, (2, 3), mode=mode)
        back = theano.function([x], neighbours.neibs2images(rows, (2, 3), x.shape, mode=mode))
        expected = np.zeros_like(given)
        expected[:, :, :4, :6] = kept
        np.testing.assert_array_equal(back(given), expected)


@pytest.mark.parametrize("axes", ["per-activation", "spatial", (0, 1)])
def test_batch_normalization_gives_the_mean_and_deviation_asked_for(axes):
    x = RNG.normal(size=(5, 3, 4, 2)) * 3 + 1
    over = {"per-activation": (0,), "spatial": (0, 2, 3)}.get(axes, axes)
    kept = [n for axis, n in enumerate(x.shape) if axis not in over]
    v, gamma, beta = T.dtensor4(), *(T.TensorType("float64", (False,) * len(kept))() for _ in "gb")
    out, mean, invstd, new_mean, new_var = bn.batch_normalization_train(
        v, gamma, beta, axes, 1e-4, 0.2, gamma + 1, beta + 2
    )
    g, b = RNG.normal(size=kept), RNG.normal(size=kept)
    f = theano.function([v, gamma, beta], [out, mean, invstd, new_mean, new_var])
    got = f(x, g, b)
    m, var = x.mean(axis=over), x.var(axis=over)
    wide = [np.expand_dims(a, over) for a in (m, var, g, b)]
    normal = (x - wide[0]) / np.sqrt(wide[1] + 1e-4) * wide[2] + wide[3]
    count = x.size // m.size
    wanted = [normal, m, 1 / np.sqrt(var + 1e-4), (g + 1) * 0.8 + m * 0.2]
    wanted.append((b + 2) * 0.8 + var * count / (count - 1) * 0.2)
    for have, want in zip(got, wanted, strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-9, atol=1e-12)
    test = bn.batch_normalization_test(v, gamma, beta, gamma + 1, beta**2, axes)
    shifted = (x - wide[2] - 1) * wide[2] / np.sqrt(wide[3] ** 2 + 1e-4) + wide[3]
    np.testing.assert_allclose(theano.function([v, gamma, beta], test)(x, g, b), shifted)


def test_batch_normalization_has_gradients():
    x, gamma, beta = T.dmatrix(), T.dvector(), T.dvector()
    out = bn.batch_normalization_train(x, gamma, beta)[0]
    arrays = [RNG.normal(size=(4, 3)), RNG.normal(size=3), RNG.normal(size=3)]
    check_derivatives(T.sum(T.sin(out)), [x, gamma, beta], arrays, order=1)
