"""`Rop` equals the Jacobian times a direction, also through ops that define reverse mode only."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.autodiff.forward import Rop
from tensorsym.autodiff.passthrough import (
    disconnected_grad,
    grad_scale,
    grad_undefined,
    undefined_grad,
    zero_grad,
)
from tensorsym.autodiff.reverse import Lop, grad
from tensorsym.errors import DisconnectedInputError, NullTypeGradError, OpGradientError
from tensorsym.graph.evaluate import evaluate_graph
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType
from tensorsym.graph.variable import Apply
from tensorsym.graph.walk import graph_inputs


def value(expression, given):
    return evaluate_graph([expression], given)[0]


class Twisted(Op):
    """(x, y) -> (x * y, exp(x) + y**2), in reverse mode only, as users write ops."""

    def make_node(self, x, y):
        return Apply(self, [x, y], [x.type(), x.type()])

    def perform(self, node, inputs, output_storage):
        x, y = inputs
        output_storage[0][0] = x * y
        output_storage[1][0] = np.exp(x) + y**2

    def L_op(self, inputs, outputs, output_grads):
        (x, y), (g, h) = inputs, output_grads
        return [g * y + h * T.exp(x), g * x + h * 2 * y]


class Squares(Op):
    """x**2 with a forward rule that counts on zeros for what does not move, as Theano gives."""

    def make_node(self, x, scale):
        return Apply(self, [x, scale], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[1] * inputs[0] ** 2

    def R_op(self, inputs, eval_points):
        (x, scale), (t, s) = inputs, eval_points
        return [2 * scale * x * t + s * x**2]


def test_forward_and_reverse_mode_are_transposes():
    rng = np.random.default_rng(0)
    m, v, t, u = T.dmatrix("m"), T.dvector("v"), T.dvector("t"), T.dvector("u")
    out = T.tanh(T.dot(m, v)) * T.sum(v**2)
    given = {m: rng.normal(size=(4, 3)), v: rng.normal(size=3), t: rng.normal(size=3)}
    given[u] = rng.normal(size=4)
    forward, backward = evaluate_graph([Rop(out, v, t), Lop(out, v, u)], given)
    np.testing.assert_allclose(forward @ given[u], backward @ given[t], rtol=1e-12)


def test_the_result_is_in_the_kind_of_f():
    x = T.dvector("x")
    assert isinstance(Rop([x, x**2], x, x), list)
    assert isinstance(Rop((x, x**2), [x], [x]), tuple)
    assert Rop(x, x, T.ones_like(x)).ndim == 1


def test_an_output_that_is_an_input_moves_as_told():
    x, t = T.dvectors("x", "t")
    assert Rop(x, x, t) is t


def test_directions_take_the_dtype_of_their_variables():
    x, f, i = T.dvector("x"), T.fvector("f"), T.ivector("i")
    assert Rop(x**2, x, i).dtype == "float64"
    assert Rop(f**2, f, x).dtype == "float32"
    assert Rop(x**2, x, np.ones(3)).dtype == "float64"


def test_a_direction_has_the_rank_of_its_variable():
    x, m = T.dvector("x"), T.dmatrix("m")
    with pytest.raises(ValueError, match="2 dimensions"):
        Rop(x**2, x, m)
    with pytest.raises(TypeError, match="for each variable"):
        Rop(x**2, [x, m], [x])


def test_what_does_not_move_has_tangents_of_zero():
    x, y, t = T.dvectors("x", "y", "t")
    at = {x: np.ones(2), y: np.ones(2), t: np.ones(2)}
    np.testing.assert_array_equal(value(Rop(y**2, x, t), at), [0, 0])
    np.testing.assert_array_equal(value(Rop(T.eq(x, 1), x, t), at), [0, 0])
    np.testing.assert_array_equal(value(Rop(zero_grad(x) * x, x, t), at), [1, 1])
    np.testing.assert_array_equal(value(Rop(disconnected_grad(x) * x, x, t), at), [1, 1])
    np.testing.assert_array_equal(value(Rop(undefined_grad(x) * x, x, t), at), [1, 1])


@pytest.mark.parametrize("cut", [disconnected_grad, undefined_grad, lambda x: x.shape])
def test_what_is_not_connected_is_an_error(cut):
    x = T.dvector("x")
    with pytest.raises(DisconnectedInputError):
        Rop(cut(x), x, x)


def test_what_stands_for_a_disconnected_tangent():
    x, y = T.dvectors("x", "y")
    with pytest.raises(DisconnectedInputError, match="y depends on no element"):
        Rop(y, x, x)
    with pytest.warns(UserWarning, match="y depends on no element"):
        Rop(y, x, x, disconnected_outputs="warn")
    assert Rop([y], x, x, "ignore", "None") == [None]
    (found,) = Rop([y], x, x, "ignore", "Disconnected")
    assert isinstance(found.type, DisconnectedType)
    np.testing.assert_array_equal(value(Rop(y, x, x, "ignore"), {y: np.ones(2)}), [0, 0])
    with pytest.raises(ValueError, match="disconnected_outputs"):
        Rop(y, x, x, "foo")


def test_an_op_without_a_forward_rule_runs_its_reverse_rule_twice():
    x, y, t, u = T.dvectors("x", "y", "t", "u")
    rng = np.random.default_rng(3)
    at = {v: rng.normal(size=4) for v in (x, y, t, u)}
    first, second = Twisted()(x * 2, y)
    a, b, da, db = 2 * at[x], at[y], 2 * at[t], at[u]
    found = evaluate_graph(Rop([first, second], [x, y], [t, u]), at)
    np.testing.assert_allclose(found[0], da * b + a * db, rtol=1e-12)
    np.testing.assert_allclose(found[1], np.exp(a) * da + 2 * b * db, rtol=1e-12)
    only = value(Rop(first, x, t), at)
    np.testing.assert_allclose(only, da * b, rtol=1e-12)


def test_a_rule_written_for_theano_gets_zeros_not_none():
    x, scale, t = T.dvectors("x", "scale", "t")
    at = {x: np.array([1.0, 2]), scale: np.array([3.0, 4]), t: np.array([5.0, 6])}
    np.testing.assert_array_equal(value(Rop(Squares()(x, scale), x, t), at), [30, 96])


def test_a_scaled_gradient_is_scaled_in_both_modes():
    x, t = T.dscalars("x", "t")
    scaled = grad_scale(x, 3.0) ** 2
    at = {x: 2.0, t: 1.0}
    assert float(value(Rop(scaled, x, t), at)) == float(value(grad(scaled, x), at)) == 12.0


def test_a_tangent_depends_on_the_inputs_of_its_output():
    v, w, t = T.dvectors("v", "w", "t")
    # Theano programs list the inputs of functions accordingly: views need only the direction.
    assert {v, w, t} <= set(graph_inputs([Rop(T.dot(v, w), v, t)]))
    assert {v, t} <= set(graph_inputs([Rop(-v, v, t)]))
    assert v not in graph_inputs([Rop(v[0], v, t)])


def test_an_undefined_derivative_is_an_error():
    class Undefined(Twisted):
        def L_op(self, inputs, outputs, output_grads):
            return [grad_undefined(self, k, v) for k, v in enumerate(inputs)]

    x, y = T.dvectors("x", "y")
    with pytest.raises(NullTypeGradError, match="mathematically undefined"):
        Rop(T.exp(Undefined()(x, y)[0]), x, x)


def test_a_wrong_number_of_tangents_is_an_error():
    class Wrong(Twisted):
        def R_op(self, inputs, eval_points):
            return [eval_points[0]]

    x, y = T.dvectors("x", "y")
    with pytest.raises(OpGradientError, match="R_op returned"):
        Rop(Wrong()(x, y)[0], x, x)


def test_forward_over_reverse_is_a_hessian_vector_product():
    x, t = T.dvectors("x", "t")
    cost = T.sum(x**3) + T.prod(x)
    at = {x: np.array([1.0, 2, 3]), t: np.array([1.0, -1, 0.5])}
    hessian = np.diag(6 * at[x]) + np.array([[0, 3, 2], [3, 0, 1], [2, 1, 0.0]])
    np.testing.assert_allclose(value(Rop(grad(cost, x), x, t), at), hessian @ at[t], rtol=1e-12)
