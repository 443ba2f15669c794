"""Disks and writers as they really fail: on mounts of their own, by processes killed at work."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tensorsym.cpu.cache import Cache, key_of
from tensorsym.cpu.compiler import find_compiler

MOUNT = 'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"'


def can_mount() -> bool:
    """Tell whether this user may mount a file system that nobody else sees."""
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-rm", "sh", "-c", MOUNT, "sh", "size=4k", "/tmp", "true"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


needs_mounts = pytest.mark.skipif(not can_mount(), reason="this user may not mount file systems")
needs_compiler = pytest.mark.skipif(find_compiler() is None, reason="there is no C compiler")

# Prints how many kernels were compiled, then each warning on a line of its own.
THREE_FUNCTIONS = """
import warnings
import numpy as np
import tensorsym.tensor as T
from tensorsym import function
from tensorsym.cpu.tiers import TIERS
x, values = T.dvector("x"), np.linspace(-2, 2, 5000)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(2):
        for formula in (lambda a: a * a + 3 * a, lambda a: a - a * a, lambda a: a * a * a):
            np.testing.assert_array_equal(function([x], formula(x))(values), formula(values))
print(len(TIERS.built))
for warning in caught:
    print(warning.category.__name__, str(warning.message))
"""


def run_on_mount(tmp_path, options: str, **variables: str) -> tuple[int, list[str]]:
    """Return how many kernels were compiled, and the warnings; the mount lies at `tmp_path`."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | variables
    environment["TENSORSYM_FLAGS"] = "tier=wait"
    program = [sys.executable, "-c", THREE_FUNCTIONS]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", MOUNT, "sh", options, str(tmp_path), *program],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    count, *texts = done.stdout.splitlines()
    return int(count), texts


@needs_mounts
@needs_compiler
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("ro", "nothing can be stored there"),
        ("noexec", "loaded from there"),
        ("size=4k", "nothing can be stored there"),
    ],
    ids=["read-only", "noexec", "full"],
)
def test_a_cache_on_a_bad_disk_costs_speed_and_one_line(tmp_path, options, reason):
    built, warnings = run_on_mount(tmp_path, options, TENSORSYM_CACHE=str(tmp_path / "cache"))
    assert built == 3
    (text,) = warnings
    assert text.startswith("RuntimeWarning functions run slower than they could")
    assert reason in text
    assert "remedy: set TENSORSYM_CACHE" in text


@needs_mounts
@needs_compiler
def test_no_room_for_the_compiler_costs_speed_and_one_line(tmp_path):
    room, cache = tmp_path / "room", tmp_path / "cache"
    room.mkdir()
    built, warnings = run_on_mount(room, "size=4k", TMPDIR=str(room), TENSORSYM_CACHE=str(cache))
    assert built == 0
    (text,) = warnings
    assert "remedy: " in text


WRITER = """
import os, pathlib, sys
from tensorsym.cpu.cache import Cache
store = Cache(pathlib.Path(sys.argv[1]))
library = bytes(range(256)) * 4000
parent = os.getppid()
print("ready", flush=True)
while os.getppid() == parent:  # a test that is killed itself leaves no writer behind
    store.store(sys.argv[2:], library)
"""


def test_writers_killed_at_any_time_leave_whole_files_or_none(tmp_path):
    store, keys = Cache(tmp_path / "kernels"), [key_of(str(n)) for n in range(6)]
    command = [sys.executable, "-c", WRITER, str(store.directory), *keys]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    writers = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(4)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    while not all(store.path(key).exists() for key in keys):
        time.sleep(0.01)
    for writer in writers:
        time.sleep(0.02)
        writer.kill()
        assert writer.wait() == -signal.SIGKILL
        writer.stdout.close()
    entries = store.entries()
    assert len(entries) == len(keys)
    assert {entry.fault for entry in entries} == {""}
    assert all(store.find(key) is not None for key in keys)
