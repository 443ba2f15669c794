"""How misuse fails: the error's class and the first line of its message."""

# ruff: noqa: E501
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

from .case import lines

MESSAGES = True
EXECUTES = True
DECLARED = "x=float64: y=float64: v=float64:F w=float64:F m=float64:FF n=int64: i=int64:F r=float64:TF f=float32:"

BUILD = """
function([x, y], x)
function([x, y], x, on_unused_input='raise')
function([x, y], x, on_unused_input='ignore')(1, 2)
function([x, y], x, on_unused_input=None)(1, 2)
warned(lambda: function([x, y], x, on_unused_input='warn'))
function([x, y], x, on_unused_input='other')
function([x, x], x)
function([x], y)
function([x], x + y)
function([], x)
function([x], x, givens={x: y})
function([x], [x], givens=[(x, y)], on_unused_input='ignore')
function(x, x)
function([x], [[x]])
function([x], 'text')
function([x], 3)(1)
function([x], None)(1)
function([x], [None])
function([x], {1: x})
function([x], {'a': x, 'b': 2})(1)
function([x], x, mode='NO_SUCH_MODE')
function([x], x, wrong=1)
function([3], [])
function(['x'], [])
function([x.type], x)
function([x + 1], x + 1)(2)
function([T.constant(1.)], x)
function([shared(1.)], x)
function([In(x, value=1)], x)()
function([In(x, value='a')], x)
function([In(x, value=1), y], x + y)(2)
function([(x, 1)], x)()
function([x], x, updates=[(x, x)])
function([x], x, updates=[(shared(1.), x), (shared(1.), x)])(1)
function([x], x, updates=3)
function([x], x, updates={shared(1.): x})(1)
function([x], x, updates=[shared(1.)])
function([x], x, givens=3)
function([x], x, givens={3: x})
function([v], v, givens={v: m})
function([f], x, givens={x: f})
function([f], f, givens={f: T.constant(1.)})
function([x], x, name=3)(1)
function([x], x, no_default_updates='yes')(1)
function([x], x, no_default_updates=[x])(1)
function([x], x, allow_input_downcast='yes')(1)
In(x, name='a', update=x + 1)
In(x, mutable=True, borrow=False)
In(3)
Out(3)
"""
UPDATES = """
s = shared(1.); function([], [], updates=[(s, s + 1)])(); s.get_value()
s = shared(1.); function([], [], updates=[(s, s + 1), (s, s + 2)])
s = shared(1.); function([f], [], updates=[(s, f)])(2); s.get_value()
s = shared(np.float32(1)); function([x], [], updates=[(s, x)])
s = shared(np.float32(1)); function([n], [], updates=[(s, n)])
s = shared(1); function([x], [], updates=[(s, x)])
s = shared(1); function([], [], updates=[(s, s + 1.0)])
s = shared(1.); function([v], [], updates=[(s, v)])
s = shared(np.ones(2)); function([x], [], updates=[(s, x)])
s = shared(np.ones((1, 2))); function([r], [], updates=[(s, r)])([[3, 4]]); s.get_value()
s = shared(np.ones((1, 2)), broadcastable=(True, False)); function([m], [], updates=[(s, m)])
s = shared(np.ones(2)); function([], [], updates=[(s, [1, 2])])
s = shared(np.ones(2)); function([], [], updates=[(s, np.ones(3))])(); s.get_value()
s = shared(np.ones(2)); function([], [], updates=[(s, 'a')])
s = shared(np.ones(2)); function([], [], updates=[(s, None)])
s = shared([1]); function([], [], updates=[(s, [2])])
s = shared(1.); s.default_update = m; function([m], s)
s = shared(1.); s.default_update = s + 1; function([], s)(); s.get_value()
function([], [], updates=[(T.constant(1.), x)])
function([x], [], updates=[(T.exp(x), x)])
function([x], [], updates=[(3, x)])
function([], [], updates=[('s', 1)])
s = shared(1.); function([s], s)
s = shared(1.); function([In(x, update=s)], x)
s = shared(1.); s + 'a'
s = shared(1.); s.set_value(np.ones(2)); s.get_value()
s = shared(np.ones(2)); s.set_value(1.)
s = shared(np.ones(2)); s.set_value('a')
s = shared(1.); s.value
s = shared(1.); s.wrong
"""
GRADIENTS = """
T.grad(v, v)
T.grad(m.sum(axis=0), m)
T.grad(x, 3)
T.grad(3, x)
T.grad('a', x)
T.grad(x, 'x')
T.grad(None, x)
T.grad(x, y)
T.grad(x, [x, y])
T.grad(x, y, disconnected_inputs='raise')
T.grad(x, y, disconnected_inputs='ignore')
T.grad(x, y, disconnected_inputs='warn')
warned(lambda: T.grad(x, y, disconnected_inputs='warn'))
T.grad(x, y, disconnected_inputs='other')
T.grad(x, [x, y], disconnected_inputs='ignore', return_disconnected='None')
T.grad(x, [x, y], disconnected_inputs='ignore', return_disconnected='Disconnected')
T.grad(x, [x, y], disconnected_inputs='ignore', return_disconnected='zero')
T.grad(x, [x, y], disconnected_inputs='ignore', return_disconnected='other')
T.grad(n, n)
T.grad(n + x, n)
T.grad(n * x, n)
T.grad(n * 2, n)
T.grad(T.cast(n, 'float64'), n)
T.grad(T.cast(x, 'int64'), x)
T.grad(T.floor(x), x)
T.grad(T.argmax(v), v)
T.grad(T.cast(T.argmax(v), 'float64'), v)
T.grad((x > 0) * 1.0, x)
T.grad(T.eq(x, y), x)
T.grad(v[n], n)
T.grad(v[i].sum(), i)
T.grad(v.reshape((n,)).sum(), n)
T.grad(T.arange(x).sum(), x)
T.grad(T.zeros((n,)).sum(), n)
T.grad(v.shape[0], v)
T.grad(T.cast(v.shape[0], 'float64'), v)
T.grad(T.cast(T.zeros_like(v).sum(), 'float64'), v)
T.grad(T.zscalar(), x)
T.grad(T.real(T.zscalar('z')), x)
T.grad(None, x, known_grads={y: y})
T.grad(None, x, known_grads={x: y})
T.grad(None, x, known_grads={v: x})
T.grad(x, x, known_grads=[(x, y)])
T.grad(x, x, consider_constant=[x])
T.grad(x, x, consider_constant=3)
T.grad(x ** 2, [])
T.grad(x ** 2, (x,))
theano.grad(theano.gradient.undefined_grad(x), x)
theano.grad(theano.gradient.undefined_grad(x), x, null_gradients='return')
theano.grad(theano.gradient.undefined_grad(x), x, null_gradients='other')
theano.grad(theano.gradient.disconnected_grad(x), x)
theano.grad(theano.gradient.zero_grad(x), x)
theano.grad(theano.gradient.consider_constant(x), x)
theano.grad(T.gammainc(x, y), x)
theano.grad(T.jv(x, y), x)
theano.grad(T.iv(x, y), x)
theano.grad(T.chi2sf(x, y), y)
theano.grad(T.sort(v)[0], v)
theano.grad(T.nonzero(v)[0].sum(), v)
theano.grad(v[v > 0].sum(), v)
theano.Rop(v, v, v)
theano.Rop(v, v, m)
theano.Rop(v, w, w)
theano.Rop(v, [v, w], [v])
theano.Rop(v, v, i)
theano.Rop(i, i, i)
theano.Lop(v, v, v)
theano.Lop(v, v, m)
theano.Lop(v, w, v)
theano.Lop(v, w, v, disconnected_inputs='ignore')
theano.gradient.jacobian(v, v)
theano.gradient.jacobian(m, m)
theano.gradient.jacobian(x, v)
theano.gradient.hessian(x, x)
theano.gradient.hessian(v.sum(), v)
theano.gradient.hessian((v ** 2).sum(), v)
theano.gradient.hessian(v, v)
theano.gradient.grad_clip(x, 1, 2)
theano.gradient.grad_scale(x, 'a')
T.verify_grad(lambda x: x ** 2, [np.ones(2)], rng=np.random.RandomState(1))
T.verify_grad(T.floor, [np.float64(.3)], rng=np.random.RandomState(1))
T.verify_grad(lambda x: theano.gradient.grad_scale(x, 2), [np.ones(2)], rng=np.random.RandomState(1))
T.verify_grad(T.exp, np.ones(2), rng=np.random.RandomState(1))
T.verify_grad(T.exp, [np.ones(2, 'int8')], rng=np.random.RandomState(1))
"""
CALLS = """
f = function([x, y], x + y); f(1)
f = function([x, y], x + y); f()
f = function([x, y], x + y); f(1, 2, 3)
f = function([x, y], x + y); f(1, y=2)
f = function([x, y], x + y); f(y=2, x=1)
f = function([x, y], x + y); f(1, x=2)
f = function([x, y], x + y); f(1, 2, x=2)
f = function([x, y], x + y); f(1, z=2)
f = function([x, y], x + y); f(1, 2, z=2)
f = function([x, y], x + y); f(None, 2)
f = function([x, y], x + y); f('a', 2)
f = function([x, y], x + y); f([1], 2)
f = function([x, y], x + y); f(np.ones(1), 2)
f = function([x, y], x + y); f(1j, 2)
f = function([v], v); f(1)
f = function([v], v); f([[1]])
f = function([v], v); f([1, 'a'])
f = function([v], v); f([[1], [1, 2]])
f = function([v], v); f(np.array([1, None]))
f = function([v], v); f({})
f = function([v], v); f(v)
f = function([i], i); f([1.5])
f = function([i], i); f(np.ones(2))
f = function([i], i); f([2**70])
f = function([r], r); f(np.ones((2, 2)))
f = function([r], r); f(np.ones((1, 0))).shape
f = function([f], f); f(0.1)
f = function([f], f); f(np.float64(0.1))
f = function([T.bscalar()], []); f(300)
f = function([T.bscalar()], []); f(1.0)
f = function([T.scalar(dtype='bool')], []); f(2)
f = function([T.TensorType('uint8', ())()], []); f(-1)
x.eval()
x.eval({x: 1})
x.eval({y: 1})
(x + y).eval({x: 1})
(x + y).eval({'x': 1, 'y': 2})
x.eval(3)
T.constant(2).eval()
shared(2.).eval()
f = function([x], [x, x]); f(1, output_subset=[0])
f = function([x], [x, x]); f(1, output_subset=[5])
f = function([x], {'a': x, 'b': x}); f(1, output_subset=['b'])
f = function([x], {'a': x, 'b': x}); f(1, output_subset=['c'])
f = function([In(x, value=1.)], x); f['x']
f = function([x], x); f['x']
f = function([x], x); f['zz']
f = function([x], x); f[y]
f = function([x], x); f.container['x'].value
f = function([In(x, value=1.), In(y, name='x', value=2.)], x + y); f['x']
"""
RUN = """
function([v, w], v + w)([1, 2], [1, 2, 3])
function([v, w], v + w)([1, 2], [1])
function([v, w], v + w)([1], [1, 2])
function([v, w], v + w)([], [1])
function([v, m], v + m)([1], np.ones((2, 2)))
function([v, m], v + m)([1, 2], np.ones((1, 2)))
function([r, m], r + m)(np.ones((1, 2)), np.ones((3, 2)))
function([r, m], r + m)(np.ones((1, 2)), np.ones((3, 3)))
function([v, w], T.dot(v, w))([1, 2], [1, 2, 3])
function([m, v], T.dot(m, v))(np.ones((2, 3)), [1, 2])
function([m], T.dot(m, m))(np.ones((2, 3)))
function([m], T.tensordot(m, m, 1))(np.ones((2, 3)))
function([m], T.batched_dot(m, m))(np.ones((2, 3)))
function([v, w], T.join(0, v, w))([1], [2, 3])
function([m, r], T.join(0, m, r))(np.ones((2, 3)), np.ones((1, 2)))
function([m, r], T.join(1, m, r))(np.ones((2, 3)), np.ones((1, 2)))
function([v, w], T.stack([v, w]))([1, 2], [1])
function([n, v, w], T.join(n, v, w))(1, [1], [2])
function([v, n], v.reshape((n, 2)))(np.ones(4), 2)
function([v, n], v.reshape((n, 2)))(np.ones(4), 3)
function([v], v.reshape((-1, 3)))(np.ones(4))
function([v, n], v.reshape((n, -1)))(np.ones(4), -1)
function([v, n], v.reshape((n, -1)))(np.ones(0), 0)
function([v, n], v.reshape((n, 1)))(np.ones(4), -2)
function([v, i], v.reshape(i, ndim=2))(np.ones(4), [2, 2])
function([v, i], v.reshape(i, ndim=2))(np.ones(4), [2, 2, 1])
function([v, n], v[n])([1, 2], 1)
function([v, n], v[n])([1, 2], -2)
function([v, n], v[n])([1, 2], 2)
function([v, n], v[n])([1, 2], -3)
function([v], v[5])([1, 2])
function([v], v[:5])([1, 2])
function([v, n], v[n:])([1, 2], 5)
function([v, n], v[::n])([1, 2], 0)
function([v, n], v[::n])([1, 2], -1)
function([v, i], v[i])([1, 2], [0, 2])
function([v, i], v[i])([1, 2], [-1, -2])
function([v, i], v[i])([1, 2], [-3])
function([m, i], m[i, i])(np.ones((2, 3)), [2])
function([m, i], m[:, i])(np.ones((2, 3)), [3])
function([m, i], m[i, [0, 1]])(np.ones((2, 3)), [0, 1, 1])
function([v], v[np.array([True, False])])([1, 2])
function([v], v[np.array([True, False])])([1, 2, 3])
function([v], v[v > 1])([1, 2])
function([v, w], T.set_subtensor(v[:2], w))([1, 2, 3], [1, 2])
function([v, w], T.set_subtensor(v[:2], w))([1, 2, 3], [1])
function([v, w], T.set_subtensor(v[:2], w))([1, 2, 3], [1, 2, 3])
function([v, w, i], T.inc_subtensor(v[i], w))([1, 2, 3], [1, 2], [0, 0])
function([v, w, i], T.inc_subtensor(v[i], w))([1, 2, 3], [1], [0, 0])
function([v, w, i], T.inc_subtensor(v[i], w))([1, 2, 3], [1, 2], [0, 3])
function([v, w, i], T.set_subtensor(v[i], w))([1, 2, 3], [1, 2], [0, 3])
function([v, n], T.set_subtensor(v[n], 1))([1, 2, 3], 3)
function([v, i], T.split(v, i, 2)[0])([1, 2, 3], [1, 2])
function([v, i], T.split(v, i, 2)[0])([1, 2, 3], [1, 1])
function([v, i], T.split(v, i, 2)[0])([1, 2, 3], [1, 1, 1])
function([v, i], T.split(v, i, 2)[0])([1, 2, 3], [-1, 4])
function([v, n], T.alloc(v, n, 2))([1, 2], 3)
function([v, n], T.alloc(v, n, 2))([1, 2], -1)
function([v, n], T.alloc(v, n, 3))([1, 2], 2)
function([v, n], T.alloc(v, n, 3))([1], 2)
function([n], T.zeros((n,)))(-1)
function([n], T.arange(n))(-1)
function([n], T.arange(0, 1, n))(0)
function([n], T.eye(n))(-1)
function([v, n], T.repeat(v, n))([1, 2], -1)
function([v, i], T.repeat(v, i))([1, 2], [1, 2, 3])
function([v, i], T.repeat(v, i))([1, 2], [1, 2])
function([v], T.max(v))([])
function([v], T.sum(v))([])
function([v], T.argmax(v))([])
function([m], T.max(m, axis=0))(np.ones((0, 2)))
function([m], T.max(m, axis=1))(np.ones((0, 2)))
function([v], T.mean(v))([])
function([m], T.addbroadcast(m, 0))(np.ones((2, 2)))
function([m], T.addbroadcast(m, 0))(np.ones((1, 2)))
function([m], m.dimshuffle(1))(np.ones((2, 2)))
function([r], r.dimshuffle(1))(np.ones((1, 2)))
function([m], T.patternbroadcast(m, (True, True)))(np.ones((1, 2)))
function([m], T.specify_shape(m, (2, 2)))(np.ones((2, 2)))
function([m], T.specify_shape(m, (2, 2)))(np.ones((2, 3)))
function([v], T.opt.Assert('message')(v, v[0] > 0))([1])
function([v], T.opt.Assert('message')(v, v[0] > 0))([0])
function([m, i], T.nnet.categorical_crossentropy(m, i))(np.ones((2, 2)) / 2, [0, 1])
function([m, i], T.nnet.categorical_crossentropy(m, i))(np.ones((2, 2)) / 2, [0, 2])
function([m, i], T.nnet.categorical_crossentropy(m, i))(np.ones((2, 2)) / 2, [0, -1])
function([m, i], T.nnet.categorical_crossentropy(m, i))(np.ones((2, 2)) / 2, [0])
function([v, i], v.take(i, mode='clip'))([1, 2], [5, -5])
function([v, i], v.take(i, mode='wrap'))([1, 2], [5, -5])
function([v, i], v.take(i, mode='raise'))([1, 2], [5])
function([i], T.inverse_permutation(i))([1, 0, 2])
function([v, i], T.choose(i, [v, v]))([1, 2], [0, 2])
function([m], T.diag(m, 5))(np.ones((2, 2)))
function([m], T.nlinalg.det(m))(np.ones((2, 3)))
function([m], T.nlinalg.matrix_inverse(m))(np.ones((2, 2)))
function([v], T.bincount(T.cast(v, 'int64')))([-1])
"""
PYTHON = """
bool(x)
bool(v)
bool(x > 0)
bool(T.constant(1))
bool(shared(1.))
if_ = 1 if x else 2
x and y
not x
x == x
x == y
x != y
x == 1
hash(x) == hash(x)
x in [x]
y in [x]
v in [x, v]
len(v)
len(x)
len(m)
iter(v)
list(v)
list(x)
[e for e in m]
list(T.stack([x, y]))
tuple(v.shape)
list(T.as_tensor_variable([1, 2]))
a, b = m.shape
a, b, c = m.shape
float(x)
int(n)
complex(x)
range(n)
[1, 2, 3][n]
np.array(x).dtype
np.asarray([x, y]).dtype
round(x)
x.wrong
x.name
x.foo = 3; x.foo
x.tag.foo = 3; x.tag.foo
v[0] = 1
del v[0]
x += 1; x
v.sum(axis=3)
v.sum(3)
v.sum(axis=0.5)
v.sum(wrong=1)
v.max(axis=-2)
v.mean(dtype='int64')
v.prod(dtype='bool')
v.argmax(axis=1)
v.astype('wrong')
v.reshape()
v.dot()
v.dot('a')
T.dot(v)
T.exp(v, dtype='float32')
T.exp(v, name='e').name
T.switch(x, y)
T.clip(x, 0)
T.join()
T.stack()
T.dvector(3)
T.dvector('a', 'b')
T.dvector(name='a').name
T.vector('a', 'float33')
T.tensor(3)
T.TensorType('float64')
x < y < 1
0 < x < 1
-T.scalar(dtype='bool')
T.scalar(dtype='bool') - T.scalar(dtype='bool')
~x
~T.scalar(dtype='bool')
x & y
x | n
n & n
x ^ n
x << 1
n << 1
n >> 1
x % T.zscalar()
T.zscalar() < 1
T.zscalar() // 1
T.zscalar() % 2
abs(T.zscalar())
divmod(x, y)
pow(x, 2)
pow(x, 2, 3)
x @ y
v @ v
v[:, None]
m[:, None]
x()
x.owner
x.type
T.exp(x).owner.inputs[0] is x
str(x)
repr(x)
str(v)
str(T.dscalar())
repr(T.dmatrix())
str(T.constant(2))
str(T.constant([1, 2]))
str(shared(1.))
str(shared(1., name='s'))
str(x + 1)
str(x.type)
repr(m.type)
str(r.type)
str(T.TensorType('int8', (True, False, False)))
str(T.lscalar)
x.type == T.dscalar
x.type == v.type
T.dvector == T.TensorType('float64', (False,))
T.dvector is T.TensorType('float64', (False,))
"""
CONFIG = """
theano.config.floatX = 'float128'
theano.config.wrong
theano.config.cast_policy = 'other'
theano.config.on_unused_input = 'other'
theano.Mode(linker='wrong')
theano.Mode(optimizer='wrong')
theano.compile.mode.get_mode('wrong')
theano.compile.mode.get_mode(3)
theano.scan(lambda a: a, sequences=3)
theano.shared(T.dscalar(), strict=True)
theano.clone(3)
"""


def groups():
    """Return every group of the file, by name."""
    return {
        "building": lines(BUILD, DECLARED),
        "updates": lines(UPDATES, DECLARED),
        "gradients": lines(GRADIENTS, DECLARED),
        "calls": lines(CALLS, DECLARED),
        "run time": lines(RUN, DECLARED),
        "language": lines(PYTHON, DECLARED),
        "configuration": lines(CONFIG),
        "arithmetic": lines(INTDIV, "x=int32: y=int32: f=float32:"),
    }


INTDIV = """
function([x, y], x // y)(1, 0)
function([x, y], x % y)(1, 0)
function([x, y], x / y)(1, 0)
function([f, x], f // x)(1, 0)
function([f, x], f % x)(1, 0)
function([x, y], x ** y)(2, -1)
function([x, y], x ** y)(0, -1)
x // 0
x % 0
1 // x
"""
