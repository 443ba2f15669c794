"""Kernels, views and shapes on the machine against the reference, over layouts, dtypes and axes."""

import itertools

import numpy as np
import pytest
from tests.differ import assert_agree, executables
from tests.layouts import layouts, values

import tensorsym.tensor as T
from tensorsym.cpu.build import build
from tensorsym.errors import ShapeError
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.language.elementwise import RECORDS
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.build import schedule

REAL = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
]
ALL = [*REAL, "float16", "complex64", "complex128"]


SHAPES = [
    (),
    (1,),
    (7,),
    (0,),
    (3, 4),
    (1, 5),
    (4, 1),
    (0, 3),
    (3, 0),
    (2, 3, 4),
    (2, 1, 3),
    (600, 3),
    (2, 1100),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_layout_gives_the_same_values(shape):
    x, y = (TensorType("float64", (None,) * len(shape))(name) for name in "xy")
    other = values(shape, seed=1)
    for name, array in layouts(shape):
        results = assert_agree([x, y], [T.tanh(x) * y + 0.5, x > y, -x], [array, other])
        assert len(results) == 3, name


@pytest.mark.parametrize("dtype", ALL)
def test_every_dtype_goes_in_and_out(dtype):
    x = TensorType(dtype, (None, None))("x")
    for _, array in layouts((3, 4), dtype):
        assert_agree([x], [x * x + x, T.eq(x, x), x.T, x[1:, ::-1], x.sum(axis=0)], [array])


@pytest.mark.parametrize(("first", "second"), list(itertools.product(REAL, REAL)))
def test_operands_of_two_dtypes_are_cast_as_the_reference_does(first, second):
    x, y = TensorType(first, (None,))("x"), TensorType(second, (None,))("y")
    outputs = [x + y, x * y, T.maximum(x, y), x <= y]
    assert_agree([x, y], outputs, [values(9, first), values(9, second, seed=1)])


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_every_elementwise_op_agrees_with_its_reference(name):
    record = RECORDS[name]
    if "cast" in record.traits or not record.c:
        return
    rng = np.random.default_rng(0)
    for dtype in ("float64", "float32", "int32"):
        operands = [TensorType(dtype, (None, None))(f"x{k}") for k in range(record.arity)]
        try:
            out = T.FUNCTIONS[name](*operands)
        except TypeError:
            continue
        arrays = [rng.uniform(low, high, size=(5, 7)).astype(dtype) for low, high in record.domain]
        assert_agree(operands, [out], arrays)


@pytest.mark.parametrize("pattern", list(itertools.product((None, 1), repeat=3)), ids=str)
def test_operands_broadcast_where_their_type_says_so(pattern):
    x, y = TensorType("float64", (None,) * 3)("x"), TensorType("float64", pattern)("y")
    shape = tuple(1 if n == 1 else length for n, length in zip(pattern, (2, 3, 4), strict=True))
    for _, array in layouts(shape):
        assert_agree([x, y], [x * T.exp(y), y + x, T.sqr(y) - y], [values((2, 3, 4)), array])


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "any", "all", "mean"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int8", "uint16", "bool", "float16"])
def test_reductions_over_every_subset_of_axes(name, dtype):
    x = TensorType(dtype, (None,) * 3)("x")
    outputs = [
        getattr(T, name)(x, axis=list(axes))
        for count in range(4)
        for axes in itertools.combinations(range(3), count)
    ]
    for shape in ((2, 3, 4), (1, 3, 1), (3, 1, 70)):
        for _, array in layouts(shape, dtype):
            assert_agree([x], outputs, [array])


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)], ids=str)
@pytest.mark.parametrize("axis", [0, 1, None])
def test_reductions_over_nothing_are_identities_or_errors(shape, axis):
    x = T.dmatrix("x")
    for name in ("sum", "prod", "all", "any", "max", "min"):
        assert_agree([x], [getattr(T, name)(x, axis=axis)], [values(shape)])


def test_a_reduction_without_a_role_is_a_host_call():
    x = T.dmatrix("x")
    assert_agree([x], [T.logsumexp(x, axis=1), T.exp(x).sum()], [values((3, 4))])


def test_long_float32_sums_keep_their_digits():
    x = T.fmatrix("x")
    array = np.random.default_rng(0).uniform(size=(2000, 500)).astype("float32")
    for axis in (0, 1, None):
        (got,) = build(schedule(FunctionGraph([x], [x.sum(axis=axis)])))([array])
        np.testing.assert_allclose(got, array.astype("float64").sum(axis=axis), rtol=1e-6)


