"""Memory of large results."""

import sys

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T

HUGE_PAGE = 1 << 21


@pytest.mark.skipif(sys.platform != "linux", reason="huge pages are asked for on Linux")
@pytest.mark.parametrize("n", [1 << 19, 1 << 20])
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
