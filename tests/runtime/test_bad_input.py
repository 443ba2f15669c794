"""Whatever a function is given, it returns the right result or a documented error.

Every claim holds node by node with NumPy (`mode="reference"`) and compiled (`mode="auto"`).
"""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym import In, function, shared
from tensorsym.errors import (
    BindingError,
    DTypeError,
    IndexingError,
    IntegerRangeError,
    RankError,
    ShapeError,
    TensorSymError,
)

SIGNED = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]


@pytest.fixture(params=["reference", "auto"])
def mode(request):
    return request.param


def vectors(dtype, count=2):
    return [T.vector(name, dtype=dtype) for name in "xyz"[:count]]


@pytest.mark.parametrize("dtype", SIGNED + UNSIGNED)
def test_integer_division_by_zero_gives_zero(mode, dtype):
    x, y = vectors(dtype)
    divide = function([x, y], [x // y, x % y], mode=mode)
    top = np.iinfo(dtype).max
    quotient, rest = divide(np.array([0, 1, top, 7], dtype), np.array([0, 0, 0, 2], dtype))
    np.testing.assert_array_equal(quotient, [0, 0, 0, 3])
    np.testing.assert_array_equal(rest, [0, 0, 0, 1])
    assert quotient.dtype == rest.dtype == dtype


@pytest.mark.parametrize("dtype", SIGNED)
def test_the_least_integer_divided_by_minus_one_is_itself(mode, dtype):
    x, y = vectors(dtype)
    divide = function([x, y], [x // y, x % y, abs(x), -x], mode=mode)
    least = np.iinfo(dtype).min
    results = divide(np.array([least, least], dtype), np.array([-1, 1], dtype))
    expected = [[least, least], [0, 0], [least, least], [least, least]]
    np.testing.assert_array_equal(results, np.array(expected, dtype))


@pytest.mark.parametrize("dtype", SIGNED + UNSIGNED)
def test_shifts_past_the_width_shift_everything_out(mode, dtype):
    x, y = vectors(dtype)
    shift = function([x, y], [x << y, x >> y], mode=mode)
    width, value = 8 * np.dtype(dtype).itemsize, np.iinfo(dtype).max
    counts = np.array([width, width + 1, 100, width - 1], dtype)
    left, right = shift(np.full(4, value, dtype), counts)
    np.testing.assert_array_equal(left[:3], 0)
    np.testing.assert_array_equal(right[:3], 0)
    assert left[3] == np.array([value]).astype(dtype)[0] << np.array(width - 1, dtype)


@pytest.mark.parametrize("dtype", SIGNED)
def test_shifts_of_and_by_negative_numbers_are_defined(mode, dtype):
    x, y = vectors(dtype)
    shift = function([x, y], [x << y, x >> y], mode=mode)
    width = 8 * np.dtype(dtype).itemsize
    left, right = shift(np.array([-5, -5, 5], dtype), np.array([width, -1, -1], dtype))
    np.testing.assert_array_equal(left, [0, 0, 0])
    np.testing.assert_array_equal(right, [-1, -1, 0])


@pytest.mark.parametrize("value", [300, -129, 2**63, 2**70, [1, 2**70], [1, 300], [10**30]])
def test_python_integers_beyond_the_dtype_are_refused(mode, value):
    x = T.bvector("x") if isinstance(value, list) else T.bscalar("x")
    double = function([x], x * 2, mode=mode, name="double")
    with pytest.raises(DTypeError, match=r"argument 0 \(x\) of function 'double'"):
        double(value)


@pytest.mark.parametrize("value", [2**70, -(2**70), [2**64, 1]])
def test_integers_beyond_64_bits_are_overflow_errors(mode, value):
    x = T.lvector("x") if isinstance(value, list) else T.lscalar("x")
    with pytest.raises(OverflowError):
        function([x], x, mode=mode)(value)
    with pytest.raises(IntegerRangeError if isinstance(value, int) else TypeError):
        x + value


@pytest.mark.parametrize("index", [3, -4, 2**40])
def test_an_index_out_of_range_names_the_line_that_indexes(mode, index):
    x, i = T.dvector("x"), T.lscalar("i")
    element = x[i]  # the element asked for
    pick = function([x, i], element, mode=mode)
    with pytest.raises(IndexingError, match=r"element = x\[i\]  # the element asked for"):
        pick(np.zeros(3), index)
    assert pick([1.0, 2.0, 3.0], -3) == 1.0


@pytest.mark.parametrize("indices", [[0, 3], [-4, 0], [2**40]])
def test_an_array_of_indices_out_of_range_is_refused(mode, indices):
    x, i = T.dvector("x"), T.lvector("i")
    with pytest.raises(IndexError):
        function([x, i], x[i], mode=mode)(np.zeros(3), indices)
    with pytest.raises(IndexError):
        function([x, i], T.set_subtensor(x[i], 1.0), mode=mode)(np.zeros(3), indices)


def test_nan_and_infinities_pass_through(mode):
    x, y = vectors("float64")
    a = np.array([np.nan, np.inf, -np.inf, np.nan, np.inf])
    b = np.array([1.0, -np.inf, -np.inf, np.nan, np.inf])
    f = function([x, y], [x + y, x * y, x - y, T.maximum(x, y), T.minimum(x, y)], mode=mode)
    with np.errstate(all="ignore"):
        expected = [a + b, a * b, a - b, np.maximum(a, b), np.minimum(a, b)]
    np.testing.assert_array_equal(f(a, b), expected)
    compare = function([x, y], [T.lt(x, y), T.ge(x, y), T.eq(x, y), T.neq(x, y)], mode=mode)
    np.testing.assert_array_equal(compare(a, b), [a < b, a >= b, a == b, a != b])


@pytest.mark.parametrize("dtype", SIGNED + UNSIGNED)
def test_floats_that_no_integer_holds_are_cast_to_the_bounds_and_nan_to_zero(mode, dtype):
    x = T.dvector("x")
    cast = function([x], x.astype(dtype), mode=mode)
    least, top = np.iinfo(dtype).min, np.iinfo(dtype).max
    result = cast([np.nan, np.inf, -np.inf, 1e300, -1e300, 1.9])
    np.testing.assert_array_equal(result, np.array([0, top, least, top, least, 1], dtype))


def test_nan_in_a_reduction_is_not_lost(mode):
    x = T.dmatrix("x")
    f = function([x], [x.max(axis=1), x.min(axis=1), x.argmax(axis=1), x.sum(axis=1)], mode=mode)
    largest, least, where, total = f([[1.0, np.nan, 3.0], [1.0, -np.inf, np.inf]])
    np.testing.assert_array_equal(largest, [np.nan, np.inf])
    np.testing.assert_array_equal(least, [np.nan, -np.inf])
    np.testing.assert_array_equal(where, [1, 2])
    assert np.isnan(total).all()


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_empty_arrays_have_sums_and_no_extremes(mode, shape):
    x = T.dmatrix("x")
    empty = np.zeros(shape)
    f = function([x], [x.sum(), x.prod(), x.sum(axis=0), T.exp(x) + 1, T.dot(x, x.T)], mode=mode)
    total, product, columns, shifted, square = f(empty)
    assert (total, product) == (0, 1)
    np.testing.assert_array_equal(columns, np.zeros(shape[1]))
    np.testing.assert_array_equal(shifted, np.exp(empty) + 1)
    np.testing.assert_array_equal(square, empty @ empty.T)
    for extreme in (T.max, T.argmax, T.min):
        with pytest.raises(ValueError, match=r"empty|no elements|zero-size|identity"):
            function([x], extreme(x), mode=mode)(empty)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (np.ones((2, 2)), RankError),
        (1.0, RankError),
        (np.ones(2, "complex128"), DTypeError),
        (np.array([1, None]), DTypeError),
        (np.array(["a", "b"]), DTypeError),
        (np.array([(1, 2.0)], "i4,f8"), DTypeError),
        (np.array(["2000"], "datetime64"), DTypeError),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), DTypeError),
        ([[1.0], [2.0, 3.0]], DTypeError),
        ({}, DTypeError),
        (None, BindingError),
    ],
)
def test_values_that_are_no_vector_of_floats_are_refused_by_name(mode, value, error):
    x = T.dvector("x")
    with pytest.raises(error, match=r"argument 0,? \(?x") as caught:
        function([x], x * 2, mode=mode, name="double")(value)
    assert any(word in str(caught.value) for word in ("expected:", "hint:"))


