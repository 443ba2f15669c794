"""`verify_grad` lets right gradients pass and says where wrong ones are wrong."""

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.autodiff.passthrough import grad_scale
from tensorsym.autodiff.verify import numeric_grad, verify_grad
from tensorsym.errors import DTypeError, GradientError, ShapeError
from tensorsym.graph.evaluate import evaluate_graph

RNG = np.random.RandomState(1)


class TestNumericGrad:
    def test_it_is_the_derivative(self):
        found = numeric_grad(
            lambda a, b: float((a**2).sum() * b), [np.array([1.0, 2]), np.array(3.0)]
        )
        np.testing.assert_allclose(found.gf[0], [6, 12], rtol=1e-5)
        np.testing.assert_allclose(found.gf[1], 5, rtol=1e-5)

    def test_the_point_may_be_one_array(self):
        np.testing.assert_allclose(
            numeric_grad(lambda a: a.sum(), np.ones((2, 2))).gf, np.ones((2, 2)), rtol=1e-6
        )

    def test_the_step_follows_the_dtypes(self):
        steps = []
        numeric_grad(
            lambda a, b: steps.append(float(a[0])) or 0.0, [np.zeros(1), np.zeros(1, "float32")]
        )
        assert steps[1] == pytest.approx(3e-4)

    def test_complex_derivatives(self):
        found = numeric_grad(lambda a: (a * 1j).sum(), [np.ones(2)], out_type="complex128")
        np.testing.assert_allclose(found.gf[0], [1j, 1j], rtol=1e-6)

    def test_the_worst_error_is_found(self):
        found = numeric_grad(lambda a: a.sum(), [np.ones(2), np.ones(2)][:1])
        arg, place, absolute, relative = found.max_err([np.array([1.0, 3.0])], 1e-4, 1e-4)
        assert (arg, place) == (0, 1)
        assert (absolute, relative) == (pytest.approx(2), pytest.approx(0.5))

    def test_arrays_must_match(self):
        found = numeric_grad(lambda a: a.sum(), [np.ones(2)])
        with pytest.raises(ShapeError, match="number of gradients"):
            found.max_err([], 1, 1)
        with pytest.raises(ValueError, match="wrong shape"):
            found.max_err([np.ones(3)], 1, 1)

    def test_a_derivative_that_is_not_finite_is_an_error(self):
        found = numeric_grad(lambda a: a.sum(), [np.ones(2)])
        with pytest.raises(ValueError, match="not finite"):
            found.max_err([np.array([1, np.nan])], 1, 1)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("rng", [RNG, np.random.default_rng(2)], ids=["old", "new"])
def test_right_gradients_pass(dtype, rng):
    points = [np.array([[0.5, 1], [2, 3]], dtype), np.array([1.5, 0.7], dtype)]
    verify_grad(lambda x, y: T.log(T.dot(x, y)) * y, points, rng=rng, cast_to_output_type=True)
    verify_grad(lambda x: T.sum(x**2, axis=0), points[:1], n_tests=1, rng=rng, mode="FAST_RUN")


def test_a_wrong_gradient_is_shown_where_it_is_worst():
    point = np.array([[1.0, 2, 3], [4, 50, 6]])
    with pytest.raises(GradientError) as caught:
        verify_grad(lambda x: grad_scale(x, 2.0) ** 2 + x**2, [point], rng=RNG)
    error = caught.value
    assert (error.arg, error.shape) == (0, (2, 3))
    assert error.val1 == pytest.approx(1.5 * error.val2, rel=1e-5)
    assert error.rel_err == pytest.approx(0.2, rel=1e-4)
    assert (error.abs_tol, error.rel_tol) == (1e-4, 1e-4)
    assert "argument 0 is wrong at position" in str(error)
    assert f"numeric {error.val2:.9g}" in str(error)
    assert any("inputs:" in note for note in error.__notes__)
    assert verify_grad.E_grad is GradientError


def test_tolerances_and_steps_can_be_given():
    off = lambda x: grad_scale(x, 1.001)  # noqa: E731
    with pytest.raises(GradientError):
        verify_grad(off, [np.ones(2)], rng=RNG)
    verify_grad(off, [np.ones(2)], rng=RNG, rel_tol=1e-2)
    verify_grad(off, [np.ones(2)], rng=RNG, abs_tol=1e-2)
    with pytest.raises(GradientError):
        verify_grad(T.exp, [np.ones(2)], rng=RNG, eps=0.5)


def test_a_compiler_can_be_given():
    built = []

    def build(inputs, outputs):
        built.append(len(outputs))
        return lambda *arrays: evaluate_graph(outputs, dict(zip(inputs, arrays, strict=True)))

    verify_grad(lambda x, y: x * y, [np.ones(2), np.ones(2)], rng=RNG, mode=build)
    assert built == [1, 1, 2]


@pytest.mark.parametrize("shape", [(), (0,), (1, 3)])
def test_any_shape_is_tested(shape):
    verify_grad(T.tanh, [np.full(shape, 0.5)], rng=RNG)


def test_wrong_arguments_are_refused():
    with pytest.raises(DTypeError, match="input 0"):
        verify_grad(T.exp, [np.ones(3, "int64")], rng=RNG)
    with pytest.raises(TypeError, match="random numbers"):
        verify_grad(T.exp, [np.ones(3)])
    with pytest.raises(TypeError, match="list of arrays"):
        verify_grad(T.exp, np.ones(3), rng=RNG)
    with pytest.raises(TypeError, match="one output"):
        verify_grad(lambda x: [x, x], [np.ones(3)], rng=RNG)
