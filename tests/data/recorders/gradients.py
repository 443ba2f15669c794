"""Gradients of small graphs: values, dtypes, patterns, and what disconnected inputs give."""

# ruff: noqa: E501, UP031
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

from .case import lines

EXECUTES = True
DECLARED = (
    "x=float64: y=float64: v=float64:F w=float64:F m=float64:FF u=float64:FF f=float32: "
    "n=int64: i=int64:F h=float16: k=int8:F t=float64:FFF r=float64:TF z=complex128:"
)

UNARY = """
abs_ | arccos | arccosh | arcsin | arcsinh | arctan | arctanh | ceil | conj | cos | cosh | deg2rad
erf | erfc | erfcinv | erfcx | erfinv | exp | exp2 | expm1 | floor | gamma | gammaln | i0 | i1 | inv | j0 | j1
log | log10 | log1p | log2 | neg | psi | rad2deg | real | round_half_to_even | sgn | sin | sinh | sqr | sqrt
tan | tanh | tri_gamma | trunc | tensor_copy | nnet.sigmoid | nnet.softplus | nnet.relu | nnet.elu | nnet.selu
nnet.hard_sigmoid | nnet.ultra_fast_sigmoid | nnet.softsign
"""
POINTS = "[-2.5, -1, -.5, -0., 0, .25, .5, 1, 1.5, 3]"
SCALAR_GRAPHS = {
    "maximum": "T.maximum(x, y)",
    "minimum": "T.minimum(x, y)",
    "true_div": "x / y",
    "int_div": "x // y",
    "mod": "x % y",
    "pow": "x ** y",
    "sub": "x - y",
    "mul": "x * y",
    "arctan2": "T.arctan2(x, y)",
    "clip low": "T.clip(x, y, 2)",
    "clip high": "T.clip(x, -2, y)",
    "switch": "T.switch(x > y, x * 2, y * 3)",
    "second": "T.second(x, y)",
    "hypot": "T.sqrt(x ** 2 + y ** 2)",
    "xlogy": "x * T.log(y)",
    "square pow": "x ** 2 + y ** 3",
    "sqrt pow": "x ** 0.5 + y ** -1",
    "base pow": "2 ** x + 0 ** y",
}
PAIRS = (
    "(0., 0.)",
    "(1., 1.)",
    "(0., 1.)",
    "(1., 0.)",
    "(2., 3.)",
    "(-2., 3.)",
    "(-2., 2.)",
    "(2., -0.5)",
    "(np.nan, 1.)",
    "(0., -1.)",
    "(0., 2.)",
)


def elementwise():
    """The derivative of each unary function on a grid, of binary graphs at chosen pairs."""
    names = [name.strip() for row in UNARY.strip().splitlines() for name in row.split("|")]
    code = ["function([v], T.grad(T.%s(v).sum(), v))(%s)" % (name, POINTS) for name in names]
    forward = [
        "function([v, w], theano.Rop(T.%s(v), v, w))(%s, 2 * np.ones(10))" % (name, POINTS)
        for name in names
    ]
    pairs = [
        "function([x, y], T.grad(%s, [x, y], disconnected_inputs='ignore'))(*%s)" % (graph, p)
        for graph in SCALAR_GRAPHS.values()
        for p in PAIRS
    ]
    second = [
        "function([x], T.grad(T.grad(T.%s(x), x), x))(0.5)" % name
        for name in (
            "exp",
            "log",
            "sqrt",
            "sqr",
            "tanh",
            "sin",
            "nnet.sigmoid",
            "erf",
            "nnet.softplus",
            "inv",
            "arctan",
            "log1p",
            "abs_",
        )
    ]
    return {
        "unary": lines("\n".join(code), DECLARED),
        "unary forward": lines("\n".join(forward), DECLARED),
        "pairs": lines("\n".join(pairs), DECLARED),
        "second order": lines("\n".join(second), DECLARED),
    }


