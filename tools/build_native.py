"""Write the Cython text of the compiled loops from the rows, and say how modules are compiled.

``setup.py`` imports :func:`extensions`, which writes the generated text first. Nothing here runs a
compiler.
"""

import platform
import re
from collections.abc import Iterator
from pathlib import Path

from rows import CASTS, COMMON, IDENTITY, REDUCTIONS, ROWS, SUFFIX, Row
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
    return [f"TSI {t} c_{symbol}({t} x, {t} y) {{ return ({t})({bind_names(text, dtype)}); }}"]


# The order is part of the numeric contract: 32 lanes, element i in lane i % 32, then the lanes
# folded in halves; fewer than 32 elements go one after the other. The same at every instruction set
# and for every dtype. `r_` folds each of len(out) rows, `a_` adds rows of len(out) elements to
# `out`, `i_` gives the result over no elements.
_REDUCE_LOOPS = """\
cdef void r_{symbol}(const {t}[::1] x, {t}[::1] out) noexcept nogil:
    cdef Py_ssize_t i, j, row, first, rows = out.shape[0]
    cdef Py_ssize_t n = x.shape[0] // rows, whole = n - n % 32
    cdef {t} lanes[32]
    cdef {t} total
    for row in range(rows):
        first = row * n
        if n < 32:
            total = x[first]
            for i in range(1, n):
                total = c_{symbol}(total, x[first + i])
            out[row] = total
            continue
        for j in range(32):
            lanes[j] = x[first + j]
        i = 32
        while i < whole:
            for j in range(32):
                lanes[j] = c_{symbol}(lanes[j], x[first + i + j])
            i += 32
        for j in range(n - whole):
            lanes[j] = c_{symbol}(lanes[j], x[first + whole + j])
        for j in range(16):
            lanes[j] = c_{symbol}(lanes[j], lanes[j + 16])
        for j in range(8):
            lanes[j] = c_{symbol}(lanes[j], lanes[j + 8])
        for j in range(4):
            lanes[j] = c_{symbol}(lanes[j], lanes[j + 4])
        out[row] = c_{symbol}(c_{symbol}(lanes[0], lanes[2]), c_{symbol}(lanes[1], lanes[3]))

cdef void a_{symbol}(const {t}[::1] x, {t}[::1] out) noexcept nogil:
    cdef Py_ssize_t i, row, n = out.shape[0]
    for row in range(x.shape[0] // n):
        for i in range(n):
            out[i] = c_{symbol}(out[i], x[row * n + i])

cdef void i_{symbol}(const {t}[::1] x, {t}[::1] out) noexcept nogil:
    out[0] = {identity}
"""


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
    for fold_name, dtype, _ in folds:
        t = SUFFIX[dtype]
        yield f"    {t} c_{_reduction_symbol(fold_name, dtype)}({t}, {t}) noexcept nogil"
    yield ""
    for kernel in elementwise:
        yield from kernel.loop()
        yield ""
    for fold_name, dtype, _ in folds:
        symbol = _reduction_symbol(fold_name, dtype)
        yield _REDUCE_LOOPS.format(symbol=symbol, t=SUFFIX[dtype], identity=IDENTITY[fold_name])
    yield f"cdef void fill_{name}(void **table) noexcept nogil:"
    opcodes = {kernel.symbol: index for index, kernel in enumerate(kernels())}
    for kernel in elementwise:
        yield f"    table[{opcodes[kernel.symbol]}] = <void *>k_{kernel.symbol}"
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
    size = len(table) + 3 * len(folds)
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
            text += f"\ncdef enum:\n    TABLE_SIZE = {size}\n"
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
