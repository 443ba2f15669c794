"""Every compiled loop in every layout against NumPy; reductions, threads, refusals."""

import itertools
import math
import threading

import numpy as np
import pytest

from tensorsym import _ops

KERNELS = list(enumerate(_ops.opcodes()))
REDUCTIONS = list(_ops.reductions())
LENGTHS = (0, 1, 2, 7, 31, 33, 511, 512, 513, 1025, 4099)


def _name(kernel):
    name, dtypes, out = kernel[1]
    return f"{name}-{'-'.join(dtypes)}-{out}"


def draw(dtype, shape, seed=0):
    """Return values of `dtype` with its corners among them."""
    rng = np.random.default_rng(seed)
    size = math.prod(shape)
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        values = rng.integers(0, 2, size).astype(bool)
    elif dtype.kind == "f":
        values = (rng.normal(size=size) * 10.0 ** rng.integers(-3, 3, size)).astype(dtype)
        corners = [0.0, -0.0, 1, -1, 0.5, -0.5, 2.5, np.nan, np.inf, -np.inf, 1e30, -1e30, 1e-40]
        places = rng.integers(0, max(size, 1), min(size, 13))
        values[places] = np.array(corners, dtype)[: len(places)]
    else:
        info = np.iinfo(dtype)
        values = rng.integers(info.min, info.max, size, dtype=dtype, endpoint=True)
        small = rng.integers(0, 2, size).astype(bool)
        values[small] = rng.integers(-10 if info.min else 0, 40, small.sum()).astype(dtype)
        places = rng.integers(0, max(size, 1), min(size, 5))
        corners = np.array([info.min, info.max, 0, 1, info.max - 1], dtype)
        values[places] = corners[: len(places)]
        if info.min:
            values[rng.integers(0, max(size, 1), min(size, 20))] = -1
    return values.reshape(shape)


def _floor_mod(x, y, which):
    if x.dtype.kind == "f":
        if which == "mod":
            return np.mod(x, y)
        return np.floor_divide(x.astype("f8"), y.astype("f8")).astype(x.dtype)
    return np.floor_divide(x, y) if which == "floor_div" else np.mod(x, y)


def _integer_power(x, y):
    modulus = 1 << (8 * x.itemsize)
    x, y = np.broadcast_arrays(x, y)
    values = []
    for base, exponent in zip(x.ravel().tolist(), y.ravel().tolist(), strict=True):
        if exponent >= 0:
            values.append(pow(base, exponent, modulus))
        else:
            values.append(base ** (exponent & 1) if base in (1, -1) else 0)
    unsigned = np.array(values, dtype=object) % modulus
    return unsigned.astype(f"u{x.itemsize}").astype(x.dtype).reshape(x.shape)


def _cast(x, dtype):
    dtype = np.dtype(dtype)
    if x.dtype.kind != "f" or dtype.kind not in "iu":
        return x.astype(dtype)
    info = np.iinfo(dtype)
    values = np.nan_to_num(x.ravel().astype("f8"), nan=0, posinf=1e300, neginf=-1e300)
    clamped = [max(info.min, min(info.max, int(v))) for v in values.tolist()]
    return np.array(clamped, dtype).reshape(x.shape)


def _round_half_away(x):
    return np.copysign(np.where(np.abs(x) % 1 == 0.5, np.ceil(np.abs(x)), np.rint(np.abs(x))), x)


def _of_each(function):
    """Return a function of one number as one of arrays."""
    return lambda x: np.array([function(v) for v in x.ravel().tolist()], x.dtype).reshape(x.shape)


