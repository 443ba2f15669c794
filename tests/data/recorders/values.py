"""Values of elementwise operations at special points, and of small programs."""

# ruff: noqa: E501, UP031, B905, SIM905
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

import numpy as np

from .case import case, lines
from .elementwise import BINARY, UNARY
from .outcome import encode

EXECUTES = True
IN_C = True
FLOATS = (
    "nan",
    "inf",
    "-inf",
    "0.0",
    "-0.0",
    "1.0",
    "-1.0",
    "0.5",
    "-0.5",
    "1.5",
    "-1.5",
    "2.5",
    "-2.5",
    "2.0",
    "3.0",
    "-3.0",
    "0.1",
    "0.3",
    "-0.9",
    "7.0",
    "1e-5",
    "-1e-5",
    "20.0",
    "-20.0",
    "100.0",
    "1000.0",
    "-1000.0",
    "1e30",
    "-1e30",
)
PAIRS = (
    "nan",
    "inf",
    "-inf",
    "0.0",
    "-0.0",
    "1.0",
    "-1.0",
    "0.5",
    "2.0",
    "-2.5",
    "3.0",
    "7.25",
    "-0.1",
)
# where a positive argument is the domain of both operands
POSITIVE = ("0.0", "0.5", "1.0", "2.0", "3.5", "10.0", "nan")
INTEGER_OPS = (
    "add sub mul true_div int_div mod pow maximum minimum and_ or_ xor eq neq lt le gt ge".split()
)
INTEGER_UNARY = (
    "abs_ neg sgn sqr invert ceil floor trunc round_half_to_even inv sqrt exp real conj".split()
)
CASTS = "bool int8 int16 int32 int64 uint8 uint32 uint64 float16 float32 float64 complex64".split()


def integers(dtype):
    """Extreme and small values of an integer dtype."""
    info = np.iinfo(dtype)
    small = [-7, -3, -2, -1, 0, 1, 2, 3, 7]
    return [int(info.min)] + [n for n in small if n >= info.min] + [int(info.max)]


def applied(op, *arrays):
    """One case: the op on whole arrays."""
    letters = "xyz"[: len(arrays)]
    declared = " ".join("%s=%s:F" % (k, a.dtype) for k, a in zip(letters, arrays))
    return case("T.%s(%s)" % (op, ", ".join(letters)), declared, [encode(a) for a in arrays])


def crossed(op, first, second):
    """One case: the op on all pairs of the values of two arrays, as a column and a row."""
    declared = "x=%s:FT y=%s:TF" % (first.dtype, second.dtype)
    values = [encode(first[:, None]), encode(second[None, :])]
    return case("T.%s(x, y)" % op, declared, values)


def floats(texts, dtype):
    """An array of the floats that the texts say; those that overflow a half are left out."""
    numbers = [float(text) for text in texts]
    if dtype == "float16":
        numbers = [n for n in numbers if not 6e4 < abs(n) < np.inf]
    return np.array(numbers, dtype)


def unary_floats():
    """Every unary op at the special floats of three dtypes, and at complex points."""
    made = {}
    points = np.array([1 + 2j, -1.5 + 0.5j, 0, -2, 1j, -0.25j, 3 - 4j])
    for op in UNARY:
        if op in ("invert", "bitwise_not"):
            continue
        made["unary " + op] = [
            applied(op, floats(FLOATS, d)) for d in ("float16", "float32", "float64")
        ]
        made["unary " + op] += [applied(op, points.astype(d)) for d in ("complex64", "complex128")]
    return made


def binary_floats():
    """Every binary op over pairs of special floats."""
    made = {}
    for op in BINARY:
        texts = (
            POSITIVE
            if op in ("gammainc", "gammaincc", "gammal", "gammau", "chi2sf", "iv", "jv")
            else PAIRS
        )
        if op in ("and_", "or_", "xor", "bitwise_and", "bitwise_or", "bitwise_xor"):
            continue
        made["binary " + op] = [
            crossed(op, floats(texts, d), floats(texts, d)) for d in ("float32", "float64")
        ]
    for op in ("true_div", "int_div", "mod", "pow", "add", "mul", "maximum"):
        made["binary " + op].append(crossed(op, floats(PAIRS, "float16"), floats(PAIRS, "float16")))
    points = np.array([1 + 2j, -1.5 + 0.5j, 0, -2, 1j])
    for op in ("add", "sub", "mul", "true_div", "pow", "eq", "neq"):
        made["binary " + op].append(crossed(op, points, points))
    return made


