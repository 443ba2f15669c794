"""The rows of the kernel table: what each compiled loop computes, as data.

A row's text is one C expression of ``x``, ``y``, ``z``; names that begin with ``ts_`` get the
suffix of the last operand's dtype, and the result is cast to the output's dtype, so that narrow
integers wrap.
"""

from dataclasses import dataclass

SUFFIX = {
    "bool": "b",
    "int8": "i8",
    "int16": "i16",
    "int32": "i32",
    "int64": "i64",
    "uint8": "u8",
    "uint16": "u16",
    "uint32": "u32",
    "uint64": "u64",
    "float32": "f32",
    "float64": "f64",
}
FLOATS = ("float32", "float64")
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
INTEGERS = SIGNED + UNSIGNED
NUMBERS = INTEGERS + FLOATS
ALL = ("bool", *NUMBERS)
COMMON = ("bool", "int32", "int64", "float32", "float64")
"""The dtypes whose loops are built for every instruction set; others have baseline loops."""


@dataclass(frozen=True, slots=True)
class Row:
    """One elementwise loop for several dtypes.

    ``out`` is the dtype of the result where it is not the operands'. ``first`` is the dtype of
    ``x`` where it is not the others'. A text whose branch compilers cannot vectorize names a
    branch-free ``near`` form and the predicate ``far`` of the elements that have to be computed
    again by ``text``.
    """

    name: str
    arity: int
    text: str
    dtypes: tuple[str, ...]
    out: str | None = None
    first: str | None = None
    near: str | None = None
    far: str | None = None

    def operands(self, dtype: str) -> tuple[str, ...]:
        """Return the dtypes of the operands of this row's loop for `dtype`."""
        return (self.first or dtype,) + (dtype,) * (self.arity - 1)


def _unary_math() -> list[Row]:
    names = ["exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sigmoid", "softplus", "tanh"]
    names += ["erf", "sqrt", "floor", "ceil", "trunc", "rint", "round_half_away"]
    rows = [Row(name, 1, f"ts_{name}(x)", FLOATS) for name in names]
    rows += [
        Row(name, 1, f"ts_{name}(x)", FLOATS, near=f"ts_{name}_near(x)", far="ts_trig_far(x)")
        for name in ("sin", "cos")
    ]
    return rows


ROWS: list[Row] = [
    Row("add", 2, "x + y", NUMBERS),
    Row("add", 2, "x | y", ("bool",)),
    Row("sub", 2, "x - y", NUMBERS),
    Row("mul", 2, "x * y", NUMBERS),
    Row("mul", 2, "x & y", ("bool",)),
    Row("true_div", 2, "x / y", FLOATS),
    Row("floor_div", 2, "ts_floor_div(x, y)", NUMBERS),
    Row("mod", 2, "ts_mod(x, y)", NUMBERS),
    Row("pow", 2, "ts_pow(x, y)", NUMBERS),
    Row("maximum", 2, "ts_max(x, y)", ALL),
    Row("minimum", 2, "ts_min(x, y)", ALL),
    Row("eq", 2, "x == y", ALL, "bool"),
    Row("neq", 2, "x != y", ALL, "bool"),
    Row("lt", 2, "x < y", ALL, "bool"),
    Row("le", 2, "x <= y", ALL, "bool"),
    Row("gt", 2, "x > y", ALL, "bool"),
    Row("ge", 2, "x >= y", ALL, "bool"),
    Row("and_", 2, "x & y", ("bool", *INTEGERS)),
    Row("or_", 2, "x | y", ("bool", *INTEGERS)),
    Row("xor", 2, "x ^ y", ("bool", *INTEGERS)),
    Row("invert", 1, "~x", INTEGERS),
    Row("invert", 1, "!x", ("bool",)),
    Row("left_shift", 2, "ts_shl(x, y)", INTEGERS),
    Row("right_shift", 2, "ts_shr(x, y)", INTEGERS),
    Row("logical_not", 1, "ts_not(x)", ALL, "bool"),
    Row("logical_and", 2, "ts_land(x, y)", ALL, "bool"),
    Row("logical_or", 2, "ts_lor(x, y)", ALL, "bool"),
    Row("logical_xor", 2, "ts_lxor(x, y)", ALL, "bool"),
    Row("isnan", 1, "ts_isnan(x)", FLOATS, "bool"),
    Row("isinf", 1, "ts_isinf(x)", FLOATS, "bool"),
    Row("copy", 1, "x", ALL),
    Row("neg", 1, "-x", NUMBERS),
    Row("abs", 1, "ts_abs(x)", NUMBERS),
    Row("sgn", 1, "ts_sgn(x)", NUMBERS),
    Row("sqr", 1, "x * x", NUMBERS),
    Row("reciprocal", 1, "1 / x", FLOATS),
    *_unary_math(),
    Row("switch", 3, "x ? y : z", ALL, first="bool"),
    Row("clip", 3, "ts_clip(x, y, z)", ALL),
    Row("mul_add", 3, "x * y + z", FLOATS),
]

CASTS: list[tuple[str, str]] = [(a, b) for a in ALL for b in ALL if a != b]

REDUCTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sum": ("x + y", NUMBERS),
    "prod": ("x * y", NUMBERS),
    "max": ("ts_max(x, y)", ALL),
    "min": ("ts_min(x, y)", ALL),
    "any": ("x | y", ("bool",)),
    "all": ("x & y", ("bool",)),
}
"""How two partial results of a reduction combine."""

IDENTITY = {"sum": "0", "prod": "1", "max": "0", "min": "0", "any": "0", "all": "1"}
"""The result over no elements; those of max and min are never stored."""
