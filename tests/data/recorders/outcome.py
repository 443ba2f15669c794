"""What one small program did: its result as plain data, or its error.

The recorder (under Theano) and the replaying test (under tensorsym) run the very same code of this
module, so that a recorded answer and a fresh one are always made in the same way. It imports
neither package: the caller hands in the namespace. It runs on Python 3.8, Theano's own.
"""

# ruff: noqa: UP032, B905, SIM905, SIM102, PLR0124
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

import ast
import contextlib
import io
import math
import warnings
from collections import OrderedDict

import numpy as np

# Relative error allowed per dtype. SciPy's special functions differ by a few ulp between
# versions; float16 may be rounded once or twice (through float32).
TOLERANCE = {
    "float16": 2e-3,
    "float32": 2e-6,
    "float64": 1e-12,
    "complex64": 2e-6,
    "complex128": 1e-12,
}
DTYPES = (
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 "
    "float16 float32 float64 complex64 complex128"
).split()
SHORT = dict(zip(DTYPES, "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16".split()))
LONG = {short: name for name, short in SHORT.items()}


class Failure:
    """An error caught inside a program, kept as part of its result."""

    def __init__(self, error):
        names = [cls.__name__ for cls in type(error).__mro__]
        self.names = names[: max(1, names.index("Exception"))]
        self.message = str(error).strip().split("\n")[0][:160]

    def record(self):
        """Return the failure as plain data."""
        return {"error": self.names[0], "bases": self.names[1:], "message": self.message}


def attempt(action):
    """Return what `action()` returns, or the Failure it ends with."""
    try:
        return action()
    except Exception as error:
        return Failure(error)


def warned(action):
    """Return the sorted names of the UserWarning classes `action()` emits."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    return sorted({w.category.__name__ for w in caught if issubclass(w.category, UserWarning)})


def printed(action):
    """Return the text `action()` writes to standard output."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        action()
    return text.getvalue()


def namespace(theano, tensor):
    """Return the names a recorded program may use."""
    return {
        "theano": theano,
        "T": tensor,
        "np": np,
        "function": theano.function,
        "shared": theano.shared,
        "In": theano.In,
        "Out": theano.Out,
        "OrderedDict": OrderedDict,
        "attempt": attempt,
        "warned": warned,
        "printed": printed,
    }


def declare(text, tensor):
    """Return the variables of a declaration such as ``x=float64:FT n=int64:``."""
    variables = OrderedDict()
    for part in text.split():
        name, spec = part.split("=")
        variables[name] = tensor.TensorType(*type_of(spec))(name)
    return variables


def type_of(spec):
    """Split ``float64:FT`` into the dtype and the broadcastable pattern."""
    dtype, pattern = spec.split(":")
    return dtype, tuple(letter == "T" for letter in pattern)


def spec_of(dtype, broadcastable):
    """Write a dtype and a broadcastable pattern as ``float64:FT``."""
    return "{}:{}".format(dtype, "".join("FT"[bool(flag)] for flag in broadcastable))


@contextlib.contextmanager
def flags(config, settings):
    """Set configuration flags for one block."""
    # a recorded program may set a flag itself: those three are put back in any case
    names = {"floatX", "cast_policy", "on_unused_input", *settings}
    before = {name: getattr(config, name) for name in names}
    try:
        for name, value in settings.items():
            setattr(config, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(config, name, value)


def answers(case, names, lists):
    """Return what a case gives: one outcome, or one for each dtype or value it sweeps over."""
    return [observe(single, names) for single in singles(case, lists)]


def singles(case, lists):
    """Return the cases that a sweep stands for; a plain case stands for itself."""
    if "over" in case:
        return [
            dict(case, code=case["code"].replace("VALUE", text)) for text in lists[case["over"]]
        ]
    if "*" in case.get("vars", ""):
        return [dict(case, vars=case["vars"].replace("*", name)) for name in DTYPES]
    return [case]


def is_sweep(case):
    """Tell whether the answers of a case are a row of words."""
    return "over" in case or "*" in case.get("vars", "")


def word(outcome):
    """Return the one word that stands for an outcome in a row: a dtype or an error class."""
    if isinstance(outcome, dict):
        if "error" in outcome:
            return outcome["error"]
        outcome = outcome["type"].split(":")[0] if "type" in outcome else str(outcome)
    return SHORT.get(outcome, str(outcome))


def observe(case, names):
    """Run a recorded case and return its result or its error as plain data."""
    theano = names["theano"]
    with flags(theano.config, case.get("flags", {})), quiet():
        try:
            return encode(run(case, names))
        except Exception as error:
            return Failure(error).record()


@contextlib.contextmanager
def quiet():
    """Ignore warnings, NumPy's about arithmetic included, for one block."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def run(case, names):
    """Run a recorded case and return the Python object it ends with."""
    variables = declare(case.get("vars", ""), names["T"])
    scope = dict(names, **variables)
    result = execute(case["code"], scope)
    if "values" not in case:
        return result
    compiled = names["theano"].function(list(variables.values()), result, on_unused_input="ignore")
    return compiled(*[decode(value) for value in case["values"]])


def execute(code, scope):
    """Execute `code` in `scope`; the value of its last expression is the result."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<recorded>", "exec"), scope)
    return eval(compile(ast.Expression(last.value), "<recorded>", "eval"), scope) if last else None


