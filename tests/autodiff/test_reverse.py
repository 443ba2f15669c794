"""`grad`, `Lop` and `subgraph_grad` behave as Theano 1.0.5 where a program can tell."""

import warnings

import numpy as np
import pytest
from scipy.optimize import check_grad

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.autodiff.passthrough import disconnected_grad, grad_undefined, undefined_grad
from tensorsym.autodiff.reverse import Lop, grad, subgraph_grad
from tensorsym.errors import DisconnectedInputError, NullTypeGradError
from tensorsym.graph.evaluate import evaluate_graph
from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.walk import graph_inputs, toposort


def value(expression, given):
    return evaluate_graph([expression], given)[0]


def test_a_network_has_the_gradient_of_finite_differences():
    rng = np.random.default_rng(0)
    x, w, b = T.dmatrix("x"), T.dmatrix("w"), T.dvector("b")
    hidden = T.tanh(T.dot(x, w) + b)
    cost = T.mean(T.log(1 + T.exp(hidden)) * hidden) + 0.1 * T.sum(w**2)
    data, start = rng.normal(size=(5, 3)), rng.normal(size=(4, 4))
    gradients = grad(cost, [w, b])

    def given(flat):
        parts = flat.reshape(4, 4)
        return {x: data, w: parts[:3], b: parts[3]}

    error = check_grad(
        lambda flat: float(value(cost, given(flat))),
        lambda flat: np.concatenate([g.ravel() for g in evaluate_graph(gradients, given(flat))]),
        start.ravel(),
    )
    assert error < 1e-6


@pytest.mark.parametrize("kind", [list, tuple])
def test_the_result_is_in_the_kind_of_wrt(kind):
    x, y = T.dscalars("x", "y")
    found = grad(x * y, kind([x, y]))
    assert type(found) is kind
    assert [float(g) for g in evaluate_graph(list(found), {x: 2.0, y: 3.0})] == [3.0, 2.0]
    assert grad(x * y, kind([])) == kind([])


def test_a_variable_given_twice_has_its_gradient_twice():
    x = T.dscalar("x")
    assert [float(g) for g in evaluate_graph(grad(x**2, [x, x]), {x: 3.0})] == [6.0, 6.0]


def test_the_cost_is_its_own_derivative_one():
    x, n = T.dscalar("x"), T.lscalar("n")
    assert float(value(grad(x, x), {x: 5.0})) == 1.0
    assert (grad(n, n).dtype, float(value(grad(n, n), {n: 5}))) == ("float64", 1.0)


def test_integers_have_float_gradients_of_the_same_formulas():
    i, v = T.ivector("i"), T.dvector("v")
    found = grad(T.sum(i * v), i)
    assert found.dtype == "float64"
    given = {i: np.array([1, 2], "int32"), v: np.array([1.5, 2.5])}
    np.testing.assert_array_equal(value(found, given), [1.5, 2.5])


def test_what_returns_integers_has_zero_gradients():
    i, f = T.ivector("i"), T.fvector("f")
    assert grad(T.sum(i), i).dtype == "float64"
    np.testing.assert_array_equal(value(grad(T.sum(i), i), {i: np.ones(2, "int32")}), [0, 0])
    through = grad(T.sum(T.cast(f, "int64") * 1.0), f)
    assert through.dtype == "float32"
    np.testing.assert_array_equal(value(through, {f: np.ones(2, "float32")}), [0, 0])


def test_a_computed_float32_passes_float32_gradients_on():
    f, v = T.fvector("f"), T.dvector("v")
    # As in Theano: the leaf takes the dtype of the op that uses it, results of ops keep theirs.
    assert grad(T.sum(f * v), f).dtype == "float64"
    assert grad(T.sum(T.exp(f) * v), f).dtype == "float32"


def test_gradients_have_the_pattern_and_shape_of_their_variables():
    m, row, col, s = T.dmatrix("m"), T.drow("row"), T.dcol("col"), T.dscalar("s")
    found = grad(T.sum((m + row) * col * s), [m, row, col, s])
    assert [g.type for g in found] == [v.type for v in (m, row, col, s)]
    rng = np.random.default_rng(1)
    arrays = {m: rng.random((3, 2)), row: rng.random((1, 2)), col: rng.random((3, 1)), s: 2.0}
    shapes = [g.shape for g in evaluate_graph(found, arrays)]
    assert shapes == [(3, 2), (1, 2), (3, 1), ()]


