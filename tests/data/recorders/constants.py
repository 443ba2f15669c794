"""Types of constants and shared variables made from Python and NumPy values."""

# ruff: noqa: UP031, SIM905
# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

from .case import lines

VALUES = [
    "True",
    "False",
    "0",
    "1",
    "-1",
    "127",
    "128",
    "-128",
    "-129",
    "255",
    "256",
    "32767",
    "32768",
    "65536",
    "2**31 - 1",
    "2**31",
    "-2**31",
    "2**40",
    "2**63 - 1",
    "2**63",
    "2**64",
    "-2**63",
    "0.0",
    "-0.0",
    "1.0",
    "0.5",
    "1.5",
    "0.1",
    "1e10",
    "1e39",
    "1e300",
    "1/3",
    "float('nan')",
    "float('inf')",
    "1j",
    "1.5 + 2j",
    "0.1j",
    "[]",
    "[1, 2]",
    "[1.0]",
    "[1.5, 2.5]",
    "[0.1]",
    "[True, False]",
    "[1, 2.5]",
    "[300]",
    "[2**40]",
    "[[1, 2], [3, 4]]",
    "[[1.5]]",
    "[[]]",
    "(1, 2)",
    "((1,), (2,))",
    "[1j]",
    "[[1], [2, 3]]",
    "['a']",
    "'text'",
    "b'text'",
    "None",
    "{}",
    "object()",
    "slice(1, 2)",
    "range(3)",
    "[None]",
    "[np.float32(1), np.float32(2)]",
    "[np.int8(1), 2]",
    "[T.iscalar(), 1]",
    "[T.dscalar(), T.dscalar()]",
    "[T.dvector(), T.dvector()]",
    "[1, T.fscalar()]",
    "np.array(1)",
    "np.array(1.5)",
    "np.array([1.5])",
    "np.array([[1.5]])",
    "np.array([1, 2])",
    "np.zeros((0,))",
    "np.zeros((1, 0))",
    "np.zeros((2, 1, 3))",
    "np.zeros((2, 3), order='F')",
    "np.arange(6)[::-2]",
    "np.array(['a'])",
    "np.array([None])",
    "np.arange(3, dtype='>i4')",
    "np.ma.array([1, 2])",
    "np.matrix([[1, 2]])",
    "np.datetime64('2000')",
    "np.zeros(2, 'i4,f8')",
    # an operator between a long double and a variable recurses in NumPy until the process dies
] + [
    "np.%s(1)" % t
    for t in "bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 "
    "float32 float64 complex64 complex128".split()
]
SETTINGS = [
    {},
    {"floatX": "float32"},
    {"cast_policy": "numpy+floatX"},
    {"floatX": "float32", "cast_policy": "numpy+floatX"},
]
MAKERS = {
    "as_tensor_variable": "T.as_tensor_variable(%s)",
    "constant": "T.constant(%s)",
    "shared": "shared(%s)",
    "added to float32": "T.fscalar() + %s",
    "added to int8": "T.bscalar() + %s",
    "added to int64": "T.lscalar() + %s",
    "added to float16 vector": "T.vector(dtype='float16') + %s",
    "added to uint8 vector": "T.vector(dtype='uint8') + %s",
}


def labelled(settings):
    """Return the settings as a few words for a group's name."""
    return " under " + " ".join(settings.values()) if settings else ""


def groups():
    """Return every group of the file, by name."""
    made = {}
    for settings in SETTINGS:
        for name, text in MAKERS.items():
            code = "\n".join(text % ("(%s)" % value) for value in VALUES)
            made[name + labelled(settings)] = lines(code, **settings)
        made["options" + labelled(settings)] = lines(OPTIONS, **settings)
    made["refused names"] = lines(REFUSED)
    return made


