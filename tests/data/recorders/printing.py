"""The text of pprint and debugprint for small expressions."""

# (a program is one line, however long; this runs on Python 3.8)

from __future__ import annotations

from .case import lines

EXPRESSIONS = """
x
x + y
x + y + 1
x - y - 2
x * y / 3
x ** 2
-x
abs(x)
x // 2
x % 2
x < y
T.eq(x, y)
T.neq(x, y)
b & b
~b
T.exp(x)
T.log(1 + T.exp(x))
T.exp(-x ** 2 / 2)
T.tanh(T.dot(x, w) + c)
T.nnet.sigmoid(T.dot(x, w))
T.nnet.softmax(x)
T.switch(x > 0, x, 0)
T.clip(x, 0, 1)
T.maximum(x, y)
x.sum()
x.sum(axis=0)
x.mean()
x.max(axis=1)
x.argmax(axis=0)
x.T
x.dimshuffle(0, 'x', 1)
c + x
x[0]
x[1:, ::2]
x[:, n]
x[[0, 1]]
T.set_subtensor(x[0], 1)
T.inc_subtensor(x[0], c)
x.reshape((n, 2))
x.flatten()
x.shape[0]
T.join(0, x, y)
T.stack([c, c])
T.alloc(0., n)
T.zeros((2, 3))
T.arange(n)
T.cast(x, 'int32')
T.concatenate([x, y], axis=1)
(x + y) * (x + y)
T.grad((x ** 2).sum(), x)
shared(np.zeros(2), name='s') * 2
T.constant(3.5)
T.constant(np.ones((2, 2)))
T.dscalar() + 1
T.sqr(x) + T.sqrt(x)
T.dot(x, y)
x.norm(2)
1 / (1 + x)
(x + 1) ** (y - 1)
-(x + y)
"""


def groups():
    """Return every group of the file, by name."""
    declared = "x=float64:FF y=float64:FF w=float64:FF c=float64:F n=int64: b=bool:F"
    found = [line for line in EXPRESSIONS.strip().splitlines()]
    made = {}
    for name, text in (
        ("pprint", "theano.pprint(%s)"),
        ("pp", "theano.printing.pp(%s)"),
        ("debugprint", "printed(lambda: theano.printing.debugprint(%s))"),
    ):
        made[name] = lines("\n".join(text % line for line in found), declared)
    made["debugprint options"] = lines(OPTIONS, declared)
    return made


OPTIONS = """
e = x + y; printed(lambda: theano.printing.debugprint([e, e * 2]))
e = x + y; printed(lambda: theano.printing.debugprint(T.exp(T.exp(e)), depth=2))
e = x + y; printed(lambda: theano.printing.debugprint(e, print_type=True))
e = x + y; printed(lambda: theano.printing.debugprint(e, ids='int'))
e = x + y; printed(lambda: theano.printing.debugprint(e, ids=''))
e = x + y; e.name = 'e'; printed(lambda: theano.printing.debugprint(e * 2))
e = x + y; e.name = 'e'; printed(lambda: theano.printing.debugprint(e * 2, stop_on_name=True))
e = x + y; e.name = 'e'; theano.pprint(e * 2)
theano.printing.debugprint(x + y, file='str')
theano.printing.min_informative_str(x + y)
"""
