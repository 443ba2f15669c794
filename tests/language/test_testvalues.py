"""Test values are computed while expressions are built, as far as the setting asks."""

import pickle

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym.config import config
from tensorsym.errors import TestValueError
from tensorsym.gof.op import get_test_value


@pytest.fixture(autouse=True)
def asked_for():
    with config.scope(compute_test_value="raise"):
        yield


def example(value):
    x = T.TensorType("float64", (None,) * np.ndim(value))("x")
    x.tag.test_value = np.asarray(value, float)
    return x


def test_a_wrong_shape_fails_in_the_line_that_builds_it():
    x, y = example(np.ones((2, 3))), example(np.ones((4, 5)))
    with pytest.raises(ValueError, match="inner lengths differ") as raised:
        T.dot(x, y)  # this line
    assert "x of shape (2, 3)" in str(raised.value)
    assert "T.dot(x, y)  # this line" in str(raised.value)


def test_a_missing_test_value_names_input_and_node():
    x = T.dvector("x")
    with pytest.raises(TestValueError, match=r"input 0 \(x\) of Op .*exp.*\(x\) missing"):
        T.exp(x)


def test_warn_goes_on_and_says_so():
    x = T.dvector("x")
    with (
        config.scope(compute_test_value="warn"),
        pytest.warns(UserWarning, match="missing default"),
    ):
        y = T.exp(x)
    assert not hasattr(y.tag, "test_value")


def test_off_computes_nothing():
    with config.scope(compute_test_value="off"):
        y = T.exp(example([1.0, 2.0]))
    assert not hasattr(y.tag, "test_value")


def test_gradients_have_test_values_and_can_be_used():
    x = example([1.0, 2.0])
    g = T.grad((x**3).sum(), x)
    np.testing.assert_allclose(g.tag.test_value, [3.0, 12.0])
    np.testing.assert_allclose((2 * g).sum().tag.test_value, 30.0)


def test_bodies_of_loops_see_the_first_step():
    x, start = example([[1.0, 2.0], [3.0, 4.0]]), example([10.0, 20.0])
    seen = []

    def step(row, total):
        seen.append((row.tag.test_value, total.tag.test_value))
        return row + total

    sums, _ = tensorsym.scan(step, x, outputs_info=start)
    np.testing.assert_array_equal(seen[0], [[1, 2], [10, 20]])
    np.testing.assert_array_equal(sums.tag.test_value, [[11, 22], [14, 26]])
    np.testing.assert_array_equal(T.grad(sums.sum(), start).tag.test_value, [2, 2])


def test_a_function_of_tested_expressions_compiles_and_ignores_them():
    x = example([1.0, 2.0])
    f = tensorsym.function([x], T.log(1 + T.exp(x)))
    np.testing.assert_allclose(f([0.0]), [np.log(2)])


def test_test_values_of_clones_are_those_of_the_original():
    x, y = example([1.0]), example([5.0])
    assert get_test_value(tensorsym.clone(x + 1, {x: y})) == [2.0]


def test_repr_shows_the_test_value_if_asked():
    x = example([1.0, 2.0])
    assert repr(x) == "x"
    with config.scope(print_test_value=True):
        assert repr(x) == "x\narray([1., 2.])"


def test_pickles_leave_test_values_out_if_asked():
    x = example([1.0])
    assert pickle.loads(pickle.dumps(x)).tag.test_value == [1.0]
    with config.scope(pickle_test_value=False):
        assert not hasattr(pickle.loads(pickle.dumps(x)).tag, "test_value")
        assert hasattr(x.clone().tag, "test_value")
