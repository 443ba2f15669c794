"""dtypes and broadcastable patterns of reductions and cumulative sums."""

# ruff: noqa: UP031, SIM905
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

from .case import lines, sweep
from .outcome import DTYPES

NAMES = "sum prod mean max min argmax argmin all any var std cumsum cumprod ptp".split()
WITH_KEEPDIMS = "sum prod mean max min argmax argmin all any var std".split()
PATTERNS = ("", "F", "T", "FF", "FT", "TF", "FFF", "TFT", "FFFF")
AXES = (
    "None",
    "0",
    "1",
    "-1",
    "-2",
    "2",
    "[0]",
    "(0, 1)",
    "[1, 0]",
    "[0, 2]",
    "(-1,)",
    "()",
    "[]",
    "[0, 0]",
    "1.0",
    "'a'",
    "np.int64(0)",
    "True",
    "T.constant(0)",
    "T.iscalar()",
)


def dtypes():
    """Output dtypes by input dtype, with dtype= and acc_dtype=."""
    made = {
        "dtype of " + name: [
            sweep("T.%s(x)" % name, "x=*:F"),
            sweep("x.%s()" % name, "x=*:F"),
            sweep("T.%s(x, axis=0)" % name, "x=*:FF"),
        ]
        for name in NAMES
    }
    for name in ("sum", "prod", "mean"):
        made["dtype of " + name] += [
            sweep("T.%s(x, %s='%s')" % (name, word, dtype), "x=*:F")
            for word in ("dtype", "acc_dtype")
            for dtype in DTYPES
        ]
    made["dtype of sum"] += [
        sweep("x.sum(dtype='float32', acc_dtype='float64')", "x=*:F"),
        sweep("x.sum(dtype='int8', acc_dtype='int64')", "x=*:F"),
        sweep("x.mean(dtype='float32', acc_dtype='float64')", "x=*:F"),
    ]
    made["dtype of var"] += [
        sweep("x.var(ddof=1)", "x=*:F"),
        sweep("x.var(corrected=True)", "x=*:F"),
    ]
    made["accumulator"] = [
        sweep("T.%s(x).owner.op.acc_dtype" % name, "x=*:F") for name in ("sum", "prod")
    ]
    made["index and value"] = [
        sweep("T.max_and_argmax(x, axis=0)[%d]" % k, "x=*:FF") for k in (0, 1)
    ]
    made["norm and trace"] = [sweep("x.norm(%s)" % p, "x=*:FF") for p in ("1", "2", "3", "0")] + [
        sweep("x.trace()", "x=*:FF")
    ]
    return made


def patterns():
    """Output patterns by input pattern, axis and keepdims."""
    made = {}
    for name in NAMES:
        cases = []
        for pattern in PATTERNS:
            axes = (
                AXES if name in ("sum", "max", "argmax", "cumsum") or pattern == "FT" else AXES[:8]
            )
            for axis in axes:
                cases += lines("T.%s(x, axis=%s)" % (name, axis), "x=float64:" + pattern)
            if name in WITH_KEEPDIMS:
                for axis in AXES[:7]:
                    cases += lines(
                        "T.%s(x, axis=%s, keepdims=True)" % (name, axis), "x=float64:" + pattern
                    )
        made["pattern of " + name] = cases
    return made


def groups():
    """Return every group of the file, by name."""
    return {**dtypes(), **patterns()}
