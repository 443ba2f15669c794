"""The benchmarks' own arithmetic: targets, comparison, agreement of answers, and a small run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
if not (ROOT / "benchmarks").is_dir():
    pytest.skip("benchmarks/ is not part of this installation", allow_module_level=True)
sys.path.insert(0, str(ROOT))

from benchmarks.cases import Case  # noqa: E402
from benchmarks.compare import compare  # noqa: E402
from benchmarks.measurement import disagreements, summary  # noqa: E402
from benchmarks.peers import loops  # noqa: E402
from benchmarks.peers import numpy as numpy_peer  # noqa: E402
from benchmarks.targets import judge  # noqa: E402


def row(name: str, us: float, spread: float = 0.0) -> dict[str, Any]:
    return {"name": name, "cells": {"tensorsym": {"us": us, "spread": spread}}}


def test_comparison_finds_what_became_slower_beyond_noise() -> None:
    base = {"rows": [row("a", 1.0), row("b", 1.0), row("c", 1.0, 0.3)]}
    head = {"rows": [row("a", 1.05), row("b", 1.2), row("c", 1.4)]}
    lines, slower = compare(base, head)
    assert slower
    assert [line.split()[0] for line in lines if line.endswith("SLOWER")] == ["b"]
    assert compare(base, base)[1] is False


def test_comparison_names_rows_that_one_side_lacks() -> None:
    lines, slower = compare({"rows": [row("a", 1.0)]}, {"rows": [row("b", 1.0)]})
    assert lines[1:] == ["a: only in base", "b: only in head"]
    assert not slower


@pytest.mark.parametrize(
    ("target", "met"),
    [
        (["most", "us", 2.0], True),
        (["most", "us", 1.5], False),
        (["best", 1.5], True),
        (["best", 1.7], False),
        (["ratio", "theano", 8.0], True),
        (["loop", 0.5], True),
        (["loop", 0.6], False),
    ],
)
def test_targets_are_judged(target: list[Any], met: bool) -> None:
    times = {"tensorsym": 2.0, "numpy": 3.2, "theano": 20.0, "c": 1.0}
    cells = {peer: {"us": us} for peer, us in times.items()}
    (verdict,) = judge({"cells": cells, "targets": [target]})
    assert verdict["met"] is met


def test_target_without_its_peer_has_no_verdict() -> None:
    cells = {"tensorsym": {"us": 1.0}, "jax": {"absent": "not installed"}}
    assert judge({"cells": cells, "targets": [["best", 1.0], ["ratio", "jax", 2.0]]}) == []


def test_samples_that_others_broke_into_do_not_count() -> None:
    calm = [{"wall": 1e-6, "cpu": 1e-6}] * 4
    broken = [{"wall": 9e-6, "cpu": 1e-6}] * 5
    assert summary(calm + broken)["us"] == pytest.approx(1.0)
    assert summary(calm + broken)["clock"] == "wall"
    assert summary(broken)["clock"] == "cpu"


def test_other_answers_than_numpys_are_told() -> None:
    value = {"shape": [2], "size": 1.0, "sum": 0.5, "some": [1.0, 0.0]}
    answers = {"numpy": value, "right": dict(value), "wrong": {**value, "some": [1.0, 0.1]}}
    assert list(disagreements(answers, "float64")) == ["wrong"]


def test_a_run_writes_rows_and_skips_absent_peers_with_a_word(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", "^call:a[+]1 1 f64$"]
    command += ["--peers", "tensorsym,numpy,theano", "--json", str(tmp_path / "run.json")]
    environment = {**os.environ, "TENSORSYM_BENCH_THEANO": str(tmp_path)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert "skipped theano" in done.stdout
    (made,) = json.loads((tmp_path / "run.json").read_text())["rows"]
    assert made["cells"]["tensorsym"]["us"] > 0
    assert made["cells"]["numpy"]["us"] > 0
    assert "mismatch" not in made["cells"]["tensorsym"]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no gcc for the plain loops")
@pytest.mark.parametrize("work", ["a+1", "2a+b10", "chain", "sqdiff", "max0", "logsumexp1"])
def test_plain_loops_agree_with_numpy(work: str) -> None:
    case = Case("any", work, (40, 30) if work in ("max0", "logsumexp1") else (1200,), "float64")
    loop, exact = loops.build(case.request, "kept"), numpy_peer.build(case.request, "")
    # The chain's two terms cancel near zero.
    np.testing.assert_allclose(loop.value(), exact.value(), rtol=1e-13, atol=1e-14)
