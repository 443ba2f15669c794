"""Everything to do on a real GPU: correctness of every op record, compute-sanitizer, timings.

`python -m tests.cuda.device.run --out FOLDER` writes results.json and table.md in about five
minutes; `--small` does a few elements of each, to try the script on the emulator.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import tensorsym.tensor as T
from tensorsym import function, shared
from tensorsym.cuda.device import find_context
from tensorsym.cuda.executable import build
from tensorsym.cuda.target import cuda_target
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.reference.executor import ReferenceExecutable
from tensorsym.schedule.build import schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.cuda.context import Context

SANITIZED = "tests/cuda/device/sanitized.py"


def check_records(context: Context) -> dict[str, list[str]]:
    """Compare every record of every dtype with the reference; return what disagrees, by dtype."""
    from tests.cuda.test_records import DTYPES, agree, nodes_of

    failures = {}
    for dtype in DTYPES:
        found = nodes_of(dtype)
        inputs = [v for _, node, _ in found for v in node.inputs]
        graph = FunctionGraph(inputs, [node.outputs[0] for _, node, _ in found])
        arrays = [a for _, _, own in found for a in own]
        got = build(context, schedule(graph, target=cuda_target()))(list(arrays))
        want = ReferenceExecutable(graph)(list(arrays))
        failures[dtype] = []
        for (record, _, _), mine, theirs in zip(found, got, want, strict=True):
            try:
                agree(mine, theirs, record, dtype)
            except AssertionError as error:
                failures[dtype].append(f"{record.name}: {str(error).strip().splitlines()[-1]}")
        print(f"records of {dtype}: {len(found)}, disagreeing: {failures[dtype]}", flush=True)
    return failures


def sanitize() -> str:
    """Run a few kernels of each template under compute-sanitizer, if it is there."""
    tool = shutil.which("compute-sanitizer")
    if tool is None:
        return "compute-sanitizer was not found"
    lines = []
    for check in ("memcheck", "racecheck", "initcheck", "synccheck"):
        done = subprocess.run(
            [tool, "--tool", check, sys.executable, SANITIZED],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        lines.append(f"{check}: {(done.stdout.strip().splitlines() or ['no output'])[-1]}")
    return "\n".join(lines)


def seconds_of(context: Context, run: Callable[[], Any], repeats: int) -> float:
    """Return the least time of a call, in seconds, when all work before it is done."""
    run()
    best = float("inf")
    for _ in range(repeats):
        context.synchronize()
        started = time.perf_counter()
        run()
        context.synchronize()
        best = min(best, time.perf_counter() - started)
    return best


class Bench:
    """Timings on one device.

    Parameters
    ----------
    context : Context
        The device.
    small : bool
        Whether a few elements do.
    """

    def __init__(self, context: Context, small: bool) -> None:
        self.context = context
        self.small = small
        self.repeats = 2 if small else 20
        self.rows: list[dict[str, Any]] = []
        self.n = 10_000 if small else 100_000_000
        self.copy_rate = self.measure_copy()

    def add(self, work: str, seconds: float, moved: float = 0.0, flops: float = 0.0) -> None:
        """Take a row down."""
        row: dict[str, Any] = {"work": work, "ms": seconds * 1e3}
        if moved:
            row["GB/s"] = moved / seconds / 1e9
            row["of copy"] = moved / seconds / self.copy_rate
        if flops:
            row["TFLOP/s"] = flops / seconds / 1e12
        self.rows.append(row)
        print(row, flush=True)

    def measure_copy(self) -> float:
        """Return the bytes per second of a copy on the device, read and written."""
        source = self.context.from_host(np.zeros(self.n, "float32"))
        target = self.context.empty((self.n,), "float32")
        seconds = seconds_of(self.context, lambda: self.context.copy(target, source), self.repeats)
        return 8 * self.n / seconds

    def time_plan(
        self, work: str, inputs: Sequence[Any], output: Any, arrays: Sequence[Any], moved: float
    ) -> None:
        """Time a plan whose arguments and results stay on the device."""
        graph = FunctionGraph(inputs, [output])
        resident = dict.fromkeys(range(len(inputs)))
        plan = schedule(graph, target=cuda_target(), resident=resident, n_outputs=0)
        run = build(self.context, plan)
        there = [self.context.from_host(a) for a in arrays]
        self.add(work, seconds_of(self.context, lambda: run(list(there)), self.repeats), moved)

    def memory_bound(self) -> None:
        """Time what memory bounds."""
        n = self.n
        v, w, m = T.fvector("v"), T.fvector("w"), T.fmatrix("m")
        flat = np.random.default_rng(0).random(n, "float32")
        rows, columns = (100, 100) if self.small else (10_000, 10_000)
        square = flat[: rows * columns].reshape(rows, columns)
        fused = T.exp(-v * w) * v + w
        self.time_plan("fused elementwise", [v, w], fused, [flat, flat], 12 * n)
        self.time_plan("broadcast rows", [m, v], m + v, [square, flat[:columns]], 8 * square.size)
        self.time_plan("strided", [m], m[:, ::2] * 2, [square], 6 * square.size)
        self.time_plan("full reduction", [v], v.sum(), [flat], 4 * n)
        self.time_plan("row reduction", [m], m.sum(axis=1), [square], 4 * square.size)
        self.time_plan("column reduction", [m], m.sum(axis=0), [square], 4 * square.size)
        self.time_plan("transpose", [m], T.tensor_copy(m.T) + 0, [square], 8 * square.size)
        self.time_plan("softmax", [m], T.nnet.softmax(m), [square], 8 * square.size)

    def products(self) -> None:
        """Time matrix products."""
        size = 64 if self.small else 8192
        for dtype in ("float32", "float64", "float16"):
            x, y = (T.TensorType(dtype, (None, None))(name) for name in "xy")
            array = np.ones((size, size), dtype)
            graph = FunctionGraph([x, y], [T.dot(x, y)])
            plan = schedule(
                graph, target=cuda_target(), resident=dict.fromkeys(range(2)), n_outputs=0
            )
            run, there = build(self.context, plan), self.context.from_host(array)
            seconds = seconds_of(self.context, lambda r=run, t=there: r([t, t]), self.repeats)
            self.add(f"product {size} {dtype}", seconds, flops=2.0 * size**3)

    def launches(self) -> None:
        """Time calls whose work is nothing but their cost."""
        w = shared(np.ones(8, "float32"), name="w")
        for kernels in (1, 8):
            value: Any = w
            for _ in range(kernels):
                value = value / value.sum()  # a reduction ends a kernel
            step = function([], [], updates=[(w, value)], device=self.context.name)
            count = 20 if self.small else 1000
            step()
            started = time.perf_counter()
            for _ in range(count):
                step()
            issued = (time.perf_counter() - started) / count
            self.context.synchronize()
            self.add(f"call of {2 * kernels} kernels on 8 elements", issued)

    def training(self) -> None:
        """Time steps of a logistic regression and of a perceptron, data on the device."""
        for batch in (60, 400) if self.small else (60, 4096):
            self.add(f"logistic regression 784, batch {batch}", self.step_time(batch, []))
            self.add(f"perceptron 784-500-10, batch {batch}", self.step_time(batch, [500]))

    def step_time(self, batch: int, hidden: Sequence[int]) -> float:
        """Return the time of a step of gradient descent."""
        rng = np.random.default_rng(0)
        sizes = [784, *hidden, 10]
        data = shared(rng.random((batch, 784), "float32"), name="data")
        labels = shared(rng.integers(0, 10, batch), name="labels")
        weights: list[Any] = []
        value: Any = data
        for i, (rows, columns) in enumerate(itertools.pairwise(sizes)):
            w = shared(rng.normal(size=(rows, columns)).astype("float32") * 0.01, name=f"w{i}")
            b = shared(np.zeros(columns, "float32"), name=f"b{i}")
            weights += [w, b]
            value = T.dot(value, w) + b
            value = T.tanh(value) if i < len(hidden) else T.nnet.softmax(value)
        cost = T.nnet.categorical_crossentropy(value, labels).mean()
        rate = np.float32(0.1)
        updates = [(p, p - rate * g) for p, g in zip(weights, T.grad(cost, weights), strict=True)]
        step = function([], [], updates=updates, device=self.context.name)
        return seconds_of(self.context, step, self.repeats)


def table_of(rows: Sequence[dict[str, Any]], device: str) -> str:
    """Return the rows in markdown."""
    names = ("ms", "GB/s", "of copy", "TFLOP/s")
    lines = [f"Measured on {device}.", "", f"| work | {' | '.join(names)} |", "|---|" + "---|" * 4]
    for row in rows:
        cells = [f"{row[name]:.3g}" if name in row else "" for name in names]
        lines.append(f"| {row['work']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do everything; return 1 if a record disagrees."""
    parser = argparse.ArgumentParser(description="Correctness and timings on a GPU.")
    parser.add_argument("--small", action="store_true", help="a few elements of each")
    parser.add_argument("--emulator", action="store_true", help="on the emulator of the tests")
    parser.add_argument("--out", type=Path, default=Path("device-results"), help="a folder")
    options = parser.parse_args(arguments)
    if options.emulator:
        from tests.cuda import emulator

        emulator.activate()
    context = find_context("cuda")
    assert context is not None
    device = context._driver.Device(context.ordinal).name()
    options.out.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {"device": device}
    results["failures"] = check_records(context)
    if not options.emulator:
        results["sanitizer"] = sanitize()
        print(results["sanitizer"], flush=True)
    bench = Bench(context, options.small)
    results["copy GB/s"] = bench.copy_rate / 1e9
    results["rows"] = bench.rows
    for part in (bench.memory_bound, bench.products, bench.launches, bench.training):
        part()
        # What is measured is kept, whatever happens after it.
        (options.out / "results.json").write_text(json.dumps(results, indent=1))
        (options.out / "table.md").write_text(table_of(bench.rows, device))
    return int(any(results["failures"].values()))


if __name__ == "__main__":
    sys.exit(main())
