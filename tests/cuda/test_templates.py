"""Check mode over whole programs, and over every small change of the plan's templates."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym import function
from tensorsym.cuda.modules import Modules
from tests.cuda.conftest import Unpooled
from tests.cuda.mutations import hunt

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.cuda.context import Context

HERE = Path(__file__).parent
# What runs the templates over many layouts, and whole programs.
CHECKED = [HERE / name for name in ("test_kernels.py", "test_functions.py", "test_interop.py")]

rng = np.random.default_rng(11)
x, y = T.fmatrices("xy")


def matrix(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype("float32")


# By template: an expression, and arguments that reach each of its branches.
CASES: dict[str, tuple[Any, list[list[np.ndarray]]]] = {
    "flat": (T.exp(x) * y, [[matrix(37, 53), matrix(37, 53)], [matrix(90, 70), matrix(90, 70)]]),
    "strided": (x * y[0], [[matrix(37, 53), matrix(3, 53)], [matrix(500, 340), matrix(3, 340)]]),
    "reduce": (
        x.sum(axis=0),
        [[matrix(*shape), matrix(1, 1)] for shape in [(300, 40), (5000, 1), (5000, 3), (60, 1)]],
    ),
    "gemm": (T.dot(x, y.T), [[matrix(37, 53), matrix(41, 53)]]),
}
# Changes of the text that no result and no order of threads can show.
UNUSED = [("other lane", "__shfl_down"), ("fewer lanes", "__shfl_down")]  # maps fold nothing
HARMLESS = {
    "flat": UNUSED,
    "strided": UNUSED,
    "reduce": [
        ("no barrier", "__syncthreads();"),  # before a second turn, which grids never need
        ("one too far", "base < s.outputs"),  # likewise
        ("one too far", "? s.length : start + s.chunk"),  # equal where the sides are
        ("one too far", "lanes < 32 ? lanes / 2 : 16"),  # likewise
        ("no guard", "if (lanes > 32)"),  # one warp shares what it does not read
        ("no guard", "else if (lanes > 1)"),  # one lane reads what it wrote
    ],
    "gemm": [("one too far", "start < s.k")],  # a last step of zeros
}


@pytest.mark.usefixtures("emulator")
def test_layouts_and_programs_give_no_report_from_the_first_allocation_on() -> None:
    settings = {"CUDA_EMULATOR_CHECK": "1", "CUDA_EMULATOR_ORDER": "random:5"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *CHECKED]
    done = subprocess.run(
        command, env=os.environ | settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:]


def case_of(context: Context, name: str) -> Callable[[], None]:
    """Return a run of a template on the device against the CPU, its kernels compiled anew."""
    expression, arguments = CASES[name]
    expected = [function([x, y], expression, on_unused_input="ignore")(*a) for a in arguments]

    def case() -> None:
        context.modules = Modules(context._driver, context.modules._nvcc)
        computed = function([x, y], expression, on_unused_input="ignore", device="cuda")
        for given, wanted in zip(arguments, expected, strict=True):
            np.testing.assert_allclose(computed(*given), wanted, rtol=1e-4, atol=1e-4)

    return case


@pytest.mark.parametrize("name", CASES)
def test_every_change_by_the_rules_is_found(
    name: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "modules", context.modules)
    monkeypatch.setattr(context, "processors", 1)  # few blocks, which take several turns
    monkeypatch.setattr(context.pool, "_pool", Unpooled())
    outcomes = hunt(case_of(context, name), kernel=name)
    missed = [outcome.mutant for outcome in outcomes if not outcome.found]
    assert [
        f"{mutant.rule}: {mutant.was}"
        for mutant in missed
        if not any(mutant.rule == rule and line in mutant.was for rule, line in HARMLESS[name])
    ] == []
    assert len(missed) < len(outcomes)
