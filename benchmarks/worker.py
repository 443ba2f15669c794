"""A peer's process: `python -m benchmarks.worker MODULE [SETTING]` answers requests, line by line.

{"do": "build", "case": ...}        builds a case's call, runs it once, says what it gives
{"do": "sample", "seconds": 0.01}   times it for about so long
{"do": "versions"}                  names what this process runs on
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import resource
import sys
import time
from typing import Any

import numpy as np

from benchmarks.calls import Absent, Loop

MOST_RUNS = 1_000_000


def digest(value: Any) -> dict[str, Any]:
    """Return what two peers that compute the same have in common, up to rounding."""
    array = np.asarray(value)
    flat = array.astype("float64").ravel()
    picked = flat[:: max(1, len(flat) // 7)][:8]
    return {"shape": list(array.shape), "size": float(np.abs(flat).max()),
            "sum": float(flat.sum()) / len(flat), "some": picked.tolist()}  # fmt: skip


class Worker:
    """State between requests: the loop of the case at hand."""

    def __init__(self, module: str, setting: str) -> None:
        self.peer = importlib.import_module(f"benchmarks.peers.{module}")
        if hasattr(self.peer, "require"):
            self.peer.require(setting)
        self.setting = setting
        self.loop: Any = None
        self.one = 0.0

    def build(self, case: dict[str, Any]) -> dict[str, Any]:
        """Build a case's call."""
        self.loop = None
        started = time.process_time()
        call = self.peer.build(case, self.setting)
        value = digest(call.value())
        built = time.process_time() - started
        self.loop = Loop(call)
        self.loop.seconds(1)
        # The last of these decides how many runs a sample has.
        for n in (1, 2, 3):
            wall, _ = self.loop.seconds(n)
        self.one = wall * call.times
        return {"value": value, "build_s": built, "compile_s": call.compile_s}

    def sample(self, seconds: float) -> dict[str, Any]:
        """Time the call for about `seconds`."""
        runs = int(min(MOST_RUNS, max(1, seconds / max(self.one, 1e-9))))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        wall, cpu = self.loop.seconds(runs)
        taken = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - before
        # A first guess from cold runs is too slow by much: correct it.
        self.one = wall * self.loop.times
        return {"wall": wall, "cpu": cpu, "runs": runs, "preempted": taken}

    def versions(self) -> dict[str, Any]:
        """Name the libraries of this process."""
        return {
            "python": platform.python_version(),
            "numpy": np.__version__,
            **self.peer.versions(self.setting),
        }


def answer(worker: Worker, request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one request."""
    if request["do"] == "build":
        return worker.build(request["case"])
    return worker.sample(request["seconds"]) if request["do"] == "sample" else worker.versions()


def main() -> None:
    """Answer until the input ends."""
    # Libraries print what they like on stdout; answers have a channel of their own.
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    try:
        worker = Worker(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
    except ImportError as error:
        say({"absent": f"{error}"})
        return
    say({"ready": True})
    for line in sys.stdin:
        try:
            say(answer(worker, json.loads(line)))
        except Absent as reason:
            say({"absent": str(reason)})
        # A peer's failure is a cell of the table, not the end of the run.
        except Exception as error:
            say({"failed": f"{type(error).__name__}: {str(error)[:200]}"})


if __name__ == "__main__":
    main()
