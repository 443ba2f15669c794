"""dtypes of the elementwise ops over every tuple of dtypes (the `*` runs over the fourteen)."""

# ruff: noqa: UP031, SIM905
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

from .case import lines, sweep
from .outcome import DTYPES

UNARY = (
    "abs_ angle arccos arccosh arcsin arcsinh arctan arctanh bitwise_not ceil conj cos cosh "
    "deg2rad erf erfc erfcinv erfcx erfinv exp exp2 expm1 floor gamma gammaln i0 i1 imag inv "
    "invert isinf_ isnan_ j0 j1 log log10 log1p log2 neg psi rad2deg real "
    "round_half_away_from_zero round_half_to_even sgn sin sinh sqr sqrt square tan tanh "
    "tensor_copy tri_gamma trunc"
).split()
BINARY = (
    "add and_ arctan2 bitwise_and bitwise_or bitwise_xor chi2sf complex complex_from_polar eq "
    "fill floor_div gammainc gammaincc gammal gammau ge gt int_div iv jv le lt maximum minimum "
    "mod mul neq or_ pow second sub true_div xor"
).split()
UNARY_FUNCTIONS = (
    "isnan isinf round iround ceil nnet.sigmoid nnet.hard_sigmoid nnet.ultra_fast_sigmoid "
    "nnet.softplus nnet.softsign nnet.relu nnet.elu nnet.selu zeros_like ones_like identity_like "
    "nnet.softmax nnet.logsoftmax"
).split()
OPERATORS = "x + y|x - y|x * y|x / y|x // y|x % y|x ** y|x & y|x | y|x ^ y".replace(
    "x | y", "x {} y"
).split("|")
COMPARISONS = ["x < y", "x <= y", "x > y", "x >= y"]
CONSTANTS = (
    "True 0 2 -1 127 128 255 300 70000 2**31 2**40 2**63 0.0 0.5 2.0 0.1 1e300 1j "
    "np.int8(2) np.int64(2) np.uint8(2) np.float16(2) np.float32(2) np.float64(2) "
    "np.array([1,2]) np.array(2.0) np.float32([.5]) [1,2] [1.0,2.0]"
).split()


def unary():
    """Sweeps of one operand: ops, functions, operators, methods."""
    made = [sweep("T.%s(x)" % op, "x=*:") for op in UNARY]
    functions = [sweep("T.%s(x)" % op, "x=*:FF") for op in UNARY_FUNCTIONS]
    operators = [sweep(text, "x=*:") for text in ("-x", "abs(x)", "~x")]
    methods = (
        "astype('float32') ceil() floor() trunc() round() copy() conj() real imag sqrt() "
        "exp() log() zeros_like() ones_like() fill(3) clip(0,1) norm(2) nonzero() sort() argsort()"
    )
    dotted = [sweep("x." + text, "x=*:F") for text in methods.split()]
    dotted[-3] = sweep("x.nonzero()[0]", "x=*:F")
    return {"op": made, "function": functions, "operator": operators, "method": dotted}


def binary():
    """Sweeps of two operands: one row per op and first dtype."""
    ops = {
        op: [sweep("T.%s(x, y)" % op, "x=%s: y=*:" % first) for first in DTYPES] for op in BINARY
    }
    texts = [text.format("|") for text in OPERATORS] + COMPARISONS
    operators = {text: [sweep(text, "x=%s: y=*:" % first) for first in DTYPES] for text in texts}
    return {**ops, **operators}


def ternary():
    """A subset of the tuples of three operands, and the variadic ops on one and three."""
    rows = {
        "switch": [sweep("T.switch(c, x, y)", "c=bool: x=%s: y=*:" % d) for d in DTYPES]
        + [sweep("T.switch(c, x, y)", "c=*: x=float32: y=int8:")]
        + [sweep("T.switch(c, 1, 0)", "c=*:"), sweep("T.switch(c, 1.5, x)", "c=bool: x=*:")],
        "where": [sweep("T.where(c, x, y)", "c=*: x=float32: y=int8:")],
        "clip": [sweep("T.clip(x, y, z)", "x=%s: y=*: z=*:" % d) for d in DTYPES]
        + [sweep("T.clip(x, y, z)", "x=%s: y=*: z=float32:" % d) for d in DTYPES]
        + [sweep("T.clip(x, 0, 1)", "x=*:"), sweep("T.clip(x, 0.5, 300)", "x=*:")],
    }
    for op in ("add", "mul"):
        rows[op + " of three"] = [
            sweep("T.%s(x, y, z)" % op, "x=%s: y=*: z=%s:" % (first, third))
            for first in DTYPES
            for third in ("bool", "int8", "float32")
        ] + [sweep("T.%s(x)" % op, "x=*:")]
    return rows


def constants():
    """Sweeps of one operand and a Python or NumPy constant, on either side."""
    symbols = ["+", "-", "*", "/", "//", "%", "**"]
    texts = {
        c: [sweep("x %s %s" % (s, c), "x=*:") for s in ("+", "/", "**")]
        + [sweep("%s + x" % c, "x=*:")]
        for c in CONSTANTS
    }
    numbers = {
        "%s reflected" % s: [sweep("%s %s x" % (c, s), "x=*:") for c in ("2", "2.5", "True")]
        for s in symbols
    }
    logic = {
        s: [sweep("x %s %s" % (s, c), "x=*:") for c in ("1", "True", "2.5")]
        + [sweep("%s %s x" % (c, s), "x=*:") for c in ("1", "True")]
        for s in ("&", "|", "^", "<", ">=")
    }
    vectors = lines(
        "x + 1\nx + 1.5\nx + 0.1\nx * np.float64(1.5)\nx + np.arange(3)\n1 - x\n2 / x\n"
        "x / 2\nx // 2\nx ** 2\nx ** 0.5\n2 ** x",
        "x=*:F",
    )
    return {**texts, **numbers, **logic, "vector": vectors}


def groups():
    """Return every group of the file, by name."""
    made = {"unary " + name: rows for name, rows in unary().items()}
    made.update({"binary " + name: rows for name, rows in binary().items()})
    made.update({"ternary " + name: rows for name, rows in ternary().items()})
    made.update({"constant " + name: rows for name, rows in constants().items()})
    return {
        name: rows + [dict(row, flags={"floatX": "float32"}) for row in rows]
        for name, rows in made.items()
    }