REFERENCE = {
    "and_": np.bitwise_and,
    "or_": np.bitwise_or,
    "xor": np.bitwise_xor,
    "neq": np.not_equal,
    "eq": np.equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "sub": np.subtract,
    "mul": np.multiply,
    "true_div": np.true_divide,
    "int_div": lambda x, y: _floor_mod(x, y, "floor_div"),
    "mod": lambda x, y: _floor_mod(x, y, "mod"),
    "pow": lambda x, y: np.power(x, y) if x.dtype.kind == "f" else _integer_power(x, y),
    "tensor_copy": lambda x: x,
    "second": lambda x, y: (
        y + np.zeros_like(x, y.dtype) if y.dtype.kind != "b" else y | np.zeros_like(x, y.dtype)
    ),
    "abs_": np.abs,
    "inv": lambda x: 1 / x,
    "neg": np.negative,
    "sgn": np.sign,
    "sqr": lambda x: x * x,
    "switch": np.where,
    "clip": lambda x, low, high: np.where(x < low, low, np.where(x > high, high, x)),
    "sigmoid": lambda x: np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x))),
    "softplus": lambda x: np.logaddexp(x, 0),
    "round_half_to_even": np.rint,
    "round_half_away_from_zero": _round_half_away,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "positive_part": lambda x: np.maximum(x, x.dtype.type(0)),
    "sigmoid_binary_crossentropy": lambda x, y: (
        np.logaddexp(-np.abs(x), 0) + x * ((x > 0) - y).astype(x.dtype)
    ),
    "erf": _of_each(math.erf),
    "erfc": _of_each(math.erfc),
}


def expected(name, arrays, out):
    """Return NumPy's answer, of the kernel's dtype."""
    with np.errstate(all="ignore"):
        if name == "cast":
            return _cast(arrays[0], out)
        return (REFERENCE.get(name) or getattr(np, name))(*arrays)


def check(name, got, want):
    assert got.dtype == want.dtype
    if got.dtype.kind != "f":
        np.testing.assert_array_equal(got, want)
        return
    eps = np.finfo(got.dtype).eps
    # Two terms of this one may cancel: its error is relative to them, not to their sum.
    atol = 4 * eps if name == "sigmoid_binary_crossentropy" else 0
    atol += 2 * np.finfo(got.dtype).smallest_subnormal
    np.testing.assert_allclose(got, want, rtol=4 * eps, atol=atol)


def program_of(kernel):
    index, (_, dtypes, out) = kernel
    n = len(dtypes)
    operands = [(d, "in") for d in dtypes] + [(out, "out", n)]
    return _ops.Program(operands, [(index, n, tuple(range(n)))], n + 1)


def layouts(dtypes, out):
    """Yield (name, operands, output) for each way arrays lie in memory."""
    for n in LENGTHS:
        yield f"contiguous {n}", [draw(d, (n,), i) for i, d in enumerate(dtypes)], np.empty(n, out)
    yield "0-d", [draw(d, (20,), i)[3].reshape(()) for i, d in enumerate(dtypes)], np.empty((), out)
    yield (
        "strided",
        [draw(d, (1300,), i)[::2] for i, d in enumerate(dtypes)],
        np.empty((650, 3), out)[:, 1],
    )
    yield (
        "negative",
        [draw(d, (700,), i)[::-1] for i, d in enumerate(dtypes)],
        np.empty(700, out)[::-1],
    )
    yield (
        "transposed",
        [draw(d, (30, 40), i).T for i, d in enumerate(dtypes)],
        np.empty((40, 30), out),
    )
    yield (
        "fortran",
        [draw(d, (30, 40), i).T for i, d in enumerate(dtypes)],
        np.empty((30, 40), out).T,
    )
    shapes = itertools.cycle([(60, 1), (1, 11), (60, 11)])
    yield "broadcast", [draw(d, s, 3) for d, s in zip(dtypes, shapes, strict=False)], None
    shapes = itertools.cycle([(1, 2000), (3, 1), (1, 1)])
    yield "long rows", [draw(d, s, 4) for d, s in zip(dtypes, shapes, strict=False)], None
    yield "3-d slices", [draw(d, (5, 6, 14), i)[1:, ::2, 3:10] for i, d in enumerate(dtypes)], None


