"""Every elementwise record and reduction: dtypes, layouts, corners of the numeric contract."""

import itertools

import numpy as np
import pytest
from mpmath import mp

from tensorsym.errors import TensorSymError
from tensorsym.graph.evaluate import evaluate_graph
from tensorsym.language import load
from tensorsym.language.dtypes import ALL, COMPLEX, FLOAT, INT, UINT
from tensorsym.language.elementwise import OPS, RECORDS
from tensorsym.language.reduction import REDUCTIONS, reduce_with
from tensorsym.language.tensortype import TensorType

load()

COUNT = 6
LAYOUTS = ("contiguous", "strided", "reversed", "transposed", "0-d", "empty")


def draw(record, dtype, shape, seed=0):
    """Return operands from the record's domain as arrays of a dtype."""
    rng = np.random.default_rng(seed + len(record.name))
    arrays = []
    for low, high in record.domain:
        values = rng.uniform(low, high, shape)
        if np.dtype(dtype).kind == "c":
            values = values + 1j * rng.uniform(-1, 1, shape)
        if np.dtype(dtype).kind in "bui":
            values = np.abs(np.round(values)) + 1 if low > 0 else np.round(values)
            values = np.abs(values) if np.dtype(dtype).kind in "bu" else values
        arrays.append(np.asarray(values).astype(dtype))
    return arrays


def laid_out(array, layout):
    """Return the same elements in memory of another layout."""
    if layout == "strided":
        spaced = np.empty((*array.shape[:-1], 3 * array.shape[-1]), array.dtype)
        spaced[..., ::3] = array
        return spaced[..., ::3]
    if layout == "reversed":
        return np.ascontiguousarray(array[::-1])[::-1]
    if layout == "transposed":
        return np.ascontiguousarray(array.T).T
    return array


def expected(record, arrays):
    """Return the reference on operands cast by the record's rule, in the declared dtype.

    float16 is computed in float32 (N11).
    """
    cast_to, dtype = record.rule(*[a.dtype.name for a in arrays])
    with np.errstate(all="ignore"):
        operands = [
            a.astype(d).astype("float32" if d == "float16" else d)
            for a, d in zip(arrays, cast_to, strict=True)
        ]
        return np.asarray(record.reference()(*operands)).astype(dtype)


def same(got, wanted):
    """Compare dtype, shape and elements; NaN equals NaN."""
    assert got.dtype == wanted.dtype
    np.testing.assert_array_equal(got, wanted)


def accepts(record, dtype):
    try:
        record.rule(*[dtype] * record.arity)
    except TensorSymError:
        return False
    return True


@pytest.mark.parametrize("name", list(RECORDS))
def test_every_dtype_and_layout_agrees_with_the_reference(name):
    record, op = RECORDS[name], OPS[name]
    accepted = [dtype for dtype in ALL if accepts(record, dtype)]
    assert accepted, "a record is defined for some dtype"
    for dtype, layout in itertools.product(accepted, LAYOUTS):
        shape = {"0-d": (), "empty": (0, 3)}.get(layout, (3, COUNT))
        arrays = [laid_out(a, layout) for a in draw(record, dtype, shape)]
        symbols = [TensorType(dtype, (False,) * len(shape))() for _ in arrays]
        before = [a.copy() for a in arrays]
        out = op(*symbols)
        (got,) = evaluate_graph([out], dict(zip(symbols, arrays, strict=True)))
        assert got.dtype == out.dtype
        wanted = expected(record, [np.ascontiguousarray(a).reshape(a.shape) for a in arrays])
        # NumPy's loops for strided and contiguous memory may differ in the last bit.
        np.testing.assert_allclose(
            got, wanted, rtol=4 * eps(out.dtype), err_msg=f"{dtype} {layout}"
        )
        assert got.shape == shape
        assert not any(np.may_share_memory(got, a) for a in arrays)
        for a, b in zip(arrays, before, strict=True):
            same(a, b)


def eps(dtype):
    return np.finfo(dtype).eps if np.dtype(dtype).kind in "fc" else 0


