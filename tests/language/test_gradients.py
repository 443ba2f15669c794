"""Every elementwise record and every reduction: derivatives of orders 1 and 2, in both modes."""

import pytest
from tests.gradcheck import check_elementwise, check_reduction

from tensorsym.language import load
from tensorsym.language.elementwise import RECORDS
from tensorsym.language.reduction import REDUCTIONS

load()


@pytest.mark.parametrize("name", [n for n, r in RECORDS.items() if r.partials is not None])
def test_derivatives_of_an_elementwise_op_equal_differences(name):
    assert check_elementwise(name) > 0


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 2)], ids=str)
@pytest.mark.parametrize("name", [n for n, r in REDUCTIONS.items() if r.gradient is not None])
def test_derivatives_of_a_reduction_equal_differences(name, axis):
    check_reduction(name, (2, 3, 2), axis)
