"""Deep and wide graphs: no recursion, time in proportion to the nodes."""

import gc
import sys
import time

import numpy as np
import pytest

import tensorsym.tensor as T
from tensorsym.autodiff.forward import Rop
from tensorsym.autodiff.reverse import grad
from tensorsym.graph.evaluate import evaluate_graph
from tensorsym.graph.walk import toposort

DEPTH = 100_000


def chain(x, depth):
    for _ in range(depth):
        x = T.tanh(x) + 0.1
    return x


def slope(at, depth):
    total = np.ones_like(at)
    for _ in range(depth):
        at = np.tanh(at)
        total *= 1 - at**2
        at = at + 0.1
    return total


@pytest.fixture
def shallow_stack():
    """Hold the recursion limit where Python's default is, whatever the test runner needs."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(before)


def test_a_chain_of_100_000_differentiates(shallow_stack):
    x = T.dvector("x")
    out = chain(x, DEPTH)
    found = grad(T.sum(out), x)
    assert len(toposort([found])) - len(toposort([out])) >= 3 * DEPTH


def test_forward_mode_is_as_deep(shallow_stack):
    x = T.dvector("x")
    depth = DEPTH // 5
    found = Rop(chain(x, depth), x, T.ones_like(x))
    assert len(toposort([found])) >= 5 * depth


def test_a_chain_has_the_product_of_its_slopes():
    x = T.dvector("x")
    at = np.array([-2.0, 0.0, 0.01])
    out = chain(x, 50)
    # Deeper, the product would underflow and prove nothing.
    expected = slope(at, 50)
    assert (expected > 1e-12).all()
    for found in (grad(T.sum(out), x), Rop(out, x, T.ones_like(x))):
        np.testing.assert_allclose(evaluate_graph([found], {x: at})[0], expected, rtol=1e-12)


def test_a_variable_used_2000_times_has_one_sum():
    x, y = T.dvector("x"), T.dvector("y")
    total = y
    for k in range(2000):
        total = total * 0.5 + x * float(k % 7)
    found = grad(T.sum(total), x)
    assert len(found.owner.inputs) == 2000
    value = evaluate_graph([found], {x: np.ones(2), y: np.ones(2)})[0]
    expected = sum(float(k % 7) * 0.5 ** (1999 - k) for k in range(1900, 2000))
    np.testing.assert_allclose(value, [expected] * 2, rtol=1e-12)


def test_time_is_proportional_to_nodes():
    def seconds(depth):
        x = T.dvector("x")
        cost = T.sum(chain(x, depth))
        gc.collect()
        before = time.process_time()
        grad(cost, x)
        return time.process_time() - before

    # A quadratic walk would take 100 times as long; measured 10 to 13 (15 us per new node).
    small = min(seconds(1000) for _ in range(3))
    assert seconds(10_000) < 40 * small
