"""The seed's train step, an MLP step and a fused chain, side by side with NumPy.

Prints medians, spread and ratios, and writes them with the machine and the versions to
benchmarks/results/. A ratio above 1 says tensorsym is faster. Run it by `make bench`, on a machine
that does nothing else.
"""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy
from threadpoolctl import threadpool_info, threadpool_limits

import tensorsym as theano
import tensorsym.tensor as T

RESULTS = Path(__file__).parent / "results"
# A sample is long against the clock's resolution, and short against a time slice.
SAMPLE_SECONDS, SAMPLES = 0.005, 41


class Case(NamedTuple):
    """Two calls that do the same work on the same data, and how to compare what they give."""

    name: str
    ours: Callable[[], Any]
    numpy: Callable[[], Any]


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def seed_step() -> Case:
    """Return one step of logistic regression on four examples, as in examples/seed_logistic.py."""
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    y = np.array([0, 0, 0, 1], dtype=float)
    X, Y = T.dmatrix("X"), T.dvector("y")
    w, b = theano.shared(np.array([0.3, -0.2]), name="w"), theano.shared(0.0, name="b")
    p = T.nnet.sigmoid(T.dot(X, w) + b)
    cost = (-Y * T.log(p) - (1 - Y) * T.log(1 - p)).mean() + 0.01 * (w**2).sum()
    gw, gb = T.grad(cost, [w, b])
    step = theano.function([X, Y], cost, updates=[(w, w - 0.1 * gw), (b, b - 0.1 * gb)])
    state = [np.array([0.3, -0.2]), 0.0]

    def numpy_step() -> float:
        w, b = state
        p = sigmoid(x @ w + b)
        cost = (-y * np.log(p) - (1 - y) * np.log(1 - p)).mean() + 0.01 * (w**2).sum()
        delta = (p - y) / 4
        state[:] = w - 0.1 * (x.T @ delta + 0.02 * w), b - 0.1 * delta.sum()
        return cost

    return Case("seed train step", lambda: step(x, y), numpy_step)


def mlp_step(dtype: str) -> Case:
    """Return one step of a 784-500-10 perceptron on a batch of 60."""
    rng = np.random.RandomState(0)
    x, y = rng.rand(60, 784).astype(dtype), rng.randint(0, 10, 60)
    rate = np.asarray(0.01, dtype)
    shapes = ((784, 500), (500,), (500, 10), (10,))
    start = [(0.05 * rng.randn(*shape)).astype(dtype) for shape in shapes]
    params = [theano.shared(value) for value in start]
    X, Y = T.matrix("X", dtype=dtype), T.lvector("y")
    hidden = T.tanh(T.dot(X, params[0]) + params[1])
    p = T.nnet.softmax(T.dot(hidden, params[2]) + params[3])
    cost = -T.mean(T.log(p)[T.arange(Y.shape[0]), Y])
    grads = T.grad(cost, params)
    updates = [(v, v - rate * g) for v, g in zip(params, grads, strict=True)]
    step = theano.function([X, Y], cost, updates=updates)
    state, rows = list(start), np.arange(60)

    def numpy_step() -> float:
        hidden = np.tanh(x @ state[0] + state[1])
        scores = hidden @ state[2] + state[3]
        delta = np.exp(scores - scores.max(axis=1, keepdims=True))
        delta /= delta.sum(axis=1, keepdims=True)
        cost = -np.log(delta[rows, y]).mean()
        delta[rows, y] -= 1
        delta /= np.asarray(60, dtype)
        back = (delta @ state[2].T) * (1 - hidden**2)
        grads = (x.T @ back, back.sum(axis=0), hidden.T @ delta, delta.sum(axis=0))
        state[:] = [v - rate * g for v, g in zip(state, grads, strict=True)]
        return cost

    return Case(f"mlp step 784-500-10 batch 60 {dtype}", lambda: step(x, y), numpy_step)


def chain(n: int, dtype: str) -> Case:
    """Return a chain of elementwise functions, for NumPy one pass over memory each."""
    rng = np.random.RandomState(1)
    u, v = rng.randn(n).astype(dtype), rng.randn(n).astype(dtype)
    a, b = T.vector("a", dtype=dtype), T.vector("b", dtype=dtype)
    run = theano.function([a, b], T.exp(-((a - b) ** 2) / 2) * T.tanh(a) + T.log1p(T.exp(b)))

    def numpy_chain() -> np.ndarray:
        return np.exp(-((u - v) ** 2) / 2) * np.tanh(u) + np.log1p(np.exp(v))

    return Case(f"fused chain n={n:,} {dtype}", lambda: run(u, v), numpy_chain)


def cases() -> Iterator[Case]:
    """Yield every case, float64 before float32."""
    yield seed_step()
    for dtype in ("float64", "float32"):
        yield mlp_step(dtype)
        for n in (1_000, 100_000, 1_000_000):
            yield chain(n, dtype)


def per_call(call: Callable[[], Any], repeats: int) -> float:
    """Return the seconds of one call, averaged over `repeats` calls in a row."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def measure(case: Case) -> dict[str, Any]:
    """Check that both sides agree, then time them in turns, so that a slow spell hits both."""
    expected = np.asarray(case.numpy())
    # Relative to the largest value: the chain's sum of opposite signs cancels here and there.
    atol = 1000 * np.finfo(expected.dtype).eps * np.abs(expected).max()
    np.testing.assert_allclose(case.ours(), expected, rtol=0, atol=atol)
    calls = {"tensorsym": case.ours, "numpy": case.numpy}
    repeats = {}
    for name, call in calls.items():
        per_call(call, 3)
        repeats[name] = max(1, int(SAMPLE_SECONDS / per_call(call, 3)))
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(SAMPLES):
        for name, call in calls.items():
            times[name].append(1e6 * per_call(call, repeats[name]))
    row: dict[str, Any] = {"case": case.name}
    for name, values in times.items():
        low, median, high = statistics.quantiles(values, n=4)
        row[name] = {"median_us": median, "spread": (high - low) / median, "best_us": min(values)}
    row["ratio"] = row["numpy"]["median_us"] / row["tensorsym"]["median_us"]
    return row


def processor() -> str:
    """Return the name of the CPU, as far as the system tells."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def environment() -> dict[str, Any]:
    """Return what the numbers depend on beside the code."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "tensorsym": theano.__version__,
        "blas": sorted({f"{i['internal_api']} {i['version']}" for i in threadpool_info()}),
        "threads": 1,
    }


def main() -> None:
    """Measure on one thread, print a table and write the JSON."""
    with threadpool_limits(limits=1):
        report = environment()
        print(*(f"{key}: {value}" for key, value in report.items()), sep="\n")
        title = "us per call (quartile range)"
        print(f"\n{title:<38} {'tensorsym':>17} {'numpy':>17} {'ratio':>8}", flush=True)
        report["rows"] = []
        for case in cases():
            row = measure(case)
            report["rows"].append(row)
            cells = [
                f"{row[side]['median_us']:10.2f} ({row[side]['spread']:4.0%})"
                for side in ("tensorsym", "numpy")
            ]
            print(f"{case.name:<38}", *cells, f"{row['ratio']:7.2f}x", flush=True)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"first-{report['date'].replace(':', '')}.json"
    path.write_text(json.dumps(report, indent=1) + "\n")
    print(f"written: {path}")


if __name__ == "__main__":
    main()
