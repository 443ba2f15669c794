"""Which processor's kernels SciPy's OpenBLAS is loaded for."""

import os
import platform
import subprocess
import sys

import pytest

from tensorsym import config
from tensorsym.cpu import blas

# Prints the processors that SciPy's and NumPy's OpenBLAS chose, and the variable afterwards.
PROGRAM = """
import os
import numpy as np
import threadpoolctl
import tensorsym, tensorsym.tensor as T
before = {p["filepath"]: p["architecture"] for p in threadpoolctl.threadpool_info()}
x, y = T.matrices("x", "y")
v = T.vector("v")
f = tensorsym.function([x, y, v], [T.dot(x, y), T.dot(x, v), T.outer(v, v), x + 2 * T.dot(x, y)])
rng = np.random.default_rng(1)
a, b, c = rng.normal(size=(65, 65)), rng.normal(size=(65, 65)), rng.normal(size=65)
for ours, theirs in zip(f(a, b, c), (a @ b, a @ c, np.outer(c, c), a + 2 * a @ b)):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
after = {p["filepath"]: p["architecture"] for p in threadpoolctl.threadpool_info()}
assert all(after[path] == core for path, core in before.items())
print([core for path, core in after.items() if "scipy.libs" in path])
print(os.environ.get("OPENBLAS_CORETYPE"))
"""

only_x86 = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="names of x86 processors"
)


def run_with(**variables: str) -> list[str]:
    """Return what the program prints under these variables and no other OPENBLAS_CORETYPE."""
    kept = {name: value for name, value in os.environ.items() if name != blas.CORE_VARIABLE}
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=kept | variables, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return result.stdout.split("\n")[:2]


@pytest.fixture
def unknown_processor(monkeypatch):
    """Let the processor have AVX-512 and be nobody's whom OpenBLAS surely knows."""
    monkeypatch.setattr(blas, "level", lambda: "v4")
    monkeypatch.setattr(blas, "is_intel", lambda: False)
    monkeypatch.delenv(blas.CORE_VARIABLE, raising=False)


@pytest.mark.usefixtures("unknown_processor")
def test_kernels_for_avx512_are_asked_for_where_openblas_may_not_know_the_processor():
    assert blas.wanted_core() == "SkylakeX"


@pytest.mark.usefixtures("unknown_processor")
@pytest.mark.parametrize(("name", "value"), [("level", "v3"), ("is_intel", True)])
def test_other_processors_are_left_to_openblas(monkeypatch, name, value):
    monkeypatch.setattr(blas, name, lambda: value)
    assert blas.wanted_core() == ""


@pytest.mark.usefixtures("unknown_processor")
def test_what_the_user_says_counts_more(monkeypatch):
    with config.scope(blas_core=""):
        assert blas.wanted_core() == ""
    monkeypatch.setenv(blas.CORE_VARIABLE, "Zen")
    assert blas.wanted_core() == ""
    with config.scope(blas_core="Haswell"):
        assert blas.wanted_core() == "Haswell"


@only_x86
@pytest.mark.parametrize("core", ["Nehalem", "Sandybridge"])
def test_the_setting_reaches_scipys_library_alone_and_the_environment_is_as_before(core):
    found, variable = run_with(TENSORSYM_FLAGS=f"blas_core={core}")
    assert found in (f"['{core}']", "[]")  # none: SciPy has another library
    assert variable == "None"


@only_x86
def test_a_users_variable_is_there_again_afterwards():
    found, variable = run_with(OPENBLAS_CORETYPE="Nehalem", TENSORSYM_FLAGS="blas_core=Sandybridge")
    assert found in ("['Sandybridge']", "[]")
    assert variable == "Nehalem"
