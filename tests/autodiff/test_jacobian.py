"""Jacobians and Hessians, unrolled and by a loop."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.autodiff.jacobian import hessian, jacobian
from tensorsym.errors import DisconnectedInputError, RankError
from tensorsym.graph.evaluate import evaluate_graph
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.graph.walk import graph_inputs
from tensorsym.language.table import FUNCTIONS


class Rows(Op):
    """A loop for tests of graphs that need one: it stacks expressions of an index."""

    def __init__(self, index, rows):
        self.index, self.rows = index, rows

    def make_node(self, length, *given):
        outputs = [T.TensorType(r.dtype, (False, *r.broadcastable))() for r in self.rows]
        return Apply(self, [length, *given], outputs)

    def perform(self, node, inputs, output_storage):
        given = dict(zip(node.inputs[1:], inputs[1:], strict=True))
        found = [evaluate_graph(self.rows, given | {self.index: i}) for i in range(int(inputs[0]))]
        for column, cell in zip(zip(*found, strict=True), output_storage, strict=True):
            cell[0] = np.stack(column)


def map_index(function, length):
    index = T.lscalar("index")
    rows = function(index)
    given = [v for v in graph_inputs(rows) if v is not index and not hasattr(v, "data")]
    return Rows(index, rows)(length, *given, return_list=True)


@pytest.fixture(params=["unrolled", "loop"])
def vector(request, monkeypatch):
    """Return a constructor of vectors of three elements, of known and of unknown length."""
    if request.param == "unrolled":
        return T.TensorType("float64", shape=(3,))
    monkeypatch.setitem(FUNCTIONS._entries, "map_index", map_index)
    return T.dvector


def test_a_jacobian_has_a_row_per_element(vector):
    rng = np.random.default_rng(0)
    x, m = vector("x"), T.dmatrix("m")
    at = {x: rng.normal(size=3), m: rng.normal(size=(3, 3))}
    by_x, by_m = evaluate_graph(jacobian(T.tanh(m[:3, 0] * x) * x[0], [x, m]), at)
    inner = at[m][:, 0] * at[x]
    slope = (1 - np.tanh(inner) ** 2) * at[x][0]
    expected = np.diag(slope * at[m][:, 0])
    expected[:, 0] += np.tanh(inner)
    np.testing.assert_allclose(by_x, expected, rtol=1e-12)
    assert by_m.shape == (3, 3, 3)
    np.testing.assert_allclose(
        by_m[1], np.outer([0, slope[1] * at[x][1], 0], [1, 0, 0]), rtol=1e-12
    )


def test_the_jacobian_by_a_scalar_is_a_vector(vector):
    x, y = vector("x"), T.dscalar("y")
    found = jacobian(x**2 * y, (x, y))
    assert isinstance(found, tuple)
    at = {x: np.array([1.0, 2, 3]), y: 2.0}
    assert evaluate_graph(list(found), at)[1].tolist() == [1, 4, 9]


def test_a_hessian_is_the_matrix_of_second_derivatives(vector):
    x = vector("x")
    at = {x: np.array([1.0, 2, 3])}
    found = hessian(T.sum(x**3) + x[0] * x[1], x)
    expected = np.diag([6.0, 12, 18])
    expected[0, 1] = expected[1, 0] = 1
    np.testing.assert_allclose(evaluate_graph([found], at)[0], expected, rtol=1e-12)


def test_a_linear_cost_has_a_hessian_of_zeros(vector):
    x = vector("x")
    (found,) = hessian(T.sum(2 * x), [x])
    assert evaluate_graph([found], {x: np.ones(3)})[0].tolist() == np.zeros((3, 3)).tolist()


def test_a_scalar_has_its_gradient_as_jacobian():
    s = T.dscalar("s")
    (found,) = jacobian(s**2, [s])
    assert float(evaluate_graph([found], {s: 3.0})[0]) == 6.0


def test_a_vector_without_elements_has_a_jacobian_without_rows():
    x = T.TensorType("float64", shape=(0,))("x")
    m = T.dmatrix("m")
    found = jacobian(x * T.sum(m), [x, m])
    shapes = [a.shape for a in evaluate_graph(found, {x: np.ones(0), m: np.ones((2, 3))})]
    assert shapes == [(0, 0), (0, 2, 3)]


def test_long_vectors_of_known_length_loop(monkeypatch):
    monkeypatch.setitem(FUNCTIONS._entries, "map_index", map_index)
    x = T.TensorType("float64", shape=(40,))("x")
    found = jacobian(x**2, x)
    assert isinstance(found.owner.op, Rows)
    values = evaluate_graph([found], {x: np.arange(40.0)})[0]
    np.testing.assert_array_equal(values, np.diag(2 * np.arange(40.0)))


def test_disconnected_vectors_are_errors_or_zeros(vector):
    x, y = vector("x"), vector("y")
    with pytest.raises(DisconnectedInputError):
        jacobian(x**2, y)
    found = jacobian(x**2, y, disconnected_inputs="ignore")
    assert evaluate_graph([found], {x: np.ones(3), y: np.ones(3)})[0].tolist() == [[0] * 3] * 3


def test_constants_are_held():
    x = T.TensorType("float64", shape=(2,))("x")
    y = x**2
    found = jacobian(y * x, x, consider_constant=[y])
    assert evaluate_graph([found], {x: np.array([2.0, 3])})[0].tolist() == [[4, 0], [0, 9]]


def test_ranks_are_checked():
    m, s = T.dmatrix("m"), T.dscalar("s")
    with pytest.raises(RankError, match="expression"):
        jacobian(m, m)
    with pytest.raises(RankError, match="cost"):
        hessian(m, m)
    with pytest.raises(RankError, match="wrt"):
        hessian(T.sum(m) * s, m)
