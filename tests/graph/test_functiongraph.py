"""A function graph merges equal nodes, knows users, and changes only what a replacement touches."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.errors import InconsistencyError, MissingInputError
from tensorsym.graph.functiongraph import Feature, FunctionGraph
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply


class Draw(Op):
    pure = False

    def make_node(self, x):
        return Apply(self, [x], [x.type()])


def names(graph):
    return [str(node.op) for node in graph.toposort()]


def test_equal_nodes_become_one():
    x, y = T.dvectors("x", "y")
    graph = FunctionGraph([x, y], [T.exp(x + y) * 2, T.exp(x + y) * 3])
    assert len([name for name in names(graph) if "exp" in name]) == 1
    graph.check_integrity()


def test_impure_nodes_are_never_merged():
    x = T.dvector("x")
    draw = Draw()
    graph = FunctionGraph([x], [draw(x), draw(x)])
    assert len(graph) == 2


def test_constants_with_equal_bits_become_one_and_signed_zeros_do_not():
    x = T.dvector("x")
    graph = FunctionGraph([x], [x + np.float64(0.0), x * np.float64(0.0), x - np.float64(-0.0)])
    constants = {v.data.tobytes() for v in graph.variables if hasattr(v, "data")}
    assert len(constants) == 2


def test_the_users_graph_is_left_alone():
    x = T.dvector("x")
    y = T.exp(x)
    before = list(y.owner.inputs)
    graph = FunctionGraph([x], [y])
    graph.replace(graph.outputs[0], T.log(graph.inputs[0]))
    assert y.owner.inputs == before
    assert y.owner.op is T.exp


def test_replacement_merges_users_that_become_equal():
    x, y = T.dvectors("x", "y")
    graph = FunctionGraph([x, y], [T.exp(x), T.exp(y)])
    graph.replace(graph.inputs[1], graph.inputs[0])
    assert graph.outputs[0] is graph.outputs[1]
    assert len(graph) == 1
    graph.check_integrity()


def test_nodes_nobody_needs_leave_the_graph():
    x = T.dvector("x")
    graph = FunctionGraph([x], [T.exp(T.log(T.sin(x)))])
    graph.replace(graph.outputs[0], graph.inputs[0])
    assert len(graph) == 0
    assert graph.outputs == graph.inputs


def test_a_variable_can_be_wrapped_by_its_own_replacement():
    x = T.dvector("x")
    graph = FunctionGraph([x], [T.exp(x)])
    graph.replace(graph.inputs[0], T.sin(graph.inputs[0]))
    assert names(graph) == ["Elemwise{sin,no_inplace}", "Elemwise{exp,no_inplace}"]
    graph.check_integrity()


def test_a_replacement_of_another_type_is_refused_and_changes_nothing():
    x = T.dvector("x")
    graph = FunctionGraph([x], [T.exp(x)])
    with pytest.raises(InconsistencyError, match="another type"):
        graph.replace_all_validate([(graph.outputs[0], T.cast(graph.inputs[0], "float32"))])
    assert names(graph) == ["Elemwise{exp,no_inplace}"]


def test_a_missing_input_is_named():
    x, y = T.dvectors("x", "y")
    with pytest.raises(MissingInputError, match="needs y"):
        FunctionGraph([x], [x + y])


def test_features_hear_of_entries_changes_and_exits():
    heard = []

    class Ear(Feature):
        def on_import(self, graph, node, reason):
            heard.append(("in", str(node.op)))

        def on_prune(self, graph, node, reason):
            heard.append(("out", str(node.op)))

    x = T.dvector("x")
    graph = FunctionGraph([x], [T.exp(x)], [Ear()])
    graph.replace(graph.outputs[0], T.sin(graph.inputs[0]), reason="test")
    assert heard == [
        ("in", "Elemwise{exp,no_inplace}"),
        ("in", "Elemwise{sin,no_inplace}"),
        ("out", "Elemwise{exp,no_inplace}"),
    ]


def test_a_constant_with_many_users_is_replaced_in_time_linear_in_them():
    x = T.dvector("x")
    y = x
    for _ in range(20_000):
        y = y + 0.1
    graph = FunctionGraph([x], [y])
    assert len(graph) == 20_001
    graph.check_integrity()


def test_a_merged_node_keeps_both_places_it_was_built_at():
    x = T.dvector("x")
    first = T.exp(x)
    second = T.exp(x)
    graph = FunctionGraph([x], [first, second])
    assert len(graph.outputs[0].owner.origin) == 2


def test_a_variable_that_a_leaving_node_used_twice_leaves_once():
    x = T.dvector("x")
    squared = T.exp(x) * T.exp(x)
    graph = FunctionGraph([x], [T.log(squared)])
    graph.replace(graph.origin_of[squared], graph.inputs[0])
    assert names(graph) == [str(T.log)]
    graph.check_integrity()