def test_strict_inputs_take_their_very_dtype(mode):
    x = T.dvector("x")
    f = function([In(x, strict=True)], x * 2, mode=mode)
    np.testing.assert_array_equal(f(np.ones(2)), [2, 2])
    for value in ([1.0], np.ones(2, "float32"), np.ones(2, ">f8")):
        with pytest.raises(DTypeError):
            f(value)


@pytest.mark.parametrize("dtype", ["int16", "uint64", "float32", "complex64", "bool"])
def test_layouts_and_byte_orders_of_every_kind_of_number_are_read(mode, dtype):
    x = T.matrix("x", dtype=dtype)
    f = function([x], [x, T.neq(x, x.T[0])], mode=mode)
    base = np.arange(9).reshape(3, 3).astype(dtype)
    readonly = base.copy()
    readonly.flags.writeable = False
    raw = np.zeros(base.nbytes + 1, "uint8")
    unaligned = raw[1:].view(dtype).reshape(3, 3)
    unaligned[...] = base
    swapped = base.astype(base.dtype.newbyteorder())
    repeated = np.broadcast_to(base[:1], (3, 3))
    for value in (base[::-1, ::-1], readonly, unaligned, swapped, swapped.T, repeated):
        before = value.copy()
        same, different = f(value)
        np.testing.assert_array_equal(same, before)
        np.testing.assert_array_equal(different, before != before.T[0])
        np.testing.assert_array_equal(value, before)
        assert same.dtype == np.dtype(dtype)