def integer_values():
    """Integer arithmetic over extremes, within one dtype and across dtypes."""
    made = {}
    names = ("int8", "int16", "int32", "int64", "uint8", "uint32", "uint64")
    mixed = (
        ("int8", "uint8"),
        ("int8", "int64"),
        ("int32", "uint32"),
        ("int64", "uint64"),
        ("uint8", "int16"),
        ("int32", "bool"),
    )
    truth = np.array([False, True])
    for op in INTEGER_OPS:
        pairs = [(n, n) for n in names] + list(mixed)
        arrays = {n: np.array(integers(n), n) for n in names}
        arrays["bool"] = truth
        if op in ("int_div", "mod"):
            made["integer " + op] = [
                one for a, b in pairs for one in divisions(op, arrays[a], arrays[b])
            ]
            made["integer %s by zero" % op] = [
                crossed(op, arrays[n], arrays[n][arrays[n] == 0]) for n in names
            ]
            made["integer %s overflow" % op] = [
                applied(op, arrays[n][:1], arrays[n][arrays[n] == -1])
                for n in names
                if n.startswith("int")
            ]
        else:
            made["integer " + op] = [crossed(op, arrays[a], arrays[b]) for a, b in pairs]
        if op not in ("sub", "int_div", "mod"):
            made["integer " + op].append(crossed(op, truth, truth))
        halves = floats(PAIRS, "float32")
        if op not in ("and_", "or_", "xor"):
            made["integer " + op].append(crossed(op, arrays["int8"], halves))
            made["integer " + op].append(crossed(op, halves, arrays["int32"][-4:]))
    for op in INTEGER_UNARY:
        made["integer " + op] = [applied(op, np.array(integers(n), n)) for n in names]
        if op not in ("neg",):
            made["integer " + op].append(applied(op, truth))
    return made


def divisions(op, first, second):
    """Cases of a division without a zero divisor and without extreme // -1, which may trap."""
    cases = [crossed(op, first, second[(second != 0) & (second != -1)])]
    if (second == -1).any():
        cases.append(crossed(op, first[1:], second[second == -1]))
    return cases


def casts():
    """Casts between dtypes at the special values."""
    made = {}
    for source in ("float16", "float32", "float64"):
        safe = floats(
            ("0.0", "-0.0", "0.4", "0.5", "0.6", "1.5", "-0.5", "-1.5", "2.5", "100.7", "-100.7"),
            source,
        )
        wild = floats(("nan", "inf", "-inf", "300.0", "-300.0", "1e10", "-1e10", "1e30"), source)
        for name, values in (("cast ", safe), ("cast out of range ", wild)):
            made[name + source] = [
                case("T.cast(x, '%s')" % d, "x=%s:F" % source, [encode(values)]) for d in CASTS
            ]
    for source in ("bool", "int8", "int32", "int64", "uint8", "uint64"):
        values = np.array([False, True]) if source == "bool" else np.array(integers(source), source)
        made["cast " + source] = [
            case("T.cast(x, '%s')" % d, "x=%s:F" % source, [encode(values)]) for d in CASTS
        ]
    return made


def activations():
    """The functions of T.nnet on one vector."""
    made = {}
    for name in ("sigmoid hard_sigmoid ultra_fast_sigmoid softplus softsign relu elu selu").split():
        made["nnet " + name] = [
            applied("nnet." + name, floats(FLOATS, d)) for d in ("float16", "float32", "float64")
        ]
        made["nnet " + name].append(applied("nnet." + name, np.arange(-3, 4, dtype="int8")))
    return made


def groups():
    """Return every group of the file, by name."""
    programs = {name: lines(text, DECLARED) for name, text in PROGRAMS.items()}
    return {
        **unary_floats(),
        **binary_floats(),
        **integer_values(),
        **casts(),
        **activations(),
        **programs,
    }


