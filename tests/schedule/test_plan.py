"""Plans as text: what is fused, freed and taken over, seen at a glance."""

import dataclasses
import textwrap

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.schedule.build import schedule

x, y = T.dvectors("x", "y")
m, n = T.dmatrices("m", "n")


def check(inputs, outputs, expected, donated=()):
    plan = schedule(FunctionGraph(inputs, outputs), donated)
    assert str(plan) == textwrap.dedent(expected).strip()


def test_a_chain_is_one_kernel_with_explicit_casts():
    f = T.fvector("f")
    check(
        [x, f],
        [T.exp(x) * f],
        """
        %0: float64[?] = input x
        %1: float32[?] = input f
        kernel of rank 1
          v0 = %0
          v1 = %1
          v2 = exp(v0) float64
          v3 = cast(v1) float64
          v4 = mul(v2, v3) float64
          %2 = v4
        return %2
        """,
    )


def test_what_a_map_feeds_is_reduced_in_the_same_kernel_and_stored_for_later_ones():
    weights = T.exp(m)
    check(
        [m],
        [weights / weights.sum(axis=1, keepdims=True)],
        """
        %0: float64[?, ?] = input m
        kernel of rank 2
          v0 = %0
          v1 = exp(v0) float64
          %1 = v1
          %2 = sum(v1) reduced along 1
        %3 = view dimshuffle %2 (0, x)
        free %2
        kernel of rank 2
          v0 = %1
          v1 = %3 broadcast along 1
          v2 = true_div(v0, v1) float64
          %4 = v2 over %1
        free %1, %3
        return %4
        """,
    )


def test_a_layer_is_a_product_and_one_kernel_over_its_memory():
    check(
        [m, n, x],
        [T.tanh(T.dot(m, n) + x)],
        """
        %0: float64[?, ?] = input m
        %1: float64[?, ?] = input n
        %2: float64[?] = input x
        %3 = gemm %0 @ %1
        %4 = view dimshuffle %2 (x, 0)
        kernel of rank 2
          v0 = %3
          v1 = %4 broadcast along 0
          v2 = add(v0, v1) float64
          v3 = tanh(v2) float64
          %5 = v3 over %3
        free %3, %4
        return %5
        """,
    )


def test_only_the_shape_of_a_filled_tensor_is_needed():
    check(
        [m],
        [T.zeros_like(m)],
        """
        %0: float64[?, ?] = input m
        %1: float64 = TensorConstant{0.0}
        %2 = view dimshuffle %1 (x, x)
        kernel of rank 2
          v0 = %2 broadcast along 0, 1
          shape of %0
          %3 = v0
        free %2
        return %3
        """,
    )


def test_a_sum_of_another_dtype_is_cast_after_it():
    b = T.bvector("b")
    check(
        [b],
        [b.sum(dtype="int16")],
        """
        %0: int8[?] = input b
        kernel of rank 1
          v0 = %0
          v1 = cast(v0) int64
          %2 = sum(v1) reduced along 0
        kernel of rank 0
          v0 = %2
          v1 = cast(v0) int16
          %1 = v1
        return %1
        """,
    )


def test_views_and_lengths_move_no_data():
    i = T.lscalar("i")
    plan = schedule(FunctionGraph([m, i], [m[1:i, ::-2], m.T, m.reshape((i, 2))]))
    lines = str(plan).splitlines()
    assert "%2 = view %0[1:%1, ::-2]" in lines
    assert "%3 = view dimshuffle %0 (1, 0)" in lines
    assert any(line.startswith("%") and " = pack %1, %" in line for line in lines)


def test_a_donated_input_is_overwritten_only_where_nothing_may_raise_after_it():
    # x + y may find other lengths, but says so before it writes.
    plan = schedule(FunctionGraph([x, y], [x + y]), donated=[0])
    assert "%2 = v2 over %0" in str(plan)
    # Here a product that may raise follows the sum.
    plan = schedule(FunctionGraph([x, y, m], [x + y, T.dot(m, y)]), donated=[0])
    order = [instruction.word for instruction in plan.instructions]
    assert order.index("kernel") < order.index("library")
    assert "over" not in str(plan)


def test_plans_are_frozen():
    plan = schedule(FunctionGraph([x], [T.exp(x)]))
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.slots = ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.instructions[0].rank = 3


def test_every_instruction_knows_where_it_comes_from():
    plan = schedule(FunctionGraph([m, n, x], [T.tanh(T.dot(m, n) + x).sum()]))
    for instruction in plan.instructions:
        if instruction.word == "free":
            continue
        assert instruction.sources
        for source in instruction.sources:
            assert plan.origins[source].node
            assert plan.origins[source].origin[0][0] == __file__


def test_constants_are_cast_while_planning():
    plan = schedule(FunctionGraph([x], [T.exp(x) + T.constant(np.array([2], dtype="int8"))]))
    (kernel,) = plan.instructions
    assert [step.op for step in kernel.steps] == ["exp", "add"]
    assert {value.dtype.name for _, value in plan.constants} == {"float64"}
