"""NanGuardMode, DebugMode, MonitorMode and config.check find what is wrong, and nothing else."""

import copy

import numpy as np
import pytest

import tensorsym
import tensorsym.tensor as T
from tensorsym.config import config
from tensorsym.errors import (
    BadDestroyMap,
    BadOptimization,
    BadThunkOutput,
    BadViewMap,
    InvalidValueError,
    NotFiniteError,
)
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.ifelse import ifelse
from tensorsym.language.elementwise import RECORDS
from tensorsym.rewrite import rewrite
from tensorsym.runtime.modes import DebugMode, MonitorMode, NanGuardMode

x = T.dvector("x")
m = T.dmatrix("m")


class Wrong(Op):
    """An op whose `perform` does what a test says."""

    __props__ = ()

    def __init__(self, perform):
        self.what = perform

    def make_node(self, v):
        return Apply(self, [v], [v.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = self.what(inputs[0])


def changes(v):
    v += 1
    return v.copy()


def test_nan_guard_names_the_line_of_the_first_bad_node():
    y = T.log(x)
    f = tensorsym.function([x], y * 2, mode=NanGuardMode(True, True, True))
    with pytest.raises(NotFiniteError, match="NaN detected in output 0") as raised:
        f([1.0, -1.0])
    assert "NaN at position (1,)" in str(raised.value)
    assert "y = T.log(x)" in str(raised.value)
    np.testing.assert_allclose(f([1.0, 2.0]), [0, 2 * np.log(2)])


def test_a_variable_can_be_left_out_of_the_guard():
    y = T.log(x)
    y.tag.nan_guard_mode_check = False
    f = tensorsym.function([x], y, mode=NanGuardMode(True, True, True, optimizer=None))
    assert np.isnan(f([-1.0]))


def test_debug_mode_agrees_with_whole_programs():
    w = tensorsym.shared(np.full(3, 0.1), "w")
    p = T.nnet.sigmoid(T.dot(m, w))
    cost = T.log(1 + T.exp(-p)).mean() + T.nnet.softmax(m).max()
    f = tensorsym.function([m], cost, updates=[(w, w - T.grad(cost, w))], mode="DebugMode")
    a = np.random.default_rng(3).normal(size=(5, 3))
    plain = tensorsym.function([m], cost)
    expected = plain(a)
    np.testing.assert_allclose(f(a), expected)
    assert plain(a) < expected


def test_debug_mode_follows_loops_and_branches():
    sums, _ = tensorsym.scan(lambda r, s: T.tanh(r + s), m, outputs_info=T.zeros_like(m[0]))
    out = ifelse(m.sum() > 0, sums[-1], T.exp(m[0]))
    f = tensorsym.function([m], [out, T.grad(out.sum(), m)], mode="DebugMode")
    g = tensorsym.function([m], [out, T.grad(out.sum(), m)])
    for a in (np.ones((4, 3)), -np.ones((4, 3))):
        for got, wanted in zip(f(a), g(a), strict=True):
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize(
    ("perform", "error"),
    [
        (changes, BadDestroyMap),
        (lambda v: v[:], BadViewMap),
        (lambda v: v.astype("float32"), InvalidValueError),
        (lambda v: v * np.nan, InvalidValueError),
    ],
    ids=["changes its input", "returns a view", "wrong dtype", "not finite"],
)
def test_debug_mode_refuses_ops_that_break_the_protocol(perform, error):
    f = tensorsym.function([x], Wrong(perform)(x * 2), mode="DebugMode")
    with pytest.raises(error) as raised:
        f([1.0, 2.0])
    assert "test_checks.py" in str(raised.value)


def test_debug_mode_may_allow_what_is_not_finite():
    f = tensorsym.function([x], T.log(x), mode=DebugMode(check_isfinite=False))
    assert np.isnan(f([-1.0]))


def test_a_wrong_rewrite_is_a_bad_optimization(monkeypatch):
    def rewritten_wrong(graph, query):
        report = rewrite(graph, query)
        graph.replace(graph.outputs[0], T.exp(graph.inputs[0]) + 1, reason="wrong")
        return report

    monkeypatch.setattr("tensorsym.runtime.backends.rewrite", rewritten_wrong)
    f = tensorsym.function([x], T.exp(x), mode="DebugMode")
    with pytest.raises(BadOptimization, match="another value after rewriting"):
        f([1.0])


def test_a_wrong_kernel_is_found_with_its_line(monkeypatch):
    with config.scope(check=True):
        f = tensorsym.function([x], T.exp(x))
    monkeypatch.setattr(type(RECORDS["exp"]), "reference", lambda record: np.expm1)
    with pytest.raises(BadThunkOutput, match="differs from NumPy") as raised:
        f([1.0])
    assert "f = tensorsym.function([x], T.exp(x))" in str(raised.value)


def test_a_wrong_product_is_found(monkeypatch):
    with config.scope(check=True):
        f = tensorsym.function([m], T.dot(m, m))
    f(np.ones((2, 2)))
    other = [np.full((2, 2), 3.0)], [np.ones(1)]
    monkeypatch.setattr("tensorsym.cpu.comparison._expected", lambda *a: other)
    with pytest.raises(BadThunkOutput):
        f(np.ones((2, 2)))


def test_check_tells_where_nan_appears_once():
    with config.scope(check=True):
        f = tensorsym.function([x], T.log(x) * 2)
    with pytest.warns(RuntimeWarning, match=r"NaN appears in .*log") as told:
        assert [np.isnan(f([-1.0])) for _ in range(2)] == [True, True]
    assert len(told) == 1
    assert "test_checks.py" in str(told[0].message)


def test_check_leaves_results_alone():
    e = T.exp(m)
    outputs = [T.tanh(T.dot(e, m)) + e.sum(axis=0), T.cast(m, "int32") // 2]
    a = np.random.default_rng(2).normal(size=(4, 4))
    plain = tensorsym.function([m], outputs)(a)
    with config.scope(check=True):
        f = tensorsym.function([m], outputs)
    for got, wanted in zip(f(a), plain, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_monitors_see_values_before_and_after():
    seen = []
    mode = MonitorMode(
        pre_func=lambda i, node, fn: seen.append((i, "before", fn.inputs[0][0].tolist())),
        post_func=lambda i, node, fn: seen.append((i, "after", fn.outputs[0][0].tolist())),
        optimizer=None,
    )
    tensorsym.function([x], T.sqr(x), mode=mode)([2.0])
    assert seen == [(0, "before", [2.0]), (0, "after", [4.0])]


def test_functions_of_checking_modes_can_be_copied():
    seen = []
    modes = [
        MonitorMode(post_func=lambda i, node, fn: seen.append(i)),
        NanGuardMode(True, True, True),
        DebugMode(),
    ]
    for mode in modes:
        f = copy.deepcopy(tensorsym.function([x], T.exp(x), mode=mode))
        np.testing.assert_allclose(f([0.0]), [1.0])
    assert seen == [0]


def test_detect_nan_prints_the_node_with_its_values(capsys):
    mode = MonitorMode(post_func=tensorsym.compile.monitormode.detect_nan)
    tensorsym.function([x], T.log(x), mode=mode)([-1.0])
    printed = capsys.readouterr().out
    assert "*** NaN detected ***" in printed
    assert "Inputs : [array([-1.])]" in printed