DECLARED = (
    "x=float64:F y=float64:F m=float64:FF h=float16:F s=float32:F i=int64:F k=int8:F b=bool:F"
)
PROGRAMS = {
    "selection": """
T.switch(b, x, y).eval({b: [True, False], x: [np.nan, 1], y: [2, np.nan]})
T.switch(x, 1, 2).eval({x: [np.nan, 0, -0., 1]})
T.switch(x > 0, x, k).eval({x: [-1., 2], k: np.array([3, 4], 'int8')})
T.clip(x, 0, 1).eval({x: [np.nan, -1, 2, .5, -0., np.inf]})
T.clip(x, y, 1).eval({x: [1, 2, 3.], y: [np.nan, 2, 5]})
T.clip(x, 2, 1).eval({x: [0, 1.5, 3.]})
T.clip(k, 0, 5).eval({k: np.array([-128, 3, 127], 'int8')})
T.maximum(x, y).eval({x: [np.nan, 1, -0., 0.], y: [1, np.nan, 0., -0.]})
T.minimum(x, y).eval({x: [np.nan, 1, -0., 0.], y: [1, np.nan, 0., -0.]})
T.largest(x, y, 1).eval({x: [1, 2.], y: [3, 0.]})
T.smallest(x, y, 1).eval({x: [1, 2.], y: [3, 0.]})
T.where(b, x, 0).eval({b: [True, False], x: [1, 2.]})
T.isclose(x, y).eval({x: [1, np.nan, np.inf, 1], y: [1 + 1e-9, np.nan, np.inf, 2]})
T.isclose(x, y, equal_nan=True).eval({x: [np.nan], y: [np.nan]})
T.allclose(x, y).eval({x: [1, 2.], y: [1, 2.]})
T.eq(x, x).eval({x: [np.nan, 1]})
T.isnan(k).eval({k: np.array([1], 'int8')})
T.iround(x).eval({x: [0.5, 1.5, 2.5, -0.5, -1.5]})
T.round(x).eval({x: [0.5, 1.5, 2.5, -0.5, -1.5]})
T.round(x, mode='half_away_from_zero').eval({x: [0.5, 1.5, 2.5, -0.5, -1.5]})
T.round(x, mode='half_to_even').eval({x: [0.5, 1.5, 2.5, -0.5, -1.5]})
T.ceil_intdiv(i, 3).eval({i: [-4, -3, 0, 1, 3, 4]})
T.divmod(x, y)[0].eval({x: [7., -7], y: [2, 2.]})
T.divmod(x, y)[1].eval({x: [7., -7], y: [2, 2.]})
T.choose(i, (x, y)).eval({i: [0, 1], x: [1, 2.], y: [3, 4.]})
""",
    "reductions": """
T.argmax(x).eval({x: [1, 3, 3, 2]})
T.argmin(x).eval({x: [1, 3, 1, 2]})
T.argmax(x).eval({x: [1, np.nan, 3]})
T.argmin(x).eval({x: [1, np.nan, 0]})
T.argmax(x).eval({x: [np.nan, np.nan]})
T.max(x).eval({x: [1, np.nan, 3]})
T.min(x).eval({x: [1, np.nan, 3]})
T.max(x).eval({x: [-0., 0.]})
T.min(x).eval({x: [0., -0.]})
T.max(k).eval({k: np.array([-128, 127], 'int8')})
T.min(k).eval({k: np.array([-128, 127], 'int8')})
T.argmax(m).eval({m: [[1, 5], [5, 2]]})
T.argmax(m, axis=0).eval({m: [[1, 5], [5, 5]]})
T.argmax(m, axis=1, keepdims=True).eval({m: [[1, 5], [5, 5]]})
T.argmax(m, axis=[0, 1]).eval({m: [[1, 5], [5, 5]]})
[function([m], o)([[1, 5], [7, 5]]) for o in T.max_and_argmax(m, axis=0)]
T.max(b).eval({b: [True, False]})
T.argmax(b).eval({b: [False, True]})
T.sum(k).eval({k: np.array([127, 127], 'int8')})
T.prod(k).eval({k: np.array([127, 127], 'int8')})
T.sum(k, dtype='int8').eval({k: np.array([127, 127], 'int8')})
T.sum(b).eval({b: [True, True]})
T.prod(b).eval({b: [True, False]})
T.sum(h).eval({h: np.array([60000, 60000], 'float16')})
T.sum(h, dtype='float32').eval({h: np.array([60000, 60000], 'float16')})
T.mean(h).eval({h: np.array([60000, 60000], 'float16')})
T.mean(k).eval({k: np.array([127, 126], 'int8')})
T.mean(i).eval({i: [1, 2]})
T.mean(b).eval({b: [True, False]})
T.mean(k, dtype='float32').eval({k: np.array([1, 2], 'int8')})
T.mean(m, axis=0).eval({m: [[1, 2], [4, 6]]})
T.mean(m, axis=(0, 1)).eval({m: [[1, 2], [4, 6]]})
T.mean(x).eval({x: []})
T.sum(x).eval({x: []})
T.prod(x).eval({x: []})
T.all(x).eval({x: []})
T.any(x).eval({x: []})
T.sum(m, axis=1).eval({m: np.zeros((2, 0))})
T.all(x).eval({x: [1, np.nan]})
T.any(k).eval({k: np.array([0, 2], 'int8')})
T.all(m, axis=0).eval({m: [[1, 0], [1, 2]]})
T.sum(x).eval({x: [np.inf, -np.inf]})
T.sum(x).eval({x: [-0., -0.]})
T.prod(x).eval({x: [np.inf, 0]})
T.prod(m, axis=0, no_zeros_in_input=True).eval({m: [[1, 2], [3, 4]]})
T.var(x).eval({x: [1, 2, 4]})
T.var(x, ddof=1).eval({x: [1, 2, 4]})
T.var(x, corrected=True).eval({x: [1, 2, 4]})
T.std(x).eval({x: [1, 2, 4]})
T.std(x, ddof=1).eval({x: [1, 2, 4]})
T.var(m, axis=0, keepdims=True).eval({m: [[1, 2], [4, 6]]})
T.var(x).eval({x: []})
T.var(x, ddof=3).eval({x: [1, 2, 4]})
T.std(k).eval({k: np.array([1, 2, 4], 'int8')})
T.ptp(m, axis=1).eval({m: [[1, 5], [4, 6]]})
x.norm(1).eval({x: [3, -4.]})
x.norm(2).eval({x: [3, -4.]})
x.norm(3).eval({x: [3, -4.]})
x.norm(0).eval({x: [3, -4.]})
T.cumsum(k).eval({k: np.array([127, 1], 'int8')})
T.cumsum(m).eval({m: [[1, 2], [3, 4]]})
T.cumsum(m, axis=0).eval({m: [[1, 2], [3, 4]]})
T.cumsum(m, axis=-1).eval({m: [[1, 2], [3, 4]]})
T.cumprod(m, axis=1).eval({m: [[1, 2], [3, 4]]})
T.cumsum(b).eval({b: [True, True]})
T.cumsum(x).eval({x: []})
m.trace().eval({m: [[1, 2], [3, 4]]})
""",
    "sorting": """
T.sort(x).eval({x: [3, np.nan, 1, 2]})
T.sort(m, axis=0).eval({m: [[3, 1], [2, 4]]})
T.sort(m, axis=None).eval({m: [[3, 1], [2, 4]]})
T.argsort(x).eval({x: [3, 1, 2]})
T.argsort(m, axis=0).eval({m: [[3, 1], [2, 4]]})
T.argsort(m, axis=None).eval({m: [[3, 1], [2, 4]]})
T.argsort(x, kind='mergesort').eval({x: [1, 0, 1, 0]})
T.topk(x, 2).eval({x: [3, 1, 2]})
T.topk(x, -2).eval({x: [3, 1, 2]})
T.argtopk(x, 2).eval({x: [3, 1, 2]})
T.bincount(i).eval({i: [1, 1, 3]})
T.bincount(i, minlength=6).eval({i: [1, 1, 3]})
T.bincount(i, weights=x).eval({i: [1, 1, 3], x: [.5, 1, 2]})
T.extra_ops.searchsorted(x, [0, 2, 5]).eval({x: [1, 2, 3]})
T.extra_ops.diff(x).eval({x: [1, 4, 9]})
T.extra_ops.diff(x, n=2).eval({x: [1, 4, 9, 16]})
T.extra_ops.to_one_hot(i, 3).eval({i: [0, 2]})
T.extra_ops.to_one_hot(i, 3, dtype='int8').eval({i: [0, 2]})
T.extra_ops.Unique()(x).eval({x: [3, 1, 3]})
T.extra_ops.compress(i, x).eval({i: [0, 1], x: [1, 2]})
T.extra_ops.bartlett(5).eval()
T.inverse_permutation(i).eval({i: [2, 0, 1]})
T.permute_row_elements(m, i).eval({m: [[1, 2, 3], [4, 5, 6]], i: [2, 0, 1]})
T.nonzero(x)[0].eval({x: [0, 2, np.nan]})
T.nonzero(m, return_matrix=True).eval({m: [[0, 1], [2, 0]]})
T.nonzero_values(m).eval({m: [[0, 1], [2, 0]]})
T.flatnonzero(m).eval({m: [[0, 1], [2, 0]]})
""",
    "moving": """
T.roll(x, 1).eval({x: [1, 2, 3]})
T.roll(x, -1).eval({x: [1, 2, 3]})
T.roll(x, 5).eval({x: [1, 2, 3]})
T.roll(m, 1, axis=0).eval({m: [[1, 2], [3, 4]]})
T.roll(m, 1, axis=1).eval({m: [[1, 2, 5], [3, 4, 6]]})
T.roll(m, 1).eval({m: [[1, 2], [3, 4]]})
T.tile(x, (2,)).eval({x: [1, 2]})
T.tile(x, (2, 2)).eval({x: [1, 2]})
T.tile(m, (1, 2)).eval({m: [[1, 2]]})
T.repeat(x, 2).eval({x: [1, 2]})
T.repeat(x, [2, 1]).eval({x: [1, 2]})
T.repeat(m, 2).eval({m: [[1, 2], [3, 4]]})
T.repeat(m, 2, axis=1).eval({m: [[1, 2], [3, 4]]})
T.repeat(m, i, axis=0).eval({m: [[1, 2], [3, 4]], i: [0, 2]})
x.take([2, 0]).eval({x: [1, 2, 3]})
m.take([[0, 1]], axis=1).eval({m: [[1, 2], [3, 4]]})
m.take(3).eval({m: [[1, 2], [3, 4]]})
T.take(x, [-1, 5], mode='wrap').eval({x: [1, 2, 3]})
T.take(x, [-1, 5], mode='clip').eval({x: [1, 2, 3]})
x[::-1].eval({x: [1, 2, 3]})
x[-2:].eval({x: [1, 2, 3]})
x[5:].eval({x: [1, 2, 3]})
x[i].eval({x: [1, 2, 3], i: [-1, 0, 0]})
m[i, i].eval({m: [[1, 2], [3, 4]], i: [1, 0]})
m[:, i].eval({m: [[1, 2], [3, 4]], i: [1, 0]})
m[i, 0].eval({m: [[1, 2], [3, 4]], i: [1, 0]})
m[m > 1].eval({m: [[1, 2], [3, 4]]})
m[b].eval({m: [[1, 2], [3, 4]], b: [False, True]})
m[[0, 1], :1].eval({m: [[1, 2], [3, 4]]})
T.set_subtensor(x[0], 9).eval({x: [1, 2, 3]})
T.set_subtensor(x[:2], y).eval({x: [1, 2, 3], y: [8, 9]})
T.set_subtensor(x[i], y).eval({x: [1, 2, 3], y: [8, 9], i: [0, 0]})
T.inc_subtensor(x[i], y).eval({x: [1, 2, 3], y: [8, 9], i: [0, 0]})
T.inc_subtensor(x[i], 1).eval({x: [1, 2, 3], i: [0, 0, -1]})
T.inc_subtensor(m[i, i], 1).eval({m: [[1, 2], [3, 4]], i: [0, 0]})
T.inc_subtensor(m[i], y).eval({m: [[1, 2], [3, 4]], i: [0, 0], y: [10, 20]})
T.inc_subtensor(m[:, i], 1).eval({m: [[1, 2], [3, 4]], i: [0, 0]})
T.set_subtensor(m[m > 2], 0).eval({m: [[1, 2], [3, 4]]})
T.inc_subtensor(m[m > 2], 1).eval({m: [[1, 2], [3, 4]]})
T.set_subtensor(m[:, 0], 0).eval({m: [[1, 2], [3, 4]]})
T.set_subtensor(m[::-1, 0], y).eval({m: [[1, 2], [3, 4]], y: [8, 9]})
T.inc_subtensor(m.T[0], 1).eval({m: [[1, 2], [3, 4]]})
T.inc_subtensor(m.dimshuffle(1, 0), 1).eval({m: [[1, 2], [3, 4]]})
T.set_subtensor(s[0], 0.1).eval({s: np.zeros(1, 'float32')})
T.diag(x).eval({x: [1, 2]})
T.diag(x, 1).eval({x: [1, 2]})
T.diag(m, -1).eval({m: [[1, 2], [3, 4]]})
T.tril(m).eval({m: [[1, 2], [3, 4]]})
T.triu(m, 1).eval({m: [[1, 2], [3, 4]]})
T.tri(2, 3, 1).eval()
T.eye(2, 3, 1).eval()
T.fill_diagonal(m, 0).eval({m: [[1, 2], [3, 4]]})
T.fill_diagonal_offset(m, 0, 1).eval({m: [[1, 2], [3, 4]]})
T.arange(5, 1, -2).eval()
T.arange(0, 1, 0.3).eval()
T.arange(3, dtype='float32').eval()
T.join(0, x, k).eval({x: [1.5], k: np.array([2], 'int8')})
T.join(1, m, m).eval({m: [[1, 2], [3, 4]]})
T.stack([x, y], axis=1).eval({x: [1, 2], y: [3, 4]})
T.stacklists([[x[0], 1], [2, 3]]).eval({x: [9]})
[function([x], o)([1, 2, 3]) for o in T.split(x, [1, 2], 2)]
m.reshape((-1,)).eval({m: [[1, 2], [3, 4]]})
m.T.reshape((1, -1)).eval({m: [[1, 2], [3, 4]]})
m.T.flatten().eval({m: [[1, 2], [3, 4]]})
m.dimshuffle(1, 'x', 0).eval({m: [[1, 2], [3, 4]]})
m.shape.eval({m: [[1, 2], [3, 4]]})
m.size.eval({m: [[1, 2], [3, 4]]})
m.shape[0].eval({m: np.zeros((0, 3))})
T.alloc(x, 2, 2).eval({x: [1, 2]})
T.shape_padaxis(x, 1).eval({x: [1, 2]})
T.mgrid[0:2, 0:3][1].eval()
T.ogrid[0:2, 0:3][1].eval()
T.ravel_multi_index((i, i), (3, 4)).eval({i: [0, 2]})
T.unravel_index(i, (3, 4))[1].eval({i: [5, 7]})
""",
    "products": """
T.dot(x, y).eval({x: [1, 2], y: [3, 4]})
T.dot(m, x).eval({m: [[1, 2], [3, 4]], x: [1, 2]})
T.dot(x, m).eval({m: [[1, 2], [3, 4]], x: [1, 2]})
T.dot(m, m).eval({m: [[1, 2], [3, 4]]})
T.dot(k, k).eval({k: np.array([127, 127], 'int8')})
T.dot(b, b).eval({b: [True, True]})
T.dot(k, x).eval({k: np.array([1, 2], 'int8'), x: [.5, 1]})
T.dot(h, h).eval({h: np.array([1, 2], 'float16')})
T.dot(m, m).eval({m: np.zeros((0, 0))})
T.dot(x, y).eval({x: [], y: []})
T.dot(m, m.T).eval({m: np.zeros((2, 0))})
T.outer(x, y).eval({x: [1, 2], y: [3, 4]})
T.tensordot(m, m, axes=2).eval({m: [[1, 2], [3, 4]]})
T.tensordot(m, m, axes=1).eval({m: [[1, 2], [3, 4]]})
T.tensordot(m, m, axes=0).eval({m: [[1, 2], [3, 4]]})
T.tensordot(m, m, axes=[[0], [0]]).eval({m: [[1, 2], [3, 4]]})
T.tensordot(m, m, axes=[[1, 0], [0, 1]]).eval({m: [[1, 2], [3, 4]]})
T.batched_dot(m, m).eval({m: [[1, 2], [3, 4]]})
T.batched_dot(m.dimshuffle(0, 'x', 1), m.dimshuffle(0, 1, 'x')).eval({m: [[1, 2], [3, 4]]})
T.batched_tensordot(m.dimshuffle(0, 'x', 1), m.dimshuffle(0, 1, 'x'), 1).eval({m: [[1, 2], [3, 4]]})
T.nlinalg.det(m).eval({m: [[1, 2], [3, 4]]})
T.nlinalg.matrix_inverse(m).eval({m: [[1, 2], [3, 4]]})
T.nlinalg.matrix_power(m, 3).eval({m: [[1, 2], [3, 4]]})
T.nlinalg.trace(m).eval({m: [[1, 2], [3, 4]]})
T.cov(m).eval({m: [[1, 2, 4], [3, 4, 4]]})
""",
    "losses": """
T.nnet.softmax(m).eval({m: [[1, 2], [3, 3]]})
T.nnet.softmax(x).eval({x: [1, 2, 1000]})
T.nnet.softmax(m).eval({m: [[1e4, -1e4], [np.inf, 0]]})
T.nnet.softmax(m).eval({m: [[-np.inf, -np.inf], [np.nan, 0]]})
T.nnet.softmax(m).eval({m: np.zeros((0, 3))})
T.nnet.logsoftmax(m).eval({m: [[1, 2], [1000, -1000]]})
T.log(T.nnet.softmax(m)).eval({m: [[1, 2], [3, 30]]})
T.nnet.softmax(m + x).eval({m: [[1, 2], [3, 3]], x: [0, 1]})
T.nnet.softmax_graph(m).eval({m: [[1, 2], [3, 3]]})
T.nnet.softplus(x).eval({x: [-800, -40, -1, 0, 1, 20, 40, 800]})
T.nnet.sigmoid(x).eval({x: [-800, -40, -1, 0, 1, 20, 40, 800]})
T.log(T.nnet.sigmoid(x)).eval({x: [-30, 0, 3]})
T.log(1 + T.exp(x)).eval({x: [-30, 0, 3]})
T.log(1 + x).eval({x: [.25, 3]})
T.nnet.relu(x, 0.1).eval({x: [-2, 0, 3]})
T.nnet.relu(x, y).eval({x: [-2, 0, 3], y: [.1, .2, .3]})
T.nnet.elu(x, 2).eval({x: [-2, 0, 3]})
T.nnet.binary_crossentropy(x, y).eval({x: [.1, .5, .9], y: [0, 1, 1]})
T.nnet.binary_crossentropy(x, y).eval({x: [0, 1.], y: [0, 1]})
T.nnet.binary_crossentropy(x, k).eval({x: [.1, .9], k: np.array([0, 1], 'int8')})
T.nnet.sigmoid_binary_crossentropy(x, y).eval({x: [-3, 0, 40], y: [0, 1, 1]})
T.nnet.categorical_crossentropy(m, i).eval({m: [[.2, .8], [.5, .5]], i: [0, 1]})
T.nnet.categorical_crossentropy(m, m).eval({m: [[.2, .8], [.5, .5]]})
T.nnet.categorical_crossentropy(T.nnet.softmax(m), i).eval({m: [[1, 2], [3, 3]], i: [0, 1]})
T.nnet.categorical_crossentropy(T.nnet.softmax(m), i).mean().eval({m: [[1, 2], [3, 3]], i: [0, 1]})
[function([m, i], o)([[1, 2], [3, 3]], [0, 1]) for o in T.nnet.crossentropy_softmax_1hot(m, i)]
[function([m, x, i], o)([[1, 2], [3, 3]], [1, 0], [0, 1]) for o in T.nnet.crossentropy_softmax_1hot_with_bias(m, x, i)]
[function([m, i], o)([[1, 2], [3, 3]], [0, 1]) for o in T.nnet.crossentropy_softmax_max_and_argmax_1hot(m, i)]
T.nnet.confusion_matrix(i, i[::-1])[0].eval({i: [0, 1, 1]})
T.nnet.softsign(x).eval({x: [-3, 0, 1]})
T.nnet.selu(x).eval({x: [-3, 0, 1]})
T.nnet.hard_sigmoid(x).eval({x: [-3, -2.5, 0, 1, 2.5, 3]})
T.nnet.ultra_fast_sigmoid(x).eval({x: [-5, -3, -1.5, -1, 0, 1, 2, 3, 5]})
""",
}
