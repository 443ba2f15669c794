"""Canonical text: equal computations read alike, different ones differ where they differ."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.op import Op
from tensorsym.graph.text import constant_text, graph_diff, graph_text, op_text, type_text
from tensorsym.graph.type import Generic, NullType
from tensorsym.graph.variable import Apply


def logistic(name):
    x = T.dmatrix(name)
    return x, T.log(1 + T.exp(x)).sum(axis=0)


def test_a_graph_is_written_one_line_per_node_with_types_and_attributes():
    _, y = logistic("x")
    assert graph_text(y) == "\n".join(
        [
            "%0 = input : float64[?,?]",
            "%1 = DimShuffle{input_broadcastable=(), new_order=('x', 'x')}(1i8) : int8[1,1]",
            "%2 = exp(%0) : float64[?,?]",
            "%3 = add(%1, %2) : float64[?,?]",
            "%4 = log(%3) : float64[?,?]",
            "%5 = sum{axis=(0,), dtype='float64', acc_dtype='float64'}(%4) : float64[?]",
            "return %5",
        ]
    )


def test_equal_computations_have_equal_text_whatever_they_are_called():
    assert graph_text(logistic("x")[1]) == graph_text(logistic("other")[1])


def test_names_and_places_are_told_only_when_asked_for():
    x, _ = logistic("x")
    y = T.exp(x)
    y.name = "growth"
    assert "growth" not in graph_text(y)
    assert graph_text(y, names=True).splitlines()[1].endswith("# growth")
    assert "test_text.py" in graph_text(y, origins=True)


def test_inputs_of_a_function_graph_keep_their_order():
    x, y = T.dvector("x"), T.fvector("y")
    text = graph_text(FunctionGraph([y, x], [x + y]))
    assert text.splitlines()[:2] == ["%0 = input : float32[?]", "%1 = input : float64[?]"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64(2.5), "2.5f64"),
        (np.float32(0.1), "0.1f32"),
        (np.float64(-0.0), "-0.0f64"),
        (np.float64("nan"), "nanf64"),
        (np.int8(-3), "-3i8"),
        (np.bool_(True), "trueb8"),
        (np.complex128(1 - 2j), "(1-2j)c128"),
        (np.array([[1, 2], [3, 4]], "uint16"), "[[1, 2], [3, 4]]u16"),
        (np.zeros((0, 3)), "emptyf64[0,3]"),
    ],
)
def test_constants_show_value_and_dtype(value, text):
    assert constant_text(T.constant(value)) == text


def test_large_constants_are_told_apart_by_their_bytes():
    ones, twos = (constant_text(T.constant(np.full(1000, value))) for value in (1.0, 2.0))
    assert ones != twos
    assert ones.endswith("f64[1000]")
    assert len(ones) < 40


def test_floats_that_differ_in_the_last_bit_read_differently():
    assert constant_text(T.constant(0.1 + 0.2)) != constant_text(T.constant(np.float64(0.3)))


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (T.TensorType("float32", shape=(None, 3, 1)), "float32[?,3,1]"),
        (T.TensorType("bool", ()), "bool[]"),
        (Generic(), "Generic"),
        (NullType("unknown"), "NullType{why_null='unknown'}"),
    ],
)
def test_types_show_what_is_known_of_the_shape(type_, text):
    assert type_text(type_) == text


class Pair(Op):
    """Two outputs, with a graph inside; it has no props, so instances differ."""

    def __init__(self, inner):
        self.inner = inner

    def make_node(self, x):
        return Apply(self, [x], [x.type(), x.type()])

    def inner_graphs(self):
        return (self.inner,)


def pair(inner=T.exp):
    a = T.dvector("a")
    return Pair(FunctionGraph([a], [inner(a)]))


def test_graphs_inside_ops_follow_their_node_indented():
    left, right = pair()(T.dvector("x"))
    assert graph_text(left + right) == "\n".join(
        [
            "%0 = input : float64[?]",
            "%1, %2 = Pair(%0) : float64[?], float64[?]",
            "  graph 0",
            "    %0 = input : float64[?]",
            "    %1 = exp(%0) : float64[?]",
            "    return %1",
            "%3 = add(%1, %2) : float64[?]",
            "return %3",
        ]
    )


def test_graphs_inside_graphs_need_no_recursion():
    op = pair()
    for _ in range(1500):
        outer = op
        op = pair(lambda a, outer=outer: outer(a)[0])
    assert graph_text(op(T.dvector())).count("graph 0") == 1501


def test_ops_that_differ_but_read_alike_are_numbered():
    first, second = pair(), pair()
    text = graph_text(second(first(T.dvector())[0])[0])
    assert "Pair(%0)" in text
    assert "Pair#2(%1)" in text


def test_an_op_with_a_function_among_its_props_shows_no_address():
    class Mapped(Op):
        __props__ = ("function",)

        def __init__(self, function):
            self.function = function

    assert op_text(Mapped(np.linalg.norm)) == "Mapped{function=numpy.linalg.norm}"
    assert "0x" not in op_text(Mapped(object()))


def test_one_changed_node_is_one_changed_line():
    x = T.dvector("x")

    def chain(middle):
        y = x
        for step in range(50):
            y = middle(y) if step == 20 else T.tanh(y)
        return y

    lines = graph_diff(chain(T.sin), chain(T.cos)).splitlines()
    assert [line for line in lines if "sin" in line] == ["- %21 = sin(%20) : float64[?]"]
    assert [line for line in lines if "cos" in line] == ["+ %51 = cos(%20) : float64[?]"]
    # The node above reads another operand; all others keep their lines.
    assert len(lines) == 4


def test_equal_graphs_do_not_differ():
    assert (
        graph_diff(
            FunctionGraph(*map(as_list, logistic("x"))), FunctionGraph(*map(as_list, logistic("y")))
        )
        == ""
    )


def as_list(variable):
    return [variable]


def test_a_chain_of_100000_ops_is_written_and_compared(chain):
    text = graph_text(chain)
    assert text.count("\n") == 300_001
    assert (
        graph_diff(chain, T.exp(chain)).splitlines()[0] == "+ %300001 = exp(%300000) : float64[?]"
    )


@pytest.fixture(scope="module")
def chain():
    y = T.dvector("y")
    for _ in range(100_000):
        y = T.tanh(y) + 0.1
    return y
