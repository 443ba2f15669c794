"""One setting says how many threads SciPy's BLAS uses."""

import threadpoolctl

import tensorsym.tensor as T
from tensorsym import function
from tensorsym.cpu.blas import limit_threads


def threads_of_scipys_blas():
    return {
        pool["num_threads"]
        for pool in threadpoolctl.threadpool_info()
        if "scipy.libs" in pool["filepath"] and pool["internal_api"] == "openblas"
    }


def test_a_product_runs_on_one_thread_unless_more_are_asked_for():
    x = T.dmatrix("x")
    function([x], T.dot(x, x))
    found = threads_of_scipys_blas()
    assert found <= {1}
    told = limit_threads(2)
    assert told == bool(found)
    assert threads_of_scipys_blas() <= {2}
    limit_threads(1)
