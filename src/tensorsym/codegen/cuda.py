"""CUDA C of plan kernels: the steps in a function of one element, templates for the loops around.

In: kernels of a plan, and how each operand comes (by pointer, one element by pointer, by value).
Out: a translation unit. Which of a kernel's loops runs is decided per call, by the memory of its
operands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tensorsym.codegen.cuda_library import library_for
from tensorsym.codegen.cuda_scalar import (
    combining_text,
    load,
    neutral,
    scalar_text,
    storage_type,
    store,
    value_type,
)
from tensorsym.codegen.templates import fill_template, template_text
from tensorsym.codegen.tile import TileProgram, tile_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.schedule.plan import Kernel

__all__ = ["PACK", "CudaKernel", "cuda_kernels", "cuda_text", "cuda_unit", "finishing_kernel"]

PACK = 16  # bytes of the widest access
INDEX = {32: "int", 64: "long long"}


@dataclass(frozen=True, slots=True)
class CudaKernel:
    """What decides a kernel's CUDA text.

    Attributes
    ----------
    program : TileProgram
        Steps and operands.
    ways : tuple of {'array', 'element', 'value'}
        Per operand of the program: its memory is walked through, one element of it is read, or it
        is an argument.
    reduced : tuple of bool
        Per dimension whether it is reduced; all False for elementwise kernels.
    """

    program: TileProgram
    ways: tuple[str, ...]
    reduced: tuple[bool, ...]

    @property
    def reduces(self) -> bool:
        """Whether there is a reduction."""
        return any([o[1] not in ("in", "out") for o in self.program.operands])

    @property
    def width(self) -> int:
        """Elements of one wide access: the largest operand's take 16 bytes."""
        sizes = [
            np.dtype(o[0]).itemsize
            for o, way in zip(self.program.operands, self.ways, strict=True)
            if way == "array"
        ]
        return PACK // max(sizes, default=PACK)

    def argument_order(self) -> tuple[list[int], list[int]]:
        """Return the operands passed by pointer, and those by value, the largest first."""
        pointers = [n for n, way in enumerate(self.ways) if way != "value"]
        values = [n for n, way in enumerate(self.ways) if way == "value"]
        operands = self.program.operands
        return pointers, sorted(values, key=lambda n: (-np.dtype(operands[n][0]).itemsize, n))


def cuda_kernels(kernel: Kernel, by_value: Sequence[int]) -> list[tuple[CudaKernel, Kernel]]:
    """Return what the CUDA text of a plan's kernel is made of, and that part of the kernel.

    A kernel whose reductions reduce different dimensions falls into one part for each set of them.

    Parameters
    ----------
    kernel : Kernel
        The kernel.
    by_value : sequence of int
        Slots that are arguments by value.
    """
    reductions = [o for o in kernel.operands if o.role not in ("in", "shape", "out")]
    patterns = list(dict.fromkeys(o.broadcast for o in reductions)) or [(False,) * kernel.rank]
    parts = []
    for number, pattern in enumerate(patterns):
        kept = [
            o
            for o in kernel.operands
            if o.role in ("in", "shape")
            or (o.role == "out" and number == 0)
            or (o.role not in ("in", "shape", "out") and o.broadcast == pattern)
        ]
        part = replace(kernel, operands=tuple(kept), reuse=())
        ways = [
            "array"
            if o.role != "in" or not all(o.broadcast)
            else "value"
            if o.slot in by_value
            else "element"
            for o in kept
            if o.role != "shape"
        ]
        parts.append((CudaKernel(tile_program(part), tuple(ways), pattern), part))
    return parts


def finishing_kernel(kernel: CudaKernel) -> CudaKernel:
    """Return the kernel that folds the partial results of a reduction, a row for each block."""
    folds = [o for o in kernel.program.operands if o[1] not in ("in", "out")]
    inputs = [(o[0], "in") for o in folds]
    results = [(o[0], o[1], k) for k, o in enumerate(folds)]
    program = TileProgram((*inputs, *results), (), len(folds))
    return CudaKernel(program, ("array",) * (2 * len(folds)), (True, False))


def cuda_unit(texts: Sequence[str]) -> str:
    """Return a translation unit of kernels, with the scalar functions they need."""
    joined = "\n".join(texts)
    return "\n".join([library_for(joined), template_text("unit"), joined])