@pytest.mark.parametrize("name", [n for n, r in RECORDS.items() if r.arity > 1])
def test_operands_broadcast_where_their_types_say_so(name):
    record, op = RECORDS[name], OPS[name]
    dtype = next(d for d in ("float64", "int32") if accepts(record, d))
    arrays = draw(record, dtype, (3, 4))
    patterns = [(False, True), (True, False), (False, False)]
    views = [a[:, :1] if k % 2 == 0 else a[:1] for k, a in enumerate(arrays)]
    symbols = [TensorType(dtype, patterns[k % 2])() for k in range(record.arity)]
    (got,) = evaluate_graph([op(*symbols)], dict(zip(symbols, views, strict=True)))
    whole = [np.broadcast_to(v, got.shape).copy() for v in views]
    np.testing.assert_allclose(got, expected(record, whole), rtol=1e-14)
    assert got.shape == (3, 4)


CORNERS = {
    "i": lambda d: [np.iinfo(d).min, np.iinfo(d).min + 1, -2, -1, 0, 1, 2, 7, np.iinfo(d).max],
    "u": lambda d: [0, 1, 2, 7, np.iinfo(d).max - 1, np.iinfo(d).max],
    "b": lambda d: [False, True],
    "f": lambda d: [np.nan, -np.inf, -np.finfo(d).max, -1.5, -1.0, -np.finfo(d).tiny, -0.0, 0.0,
                    0.5, 1.0, 2.5, np.finfo(d).max, np.inf],
    "c": lambda d: [complex(np.nan, 0), complex(np.inf, 1), 0j, 1 + 2j, -1j, complex(-0.0, -0.0)],
}  # fmt: skip


def corners(dtype):
    """Return the extreme and special values of a dtype."""
    return np.array(CORNERS[np.dtype(dtype).kind](dtype), dtype=dtype)


@pytest.mark.parametrize("name", list(RECORDS))
def test_every_op_is_total_over_the_corners_of_every_pair_of_dtypes(name):
    record, op = RECORDS[name], OPS[name]
    pairs = itertools.product(ALL, repeat=2) if record.arity > 1 else [(d, d) for d in ALL]
    asked = 0
    for first, second in pairs:
        dtypes = [first, second, first][: record.arity]
        symbols = [TensorType(d, (False,))() for d in dtypes]
        try:
            out = op(*symbols)
        except TensorSymError:
            continue
        values = [corners(d) for d in dtypes[:2]]
        grid = [g.ravel() for g in np.meshgrid(*values)]
        arrays = [grid[k % len(grid)] for k in range(record.arity)]
        (got,) = evaluate_graph([out], dict(zip(symbols, arrays, strict=True)))
        assert got.dtype == out.dtype
        assert got.shape == arrays[0].shape
        asked += 1
    assert asked


def test_integer_corners_have_the_contracts_totals():
    def run(name, x, y, dtype):
        symbols = [TensorType(dtype, (False,))() for _ in range(2)]
        arrays = [np.array([v], dtype) for v in (x, y)]
        return int(
            evaluate_graph([OPS[name](*symbols)], dict(zip(symbols, arrays, strict=True)))[0][0]
        )

    for dtype in INT:
        low, width = np.iinfo(dtype).min, np.iinfo(dtype).bits
        assert run("int_div", 5, 0, dtype) == 0
        assert run("mod", 5, 0, dtype) == 0
        assert run("int_div", low, -1, dtype) == low
        assert run("mod", low, -1, dtype) == 0
        assert run("int_div", -7, 2, dtype) == -4
        assert run("mod", -7, 2, dtype) == 1
        assert run("mod", 7, -2, dtype) == -1
        assert run("left_shift", 1, width, dtype) == 0
        assert run("left_shift", 1, -1, dtype) == 0
        assert run("right_shift", -5, width, dtype) == -1
        assert run("right_shift", 5, width, dtype) == 0
        assert run("right_shift", -5, -1, dtype) == -1
        assert run("pow", 2, -1, dtype) == 0
        assert run("pow", -1, -3, dtype) == -1
        assert run("pow", 1, -3, dtype) == 1
        assert run("add", np.iinfo(dtype).max, 1, dtype) == low
    for dtype in UINT:
        assert run("int_div", 5, 0, dtype) == 0
        assert run("sub", 0, 1, dtype) == np.iinfo(dtype).max


