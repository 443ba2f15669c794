"""Ops that leave values alone and change gradients."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.autodiff.forward import Rop
from tensorsym.autodiff.passthrough import (
    consider_constant,
    disconnected_grad,
    grad_clip,
    grad_scale,
    undefined_grad,
    zero_grad,
)
from tensorsym.autodiff.reverse import grad
from tensorsym.errors import DisconnectedInputError, MethodNotDefined, NullTypeGradError
from tensorsym.graph.evaluate import evaluate_graph

POINT = np.array([-3.0, 0.25, 3.0])
ALL = [
    zero_grad,
    disconnected_grad,
    undefined_grad,
    lambda x: grad_clip(x, -1, 1),
    lambda x: grad_scale(x, 2),
]


def gradient(expression, x):
    return evaluate_graph([grad(T.sum(expression), x)], {x: POINT})[0].tolist()


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("kind", [T.dvector, T.ivector, T.zmatrix, T.drow])
def test_value_and_type_stay(function, kind):
    x = kind("x")
    out = function(x)
    assert out.type == x.type
    array = np.ones((1, 3)[-x.ndim :], x.dtype)
    np.testing.assert_array_equal(evaluate_graph([out], {x: array})[0], array)


def test_zero_grad_gives_zeros():
    x = T.dvector("x")
    assert gradient(zero_grad(x) * x, x) == POINT.tolist()
    assert gradient(zero_grad(x), x) == [0, 0, 0]


def test_consider_constant_is_deprecated_and_gives_zeros():
    x = T.dvector("x")
    with pytest.warns(DeprecationWarning, match="zero_grad or disconnected_grad"):
        out = consider_constant(x)
    assert gradient(out * x, x) == POINT.tolist()


def test_disconnected_grad_disconnects():
    x = T.dvector("x")
    with pytest.raises(DisconnectedInputError):
        grad(T.sum(disconnected_grad(x)), x)


def test_undefined_grad_raises():
    x = T.dvector("x")
    with pytest.raises(NullTypeGradError, match="UndefinedGrad"):
        grad(T.sum(undefined_grad(x)), x)


def test_grad_clip_clips_each_element():
    x = T.dvector("x")
    assert gradient(grad_clip(x, -1, 1) ** 2, x) == [-1, 0.5, 1]
    with pytest.raises(TypeError, match="lower bound is above"):
        grad_clip(x, 1, -1)
    with pytest.raises(MethodNotDefined, match="not linear"):
        Rop(grad_clip(x, -1, 1), x, x)


def test_grad_clip_takes_symbolic_bounds():
    x, bound = T.dvector("x"), T.dscalar("bound")
    found = grad(T.sum(grad_clip(x, -bound, bound) ** 2), x)
    assert evaluate_graph([found], {x: POINT, bound: 2.0})[0].tolist() == [-2, 0.5, 2]


def test_grad_scale_scales_by_numbers_and_expressions():
    x, factor = T.dvector("x"), T.dscalar("factor")
    assert gradient(grad_scale(x, -1), x) == [-1, -1, -1]
    found = grad(T.sum(grad_scale(x, factor)), x)
    assert evaluate_graph([found], {x: POINT, factor: 4.0})[0].tolist() == [4, 4, 4]


def test_grad_scale_keeps_float32_where_the_number_is_exact():
    f = T.fvector("f")
    assert grad(T.sum(grad_scale(f, 2.5)), f).dtype == "float32"
