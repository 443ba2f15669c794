"""Who owns and changes memory: views that escape, results in place, donations, threads."""

import gc
import sys
import threading
import tracemalloc

import numpy as np
import pytest
from tests.differ import assert_agree, executables
from tests.layouts import values

import tensorsym.tensor as T
from tensorsym.cpu.build import build
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.schedule.build import schedule

x, y = T.dvectors("x", "y")
m, n = T.dmatrices("m", "n")


def test_views_that_escape_share_memory_with_nothing():
    hidden = T.exp(m)
    constant = T.constant(np.arange(6.0).reshape(2, 3))
    outputs = [
        m, m, m.T, m[::-1], m[0], m[0, 0], m.reshape((-1,)),
        constant, constant.T, constant[0],
        hidden, hidden, hidden.T, hidden[1:], hidden[:, 0], hidden.reshape((-1,)), hidden[0, 0],
    ]  # fmt: skip
    assert_agree([m], outputs, [values((4, 3))])


def test_results_are_never_written_again():
    executable, _ = executables([m, n], [T.dot(T.exp(m), n), T.exp(m)[1:]])
    arrays = [values((3, 3)), values((3, 3), seed=1)]
    kept = executable(arrays)
    copies = [a.copy() for a in kept]
    for seed in range(2, 6):
        executable([values((3, 3), seed=seed), values((3, 3), seed=seed)])
    for array, copy in zip(kept, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_a_view_of_a_result_outlives_the_executable():
    executable = build(schedule(FunctionGraph([m], [T.exp(m)[1:, ::-1]])))
    (got,) = executable([np.zeros((30, 20))])
    del executable
    gc.collect()
    np.testing.assert_array_equal(got, np.ones((29, 20)))


def test_a_small_part_does_not_keep_a_large_block_alive():
    executable, _ = executables([m], [T.exp(m)[0]])
    (got,) = executable([np.zeros((1000, 10))])
    assert got.base is None


def test_an_operand_with_a_view_on_it_is_not_overwritten():
    e = T.exp(m)
    outputs = [T.tanh(e), e.T, e[::2] * 2.0, T.sqr(e) + e.T]
    assert_agree([m], outputs, [values((4, 4))])
    assert_agree([m], [T.tanh(e) + T.dot(e.T, e)], [values((4, 4))])


def test_operands_that_are_the_same_array():
    a = values((5, 5))
    assert_agree([m, n], [m + n, T.dot(m, n), m - n.T], [a, a])
    assert_agree([m, n], [m + n, T.dot(m, n)], [a, a.T])


def test_a_donated_argument_is_the_result():
    executable = build(schedule(FunctionGraph([x, y], [x - 0.5 * y]), donated=[0]))
    a, b = values(1000), values(1000, seed=1)
    expected = a - 0.5 * b
    (got,) = executable([a, b])
    assert got is a
    np.testing.assert_array_equal(got, expected)
    read_only = values(1000)
    read_only.flags.writeable = False
    (got,) = executable([read_only, b])
    assert not np.shares_memory(got, read_only)
    np.testing.assert_array_equal(read_only, values(1000))
    gapped = values(2000)[::2]
    (got,) = executable([gapped, b])
    assert not np.shares_memory(got, gapped)


def test_a_call_that_fails_leaves_donated_arguments_alone():
    executable = build(schedule(FunctionGraph([x, y], [x - 0.5 * y]), donated=[0]))
    a = values(4)
    with pytest.raises(ValueError, match="mismatch"):
        executable([a, values(3)])
    np.testing.assert_array_equal(a, values(4))


def test_arguments_and_results_are_not_held():
    executable, _ = executables([x, y], [x + y, T.exp(x)])
    a, b = values(100), values(100)
    before = sys.getrefcount(a), sys.getrefcount(b)
    for _ in range(10):
        results = executable([a, b])
    assert (sys.getrefcount(a), sys.getrefcount(b)) == before
    assert all(sys.getrefcount(r) == 3 for r in results)
    with pytest.raises(ValueError, match="mismatch"):
        executable([a, values(3)])
    gc.collect()
    assert (sys.getrefcount(a), sys.getrefcount(b)) == before


class Twice(Op):
    """Host op that keeps what it is given and what it returns."""

    __props__ = ()

    def __init__(self):
        self.kept = []

    def make_node(self, v):
        return Apply(self, [v], [v.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * 2
        self.kept += [inputs[0], output_storage[0][0]]


def test_arrays_that_a_host_op_keeps_are_not_written_again():
    op = Twice()
    executable = build(schedule(FunctionGraph([x], [T.exp(op(T.exp(x))), T.tanh(op(T.exp(x)))])))
    for seed in range(5):
        executable([values(50, seed=seed)])
    for seed in range(5):
        expected = np.exp(values(50, seed=seed))
        np.testing.assert_allclose(op.kept[2 * seed], expected, rtol=1e-14)
        np.testing.assert_allclose(op.kept[2 * seed + 1], 2 * expected, rtol=1e-14)
    assert not any(a.flags.writeable for a in op.kept[::2])


def test_calls_from_several_threads_do_not_meet():
    op = Twice()
    graph = FunctionGraph([m, n], [T.dot(T.exp(m), n).sum(axis=0), op(m).sum(), T.tanh(m + n) * m])
    executable = build(schedule(graph))
    failures = []

    def work(seed):
        a, b = values((40, 40), seed=seed), values((40, 40), seed=seed + 100)
        expected = [(np.exp(a) @ b).sum(axis=0), 2 * a.sum(), np.tanh(a + b) * a]
        for _ in range(200):
            for got, wanted in zip(executable([a, b]), expected, strict=True):
                if not np.allclose(got, wanted, rtol=1e-12, atol=1e-10):
                    failures.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_host_op_may_call_the_executable_it_runs_in():
    calls = []

    class Again(Twice):
        __props__ = ()

        def perform(self, node, inputs, output_storage):
            depth = len(calls)
            calls.append(depth)
            inner = executable([inputs[0] + 1])[0] if depth < 3 else inputs[0]
            output_storage[0][0] = np.array(inner)

    executable = build(schedule(FunctionGraph([x], [T.exp(Again()(x)) * 0.1])))
    (got,) = executable([np.zeros(3)])
    wanted = 3.0
    for _ in range(4):
        wanted = np.exp(wanted) * 0.1
    assert len(calls) == 4
    np.testing.assert_allclose(got, np.full(3, wanted))


def test_memory_does_not_grow_with_calls():
    executable, _ = executables([m, n], [T.dot(T.exp(m), n).T, T.exp(m)[1:], m.reshape((-1,)) + 1])
    arrays = [values((64, 64)), values((64, 64))]
    executable(arrays)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(100):
        executable(arrays)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 64 * 1024
