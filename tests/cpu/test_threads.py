"""Kernels on several cores: equal bits, many callers at once, forks, and the process's end."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym import config
from tensorsym.cpu.threads import thread_count

# Odd lengths, so that no cut falls on the end of a block, a tile or a vector.
SHAPES = [(331, 797), (3, 100_003), (100_003, 3), (1, 262_147), (70_001, 9)]


def layouts(shape):
    """Return matrices of a shape: in C order, in Fortran order, with gaps."""
    rng = np.random.default_rng(sum(shape))
    values = rng.normal(size=shape).astype("float32")
    gaps = np.zeros((2 * shape[0], 3 * shape[1]), "float32")[::2, ::3]
    gaps[...] = values
    return {"C": values, "F": np.asfortranarray(values), "gaps": gaps}


def functions():
    x, y = T.fmatrix("x"), T.fmatrix("y")
    return {
        "map": tensorsym.function([x, y], T.exp(x) * y + 1),
        "row repeated": tensorsym.function([x, y], x * y[0] - y[:, 1].dimshuffle(0, "x")),
        "sum": tensorsym.function([x, y], (x + y[0, 0]).sum()),
        "mean square": tensorsym.function([x, y], T.mean((x - y) ** 2)),
        "two sums and a map": tensorsym.function([x, y], [(x * y).sum(), (x + 1).prod(), x - y]),
        "maximum": tensorsym.function([x, y], (x + y).max()),
        "columns": tensorsym.function([x, y], [(x * y).sum(axis=0), x.max(axis=0)]),
        "rows": tensorsym.function([x, y], [(x * y).sum(axis=1), x.max(axis=1)]),
        "softmax": tensorsym.function([x, y], T.nnet.softmax(x + y)),
    }


def bits(results):
    return [a.tobytes() for a in (results if isinstance(results, list) else [results])]


@pytest.fixture(scope="module", params=["tile", "wait"])
def compiled(request):
    with config.scope(tier=request.param):
        return functions()


@pytest.mark.parametrize("shape", SHAPES)
def test_one_to_four_threads_give_equal_bits(compiled, shape):
    for x in layouts(shape).values():
        y = np.ascontiguousarray(x)[::-1]
        for name, f in compiled.items():
            alone = bits(f(x, y))
            for count in (2, 3, 4):
                with config.scope(threads=count):
                    assert bits(f(x, y)) == alone, (name, count)


def test_results_on_several_threads_are_numpys(compiled):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 500, 700)).astype("float32")
    with config.scope(threads=3):
        exact = np.exp(x.astype("float64")) * y + 1
        np.testing.assert_allclose(compiled["map"](x, y), exact, rtol=1e-6, atol=1e-6)
        exact = np.mean((x - y) ** 2, dtype="float64")
        np.testing.assert_allclose(compiled["mean square"](x, y), exact, rtol=1e-6)
        products, maxima = compiled["rows"](x, y)
        expected = np.sum(x * y, axis=1, dtype="float64")
        np.testing.assert_allclose(products, expected, rtol=1e-6, atol=1e-5)
        np.testing.assert_array_equal(maxima, x.max(axis=1))


@pytest.mark.parametrize("offset", [-1, 0, 1])
@pytest.mark.parametrize("blocks", [128, 200, 256, 1000])
def test_whole_sums_of_any_number_of_blocks_have_equal_bits(blocks, offset):
    x = T.fvector("x")
    total = tensorsym.function([x], [(x * x).sum(), x.min()])
    values = np.random.default_rng(blocks).normal(size=1024 * blocks + offset).astype("float32")
    alone = bits(total(values))
    for count in (2, 3, 4, 7):
        with config.scope(threads=count):
            assert bits(total(values)) == alone


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(511, 513), (1, 262_145), (262_145, 1), (513, 512)])
def test_whole_sums_of_matrices_have_equal_bits(shape, order):
    x, y = T.fmatrices("x", "y")
    total = tensorsym.function([x, y], [(x * y + 1).sum(), T.abs_(x).max()])
    rng = np.random.default_rng(2)
    a, b = (np.asarray(rng.normal(size=shape).astype("float32"), order=order) for _ in range(2))
    alone = bits(total(a, b))
    for count in (2, 3, 4):
        with config.scope(threads=count):
            assert bits(total(a, b)) == alone


def test_eight_callers_at_once_get_their_own_results(compiled):
    f, wrong = compiled["map"], []

    def work(number):
        x = np.full((400, 500), number, "float32")
        for _ in range(10):
            if not np.allclose(f(x, x), np.exp(number) * number + 1):
                wrong.append(number)

    with config.scope(threads=2):
        callers = [threading.Thread(target=work, args=(k,)) for k in range(8)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
    assert not wrong


def test_kernels_and_products_of_several_callers_wait_for_each_other():
    x = T.dmatrix("x")
    f = tensorsym.function([x], T.dot(x, x + 1) * 2)
    a = np.random.default_rng(0).normal(size=(400, 400))
    right, wrong = a @ (a + 1) * 2, []

    def work():
        for _ in range(10):
            if not np.allclose(f(a), right):
                wrong.append(1)

    with config.scope(threads=2):
        callers = [threading.Thread(target=work) for _ in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
    assert not wrong


def test_the_setting_counts_cores():
    with config.scope(threads=0):
        assert 1 <= thread_count() <= (os.cpu_count() or 1)
    with config.scope(threads=-3):
        assert thread_count() == 1
    assert thread_count() == config.threads == 1


HEAD = """
import os, sys, threading, time
import numpy as np
import tensorsym, tensorsym.tensor as T
tensorsym.config.tier = "tile"  # the thread that compiles is not the pool's
x = T.dmatrix("x")
f = tensorsym.function([x], [T.exp(x).sum(), x + 1])
a = np.arange(1e6).reshape(1000, 1000) / 1e6
total = f(a)[0]
tensorsym.config.threads = 3
def fits():
    sum_, map_ = f(a)
    return sum_ == total and (map_ == a + 1).all()
"""
PROGRAMS = {
    "the pool's threads take part": """
before = len(os.listdir("/proc/self/task"))
assert fits()
assert len(os.listdir("/proc/self/task")) == before + 2
""",
    "a child has a pool of its own": """
assert fits()
for _ in range(3):
    child = os.fork()
    if child == 0:
        ok = fits() and len(os.listdir("/proc/self/task")) == 3
        grandchild = os.fork()
        if grandchild == 0:
            os._exit(0 if fits() else 1)
        ok = ok and os.waitpid(grandchild, 0)[1] == 0
        os._exit(0 if ok else 1)
    assert os.waitpid(child, 0)[1] == 0
assert fits()
""",
    "a fork in the midst of a job": """
stop = False
def work():
    while not stop:
        assert fits()
callers = [threading.Thread(target=work) for _ in range(2)]
for caller in callers:
    caller.start()
for _ in range(10):
    time.sleep(0.01)
    child = os.fork()
    if child == 0:
        os._exit(0 if fits() else 1)
    assert os.waitpid(child, 0)[1] == 0
stop = True
for caller in callers:
    caller.join()
""",
    "an end in the midst of a job": """
def work():
    while True:
        f(a)
for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
""",
    "signals go to the interpreter": """
import signal
hits = []
signal.signal(signal.SIGUSR1, lambda *_: hits.append(threading.current_thread().name))
assert fits()
for _ in range(20):
    os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(0.001)
assert hits and set(hits) == {"MainThread"}
assert fits()
""",
}


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are counted in /proc")
@pytest.mark.parametrize("name", PROGRAMS)
def test_processes_with_a_pool(name):
    result = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", HEAD + PROGRAMS[name]],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
