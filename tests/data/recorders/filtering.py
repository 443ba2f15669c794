"""What a function accepts for an input, what it turns it into, and what shared values accept."""

# ruff: noqa: UP031, UP032
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

from .case import case, lines
from .outcome import DTYPES

SCALARS = [
    "1",
    "300",
    "-1",
    "2**40",
    "True",
    "0.5",
    "0.1",
    "1e300",
    "float('nan')",
    "1j",
    "'a'",
    "object()",
]
LISTS = [
    "[]",
    "[1, 2]",
    "[0.5, 1]",
    "[0.1]",
    "[True]",
    "(1, 2)",
    "[[1, 2]]",
    "[[1], [2, 3]]",
    "['a']",
    "range(2)",
]
NUMPY = (
    ["np.%s(1)" % d.replace("bool", "bool_") for d in DTYPES]
    + ["np.ones(2, '%s')" % d for d in DTYPES]
    + ["np.ones((1, 2), '%s')" % d for d in ("int8", "float32", "float64")]
    + [
        "np.array(300)",
        "np.array(0.1)",
        "np.ones(())",
        "np.ones(1)",
        "np.ones((1, 1))",
        "np.ones((2, 1))",
        "np.ones((2, 2, 2))",
        "np.zeros((0,))",
        "np.arange(4.)[::2]",
        "np.array(['a'])",
        "np.arange(3, dtype='>f8')",
        "np.ma.array([1., 2.])",
        "np.ma.array([1., 2.], mask=[0, 1])",
        "np.matrix([[1., 2.]])",
        "np.ones((2, 2), order='F')",
        "np.longdouble(1)",
        "np.array(2**40)",
        "np.array([1e300])",
        "np.array([np.nan])",
    ]
)
TARGETS = [
    "%s:%s" % (d, p)
    for d in (
        "bool",
        "int8",
        "int32",
        "int64",
        "uint8",
        "float16",
        "float32",
        "float64",
        "complex64",
    )
    for p in ("", "F")
] + ["float64:T", "float64:FF", "float64:TF", "float32:FF"]
OVER = {"values": SCALARS + LISTS + NUMPY}
OPTIONS = ["allow_downcast=None", "allow_downcast=True", "allow_downcast=False", "strict=True"]


def inputs(target, option):
    """The dtype a function's input of that type takes each of LISTS["values"] as."""
    code = "function([In(x, %s)], x)(VALUE).dtype.name" % option
    return [dict(case(code, "x=" + target), over="values")]


SHARED_VALUES = [
    "1",
    "0.5",
    "0.1",
    "[1, 2]",
    "None",
    "np.ones(2)",
    "np.ones(2, 'float32')",
    "np.ones(2, 'int8')",
    "np.ones(2, 'int64')",
    "np.float32(1)",
    "np.float64(0.1)",
    "np.ones((1, 1))",
    "np.ones(1)",
    "'a'",
    "1j",
    "True",
    "np.ones((3, 2), 'float32')",
]
SHARED_STARTS = [
    "shared(np.zeros(3, 'float32'))",
    "shared(np.zeros(3))",
    "shared(0.0)",
    "shared(1)",
    "shared(np.float32(0))",
    "shared(np.zeros((1, 1)))",
    "shared(np.zeros(2, 'int8'))",
    "shared(np.zeros(3, 'float32'), strict=True)",
    "shared(np.zeros(3, 'float32'), allow_downcast=True)",
    "shared(np.zeros((1, 2)), broadcastable=(True, False))",
    "shared([1, 2])",
    "shared(None)",
]


def shared_values():
    """One case per start and new value; [the value then, or the error]."""
    made = {}
    for start in SHARED_STARTS:
        made["set_value of " + start] = [
            found
            for value in SHARED_VALUES
            for found in lines(
                "s = {}; r = attempt(lambda: s.set_value({})); [r, s.get_value()]".format(
                    start, value
                )
            )
        ]
    return made


def groups():
    """Return every group of the file, by name."""
    made = {
        "%s %s" % (target, option): inputs(target, option)
        for target in TARGETS
        for option in OPTIONS
    }
    made.update(
        {
            "float32: floatX=float32 " + option: [
                dict(found, flags={"floatX": "float32"}) for found in inputs("float32:", option)
            ]
            for option in OPTIONS
        }
    )
    made["allow_input_downcast"] = lines(
        "\n".join(
            "function([T.fscalar()], [], allow_input_downcast={})({})".format(a, v)
            for a in (None, True, False)
            for v in ("1", "0.1", "np.float64(0.1)", "[1]", "2**40")
        )
    )
    made.update(shared_values())
    return made
