"""Calls of Python: users' ops, objects, effects, and what went wrong inside."""

import numpy as np
import pytest
from tests.differ import assert_agree, executables
from tests.layouts import values

import tensorsym.tensor as T
from tensorsym.cpu.build import build
from tensorsym.errors import ShapeError
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.op import Op
from tensorsym.graph.type import Generic, generic
from tensorsym.graph.variable import Apply
from tensorsym.language.elementwise import elementwise
from tensorsym.schedule.build import schedule
from tensorsym.schedule.hostcalls import kernel_call
from tensorsym.schedule.plan import HostCall, Kernel

x, y = T.dvectors("x", "y")
m = T.dmatrix("m")


class Host(Op):
    """An op with nothing but make_node and perform."""

    __props__ = ()

    def __init__(self, function, view=False):
        self.function = function
        self.view_map = {0: [0]} if view else {}

    def make_node(self, v):
        return Apply(self, [v], [v.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = self.function(inputs[0])


class SortBoth(Op):
    """Two outputs of different types."""

    __props__ = ()

    def make_node(self, v):
        return Apply(self, [v], [v.type(), T.lvector()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = np.sort(inputs[0])
        output_storage[1][0] = np.argsort(inputs[0])


def test_users_ops_run_between_kernels():
    a, order = SortBoth()(T.exp(x))
    assert_agree([x], [a * 2.0, order + 1, T.tanh(Host(np.cumsum)(a))], [values(9)])


@pytest.mark.parametrize("view", [False, True])
def test_a_result_that_is_the_argument_or_a_part_of_it_is_not_shared(view):
    for function in (lambda v: v, lambda v: v[::-1], lambda v: v[:2]):
        op = Host(function, view)
        for inside in (x, T.exp(x)):
            assert_agree([x], [op(inside), T.exp(op(inside)), inside + 1.0], [values(6)])


def test_results_are_converted_as_the_type_does():
    assert_agree(
        [x],
        [Host(lambda v: v.astype("float32"))(x) + 1.0],
        [values(3).astype("float32").astype("float64")],
    )
    executable, _ = executables([x], [Host(lambda v: v.tolist())(x) + 1.0])
    np.testing.assert_array_equal(executable([values(3)])[0], values(3) + 1)
    executable, _ = executables([x], [Host(lambda v: v.astype(">f8"))(x) + 1.0])
    np.testing.assert_array_equal(executable([values(3)])[0], values(3) + 1)


@pytest.mark.parametrize(
    "wrong", [lambda v: v[None], lambda v: v.astype("complex128"), lambda v: "text", lambda v: None]
)
def test_results_of_another_type_are_errors_that_name_the_node(wrong):
    executable, _ = executables([x], [T.exp(Host(wrong)(x))])
    with pytest.raises(Exception) as info:  # noqa: PT011 - the type's own error, whichever it is
        executable([values(3)])
    assert "Host" in "".join([str(info.value), *getattr(info.value, "__notes__", [])])
    executable, _ = executables([x], [T.exp(x)])
    assert executable([np.zeros(1)])[0] == 1


def test_a_result_that_breaks_its_static_shape_is_refused():
    row = T.drow("row")
    executable, _ = executables([row], [Host(lambda v: np.ones((2, 3)))(row) + row])
    with pytest.raises((TypeError, ValueError), match="length"):
        executable([np.ones((1, 3))])


def test_exceptions_keep_their_class_and_gain_node_shapes_and_line():
    class SadError(Exception):
        pass

    def fail(v):
        raise SadError("no")

    executable, _ = executables([m], [T.exp(Host(fail)(T.exp(m)))])
    for _ in range(2):
        with pytest.raises(SadError, match="no") as info:
            executable([values((2, 5))])
        note = "\n".join(info.value.__notes__)
        assert "Host" in note
        assert "(2, 5)" in note
        assert __file__ in note


def test_arguments_are_read_only():
    def spoil(v):
        v += 1
        return v

    executable, _ = executables([x], [Host(spoil)(x)])
    with pytest.raises(ValueError, match="read-only"):
        executable([values(3)])


class Bump(Op):
    """Add 1 in place."""

    __props__ = ()
    destroy_map = {0: [0]}  # noqa: RUF012

    def make_node(self, v):
        return Apply(self, [v], [v.type()])

    def perform(self, node, inputs, output_storage):
        if isinstance(inputs[0], list):
            inputs[0].append(1)
        else:
            inputs[0] += 1
        output_storage[0][0] = inputs[0]


def test_what_an_op_overwrites_is_a_copy():
    e = T.exp(x)
    assert_agree([x], [Bump()(x), x + 0.0, Bump()(e), e], [values(4)])
    thing = generic("thing")
    executable, _ = executables([thing], [Bump()(thing), thing])
    given = [0]
    assert executable([given]) == [[0, 1], [0]]
    assert given == [0]


def test_objects_travel_through_slots():
    class Describe(Op):
        __props__ = ()

        def make_node(self, v, thing):
            return Apply(self, [v, thing], [Generic()(), v.type()])

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = {"sum": float(inputs[0].sum()), "thing": inputs[1]}
            output_storage[1][0] = inputs[0] * inputs[1]

    thing = generic("thing")
    described, scaled = Describe()(T.exp(x), thing)
    executable, _ = executables([x, thing], [described, scaled + 1.0])
    for _ in range(2):
        first, second = executable([np.zeros(3), 4])
        assert first == {"sum": 3.0, "thing": 4}
        np.testing.assert_array_equal(second, np.full(3, 5.0))


def test_none_is_a_value_where_the_type_allows_it():
    class Nothing(Op):
        __props__ = ()

        def make_node(self, v):
            return Apply(self, [v], [generic()])

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = None

    executable, _ = executables([x], [Nothing()(x)])
    assert executable([values(3)]) == [None]


def test_effects_happen_once_per_call():
    seen = []

    class Draw(Op):
        pure = False
        __props__ = ()

        def make_node(self, v):
            return Apply(self, [v], [v.type()])

        def perform(self, node, inputs, output_storage):
            seen.append(1)
            output_storage[0][0] = inputs[0] + len(seen)

    draw = Draw()
    executable, _ = executables([x], [draw(x) - draw(x)])
    executable([values(2)])
    assert len(seen) == 2


def test_a_record_without_a_loop_runs_in_numpy():
    name = "cpu_test_op_without_loop"
    op = T.FUNCTIONS[name] if name in T.FUNCTIONS else elementwise(
        name, arity=2, numpy=np.hypot, c="ts_no_such_loop(x, y)", partials=None, doc="A test's op."
    )  # fmt: skip
    v = T.dvector("v")
    outputs = [T.exp(op(x, v)), op(x, v).sum()]
    assert any(isinstance(i, Kernel) for i in schedule(FunctionGraph([x, v], outputs)).instructions)
    assert_agree([x, v], outputs, [values(5), values(5, seed=1)])
    executable, _ = executables([x, v], outputs)
    with pytest.raises(ValueError, match=r"mismatch|broadcast"):
        executable([values(5), values(4)])


def test_kernels_mean_what_numpy_says():
    e = T.exp(m)
    plan = schedule(FunctionGraph([m], [e * e, (e * e - e).sum(axis=0), e.max(axis=0)]))
    array = values((3, 4))
    kernels = [i for i in plan.instructions if isinstance(i, Kernel)]
    known = {**dict(plan.constants), plan.inputs[0]: array}
    for kernel in kernels:
        results = kernel_call(kernel, plan)([known[slot] for slot in kernel.reads()])
        known.update(zip(kernel.writes(), results, strict=True))
    expected = [
        np.exp(array) ** 2,
        (np.exp(array) ** 2 - np.exp(array)).sum(axis=0),
        np.exp(array).max(axis=0),
    ]
    for got, wanted in zip([known[slot] for slot in plan.outputs], expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-14)


def test_host_calls_are_the_only_python_in_a_plan():
    plan = schedule(FunctionGraph([m], [T.exp(T.dot(m, m.T)).sum(axis=1)[::2]]))
    assert not any(isinstance(i, HostCall) for i in plan.instructions)


@pytest.mark.parametrize("keep", [True, False])
def test_shape_errors_in_fused_kernels_name_the_step(keep):
    v = T.dvector("v")
    total = T.exp(x) + y  # the line the message must name
    line = __import__("inspect").currentframe().f_lineno - 1
    executable = build(schedule(FunctionGraph([x, y, v], [T.tanh(total) * v] + [total] * keep)))
    with pytest.raises(ShapeError, match="add: input dimension mismatch in dimension 0") as info:
        executable([values(3), values(4), values(3)])
    assert f"{__file__}:{line}" in str(info.value)
    assert "y: shape (4,)" in str(info.value)
    with pytest.raises(ShapeError, match="mul: input dimension mismatch") as info:
        executable([values(3), values(3), values(1)])
    assert "A run-time length of 1 broadcasts only where the type says so" in str(info.value)
