"""The elementary functions against mpmath: at most 2.5 ulp everywhere, NumPy's special values."""

import math

import mpmath
import numpy as np
import pytest

from tensorsym import _ops

FLOATS = ("float32", "float64")
POINTS = 250
EXPONENT = {"float32": 37, "float64": 306}
"""Powers of ten that are still normal numbers."""
LARGEST_EXP = {"float32": 88.7, "float64": 709.7}

FUNCTIONS = {
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x, 2),
    "log10": lambda x: mpmath.log(x, 10),
    "log1p": mpmath.log1p,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "arcsinh": mpmath.asinh,
    "arccosh": mpmath.acosh,
    "arctanh": mpmath.atanh,
    "tan": mpmath.tan,
    "arcsin": mpmath.asin,
    "arccos": mpmath.acos,
    "arctan": mpmath.atan,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "sqrt": mpmath.sqrt,
}
NUMPY_NAMES = {"round_half_to_even": "rint"}


def compute(name, dtype, *arrays):
    """Run one kernel."""
    n = len(arrays)
    out = _ops.opcodes()[_ops.opcode(name, *[dtype] * n)][2]
    operands = [(dtype, "in")] * n + [(out, "out", n)]
    program = _ops.Program(operands, [(_ops.opcode(name, *[dtype] * n), n, tuple(range(n)))], n + 1)
    result = np.empty(arrays[0].shape, out)
    _ops.execute(program, [*(np.ascontiguousarray(a, dtype) for a in arrays), result])
    return result


def domain(name, dtype):
    """Return points over the whole range of a function, dense where it is hard."""
    rng = np.random.default_rng(len(name))
    top, ends = LARGEST_EXP[dtype], EXPONENT[dtype]

    def magnitudes(low, high):
        return 10.0 ** rng.uniform(low, high, POINTS)

    signs = rng.choice([-1.0, 1.0], POINTS)
    if name in ("log", "log2", "log10", "sqrt"):
        parts = [
            magnitudes(-ends, ends),
            1 + signs * 0.3 * magnitudes(-8, 0),
            magnitudes(-ends - 7, -ends),
        ]
    elif name == "log1p":
        parts = [magnitudes(-ends, ends), signs * magnitudes(-12, -0.01), -1 + magnitudes(-7, 0)]
    elif name in ("arcsin", "arccos", "arctanh"):
        parts = [
            rng.uniform(-1, 1, POINTS),
            signs * (1 - magnitudes(math.log10(np.finfo(dtype).eps), 0)),
            signs * magnitudes(-ends - 7, 0),
            signs * (0.5 + rng.uniform(-0.01, 0.01, POINTS)),
        ]
    elif name == "arccosh":
        parts = [
            1 + magnitudes(math.log10(np.finfo(dtype).eps), 1),
            magnitudes(0, ends),
            rng.uniform(1, 3, POINTS),
        ]
    elif name in ("arcsinh", "arctan"):
        parts = [
            rng.uniform(-5, 5, POINTS),
            rng.uniform(0.3, 0.7, POINTS),
            rng.uniform(2.2, 2.6, POINTS),
            signs * magnitudes(-ends - 7, ends),
        ]
    elif name == "erfc":
        largest = 10 if dtype == "float32" else 27.2
        parts = [
            rng.uniform(-6, largest, POINTS),
            rng.uniform(0.4, 4, 4 * POINTS),
            signs * magnitudes(-ends, 0),
        ]
    elif name in ("sin", "cos", "tan"):
        multiples = np.round(magnitudes(0, 15)) * (np.pi / 2)
        parts = [
            rng.uniform(-10, 10, POINTS),
            signs * magnitudes(-20, ends),
            multiples,
            rng.uniform(0, 2e6, POINTS),
        ]
    elif name == "exp2":
        parts = [rng.uniform(-1.5 * top, 1.44 * top, POINTS), signs * magnitudes(-18, 0)]
    elif name == "exp":
        parts = [rng.uniform(-1.04 * top, top, POINTS), signs * magnitudes(-ends, 0)]
    elif name in ("sinh", "cosh"):
        parts = [
            rng.uniform(-top, top, POINTS),
            rng.uniform(-3, 3, POINTS),
            signs * magnitudes(-ends - 7, 0),
        ]
    else:
        parts = [
            rng.uniform(-1.04 * top, top, POINTS),
            rng.uniform(-6.5, 6.5, POINTS),
            signs * magnitudes(-ends, 0),
        ]
    points = np.concatenate(parts).astype(dtype)
    return points[points > -1] if name == "log1p" else points


