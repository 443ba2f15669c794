"""Where values are: the plan says it, without any device."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.ifelse import ifelse
from tensorsym.language.tensortype import TensorType
from tensorsym.scan_module import scan
from tensorsym.schedule.build import schedule
from tensorsym.schedule.plan import Kernel, Loop, Transfer
from tensorsym.schedule.target import CPU, Target

DEVICE = Target("cuda", CPU.kernel_dtypes, CPU.library_dtypes)


def plan_of(inputs, outputs, **options):
    return schedule(FunctionGraph(inputs, outputs), target=DEVICE, **options)


def moves(plan):
    return [
        (plan.slots[i.input].name, i.device) for i in plan.instructions if isinstance(i, Transfer)
    ]


def test_arguments_move_in_once_and_results_out():
    x, y = T.dvectors("x", "y")
    plan = plan_of([x, y], [T.exp(x) * y, x.sum(), T.dot(x, y)])
    assert [move for move in moves(plan) if move[1] == "cuda"] == [("x", "cuda"), ("y", "cuda")]
    assert len([move for move in moves(plan) if move[1] == "cpu"]) == 3


def test_chains_stay_on_the_device():
    x = T.dmatrix("x")
    plan = plan_of([x], [T.tanh(T.dot(T.exp(x), x.T).sum(axis=0))[1:]])
    assert len(moves(plan)) == 2


def test_scalars_are_arguments_of_kernels():
    x, a = T.dvector("x"), T.dscalar("a")
    assert moves(plan_of([x, a], [x * a]))[0] == ("x", "cuda")
    assert len(moves(plan_of([x, a], [x * a]))) == 2


def test_what_only_scalars_need_is_computed_on_the_host():
    a, b = T.dscalars("a", "b")
    plan = plan_of([a, b], [T.exp(a) * b])
    assert moves(plan) == []
    (kernel,) = [i for i in plan.instructions if isinstance(i, Kernel)]
    assert plan.slots[kernel.writes()[0]].home == "cpu"


def test_shapes_are_computed_on_the_host():
    x = T.dmatrix("x")
    plan = plan_of([x], [T.exp(x).reshape((x.shape[0] * 2, x.shape[1] // 2))])
    assert len(moves(plan)) == 2


def test_a_host_op_between_two_kernels_costs_two_transfers():
    x = T.dmatrix("x")
    plan = plan_of([x], [T.exp(T.sort(T.exp(x), axis=0))])
    assert len(moves(plan)) == 4


def test_a_value_that_both_sides_need_moves_once():
    x = T.dmatrix("x")
    e = T.exp(x)
    plan = plan_of([x], [T.sort(e, axis=0), e, T.sort(e, axis=1), e + 1])
    to_host = [name for name, device in moves(plan) if device == "cpu"]
    assert len(to_host) == 2  # e for the two sorts and the output, and e + 1


def test_residents_that_the_device_uses_arrive_there():
    x, w = T.dmatrix("x"), T.dmatrix("w")
    plan = plan_of([x, w], [T.dot(x, w)], resident={1: None})
    assert [plan.slots[s].home for s in plan.inputs] == ["cpu", "cuda"]
    assert ("w", "cuda") not in moves(plan)


def test_residents_seen_through_views_only_arrive_there():
    i, data = T.lscalar("i"), T.dmatrix("data")
    plan = plan_of([i, data], [T.exp(data[i : i + 10])], resident={1: None})
    assert plan.slots[plan.inputs[1]].home == "cuda"
    assert [device for _, device in moves(plan)] == ["cpu"]


def test_residents_of_the_host_stay_there():
    x = T.dmatrix("x")
    plan = plan_of([x], [T.sort(x, axis=0)], resident={0: None})
    assert plan.slots[plan.inputs[0]].home == "cpu"


def test_updates_stay_where_they_are_made():
    w, b = T.dvector("w"), T.dscalar("b")
    plan = plan_of([w, b], [w.sum(), w * 2, b + w.sum()], resident={0: 1, 1: 2}, n_outputs=1)
    assert [plan.slots[s].home for s in plan.inputs] == ["cuda", "cuda"]
    assert [device for _, device in moves(plan)] == ["cpu"]


def test_constants_are_put_on_the_device_before_the_first_call():
    x = T.dvector("x")
    plan = plan_of([x], [x * np.arange(4.0)])
    homes = [plan.slots[slot].home for slot, _ in plan.constants]
    assert "cuda" in homes
    assert len(moves(plan)) == 2


def test_branches_give_results_in_one_place():
    c, x = T.bscalar("c"), T.dmatrix("x")
    plan = plan_of([c, x], [ifelse(c, T.exp(x), T.sort(x, axis=0)) * 2])
    assert [plan.slots[s].home for s in plan.outputs] == ["cpu"]


def test_what_a_loop_needs_at_every_step_moves_before_it():
    x, w = T.dtensor3("x"), T.dmatrix("w")
    h, _ = scan(lambda x_t, h, w: T.tanh(T.dot(h, w) + x_t), x, T.zeros((4, 6)), w)
    plan = plan_of([x, w], [h])
    (loop,) = [i for i in plan.instructions if isinstance(i, Loop)]
    assert moves(loop.body) == []
    assert {name for name, device in moves(plan) if device == "cuda"} >= {"x", "w"}


def test_half_precision_has_kernels_where_the_target_says_so():
    x = TensorType("float16", (None,))("x")
    half = Target("cuda", CPU.kernel_dtypes | {"float16"}, CPU.library_dtypes)
    graph = FunctionGraph([x], [T.exp(x)])
    assert not [i for i in schedule(graph, target=DEVICE).instructions if isinstance(i, Kernel)]
    assert [i for i in schedule(graph, target=half).instructions if isinstance(i, Kernel)]


def test_a_transfer_is_a_wish_that_places_what_follows():
    x = T.dmatrix("x")
    plan = plan_of([x], [T.exp(x).transfer("cpu")])
    assert len(moves(plan)) == 2
    a = T.dscalar("a")
    moved = moves(plan_of([a], [T.exp(a.transfer("gpu0"))]))
    assert moved[0] == ("a", "cuda")
    assert [device for _, device in moved] == ["cuda", "cpu"]


def test_a_transfer_is_nothing_on_the_cpu():
    x = T.dvector("x")
    y = T.exp(x.transfer("cuda")).sum()
    np.testing.assert_allclose(y.eval({x: [0.0, 1.0]}), 1 + np.e)
    np.testing.assert_allclose(T.grad(y, x).eval({x: [0.0, 1.0]}), [1, np.e])


def test_a_transfer_to_nowhere_is_refused():
    with pytest.raises(ValueError, match="cpu or cuda"):
        T.dvector("x").transfer("opencl")