FAILURES = {
    "argument": (lambda w, x, i: x.sum(), ([[1.0]], 0), TypeError),
    "shape": (lambda w, x, i: (w + x).sum(), ([1.0, 2.0], 0), ShapeError),
    "index": (lambda w, x, i: x[i], ([1.0, 2.0, 3.0], 9), IndexError),
    "reshape": (lambda w, x, i: x.reshape((i, 2)).sum(), ([1.0, 2.0, 3.0], 1), ValueError),
    "assertion": (lambda w, x, i: T.assert_op(x, i > 0).sum(), ([1.0], 0), AssertionError),
    "extreme": (lambda w, x, i: x[i:].max(), ([1.0, 2.0, 3.0], 3), ValueError),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_shared_values_are_unchanged_after_any_error(mode, failure):
    build, arguments, error = FAILURES[failure]
    w, steps = shared(np.arange(3.0), name="w"), shared(0, name="steps")
    x, i = T.dvector("x"), T.lscalar("i")
    updates = [(w, w * 2 + build(w, x, i)), (steps, steps + 1)]
    f = function([x, i], build(w, x, i), updates=updates, on_unused_input="ignore", mode=mode)
    for _ in range(2):
        with pytest.raises(error):
            f(*arguments)
        np.testing.assert_array_equal(w.get_value(), [0, 1, 2])
        assert steps.get_value() == 0


def test_the_state_of_an_input_is_unchanged_after_an_error(mode):
    x, s = T.dvector("x"), T.dvector("s")
    f = function([x, In(s, value=np.ones(2), update=s + x)], s.sum(), mode=mode)
    with pytest.raises(ShapeError):
        f(np.ones(3))
    np.testing.assert_array_equal(f["s"], [1, 1])
    assert f(np.ones(2)) == 2.0
    np.testing.assert_array_equal(f["s"], [2, 2])


@pytest.mark.parametrize("value", [np.ones(3), np.ones((2, 2), "float32"), 1.0, "text"])
def test_a_value_that_does_not_fit_a_shared_variable_leaves_it(value):
    w = shared(np.zeros((2, 2), "int32"), name="w")
    with pytest.raises((TensorSymError, TypeError)):
        w.set_value(value)
    np.testing.assert_array_equal(w.get_value(), np.zeros((2, 2)))


def test_a_shared_variable_without_a_value_is_not_computed_with(mode):
    w = shared(np.zeros(2), name="w")
    f = function([], T.exp(w) + 1, updates=[(w, w + 1)], mode=mode)
    w.set_value(None)
    with pytest.raises(TypeError):
        f()
    assert w.get_value() is None
    w.set_value(np.zeros(2))
    np.testing.assert_array_equal(f(), [2, 2])