def test_many_uses_are_summed_by_one_node():
    x = T.dvector("x")
    cost = T.sum(T.exp(x) + T.sin(x) + T.cos(x) + T.tanh(x))
    found = grad(cost, x)
    assert len(found.owner.inputs) == 4
    at = np.array([0.3, -1.2])
    expected = np.exp(at) + np.cos(at) - np.sin(at) + 1 - np.tanh(at) ** 2
    np.testing.assert_allclose(value(found, {x: at}), expected, rtol=1e-14)


def test_a_complex_variable_has_the_gradient_of_both_parts():
    z = T.zvector("z")
    at = np.array([1 + 2j, -0.5 + 0.25j])
    cost = T.sum(abs(z * z) + T.real(T.exp(z)))
    found = value(grad(cost, z), {z: at})
    h = 1e-6
    for k in range(2):
        step = h * (np.arange(2) == k)
        sides = [float(value(cost, {z: at + d * step})) for d in (1, -1, 1j, -1j)]
        expected = (sides[0] - sides[1]) / (2 * h) + 1j * (sides[2] - sides[3]) / (2 * h)
        np.testing.assert_allclose(found[k], expected, rtol=1e-7)


def test_a_real_variable_among_complex_ones_has_a_real_gradient():
    x, z = T.dvector("x"), T.zvector("z")
    found = grad(T.sum(T.real(T.dot(x, z) * 1j)), x)
    assert found.dtype == "float64"
    at = {x: np.ones(2), z: np.array([1 + 2j, 3 - 1j])}
    np.testing.assert_allclose(value(found, at), [-2.0, 1.0])


class TestConstants:
    def test_no_gradient_passes_through_what_is_considered_constant(self):
        x = T.dscalar("x")
        y = x**2
        found = grad(y * x, [x, y], consider_constant=[y])
        assert [float(g) for g in evaluate_graph(found, {x: 3.0})] == [9.0, 3.0]

    def test_a_constant_in_wrt_has_a_gradient(self):
        x = T.dscalar("x")
        assert float(value(grad(x**2, x, consider_constant=[x]), {x: 3.0})) == 6.0

    def test_nothing_is_left_below_a_constant(self):
        x = T.dscalar("x")
        y = x**2
        with pytest.raises(DisconnectedInputError):
            grad(y * 2, x, consider_constant=[y])

    @pytest.mark.parametrize("wrong", [5, [5]])
    def test_other_things_are_refused(self, wrong):
        x = T.dscalar("x")
        with pytest.raises(TypeError, match="consider_constant"):
            grad(x, x, consider_constant=wrong)


class TestKnownGradients:
    def test_the_cost_may_be_missing(self):
        x, g = T.dvectors("x", "g")
        y = x**2
        found = grad(None, [x, y], known_grads={y: g})
        assert found[1] is g
        np.testing.assert_array_equal(
            value(found[0], {x: np.ones(2), g: np.array([1.0, 2])}), [2, 4]
        )

    def test_they_replace_what_the_cost_would_give(self):
        x = T.dscalar("x")
        y = x**2
        found = grad(y + x, x, known_grads={y: T.constant(5.0)})
        assert float(value(found, {x: 3.0})) == 31.0

    def test_they_take_the_dtype_of_their_variable_on_the_way(self):
        x, f = T.dvector("x"), T.fvector("f")
        assert grad(None, x, known_grads={x**2: f}).dtype == "float64"

    def test_wrong_ones_are_refused(self):
        x, i, m = T.dvector("x"), T.ivector("i"), T.dmatrix("m")
        y = x**2
        with pytest.raises(TypeError, match="is an integer"):
            grad(None, x, known_grads={y: i})
        with pytest.raises(TypeError, match="maps variables to variables"):
            grad(None, x, known_grads={y: np.ones(2)})
        with pytest.raises(ValueError, match="2 dimensions"):
            grad(None, x, known_grads={y: m})
        with pytest.raises(TypeError, match="both None"):
            grad(None, x)


