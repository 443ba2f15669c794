"""Users' ops that break the protocol of gradients are told so; those that keep it just work."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.autodiff.passthrough import grad_not_implemented
from tensorsym.autodiff.reverse import grad
from tensorsym.errors import MethodNotDefined, NullTypeGradError, OpGradientError
from tensorsym.graph.evaluate import evaluate_graph
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType
from tensorsym.graph.variable import Apply


class Product(Op):
    """x * y with a grad given as a function, as in old Theano programs."""

    def __init__(self, gradient=None, pattern=None, dtype="float64"):
        self.gradient, self.pattern, self.dtype = gradient, pattern, dtype

    def make_node(self, x, y):
        return Apply(self, [x, y], [T.TensorType(self.dtype, x.broadcastable)()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = (inputs[0] * inputs[1]).astype(self.dtype)

    def grad(self, inputs, output_grads):
        return self.gradient(*inputs, output_grads[0])

    def connection_pattern(self, node):
        return [[True], [True]] if self.pattern is None else self.pattern


def gradient_of(op, wrt="x"):
    x, y = T.dvectors("x", "y")
    return grad(T.sum(op(x, y)), {"x": x, "y": y}[wrt]), x, y


def test_an_old_style_grad_works():
    found, x, y = gradient_of(Product(lambda x, y, g: [g * y, g * x]))
    assert evaluate_graph([found], {x: np.ones(2), y: np.array([2.0, 3])})[0].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("returned", "match"),
    [
        (lambda x, y, g: None, "returned NoneType"),
        (lambda x, y, g: [g], "returned 1 terms"),
        (lambda x, y, g: [g, None], "returned None for input 1"),
        (lambda x, y, g: [g, 0.0], "returned 0.0 for input 1"),
        (lambda x, y, g: [T.sum(g), g], "for input 0"),
        (lambda x, y, g: [T.cast(g, "int32"), g], "gradients are no integers"),
        (lambda x, y, g: [DisconnectedType()(), g], "disconnected gradient for input 0"),
    ],
)
def test_wrong_terms_are_refused(returned, match):
    with pytest.raises(OpGradientError, match=match) as caught:
        gradient_of(Product(returned))
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    assert "test_contract.py" in str(caught.value)


def test_a_term_against_the_connection_pattern_is_refused():
    op = Product(lambda x, y, g: [g, g], pattern=[[True], [False]])
    with pytest.raises(OpGradientError, match="connection pattern"):
        gradient_of(op)


@pytest.mark.parametrize(
    "pattern", [[[True]], [True, True], ((True,), (True,)), [[True, True]] * 2]
)
def test_a_wrong_connection_pattern_is_refused(pattern):
    with pytest.raises(OpGradientError, match="connection_pattern"):
        gradient_of(Product(lambda x, y, g: [g, g], pattern=pattern))


def test_an_op_without_a_pattern_is_warned_of_a_disconnected_term():
    class Plain(Product):
        connection_pattern = Op.connection_pattern

    with pytest.warns(UserWarning, match="define connection_pattern"):
        gradient_of(Plain(lambda x, y, g: [g, DisconnectedType()()]))


def test_a_constant_through_integers_must_be_zero():
    op = Product(lambda x, y, g: [T.ones_like(x), T.zeros_like(y)], dtype="int64")
    with pytest.raises(OpGradientError, match="only integer outputs"):
        gradient_of(op)
    fine = Product(lambda x, y, g: [T.zeros_like(x), T.zeros_like(y)], dtype="int64")
    found, x, _ = gradient_of(fine)
    assert evaluate_graph([found], {x: np.ones(2)})[0].tolist() == [0, 0]


def test_a_term_not_implemented_matters_only_where_it_is_needed():
    op = Product(lambda x, y, g: [g * y, grad_not_implemented(op, 1, y, "never needed")])
    gradient_of(op)
    with pytest.raises(NullTypeGradError, match="not implemented: never needed"):
        gradient_of(op, "y")


def test_an_op_without_gradient_says_so_and_where_it_stands():
    class Bare(Product):
        grad = Op.grad

    with pytest.raises(MethodNotDefined, match="has no gradient") as caught:
        gradient_of(Bare())
    assert any("while differentiating" in note for note in caught.value.__notes__)


def test_terms_get_the_pattern_of_their_variables():
    class Widened(Product):
        pass

    # A row's gradient may come back without its pattern, a matrix's as a row: both are put right.
    m, row = T.dmatrix("m"), T.drow("row")
    op = Product(
        lambda x, y, g: [T.sum(g, axis=0, keepdims=True), T.sum(g, axis=0).dimshuffle("x", 0)]
    )
    found = grad(T.sum(op(m, row)), [m, row])
    assert [g.type for g in found] == [m.type, row.type]
    given = {m: np.ones((3, 2)), row: np.ones((1, 2))}
    assert [g.shape for g in evaluate_graph(found, given)] == [(3, 2), (1, 2)]


def test_inputs_that_are_overwritten_are_copied_for_the_gradient():
    class InPlace(Product):
        destroy_map = {0: [0]}  # noqa: RUF012 - as users write it

        def perform(self, node, inputs, output_storage):
            inputs[0] *= inputs[1]
            output_storage[0][0] = inputs[0]

    found, x, y = gradient_of(InPlace(lambda x, y, g: [g * y, g * x]), "y")
    mine = np.array([5.0, 7])
    assert evaluate_graph([found], {x: mine, y: np.ones(2)})[0].tolist() == [5, 7]
    assert mine.tolist() == [5, 7]


def test_outputs_without_gradient_arrive_as_disconnected():
    seen = []

    class Pair(Op):
        def make_node(self, x):
            return Apply(self, [x], [x.type(), x.type()])

        def L_op(self, inputs, outputs, output_grads):
            seen.extend(type(g.type) for g in output_grads)
            return [output_grads[0]]

    x = T.dvector("x")
    grad(T.sum(Pair()(x)[0]), x)
    assert seen == [T.TensorType, DisconnectedType]