def encode(value):
    """Return `value` as JSON data; symbolic variables become their type."""
    if isinstance(value, Failure):
        return value.record()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return encode_array(np.asarray(value))
    if isinstance(value, (float, complex)):
        return {"python": type(value).__name__, "value": encode_number(value)}
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [encode(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, type):
        return {"class": value.__name__}
    type_ = getattr(value, "type", value)
    if hasattr(type_, "broadcastable") and hasattr(type_, "dtype"):
        return {"type": spec_of(type_.dtype, type_.broadcastable)}
    return {"type": type(type_).__name__}


def encode_array(array):
    """Return an array as its dtype, shape and flat values."""
    values = [encode_number(item) for item in array.ravel()]
    return {
        "dtype": SHORT.get(str(array.dtype), str(array.dtype)),
        "shape": list(array.shape),
        "values": values,
    }


def encode_number(item):
    """Return a number; what JSON cannot say (nan, inf, -0.0) as a string, complex as a pair."""
    if isinstance(item, (bool, np.bool_)):
        return bool(item)
    if isinstance(item, (int, np.integer)):
        return int(item)
    if isinstance(item, (complex, np.complexfloating)):
        return [encode_number(item.real), encode_number(item.imag)]
    # str() of a NumPy scalar is the shortest text that reads back as the same float
    short = float(str(item))
    if not math.isfinite(short) or (short == 0 and math.copysign(1, short) < 0):
        return str(short)
    return int(short) if short.is_integer() and abs(short) < 2**53 else short


def decode(record):
    """Return the NumPy array (or plain value) that `record` describes."""
    if not isinstance(record, dict) or "dtype" not in record:
        return record
    dtype = np.dtype(record["dtype"])
    if dtype.kind == "c":
        numbers = [complex(float(re), float(im)) for re, im in record["values"]]
    elif dtype.kind == "f":
        numbers = [float(item) for item in record["values"]]
    else:
        numbers = record["values"]
    return np.array(numbers, dtype=dtype).reshape(record["shape"])


def difference(expected, got):
    """Say in one line how `got` differs from `expected`; the empty string if it does not."""
    if isinstance(expected, dict) and "error" in expected:
        return difference_of_errors(expected, got)
    if isinstance(expected, dict) and isinstance(got, dict) and expected.keys() == got.keys():
        if "dtype" in expected:
            return difference_of_arrays(expected, got)
        texts = (difference(expected[key], got[key]) for key in expected)
        return next((text for text in texts if text), "")
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        texts = (difference(*pair) for pair in zip(expected, got))
        return next((text for text in texts if text), "")
    same = type(expected) is type(got) and expected == got
    return "" if same else "expected {!r}, got {!r}".format(expected, got)


def difference_of_errors(expected, got):
    """Compare errors: the class recorded must be among the classes raised."""
    if expected["error"] == "crash":
        return ""  # the recorded process died: any answer is better
    if isinstance(got, dict) and "error" in got:
        if expected["error"] in [got["error"], *got.get("bases", ())]:
            return ""
    return "expected {} {}, got {!r}".format(expected["error"], expected.get("message", ""), got)


def difference_of_arrays(expected, got):
    """Compare dtype and shape exactly, values to the tolerance of the dtype."""
    for key in ("dtype", "shape"):
        if expected[key] != got[key]:
            return "expected {} {}, got {}".format(key, expected[key], got[key])
    wanted, found = decode(expected), decode(got)
    rtol = TOLERANCE.get(str(wanted.dtype), 0)
    with np.errstate(all="ignore"):
        equal = (wanted == found) | ((wanted != wanted) & (found != found))
        close = np.abs(wanted - found) <= rtol * np.abs(wanted) if rtol else equal
    if wanted.dtype.kind == "f":
        equal &= (wanted != 0) | (np.signbit(wanted) == np.signbit(found))
    # close is true for no NaN or infinity; zeros must be zeros, with their sign
    bad = ~(equal | (close & np.isfinite(wanted) & (wanted != 0)))
    if not bad.any():
        return ""
    where = int(np.flatnonzero(bad)[0])
    return "element {}: expected {}, got {}".format(
        where, wanted.ravel()[where], found.ravel()[where]
    )
