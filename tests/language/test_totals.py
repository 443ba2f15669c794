"""Sums, products and means keep what their dtypes can hold."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym import function


@pytest.mark.parametrize("mode", ["reference", "auto"])
def test_the_mean_of_float16_is_right_where_the_sum_overflows(mode):
    x = T.vector("x", dtype="float16")
    mean = function([x], T.mean(x), mode=mode)(np.array([60000, 60000], "float16"))
    assert (mean.dtype, float(mean)) == ("float16", 60000.0)