OPTIONS = """
T.constant(1, dtype='float32')
T.constant(1.5, dtype='int32')
T.constant([1, 2], dtype='int8')
T.constant(0.1, dtype='float32')
T.constant(2, ndim=0)
T.constant([1, 2], ndim=1)
T.constant([1, 2], ndim=2)
T.constant([[1, 2]], ndim=1)
T.constant(54321, name='one').name
T.as_tensor_variable(54322, name='one').name
T.as_tensor_variable(1, ndim=1)
T.as_tensor_variable([1, 2], ndim=3)
T.as_tensor_variable(T.dvector(), ndim=2)
T.as_tensor_variable(T.dmatrix(), ndim=1)
T.as_tensor(3)
T.scalar()
T.vector()
T.matrix()
T.row()
T.col()
T.tensor3()
T.tensor4()
T.tensor5()
T.vector(dtype='int8')
T.tensor('float32', (True, False))
T.tensor(dtype='uint16', broadcastable=(False,))
T.TensorType('float64', (1, 0))('x')
T.TensorType('float64', [False, True])()
T.TensorType('floatX', ())()
T.TensorType('float33', ())()
T.TensorType('object', ())()
T.dmatrices('x', 'y')
T.fscalars(2)
T.vectors('a')
T.ivectors('a', 'b', 'c')
T.cast(1.5, 'int8')
T.cast(T.dscalar(), 'floatX')
T.cast(T.zscalar(), 'float64')
T.cast(T.dscalar(), 'float33')
T.cast(T.dscalar(), 'complex64')
T.dscalar().astype('int32')
T.dscalar().astype(np.float32)
T.dscalar().astype(bool)
T.dscalar().astype(int)
shared(np.zeros((1, 2)))
shared(np.zeros((1, 2)), broadcastable=(True, False))
shared(np.zeros(2), borrow=True)
shared(1, name='n').name
shared(1.5).get_value()
shared(2).get_value()
shared([1, 2]).get_value()
shared(np.float32(1.5)).get_value()
shared(T.dscalar())
shared(np.random.RandomState(1))
T.arange(3)
T.arange(3.)
T.arange(T.iscalar())
T.arange(T.fscalar())
T.arange(T.bscalar(), T.lscalar())
T.arange(0, 1, 0.1)
T.arange(np.int8(3))
T.arange(3, dtype='float32')
T.arange(T.dscalar(), dtype='int8')
T.zeros((2, 3))
T.ones(3)
T.ones(T.iscalar())
T.zeros((T.iscalar(), 1))
T.eye(3)
T.eye(T.iscalar(), 3, 1, dtype='int8')
T.alloc(0., 2)
T.alloc(0, 2, 3)
T.alloc(0.1, 2)
T.tri(3)
T.identity_like(T.fmatrix())
T.mgrid[0:3]
T.mgrid[0:3, 0:2]
T.ogrid[0:1:.1]
theano.config.floatX
"""
REFUSED = """
T.constant(T.dscalar())
T.as_tensor_variable(T.dvector)
T.as_tensor_variable(T.exp)
T.as_tensor_variable(lambda: 1)
T.as_tensor_variable(shared({}))
T.scalar(dtype='text')
T.vector(dtype=int)
T.vector(dtype=np.int32)
T.vector(dtype=np.dtype('int32'))
T.constant(np.longdouble(1))
T.as_tensor_variable(np.clongdouble(1))
T.exp('a')
T.exp(None)
T.exp(object())
T.exp([1, 2])
T.exp(2)
T.exp()
T.exp(1, 2)
T.dscalar() + None
T.dscalar() + 'a'
T.dscalar() + object()
T.dscalar() + {}
None + T.dscalar()
'a' * T.dscalar()
[1, 2] + T.dvector()
np.ones(2) + T.dvector()
np.ones((2, 2)) * T.dvector()
np.float64(1) + T.fscalar()
np.float32(1) - T.fvector()
np.ones(2) < T.dvector()
np.int64(2) ** T.fvector()
"""
