"""Calling conventions of compiled functions, updates, givens, defaults, copies."""

# ruff: noqa: E501
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

from .case import blocks

EXECUTES = True
DECLARED = "x=float64: y=float64: v=float64:F m=float64:FF n=int64: f=float32:"

OUTPUTS = """
function([x], x)(1)

function([x], [x])(1)

function([x], (x, x * 2))(1)

function([x], [])(1)

function([x], None, on_unused_input='ignore')(1)

function([], [])()

function([], None)()

function([], T.constant(2.))()

function([x], {'b': x, 'a': x + 1})(1)

list(function([x], {'b': x, 'a': x + 1})(1))

function([x], {}, on_unused_input='ignore')(1)

function([x], Out(x))(1)

function([x], [Out(x, borrow=True), x])(1)

function([x], OrderedDict([('z', x), ('a', x)]))(1)

function([x], [x, x])(1)

function([v], v.shape)([1, 2])

function([v], v.shape[0])([1, 2])

function([v], [v, v.sum()])([1, 2])

r = function([x], x)(1); [isinstance(r, np.ndarray), r.ndim]

r = function([x], x + 1)(1); [isinstance(r, np.ndarray), r.ndim]

r = function([v], v.sum())([1, 2]); [isinstance(r, np.ndarray), r.ndim]

r = function([n], n + 1)(1); [isinstance(r, np.ndarray), r.ndim, r.dtype.name]

a = np.ones(2); r = function([v], v)(a); [r is a, np.may_share_memory(r, a)]

a = np.ones(2); r = function([In(v, borrow=True)], Out(v, borrow=True))(a); r is a

s = shared(np.ones(2)); r = function([], s)(); np.may_share_memory(r, s.get_value(borrow=True))

g = function([v], [v + 1, v + 1]); r = g([1]); np.may_share_memory(r[0], r[1])

g = function([v], v + 1); a = g([1]); b = g([2]); [a, b]

a = np.ones(2); function([In(v, mutable=True)], v * 2)(a)

x.eval({x: 3})

(x + y).eval({x: 3, y: 4})

(x + 1).eval({x: 3}).dtype.name

shared(3.).eval()

T.constant([1, 2]).eval()
"""
INPUTS = """
g = function([x, y], x - y); [g(3, 1), g(3, y=1), g(y=1, x=3)]

g = function([In(x, value=2.), y], x + y); attempt(lambda: g(1))

g = function([x, In(y, value=2.)], x + y); [g(1), g(1, 5), g(1), g(1, y=7), g(x=1)]

g = function([x, In(y, value=2., name='other')], x + y); [g(1), g(1, other=5), attempt(lambda: g(1, y=5))]

g = function([x, In(y, value=2.)], x + y); [g['y'], g[y], attempt(lambda: g['x'])]

g = function([x, In(y, value=2.)], x + y); g['y'] = 10.; [g(1), g['y']]

g = function([x, In(y, value=2.)], x + y); g[y] = 10.; g(1)

g = function([x, In(y, value=2.)], x + y); attempt(lambda: g.__setitem__('y', 'text'))

g = function([x, In(y, value=2.)], x + y); g.container['y'].value

g = function([x, In(y, value=2.)], x + y); g.value['y']

g = function([In(x, value=0., update=x + 1)], x); [g(), g(), g['x']]

g = function([In(x, value=0., update=x + 1)], x); [g(), g(5.), g(), g['x']]

g = function([In(x, value=0., update=x + y), y], x); [attempt(lambda: g(1.))]

g = function([y, In(x, value=0., update=x + y)], x); [g(1), g(2), g['x']]

g = function([y, In(x, value=0., update=x + y, mutable=True)], x); [g(1), g(2), g['x']]

g = function([y, In(x, value=0., update=x + y, mutable=True)], x); h = function([y, In(x, value=g.container[x], update=x - y, mutable=True)], x); [g(1), h(5), g['x'], h['x']]

g = function([In(x, name='a'), In(y, name='b')], x - y); g(b=1, a=3)

g = function([T.dscalar(), T.dscalar('q')], []); attempt(lambda: g(1, q=2))

g = function([T.dscalar('q'), T.dscalar('q')], []); attempt(lambda: g(1, q=2))

g = function([T.dscalar('q'), T.dscalar('q')], []); g(1, 2)

g = function([(x, 2.), y], x + y); attempt(lambda: g(y=1))

function([theano.Param(x, default=2.)], x)()

g = function([In(x, value=2.)], x); [g(), g(None)]

g = function([In(f, value=2)], f); [g(), g()]

attempt(lambda: function([In(f, value=0.1)], f)())

function([In(f, value=0.1, allow_downcast=True)], f)()

g = function([In(v, value=[1, 2])], v * 2); [g(), g([3])]

g = function([f], f, allow_input_downcast=True); g(np.float64(0.1))

attempt(lambda: function([f], f, allow_input_downcast=False)(0.1))

attempt(lambda: function([In(f, strict=True)], f)(np.float32(1)))

attempt(lambda: function([In(v, strict=True)], v)([1, 2]))

function([In(v, strict=True)], v)(np.ones(1))

s = shared(2., name='s'); g = function([x], x * s); [g(3), g[s], g['s']]

s = shared(2., name='s'); g = function([x], x * s); attempt(lambda: g(3, s=4))

g = function([x], x, name='double'); g.name

g = function([x], x); [g.name, g.maker.name]

g = function([x, y], [x, y]); [g(1, 2, output_subset=[1]), g(1, 2, output_subset=[0]), g(1, 2, output_subset=[])]

g = function([x], {'a': x, 'b': x + 1}); g(1, output_subset=['b'])

s = shared(0.); g = function([x], [x, x + 1], updates=[(s, s + x)]); [g(2, output_subset=[1]), s.get_value()]

s = shared(2.); g = function([], s); [v_ is s for v_ in g.get_shared()]

g = function([x], x + 1); g.trust_input = True; g(np.asarray(2.))

len(function([x], T.exp(x)).maker.fgraph.inputs)

len(function([x], [T.exp(x), x]).maker.fgraph.outputs)
"""
UPDATES = """
s = shared(0.); g = function([x], s, updates=[(s, s + x)]); [g(1), g(2), s.get_value()]

s = shared(0.); g = function([x], s + x, updates=[(s, s + x)]); [g(1), g(2), s.get_value()]

a = shared(1.); b = shared(2.); g = function([], [a, b], updates=[(a, b), (b, a)]); [g(), g(), a.get_value(), b.get_value()]

a = shared(1.); b = shared(2.); g = function([], [], updates=OrderedDict([(a, a + b), (b, a * b)])); g(); [a.get_value(), b.get_value()]

a = shared(1.); b = shared(2.); g = function([], [], updates={a: a + b}); g(); [a.get_value(), b.get_value()]

s = shared(0.); g = function([], None, updates=[(s, s + 1)]); [g(), s.get_value()]

s = shared(0.); g = function([], updates=[(s, s + 1)]); [g(), s.get_value()]

s = shared(0); function([], [], updates=[(s, s + 1)])(); s.get_value()

s = shared(0); g = function([n], [], updates=[(s, n)]); g(5); s.get_value()

s = shared(np.zeros(2)); g = function([], [], updates=[(s, T.set_subtensor(s[0], 5))]); g(); s.get_value()

s = shared(np.zeros(2)); g = function([], s, updates=[(s, T.inc_subtensor(s[0], 5))]); [g(), s.get_value()]

s = shared(np.zeros(2)); g = function([v], s.sum(), updates=[(s, s + v)]); [attempt(lambda: g([1, 2, 3])), s.get_value(), g([1, 2]), s.get_value()]

a = shared(np.zeros(2)); b = shared(np.zeros(2)); g = function([v, n], v[n], updates=[(a, a + v), (b, v[n] + b)]); [attempt(lambda: g([1, 2], 5)), a.get_value(), b.get_value()]

s = shared(np.zeros(2)); before = s.get_value(borrow=True); function([], [], updates=[(s, s + 1)])(); s.get_value()

s = shared(1.); s.default_update = s * 2; g = function([], s); [g(), g(), s.get_value()]

s = shared(1.); s.default_update = s * 2; g = function([], s, no_default_updates=True); [g(), s.get_value()]

s = shared(1.); s.default_update = s * 2; g = function([], s, no_default_updates=[s]); [g(), s.get_value()]

s = shared(1.); s.default_update = s * 2; g = function([], s, updates=[(s, s + 10)]); [g(), s.get_value()]

s = shared(1.); s.default_update = s * 2; g = function([x], x); [g(1), s.get_value()]

a = shared(1.); b = shared(1.); a.default_update = b * 2; b.default_update = a + 5; g = function([], a); [g(), a.get_value(), b.get_value()]

s = shared(1.); g = function([], s, givens=[(s, s + 1)]); g()

s = shared(1.); g = function([x], s * 2, givens={s: x}); [g(4), s.get_value()]

g = function([y], x * 2, givens={x: y + 1}); g(4)

g = function([y], x * 2, givens=[(x, y + 1)]); g(4)

g = function([], x * 2, givens={x: T.constant(3.)}); g()

g = function([], x * 2, givens={x: 3.}); g()

e = x + 1; g = function([y], e * 2, givens={e: y}); g(4)

g = function([x], x + y, givens={y: x * 2}); g(1)

g = function([], x + y, givens=[(x, y), (y, T.constant(1.))]); attempt(g)

s = shared(1.); g = function([x], [], updates=[(s, s + y)], givens={y: x}); g(4); s.get_value()

g = function([f], x * 2, givens={x: f}); g(1)

attempt(lambda: function([v], x * 2, givens={x: v}))

attempt(lambda: function([f], T.exp(f), givens={f: x}))

function([x], x * 2, givens={}, updates=[], mode='FAST_COMPILE')(2)

function([x], x * 2, mode=theano.Mode(linker='py', optimizer=None))(2)

function([x], x * 2, mode='FAST_RUN')(2)

s = shared(np.ones(2)); s.zero(); s.get_value()

s = shared(np.ones(2)); s.set_value(np.ones(3)); s.get_value()

a = np.ones(2); s = shared(a); a[0] = 5; s.get_value()

a = np.ones(2); s = shared(a, borrow=True); a[0] = 5; s.get_value()

s = shared(np.ones(2)); r = s.get_value(); r[0] = 5; s.get_value()

s = shared(np.ones(2)); r = s.get_value(borrow=True); r[0] = 5; s.get_value()

a = np.ones(2); s = shared(np.zeros(2)); s.set_value(a); a[0] = 5; s.get_value()

a = np.ones(2); s = shared(np.zeros(2)); s.set_value(a, borrow=True); a[0] = 5; s.get_value()

s = shared(1., name='s'); c = s.clone(); s.set_value(2.); [c.get_value(), c.name]

s = shared(1.); s.container.value

s = shared(1.); s.container.value = 5.; s.get_value()

s = shared(np.float32(1)); s.set_value(2); s.get_value()
"""
COPIES = """
s = shared(1.); t = shared(10.); g = function([x], s + x); h = g.copy(swap={s: t}); [g(1), h(1)]

s = shared(1.); t = shared(10.); g = function([x], s, updates=[(s, s + x)]); h = g.copy(swap={s: t}); h(1); [s.get_value(), t.get_value()]

s = shared(1.); g = function([x], s, updates=[(s, s + x)]); h = g.copy(); h(1); s.get_value()

s = shared(1.); g = function([x], s, updates=[(s, s + x)]); h = g.copy(delete_updates=True); [h(1), s.get_value()]

s = shared(1.); g = function([x], s + x); h = g.copy(share_memory=True); [g(1), h(2), g(3)]

s = shared(1.); g = function([x], s + x, name='g'); h = g.copy(name='h'); h.name

s = shared(1.); g = function([x], s + x, name='g'); h = g.copy(); h.name

s = shared(1.); t = shared(np.ones(2)); g = function([x], s + x); attempt(lambda: g.copy(swap={s: t}))

s = shared(1.); t = shared(np.float32(1)); g = function([x], s + x); attempt(lambda: g.copy(swap={s: t}))

s = shared(1.); t = shared(1.); g = function([x], x + 1); attempt(lambda: g.copy(swap={s: t}))

g = function([y, In(x, value=0., update=x + y)], x); h = g.copy(); [g(1), h(2), g['x'], h['x']]

import copy; s = shared(1.); g = function([x], s, updates=[(s, s + x)]); h = copy.copy(g); h(1); s.get_value()

import copy; s = shared(1.); g = function([x], s, updates=[(s, s + x)]); h = copy.deepcopy(g); [h(1), h(1), s.get_value()]

import copy; g = function([y, In(x, value=0., update=x + y)], x); g(1); h = copy.deepcopy(g); [h(1), g['x'], h['x']]

import pickle; g = function([x], T.exp(x)); pickle.loads(pickle.dumps(g))(0)

import pickle; s = shared(1.); g = function([x], s, updates=[(s, s + x)]); h = pickle.loads(pickle.dumps(g)); [h(1), h(1), s.get_value()]

import pickle; s = pickle.loads(pickle.dumps(shared(1., name='s'))); [s.get_value(), s.name]

import pickle; e = pickle.loads(pickle.dumps(x + 1)); e.type == x.type

import copy; e = copy.copy(x); [e is x, e.name]

import copy; e = copy.deepcopy(x + 1); e.type == x.type

theano.clone(x + y, replace={x: y}).eval({y: 3})

theano.clone([x + y, x], replace=[(x, y)])[0].eval({y: 3})

g = function([x], T.exp(x)); g.free(); g(0)

theano.OpFromGraph([x, y], [x * y])(x, y).eval({x: 2, y: 3})
"""
CONTROL = """
theano.scan(lambda p: p * 2, sequences=v)[0].eval({v: [1, 2, 3]})

r, u = theano.scan(lambda a, b: a + b, sequences=v, outputs_info=T.constant(0.)); [r.eval({v: [1, 2, 3]}), len(u)]

r, u = theano.scan(lambda a: a * 2, outputs_info=T.constant(1.), n_steps=4); r.eval()

r, u = theano.scan(lambda a: a * 2, outputs_info=T.constant(1.), n_steps=n); r[-1].eval({n: 3})

r, u = theano.map(lambda a: a ** 2, v); r.eval({v: [1, 2]})

r, u = theano.reduce(lambda a, b: a + b, v, T.constant(0.)); r.eval({v: [1, 2]})

r, u = theano.foldl(lambda a, b: a * 2 + b, v, T.constant(0.)); r.eval({v: [1, 2, 3]})

r, u = theano.foldr(lambda a, b: a * 2 + b, v, T.constant(0.)); r.eval({v: [1, 2, 3]})
"""


def groups():
    """Return every group of the file, by name."""
    return {
        "outputs": blocks(OUTPUTS, DECLARED),
        "inputs": blocks(INPUTS, DECLARED),
        "updates and givens": blocks(UPDATES, DECLARED),
        "copies": blocks(COPIES, DECLARED),
        "loops": blocks(CONTROL, DECLARED),
    }
