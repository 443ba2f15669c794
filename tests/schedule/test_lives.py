"""When memory ends, and what may be overwritten."""

import pytest

import tensorsym.tensor as T
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.schedule.build import schedule
from tensorsym.schedule.plan import Copy, Free, Kernel, LibraryCall

m, n = T.dmatrices("m", "n")
x = T.dvector("x")


def plan_of(inputs, outputs, **kwargs):
    return schedule(FunctionGraph(inputs, outputs), **kwargs)


def freed(plan):
    return [slot for i in plan.instructions if isinstance(i, Free) for slot in i.slots]


def test_every_intermediate_buffer_is_freed_once_after_its_last_use():
    plan = plan_of([m, n], [T.dot(T.exp(T.dot(m, n)), n).sum(axis=0)])
    slots = freed(plan)
    assert len(slots) == len(set(slots))
    lasting = {*plan.inputs, *plan.outputs, *(slot for slot, _ in plan.constants)}
    computed = {s for i in plan.instructions for s in i.writes() if plan.slots[s].kind == "buffer"}
    assert set(slots) == computed - lasting
    for index, instruction in enumerate(plan.instructions):
        if isinstance(instruction, Free):
            later = [s for i in plan.instructions[index + 1 :] for s in i.reads()]
            assert not set(instruction.slots) & set(later)


def test_inputs_and_constants_are_never_candidates_for_reuse():
    plan = plan_of([m], [m + 1.0, T.exp(m)])
    for instruction in plan.instructions:
        if isinstance(instruction, Kernel):
            assert instruction.reuse == ()


def test_a_result_lies_over_a_dying_operand_of_equal_size_only():
    product = T.dot(m, n)
    (kernel,) = [i for i in plan_of([m, n], [T.exp(product)]).instructions if isinstance(i, Kernel)]
    assert kernel.reuse == ((1, 0),)
    (kernel,) = [i for i in plan_of([m, n], [product > 0.5]).instructions if isinstance(i, Kernel)]
    assert kernel.reuse == ()


def test_a_factor_that_is_the_summand_too_is_not_overwritten():
    z = T.exp(m)
    one = T.constant(1.0, dtype="float64")
    plan = plan_of([m], [T.gemm(z, one, z, m, one)])
    (call,) = [i for i in plan.instructions if isinstance(i, LibraryCall)]
    assert not call.reuse
    plan = plan_of([m], [T.gemm(z, one, m, m, one)])
    (call,) = [i for i in plan.instructions if isinstance(i, LibraryCall)]
    assert call.reuse


class Overwrite(Op):
    """Add 1 in place."""

    __props__ = ()
    destroy_map = {0: [0]}  # noqa: RUF012

    def make_node(self, v):
        return Apply(self, [v], [v.type()])

    def perform(self, node, inputs, output_storage):
        inputs[0] += 1
        output_storage[0][0] = inputs[0]


def test_what_an_op_overwrites_is_copied_first():
    plan = plan_of([x], [Overwrite()(x), x])
    assert next(type(i) for i in plan.instructions) is Copy


@pytest.mark.parametrize("axis", [0, 1, None])
def test_reductions_take_over_nothing(axis):
    plan = plan_of([m, n], [T.dot(m, n).sum(axis=axis)])
    (kernel,) = [i for i in plan.instructions if isinstance(i, Kernel)]
    assert kernel.reuse == ()