class TestDisconnected:
    def test_it_is_an_error_that_names_the_variable(self):
        x, y = T.dscalar("x"), T.dscalar("unused_one")
        with pytest.raises(DisconnectedInputError, match="unused_one") as caught:
            grad(x, y)
        assert isinstance(caught.value, ValueError)
        assert "hint:" in str(caught.value)

    def test_shapes_do_not_connect(self):
        x, s = T.dvector("x"), T.dscalar("s")
        with pytest.raises(DisconnectedInputError):
            grad(T.sum(x.shape) * s, x)

    def test_a_warning_instead(self):
        x, y = T.dscalars("x", "y")
        with pytest.warns(UserWarning, match="does not depend on y"):
            found = grad(x, y, disconnected_inputs="warn")
        assert float(value(found, {y: 1.0})) == 0.0

    @pytest.mark.parametrize("dtype", ["int32", "float32", "float64"])
    def test_zeros_instead(self, dtype):
        x, y = T.dscalar("x"), T.TensorType(dtype, (False,))("y")
        found = grad(x, y, disconnected_inputs="ignore")
        assert found.dtype == ("float64" if dtype == "int32" else dtype)
        np.testing.assert_array_equal(value(found, {y: np.ones(3, dtype)}), [0, 0, 0])

    def test_none_or_the_disconnected_variable_instead(self):
        x, y = T.dscalars("x", "y")
        assert grad(x, [y], disconnected_inputs="ignore", return_disconnected="None") == [None]
        (found,) = grad(x, [y], disconnected_inputs="ignore", return_disconnected="Disconnected")
        assert isinstance(found.type, DisconnectedType)

    @pytest.mark.parametrize(
        "option", ["disconnected_inputs", "return_disconnected", "null_gradients"]
    )
    def test_unknown_options_are_refused(self, option):
        x = T.dscalar("x")
        with pytest.raises(ValueError, match=option):
            grad(x, x, **{option: "foo"})


class TestUndefined:
    def test_it_is_an_error_that_says_why(self):
        x = T.dvector("x")
        with pytest.raises(NullTypeGradError, match="mathematically undefined") as caught:
            grad(T.sum(undefined_grad(x**2)) + T.sum(x), x)
        assert isinstance(caught.value, TypeError)

    def test_the_null_variable_instead(self):
        x = T.dvector("x")
        found = grad(T.sum(undefined_grad(x**2)), x, null_gradients="return")
        assert isinstance(found.type, NullType)

    def test_a_null_cost_is_refused(self):
        x = T.dvector("x")
        with pytest.raises(NullTypeGradError):
            grad(grad_undefined("op", 0, x), x)


class TestArguments:
    def test_the_cost_is_a_real_scalar(self):
        x, z = T.dvector("x"), T.zscalar("z")
        with pytest.raises(TypeError, match="must be a scalar"):
            grad(x, x)
        with pytest.raises(TypeError, match="must be real"):
            grad(z, z)
        with pytest.raises(TypeError, match="no variable"):
            grad(3.0, x)

    @pytest.mark.parametrize("wrt", ["x", 3, {1}])
    def test_wrt_holds_variables(self, wrt):
        x = T.dscalar("x")
        with pytest.raises(TypeError, match="wrt"):
            grad(x, wrt)


class TestNames:
    def test_gradients_are_named_after_cost_and_variable(self):
        x = T.dvector("x")
        cost = T.sum(x**2)
        assert grad(cost, x).name is None
        cost.name = "cost"
        assert grad(cost, x).name == "(dcost/dx)"
        assert grad(cost, x, add_names=False).name is None

    def test_no_variable_of_the_user_is_renamed(self):
        x, y, g = T.dscalar("x"), T.dscalar(), T.dscalar()
        cost = x * y
        cost.name = "cost"
        assert grad(cost, x, known_grads={cost: g}).name == "(dcost/dx)"
        assert grad(x + 0 * y, x, known_grads={}).name is None
        assert (y.name, g.name) == (None, None)


def test_what_gives_only_its_shape_is_not_connected():
    x, y = T.dvectors("x", "y")
    with pytest.raises(DisconnectedInputError):
        grad(T.sum(T.fill(x, 2.0)), x)
    # The seed is filled into the cost's shape: a linear cost's gradient does not depend on y by it.
    first = grad(T.sum(T.exp(x) * y), y)
    with pytest.raises(DisconnectedInputError):
        grad(T.sum(first), y)