@pytest.mark.parametrize("kernel", KERNELS, ids=_name)
def test_kernel_equals_numpy_in_every_layout(kernel):
    name, dtypes, out = kernel[1]
    program = program_of(kernel)
    for layout, arrays, room in layouts(dtypes, out):
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
        result = np.empty(shape, out) if room is None else room
        _ops.execute(program, [*arrays, result])
        want = np.asarray(expected(name, arrays, out))
        if name in ("sin", "cos") and np.dtype(out) == np.float32:
            with np.errstate(all="ignore"):
                want = getattr(np, name)(arrays[0].astype("f8")).astype("f4")
        try:
            check(name, result, np.broadcast_to(want, result.shape))
        except AssertionError as error:
            raise AssertionError(f"{layout}: {error}") from None


@pytest.mark.parametrize("dtype", [d for d in _ops._SIZES if d.startswith("int")])
def test_integer_corners_do_not_trap(dtype):
    low = np.iinfo(dtype).min
    x = np.array([low, low, 5, -5, 0, low, 7, -7, 7, -7], dtype)
    y = np.array([-1, 0, 0, 0, 0, 1, -2, 2, 2, -2], dtype)
    for name, want in (
        ("int_div", [low, 0, 0, 0, 0, low, -4, -4, 3, 3]),
        ("mod", [0, 0, 0, 0, 0, 0, -1, 1, 1, -1]),
    ):
        result = np.empty(10, dtype)
        _ops.execute(
            program_of((_ops.opcode(name, dtype, dtype), (0, (dtype, dtype), dtype))),
            [x, y, result],
        )
        np.testing.assert_array_equal(result, np.array(want, dtype))


def reduce_program(role, dtype):
    return _ops.Program([(dtype, "in"), (dtype, role, 0)], [], 1)


SPACES = [
    ((), ()),
    ((1,), (0,)),
    ((31,), (0,)),
    ((1024,), (0,)),
    ((5000,), (0,)),
    ((40, 10), (0,)),
    ((40, 10), (1,)),
    ((40, 10), (0, 1)),
    ((300, 3), (0,)),
    ((7, 1500), (0,)),
    ((7, 1500), (1,)),
    ((200, 9), (0,)),
    ((4500, 8), (0,)),
    ((4, 5, 6, 11), (0, 2)),
    ((4, 5, 6, 11), (1, 3)),
    ((4, 5, 6, 11), (2,)),
    ((4, 5, 1, 11), (0, 1, 2, 3)),
    ((4, 5, 6, 11), ()),
]


def _small(dtype, shape):
    """Return values whose sums and products of any order are exact or wrap."""
    x = draw(dtype, shape, 5)
    if x.dtype.kind == "f":
        x = np.round(np.random.default_rng(6).normal(size=shape) * 3).astype(dtype)
    return x


@pytest.mark.parametrize(("role", "dtype"), REDUCTIONS)
@pytest.mark.parametrize(("shape", "axes"), SPACES)
def test_reduction_equals_numpy(role, dtype, shape, axes):
    x = _small(dtype, shape)
    if role == "prod" and x.dtype.kind == "f":
        x = np.where(x > 0, 1, -1).astype(dtype)
    function = getattr(np, role)
    extra = {"dtype": dtype} if role in ("sum", "prod") else {}
    want = function(x, axis=axes, keepdims=True, **extra)
    for base in (
        x,
        *((np.asfortranarray(x), np.repeat(x, 2, axis=-1)[..., ::2], x[::-1]) if shape else ()),
    ):
        got = np.empty(want.shape, dtype)
        _ops.execute(reduce_program(role, dtype), [base, got])
        if base.shape and base.strides and base.strides[0] < 0 and 0 not in axes:
            got = got[::-1]
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("role", ["max", "min"])
@pytest.mark.parametrize("axis", [0, 1])
def test_maximum_and_minimum_keep_nan_and_order_zeros(dtype, role, axis):
    x = np.zeros((50, 50), dtype)
    x[::2, ::2] = -0.0
    x[3, 4] = np.nan
    got = np.empty((1, 50) if axis == 0 else (50, 1), dtype)
    _ops.execute(reduce_program(role, dtype), [x, got])
    want = getattr(np, role)(x, axis=axis, keepdims=True)
    np.testing.assert_array_equal(got, want)
    negative = np.signbit(x).any(axis=axis) if role == "min" else np.signbit(x).all(axis=axis)
    kept = ~np.isnan(got.ravel())
    np.testing.assert_array_equal(np.signbit(got.ravel())[kept], negative[kept])


