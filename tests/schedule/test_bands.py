"""Which kernels may run slab by slab, and along which dimension."""

import tensorsym.tensor as T
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.schedule.bands import find_bands
from tensorsym.schedule.build import schedule
from tensorsym.schedule.plan import Kernel


def cuts(inputs, outputs):
    """Return, per band, the dimension that each of its kernels is cut along."""
    plan = schedule(FunctionGraph(inputs, outputs))
    return [
        [
            dim
            for dim, instruction in zip(
                band.dims, plan.instructions[band.first : band.stop], strict=True
            )
            if isinstance(instruction, Kernel)
        ]
        for band in find_bands(plan)
    ]


def test_a_softmax_over_the_last_axis_is_cut_along_the_first():
    x = T.dmatrix("x")
    assert cuts([x], [T.nnet.softmax(x)]) == [[0, 0, 0]]


def test_a_sum_down_columns_is_cut_between_columns():
    x = T.dmatrix("x")
    assert cuts([x], [x - x.max(axis=0, keepdims=True)]) == [[1, 1]]


def test_a_sum_over_a_middle_axis_is_cut_along_the_outermost():
    x = T.dtensor3("x")
    assert cuts([x], [x / x.sum(axis=1, keepdims=True)]) == [[0, 0]]


def test_what_depends_on_no_slab_is_done_at_once():
    x = T.dmatrix("x")
    assert cuts([x], [x - x.mean(axis=1, keepdims=True)]) == [[0, -1, 0, 0]]


def test_what_needs_a_whole_reduction_begins_no_band():
    x = T.dmatrix("x")
    assert cuts([x], [x - x.max()]) == []


def test_what_needs_other_rows_ends_a_band():
    x = T.dmatrix("x")
    rows = x.max(axis=1)
    assert cuts([x], [x.T - rows.dimshuffle("x", 0), rows]) == [[0, 1]]
    assert cuts([x], [x + x.T - rows.dimshuffle("x", 0)]) == []


def test_kernels_without_a_common_array_are_no_band():
    x, y = T.dmatrix("x"), T.dmatrix("y")
    assert cuts([x, y], [x.max(axis=1), y.max(axis=1)]) == []


def test_a_long_plan_is_searched_a_bounded_way():
    x = T.dmatrix("x")
    y = x
    for _ in range(40):
        y = y - y.max(axis=1, keepdims=True)
    plan = schedule(FunctionGraph([x], [y]))
    bands = find_bands(plan)
    assert len(bands) > 2
    assert max(band.stop - band.first for band in bands) <= 32