def test_gradients_depend_on_the_inputs_of_their_cost():
    x, y = T.dscalars("x", "y")
    # Theano programs list the inputs of functions accordingly.
    assert {x, y} <= set(graph_inputs([grad(x * 3 + y, x)]))
    assert x in graph_inputs([grad(T.floor(x), x)])


def test_origins_are_those_of_the_forward_nodes():
    x = T.dvector("x")
    hidden = T.tanh(x)
    cost = T.sum(hidden)
    found = grad(cost, x)  # the seed, one filled into the cost's shape, is built here
    new = [n for n in toposort([found]) if n not in set(toposort([cost]))]
    lines = {line for n in new for _, line in n.origin}
    (built,), (summed,) = hidden.origin, cost.origin
    assert lines == {built[1], summed[1], summed[1] + 1}


def test_lop_multiplies_from_the_left():
    m, v, w = T.dmatrix("m"), T.dvector("v"), T.dvector("w")
    a = np.arange(6.0).reshape(2, 3)
    found = Lop(T.dot(m, v), v, w)
    np.testing.assert_array_equal(
        value(found, {m: a, v: np.ones(3), w: np.array([1.0, 2])}), a.T @ [1, 2]
    )
    assert isinstance(Lop([v, v**2], (v,), [v, v]), tuple)
    twice = Lop([v, v], v, [v, v])
    np.testing.assert_array_equal(value(twice, {v: np.array([1.0, 2])}), [2, 4])
    with pytest.raises(TypeError, match="for each output"):
        Lop([v], v, [v, v])


def test_a_part_of_a_graph_goes_on_where_another_ended():
    x, w1, w2 = T.dvector("x"), T.dvector("w1"), T.dvector("w2")
    a1 = T.tanh(x * w1)
    cost = T.sum((a1 * w2) ** 2)
    decay = T.sum(w1**2)
    first, at_a1 = subgraph_grad(wrt=[w2], end=[a1], cost=cost)
    second, at_x, from_start, from_cost = subgraph_grad(
        wrt=[w1], end=[x], start={a1: at_a1[0]}, cost=decay, details=True
    )
    rng = np.random.default_rng(2)
    given = {v: rng.normal(size=3) for v in (x, w1, w2)}
    expected = grad(cost + decay, [w2, w1, x])
    for found, right in zip([*first, *second, *at_x], expected, strict=True):
        np.testing.assert_allclose(value(found, given), value(right, given), rtol=1e-12)
    np.testing.assert_allclose(
        value(from_start[0] + from_cost[0], given), value(second[0], given), rtol=1e-12
    )
    with pytest.raises(TypeError, match="cost, start"):
        subgraph_grad(wrt=[w1], end=[x])


def test_a_cut_expression_counts_as_a_constant():
    x = T.dscalar("x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert float(value(grad(disconnected_grad(x) * x, x), {x: 3.0})) == 3.0


def test_a_product_has_real_gradients_by_whole_numbers():
    x, y = T.imatrix(), T.dmatrix()
    g = T.grad(T.nnet.sigmoid(T.dot(x, y)).sum(), x)
    assert g.dtype == "float64"
    ints, floats = np.array([[1, 0]], dtype="int32"), np.array([[0.5], [2.0]])
    s = 1 / (1 + np.exp(-0.5))
    np.testing.assert_allclose(theano.function([x, y], g)(ints, floats), s * (1 - s) * floats.T)


def test_a_function_of_an_undefined_gradient_is_refused():
    x = T.dvector()
    undefined = theano.gradient.grad_undefined(T.add, 0, x)
    with pytest.raises(NullTypeGradError, match="undefined"):
        theano.function([x], undefined, on_unused_input="ignore")


def test_what_only_derivatives_look_at_leaves_the_function():
    x = T.dscalar()
    clipped = theano.gradient.grad_clip(theano.gradient.disconnected_grad(x) * x, -1, 1)
    f = theano.function([x], clipped)
    assert not any(node.op.identity for node in f.maker.fgraph.toposort())
    assert f(3.0) == 9


def test_a_node_without_a_default_output_has_none():
    node = T.nlinalg.svd(T.dmatrix())[0].owner
    with pytest.raises(AttributeError, match="none of them is the default"):
        node.default_output()
