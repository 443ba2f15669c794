"""When kernels are built, and what happens when they can not be: no result changes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym import config, function
from tensorsym.codegen.c import CKernel
from tensorsym.codegen.tile import TileProgram, TileStep
from tensorsym.cpu import build, tiers, workshop
from tensorsym.cpu.compiler import find_compiler
from tensorsym.cpu.tiers import Tiers, pays

needs_compiler = pytest.mark.skipif(
    find_compiler() is None, reason="this machine has no C compiler"
)
SOME = np.linspace(-2, 2, 5000)
WANTED = SOME * SOME + 3 * SOME


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Tiers and a cache that nobody else has used."""
    mine = Tiers()
    monkeypatch.setattr(build, "TIERS", mine)
    with config.scope(cache=str(tmp_path / "cache"), tier="auto"):
        yield mine


@pytest.fixture
def _impatient(monkeypatch):
    """Let every kernel be built after its first runs."""
    for name in ("LOOKUP_COST", "BUILD_COST", "STEP_COST"):
        monkeypatch.setattr(tiers, name, 1e-6)


def polynomial():
    x = T.dvector("x")
    return function([x], x * x + 3 * x)


def run_until_built(own, f, seconds=30.0):
    """Call a function until a kernel of it is built, checking every result."""
    end = time.monotonic() + seconds
    while not own.built and time.monotonic() < end:
        np.testing.assert_array_equal(f(SOME), WANTED)
        time.sleep(0.002)
    return bool(own.built)


def kernel(loop="add", rank=1, role="out"):
    n = 1 if loop == "exp" else 2
    step = TileStep(loop, ("float64",) * n, 2, tuple(range(n)))
    return CKernel(
        TileProgram((("float64", "in"), ("float64", "in"), ("float64", role, 2)), (step,), 3),
        (False,) * 3,
        rank,
        False,
    )


def test_cheap_chains_and_reductions_pay_transcendental_ones_do_not():
    assert pays(kernel())
    assert pays(kernel(role="sum"))
    assert not pays(kernel("exp"))
    assert pays(kernel("exp", rank=0)), "a scalar program is one call instead of one per step"
    lone = TileProgram((("float64", "in"), ("float64", "sum", 0)), (), 1)
    assert not pays(CKernel(lone, (False, False), 1, False))


@needs_compiler
@pytest.mark.usefixtures("_impatient")
def test_auto_builds_what_ran_long_enough_and_keeps_the_values(own):
    f = polynomial()
    assert not own.built
    assert run_until_built(own, f)
    np.testing.assert_array_equal(f(SOME), WANTED)
    assert len(list((Path(config.cache) / "kernels").glob("*.so"))) == 1


@needs_compiler
def test_auto_does_not_build_what_hardly_runs(own, monkeypatch):
    # A machine that is busy may keep a thread from going on for longer than the true budgets.
    monkeypatch.setattr(tiers, "LOOKUP_COST", 1e3)
    f = polynomial()
    for _ in range(20):
        f(SOME)
    assert own._thread is None


@needs_compiler
@pytest.mark.usefixtures("_impatient")
def test_tile_never_builds(own):
    with config.scope(tier="tile"):
        f = polynomial()
    for _ in range(50):
        f(SOME)
    assert own._thread is None


@needs_compiler
def test_wait_builds_before_the_first_call_and_finds_it_in_the_cache_again(own, monkeypatch):
    with config.scope(tier="wait"):
        f = polynomial()
        assert len(own.built) == 1
        np.testing.assert_array_equal(f(SOME), WANTED)
        again = Tiers()
        monkeypatch.setattr(build, "TIERS", again)
        monkeypatch.setattr(
            again.workshop, "_compile", None
        )  # would be called if the cache had nothing
        g = polynomial()
    assert len(again.built) == 1
    np.testing.assert_array_equal(g(SOME), WANTED)


@needs_compiler
@pytest.mark.usefixtures("_impatient")
def test_kernels_are_swapped_in_while_threads_run_them(own):
    f, wrong, stop = polynomial(), [], threading.Event()

    def work():
        while not stop.is_set():
            if not np.array_equal(f(SOME), WANTED):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 30
    while not own.built and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    assert own.built
    assert not wrong