def _spoiled(kind, dtype, length):
    """Return rows of one kind of trouble each, at every place of a row."""
    x = -np.random.default_rng(length).exponential(size=(length, length)).astype(dtype)
    if kind == "zeros":
        x[...] = np.where(np.random.default_rng(1).random(x.shape) < 0.5, 0.0, x)
        x = np.copysign(x, -1)
        np.fill_diagonal(x, 0.0)
    elif kind == "infinities":
        x[::2] = -np.inf
        np.fill_diagonal(x[::4], np.inf)
    else:
        np.fill_diagonal(x, np.copysign(np.nan, 1 if kind == "nan" else -1))
    return x


@pytest.mark.parametrize("kind", ["zeros", "infinities", "nan", "-nan"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("role", ["max", "min"])
def test_the_fast_form_of_an_extreme_gives_way_where_it_would_be_wrong(role, dtype, kind):
    for length in (33, 64, 100, 200):
        x = _spoiled(kind, dtype, length)
        x = -x if role == "min" else x
        for axis, shape in ((0, (1, length)), (1, (length, 1)), ((0, 1), (1, 1))):
            got = np.empty(shape, dtype)
            _ops.execute(reduce_program(role, dtype), [x, got])
            want = getattr(np, role)(x, axis=axis, keepdims=True)
            np.testing.assert_array_equal(got, want)
            if kind == "zeros":
                np.testing.assert_array_equal(np.signbit(got), role == "min")


@pytest.mark.parametrize(
    ("shape", "out"), [((10**7,), (1,)), ((10**6, 10), (1, 10)), ((5 * 10**6, 2), (1, 2))]
)
def test_long_float32_sums_lose_less_than_a_millionth(shape, out):
    x = np.random.default_rng(8).random(shape, dtype="f4")
    got = (
        np.empty((1,) * (len(shape) - 1) + out[-1:], "f4")
        if len(shape) == 1
        else np.empty(out, "f4")
    )
    _ops.execute(reduce_program("sum", "float32"), [x, got])
    columns = x.reshape(-1, got.size)
    exact = [math.fsum(column) for column in columns.T.astype("f8")]
    np.testing.assert_allclose(got.ravel(), exact, rtol=1e-6)


def test_sum_is_near_the_exact_sum():
    x = np.random.default_rng(9).normal(size=123_457)
    got = np.empty(1)
    _ops.execute(reduce_program("sum", "float64"), [x, got])
    assert abs(got[0] - math.fsum(x)) <= 1e-15 * math.fsum(abs(x))


def test_order_of_a_sum_is_the_one_of_the_contract():
    def fold(block):
        if len(block) < 32:
            total = block[0]
            for value in block[1:]:
                total = total + value
            return total
        lanes = block[:32].copy()
        for start in range(32, len(block), 32):
            part = block[start : start + 32]
            lanes[: len(part)] += part
        while len(lanes) > 1:
            lanes = lanes[: len(lanes) // 2] + lanes[len(lanes) // 2 :]
        return lanes[0]

    for n in (5, 100, 1024, 1025, 12345, 50_001):
        x = np.random.default_rng(n).normal(size=n).astype("f4")
        trees = []
        for start in range(0, n, 1024):
            tree, size = fold(x[start : start + 1024]), 1
            while trees and trees[-1][1] == size:
                tree, size = trees.pop()[0] + tree, 2 * size
            trees.append((tree, size))
        total = trees.pop()[0]
        while trees:
            total = trees.pop()[0] + total
        got = np.empty(1, "f4")
        _ops.execute(reduce_program("sum", "float32"), [x, got])
        assert got[0] == total


@pytest.mark.parametrize(("role", "want"), [("sum", 0), ("prod", 1)])
@pytest.mark.parametrize(
    ("shape", "out"),
    [((0,), (1,)), ((3, 0), (3, 1)), ((0, 3), (1, 3)), ((0, 0), (1, 1)), ((2, 0, 3), (2, 1, 3))],
)
def test_reduction_over_nothing_is_the_identity(role, want, shape, out):
    got = np.full(out, 7.0)
    _ops.execute(reduce_program(role, "float64"), [np.empty(shape), got])
    np.testing.assert_array_equal(got, np.full(out, float(want)))


def test_reduction_over_nothing_of_booleans():
    for role in ("any", "all"):
        got = np.zeros((2, 1), bool)
        _ops.execute(reduce_program(role, "bool"), [np.empty((2, 0), bool), got])
        assert got.tolist() == [[role == "all"]] * 2


def test_maximum_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no elements"):
        _ops.execute(reduce_program("max", "float64"), [np.empty((2, 0)), np.empty((2, 1))])
    _ops.execute(reduce_program("max", "float64"), [np.empty((0, 4)), np.empty((0, 1))])


def _mixed_program():
    f = "float64"
    steps = [
        (_ops.opcode("add", f, f), 2, (0, 1)),
        (_ops.opcode("tanh", f), 2, (2,)),
        (_ops.opcode("sqr", f), 3, (2,)),
        (_ops.opcode("gt", f, f), 4, (2, 3)),
        (_ops.opcode("cast", f, "float32"), 5, (3,)),
    ]
    stored = [(f, "out", 2), (f, "sum", 3), (f, "max", 2), ("bool", "out", 4), ("bool", "any", 4)]
    return _ops.Program([(f, "in"), (f, "in"), *stored, ("float32", "sum", 5)], steps, 6)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("shape", [(5, 7), (70, 90), (3, 3000), (3000, 3)])
def test_outputs_and_reductions_share_one_space(shape, axis):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=shape), rng.normal(size=(1, shape[1]))
    t = np.tanh(x + y)
    small = t.sum(axis=axis, keepdims=True).shape
    out, flags = np.empty(shape), np.empty(shape, bool)
    total, top, found, single = (
        np.empty(small),
        np.empty(small),
        np.empty(small, bool),
        np.empty(small, "f4"),
    )
    _ops.execute(_mixed_program(), [x, y, out, total, top, flags, found, single])
    np.testing.assert_allclose(out, t, rtol=1e-15)
    np.testing.assert_array_equal(flags, out > out * out)
    np.testing.assert_array_equal(found, (out > out * out).any(axis=axis, keepdims=True))
    np.testing.assert_array_equal(top, out.max(axis=axis, keepdims=True))
    np.testing.assert_allclose(total, (out * out).sum(axis=axis, keepdims=True), rtol=1e-13)
    np.testing.assert_allclose(single, total, rtol=1e-6)


def _view(rng, shape):
    """Return integers of a broadcastable shape, somehow laid out in memory."""
    shape = tuple(1 if rng.random() < 0.25 else n for n in shape)
    order = rng.permutation(len(shape))
    steps = rng.choice([1, 1, 1, 2, -1], len(shape))
    memory = rng.integers(-9, 9, [abs(steps[d]) * shape[d] for d in order])
    view = memory.transpose(np.argsort(order))
    return view[tuple(slice(None, None, step) for step in steps)]


@pytest.mark.parametrize("seed", range(150))
def test_random_spaces(seed):
    rng = np.random.default_rng(seed)
    sizes = [1, 2, 3, 7, 8, 9, 40, 600, 1100]
    shape = tuple(
        int(n) for n in rng.choice(sizes, rng.integers(1, 5), p=[0.1] * 4 + [0.15] * 2 + [0.1] * 3)
    )
    while math.prod(shape) > 200_000:
        shape = shape[1:]
    x, y, z = (_view(rng, shape) for _ in range(3))
    axes = tuple(d for d in range(len(shape)) if rng.random() < 0.5)
    i = "int64"
    steps = [(_ops.opcode("mul", i, i), 3, (0, 1)), (_ops.opcode("add", i, i), 0, (3, 2))]
    operands = [(i, "in")] * 3 + [(i, "out", 0), (i, "sum", 0), (i, "max", 3), (i, "out", 3)]
    want = np.broadcast_to(x * y + z, shape)
    product = np.broadcast_to(x * y, shape)
    small = want.sum(axis=axes, keepdims=True).shape
    outs = [
        np.empty(shape, i, order="CF"[seed % 2]),
        np.empty(small, i),
        np.empty(small, i, order="F"),
    ]
    last = np.empty(shape, i)
    _ops.execute(_ops.Program(operands, steps, 4), [x, y, z, *outs, last])
    np.testing.assert_array_equal(outs[0], want)
    np.testing.assert_array_equal(last, product)
    np.testing.assert_array_equal(outs[1], want.sum(axis=axes, keepdims=True))
    np.testing.assert_array_equal(outs[2], product.max(axis=axes, keepdims=True))


def test_two_reductions_over_different_dims_are_refused():
    program = _ops.Program([("float64", "in"), ("float64", "sum", 0), ("float64", "sum", 0)], [], 1)
    with pytest.raises(ValueError, match="same dims"):
        _ops.execute(program, [np.ones((3, 4)), np.empty((1, 4)), np.empty((3, 1))])


def test_a_step_may_write_the_register_it_reads():
    f = "float64"
    add, exp = _ops.opcode("add", f, f), _ops.opcode("exp", f)
    program = _ops.Program(
        [(f, "in"), (f, "out", 0)], [(add, 0, (0, 0)), (exp, 0, (0,)), (add, 0, (0, 0))], 1
    )
    x = np.linspace(-2, 2, 1300)
    before, out = x.copy(), np.empty(1300)
    _ops.execute(program, [x, out])
    np.testing.assert_allclose(out, 2 * np.exp(2 * x), rtol=1e-15)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("n", [1, 5, 512, 3000])
@pytest.mark.parametrize("step", [1, 3, -1])
def test_an_output_may_be_an_input(n, step):
    f = "float64"
    add, mul = _ops.opcode("add", f, f), _ops.opcode("mul", f, f)
    # The first output is complete before the last step reads the input again.
    program = _ops.Program(
        [(f, "in"), (f, "out", 1), (f, "out", 2)], [(add, 1, (0, 0)), (mul, 2, (1, 0))], 3
    )
    memory = np.random.default_rng(1).normal(size=3 * n)
    x = memory[::step][:n]
    want, other = x.copy(), np.empty(n)
    _ops.execute(program, [x, x, other])
    np.testing.assert_array_equal(x, 2 * want)
    np.testing.assert_array_equal(other, 2 * want * want)


def test_threads_share_a_program():
    program = _mixed_program()
    rng = np.random.default_rng(0)
    shape, small = (120, 700), (120, 1)
    y = rng.normal(size=(1, 700))
    inputs = [rng.normal(size=shape) for _ in range(4)]

    def run(x):
        arrays = [np.empty(shape), np.empty(small), np.empty(small)]
        arrays += [np.empty(shape, bool), np.empty(small, bool), np.empty(small, "f4")]
        _ops.execute(program, [x, y, *arrays])
        return arrays

    wanted = [run(x) for x in inputs]
    results = [[] for _ in inputs]

    def work(k):
        for _ in range(20):
            results[k].append(run(inputs[k]))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for want, runs in zip(wanted, results, strict=True):
        assert len(runs) == 20
        for got in runs:
            for a, b in zip(want, got, strict=True):
                np.testing.assert_array_equal(a, b)


def _bad_arrays():
    frozen = np.empty(5)
    frozen.flags.writeable = False
    unaligned = np.frombuffer(bytearray(49), "u1")[1:].view("f8")[:5]
    memory = np.empty(10)
    return [
        ([np.empty(5, "f4"), np.empty(5)], TypeError, "float32"),
        ([np.empty(5, ">f8"), np.empty(5)], TypeError, "operand 0"),
        ([np.empty(5, "c16"), np.empty(5)], TypeError, "operand 0"),
        ([np.empty(5, object), np.empty(5)], TypeError, "operand 0"),
        ([np.empty(5), frozen], ValueError, "operand 1"),
        ([unaligned, np.empty(5)], ValueError, "aligned"),
        ([np.empty(5), np.empty(6)], ValueError, "lengths 5, 6"),
        ([np.empty(5), np.empty(1)], ValueError, "output 1"),
        ([np.empty(5), np.empty((5, 1))], ValueError, "dims"),
        ([np.empty(5)], ValueError, "2 operands"),
        ([memory[:5], memory[1:6]], ValueError, "overlaps operand"),
        (
            [np.empty(5), np.lib.stride_tricks.as_strided(memory, (5,), (0,))],
            ValueError,
            "overlaps itself",
        ),
        (["text", np.empty(5)], TypeError, "buffer|bytes"),
    ]


@pytest.mark.parametrize(("arrays", "error", "match"), _bad_arrays())
def test_arrays_that_do_not_fit_are_refused(arrays, error, match):
    f = "float64"
    program = _ops.Program([(f, "in"), (f, "out", 1)], [(_ops.opcode("exp", f), 1, (0,))], 2)
    with pytest.raises(error, match=match):
        _ops.execute(program, arrays)


F = "float64"
EXP, ADD = _ops.opcode("exp", F), _ops.opcode("add", F, F)


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        (([(F, "in"), (F, "out", 1)], [(10**6, 1, (0,))], 2), ValueError, "no kernel"),
        (([(F, "in"), (F, "out", 1)], [(-1, 1, (0,))], 2), ValueError, "no kernel"),
        (([(F, "in"), (F, "out", 1)], [(EXP, 1, (3,))], 2), ValueError, "register 3"),
        (([(F, "in"), (F, "out", 1)], [(EXP, 5, (0,))], 2), ValueError, "register 5"),
        (([(F, "in"), (F, "out", 1)], [(EXP, -1, (0,))], 2), ValueError, "register -1"),
        (([(F, "in"), (F, "out", 1)], [(ADD, 1, (0,))], 2), TypeError, "add takes"),
        (([("float32", "in"), (F, "out", 1)], [(EXP, 1, (0,))], 2), TypeError, "exp takes"),
        (([(F, "in"), ("float32", "out", 1)], [(EXP, 1, (0,))], 2), TypeError, "is float32"),
        (([(F, "in"), (F, "any", 0)], [], 1), TypeError, "no any"),
        (([(F, "in"), (F, "mean", 0)], [], 1), ValueError, "no role"),
        (([("complex128", "in")], [], 1), TypeError, "complex128"),
        (([(F, "in"), (F, "out", 1)], [], 2), ValueError, "holds nothing"),
        (([(F, "in"), (F, "in")], [], 1), ValueError, "2 inputs"),
        (([(F, "out")], [], 1), ValueError, "name one"),
    ],
)
def test_programs_that_make_no_sense_are_refused(arguments, error, match):
    with pytest.raises(error, match=match):
        _ops.Program(*arguments)


def test_an_opcode_is_an_index_into_the_table():
    for index, (name, dtypes, out) in KERNELS:
        assert _ops.opcode(name, *dtypes, *((out,) if name == "cast" else ())) == index
    assert _ops.opcode("exp", "int32") is None
    assert _ops.opcode("nothing", "float64") is None
