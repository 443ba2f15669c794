"""Plain C loops, built by gcc -O3 -march=native: what a single pass could take at best.

With the setting "kept" they write to one array again and again; else to a new one each time, as
every library here does.
"""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.calls import Absent, Call
from benchmarks.expressions import EXPRESSIONS, arrays

FLAGS = ("-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-shared", "-fPIC")
MAPS = {"a+1": "add1", "2a+3b": "axby", "a2+b2+2ab": "square", "2a+b10": "power", "chain": "chain"}
FOLDS = {"sum": "sum", "max": "max", "sqdiff": "sqdiff"}
ROWS = ("sum0", "sum1", "max0", "max1", "logsumexp1", "softmax1")


def compiler() -> str:
    """Return the C compiler: CC may have a cache in front."""
    words = os.environ.get("CC", "gcc").split()
    found = shutil.which(words[-1])
    if found is None:
        raise Absent(f"there is no C compiler {words[-1]!r}")
    return found


@functools.lru_cache(maxsize=1)
def loops() -> ctypes.CDLL:
    """Build the library."""
    source = Path(__file__).with_suffix(".c")
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "loops.so"
        subprocess.run([compiler(), *FLAGS, str(source), "-o", str(target), "-lm"], check=True)
        return ctypes.CDLL(str(target))


def versions(setting: str) -> dict[str, str]:
    text = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=True)
    return {"compiler": text.stdout.splitlines()[0], "flags": " ".join(FLAGS[:4])}


def build(case: dict[str, Any], setting: str) -> Call:
    work, dtype = case["work"], case["dtype"]
    if case.get("variant") or case["group"] == "call":
        raise Absent("a loop has no call to measure")
    if work in ("copy", "triad"):
        return bandwidth(case, setting)
    if work in MAPS:
        return build_map(f"{MAPS[work]}_{dtype}", case, setting)
    if setting != "kept":
        raise Absent("small outputs: see the loop with its output kept")
    if work in FOLDS:
        return build_fold(f"{FOLDS[work]}_{dtype}", case)
    if work in ROWS:
        return build_rows(f"{work}_{dtype}", case)
    raise Absent("no plain loop written")


def address(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def build_map(name: str, case: dict[str, Any], setting: str) -> Call:
    """Return an elementwise loop's call."""
    function, n = getattr(loops(), name), int(np.prod(case["shape"]))
    names = EXPRESSIONS[case["work"]].names
    a, b = (arrays(names, case["shape"], case["dtype"]) * 2)[:2]
    if setting == "kept":
        out = np.zeros_like(a)
        # Through ctypes a call costs half a microsecond.
        repeats = 1000 if n <= 10_000 else 1
        pack = (ctypes.c_long(n), ctypes.c_long(repeats), address(a), address(b), address(out))
        names_of = {"f": function, "pack": pack, "keep": (a, b, out)}
        return Call("f(*pack)", names_of, lambda: (function(*pack), out)[1], repeats)
    if n <= 10_000:
        raise Absent("ctypes would cost more than the loop")
    pack = (ctypes.c_long(n), ctypes.c_long(1), address(a), address(b))

    def run() -> np.ndarray:
        out = np.empty_like(a)
        function(*pack, out.ctypes.data_as(ctypes.c_void_p))
        return out

    return Call("run()", {"run": run, "keep": (a, b)}, run)


def build_fold(name: str, case: dict[str, Any]) -> Call:
    """Return the call of a loop that gives one number."""
    function, n = getattr(loops(), name), int(np.prod(case["shape"]))
    names = EXPRESSIONS[case["work"]].names
    a, b = (arrays(names, case["shape"], case["dtype"]) * 2)[:2]
    out = np.zeros((), case["dtype"])
    pack = (ctypes.c_long(n), ctypes.c_long(1), address(a), address(b), address(out))
    return Call(
        "f(*pack)",
        {"f": function, "pack": pack, "keep": (a, b, out)},
        lambda: (function(*pack), out)[1],
    )


def build_rows(name: str, case: dict[str, Any]) -> Call:
    """Return the call of a loop over the rows of a matrix."""
    function, (rows, cols) = getattr(loops(), name), case["shape"]
    (a,) = arrays("a", case["shape"], case["dtype"])
    shape = a.shape if "softmax" in name else (cols if name[3] == "0" else rows,)
    out = np.zeros(shape, case["dtype"])
    pack = (ctypes.c_long(rows), ctypes.c_long(cols), address(a), address(out))
    return Call(
        "f(*pack)",
        {"f": function, "pack": pack, "keep": (a, out)},
        lambda: (function(*pack), out)[1],
    )


def bandwidth(case: dict[str, Any], setting: str) -> Call:
    """Return a copy, or a triad a + 3 b, of arrays far larger than the caches."""
    if setting != "kept":
        raise Absent("see the loop with its output kept")
    a, b = arrays("ab", case["shape"], case["dtype"])
    out = np.zeros_like(a)
    function = (
        loops().copy if case["work"] == "copy" else getattr(loops(), f"triad_{case['dtype']}")
    )
    length = a.nbytes if case["work"] == "copy" else a.size
    pack = (ctypes.c_long(length), ctypes.c_long(1), address(a), address(b), address(out))
    return Call(
        "f(*pack)",
        {"f": function, "pack": pack, "keep": (a, b, out)},
        lambda: (function(*pack), out)[1],
    )