@pytest.mark.parametrize("source", FLOAT)
@pytest.mark.parametrize("target", INT + UINT)
def test_casts_of_floats_truncate_and_saturate(source, target):
    limits = np.iinfo(target)
    x = TensorType(source, (False,))()
    given = np.array([np.nan, np.inf, -np.inf, 1.9, -1.9, 100.5], dtype=source)
    (got,) = evaluate_graph([OPS[f"cast_{target}"](x)], {x: given})
    low = -1 if limits.min < 0 else 0
    assert got.tolist() == [0, limits.max, limits.min, 1, low, 100]


def test_extremes_order_the_zeros_and_pass_on_nan():
    x, y = (TensorType("float64", (False,))() for _ in range(2))
    given = {x: [-0.0, 0.0, np.nan, 1.0], y: [0.0, -0.0, 1.0, np.nan]}
    most, least = evaluate_graph([OPS["maximum"](x, y), OPS["minimum"](x, y)], given)
    assert not np.signbit(most[:2]).any()
    assert np.signbit(least[:2]).all()
    assert np.isnan(most[2:]).all()
    assert np.isnan(least[2:]).all()


# name -> the same function by mpmath, which shares no code with SciPy.
BY_MPMATH = {
    "erf": mp.erf, "erfc": mp.erfc, "gamma": mp.gamma,
    "gammaln": lambda x: mp.log(abs(mp.gamma(x))),
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x), "erfinv": mp.erfinv,
    "erfcinv": lambda x: mp.erfinv(1 - x), "psi": lambda x: mp.psi(0, x),
    "tri_gamma": lambda x: mp.psi(1, x), "polygamma": mp.psi,
    "j0": lambda x: mp.besselj(0, x), "j1": lambda x: mp.besselj(1, x), "jv": mp.besselj,
    "i0": lambda x: mp.besseli(0, x), "i1": lambda x: mp.besseli(1, x), "iv": mp.besseli,
    "gammainc": lambda k, x: mp.gammainc(k, 0, x, regularized=True),
    "gammaincc": lambda k, x: mp.gammainc(k, x, mp.inf, regularized=True),
    "gammau": mp.gammainc, "gammal": lambda k, x: mp.gammainc(k, 0, x),
    "chi2sf": lambda x, k: mp.gammainc(k / 2, x / 2, mp.inf, regularized=True),
    "xlogx": lambda x: x * mp.log(x), "xlogy0": lambda x, y: x * mp.log(y),
    "log1mexp": lambda x: mp.log(1 - mp.exp(x)), "sinc": mp.sincpi,
    "logaddexp": lambda x, y: mp.log(mp.exp(x) + mp.exp(y)), "hypot": mp.hypot, "cbrt": mp.cbrt,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)), "softplus": lambda x: mp.log(1 + mp.exp(x)),
    "sigmoid_binary_crossentropy": lambda x, t: mp.log(1 + mp.exp(x)) - x * t,
}  # fmt: skip


@pytest.mark.parametrize("name", list(BY_MPMATH))
def test_special_functions_agree_with_forty_digits(name):
    record = RECORDS[name]
    arrays = draw(record, "float64", 40, seed=3)
    if record.arity == 1:
        points = [p for p in record.points if defined(name, p)]
        arrays = [np.concatenate([arrays[0], points])]
    symbols = [TensorType("float64", (False,))() for _ in arrays]
    (got,) = evaluate_graph([OPS[name](*symbols)], dict(zip(symbols, arrays, strict=True)))
    with mp.workdps(40):
        wanted = [float(BY_MPMATH[name](*map(mp.mpf, row))) for row in zip(*arrays, strict=True)]
    np.testing.assert_allclose(got, wanted, rtol=2e-13, atol=1e-15)


