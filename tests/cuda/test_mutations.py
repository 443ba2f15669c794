"""The planted-bug tool, on kernels whose every bug is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cuda.kernels import CORRECT, HISTOGRAM
from tests.cuda.mutations import hunt, mutants

if TYPE_CHECKING:
    from tests.cuda.kernels import Device


def test_each_rule_breaks_one_place() -> None:
    found = [(mutant.line, mutant.rule) for mutant in mutants(HISTOGRAM)]
    assert sorted(found) == [
        (5, "no guard"),
        (5, "no store"),
        (5, "one too far"),
        (6, "no barrier"),
        (7, "no atomic"),
        (7, "one too far"),
        (8, "no barrier"),
        (9, "no atomic"),
        (9, "no guard"),
        (9, "one too far"),
    ]
    assert all(
        len(mutant.text.splitlines()) == len(HISTOGRAM.splitlines())
        for mutant in mutants(HISTOGRAM)
    )


def test_comments_are_not_broken() -> None:
    assert list(mutants("// __syncthreads(); if (i < n)\n/* a < b */")) == []


@pytest.mark.parametrize("name", [name for name in CORRECT if name != "vector"])
def test_every_mutant_of_the_correct_kernels_is_found(device: Device, name: str) -> None:
    run, text = CORRECT[name]

    def case() -> None:
        device.modules.clear()
        run(device, text)

    missed = [str(outcome) for outcome in hunt(case) if not outcome.found]
    assert missed == []
