"""Rounds in which peers take turns, and what becomes of the samples.

A sample that other processes broke into is not the work's time: where at least a third of a peer's
samples were left alone, the median of their wall times counts; elsewhere the median of CPU times,
and the cell is marked so.
"""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.targets import judge

if TYPE_CHECKING:
    from benchmarks.cases import Case
    from benchmarks.fleet import Process

__all__ = ["Effort", "measure"]

# Wall time this much above CPU time means that something else ran.
DISTURBED = 1.02


class Effort(NamedTuple):
    """How long is measured: seconds per sample, least and most rounds, and seconds per cell."""

    sample: float = 0.01
    rounds: tuple[int, int] = (6, 25)
    cell: float = 0.8
    build_timeout: float = 240.0


QUICK = Effort(0.005, (3, 9), 0.2, 120.0)


def measure(case: Case, fleet: list[Process], effort: Effort) -> dict[str, Any]:
    """Build a case on every peer, check that they agree, time them by turns; return the row."""
    cells: dict[str, dict[str, Any]] = {}
    answers: dict[str, dict[str, Any]] = {}
    for process in fleet:
        answer = process.ask({"do": "build", "case": case.request}, effort.build_timeout)
        cells[process.peer.name] = {k: v for k, v in answer.items() if k != "value"}
        if "value" in answer:
            answers[process.peer.name] = answer["value"]
    for name, why in disagreements(answers, case.dtype).items():
        cells[name]["mismatch"] = why
    taking = [process for process in fleet if process.peer.name in answers]
    samples = rounds(taking, effort)
    for name, taken in samples.items():
        cells[name].update(summary(taken))
    row = {"name": case.name, "group": case.group, "targets": case.targets, "cells": cells}
    row["verdicts"] = judge(row)
    return row


def rounds(fleet: list[Process], effort: Effort) -> dict[str, list[dict[str, float]]]:
    """Let peers take turns until each has its rounds, or its time is up."""
    least, most = effort.rounds
    samples: dict[str, list[dict[str, float]]] = {process.peer.name: [] for process in fleet}
    spent = dict.fromkeys(samples, 0.0)
    for number in range(most):
        for process in fleet:
            name = process.peer.name
            if number >= least and spent[name] > effort.cell:
                continue
            answer = process.ask({"do": "sample", "seconds": effort.sample}, effort.build_timeout)
            # The first round warms up: a peer's guess of the number of runs comes from a cold call.
            if "wall" in answer:
                spent[name] += answer["wall"] * answer["runs"]
                if number:
                    samples[name].append(answer)
    return {name: taken for name, taken in samples.items() if taken}


def summary(samples: list[dict[str, float]]) -> dict[str, Any]:
    """Return median, quartile spread and clock of a peer's samples."""
    calm = [s["wall"] for s in samples if s["wall"] <= DISTURBED * s["cpu"]]
    by_wall = len(calm) >= max(2, len(samples) / 3)
    values = sorted(calm if by_wall else [s["cpu"] for s in samples])
    low, high = values[len(values) // 4], values[-1 - len(values) // 4]
    middle = statistics.median(values)
    return {
        "us": 1e6 * middle,
        "spread": (high - low) / middle,
        "best_us": 1e6 * values[0],
        "clock": "wall" if by_wall else "cpu",
        "samples": len(samples),
    }


def disagreements(answers: dict[str, dict[str, Any]], dtype: str) -> dict[str, str]:
    """Return which peers give something else than NumPy, and what."""
    reference = answers.get("numpy")
    if reference is None:
        return {}
    tolerance = 1e-9 if dtype == "float64" else 2e-4
    wrong = {}
    for name, value in answers.items():
        near = tolerance * max(1.0, reference["size"])
        got = [value["sum"], *value["some"]]
        wanted = [reference["sum"], *reference["some"]]
        if value["shape"] != reference["shape"]:
            wrong[name] = f"shape {value['shape']}, NumPy {reference['shape']}"
        elif any(
            not math.isclose(g, w, rel_tol=tolerance, abs_tol=near)
            for g, w in zip(got, wanted, strict=True)
        ):
            wrong[name] = f"{got[1]:.9g}, NumPy {wanted[1]:.9g}"
    return wrong