def defined(name, point):
    """Tell whether forty digits are enough for mpmath's formula at a point."""
    refused = {"erfinv": (-1.0, 1.0, 2.0), "erfcinv": (0.0, 1e-300, 2.0), "gammaln": (0.0, 1e300)}
    refused |= {"xlogx": (0.0,), "log1mexp": (-1e-300, -700.0), "softplus": (-745.0,)}
    refused |= {"erfcx": (1e8,), "j0": (), "sigmoid": (-745.0,)}
    return point not in refused.get(name, ())


@pytest.mark.parametrize(
    ("name", "points", "wanted"),
    [
        ("erfinv", [-1, 1, 2], [-np.inf, np.inf, np.nan]),
        ("erfcinv", [0, 2, 3], [np.inf, -np.inf, np.nan]),
        ("gammaln", [0, np.inf], [np.inf, np.inf]),
        ("xlogx", [0, np.inf], [0, np.inf]),
        ("log1mexp", [-1e-300, -700, 0], [np.log(1e-300), -np.exp(-700.0), -np.inf]),
        ("softplus", [-745, 1e300, -np.inf], [5e-324, 1e300, 0]),
        ("sigmoid", [-np.inf, np.inf, -800], [0, 1, 0]),
        ("erfcx", [1e8, 0], [1 / (1e8 * np.sqrt(np.pi)), 1]),
        ("softsign", [0, 3], [0, 0.75]),
        (
            "ultra_fast_sigmoid",
            [0, np.nan, 100, -100],
            [0.5, np.nan, 0.997527376843365, 0.002472623156635],
        ),
    ],
)  # fmt: skip
def test_functions_at_their_special_points(name, points, wanted):
    x = TensorType("float64", (False,))()
    (got,) = evaluate_graph([OPS[name](x)], {x: np.array(points, dtype=float)})
    np.testing.assert_allclose(got, wanted, rtol=1e-13)


@pytest.mark.parametrize("dtype", ALL)
@pytest.mark.parametrize("name", list(REDUCTIONS))
def test_reductions_agree_with_numpy_over_axes_and_layouts(name, dtype):
    record = REDUCTIONS[name]
    x = TensorType(dtype, (False,) * 3)()
    if record.identity is None or name == "logsumexp":
        if dtype in COMPLEX:
            with pytest.raises(NotImplementedError):
                reduce_with(name, x)
            return
        if name == "logsumexp" and dtype not in FLOAT:
            pytest.skip("logsumexp casts integers before it reduces")
    rng = np.random.default_rng(5)
    array = (rng.uniform(0.6, 2.4, (2, 3, 4))).astype(dtype)
    for layout, axis in itertools.product(LAYOUTS[:4], (None, 0, 1, 2, (0, 2), ())):
        out = reduce_with(name, x, axis)
        (got,) = evaluate_graph([out], {x: laid_out(array, layout)})
        axes = tuple(range(3)) if axis is None else axis
        wide = array if record.to_bool else array.astype(out.owner.op.accumulator_dtype(dtype))
        wanted = (
            record.reference()(wide, axis=(axes,) if isinstance(axes, int) else axes)
            if axes != ()
            else wide
        )
        assert got.dtype == out.dtype
        np.testing.assert_allclose(
            got, np.asarray(wanted).astype(out.dtype), rtol=8 * eps(out.dtype)
        )


@pytest.mark.parametrize("name", list(REDUCTIONS))
def test_empty_reductions_give_the_identity_or_raise(name):
    record = REDUCTIONS[name]
    x = TensorType("float64", (False, False))()
    out = reduce_with(name, x, 0)
    if record.identity is None:
        with pytest.raises(ValueError, match="of no elements"):
            evaluate_graph([out], {x: np.empty((0, 2))})
    else:
        (got,) = evaluate_graph([out], {x: np.empty((0, 2))})
        assert got.tolist() == [record.identity] * 2
