"""Devices by name, what is said where there is none, and errors of each class."""

import os
import subprocess
import sys

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym import config, function, shared
from tensorsym.cuda import device, report
from tensorsym.cuda.source import KernelSource
from tensorsym.errors import (
    DeviceCompileError,
    DeviceMemoryError,
    NoDeviceError,
    NoDriverError,
)


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("cpu", ("cpu", 0)),
        ("auto", ("auto", 0)),
        ("cuda", ("cuda", 0)),
        ("cuda:2", ("cuda", 2)),
        ("cuda1", ("cuda", 1)),
        ("gpu", ("cuda", 0)),
        ("gpu0", ("cuda", 0)),
    ],
)
def test_theanos_names_are_understood(name, parsed):
    assert device.parse_device(name) == parsed


def test_an_unknown_name_is_refused_by_its_class():
    with pytest.raises(NoDeviceError, match="auto, cpu, cuda, or cuda:N"):
        function([(x := T.dvector())], x + 1, device="opencl")


@pytest.fixture
def without_pycuda(monkeypatch):
    monkeypatch.setattr(device, "_contexts", {})
    monkeypatch.setattr(device.importlib.util, "find_spec", lambda name: None)


def test_without_pycuda_a_gpu_that_was_asked_for_is_an_error(without_pycuda):
    with pytest.raises(NoDriverError, match="PyCUDA is not installed"):
        function([(x := T.dvector())], x + 1, device="cuda")


def test_auto_falls_back_to_the_cpu_and_keeps_the_reason(without_pycuda):
    x = T.dvector()
    run = function([x], x + 1, device="auto")
    np.testing.assert_array_equal(run(np.zeros(2)), [1, 1])
    assert device.fallback_reason() == "PyCUDA is not installed"


def test_the_report_says_why_the_gpu_is_not_used(without_pycuda, monkeypatch):
    with config.scope(device="auto"):
        found = report.findings()
    assert found["driver"] == "none: PyCUDA is not installed"
    assert found["use"] == "no: config.device is auto, but PyCUDA is not installed"


def test_without_a_compiler_the_gpu_is_not_used(monkeypatch):
    monkeypatch.setattr(device.shutil, "which", lambda *args, **kwargs: None)
    with pytest.raises(NoDriverError, match="CUDA's compiler is not found"):
        device.find_nvcc()


def test_a_device_that_is_not_there_is_named(context):
    with pytest.raises(NoDeviceError, match=r"there is no device cuda:9"):
        device.find_context("cuda:9")


def test_the_report_names_the_device(context):
    with config.scope(device="cuda"):
        found = report.findings()
    assert found["device"].startswith("cuda:0 ")
    assert found["use"] == "yes: config.device is cuda, which is cuda:0"


def test_a_kernel_that_does_not_compile_shows_command_words_and_source(context):
    source = KernelSource("broken", 'extern "C" __global__ void broken() { nonsense; }')
    with pytest.raises(DeviceCompileError) as caught:
        context.launch(source, (1,), (1, 1, 1), [])
    text = str(caught.value)
    assert "nonsense" in text
    assert "nvcc" in text
    path = text.partition("the source is ")[2].splitlines()[0]
    with open(path, encoding="utf-8") as kept:
        assert kept.read() == source.text


def test_memory_that_runs_out_names_the_largest_buffers(context, monkeypatch):
    w = shared(np.ones((50, 40)), name="w")
    x = T.dvector("x")
    run = function([x], [], updates=[(w, T.exp(w) * x)], device="cuda")
    run(np.ones(40))
    before, pool = w.get_value(), context.pool._pool

    class Full:
        def __getattr__(self, name):
            return getattr(pool, name)

        def allocate(self, size):
            if size >= 50 * 40 * 8:
                raise context.pool._refusal("cuMemAlloc failed: out of memory")
            return pool.allocate(size)

    with monkeypatch.context() as patch:
        patch.setattr(context.pool, "_pool", Full())
        with pytest.raises(DeviceMemoryError) as caught:
            run(np.ones(40))
    text = str(caught.value)
    assert "the device has no memory left" in text
    assert "16000 bytes: " in text
    assert "test_device.py" in text
    np.testing.assert_array_equal(w.get_value(), before)
    run(np.ones(40))
    np.testing.assert_allclose(w.get_value(), np.exp(before))


def run_alone(program):
    """Run a program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


FORKED = """
import os
from tests.cuda import emulator
emulator.activate()
import numpy as np
import tensorsym.tensor as T
from tensorsym import function
from tensorsym.errors import ForkedDeviceError
x = T.dvector()
run = function([x], x + 1, device="cuda")
run(np.zeros(2))
child = os.fork()
if child == 0:
    try:
        run(np.zeros(2))
    except ForkedDeviceError as error:
        print(error.what, flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_forked_child_is_told_that_it_can_not_use_the_gpu(context):
    done = run_alone(FORKED)
    assert done.stdout.strip() == "a forked process can not use the GPU of its parent", done.stderr


THREADED = """
import threading
from tests.cuda import emulator
emulator.activate()
import numpy as np
import tensorsym.tensor as T
from tensorsym import function
x = T.dvector()
results = []
def first():
    run = function([x], x + 1, device="cuda")
    results.append((run, run(np.zeros(2))))
thread = threading.Thread(target=first)
thread.start()
thread.join()
print(results[0][0](np.ones(2)), results[0][1])
"""


def test_the_first_use_may_be_in_a_thread_that_ends(context):
    done = run_alone(THREADED)
    assert done.stdout.strip() == "[2. 2.] [1. 1.]", done.stderr
    assert done.returncode == 0, done.stderr


def test_a_device_that_is_full_serves_again_when_there_is_memory(context, emulator):
    x = T.fmatrix("x")
    run = function([x], T.dot(T.exp(x), T.exp(x).T).sum(), device="cuda")
    large, small = np.zeros((700, 600), "float32"), np.zeros((7, 6), "float32")
    context.pool.release()
    with (
        emulator.memory(emulator.memory_used() + 3_000_000),
        pytest.raises(DeviceMemoryError, match=r"1680000 bytes|1960000 bytes"),
    ):
        run(large)
    np.testing.assert_allclose(run(small), 7 * 7 * 6)
    np.testing.assert_allclose(run(large), 700 * 700 * 600, rtol=1e-6)