def largest_error(got, exact):
    """Return the largest distance in units of the last place of the exact values."""
    info = np.finfo(got.dtype)
    worst = 0.0
    for value, want in zip(got.tolist(), exact, strict=True):
        scale = float(np.spacing(np.array(abs(float(want)), got.dtype)))
        if float(abs(want)) < float(info.tiny):
            scale = float(info.smallest_subnormal)
        worst = max(worst, float(abs(mpmath.mpf(value) - want) / scale))
    return worst


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_is_good_to_the_last_digits(name, dtype):
    points = domain(name, dtype)
    with mpmath.workprec(1300):  # angles of 1e306 need a thousand bits, tiny ones as many
        exact = [FUNCTIONS[name](mpmath.mpf(float(x))) for x in points]
        assert largest_error(compute(name, dtype, points), exact) <= 2.5


@pytest.mark.parametrize("dtype", FLOATS)
def test_power_is_good_to_the_last_digits(dtype):
    rng = np.random.default_rng(4)
    bases = [
        10 ** rng.uniform(-EXPONENT[dtype], EXPONENT[dtype], POINTS),
        rng.uniform(0.5, 2, POINTS),
    ]
    bases.append(1 + rng.normal(size=POINTS) * 1e-5)
    x = np.concatenate(bases).astype(dtype)
    with np.errstate(divide="ignore"):
        bound = 0.98 * LARGEST_EXP[dtype] / np.abs(np.log(x.astype("f8")))
    y = (rng.uniform(-1, 1, x.size) * np.minimum(bound, 1e9)).astype(dtype)
    with mpmath.workprec(200):
        exact = [mpmath.mpf(float(a)) ** mpmath.mpf(float(b)) for a, b in zip(x, y, strict=True)]
        assert largest_error(compute("pow", dtype, x, y), exact) <= 2.5


@pytest.mark.parametrize("dtype", FLOATS)
def test_powers_that_are_numbers_are_exact(dtype):
    digits = np.finfo(dtype).nmant + 1
    pairs = [(b, e) for b in range(-40, 41) for e in range(12) if abs(b**e) < 2**digits]
    x, y = np.array(pairs, dtype).T
    want = np.array([float(b**e) for b, e in pairs], dtype)
    np.testing.assert_array_equal(compute("pow", dtype, x, y), want)


@pytest.mark.parametrize("dtype", FLOATS)
def test_specials_of_pow_are_those_of_numpy(dtype):
    values = np.array(
        [
            0,
            -0.0,
            1,
            -1,
            0.5,
            -0.5,
            2,
            -2,
            3,
            -3,
            2.5,
            -2.5,
            1e30,
            -1e30,
            np.inf,
            -np.inf,
            np.nan,
            1e-40,
        ],
        dtype,
    )
    x, y = (a.ravel().copy() for a in np.meshgrid(values, values))
    with np.errstate(all="ignore"):
        want = np.power(x, y)
    got = compute("pow", dtype, x, y)
    np.testing.assert_allclose(
        got, want, rtol=4 * np.finfo(dtype).eps, atol=1e-45 if dtype == "float32" else 0
    )
    zeros = got == 0
    np.testing.assert_array_equal(np.signbit(got[zeros]), np.signbit(want[zeros]))


SPECIALS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    np.inf,
    -np.inf,
    np.nan,
    1e-310,
    -1e-310,
    1e-40,
    3e38,
    -3e38,
    1e308,
    -1e308,
    0.5,
    20.0,
)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", [*FUNCTIONS, "floor", "ceil", "trunc", "round_half_to_even"])
def test_specials_are_those_of_numpy(name, dtype):
    with np.errstate(all="ignore"):
        x = np.array(SPECIALS * 3, dtype)  # long enough for whole vectors and a rest
        wide = x.astype("f8")
        if name == "sigmoid":
            want = np.where(wide >= 0, 1 / (1 + np.exp(-wide)), np.exp(wide) / (1 + np.exp(wide)))
            want = np.where(wide == np.inf, 1, np.where(wide == -np.inf, 0, want))
        elif name == "softplus":
            want = np.logaddexp(wide, 0)
        elif name in ("erf", "erfc"):
            want = np.array([getattr(math, name)(v) for v in wide])
        else:
            want = getattr(np, NUMPY_NAMES.get(name, name))(wide)
        want = want.astype(dtype)
    got = compute(name, dtype, x)
    tiny = np.finfo(dtype).smallest_subnormal
    np.testing.assert_allclose(got, want, rtol=3 * np.finfo(dtype).eps, atol=2 * tiny)
    signed = (want == 0) & (name not in ("sigmoid", "exp2", "exp", "erfc"))
    np.testing.assert_array_equal(np.signbit(got[signed]), np.signbit(want[signed]))


