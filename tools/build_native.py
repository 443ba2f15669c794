"""Write the Cython text of the compiled loops from the rows, and say how modules are compiled.

``setup.py`` imports :func:`extensions`, which writes the generated text first. Nothing here runs a
compiler.
"""

import platform
import re
from collections.abc import Iterator
from pathlib import Path

from rows import CASTS, COMMON, EXTREMES, IDENTITY, REDUCTIONS, ROWS, SUFFIX, Row
from setuptools import Extension

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "tensorsym"

BASE_FLAGS = [
    "-O3",
    "-std=gnu11",
    "-fwrapv",
    "-ffp-contract=off",
    "-fno-builtin",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fno-strict-aliasing",
    "-Wno-unused-function",
]
LEVEL_FLAGS = {
    "_ops_v3": ["-mavx2", "-mfma", "-mbmi", "-mbmi2"],
    "_ops_v4": [
        *(
            "-mavx2",
            "-mfma",
            "-mbmi",
            "-mbmi2",
            "-mavx512f",
            "-mavx512dq",
            "-mavx512bw",
            "-mavx512vl",
        ),
        "-mprefer-vector-width=512",
    ],
}
ARGUMENTS = "xyz"


def bind_names(text: str, dtype: str) -> str:
    """Return `text` with the suffix of `dtype` on every ``ts_`` name."""
    return re.sub(r"\bts_\w+(?=\()", lambda m: f"{m[0]}_{SUFFIX[dtype]}", text)


class Kernel:
    """One loop of the table: its opcode's key and its Cython text."""

    def __init__(self, row: Row, dtype: str) -> None:
        self.row = row
        self.operands = row.operands(dtype)
        self.out = row.out or dtype
        self.common = set(self.operands) | {self.out} <= set(COMMON)
        self.symbol = "_".join(
            [row.name.strip("_"), *(SUFFIX[d] for d in (*self.operands, self.out))]
        )

    def bind(self, text: str) -> str:
        """Return `text` with the dtype's suffix on every ``ts_`` name."""
        return bind_names(text, self.operands[-1])

    def expression(self) -> str:
        """Return the C expression of the loop, with all names bound."""
        text = self.bind(self.row.text)
        # The name of "cast" stands in parentheses, so that `bind` leaves it alone.
        if self.row.name == "cast":
            text = text.replace("(", "", 1).replace(")", "", 1)
        if self.out == "bool" and not re.fullmatch("x [<>=!]=? y", text):
            text = f"({text}) != 0"  # a bool is any number but 0
        return text

    def scalar(self, name: str, text: str, ctype: str) -> str:
        """Return a C function `name` of the operands that computes `text`."""
        arguments = ", ".join(
            f"ts_{SUFFIX[d]} {a}" for a, d in zip(ARGUMENTS, self.operands, strict=False)
        )
        # A bool is any number but 0.
        result = f"({self.bind(text)}) != 0" if ctype == "ts_b" else self.bind(text)
        return f"TSI {ctype} {name}({arguments}) {{ return ({ctype})({result}); }}"

    def c_text(self) -> Iterator[str]:
        """Yield the scalar functions that the loop calls."""
        out = f"ts_{SUFFIX[self.out]}"
        yield self.scalar(f"s_{self.symbol}", self.row.text, out)
        if self.row.near and self.row.far:
            yield self.scalar(f"near_{self.symbol}", self.row.near, out)
            yield self.scalar(f"far_{self.symbol}", self.row.far, "int")

    def declarations(self) -> Iterator[str]:
        """Yield the declarations of those functions to Cython."""
        arguments = ", ".join(SUFFIX[d] for d in self.operands)
        yield f"    {SUFFIX[self.out]} s_{self.symbol}({arguments}) noexcept nogil"
        if self.row.near:
            yield f"    {SUFFIX[self.out]} near_{self.symbol}({arguments}) noexcept nogil"
            yield f"    int far_{self.symbol}({arguments}) noexcept nogil"

    def loop(self) -> Iterator[str]:
        """Yield the lines of the Cython loop."""
        names = ARGUMENTS[: len(self.operands)]
        views = ", ".join(
            f"const {SUFFIX[d]}[::1] {a}" for a, d in zip(names, self.operands, strict=True)
        )
        values = ", ".join(f"{a}[i]" for a in names)
        yield f"cdef void k_{self.symbol}({views}, {SUFFIX[self.out]}[::1] out) noexcept nogil:"
        yield "    cdef Py_ssize_t i"
        if not self.row.near:
            yield "    for i in range(out.shape[0]):"
            yield f"        out[i] = s_{self.symbol}({values})"
            return
        yield "    cdef int far = 0"
        yield "    for i in range(out.shape[0]):"
        yield f"        out[i] = near_{self.symbol}({values})"
        yield f"        far |= far_{self.symbol}({values})"
        yield "    if far:"
        yield "        for i in range(out.shape[0]):"
        yield f"            if far_{self.symbol}({values}):"
        yield f"                out[i] = s_{self.symbol}({values})"


