"""Kernels over memory of any layout, and reductions over any axes, against the reference."""

import itertools

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.cuda.executable import build
from tensorsym.cuda.target import cuda_target
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.language.tensortype import TensorType
from tensorsym.reference.executor import ReferenceExecutable
from tensorsym.schedule.build import schedule

rng = np.random.default_rng(5)


@pytest.fixture
def agree(context):
    """Return a check that expressions have the reference's values, on arrays given as they are."""

    def check(inputs, outputs, arrays, rtol=2e-6):
        graph = FunctionGraph(inputs, outputs)
        plan = schedule(graph, target=cuda_target())
        executable = build(context, plan)
        got = executable(
            [context.from_host(a) if a.base is None else on_device(context, a) for a in arrays]
        )
        for mine, theirs in zip(got, ReferenceExecutable(graph)(list(arrays)), strict=True):
            assert (mine.shape, mine.dtype) == (theirs.shape, theirs.dtype)
            np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=1e-6)
        return got

    return check


def on_device(context, view):
    """Return a view of a device's memory laid out as a view of NumPy's."""
    base = view
    while base.base is not None:
        base = base.base
    whole = context.from_host(base)
    offset = view.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    return whole.view(view.shape, view.strides, offset)


BASE = rng.normal(size=(12, 20)).astype("float32")
LAYOUTS = {
    "dense": BASE[:],
    "transposed": BASE.T,
    "every other column": BASE[:, ::2],
    "reversed": BASE[::-1, ::-1],
    "one element off": BASE[:, 1:],
    "broadcast": np.broadcast_to(BASE[:1], (12, 20)),
    "no elements": BASE[:0],
    "one row": BASE[3:4],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_elementwise_kernels_read_memory_of_any_layout(layout, agree):
    x, y = T.fmatrices("x", "y")
    array = LAYOUTS[layout]
    other = np.ascontiguousarray(array)[:]
    agree([x, y], [T.exp(x) - y, x > y, x.T * 2], [array, other])


@pytest.mark.parametrize(("one", "two"), [("transposed", "dense"), ("reversed", "one element off")])
def test_layouts_mix(one, two, agree):
    x, y = T.fmatrices("x", "y")
    shape = np.minimum(LAYOUTS[one].shape, LAYOUTS[two].shape)
    a, b = (LAYOUTS[name][: shape[0], : shape[1]] for name in (one, two))
    agree([x, y], [x * y + 1, (x - y).sum(axis=0), (x - y).max(axis=1)], [a, b])


def test_rows_columns_and_scalars_broadcast(agree):
    m, v, s = T.fmatrix("m"), T.fvector("v"), T.fscalar("s")
    arrays = [BASE, BASE[0].copy(), np.float32(3).reshape(())]
    agree([m, v, s], [m + v, m * s, m - m.mean(axis=1, keepdims=True), s * v + 1], arrays)


def test_a_scalar_on_the_device_is_read_there(agree):
    m = T.fmatrix("m")
    agree([m], [m / m.sum(), T.sqrt(m.sum() ** 2)], [BASE])


@pytest.mark.parametrize("n", [1, 3, 4, 1023, 4096, 4099])
def test_wide_accesses_have_a_tail(n, agree):
    x, b = T.fvector("x"), T.TensorType("bool", (False,))("b")
    values = rng.normal(size=n).astype("float32")
    agree([x, b], [T.switch(b, x, -x), T.and_(b, x > 0)], [values, values > 0.3])


CUBE = rng.normal(size=(6, 7, 5))
AXES = [axes for k in range(4) for axes in itertools.combinations(range(3), k)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0)])
@pytest.mark.parametrize("axes", AXES)
def test_reductions_over_any_axes_of_any_layout(axes, order, agree):
    x = T.dtensor3("x")
    array = CUBE.transpose(order)
    outputs = [x.sum(axis=axes), x.prod(axis=axes), (x * 2).max(axis=axes), T.exp(x).min(axis=axes)]
    agree([x], outputs, [array], rtol=1e-12)


@pytest.mark.parametrize("shape", [(3, 5000), (5000, 3), (1, 40000), (40000, 1), (300, 300)])
def test_long_reductions_fold_partial_results(shape, agree):
    x = T.fmatrix("x")
    array = rng.normal(size=shape).astype("float32") + 1
    agree([x], [x.sum(axis=0), x.sum(axis=1), x.sum(), (x * x).max()], [array], rtol=1e-5)


