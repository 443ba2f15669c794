"""Tile machine and C give equal bits: all loops, all reductions, random kernels, functions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest
from tests.cpu import native

import tensorsym.tensor as T
from tensorsym import _ops, config, function
from tensorsym.codegen import c
from tensorsym.codegen.c import CKernel
from tensorsym.codegen.tile import TileProgram, TileStep
from tensorsym.cpu.compiler import find_compiler

pytestmark = pytest.mark.skipif(find_compiler() is None, reason="this machine has no C compiler")


def test_every_loop_has_equal_bits():
    assert native.check_table() > 80


def test_every_reduction_has_equal_bits_over_all_subsets_of_axes():
    assert native.check_reductions() > 500


def test_the_other_level_with_fma_has_equal_bits_too():
    if _ops.level() != "v4":
        pytest.skip(f"this machine's level is {_ops.level()}: there is no other one with FMA")
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {
        "TENSORSYM_CPU_LEVEL": "v3",
        "PYTHONPATH": os.pathsep.join([str(root), *sys.path]),
    }
    command = [sys.executable, "-W", "ignore", "-m", "tests.cpu.native"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("v3 ")


def test_another_order_of_sums_would_be_noticed(monkeypatch):
    monkeypatch.setattr(c, "LANES", 16)
    x = np.random.default_rng(1).normal(size=4000)
    step = TileStep("sub", ("float64", "float64"), 2, (0, 1))
    operands = (("float64", "in"), ("float64", "in"), ("float64", "sum", 2))
    kernel = CKernel(TileProgram(operands, (step,), 3), (False,) * 3, 1, False)
    with pytest.raises(AssertionError, match="sum"):
        native.assert_same_bits(
            kernel, native.built([kernel]), [x, x[::-1].copy() * 3, np.zeros(1)]
        )


CHEAP = "abs_ add cast lt maximum minimum mul neg sqr sqrt sub switch true_div".split()  # noqa: SIM905
assert set(CHEAP) <= {name for name, _, _ in _ops.opcodes()}


@st.composite
def kernels(draw: Any) -> tuple[CKernel, tuple[int, ...]]:
    """Return a random kernel, and the layouts of its operands."""
    dtypes = draw(st.lists(st.sampled_from(native.DTYPES), min_size=1, max_size=4))
    n = len(dtypes)
    held, steps = list(dtypes), []
    for _ in range(draw(st.integers(1, 8))):
        options = [
            (name, operands, out)
            for name, operands, out in _ops.opcodes()
            if name in CHEAP and set(operands) <= set(held)
        ]
        name, operands, out = draw(st.sampled_from(options))
        sources = [
            draw(st.sampled_from([k for k, d in enumerate(held) if d == o])) for o in operands
        ]
        steps.append(
            TileStep(
                name, (*operands, out) if name == "cast" else operands, len(held), tuple(sources)
            )
        )
        held.append(out)
    results: list[Any] = [(held[-1], "out", len(held) - 1)] if draw(st.booleans()) else []
    for k in draw(st.lists(st.integers(0, len(held) - 1), min_size=not results, max_size=3)):
        role = draw(
            st.sampled_from([role for role, dtype in _ops.reductions() if dtype == held[k]])
        )
        results.append((held[k], role, k))
    # The first input has the whole shape, the others may be broadcast.
    constants = tuple([k > 0 and draw(st.integers(0, 3)) == 0 for k in range(n)])
    inputs = [(dtype, "in") for dtype in dtypes]
    flags = (*constants, *[False] * len(results))
    keeps = any(role != "out" for _, role, _ in results)
    layouts = tuple([draw(st.integers(0, 5 if k else 3)) for k in range(n)])
    return CKernel(
        TileProgram((*inputs, *results), tuple(steps), len(held)), flags, 1, keeps
    ), layouts


@hypothesis.settings(max_examples=5, deadline=None, derandomize=True)
@hypothesis.given(
    drawn=st.lists(kernels(), min_size=4, max_size=8, unique_by=lambda pair: pair[0]),
    shape=st.lists(st.sampled_from([1, 2, 3, 9, 33, 70, 1030]), min_size=1, max_size=3),
    reduced=st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_random_kernels_have_equal_bits(drawn, shape, reduced):
    shape = (*[min(length, 70) for length in shape[:-1]], shape[-1])
    kept = tuple(1 if r else length for r, length in zip(reduced, shape, strict=False))
    workshop = native.built([kernel for kernel, _ in drawn])
    for kernel, layouts in drawn:
        arrays = []
        for o, operand in enumerate(kernel.program.operands):
            if operand[1] != "in":
                arrays.append(np.zeros(shape if operand[1] == "out" else kept, operand[0]))
            elif kernel.constants[o]:
                arrays.append(native.draw(operand[0], (20,), o)[:1].reshape((1,) * len(shape)))
            elif layouts[o] == 4:  # one row for all
                arrays.append(native.draw(operand[0], (*[1] * (len(shape) - 1), shape[-1]), o))
            elif layouts[o] == 5:  # one element for each row
                arrays.append(native.draw(operand[0], (*shape[:-1], 1), o))
            else:
                arrays.append(native.laid_out(native.draw(operand[0], shape, o), layouts[o]))
        native.assert_same_bits(kernel, workshop, arrays)


def both(inputs, outputs):
    """Return a function on the tile machine, and the same one in C."""
    made = []
    for tier in ("tile", "wait"):
        with config.scope(tier=tier):
            made.append(function(inputs, outputs, on_unused_input="ignore"))
    return made


@pytest.fixture
def _own_cache(tmp_path):
    with config.scope(cache=str(tmp_path)):
        yield


@pytest.mark.usefixtures("_own_cache")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_functions_keep_their_bits(dtype):
    a, b = T.matrix("a", dtype), T.matrix("b", dtype)
    v, s = T.vector("v", dtype), T.scalar("s", dtype)
    outputs = [
        a + 1, 2 * a + 3 * b, a**2 + b**2 + 2 * a * b, 2 * a + b**10, T.mean((a - b) ** 2),
        (a * v).sum(axis=0), T.max(a + v, axis=1), (a - a.mean(axis=0, keepdims=True)) / s,
        abs(a.T - b.T).sum(axis=0), (a > v).sum(),
        s * s - s / 3, T.sqrt((a**2).sum(axis=1)),
    ]  # fmt: skip
    tile, compiled = both([a, b, v, s], outputs)
    rng = np.random.default_rng(3)
    for rows, cols in [(1, 1), (3, 5), (40, 70), (300, 1100), (2000, 9)]:
        x, y = rng.normal(size=(2, rows, cols)).astype(dtype)
        w = rng.normal(size=cols).astype(dtype)
        for left, right in [
            (x, y),
            (np.asfortranarray(x), y),
            (x[::-1], y),
            (np.asfortranarray(x), np.asfortranarray(y)),
        ]:
            arguments = left, right, w, np.asarray(1.7, dtype)
            for one, two in zip(tile(*arguments), compiled(*arguments), strict=True):
                assert native.same_bits(one, two)
