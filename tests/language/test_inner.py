"""Choices, ops made from expressions and from functions, printing and copies."""

import pickle

import numpy as np
import pytest
from tests.numeric import check_derivatives, run

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym.errors import MissingInputError
from tensorsym.language.hostops import DeepCopyOp, Print, as_op, view
from tensorsym.language.ifelse import IfElse, ifelse
from tensorsym.language.opfromgraph import OpFromGraph

VECTOR = T.TensorType("float64", (False,))


@as_op(itypes=[VECTOR], otypes=[VECTOR])
def refuse(x):
    """Fail whenever it runs."""
    raise RuntimeError("computed")


@as_op(itypes=[VECTOR, VECTOR], otypes=[VECTOR, T.TensorType("int64", ())])
def sum_and_length(x, y):
    """Return x + y and the length."""
    return x + y, np.int64(len(x))


def test_only_the_chosen_branch_runs():
    c, x = T.dscalar(), T.dvector()
    chosen = ifelse(c > 0, x + 1, refuse(x))
    assert run([c, x], chosen, [1.0, [1.0, 2.0]]).tolist() == [2, 3]
    with pytest.raises(RuntimeError, match="computed"):
        run([c, x], chosen, [-1.0, [1.0]])


def test_branches_of_several_values_are_chosen_together():
    c, x = T.dscalar(), T.dvector()
    first, second = ifelse(c, [x, x * 2], (x * 3, x * 4))
    assert [v.tolist() for v in run([c, x], [first, second], [0.0, [1.0]])] == [[3], [4]]
    with pytest.raises(ValueError, match="2 and 1 values"):
        ifelse(c, [x, x], [x])


@pytest.mark.parametrize("condition", [1.0, -1.0])
def test_gradients_of_a_choice_flow_to_the_chosen_branch(condition):
    x, y = T.dvector(), T.dvector()
    chosen = ifelse(T.constant(condition) > 0, T.exp(x), T.sin(y) * x)
    check_derivatives(T.sum(chosen**2), [x, y], [[0.3, -0.2], [0.5, 0.1]])


def test_branches_of_different_types_are_refused_and_of_different_patterns_joined():
    c = T.dscalar()
    with pytest.raises(TypeError, match="different types"):
        ifelse(c, T.fvector(), T.dvector())
    with pytest.raises(TypeError, match="scalar"):
        IfElse(1)(T.dvector(), T.dvector(), T.dvector())
    assert ifelse(c, T.drow(), T.dmatrix()).broadcastable == (False, False)


def test_an_op_from_an_expression_has_its_value_and_derivatives():
    p, q = T.dscalars("p", "q")
    op = OpFromGraph([p, q], [p * q + T.exp(p), p - q], name="mine")
    x, y = T.dscalars("x", "y")
    first, second = op(x, y)
    assert str(first.owner.op) == "mine"
    np.testing.assert_allclose(run([x, y], [first, second], [0.3, 0.7]), [0.21 + np.exp(0.3), -0.4])
    check_derivatives(first * second, [x, y], [0.3, 0.7])
    assert op.connection_pattern(first.owner) == [[True, True], [True, True]]


@pytest.mark.parametrize(
    ("overrides", "wanted"),
    [
        ({"lop_overrides": lambda i, o, g: [g[0] * 10, o[0] * 2]}, [10, 12]),
        ({"grad_overrides": ["default", lambda i, g: g[0] * 7]}, [3, 7]),
        ({"grad_overrides": [None, "default"]}, [0, 2]),
    ],
)
def test_gradients_given_by_the_user_replace_those_of_the_expression(overrides, wanted):
    p, q = T.dscalars("p", "q")
    x, y = T.dscalars("x", "y")
    out = OpFromGraph([p, q], [p * q], **overrides)(x, y)
    assert [float(g) for g in run([x, y], T.grad(out, [x, y]), [2.0, 3.0])] == wanted


def test_shared_variables_become_hidden_inputs_of_an_op_from_an_expression():
    p, x = T.dscalar(), T.dscalar()
    factor = theano.shared(3.0)
    out = OpFromGraph([p], [p * factor])(x)
    assert [float(v) for v in run([x], [out, *T.grad(out, [x, factor])], [2.0])] == [6, 3, 2]
    with pytest.raises(MissingInputError, match="not an input"):
        OpFromGraph([p], [p * T.dscalar("other")])


def test_expression_puts_the_inside_in_place_of_the_op():
    p = T.dscalar()
    op = OpFromGraph([p], [T.exp(p)], inline=True)
    x = T.dscalar()
    (inside,) = op.expression(x)
    assert str(inside.owner.op) == "Elemwise{exp,no_inplace}"
    assert inside.owner.inputs == [x]


def test_a_function_of_arrays_is_an_op_that_pickles_by_name():
    x, y = T.dvector(), T.dvector()
    total, length = run([x, y], sum_and_length(x, y), [[1.0, 2.0], [3.0, 4.0]])
    assert (total.tolist(), int(length)) == ([4, 6], 2)
    assert pickle.loads(pickle.dumps(sum_and_length)) == sum_and_length
    with pytest.raises(TypeError, match="are types"):
        as_op(itypes=[3], otypes=[VECTOR])


def test_print_prints_each_time_and_hands_on(capsys):
    x = T.dvector()
    out = Print("x is", attrs=("shape",))(x) * 2
    assert run([x], out, [[1.0, 2.0]]).tolist() == [2, 4]
    assert capsys.readouterr().out == "x is shape = (2,)\n"
    assert run([x], T.grad(out.sum(), x), [[1.0]]).tolist() == [2]


def test_views_and_copies_keep_value_and_derivative():
    x = T.dvector()
    check_derivatives(T.sum(view(x) ** 2 + DeepCopyOp()(x) ** 3), [x], [[0.5, -0.3]])
