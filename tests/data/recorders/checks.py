"""Test values, NaN guards and monitors: what is checked while programs are built and run."""

# ruff: noqa: E501
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

from .case import blocks

EXECUTES = True
DECLARED = "x=float64:FF y=float64:FF v=float64:F f=float32:F z=float64:"

RAISE = """
x + 1

z + 1

x.tag.test_value = np.ones((2, 3)); (x + 1).tag.test_value

x.tag.test_value = np.ones((2, 3)); (x * 2).sum().tag.test_value

x.tag.test_value = np.ones((2, 3)); y.tag.test_value = np.ones((4, 5)); T.dot(x, y)

x.tag.test_value = np.ones((2, 3)); y.tag.test_value = np.ones((4, 5)); x + y

x.tag.test_value = np.ones((2, 3)); x + y

x.tag.test_value = np.ones(3); x + 1

x.tag.test_value = np.ones((2, 2), 'float32'); (x + 1).tag.test_value

f.tag.test_value = np.ones(2); f + 1

v.tag.test_value = [1, 2, 3]; (v + 1).tag.test_value

s = shared(np.arange(3.)); (s + 1).tag.test_value

(T.constant(2) + 1).tag.test_value

v.tag.test_value = np.arange(3.); T.grad((v ** 2).sum(), v).tag.test_value

v.tag.test_value = np.arange(3.); T.grad(T.exp(v).sum(), v).sum().tag.test_value

x.tag.test_value = np.ones((2, 3)); y.tag.test_value = np.zeros((2, 3)); theano.clone(x + 1, {x: y}).tag.test_value

v.tag.test_value = np.arange(3.); theano.scan(lambda a: a * 2, sequences=v)[0].tag.test_value

v.tag.test_value = np.arange(3.); seen = []; theano.scan(lambda a: [a * 2, seen.append((a * 3).tag.test_value)][0], sequences=v); seen[0]

theano.scan(lambda a: a * 2, sequences=v)

x.tag.test_value = np.ones((3, 2)); v.tag.test_value = np.ones(4); theano.scan(lambda a, b: a + b, sequences=x, non_sequences=v)

v.tag.test_value = np.arange(3.); v[5]

v.tag.test_value = np.arange(3.); function([v], v * 2)([1, 2])

get_test_value = theano.gof.op.get_test_value; x.tag.test_value = np.ones((2, 3)); get_test_value((x + 1).sum())

get_test_value = theano.gof.op.get_test_value; get_test_value(3)

get_test_value = theano.gof.op.get_test_value; get_test_value(np.ones(2))

get_test_value = theano.gof.op.get_test_value; get_test_value(shared(np.ones(2)))

get_test_value = theano.gof.op.get_test_value; get_test_value(v)

get_test_value = theano.gof.op.get_test_value; v.tag.test_value = np.ones((2, 2)); get_test_value(v)

get_debug_values = theano.gof.op.get_debug_values; v.tag.test_value = np.ones(2); list(get_debug_values(v, T.constant(1.)))[0][0]

get_debug_values = theano.gof.op.get_debug_values; list(get_debug_values(v))

debug_error_message = theano.gof.op.debug_error_message; debug_error_message('it is wrong')

debug_assert = theano.gof.op.debug_assert; debug_assert(False, 'it is wrong')
"""
WARN = """
(x + 1).type == x.type

hasattr((x + 1).tag, 'test_value')

x.tag.test_value = np.ones((2, 3)); y.tag.test_value = np.ones((4, 5)); T.dot(x, y)

x.tag.test_value = np.ones((2, 3)); (x + 1).tag.test_value

get_debug_values = theano.gof.op.get_debug_values; list(get_debug_values(v))

debug_error_message = theano.gof.op.debug_error_message; debug_error_message('it is wrong')
"""
OFF = """
x.tag.test_value = np.ones((2, 3)); y.tag.test_value = np.ones((4, 5)); T.dot(x, y).ndim

x.tag.test_value = np.ones((2, 3)); hasattr((x + 1).tag, 'test_value')

get_test_value = theano.gof.op.get_test_value; get_test_value(v)

get_debug_values = theano.gof.op.get_debug_values; list(get_debug_values(v))
"""
NAN_GUARD = """
import importlib; NanGuardMode = importlib.import_module(theano.__name__ + '.compile.nanguardmode').NanGuardMode; function([v], T.log(v), mode=NanGuardMode(True, True, True))([1, 2])

import importlib; NanGuardMode = importlib.import_module(theano.__name__ + '.compile.nanguardmode').NanGuardMode; function([v], T.log(v), mode=NanGuardMode(True, True, True))([-1, 2])

import importlib; NanGuardMode = importlib.import_module(theano.__name__ + '.compile.nanguardmode').NanGuardMode; function([v], T.log(v), mode=NanGuardMode(True, True, True))([0, 2])

import importlib; NanGuardMode = importlib.import_module(theano.__name__ + '.compile.nanguardmode').NanGuardMode; function([v], T.log(v), mode=NanGuardMode(True, False, False))([0, 2])

import importlib; NanGuardMode = importlib.import_module(theano.__name__ + '.compile.nanguardmode').NanGuardMode; function([v], T.log(v), mode=NanGuardMode(False, True, True))([-1, 2])

import importlib; NanGuardMode = importlib.import_module(theano.__name__ + '.compile.nanguardmode').NanGuardMode; function([v], v * 2, mode=NanGuardMode(True, True, True))([np.nan, 2])

import importlib; NanGuardMode = importlib.import_module(theano.__name__ + '.compile.nanguardmode').NanGuardMode; function([v], v * 1e6, mode=NanGuardMode(True, True, True))([1e6, 2])

import importlib; NanGuardMode = importlib.import_module(theano.__name__ + '.compile.nanguardmode').NanGuardMode; function([v], v * 1e6, mode=NanGuardMode(True, True, False))([1e6, 2])

import importlib; NanGuardMode = importlib.import_module(theano.__name__ + '.compile.nanguardmode').NanGuardMode; function([v], v * 1e-6, mode=NanGuardMode(True, True, True))([1e11, 2])

function([v], T.log(v), mode='NanGuardMode')([-1, 2])

function([v], T.log(v), mode='NanGuardMode')([1, 2])

import importlib; NanGuardMode = importlib.import_module(theano.__name__ + '.compile.nanguardmode').NanGuardMode; s = shared(np.array([1., np.inf])); function([], s * 2, mode=NanGuardMode(True, True, True))()
"""
DEBUG = """
function([v], T.exp(v) * 2, mode='DebugMode')([0, 1])

function([v], T.log(1 + T.exp(v)), mode='DEBUG_MODE')([0, 1])

s = shared(1.); g = function([z], s * z, updates=[(s, s + z)], mode='DebugMode'); [g(2), g(2), s.get_value()]

DebugMode = theano.compile.debugmode.DebugMode; function([x, y], T.dot(x, y), mode=DebugMode())([[1]], [[2]])

DebugModeError = theano.compile.debugmode.DebugModeError; BadThunkOutput = theano.compile.debugmode.BadThunkOutput; issubclass(BadThunkOutput, DebugModeError)

DebugModeError = theano.compile.debugmode.DebugModeError; BadOptimization = theano.compile.debugmode.BadOptimization; InvalidValueError = theano.compile.debugmode.InvalidValueError; BadDestroyMap = theano.compile.debugmode.BadDestroyMap; BadViewMap = theano.compile.debugmode.BadViewMap; StochasticOrder = theano.compile.debugmode.StochasticOrder; [issubclass(e, DebugModeError) for e in (BadOptimization, InvalidValueError, BadDestroyMap, BadViewMap, StochasticOrder)]

function([v], T.log(v), mode='DebugMode')([-1])

DebugMode = theano.compile.debugmode.DebugMode; function([v], T.log(v), mode=DebugMode(check_isfinite=False))([-1])
"""
MONITOR = """
MonitorMode = theano.compile.monitormode.MonitorMode; seen = []; function([v], T.exp(v), mode=MonitorMode(post_func=lambda fgraph, node, fn: seen.append(np.asarray(fn.outputs[0][0]).copy())))([0, 1]); seen[0]

MonitorMode = theano.compile.monitormode.MonitorMode; seen = []; function([v], T.exp(v), mode=MonitorMode(pre_func=lambda fgraph, node, fn: seen.append(np.asarray(fn.inputs[0][0]).copy())))([0, 1]); seen[0]

MonitorMode = theano.compile.monitormode.MonitorMode; detect_nan = theano.compile.monitormode.detect_nan; function([v], T.log(v), mode=MonitorMode(post_func=detect_nan))([1, 1])
"""


def groups():
    """Return every group of the file, by name."""
    return {
        "test values that must be there": blocks(RAISE, DECLARED, compute_test_value="raise"),
        "test values that may be missing": blocks(WARN, DECLARED, compute_test_value="warn"),
        "test values not missed": blocks(WARN, DECLARED, compute_test_value="ignore"),
        "no test values": blocks(OFF, DECLARED),
        "nan guard": blocks(NAN_GUARD, DECLARED),
        "debug mode": blocks(DEBUG, DECLARED),
        "monitors": blocks(MONITOR, DECLARED),
    }