@pytest.mark.parametrize("dtype", FLOATS)
def test_hyperbolic_functions_end_where_the_dtype_does(dtype):
    top = float(np.finfo(dtype).max)
    last = float(mpmath.asinh(mpmath.mpf(top)))
    x = np.nextafter(np.array([last], dtype), np.array(0, dtype))
    assert np.isfinite(compute("sinh", dtype, x)).all()
    assert np.isfinite(compute("cosh", dtype, x)).all()
    beyond = np.array([last * 1.001, -last * 1.001], dtype)
    np.testing.assert_array_equal(compute("sinh", dtype, beyond), [np.inf, -np.inf])
    np.testing.assert_array_equal(compute("cosh", dtype, beyond), [np.inf, np.inf])


@pytest.mark.parametrize("dtype", FLOATS)
def test_inverses_outside_their_domain_are_nan(dtype):
    outside = np.array([1.0000002, -1.5, np.inf, -np.inf, np.nan], dtype)
    for name in ("arcsin", "arccos", "arctanh"):
        assert np.isnan(compute(name, dtype, outside)).all()
    assert np.isnan(compute("arccosh", dtype, np.array([0.9999999, 0, -2, -np.inf], dtype))).all()


@pytest.mark.parametrize("dtype", FLOATS)
def test_rounding_is_exact_around_halves(dtype):
    halves = np.arange(-9, 10) / 2
    x = np.concatenate(
        [halves, np.nextafter(halves.astype(dtype), 9), np.nextafter(halves.astype(dtype), -9)]
    ).astype(dtype)
    big = np.array(
        [2.0**22 + 0.5, 2.0**23 - 0.5, 2.0**23 + 1, 2.0**51 + 0.5, 2.0**52 - 0.5, 2.0**52 + 1],
        dtype,
    )
    x = np.concatenate([x, big, -big])
    for name in ("floor", "ceil", "trunc", "round_half_to_even"):
        got, want = compute(name, dtype, x), getattr(np, NUMPY_NAMES.get(name, name))(x)
        np.testing.assert_array_equal(got, want)
        np.testing.assert_array_equal(np.signbit(got), np.signbit(want))
    with mpmath.workprec(100):
        away = [
            mpmath.sign(v) * mpmath.floor(abs(mpmath.mpf(v)) + mpmath.mpf(0.5)) for v in x.tolist()
        ]
    np.testing.assert_array_equal(
        compute("round_half_away_from_zero", dtype, x), np.array([float(v) for v in away], dtype)
    )


@pytest.mark.parametrize("dtype", FLOATS)
def test_remainders_are_exact_for_any_quotient(dtype):
    rng = np.random.default_rng(2)
    ends = EXPONENT[dtype]
    x = (rng.choice([-1, 1], 400) * 10 ** rng.uniform(-ends - 5, ends, 400)).astype(dtype)
    y = (rng.choice([-1, 1], 400) * 10 ** rng.uniform(-ends - 5, ends, 400)).astype(dtype)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(compute("mod", dtype, x, y), np.mod(x, y))


@pytest.mark.parametrize("dtype", FLOATS)
def test_saturated_functions_reach_their_limits(dtype):
    x = np.concatenate([np.linspace(20, 60, 5001), [1e3, 1e30, np.inf]])
    np.testing.assert_array_equal(compute("tanh", dtype, x), 1)
    np.testing.assert_array_equal(compute("tanh", dtype, -x), -1)
    np.testing.assert_array_equal(compute("erf", dtype, x), 1)
    np.testing.assert_array_equal(compute("sigmoid", dtype, 2 * x), 1)
    np.testing.assert_array_equal(compute("sigmoid", dtype, -50 * x), 0)