@contextlib.contextmanager
def one_warning(words):
    """Check that exactly one warning comes, in one line, with a remedy."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    (warning,) = caught
    text = str(warning.message)
    assert words in text
    assert "remedy: " in text
    assert "\n" not in text


def wait_three_times():
    x = T.dvector("x")
    with config.scope(tier="wait"):
        functions = [function([x], y) for y in (x * x + 3 * x, x - x * x, x * x * x)]
    np.testing.assert_array_equal(functions[0](SOME), WANTED)


def test_without_a_compiler_functions_run_and_one_line_says_why(own):
    with config.scope(cxx="/no/such/compiler"), one_warning("'/no/such/compiler' was not found"):
        wait_three_times()
    assert not own.built


def test_a_broken_compiler_costs_only_speed(own, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho out of order >&2; exit 1\n")
    broken.chmod(0o755)
    with config.scope(cxx=str(broken)), one_warning("did not build a kernel"):
        wait_three_times()
    assert own.workshop.failures == workshop.FAILURES
    assert not own.built


@needs_compiler
def test_a_cache_that_can_not_be_written_costs_only_speed(own):
    with config.scope(cache="/proc/none"), one_warning("/proc/none/kernels"):
        wait_three_times()
    assert len(own.built) == 3


@needs_compiler
def test_a_disk_that_can_not_be_executed_costs_only_speed(own, monkeypatch):
    load = workshop.ctypes.CDLL

    def refuse(path):
        if path.startswith(config.cache):
            raise OSError("failed to map segment from shared object")
        return load(path)

    monkeypatch.setattr(workshop.ctypes, "CDLL", refuse)
    with one_warning("loaded from there"):
        wait_three_times()
    assert len(own.built) == 3
    own.built.clear()
    monkeypatch.setattr(workshop.ctypes, "CDLL", lambda path: refuse(config.cache))
    wait_three_times()
    assert not own.built


@needs_compiler
def test_a_damaged_file_is_built_again(own, monkeypatch):
    with config.scope(tier="wait"):
        polynomial()
        (path,) = (Path(config.cache) / "kernels").glob("*.so")
        good = path.read_bytes()
        path.unlink()  # its memory is mapped: never change such a file in place
        path.write_bytes(good[:5000])
        again = Tiers()
        monkeypatch.setattr(build, "TIERS", again)
        f = polynomial()
    np.testing.assert_array_equal(f(SOME), WANTED)
    assert len(again.built) == 1
    assert len(path.read_bytes()) == len(good)


def run_script(text, *arguments, timeout=60, **environment):
    """Run a script in a process of its own; return what it printed."""
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment
    command = [sys.executable, "-W", "error", "-c", text, *arguments]
    done = subprocess.run(
        command, env=variables, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


MANY = """
import os, sys
import numpy as np
import tensorsym.tensor as T
from tensorsym import function
from tensorsym.cpu.tiers import TIERS
x = T.dvector("x")
children = []
for _ in range(16):
    child = os.fork()
    if child == 0:
        f = function([x], [x * x + 3 * x, (x - 1).sum()])
        values = np.arange(1000.0)
        good = np.array_equal(f(values)[0], values * values + 3 * values) and len(TIERS.built) >= 2
        os._exit(0 if good else 1)
    children.append(child)
print(sum(os.waitpid(child, 0)[1] != 0 for child in children))
"""


@needs_compiler
def test_sixteen_processes_at_once_share_a_cold_cache(tmp_path):
    failed = run_script(MANY, TENSORSYM_CACHE=str(tmp_path), TENSORSYM_FLAGS="tier=wait")
    assert failed.strip() == "0"
    names = [path.name for path in (tmp_path / "kernels").iterdir()]
    assert names
    assert all(name.endswith(".so") for name in names)


FORK = """
import os, sys, time
import numpy as np
import tensorsym.tensor as T
from tensorsym import config, function
from tensorsym.cpu import compiler, tiers
tiers.LOOKUP_COST = tiers.BUILD_COST = tiers.STEP_COST = 1e-6
x = T.dvector("x")
f = function([x], x * x + 3 * x)
values = np.arange(1000.0)

def run_until_built(seconds):
    end = time.monotonic() + seconds
    while not tiers.TIERS.built and time.monotonic() < end:
        f(values)
        time.sleep(0.001)
    return bool(tiers.TIERS.built) and np.array_equal(f(values), values * values + 3 * values)

while not compiler._scratch:
    f(values)
child = os.fork()
if child == 0:
    os._exit(0 if run_until_built(20) else 1)
print(run_until_built(20), os.waitpid(child, 0)[1])
"""


@needs_compiler
def test_a_fork_during_a_build_leaves_both_processes_able_to_build(tmp_path):
    slow = tmp_path / "cc"
    found = find_compiler()
    assert found is not None
    slow.write_text(f'#!/bin/sh\nsleep 0.3\nexec {" ".join(found.command)} "$@"\n')
    slow.chmod(0o755)
    out = run_script(FORK, TENSORSYM_CACHE=str(tmp_path / "cache"), TENSORSYM_FLAGS=f"cxx={slow}")
    assert out.split() == ["True", "0"]


FORK_DURING_IMPORT = """
import importlib.abc, os, signal, sys, threading, time
from tensorsym.cpu.tiers import TIERS
started = threading.Event()

class Slow(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "tensorsym.cpu.workshop":
            started.set()
            time.sleep(0.2)

sys.meta_path.insert(0, Slow())
threading.Thread(target=lambda: TIERS.workshop).start()
started.wait()
child = os.fork()
if child == 0:
    signal.alarm(20)
    os._exit(0 if TIERS.workshop else 1)
print(os.waitpid(child, 0)[1])
"""


def test_a_fork_waits_for_an_import_that_a_child_could_not_end():
    assert run_script(FORK_DURING_IMPORT).split() == ["0"]


EXIT = FORK.partition("child = ")[0]


def test_the_interpreter_ends_at_once_during_a_build_and_leaves_nothing(tmp_path):
    slow = tmp_path / "cc"
    slow.write_text("#!/bin/sh\nexec sleep 50\n")
    slow.chmod(0o755)
    (tmp_path / "tmp").mkdir()
    settings = {"TENSORSYM_FLAGS": f"cxx={slow}", "TMPDIR": str(tmp_path / "tmp")}
    run_script(EXIT, timeout=30, TENSORSYM_CACHE=str(tmp_path / "cache"), **settings)
    assert list((tmp_path / "tmp").iterdir()) == []
