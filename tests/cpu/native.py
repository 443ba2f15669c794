"""One kernel on both tiers: by the tile machine, and by C that this machine's compiler builds.

Run as a program it checks the whole table of loops and all reductions at the level that
TENSORSYM_CPU_LEVEL names.
"""

from __future__ import annotations

import itertools
import tempfile
from typing import Any

import numpy as np

from tensorsym import _ops
from tensorsym.codegen.c import CKernel
from tensorsym.codegen.tile import TileProgram, TileStep
from tensorsym.config import config
from tensorsym.cpu.workshop import Workshop

Array = np.ndarray[Any, Any]
DTYPES = sorted({dtype for _, operands, _ in _ops.opcodes() for dtype in operands})
LENGTHS = (1, 31, 33, 1024, 2500)
ROLES = ("sum", "prod", "max", "min", "any", "all")


def draw(dtype: str, shape: tuple[int, ...], seed: int = 0) -> Array:
    """Return values of `dtype` with its corners among them."""
    rng = np.random.default_rng(seed)
    size = int(np.prod(shape))
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.startswith("float"):
        x = (rng.normal(size=size) * 10.0 ** rng.integers(-4, 4, size)).astype(dtype)
        corners = [0.0, -0.0, np.nan, np.inf, -np.inf, 1e30, -1e30, 1e-40, 0.5, -2.5, 1e300]
        with np.errstate(over="ignore"):
            x[rng.integers(0, size, size // 9)] = np.resize(
                np.array(corners).astype(dtype), size // 9
            )
        return x.reshape(shape)
    info = np.iinfo(dtype)
    x = rng.integers(info.min, info.max, size, dtype=dtype, endpoint=True)
    x[::3] = rng.integers(-3 if info.min else 0, 70, x[::3].size).astype(dtype)
    x[::17] = np.resize(np.array([info.min, info.max, 0, 1], dtype), x[::17].size)
    return x.reshape(shape)


def same_bits(left: Array, right: Array) -> bool:
    """Tell whether two arrays are equal to the bit, all NaNs counting as one value."""
    if left.dtype.kind == "f":
        nan = np.isnan(left)
        if not np.array_equal(nan, np.isnan(right)):
            return False
        left, right = np.where(nan, 0, left), np.where(nan, 0, right)
    return left.tobytes() == right.tobytes()


def program_of(kernel: CKernel) -> _ops.Program:
    """Return the tile machine's program for a kernel."""
    program = kernel.program
    steps = [(_ops.opcode(s.loop, *s.dtypes), s.target, s.sources) for s in program.steps]
    assert None not in [code for code, _, _ in steps], program
    return _ops.Program(program.operands, steps, program.n_registers)  # type: ignore[arg-type]


def built(kernels: list[CKernel]) -> Workshop:
    """Return the kernels compiled, in a cache of their own."""
    workshop = Workshop()
    with tempfile.TemporaryDirectory() as folder, config.scope(cache=folder):
        workshop.build(kernels)
    assert set(kernels) == set(workshop.built), "the compiler failed"
    return workshop


def assert_same_bits(kernel: CKernel, workshop: Workshop, arrays: list[Array]) -> None:
    """Run a kernel on both tiers; the arrays include those of the results."""
    results = []
    for compiled in (False, True):
        program = program_of(kernel)
        if compiled:
            code = workshop.built[kernel]
            program.install(code.rows, code.columns, kernel.constants, code.library)
        copies = [
            a if o[1] == "in" else a.copy(order="K")
            for a, o in zip(arrays, kernel.program.operands, strict=True)
        ]
        _ops.execute(program, copies)
        assert program.compiled is compiled
        results.append(copies)
    for operand, tile, c in zip(kernel.program.operands, *results, strict=True):
        assert same_bits(tile, c), (
            f"{operand}, strides {[a.strides for a in arrays]}: {kernel.program}"
        )


def table_kernels() -> list[CKernel]:
    """Return kernels that have every loop of the table, up to eight with the same operands."""
    groups: dict[tuple[str, ...], list[tuple[str, tuple[str, ...], str]]] = {}
    for name, dtypes, out in _ops.opcodes():
        groups.setdefault(dtypes, []).append(
            (name, (*dtypes, out) if name == "cast" else dtypes, out)
        )
    kernels = []
    for operands, loops in groups.items():
        n = len(operands)
        for part in [loops[start : start + 8] for start in range(0, len(loops), 8)]:
            inputs = [(dtype, "in") for dtype in operands]
            outputs = [(out, "out", n + k) for k, (_, _, out) in enumerate(part)]
            steps = [
                TileStep(name, dtypes, n + k, tuple(range(n)))
                for k, (name, dtypes, _) in enumerate(part)
            ]
            program = TileProgram((*inputs, *outputs), tuple(steps), n + len(steps))
            kernels.append(CKernel(program, (False,) * len(program.operands), 1, False))
    return kernels


def check_table() -> int:
    """Compare every loop of the table on both tiers; return how many kernels that took."""
    kernels = table_kernels()
    workshop = built(kernels)
    for kernel in kernels:
        for n in LENGTHS:
            arrays = [
                draw(dtype, (n,), seed) for seed, (dtype, *_) in enumerate(kernel.program.operands)
            ]
            assert_same_bits(kernel, workshop, arrays)
    return len(kernels)


def reduction_kernels() -> list[CKernel]:
    """Return a step and two reductions of it for every reduction of the table."""
    kernels = []
    for role, dtype in _ops.reductions():
        loop = "xor" if dtype == "bool" else "maximum" if role == "prod" else "sub"
        step = TileStep(loop, (dtype, dtype), 2, (0, 1))
        operands = ((dtype, "in"), (dtype, "in"), (dtype, role, 2), (dtype, "min", 0))
        if loop == "xor":
            operands = (*operands, ("bool", "out", 2))
        kernels.append(
            CKernel(TileProgram(operands, (step,), 3), (False,) * len(operands), 1, True)
        )
    return kernels


def check_reductions() -> int:
    """Compare reductions over all subsets of axes, in several layouts; return how many runs."""
    kernels = reduction_kernels()
    workshop, runs = built(kernels), 0
    for number, kernel in enumerate(kernels):
        for shape in [(3, 70, 7), (2, 5, 1100), (4, 130, 9)][number % 3 :: 3]:
            for reduced in itertools.product((False, True), repeat=3):
                for layout in range(3):
                    inputs = [
                        laid_out(draw(o[0], shape, k), layout + k)
                        for k, o in enumerate(kernel.program.operands[:2])
                    ]
                    kept = tuple(1 if r else n for n, r in zip(shape, reduced, strict=True))
                    results = [
                        np.zeros(shape if o[1] == "out" else kept, o[0])
                        for o in kernel.program.operands[2:]
                    ]
                    assert_same_bits(kernel, workshop, [*inputs, *results])
                    runs += 1
    return runs


def laid_out(x: Array, layout: int) -> Array:
    """Return the same values in C order, Fortran order, with gaps, or backwards."""
    if layout == 1:
        return np.asfortranarray(x)
    if layout == 2:
        wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
        wide[..., ::2] = x
        return wide[..., ::2]
    if layout == 3:
        return x[::-1].copy()[::-1]
    return x


if __name__ == "__main__":
    print(_ops.level(), check_table(), check_reductions())
