"""The rows of the kernel table: what each compiled loop computes, read from the op records.

A row's text is one C expression of ``x``, ``y``, ``z``; names that begin with ``ts_`` get the
suffix of the last operand's dtype, and the result is cast to the output's dtype, so that narrow
integers wrap.
"""

import importlib
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


# A text whose branch compilers do not vectorize: the branch-free form, and the elements it is not
# for.
NEAR_AND_FAR = {
    "sin": ("ts_sin_near(x)", "ts_trig_far(x)"),
    "cos": ("ts_cos_near(x)", "ts_trig_far(x)"),
    "tan": ("ts_tan_near(x)", "ts_trig_far(x)"),
}
# There are no loops of these over bools: they are computed as integers, as NumPy does.
NOT_OF_BOOL = {"abs_", "int_div", "left_shift", "mod", "right_shift"}
# Over other dtypes these compare x with itself.
PREDICATES_OF_FLOATS = {"isnan", "isinf"}


def _records() -> list[Any]:
    """Return the op records, from the language room alone: the package needs what is built here."""
    if "tensorsym" not in sys.modules:
        package = types.ModuleType("tensorsym")
        package.__path__ = [str(Path(__file__).resolve().parent.parent / "src" / "tensorsym")]
        sys.modules["tensorsym"] = package
    importlib.import_module("tensorsym.language").load()
    elementwise = importlib.import_module("tensorsym.language.elementwise")
    return list(elementwise.RECORDS.values())


def _rows_of(record: Any) -> list[Row]:
    """Return the loops a record needs: one row per dtype of the first operand and of the result."""
    dtypes_by_kind: dict[tuple[str | None, str | None], list[str]] = {}
    for dtype in ALL:
        try:
            operands, out = record.rule(*(dtype,) * record.arity)
        except TypeError:  # the op is not defined for this dtype
            continue
        computed = operands[-1]
        if computed not in ALL or out not in ALL or not _wanted(record.name, computed):
            continue
        kind = operands[0] if operands[0] != computed else None, out if out != computed else None
        if computed not in dtypes_by_kind.setdefault(kind, []):
            dtypes_by_kind[kind].append(computed)
    near, far = NEAR_AND_FAR.get(record.name, (None, None))
    return [
        Row(record.name, record.arity, record.c, tuple(dtypes), out, first, near, far)
        for (first, out), dtypes in dtypes_by_kind.items()
    ]


def _wanted(name: str, dtype: str) -> bool:
    if name in PREDICATES_OF_FLOATS:
        return dtype in FLOATS
    return not (dtype == "bool" and name in NOT_OF_BOOL)


ROWS: list[Row] = [
    row
    for record in _records()
    if record.c and "cast" not in record.traits
    for row in _rows_of(record)
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

EXTREMES = {"max": ">", "min": "<"}
"""Which of two comparable numbers an extreme keeps."""