def cuda_text(kernel: CudaKernel, name: str, bits: int = 32) -> str:
    """Return a kernel's loops: `<name>_flat` and `<name>_strided`, or `<name>_reduce`.

    Parameters
    ----------
    kernel : CudaKernel
        The kernel.
    name : str
        An identifier.
    bits : {32, 64}
        Width of indices.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> from tensorsym.schedule.build import schedule
    >>> x, y = T.vectors("x", "y")
    >>> plan = schedule(FunctionGraph([x, y], [x * y]))
    >>> (kernel, _), = cuda_kernels(plan.instructions[0], ())
    >>> print(cuda_text(kernel, "f").partition(chr(10) + chr(10))[0])
    TSI void f_body(const ts_f64 v0, const ts_f64 v1, ts_f64 &r2)
    {
      const ts_f64 v2 = v0 * v1;
      r2 = v2;
    }
    """
    writer = _Writer(kernel, name, INDEX[bits])
    loops = [writer.reduce()] if kernel.reduces else [writer.flat(), writer.strided()]
    return "\n\n".join([writer.body(), *loops])


def _substitute(text: str, arguments: Sequence[str]) -> str:
    names = dict(zip("xyz", arguments, strict=False))
    return re.sub(r"(?<![.\w])[xyz]\b", lambda match: names[match[0]], text)


def _lines(lines: Sequence[str], indent: int) -> str:
    return ("\n" + " " * indent).join(lines)