def test_reductions_over_no_elements(agree):
    x = T.dmatrix("x")
    outputs = [x.sum(axis=0), x.prod(axis=0), x.sum(axis=1), T.eq(x, 0).all(axis=0)]
    agree([x], outputs, [np.empty((0, 4))])


def test_a_maximum_of_no_elements_raises(context):
    x = T.dmatrix("x")
    run = build(context, schedule(FunctionGraph([x], [x.max(axis=0)]), target=cuda_target()))
    with pytest.raises(ValueError, match=r"no elements|zero-size|empty"):
        run([np.empty((0, 4))])


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_extremes_see_nan_and_the_sign_of_zero(dtype, context):
    x = TensorType(dtype, (None, None))("x")
    run = build(
        context,
        schedule(
            FunctionGraph([x], [x.max(axis=1), x.min(axis=1), x.sum(axis=1)]), target=cuda_target()
        ),
    )
    array = np.array([[-0.0, 0.0], [0.0, -0.0], [np.nan, 1], [1, np.nan], [-0.0, -0.0]], dtype)
    high, low, total = run([array])
    np.testing.assert_array_equal(np.signbit(high[[0, 1, 4]]), [False, False, True])
    np.testing.assert_array_equal(np.signbit(low[[0, 1, 4]]), [True, True, True])
    assert np.isnan(high[2:4]).all()
    assert np.isnan(low[2:4]).all()
    assert np.signbit(total[4])


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "uint16", "int64", "float16", "complex64", "complex128"]
)
def test_reductions_of_every_kind_of_dtype(dtype, agree):
    x = TensorType(dtype, (None, None))("x")
    array = (rng.normal(size=(9, 12)) * 3).astype(dtype)
    outputs = [x.sum(axis=0), x.sum()]
    outputs += [] if dtype.startswith("complex") else [x.max(axis=1), x.min()]
    outputs += [x.any(axis=0), x.all()] if dtype == "bool" else [(x / 9).prod(axis=1)]
    agree([x], outputs, [array], rtol=2e-3 if dtype == "float16" else 1e-4)


def test_a_reduction_and_its_elements_come_from_one_kernel(agree):
    x = T.fmatrix("x")
    e = T.exp(x) * 2
    agree([x], [e, e.sum(axis=0), e.sum(axis=1), e.max()], [BASE], rtol=1e-5)


def test_results_repeat_to_the_bit(context):
    x = T.fmatrix("x")
    run = build(
        context, schedule(FunctionGraph([x], [x.sum(axis=0), x.sum()]), target=cuda_target())
    )
    array = rng.normal(size=(3000, 17)).astype("float32")
    first = run([array])
    for again, once in zip(run([array]), first, strict=True):
        np.testing.assert_array_equal(again, once)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "complex64"])
def test_products_of_any_layout(dtype, agree):
    x, y = (TensorType(dtype, (None, None))(name) for name in "xy")
    v = TensorType(dtype, (None,))("v")
    a = rng.normal(size=(19, 33)).astype(dtype)
    b = rng.normal(size=(33, 21)).astype(dtype)
    c = rng.normal(size=33).astype(dtype)
    outputs = [T.dot(x, y), T.dot(y.T, x.T), T.dot(x, v), T.dot(v, y), T.dot(v, v)]
    agree([x, y, v], outputs, [a, b, c], rtol=4e-2 if dtype == "float16" else 2e-4)


def test_a_product_of_no_inner_elements_is_zero(agree):
    x, y = T.dmatrices("x", "y")
    agree([x, y], [T.dot(x, y)], [np.empty((3, 0)), np.empty((0, 2))])


def test_indices_of_64_bits_compute_the_same(context, monkeypatch):
    monkeypatch.setattr("tensorsym.cuda.geometry.INT32_SAFE", 1)
    x = T.fmatrix("x")
    graph = FunctionGraph([x], [x + 1, x.T * x.T, x.sum(axis=0), x.sum()])
    got = build(context, schedule(graph, target=cuda_target()))([BASE])
    for mine, theirs in zip(got, ReferenceExecutable(graph)([BASE]), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5)
