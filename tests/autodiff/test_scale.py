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
    new = len(toposort([found])) - len(toposort([out]))
    assert new >= 3 * DEPTH
    at = np.array([0.0, 0.01])
    np.testing.assert_allclose(evaluate_graph([found], {x: at})[0], slope(at, DEPTH), rtol=1e-9)


def test_forward_mode_is_as_deep(shallow_stack):
    x = T.dvector("x")
    depth = DEPTH // 10
    found = Rop(chain(x, depth), x, T.ones_like(x))
    at = np.array([0.0, 0.01])
    np.testing.assert_allclose(evaluate_graph([found], {x: at})[0], slope(at, depth), rtol=1e-9)


def test_a_variable_used_10_000_times_has_one_sum():
    x, y = T.dvector("x"), T.dvector("y")
    total = y
    for k in range(10_000):
        total = total * 0.5 + x * float(k % 7)
    found = grad(T.sum(total), x)
    assert len(found.owner.inputs) == 10_000
    value = evaluate_graph([found], {x: np.ones(2), y: np.ones(2)})[0]
    expected = sum(float(k % 7) * 0.5 ** (9999 - k) for k in range(9900, 10_000))
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