def kernels() -> list[Kernel]:
    """Return every elementwise loop, in the order of the opcodes."""
    table = [Kernel(row, dtype) for row in ROWS for dtype in row.dtypes]
    for source, target in CASTS:
        text = f"ts_cast_{SUFFIX[source]}_{SUFFIX[target]}"
        # Outside the pattern of `bind`: the name is complete.
        table.append(Kernel(Row("cast", 1, f"({text})(x)", (source,), target), source))
    return table


def reductions() -> list[tuple[str, str, str]]:
    """Return (name, dtype, combining text) of every reduction, in the order of their indices."""
    return [(n, d, text) for n, (text, dtypes) in REDUCTIONS.items() for d in dtypes]


def _reduction_symbol(name: str, dtype: str) -> str:
    return f"{name}_{SUFFIX[dtype]}"


def _reduction_c(name: str, dtype: str, text: str) -> list[str]:
    suffix, symbol = SUFFIX[dtype], _reduction_symbol(name, dtype)
    t = f"ts_{suffix}"
    lines = [f"TSI {t} c_{symbol}({t} x, {t} y) {{ return ({t})({bind_names(text, dtype)}); }}"]
    if _is_extreme_of_floats(name, dtype):
        lines += [
            f"TSI {t} n_{symbol}({t} x, {t} y) {{ return x {EXTREMES[name]} y ? x : y; }}",
        ]
    return lines


def _is_extreme_of_floats(name: str, dtype: str) -> bool:
    return name in EXTREMES and dtype.startswith("float")


def _reduction_declarations(name: str, dtype: str) -> Iterator[str]:
    t = SUFFIX[dtype]
    for kind in "cn" if _is_extreme_of_floats(name, dtype) else "c":
        yield f"    {t} {kind}_{_reduction_symbol(name, dtype)}({t}, {t}) noexcept nogil"


def _reduction_loops(name: str, dtype: str) -> str:
    size = int(dtype[-2:]) // 8 if dtype.startswith("float") else 0
    words = {
        "symbol": _reduction_symbol(name, dtype),
        "t": SUFFIX[dtype],
        "lanes": 256 // size if size else 32,
        "u": f"i{8 * size}",
        "identity": IDENTITY[name],
    }
    if _is_extreme_of_floats(name, dtype):
        return (_EXTREME_LOOPS + _EXTREME_COLUMNS + _IDENTITY_LOOP).format(**words)
    return (_FOLD_LOOPS + _COLUMN_LOOPS + _IDENTITY_LOOP).format(**words)


# The order is part of the numeric contract: 32 lanes, element i in lane i % 32, then the lanes
# folded in halves; fewer than 32 elements go one after the other. The same at every instruction set
# and for every dtype. `r_` folds each row of `x` to an element of `out`, `a_` adds rows to `out`,
# one after the other, four for each time that `out` is read and written, `i_` gives the result over
# no elements.
_FOLD_LOOPS = """\
cdef inline {t} one_{symbol}(const {t} *x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i = 32, j, whole = n - n % 32
    cdef {t} lanes[32]
    cdef {t} total
    if n < 32:
        total = x[0]
        for i in range(1, n):
            total = c_{symbol}(total, x[i])
        return total
    for j in range(32):
        lanes[j] = x[j]
    while i < whole:
        ts_ahead(x + i, 32 * sizeof({t}))
        for j in range(32):
            lanes[j] = c_{symbol}(lanes[j], x[i + j])
        i += 32
    for j in range(n - whole):
        lanes[j] = c_{symbol}(lanes[j], x[whole + j])
    for j in range(16):
        lanes[j] = c_{symbol}(lanes[j], lanes[j + 16])
    for j in range(8):
        lanes[j] = c_{symbol}(lanes[j], lanes[j + 8])
    for j in range(4):
        lanes[j] = c_{symbol}(lanes[j], lanes[j + 4])
    return c_{symbol}(c_{symbol}(lanes[0], lanes[2]), c_{symbol}(lanes[1], lanes[3]))

cdef void r_{symbol}(const {t}[:, ::1] x, {t}[::1] out) noexcept nogil:
    cdef Py_ssize_t row
    for row in range(x.shape[0]):
        out[row] = one_{symbol}(&x[row, 0], x.shape[1])
"""

