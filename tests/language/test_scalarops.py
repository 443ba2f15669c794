"""Functions of single numbers: records, users' own and composites, applied to tensors."""

import copy
import pickle

import numpy as np
import pytest
from scipy import special

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym import scalar
from tensorsym.errors import ComplexError, MethodNotDefined


class I1e(scalar.UnaryScalarOp):
    """A user's function, as client programs write them."""

    nfunc_spec = ("scipy.special.i1e", 1, 1)

    def impl(self, x):
        return special.i1e(x)

    def grad(self, inputs, output_grads):
        (x,), (gz,) = inputs, output_grads
        assert x.type in scalar.float_types
        return [gz * (i0e_scalar(x) - i1e_scalar(x) * (T.sgn(x) + 1 / x))]


class I0e(scalar.UnaryScalarOp):
    """A function without nfunc_spec: `impl` is called for each element."""

    def impl(self, x):
        return special.i0e(x)


i0e_scalar = I0e(scalar.upgrade_to_float_no_complex, name="i0e")
i1e_scalar = I1e(scalar.upgrade_to_float_no_complex, name="i1e")
i1e = T.Elemwise(i1e_scalar, name="Elemwise{i1e,no_inplace}")
X = np.linspace(0.5, 3, 6).reshape(2, 3)


def test_elemwise_of_a_record_is_the_op_itself():
    assert T.Elemwise(scalar.add) is T.add
    assert T.Elemwise(scalar.Exp(scalar.upgrade_to_float)) is T.exp


def test_an_elementwise_op_names_its_function():
    assert T.exp.scalar_op == scalar.exp
    assert isinstance(T.exp.scalar_op, scalar.Exp)
    assert not isinstance(T.exp.scalar_op, scalar.Log)


def test_an_op_of_a_users_function_computes_it():
    x = T.dmatrix()
    np.testing.assert_array_equal(theano.function([x], i1e(x))(X), special.i1e(X))
    i0e = T.Elemwise(i0e_scalar)
    np.testing.assert_array_equal(theano.function([x], i0e(x))(X), special.i0e(X))


def test_the_gradient_of_a_users_function_is_that_of_each_element():
    x = T.dmatrix()
    exact = special.i0e(X) - special.i1e(X) * (1 + 1 / X)
    g = theano.function([x], T.grad(i1e(x).sum(), x))(X)
    np.testing.assert_allclose(g, exact, rtol=1e-12)


def test_the_gradient_of_a_broadcast_operand_is_summed():
    class Scaled(scalar.BinaryScalarOp):
        def impl(self, x, y):
            return x * y

        def grad(self, inputs, output_grads):
            (x, y), (g,) = inputs, output_grads
            return g * y, g * x

    op = T.Elemwise(Scaled(scalar.upcast_out))
    x, y = T.dmatrix(), T.drow()
    g = theano.function([x, y], T.grad(op(x, y).sum(), y))(X, X[:1])
    np.testing.assert_allclose(g, X.sum(axis=0, keepdims=True))


def test_rules_of_result_types_are_theanos():
    assert i1e(T.bvector()).dtype == "float32"
    assert i1e(T.ivector()).dtype == "float64"
    with pytest.raises(ComplexError):
        i1e(T.zvector())


def test_an_op_of_a_users_function_survives_copy_and_pickle():
    assert copy.deepcopy(i1e) == i1e
    x = T.dmatrix()
    f = pickle.loads(pickle.dumps(theano.function([x], T.exp(i1e(x)))))
    np.testing.assert_allclose(f(X), np.exp(special.i1e(X)))


def test_a_composite_is_the_expression_it_holds():
    x, y = scalar.floats("x", "y")
    op = T.Elemwise(scalar.Composite([x, y], [x * y + scalar.exp(x)]))
    m, v = T.dmatrix(), T.dvector()
    f = theano.function([m, v], op(m, v))
    np.testing.assert_allclose(f(X, X[0]), X * X[0] + np.exp(X))


def test_reductions_are_made_of_functions_of_two_numbers():
    x = T.dmatrix()
    ops = [T.CAReduce(scalar.add, 0), T.CAReduce(scalar.maximum), T.elemwise.Sum(axis=[0, 1])]
    for out, exact in zip([op(x) for op in ops], [X.sum(axis=0), X.max(), X.sum()], strict=True):
        np.testing.assert_allclose(theano.function([x], out)(X), exact)
    assert isinstance(x.sum().owner.op, T.elemwise.Sum)
    assert x.sum().owner.op.scalar_op == scalar.add
    with pytest.raises(ValueError, match="no reduction by"):
        T.CAReduce(scalar.sub)


def test_a_function_without_types_says_what_to_give():
    class Nothing(scalar.UnaryScalarOp):
        pass

    with pytest.raises(MethodNotDefined, match="type its result"):
        T.Elemwise(Nothing(name="nothing"))(T.dvector())


def test_numbers_are_tensors_of_rank_0():
    x = scalar.float32("x")
    assert isinstance(x.type, scalar.Scalar)
    assert not isinstance(T.vector().type, scalar.Scalar)
    assert scalar.cast(x, "int64").dtype == "int64"
    with pytest.raises(TypeError, match="one number"):
        scalar.as_scalar(T.vector())