GRAPHS = """
function([m], T.grad(m.sum(), m))(M)
function([m], T.grad(m.sum(axis=0)[0], m))(M)
function([m], T.grad(m.mean(), m))(M)
function([m], T.grad(m.mean(axis=1).sum(), m))(M)
function([m], T.grad(m.prod(), m))(M)
function([m], T.grad(m.prod(), m))([[0, 2], [3, 4]])
function([m], T.grad(m.prod(), m))([[0, 0], [3, 4]])
function([m], T.grad(m.prod(axis=0).sum(), m))([[0, 2], [3, 4]])
function([m], T.grad(m.max(), m))(M)
function([m], T.grad(m.max(), m))([[4, 4], [1, 4]])
function([m], T.grad(m.max(axis=0).sum(), m))([[4, 4], [4, 1]])
function([m], T.grad(m.min(axis=1).sum(), m))([[4, 4], [4, 1]])
function([m], T.grad(m.max(), m))([[np.nan, 4], [4, 1]])
function([m], T.grad(m.var(), m))(M)
function([m], T.grad(m.std(), m))(M)
function([m], T.grad(m.std(), m))(np.ones((2, 2)))
function([m], T.grad(m.norm(2), m))(M)
function([m], T.grad(m.norm(2), m))(np.zeros((2, 2)))
function([m], T.grad(m.norm(1), m))([[0, -1], [2, 3]])
function([v], T.grad(T.cumsum(v)[1], v))([1, 2, 3])
function([v], T.grad(T.cumprod(v)[2], v))([1, 2, 3])
function([v], T.grad(T.sort(v)[0], v))([3, 1, 2])
function([m], T.grad(m[0].sum(), m))(M)
function([m], T.grad(m[::-1, 1:].sum(), m))(M)
function([v], T.grad(v[[0, 0, 1]].sum(), v))([1, 2, 3])
function([m], T.grad(m[[0, 0], [1, 1]].sum(), m))(M)
function([m], T.grad(m[m > 2].sum(), m))(M)
function([m], T.grad((m[:, [0, 0]] ** 2).sum(), m))(M)
function([v], T.grad(v[-1], v))([1, 2, 3])
function([v], T.grad((T.set_subtensor(v[0], 5) ** 2).sum(), v))([1, 2, 3])
function([v], T.grad((T.inc_subtensor(v[0], 5) ** 2).sum(), v))([1, 2, 3])
function([v, w], T.grad((T.set_subtensor(v[:2], w) ** 2).sum(), [v, w]))([1, 2, 3], [4, 5])
function([v, w, i], T.grad((T.inc_subtensor(v[i], w) ** 2).sum(), [v, w]))([1, 2, 3], [4, 5], [0, 0])
function([v, w, i], T.grad((T.set_subtensor(v[i], w) ** 2).sum(), [v, w]))([1, 2, 3], [4, 5], [0, 2])
function([m], T.grad((m.reshape((4,)) * [1, 2, 3, 4]).sum(), m))(M)
function([m], T.grad((m.T * [[1, 2], [3, 4]]).sum(), m))(M)
function([m], T.grad((m.dimshuffle(1, 'x', 0)[1] ** 2).sum(), m))(M)
function([m], T.grad((m.flatten() ** 2)[1], m))(M)
function([v], T.grad((T.tile(v, (2,)) ** 2).sum(), v))([1, 2])
function([v], T.grad((T.repeat(v, 2) ** 2).sum(), v))([1, 2])
function([v], T.grad(T.roll(v, 1)[0], v))([1, 2, 3])
function([x], T.grad((T.alloc(x, 3) * [1, 2, 3]).sum(), x))(2)
function([v, w], T.grad((T.join(0, v, w) ** 2).sum(), [v, w]))([1, 2], [3])
function([v, w], T.grad((T.stack([v, w]) ** 2).sum(), [v, w]))([1, 2], [3, 4])
function([v], T.grad((T.split(v, [1, 2], 2)[1] ** 2).sum(), v))([1, 2, 3])
function([m, u], T.grad(T.dot(m, u).sum(), [m, u]))(M, [[5, 6], [7, 8]])
function([m, v], T.grad(T.dot(m, v).sum(), [m, v]))(M, [5, 6])
function([v, w], T.grad(T.dot(v, w), [v, w]))([1, 2], [5, 6])
function([v, w], T.grad(T.outer(v, w).sum(), [v, w]))([1, 2], [5, 6])
function([m, u], T.grad(T.tensordot(m, u, 2), [m, u]))(M, [[5, 6], [7, 8]])
function([m, u], T.grad(T.tensordot(m, u, 1).sum(), [m, u]))(M, [[5, 6], [7, 8]])
function([m, u], T.grad(T.batched_dot(m, u).sum(), [m, u]))(M, [[5, 6], [7, 8]])
function([t], T.grad((T.batched_dot(t, t) ** 2).sum(), t))(np.arange(8.).reshape(2, 2, 2))
function([m, v], T.grad((m + v).sum(), [m, v]))(M, [5, 6])
function([m, r], T.grad((m * r).sum(), [m, r]))(M, [[5, 6]])
function([m, x], T.grad((m * x).sum(), [m, x]))(M, 3)
function([m], T.grad(T.diag(m).sum(), m))(M)
function([v], T.grad((T.diag(v) ** 2).sum(), v))([1, 2])
function([m], T.grad(m.trace(), m))(M)
function([m], T.grad(T.nlinalg.det(m), m))(M)
function([m], T.grad(T.nlinalg.matrix_inverse(m).sum(), m))(M)
function([m], T.grad(T.nnet.softmax(m)[0, 0], m))(M)
function([m], T.grad(T.nnet.logsoftmax(m)[0, 0], m))(M)
function([m], T.grad(T.log(T.nnet.softmax(m))[0, 0], m))([[1000, 0], [1, 2]])
function([m, i], T.grad(T.nnet.categorical_crossentropy(T.nnet.softmax(m), i).mean(), m))(M, [0, 1])
function([m, i], T.grad(T.nnet.categorical_crossentropy(T.nnet.softmax(m), i).mean(), m))([[1000, 0], [0, 1000]], [1, 1])
function([m, u], T.grad(T.nnet.categorical_crossentropy(T.nnet.softmax(m), u).mean(), m))(M, [[.5, .5], [0, 1]])
function([m, i], T.grad(-T.log(T.nnet.softmax(m))[T.arange(2), i].mean(), m))(M, [0, 1])
function([v, w], T.grad(T.nnet.binary_crossentropy(T.nnet.sigmoid(v), w).mean(), v))([-40, 0, 40], [0, 1, 0])
function([v, w], T.grad(T.nnet.sigmoid_binary_crossentropy(v, w).mean(), v))([-40, 0, 40], [0, 1, 0])
function([v], T.grad(T.log(1 + T.exp(v)).sum(), v))([-40, 0, 40])
function([v], T.grad(T.sqrt(v).sum(), v))([0, 1])
function([v], T.grad((v ** 0).sum(), v))([0, 1])
function([v], T.grad((v ** 1).sum(), v))([0, 1])
function([v], T.grad((v ** 2).sum(), v))([0, 1])
function([v], T.grad((0 ** v).sum(), v))([0, 1, -1])
function([v], T.grad((2 ** v).sum(), v))([0, 1, -1])
function([v], T.grad((v ** v).sum(), v))([0, 1, 2, -1])
function([v], T.grad(T.switch(T.eq(v, 0), 0, 1 / v).sum(), v))([0, 2])
function([v], T.grad(T.switch(v > 0, T.log(v), 0).sum(), v))([0, 2, -1])
function([v], T.grad(T.log(T.switch(v > 0, v, 1)).sum(), v))([0, 2, -1])
function([x], T.grad(theano.gradient.grad_clip(x, -1, 1) ** 2 * 10, x))(3)
function([v], T.grad((theano.gradient.grad_clip(v, -1, 1) ** 2).sum(), v))([-3, .25, 3])
function([x], T.grad(theano.gradient.grad_scale(x, 3) ** 2, x))(3)
function([x], T.grad(theano.gradient.consider_constant(x) * x, x))(3)
function([x], T.grad(theano.gradient.disconnected_grad(x) * x, x))(3)
function([x], T.grad(theano.gradient.zero_grad(x) * x, x))(3)
function([x, y], T.grad(x * y, x, consider_constant=[y]))(3, 4)
e = x ** 2; function([x], T.grad(e * x, x, consider_constant=[e]))(3)
e = x ** 2; function([x], T.grad(None, x, known_grads={e: T.constant(5.)}))(3)
e = x ** 2; function([x, y], T.grad(None, [x], known_grads={e: y})[0])(3, 7)
e = x ** 2; function([x], T.grad(e + x, x, known_grads={e: T.constant(5.)}))(3)
e = m * 2; function([m], T.grad(None, m, known_grads={e: m}))(M)
e = x ** 2; function([x], T.grad(e ** 2, e))(3)
e = x ** 2; function([x], T.grad(e ** 2, [e, x]))(3)
s = shared(3.); function([], T.grad(s ** 2, s))()
s = shared(np.ones(2)); function([v], T.grad((s * v).sum(), s))([1, 2])
function([x, y], T.grad(x, y, disconnected_inputs='ignore'))(1, 2)
function([x, v], T.grad(x, v, disconnected_inputs='ignore'))(1, [2, 3])
function([x, n], T.grad(x * n, x))(3, 2)
function([x, n], T.grad(x * n, n))(3, 2)
function([x, n], T.grad(x ** n, x))(3, 2)
function([x, n], T.grad(x ** n, n))(3, 2)
function([f], T.grad(f ** 2, f))(3)
function([f, x], T.grad(f * x, f))(3, 2)
function([h], T.grad(T.exp(h), h))(np.float16(1))
function([v, k], T.grad((v * k).sum(), v))([1, 2], np.array([3, 4], 'int8'))
function([v, k], T.grad((v * k).sum(), k))([1, 2], np.array([3, 4], 'int8'))
function([n], T.grad(T.exp(n), n))(2)
function([z], T.grad(T.real(z) ** 2, z))(1 + 2j)
function([z], T.grad(abs(z), z))(3 + 4j)
function([x, y], T.grad(T.real(T.complex(x, y) ** 2), [x, y]))(1, 2)
function([x, y], theano.Rop(x ** 2, x, y))(3, 5)
function([x, y], theano.Rop([x ** 2, x * 3], x, y))(3, 5)
function([v, w], theano.Rop(v ** 2, v, w))([1, 2], [3, 4])
function([m, v, w], theano.Rop(T.dot(m, v), v, w))(M, [1, 2], [3, 4])
function([m, u], theano.Rop(T.nnet.softmax(m), m, u))(M, [[1, 0], [0, 1]])
function([m, u], theano.Rop(m.max(axis=0), m, u))(M, [[1, 2], [3, 4]])
function([m, u], theano.Rop(m.sum(axis=0), m, u))(M, [[1, 2], [3, 4]])
function([m, u], theano.Rop(m[0], m, u))(M, [[1, 2], [3, 4]])
function([m, u], theano.Rop(m.reshape((4,)), m, u))(M, [[1, 2], [3, 4]])
function([v, w], theano.Rop(T.join(0, v, v * 2), v, w))([1, 2], [3, 4])
function([v, w], theano.Rop(T.switch(v > 1, v ** 2, v), v, w))([1, 2], [3, 4])
function([v, w], theano.Lop(v ** 2, v, w))([1, 2], [3, 4])
function([v, w], theano.Lop([v ** 2, v], v, [w, w]))([1, 2], [3, 4])
function([m, v, w], theano.Lop(T.dot(m, v), m, w))(M, [1, 2], [3, 4])
function([v], theano.gradient.jacobian(v ** 2, v))([1, 2])
function([v, w], theano.gradient.jacobian(v * w, [v, w]))([1, 2], [3, 4])
function([v], theano.gradient.hessian((v ** 3).sum(), v))([1, 2])
function([v], theano.gradient.hessian(v[0] * v[1], v))([1, 2])
theano.gradient.numeric_grad(lambda a: (a ** 2).sum(), [np.ones(2)]).gf[0].round(4)
"""
TYPES = """
T.grad(x ** 2, x)
T.grad(f ** 2, f)
T.grad(f * x, f)
T.grad(T.cast(f, 'float64') ** 2, f)
T.grad(h ** 2, h)
T.grad((v * h).sum(), h)
T.grad(x * n, n)
T.grad(T.exp(n), n)
T.grad((v * k).sum(), k)
T.grad((m + r).sum(), r)
T.grad((m * x).sum(), x)
T.grad(T.real(z), z)
T.grad(T.sum(T.scalar(dtype='bool') * x), x)
T.grad(x, y, disconnected_inputs='ignore')
T.grad(x, v, disconnected_inputs='ignore')
T.grad(x, n, disconnected_inputs='ignore')
T.grad(x, [y], disconnected_inputs='ignore', return_disconnected='None')
T.grad(x, [y], disconnected_inputs='ignore', return_disconnected='Disconnected')
T.grad(x, x)
T.grad(x * 2, [x, x])
T.grad(x ** 2, x).name
T.dscalar('c').name
c = x ** 2; c.name = 'c'; T.grad(c, x).name
c = x ** 2; c.name = 'c'; T.grad(c, x, add_names=False).name
theano.Rop(v, v, w)
theano.Rop(v * 2, v, w)
theano.Rop(f * x, f, f)
theano.Lop(v * 2, v, w)
theano.gradient.jacobian(v * 2, v)
theano.gradient.jacobian(x * 2, x)
theano.gradient.hessian((v ** 2).sum(), v)
T.grad(T.argmax(v) * x, x)
T.grad((v > 0).sum() * x, x)
"""


def groups():
    """Return every group of the file, by name."""
    graphs = GRAPHS.replace("(M", "(np.array([[1., 2.], [3., 4.]])")
    return {**elementwise(), "graphs": lines(graphs, DECLARED), "types": lines(TYPES, DECLARED)}