# The same result in any order, so the fast form may choose one: 64 lanes of 4 bytes or 32 of 8,
# four vectors of the widest kind, and take the last elements twice. It compares only, and so loses
# NaN and the sign of zero. `doubt`, a sum, is NaN after a NaN. If it is, or if the result is zero,
# all is done again exactly.
_EXTREME_LOOPS = """\
cdef {t} exact_{symbol}(const {t} *x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef {t} total = x[0]
    for i in range(1, n):
        total = c_{symbol}(total, x[i])
    return total

cdef inline {t} one_{symbol}(const {t} *x, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i = {lanes}, j, whole = n - n % {lanes}
    cdef {t} lanes[{lanes}]
    cdef {t} doubt[{lanes}]
    if n < {lanes}:
        return exact_{symbol}(x, n)
    for j in range({lanes}):
        lanes[j] = x[j]
        doubt[j] = x[j]
    while i < whole:
        for j in range({lanes}):
            lanes[j] = n_{symbol}(x[i + j], lanes[j])
            doubt[j] = doubt[j] + x[i + j]
        i += {lanes}
    if whole < n:
        for j in range({lanes}):
            lanes[j] = n_{symbol}(x[n - {lanes} + j], lanes[j])
            doubt[j] = doubt[j] + x[n - {lanes} + j]
    i = {lanes} // 2
    while i:
        for j in range(i):
            lanes[j] = n_{symbol}(lanes[j + i], lanes[j])
            doubt[j] = doubt[j] + doubt[j + i]
        i //= 2
    if doubt[0] != doubt[0] or lanes[0] == 0:
        return exact_{symbol}(x, n)
    return lanes[0]

cdef void r_{symbol}(const {t}[:, ::1] x, {t}[::1] out) noexcept nogil:
    cdef Py_ssize_t row
    for row in range(x.shape[0]):
        out[row] = one_{symbol}(&x[row, 0], x.shape[1])
"""

_COLUMN_LOOPS = """\
cdef void a_{symbol}(const {t}[:, ::1] x, {t}[::1] out) noexcept nogil:
    cdef Py_ssize_t i, row = 0, rows = x.shape[0], n = out.shape[0]
    cdef const {t} *x0
    cdef const {t} *x1
    cdef const {t} *x2
    cdef const {t} *x3
    cdef {t} *total = &out[0]
    while row + 4 <= rows:
        x0, x1, x2, x3 = &x[row, 0], &x[row + 1, 0], &x[row + 2, 0], &x[row + 3, 0]
        for i in range(n):
            total[i] = c_{symbol}(
                c_{symbol}(c_{symbol}(c_{symbol}(total[i], x0[i]), x1[i]), x2[i]), x3[i]
            )
        row += 4
    while row < rows:
        x0 = &x[row, 0]
        for i in range(n):
            total[i] = c_{symbol}(total[i], x0[i])
        row += 1
"""

_EXTREME_COLUMNS = """\
cdef void a_{symbol}(const {t}[:, ::1] x, {t}[::1] out) noexcept nogil:
    cdef Py_ssize_t i, row = 0, rows = x.shape[0], n = out.shape[0]
    cdef const {t} *x0
    cdef const {t} *x1
    cdef const {t} *x2
    cdef const {t} *x3
    cdef {t} *total = &out[0]
    cdef {t} doubt
    cdef {u} far = 0
    while row + 4 <= rows:
        x0, x1, x2, x3 = &x[row, 0], &x[row + 1, 0], &x[row + 2, 0], &x[row + 3, 0]
        for i in range(n):
            doubt = (x0[i] + x1[i]) + (x2[i] + x3[i])
            total[i] = n_{symbol}(
                x3[i], n_{symbol}(x2[i], n_{symbol}(x1[i], n_{symbol}(x0[i], total[i])))
            )
            far |= <{u}>(doubt != doubt)
        row += 4
    while row < rows:
        x0 = &x[row, 0]
        for i in range(n):
            far |= <{u}>(x0[i] != x0[i])
            total[i] = n_{symbol}(x0[i], total[i])
        row += 1
    for i in range(n):
        far |= <{u}>(total[i] == 0)
    if far:
        for row in range(rows):
            x0 = &x[row, 0]
            for i in range(n):
                total[i] = c_{symbol}(total[i], x0[i])
"""

_IDENTITY_LOOP = """\
cdef void i_{symbol}(const {t}[::1] x, {t}[::1] out) noexcept nogil:
    out[0] = {identity}
"""


_FILL_LOOP = """\
cdef void w_{t}(const {t}[::1] x, {t}[::1] out) noexcept nogil:
    cdef Py_ssize_t i
    cdef {t} value = x[0]
    for i in range(out.shape[0]):
        out[i] = value
"""
FILLED = ("u8", "u16", "u32", "u64")
FILLS = len(kernels()) + 3 * len(reductions())


