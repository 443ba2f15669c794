"""Functions on the device: programs against the CPU, shared values, loops, branches, host ops."""

import copy
import pickle
import threading

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym import config, function, scan, shared
from tensorsym.cuda.array import DeviceArray
from tensorsym.ifelse import ifelse
from tensorsym.sandbox.rng_mrg import MRG_RandomStreams
from tensorsym.schedule.plan import Transfer

pytestmark = pytest.mark.usefixtures("context")
rng = np.random.default_rng(7)


def on_both(inputs, outputs, arrays, **options):
    """Run on the device and on the CPU; return both results."""
    devices = ("cuda", "cpu")
    return [function(inputs, outputs, device=d, **options)(*arrays) for d in devices]


def agree(inputs, outputs, arrays, rtol=1e-6):
    got, want = on_both(inputs, outputs, arrays)
    for mine, theirs in zip(got, want, strict=True):
        assert (mine.shape, mine.dtype) == (theirs.shape, theirs.dtype)
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=1e-7)


def transfers(compiled):
    """Return the texts of a function's transfers."""
    plan = compiled.executable.plan
    return [
        f"{plan.slots[i.input].name} to {i.device}"
        for i in plan.instructions
        if isinstance(i, Transfer)
    ]


def logistic_regression(device):
    x, y = T.dmatrix("x"), T.dvector("y")
    w, b = shared(np.zeros(12), name="w"), shared(0.0, name="b")
    p = T.nnet.sigmoid(T.dot(x, w) + b)
    cost = T.nnet.binary_crossentropy(p, y).mean() + 0.01 * (w**2).sum()
    gw, gb = T.grad(cost, [w, b])
    updates = [(w, w - 0.5 * gw), (b, b - 0.5 * gb)]
    return function([x, y], cost, updates=updates, device=device), w, b


def test_logistic_regression_learns_as_on_the_cpu():
    x = rng.normal(size=(50, 12))
    y = (x[:, 0] > 0).astype(float)
    results = []
    for device in ("cuda", "cpu"):
        step, w, b = logistic_regression(device)
        costs = [float(step(x, y)) for _ in range(30)]
        results.append((costs, w.get_value(), b.get_value()))
    for mine, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10)


def test_a_training_step_moves_arguments_in_and_results_out_only():
    step, _, _ = logistic_regression("cuda")
    moves = transfers(step)
    assert len(moves) == 3
    assert sum(move.endswith("to cuda") for move in moves) == 2


def test_shared_values_stay_on_the_device_between_calls():
    step, w, b = logistic_regression("cuda")
    step(np.ones((3, 12)), np.ones(3))
    assert isinstance(w.container.storage[0], DeviceArray)
    assert isinstance(b.container.storage[0], DeviceArray)
    assert isinstance(w.get_value(), np.ndarray)
    assert isinstance(w.get_value(borrow=True, return_internal_type=True), DeviceArray)


def test_a_function_of_the_cpu_reads_shared_values_of_the_device():
    w = shared(np.arange(3.0), name="w")
    grow = function([], [], updates=[(w, w * 2)], device="cuda")
    total = function([], w.sum(), device="cpu")
    grow()
    assert total() == 6
    grow()
    assert total() == 12


def test_a_value_set_on_the_host_is_uploaded():
    w = shared(np.arange(3.0), name="w")
    double = function([], w * 2, device="cuda")
    double()
    w.set_value(np.array([5.0]))
    np.testing.assert_array_equal(double(), [10.0])


def test_updates_are_all_or_nothing():
    w, v = shared(np.zeros(3), name="w"), shared(np.zeros(3), name="v")
    x = T.dvector("x")
    step = function([x], [], updates=[(w, w + 1), (v, v + x)], device="cuda")
    step(np.ones(3))
    with pytest.raises(ValueError, match="mismatch"):
        step(np.ones(4))
    np.testing.assert_array_equal(w.get_value(), np.ones(3))
    np.testing.assert_array_equal(v.get_value(), np.ones(3))


def test_swapped_updates_read_old_values():
    w, v = shared(np.zeros(2), name="w"), shared(np.ones(2), name="v")
    function([], [], updates=[(w, v), (v, w)], device="cuda")()
    np.testing.assert_array_equal(w.get_value(), np.ones(2))
    np.testing.assert_array_equal(v.get_value(), np.zeros(2))


def test_results_share_no_memory():
    x = T.dmatrix("x")
    run = function([x], [x, x, x.T, x[1:]], device="cuda")
    array = rng.normal(size=(3, 4))
    results = run(array)
    for k, one in enumerate(results):
        assert not np.may_share_memory(one, array)
        assert all(not np.may_share_memory(one, other) for other in results[k + 1 :])


def test_a_perceptron_learns_as_on_the_cpu():
    x, y = T.fmatrix("x"), T.lvector("y")
    first = rng.normal(size=(20, 15)).astype("float32") * 0.1
    second = rng.normal(size=(15, 4)).astype("float32") * 0.1
    data = rng.normal(size=(32, 20)).astype("float32"), rng.integers(0, 4, 32)
    results = []
    for device in ("cuda", "cpu"):
        w, v = shared(first, name="w"), shared(second, name="v")
        b, c = shared(np.zeros(15, "float32")), shared(np.zeros(4, "float32"))
        p = T.nnet.softmax(T.dot(T.tanh(T.dot(x, w) + b), v) + c)
        cost = T.nnet.categorical_crossentropy(p, y).mean()
        weights = [w, v, b, c]
        updates = [
            (p, p - np.float32(0.1) * g)
            for p, g in zip(weights, T.grad(cost, weights), strict=True)
        ]
        step = function([x, y], [cost, T.argmax(p, axis=1)], updates=updates, device=device)
        costs = [float(step(*data)[0]) for _ in range(10)]
        results.append([costs, *[p.get_value() for p in weights]])
    for mine, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


