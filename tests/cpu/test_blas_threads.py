"""One setting says how many threads SciPy's BLAS uses."""

import threadpoolctl

import tensorsym.tensor as T
from tensorsym import config, function


def threads_of_scipys_blas():
    return {
        pool["num_threads"]
        for pool in threadpoolctl.threadpool_info()
        if "scipy.libs" in pool["filepath"] and pool["internal_api"] == "openblas"
    }


def test_products_run_on_as_many_threads_as_the_setting_says():
    x = T.dmatrix("x")
    function([x], T.dot(x, x))
    assert threads_of_scipys_blas() <= {1}
    with config.scope(threads=2):
        assert threads_of_scipys_blas() <= {2}
    assert threads_of_scipys_blas() <= {1}
