"""Rows measured in fresh processes: start to first result, import, function(), peak memory.

All times are CPU time, that of compilers included: waiting for a core is not the library's doing.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.cases import Case
from benchmarks.fleet import PEERS, ROOT, environment, interpreter
from benchmarks.targets import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.fleet import Peer

__all__ = ["single_rows"]

STEPS = (
    (Case("step", "logistic", (400, 784), "float64"), 0.35, 0.030),
    (Case("step", "perceptron", (60,), "float64"), None, 0.060),
)
MEMORY = (
    Case("chain", "chain", (10_000_000,), "float64"),
    Case("reduction", "softmax1", (10_000, 1000), "float64"),
    Case("reduction", "sqdiff", (10_000, 1000), "float64"),
    Case("step", "perceptron", (60,), "float64"),
)
IMPORTS = {
    "tensorsym": "tensorsym, tensorsym.tensor", "numpy": "numpy", "numexpr": "numexpr",
    "pytensor": "pytensor, pytensor.tensor", "jax": "jax, jax.numpy", "torch": "torch",
    "theano": "theano, theano.tensor",
}  # fmt: skip
SYMBOLIC = ("tensorsym", "pytensor", "pytensor cvm", "theano")


def run_alone(peer: Peer, command: list[str], cache: Path, timeout: float) -> dict[str, Any]:
    """Run a command in a peer's environment; return the JSON of its last line."""
    python = interpreter(peer.home)
    if not Path(python).exists():
        return {"absent": "no environment"}
    try:
        done = subprocess.run(
            [python, *command], cwd=ROOT, env=environment(peer, cache), timeout=timeout,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"failed": f"more than {timeout:g} s"}
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        last = done.stderr.strip().splitlines()[-1:]
        if any("ModuleNotFoundError" in line for line in last):
            return {"absent": "".join(last)[-80:]}
        return {"failed": f"exit {done.returncode}: {''.join(last)[:120]}"}
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


def task(
    peer: Peer, name: str, request: dict[str, Any], cache: Path, timeout: float
) -> dict[str, Any]:
    """Run a task of `once.py`."""
    command = ["-m", "benchmarks.once", name, peer.module, peer.setting, json.dumps(request)]
    return run_alone(peer, command, cache, timeout)


def median_of(answers: list[dict[str, Any]], key: str, scale: float) -> dict[str, Any]:
    """Return a cell: median and spread of a key over runs."""
    if any(key not in answer for answer in answers):
        return next(answer for answer in answers if key not in answer)
    values = sorted(scale * answer[key] for answer in answers)
    middle = statistics.median(values)
    return {"us": middle, "spread": (values[-1] - values[0]) / middle if middle else 0.0,
            "best_us": values[0], "clock": "cpu", "samples": len(values)}  # fmt: skip


def row_of(
    name: str, unit: str, cells: dict[str, Any], limit: float | None = None
) -> dict[str, Any]:
    """Return a row; `limit` is the most that tensorsym may take, in the row's unit."""
    targets = [] if limit is None else [("most", unit, limit)]
    row = {"name": name, "group": name.partition(":")[0], "unit": unit, "targets": targets}
    row["cells"] = cells
    row["verdicts"] = judge(row)
    return row


def start_rows(names: set[str], quick: bool) -> Iterator[dict[str, Any]]:
    """Yield process start to first result, with empty caches, and the time of function()."""
    peers = [
        p
        for p in PEERS
        if p.name in names and p.name not in ("c", "c kept", "numexpr", "torch.compile")
    ]
    for case, whole, function in STEPS:
        totals, inner = {}, {}
        for peer in peers:
            slow = peer.name in ("pytensor", "pytensor cvm", "theano")
            answers = []
            for _ in range(1 if quick or slow else 5):
                with tempfile.TemporaryDirectory() as cache:
                    answers.append(task(peer, "first", case.request, Path(cache), 300))
            totals[peer.name] = median_of(answers, "total_s", 1.0)
            if peer.name in SYMBOLIC:
                inner[peer.name] = median_of(answers, "function_s", 1000.0)
        yield row_of(f"start:{case.work} step, cold", "s", totals, whole)
        yield row_of(
            f"start:{case.work} function()",
            "ms",
            inner,
            None if function is None else 1000 * function,
        )


def import_rows(names: set[str], cache: Path, quick: bool) -> Iterator[dict[str, Any]]:
    """Yield the CPU time of imports, beyond NumPy's own save for NumPy."""
    cells = {}
    for peer in PEERS:
        if peer.name not in names or peer.name not in IMPORTS:
            continue
        before = "" if peer.name == "numpy" else "import numpy; "
        text = (
            f"import time, json; {before}start = time.process_time(); import {IMPORTS[peer.name]}; "
            "print(json.dumps({'s': time.process_time() - start}))"
        )
        # The first import writes bytecode, which installed packages have.
        answers = [run_alone(peer, ["-c", text], cache, 120) for _ in range(4 if quick else 10)]
        cells[peer.name] = median_of(answers[1:], "s", 1000.0)
    yield row_of("start:import beyond NumPy", "ms", cells, 120)


def chain_rows(names: set[str], quick: bool) -> Iterator[dict[str, Any]]:
    """Yield function() per node of a chain of tanh, and of its gradient."""
    for length in (1000, 10_000) if quick else (1000, 10_000, 100_000):
        for gradient in (False, True):
            cells, graphs = {}, {}
            for peer in PEERS:
                if peer.name not in names or peer.name not in SYMBOLIC:
                    continue
                if peer.name != "tensorsym" and length > 1000:
                    # Theano and PyTensor end in a RecursionError at 2,000.
                    cells[peer.name] = {"absent": "RecursionError"}
                    continue
                request = {"length": length, "gradient": gradient}
                with tempfile.TemporaryDirectory() as cache:
                    answer = task(peer, "chain", request, Path(cache), 180)
                cells[peer.name] = median_of([answer], "function_s", 1e6 / length)
                graphs[peer.name] = median_of([answer], "build_s", 1e6 / length)
            kind = "with gradient" if gradient else "forward"
            yield row_of(f"compile:function() per tanh, {length:,} {kind}", "us", cells)
            yield row_of(f"compile:graph per tanh, {length:,} {kind}", "us", graphs)


def memory_rows(names: set[str], cache: Path) -> Iterator[dict[str, Any]]:
    """Yield the rise of the peak by the first call."""
    for case in MEMORY:
        cells = {}
        for peer in PEERS:
            if peer.name in names and peer.name not in ("c", "c kept", "torch.compile"):
                answer = task(peer, "memory", case.request, cache, 300)
                cells[peer.name] = median_of([answer], "bytes", 1 / 2**20)
        yield row_of(f"memory:{case.name.partition(':')[2]}", "MiB", cells)


def single_rows(names: set[str], cache: Path, wanted: Any, quick: bool) -> Iterator[dict[str, Any]]:
    """Yield the rows whose group is wanted."""
    if wanted("start:"):
        yield from import_rows(names, cache, quick)
        yield from start_rows(names, quick)
    if wanted("compile:"):
        yield from chain_rows(names, quick)
    if wanted("memory:"):
        yield from memory_rows(names, cache)