def test_minibatches_are_slices_of_data_on_the_device():
    data = shared(rng.normal(size=(40, 6)), name="data")
    i, x = T.lscalar("i"), T.dmatrix("x")
    run = function(
        [i], T.tanh(x).sum(axis=0), givens={x: data[i * 10 : (i + 1) * 10]}, device="cuda"
    )
    np.testing.assert_allclose(run(2), np.tanh(data.get_value()[20:30]).sum(axis=0))
    assert transfers(run) == ["Sum{axis=[0]}.0 to cpu"] or len(transfers(run)) == 1
    assert isinstance(data.container.storage[0], DeviceArray)


def test_a_recurrent_network_and_its_gradient():
    x, h0 = T.dtensor3("x"), T.dmatrix("h0")
    w, u = T.dmatrix("w"), T.dmatrix("u")
    h, _ = scan(lambda x_t, h_t: T.tanh(T.dot(x_t, w) + T.dot(h_t, u)), x, h0)
    cost = (h[-1] ** 2).sum()
    arrays = [rng.normal(size=s) * 0.5 for s in ((5, 4, 3), (4, 6), (3, 6), (6, 6))]
    agree([x, h0, w, u], [h, cost, *T.grad(cost, [w, u, h0])], arrays, rtol=1e-9)


def test_loops_end_early():
    x = T.dscalar("x")
    values, _ = scan(
        lambda v: (v * 2, tensorsym.scan_module.until(v * 2 > 50)), outputs_info=x, n_steps=100
    )
    agree([x], [values], [np.float64(1.0)])


def test_states_with_several_taps():
    x = T.dvector("x")
    values, _ = scan(lambda a, b: a + b, outputs_info=[{"initial": x, "taps": [-2, -1]}], n_steps=8)
    agree([x], [values, values[-1]], [np.array([1.0, 1.0])])


def test_branches_run_one_side():
    c, x = T.bscalar("c"), T.dmatrix("x")
    out = ifelse(c, T.exp(x).sum(axis=0), x[0] * 2)
    for choice in (0, 1):
        agree([c, x], [out, out + 1], [np.int8(choice), rng.normal(size=(3, 4))])


def test_ops_without_a_kernel_run_on_the_host():
    x = T.dmatrix("x")
    outputs = [T.sort(T.exp(x), axis=0) * 2, T.nlinalg.matrix_inverse(T.dot(x, x.T)) + 1]
    agree([x], outputs, [rng.normal(size=(3, 5))], rtol=1e-7)


def test_lengths_and_reshapes():
    x = T.fmatrix("x")
    n = x.shape[0] * x.shape[1]
    outputs = [x.reshape((n // 2, 2)).sum(axis=1), x.T.flatten() + n, T.zeros_like(x) + x.shape[0]]
    outputs += [x[::2, 1].dimshuffle("x", 0, "x") * 2, T.alloc(x.sum(), 3, 4), x[-1], x[:, ::-1]]
    agree([x], outputs, [rng.normal(size=(4, 6)).astype("float32")], rtol=1e-5)


def test_random_numbers_are_those_of_the_cpu():
    draws = []
    for device in ("cuda", "cpu"):
        stream = MRG_RandomStreams(3)
        draw = function([], stream.normal((4, 5)) * 2, device=device)
        draws.append([draw(), draw()])
    np.testing.assert_allclose(*draws, rtol=1e-6)


def test_the_setting_chooses_the_device():
    x = T.dvector("x")
    for name in ("cuda", "cuda0", "gpu", "cuda:0", "auto"):
        with config.scope(device=name):
            assert hasattr(function([x], x + 1).executable, "context")
    assert not hasattr(function([x], x + 1, device="cpu").executable, "context")


def test_pickles_and_copies_run_on_the_same_device():
    x, w = T.dvector("x"), shared(np.arange(3.0))
    run = function([x], x * w, device="cuda")
    run(np.ones(3))
    for twin in (copy.copy(run), pickle.loads(pickle.dumps(run))):
        assert hasattr(twin.executable, "context")
        np.testing.assert_array_equal(twin(np.ones(3)), [0, 1, 2])


def test_reading_a_shared_value_writes_nothing_back():
    w = shared(np.zeros(2))
    read = function([], w + 1, device="cuda")
    read()
    value = w.get_value()
    value[:] = 5
    np.testing.assert_array_equal(read(), [1, 1])


def test_threads_call_at_once():
    x = T.dmatrix("x")
    run = function([x], T.exp(x).sum(axis=0), device="cuda")
    array = rng.normal(size=(20, 3))
    want, results = run(array), []
    threads = [threading.Thread(target=lambda: results.append(run(array))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for result in results:
        np.testing.assert_array_equal(result, want)


def test_arguments_that_are_trusted_and_do_not_fit_are_refused():
    x, r = T.dmatrix("x"), T.drow("r")
    run = function([x, r], x + r, device="cuda", trust_input=True)
    good = np.ones((2, 3)), np.ones((1, 3))
    for bad in (np.ones((2, 3), "float32"), np.ones(3), 5.0):
        with pytest.raises(TypeError, match="expected an array"):
            run(bad, good[1])
    with pytest.raises(ValueError, match="expected length 1 in dimension 0"):
        run(good[0], np.ones((2, 3)))
    np.testing.assert_array_equal(run(*good), good[0] + 1)


def test_values_go_where_they_are_sent():
    x, a = T.dmatrix("x"), T.dscalar("a")
    outputs = [T.exp(x).transfer("cpu") * 2, T.exp(a.transfer("cuda")), x.transfer("cuda").T]
    agree([x, a], outputs, [rng.normal(size=(3, 4)), np.float64(0.5)])