def test_slices_with_symbolic_bounds_of_every_integer_dtype():
    x = T.dvector("x")
    array = values(10)
    for dtype in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
        i, j = T.scalar("i", dtype=dtype), T.scalar("j", dtype=dtype)
        for low, high in ((2, 7), (7, 2), (0, 100)):
            arguments = [array, np.array(low, dtype), np.array(high, dtype)]
            assert_agree([x, i, j], [x[i:j], x[j:i:-1], x[i]], arguments)
    i, j = T.lscalar("i"), T.lscalar("j")
    for low, high in itertools.product((-(2**63), -11, -10, -1, 0, 9, 10, 2**63 - 1), repeat=2):
        for step in (1, 3, -1, -4):
            assert_agree([x, i, j], [x[i:j:step]], [array, np.array(low), np.array(high)])


def test_extreme_steps_of_slices():
    x, k = T.dvector("x"), T.lscalar("k")
    for step in (2**63 - 1, -(2**63), -(2**63) + 1, 1, -1, 0):
        assert_agree([x, k], [x[::k]], [values(4), np.array(step)])


def test_reshapes_copy_only_what_has_gaps():
    x, n = T.dmatrix("x"), T.lvector("n")
    for _, array in layouts((4, 6)):
        for lengths in ((24, 1), (2, 12), (-1, 3), (3, -1), (5, -1), (-1, -1), (0, -1), (2**62, 4)):
            assert_agree([x, n], [x.reshape(n, ndim=2)], [array, np.array(lengths)])
    for shape in ((0, 3), (3, 0)):
        for lengths in ((0, 5), (-1, 5), (0, -1), (1, 1)):
            assert_agree([x, n], [x.reshape(n, ndim=2)], [values(shape), np.array(lengths)])


def test_a_length_below_minus_one_is_an_error_although_numpy_takes_it():
    x, n = T.dmatrix("x"), T.lvector("n")
    executable, _ = executables([x, n], [x.reshape(n, ndim=2)])
    with pytest.raises(ShapeError, match="negative"):
        executable([values((4, 6)), np.array([-2, 3])])


def test_fills_have_lengths_known_at_run_time_only():
    n, v = T.lscalar("n"), T.dvector("v")
    for length in (0, 1, 3, -1):
        assert_agree([n], [T.alloc(2.5, n, 3)], [np.array(length)])
        assert_agree([n, v], [T.alloc(v, 2, n)], [np.array(length), values(3)])


def test_shapes_and_vectors_of_scalars():
    x, n = T.dtensor3("x"), T.lscalar("n")
    outputs = [x.shape, x.shape[1], T.stack([n, x.shape[0]]), x.size]
    assert_agree([x, n], outputs, [values((2, 0, 4)), np.array(7)])


def test_specified_shapes_and_patterns_are_checked():
    x = T.dmatrix("x")
    for shape in ((1, 3), (2, 3), (2, 2)):
        assert_agree([x], [T.specify_shape(x, (None, 3)) + 1], [values(shape)])
        assert_agree([x], [T.addbroadcast(x, 0) + 1], [values(shape)])
        assert_agree([x], [T.addbroadcast(x, 0).dimshuffle(1)], [values(shape)])


def test_softmax_of_rows_without_elements_is_empty():
    x = T.dmatrix("x")
    for shape in ((3, 4), (3, 0), (0, 4), (1, 1)):
        assert_agree(
            [x],
            [T.nnet.softmax(x) if hasattr(T, "nnet") else T.FUNCTIONS["softmax"](x)],
            [values(shape)],
        )


def test_results_of_transposed_operands_keep_their_order():
    x = T.dmatrix("x")
    executable, _ = executables([x], [T.exp(x)])
    (got,) = executable([np.asfortranarray(values((30, 40)))])
    assert got.flags.f_contiguous
    assert not got.flags.c_contiguous


def test_arguments_of_another_dtype_rank_or_length_are_refused():
    x, row = T.dmatrix("x"), T.drow("row")
    executable, _ = executables([x, row], [x + row])
    good = values((2, 3)), values((1, 3))
    for bad in (
        (good[0].astype("float32"), good[1]),
        (good[0][0], good[1]),
        (good[0], values((2, 3))),
        (good[0].astype(">f8"), good[1]),
        (good[0].tolist(), good[1]),
        good[:1],
    ):
        with pytest.raises((TypeError, ValueError)):
            executable(list(bad))
    np.testing.assert_array_equal(executable(list(good))[0], good[0] + good[1])