def _section(
    name: str, elementwise: list[Kernel], folds: list[tuple[str, str, str]]
) -> Iterator[str]:
    """Yield one generated file: scalar functions, loops, and what puts them into a table."""
    yield "# Written by tools/build_native.py from tools/rows.py; not to be edited."
    yield "cdef extern from *:"
    yield '    """'
    for kernel in elementwise:
        yield from (f"    {line}" for line in kernel.c_text())
    for fold in folds:
        yield from (f"    {line}" for line in _reduction_c(*fold))
    yield '    """'
    for kernel in elementwise:
        yield from kernel.declarations()
    yield "    void ts_ahead(const void *, int) noexcept nogil"
    for fold_name, dtype, _ in folds:
        yield from _reduction_declarations(fold_name, dtype)
    yield ""
    for kernel in elementwise:
        yield from kernel.loop()
        yield ""
    for fold_name, dtype, _ in folds:
        yield _reduction_loops(fold_name, dtype)
    if name == "common":
        for t in FILLED:
            yield _FILL_LOOP.format(t=t)
    yield from _table(name, elementwise, folds)


def _table(
    name: str, elementwise: list[Kernel], folds: list[tuple[str, str, str]]
) -> Iterator[str]:
    """Yield the function that puts the addresses of a file's loops into their places."""
    yield f"cdef void fill_{name}(void **table) noexcept nogil:"
    opcodes = {kernel.symbol: index for index, kernel in enumerate(kernels())}
    for kernel in elementwise:
        yield f"    table[{opcodes[kernel.symbol]}] = <void *>k_{kernel.symbol}"
    if name == "common":
        for offset, t in enumerate(FILLED):
            yield f"    table[{FILLS + offset}] = <void *>w_{t}"
    order = {fold[:2]: len(opcodes) + 3 * index for index, fold in enumerate(reductions())}
    for fold_name, dtype, _ in folds:
        for offset, kind in enumerate("rai"):
            symbol = _reduction_symbol(fold_name, dtype)
            yield f"    table[{order[fold_name, dtype] + offset}] = <void *>{kind}_{symbol}"
    yield ""


def _names() -> Iterator[str]:
    """Yield the table of names that only the module `_ops` needs."""
    yield "# Written by tools/build_native.py from tools/rows.py; not to be edited."
    yield "_KERNELS = ("
    for kernel in kernels():
        yield f"    ({kernel.row.name!r}, {kernel.operands!r}, {kernel.out!r}),"
    yield ")"
    yield "_REDUCTIONS = ("
    for name, dtype, _ in reductions():
        yield f"    ({name!r}, {dtype!r}),"
    yield ")"
    yield "# The C expressions of x, y, z, for whoever makes other kernels of them."
    yield "_TEXTS = ("
    for kernel in kernels():
        yield f"    {kernel.expression()!r},"
    yield ")"
    yield "_COMBINING_TEXTS = ("
    for _, dtype, text in reductions():
        yield f"    {bind_names(text, dtype)!r},"
    yield ")"


def write_loops() -> None:
    """Write the generated Cython files where they are missing or out of date."""
    table, folds = kernels(), reductions()
    size = FILLS + len(FILLED)
    files = {
        "_loops.pxi": _section(
            "common", [k for k in table if k.common], [f for f in folds if f[1] in COMMON]
        ),
        "_loops_rare.pxi": _section(
            "rare", [k for k in table if not k.common], [f for f in folds if f[1] not in COMMON]
        ),
        "_names.pxi": _names(),
    }
    for name, lines in files.items():
        text = "\n".join(lines) + "\n"
        if name == "_loops.pxi":
            text += f"\ncdef enum:\n    FILLS = {FILLS}\n    TABLE_SIZE = {size}\n"
        path = PACKAGE / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def extensions() -> list[Extension]:
    """Return the extension modules of the compiled loops for this machine's architecture.

    On x86-64 there are three: the baseline, AVX2 with FMA, and AVX-512; elsewhere the baseline
    alone.
    """
    write_loops()
    names = ["_ops"]
    if platform.machine().lower() in ("x86_64", "amd64"):
        names += list(LEVEL_FLAGS)
    headers = sorted(str(p.relative_to(ROOT)) for p in (PACKAGE / "native").glob("*.h"))
    texts = sorted(str(p.relative_to(ROOT)) for p in PACKAGE.glob("*.pxi"))
    return [
        Extension(
            f"tensorsym.{name}",
            [f"src/tensorsym/{name}.pyx"],
            include_dirs=["src/tensorsym/native"],
            depends=headers + texts,
            extra_compile_args=BASE_FLAGS + LEVEL_FLAGS.get(name, []),
        )
        for name in names
    ]
