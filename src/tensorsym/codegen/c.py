"""C text of kernels: the steps of the tile machine, fused into one loop, for the system's compiler.

In: a tile program, and the scalar text of its loops. Out: C functions of the form that `_ops.pxd`
calls NativeKernel. They see rows of dense elements and fold at most a block; iteration spaces and
the trees of blocks stay the tile machine's, so that the order of every reduction, and every bit, is
the same. Nothing here runs a compiler.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tensorsym.codegen.tile import tile_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tensorsym.codegen.tile import TileProgram
    from tensorsym.schedule.plan import Kernel

    ScalarText = Callable[..., tuple[str, str]]

__all__ = ["CKernel", "c_kernel", "c_text", "c_unit"]

LANES = 32  # of a fold, at every dtype and instruction set; the numeric contract fixes it
PARAMETERS = "ts_size rows, ts_size cols, char **data, const ts_size *step, int fresh"
LETTERS = {"bool": "b", "int": "i", "uint": "u", "float": "f"}

PROLOGUE = """\
#include "{header}"
typedef __PTRDIFF_TYPE__ ts_size;
#if defined(__clang__)
#define TS_LANES _Pragma("clang loop vectorize(assume_safety)")
#else
#define TS_LANES _Pragma("GCC ivdep")
#endif
"""
"""TS_LANES: elements do not depend on each other. An output may be an input, not its neighbour."""


@dataclass(frozen=True, slots=True)
class CKernel:
    """What decides a kernel's C text; equal ones share one compiled function.

    Attributes
    ----------
    program : TileProgram
        Steps and operands.
    constants : tuple of bool
        Per operand of the program, whether it is an input of one element.
    rank : {0, 1}
        0 if all operands are scalars: the text has no loop.
    keeps : bool
        Whether reductions keep a dimension, and so may run down columns.
    """

    program: TileProgram
    constants: tuple[bool, ...]
    rank: int
    keeps: bool

    @property
    def reduces(self) -> bool:
        """Whether there is a reduction."""
        return any([role not in ("in", "out") for _, role, *_ in self.program.operands])


def c_kernel(kernel: Kernel) -> CKernel:
    """Return what the C text of a plan's kernel is made of.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> from tensorsym.schedule.build import schedule
    >>> x, a = T.vector("x"), T.scalar("a")
    >>> plan = schedule(FunctionGraph([x, a], [x * a]))
    >>> c_kernel(next(i for i in plan.instructions if i.word == "kernel")).constants
    (False, True, False)
    """
    operands = [o for o in kernel.operands if o.role != "shape"]
    constants = tuple([o.role == "in" and all(o.broadcast) for o in operands])
    keeps = any([o.role not in ("in", "out") and not all(o.broadcast) for o in operands])
    return CKernel(tile_program(kernel), constants, min(1, kernel.rank), keeps)


def c_unit(texts: list[str]) -> str:
    """Return a translation unit of kernels, with no more of our headers than they need."""
    needs_functions = any([re.search(r"\bts_(?!ahead\()[a-z0-9_]+\(", text) for text in texts])
    header = "ts_scalar.h" if needs_functions else "ts_types.h"
    return "\n".join([PROLOGUE.format(header=header), *texts])


def c_text(kernel: CKernel, name: str, scalar_text: ScalarText) -> str:
    """Return the C functions of a kernel: `<name>_rows`, and `<name>_columns` if one is needed.

    The latter is there where reductions keep a dimension.

    Parameters
    ----------
    kernel : CKernel
        The kernel.
    name : str
        An identifier.
    scalar_text : callable
        From a loop's name and dtypes (or a reduction's) to a C expression of x, y, z and the dtype
        it makes.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> from tensorsym.schedule.build import schedule
    >>> x, y = T.scalars("x", "y")
    >>> kernel = c_kernel(schedule(FunctionGraph([x, y], [x * y + x])).instructions[0])
    >>> texts = {"mul": "x * y", "add": "x + y"}
    >>> print(c_text(kernel, "f", lambda loop, *dtypes: (texts[loop], "float64")))
    void f_rows(ts_size rows, ts_size cols, char **data, const ts_size *step, int fresh)
    {
      const ts_f64 v0 = *(const ts_f64 *)data[0];
      const ts_f64 v1 = *(const ts_f64 *)data[1];
      const ts_f64 v2 = v0 * v1;
      const ts_f64 v3 = v2 + v0;
      *(ts_f64 *)data[2] = v3;
    }
    <BLANKLINE>
    """
    writer = _Writer(kernel, scalar_text)
    forms = {"rows": writer.fold_rows() if kernel.reduces else writer.map_rows()}
    if kernel.keeps:
        forms["columns"] = writer.fold_columns()
    lines: list[str] = []
    for form, body in forms.items():
        lines.append(f"void {name}_{form}({PARAMETERS})")
        lines += ["{", *[f"  {line}" for line in body], "}", ""]
    return "\n".join(lines)


def c_type(dtype: str) -> str:
    """Return the C type of a dtype: `ts_i8`, `ts_f64`, `ts_b`."""
    name = dtype.rstrip("0123456789")
    bits = dtype[len(name) :]
    return f"ts_{LETTERS[name]}{bits}"


def neutral(role: str, dtype: str) -> str:
    """Return what changes nothing when combined, as a C literal: for float sums -0.0, not 0.0."""
    if role == "sum":
        return "-0.0" if dtype.startswith("float") else "0"
    if role in ("prod", "all"):
        return "1"
    if role == "any" or dtype == "bool":
        return "0" if role in ("any", "max") else "1"
    if dtype.startswith("float"):
        return "-__builtin_inf()" if role == "max" else "__builtin_inf()"
    info = np.iinfo(dtype)
    value = int(info.min if role == "max" else info.max)
    if value == -(2**63):
        return "-0x7fffffffffffffffLL - 1"
    return f"{value}{'ULL' if dtype == 'uint64' else 'LL' if dtype == 'int64' else ''}"


@dataclass(frozen=True, slots=True)
class _Result:
    """An operand that is written, the variable it takes, and how two values of it combine."""

    number: int
    role: str
    dtype: str
    value: str
    combining: str

    @property
    def ctype(self) -> str:
        return c_type(self.dtype)

    def combine(self, left: str, right: str) -> str:
        """Return the combination of two C expressions."""
        return _substitute(self.combining, [left, right])

    def begin(self) -> list[str]:
        """Return lanes `s` that hold nothing yet, and room `t` for the rest of a row."""
        s, t = f"s{self.number}", f"t{self.number}"
        fill = f"  {s}[j] = {neutral(self.role, self.dtype)};"
        return [
            f"{self.ctype} {s}[{LANES}], {t}[{LANES}];",
            f"for (int j = 0; j < {LANES}; j++)",
            fill,
        ]

    def fold_short(self) -> list[str]:
        """Return the fold of a row with fewer elements than lanes."""
        s, t = f"s{self.number}", f"t{self.number}"
        step = f"  {s}[0] = {self.combine(f'{s}[0]', f'{t}[j]')};"
        return [f"{s}[0] = {t}[0];", "for (int j = 1; j < rest; j++)", step]

    def fold_lanes(self) -> list[str]:
        """Return the fold of the rest of a row into the lanes, and of the lanes."""
        s, t = f"s{self.number}", f"t{self.number}"
        return [
            "for (int j = 0; j < rest; j++)",
            f"  {s}[j] = {self.combine(f'{s}[j]', f'{t}[j]')};",
            f"for (int half = {LANES // 2}; half > 0; half /= 2)",
            "  for (int j = 0; j < half; j++)",
            f"    {s}[j] = {self.combine(f'{s}[j]', f'{s}[j + half]')};",
        ]


def _substitute(text: str, arguments: list[str]) -> str:
    """Return a scalar text with its x, y, z replaced."""
    names = dict(zip("xyz", arguments, strict=False))
    return re.sub(r"\b[xyz]\b", lambda match: names[match[0]], text)


class _Writer:
    """The parts of a kernel's text, and the three ways to put them together."""

    def __init__(self, kernel: CKernel, scalar_text: ScalarText) -> None:
        self.kernel = kernel
        self.operands = kernel.program.operands
        self.inputs = [n for n, o in enumerate(self.operands) if o[1] == "in"]
        variable = [f"v{k}" for k in range(len(self.inputs))]
        variable += [""] * (kernel.program.n_registers - len(variable))
        self.steps: list[str] = []
        for number, step in enumerate(kernel.program.steps, len(self.inputs)):
            text, made = scalar_text(step.loop, *step.dtypes)
            text = _substitute(text, [variable[source] for source in step.sources])
            self.steps.append(f"const {c_type(made)} v{number} = {text};")
            variable[step.target] = f"v{number}"
        self.results = []
        for n, operand in enumerate(self.operands):
            if len(operand) == 3:
                dtype, role, register = operand
                combining = "" if role == "out" else scalar_text(role, dtype)[0]
                self.results.append(_Result(n, role, dtype, variable[register], combining))
        self.outs = [r for r in self.results if r.role == "out"]
        self.folds = [r for r in self.results if r.role != "out"]

    def map_rows(self) -> list[str]:
        """Store every row."""
        if self.kernel.rank == 0:
            stores = [f"*({r.ctype} *)data[{r.number}] = {r.value};" for r in self.outs]
            return [*self.constants(), *self.steps, *stores]
        stores = [f"a{r.number}[i] = {r.value};" for r in self.outs]
        body = [
            "TS_LANES",
            *_loop("ts_size i = 0; i < cols; i++", [*self.loads("i"), *self.steps, *stores]),
        ]
        return [*self.constants(), *self.each_row([*self.pointers(), *body])]

    def fold_rows(self) -> list[str]:
        """Fold rows of at most a block: lanes, then lanes in halves; short rows one by one."""
        stores = [f"a{r.number}[i + j] = {r.value};" for r in self.outs]
        values = [*self.loads("i + j"), *self.steps]
        combine = [f"s{r.number}[j] = {r.combine(f's{r.number}[j]', r.value)};" for r in self.folds]
        keep = [f"t{r.number}[j] = {r.value};" for r in self.folds]
        lanes = _loop(f"int j = 0; j < {LANES}; j++", [*values, *combine, *stores])
        rest = _loop("int j = 0; j < rest; j++", [*values, *keep, *stores])
        body = [*self.pointers(), *_joined(r.begin() for r in self.folds), "ts_size i = 0;"]
        ahead = [
            f"ts_ahead(a{n} + i, {LANES} * sizeof *a{n});"
            for n in self.inputs
            if not self.kernel.constants[n]
        ]
        body += _loop(f"; i + {LANES} <= cols; i += {LANES}", [*ahead, "TS_LANES", *lanes])
        body += ["const int rest = (int)(cols - i);", "TS_LANES", *rest, "if (i == 0) {"]
        body += _indent(_joined(r.fold_short() for r in self.folds))
        body += ["} else {", *_indent(_joined(r.fold_lanes() for r in self.folds)), "}"]
        for r in self.folds:
            body.append(
                f"*({r.ctype} *)(data[{r.number}] + row * step[{r.number}]) = s{r.number}[0];"
            )
        return [*self.constants(), *self.each_row(body)]

    def fold_columns(self) -> list[str]:
        """Add every row to the sums of its columns."""
        head: list[str] = []
        for r in self.folds:
            head.append(f"{r.ctype} *s{r.number} = ({r.ctype} *)data[{r.number}];")
        first: list[str] = []
        for r in self.folds:
            first += [
                "for (ts_size i = 0; i < cols; i++)",
                f"  s{r.number}[i] = {neutral(r.role, r.dtype)};",
            ]
        stores = [f"a{r.number}[i] = {r.value};" for r in self.outs]
        sums = [f"s{r.number}[i] = {r.combine(f's{r.number}[i]', r.value)};" for r in self.folds]
        body = ["TS_LANES"]
        body += _loop(
            "ts_size i = 0; i < cols; i++", [*self.loads("i"), *self.steps, *sums, *stores]
        )
        head += ["if (fresh) {", *_indent(first), "}"]
        return [*self.constants(), *head, *self.each_row([*self.pointers(), *body])]

    def constants(self) -> Iterator[str]:
        """Yield the reading of inputs of one element."""
        for k, n in enumerate(self.inputs):
            if self.kernel.constants[n]:
                ctype = c_type(self.operands[n][0])
                yield f"const {ctype} v{k} = *(const {ctype} *)data[{n}];"

    def pointers(self) -> Iterator[str]:
        """Yield the first elements of a row."""
        for n, (dtype, role, *_) in enumerate(self.operands):
            if role in ("in", "out") and not self.kernel.constants[n]:
                target = f"{'const ' if role == 'in' else ''}{c_type(dtype)} *"
                yield f"{target}a{n} = ({target})(data[{n}] + row * step[{n}]);"

    def loads(self, index: str) -> Iterator[str]:
        """Yield the reading of inputs, before anything is stored: outputs may be inputs."""
        for k, n in enumerate(self.inputs):
            if not self.kernel.constants[n]:
                yield f"const {c_type(self.operands[n][0])} v{k} = a{n}[{index}];"

    def each_row(self, body: list[str]) -> list[str]:
        """Return a loop over rows."""
        return _loop("ts_size row = 0; row < rows; row++", body)


def _joined(parts: Iterable[list[str]]) -> list[str]:
    return [line for part in parts for line in part]


def _indent(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _loop(head: str, body: list[str]) -> list[str]:
    return [f"for ({head}) {{", *_indent(body), "}"]
