"""Importing tensorsym makes definitions only: it loads little, and looks for nothing."""

import subprocess
import sys

import pytest

# Cython's own modules carry its version; all else that is not Python's must be NumPy.
OURS = ("tensorsym", "numpy", "cython_runtime", "_cython_")
# A program that never prints, plots, checks or profiles does not pay for what does.
UNWANTED = (
    "argparse", "asyncio", "cProfile", "concurrent", "ctypes.util", "distutils", "doctest", "email",
    "http", "multiprocessing", "numpy.f2py", "numpy.testing", "pdb", "socket", "ssl", "sysconfig",
    "tensorsym.cuda", "tensorsym.doctor", "tensorsym.explain", "tensorsym.replay",
    "tensorsym.runtime.timing", "tensorsym.schedule.memory",
    "tensorsym.viewer", "unittest", "xml",
)  # fmt: skip


def loaded(before: str, program: str) -> set[str]:
    """Return the modules that `program` loads in a fresh process that ran `before`."""
    text = (
        f"import sys; {before}; kept = set(sys.modules); {program}; "
        "print(*(set(sys.modules) - kept))"
    )
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return set(found.stdout.split())


@pytest.fixture(scope="module")
def modules() -> set[str]:
    return loaded("import numpy", "import tensorsym, tensorsym.tensor")


def test_numpy_is_all_that_is_imported_besides_the_standard_library(modules: set[str]) -> None:
    roots = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    assert [root for root in roots if not root.startswith(OURS)] == []


@pytest.mark.parametrize("name", UNWANTED)
def test_import_leaves_out(name: str, modules: set[str]) -> None:
    assert [found for found in modules if found == name or found.startswith(name + ".")] == []


def test_a_compiled_function_of_arithmetic_needs_no_scipy() -> None:
    program = (
        "import tensorsym, tensorsym.tensor as T; x = T.vector(); "
        "f = tensorsym.function([x], T.exp(x).sum()); assert f([0.0, 0.0]) == 2.0"
    )
    assert [m for m in loaded("import numpy", program) if m.startswith("scipy.special")] == []


def test_a_product_loads_blas_without_the_package_around_it() -> None:
    program = (
        "import tensorsym, tensorsym.tensor as T; x = T.matrix(); "
        "f = tensorsym.function([x], T.dot(x, x)); assert f([[2.0]]) == 4.0"
    )
    found = {m for m in loaded("import numpy", program) if m.startswith("scipy")}
    assert found <= {"scipy._cyutility"}


def test_scipy_is_whole_after_a_product() -> None:
    program = (
        "import tensorsym, tensorsym.tensor as T; x = T.matrix(); "
        "tensorsym.function([x], T.dot(x, x))([[2.0]]); "
        "import scipy, scipy.linalg.cython_blas, scipy.special, scipy.optimize; "
        "assert scipy.__version__ and scipy.linalg.det([[2.0]]) == 2.0; "
        "assert scipy.optimize.brentq(lambda x: x - 1, 0, 3) == 1.0"
    )
    assert "scipy.linalg._decomp" in loaded("import numpy", program)