class _Writer:
    """The parts of a kernel's text."""

    def __init__(self, kernel: CudaKernel, name: str, index: str) -> None:
        self.kernel = kernel
        self.name = name
        self.index = index
        self.operands = kernel.program.operands
        ways = kernel.ways
        self.inputs = [n for n, o in enumerate(self.operands) if o[1] == "in"]
        self.walked = [n for n in self.inputs if ways[n] == "array"]
        self.results = [n for n, o in enumerate(self.operands) if o[1] != "in"]
        self.outs = [n for n in self.results if self.operands[n][1] == "out"]
        self.folds = [n for n in self.results if self.operands[n][1] != "out"]
        # Operands that have strides, in order.
        self.strided_ones = [*self.walked, *self.outs]

    def dtype(self, n: int) -> str:
        """Return an operand's dtype."""
        return self.operands[n][0]

    def body(self) -> str:
        """Return a function of one element: inputs to results."""
        variable = [f"v{k}" for k in range(len(self.inputs))]
        variable += [""] * (self.kernel.program.n_registers - len(variable))
        lines = []
        for number, step in enumerate(self.kernel.program.steps, len(self.inputs)):
            text, made = scalar_text(step.loop, *step.dtypes)
            text = _substitute(text, [variable[source] for source in step.sources])
            lines.append(f"const {value_type(made)} v{number} = {text};")
            variable[step.target] = f"v{number}"
        for n in self.results:
            lines.append(f"r{n} = {variable[self.operands[n][2]]};")  # type: ignore[misc]
        arguments = [
            f"const {value_type(self.dtype(n))} v{k}" for k, n in enumerate(self.inputs)
        ] + [f"{value_type(self.dtype(n))} &r{n}" for n in self.results]
        head = f"TSI void {self.name}_body({', '.join(arguments)})"
        return "\n".join([head, "{", *[f"  {line}" for line in lines], "}"])

    def parameters(self) -> str:
        """Return pointers, then values."""
        pointers, values = self.kernel.argument_order()
        texts = []
        for n in pointers:
            const = "const " if n in self.inputs else ""
            texts.append(f"{const}{storage_type(self.dtype(n))} *__restrict__ p{n}")
        texts += [f"const {storage_type(self.dtype(n))} a{n}" for n in values]
        return ", ".join(texts)

    def fixed(self) -> list[str]:
        """Return the reading of inputs of one element."""
        lines = []
        for k, n in enumerate(self.inputs):
            if n not in self.walked:
                source = f"a{n}" if self.kernel.ways[n] == "value" else f"*p{n}"
                value = load(source, self.dtype(n))
                lines.append(f"const {value_type(self.dtype(n))} v{k} = {value};")
        return lines

    def call(self) -> list[str]:
        """Return the call of the body on variables v and r."""
        lines = [f"{value_type(self.dtype(n))} r{n};" for n in self.results]
        arguments = [f"v{k}" for k in range(len(self.inputs))] + [f"r{n}" for n in self.results]
        return [*lines, f"{self.name}_body({', '.join(arguments)});"]

    def loads(self, place: str) -> list[str]:
        """Return the reading of inputs; `place` names a place in memory by $."""
        return [
            f"const {value_type(self.dtype(n))} v{k} = "
            f"{load(place.replace('$', str(n)), self.dtype(n))};"
            for k, n in enumerate(self.inputs)
            if n in self.walked
        ]

    def stores(self, place: str) -> list[str]:
        """Return the writing of elementwise outputs."""
        return [
            f"{place.replace('$', str(n))} = {store(f'r{n}', self.dtype(n))};" for n in self.outs
        ]

    def single(self, place: str) -> list[str]:
        """Return the work on one element."""
        return [*self.loads(place), *self.call(), *self.stores(place)]

    def flat(self) -> str:
        """Return the loop over dense operands."""
        width = self.kernel.width
        pack = {n: f"ts_pack<{storage_type(self.dtype(n))}, {width}>" for n in self.strided_ones}
        return fill_template(
            "flat",
            name=f"{self.name}_flat",
            index=self.index,
            parameters=self.parameters(),
            fixed=_lines(self.fixed(), 2),
            width=width,
            load_packs=_lines(
                [f"const {pack[n]} x{n} = ((const {pack[n]} *)p{n})[i];" for n in self.walked]
                + [f"{pack[n]} x{n};" for n in self.outs],
                4,
            ),
            element=_lines(self.single("x$.item[j]"), 6),
            store_packs=_lines([f"(({pack[n]} *)p{n})[i] = x{n};" for n in self.outs], 4),
            single=_lines(self.single("p$[i]"), 4),
        )

    def strided(self) -> str:
        """Return the loop over operands of any strides."""
        rank = max(1, len(self.kernel.reduced))
        place = {n: number for number, n in enumerate(self.strided_ones)}
        single = []
        for line in self.single(f"p$[o$ + i * s.stride[<$>][{rank - 1}]]"):
            single.append(re.sub(r"<(\d+)>", lambda m: str(place[int(m[1])]), line))
        return fill_template(
            "strided",
            name=f"{self.name}_strided",
            index=self.index,
            rank=rank,
            operands=len(self.strided_ones),
            parameters=self.parameters(),
            fixed=_lines(self.fixed(), 2),
            offsets=_lines([f"{self.index} o{n} = 0;" for n in self.strided_ones], 4),
            row=_lines([f"o{n} += at * s.stride[{place[n]}][d];" for n in self.strided_ones], 6),
            single=_lines(single, 6),
        )

    def reduce(self) -> str:
        """Return the loop that folds."""
        place = {n: number for number, n in enumerate(self.strided_ones)}
        ones = self.strided_ones
        n_reduced = sum(self.kernel.reduced)
        acc = {n: f"c{n}" for n in self.folds}
        return fill_template(
            "reduce",
            name=f"{self.name}_reduce",
            index=self.index,
            operands=max(1, len(ones)),
            n_kept=max(1, len(self.kernel.reduced) - n_reduced),
            n_reduced=max(1, n_reduced),
            parameters=self.parameters(),
            fixed=_lines(self.fixed(), 2),
            shared=_lines(
                [f"__shared__ {value_type(self.dtype(n))} s{n}[256];" for n in self.folds], 2
            ),
            begin=_lines([self.begin(n) for n in self.folds], 2),
            offsets=_lines([f"{self.index} k{n} = 0;" for n in ones], 4),
            kept=_lines([f"k{n} += at * s.by_kept[{place[n]}][d];" for n in ones], 6),
            inner=_lines([f"{self.index} o{n} = k{n};" for n in ones], 6),
            reduced=_lines([f"o{n} += at * s.by_reduced[{place[n]}][d];" for n in ones], 8),
            single=_lines(self.single("p$[o$]"), 6),
            fold=_lines([self.fold(n, acc[n], f"r{n}") for n in self.folds], 6),
            fold_warp=_lines([self.fold(n, acc[n], f"ts_down(c{n}, by)") for n in self.folds], 6),
            share_warp=_lines([f"s{n}[threadIdx.x / 32] = c{n};" for n in self.folds], 8),
            fold_warps=_lines(
                [self.fold(n, acc[n], f"s{n}[threadIdx.x / 32 + w]") for n in self.folds], 12
            ),
            share=_lines([f"s{n}[threadIdx.x] = c{n};" for n in self.folds], 4),
            fold_shared=_lines(
                [
                    self.fold(n, f"s{n}[threadIdx.x]", f"s{n}[threadIdx.x + half * groups]")
                    for n in self.folds
                ],
                8,
            ),
            take=_lines([f"c{n} = s{n}[group];" for n in self.folds], 4),
            results=_lines(
                [
                    f"p{n}[blockIdx.y * s.outputs + o] = {store(f'c{n}', self.dtype(n))};"
                    for n in self.folds
                ],
                4,
            ),
        )

    def begin(self, n: int) -> str:
        """Return an accumulator that holds nothing yet."""
        dtype = self.dtype(n)
        return f"{value_type(dtype)} c{n} = {neutral(self.operands[n][1], dtype)};"

    def fold(self, n: int, left: str, right: str) -> str:
        """Return how a value joins an accumulator."""
        text = combining_text(self.operands[n][1], self.dtype(n))
        return f"{left} = {_substitute(text, [left, right])};"
