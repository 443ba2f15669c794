"""Products by BLAS: ranks, strides, scales, empty lengths."""

import itertools

import numpy as np
import pytest
from tests.differ import assert_agree, executables
from tests.layouts import layouts, values

import tensorsym.tensor as T
from tensorsym.errors import ShapeError
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.language.tensortype import TensorType
from tensorsym.schedule.build import schedule
from tensorsym.schedule.plan import HostCall, LibraryCall

LIBRARY = ("float32", "float64")


def matrices(name, dtype="float64"):
    return TensorType(dtype, (None, None))(name)


@pytest.mark.parametrize("dtype", LIBRARY)
@pytest.mark.parametrize(
    ("m", "k", "n"), [(3, 4, 5), (1, 4, 5), (3, 1, 5), (3, 4, 1), (1, 1, 1), (20, 30, 10)]
)
def test_products_of_matrices_in_all_layouts(dtype, m, k, n):
    x, y = matrices("x", dtype), matrices("y", dtype)
    for (_, a), (_, b) in itertools.product(layouts((m, k), dtype), layouts((k, n), dtype)):
        assert_agree([x, y], [T.dot(x, y), T.dot(y.T, x.T)], [a, b])


@pytest.mark.parametrize("dtype", LIBRARY)
@pytest.mark.parametrize("length", [0, 1, 2, 50])
def test_products_with_vectors_in_all_layouts(dtype, length):
    x, v, w = matrices("x", dtype), TensorType(dtype, (None,))("v"), TensorType(dtype, (None,))("w")
    for (_, a), (_, b) in itertools.product(layouts((3, length), dtype), layouts((length,), dtype)):
        assert_agree([x, v, w], [T.dot(x, v), T.dot(w, x), T.dot(v, v)], [a, b, values(3, dtype)])


@pytest.mark.parametrize(("m", "k", "n"), [(0, 4, 5), (3, 0, 5), (3, 4, 0), (0, 0, 0), (0, 0, 5)])
def test_products_without_elements(m, k, n):
    x, y, z = matrices("x"), matrices("y"), matrices("z")
    one = T.constant(np.float64(2.0))
    arrays = [values((m, k)), values((k, n)), values((m, n))]
    assert_agree([x, y, z], [T.dot(x, y), T.gemm(z, one, x, y, one)], arrays)
    v = T.dvector("v")
    assert_agree([x, v], [T.dot(x, v)], [values((m, k)), values(k)])


@pytest.mark.parametrize("dtype", LIBRARY)
@pytest.mark.parametrize(("alpha", "beta"), list(itertools.product((0.0, 1.0, -0.5), repeat=2)))
def test_scales_and_summands_in_all_layouts(dtype, alpha, beta):
    x, y, z = (matrices(name, dtype) for name in "xyz")
    v, w = (TensorType(dtype, (None,))(name) for name in "vw")
    a, b = (TensorType(dtype, ())(name) for name in "ab")
    scales = [np.array(alpha, dtype), np.array(beta, dtype)]
    for _, summand in layouts((3, 5), dtype):
        arrays = [values((3, 4), dtype), values((4, 5), dtype), summand, *scales]
        assert_agree([x, y, z, a, b], [T.gemm(z, a, x, y, b), T.scaled_dot(a, x, y)], arrays)
        outer = [summand, values(3, dtype), values(5, dtype, seed=1), scales[0]]
        assert_agree([z, v, w, a], [T.ger(z, a, v, w)], outer)
    for _, summand in layouts((3,), dtype):
        arrays = [summand, values((3, 4), dtype), values(4, dtype), *scales]
        assert_agree([v, x, w, a, b], [T.gemv(v, a, x, w, b)], arrays)


def test_a_summand_that_counts_nothing_is_not_read():
    x, y, z = matrices("x"), matrices("y"), matrices("z")
    v, w = T.dvectors("v", "w")
    one, zero = T.constant(np.float64(1.0)), T.constant(np.float64(0.0))
    executable, _ = executables(
        [x, y, z, v, w], [T.gemm(z, one, x, y, zero), T.gemv(v, one, x, w, zero)]
    )
    nan = np.full((2, 2), np.nan)
    product, vector = executable([values((2, 2)), values((2, 2)), nan, nan[0], values(2)])
    np.testing.assert_allclose(product, values((2, 2)) @ values((2, 2)))
    np.testing.assert_allclose(vector, values((2, 2)) @ values(2))


def test_a_summand_is_kept_if_it_is_used_again():
    x, y = matrices("x"), matrices("y")
    one = T.constant(np.float64(1.0))
    z = T.exp(x)
    assert_agree(
        [x, y], [T.gemm(z, one, x, y, one), z, T.gemm(z, one, z, y, one)], [values((3, 3))] * 2
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [("float64", "float32"), ("int32", "float32"), ("float32", "int8"), ("bool", "float64")],
)
def test_factors_of_two_dtypes_are_cast_for_the_library(left, right):
    x, y = matrices("x", left), matrices("y", right)
    plan = schedule(FunctionGraph([x, y], [T.dot(x, y)]))
    assert any(isinstance(i, LibraryCall) for i in plan.instructions)
    assert_agree([x, y], [T.dot(x, y)], [values((3, 4), left), values((4, 2), right)])


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float16", "complex64", "complex128"])
def test_products_of_other_dtypes_are_host_calls(dtype):
    x, y = matrices("x", dtype), matrices("y", dtype)
    plan = schedule(FunctionGraph([x, y], [T.dot(x, y)]))
    assert any(isinstance(i, HostCall) for i in plan.instructions)
    assert_agree([x, y], [T.dot(x, y)], [values((3, 4), dtype), values((4, 2), dtype)])


def test_inner_lengths_that_differ_name_operands_and_line():
    x, y, v = matrices("x"), matrices("y"), T.dvector("v")
    for outputs, arrays in (
        ([T.dot(x, y)], [values((2, 3)), values((4, 2)), values(2)]),
        ([T.dot(x, v)], [values((2, 3)), values((4, 2)), values(2)]),
        ([T.dot(v, x)], [values((2, 3)), values((4, 2)), values(3)]),
        ([T.dot(v, y[0])], [values((2, 3)), values((4, 2)), values(3)]),
    ):
        executable, _ = executables([x, y, v], outputs)
        with pytest.raises(ShapeError, match="dot: inner lengths differ") as info:
            executable(arrays)
        assert __file__ in str(info.value)


def test_a_summand_of_another_shape_is_an_error():
    x, y, z = matrices("x"), matrices("y"), matrices("z")
    one = T.constant(np.float64(1.0))
    assert_agree(
        [x, y, z], [T.gemm(z, one, x, y, one)], [values((2, 3)), values((3, 2)), values((1, 2))]
    )
