"""Memory of large results."""

import platform
import sys

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T

HUGE_PAGE = 1 << 21


@pytest.mark.skipif(sys.platform != "linux", reason="huge pages are asked for on Linux")
@pytest.mark.parametrize("n", [1 << 22, 5_000_000])
def test_large_results_start_at_a_huge_page(n: int) -> None:
    x = T.dvector("x")
    result = tensorsym.function([x], x + 1)(np.arange(n, dtype=float))
    assert result.ctypes.data % HUGE_PAGE == 0
    np.testing.assert_array_equal(result, np.arange(n) + 1.0)


def test_small_results_do_not() -> None:
    x = T.dvector("x")
    f = tensorsym.function([x], x + 1)
    results = [f(np.zeros(1000)) for _ in range(16)]
    assert any(result.ctypes.data % HUGE_PAGE for result in results)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="counts on how glibc keeps memory")
@pytest.mark.parametrize("n", [10**6, 2 * 10**6])
def test_pages_of_a_result_that_was_dropped_serve_the_next_one(n: int) -> None:
    resource = pytest.importorskip("resource")
    x = T.dvector("x")
    f, values = tensorsym.function([x], x + 1), np.zeros(n)
    for _ in range(8):
        f(values)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        f(values)
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    # A compiled kernel that is loaded meanwhile takes some hundred; ten new results would be
    # ten times this.
    assert faults < values.nbytes // resource.getpagesize()
