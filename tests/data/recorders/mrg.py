"""Numbers of MRG_RandomStreams: one program, run by Theano to record and by us to compare.

``THEANO_FLAGS=floatX=float64 python tests/data/recorders/mrg.py`` under Theano 1.0.5 with a C++
compiler writes tests/data/mrg.json. Without one Theano rounds float32 numbers otherwise.
"""

import hashlib
import importlib
import json
import pathlib

import numpy as np

FILE = pathlib.Path(__file__).resolve().parent.parent / "mrg.json"


def draws(theano, tensor, streams):
    """Return name -> the first two calls of a function that draws, as arrays."""
    n, size = tensor.lscalar(), tensor.lvector()
    rows, rows32 = tensor.dmatrix(), tensor.fmatrix()
    chances = np.random.RandomState(3).rand(30, 5)
    chances /= chances.sum(1, keepdims=True)

    def calls(make, inputs=(), values=(), seed=12345):
        f = theano.function(list(inputs), make(streams(seed=seed)))
        return [np.asarray(f(*values)) for _ in range(2)]

    found = {}
    for dtype in ("float16", "float32", "float64"):
        found["uniform " + dtype] = calls(lambda s, d=dtype: s.uniform((3, 4), dtype=d))
        found["uniform many " + dtype] = calls(lambda s, d=dtype: s.uniform((2000,), dtype=d))
    found["uniform most streams"] = calls(lambda s: s.uniform((100003,)), seed=5)
    found["uniform six seeds"] = calls(lambda s: s.uniform((5,)), seed=[1, 2, 3, 4, 5, 6])
    found["uniform bounds"] = calls(lambda s: s.uniform((4, 5), low=-2.0, high=2.0))
    found["uniform symbolic"] = calls(lambda s: s.uniform((n, 2)), [n], [7])
    found["uniform vector"] = calls(lambda s: s.uniform(size, ndim=2), [size], [[3, 2]])
    found["uniform four streams"] = calls(lambda s: s.uniform((7, 3), nstreams=4))
    found["normal"] = calls(lambda s: s.normal((3, 5)))
    found["normal float32"] = calls(lambda s: s.normal((4, 2), avg=1.5, std=0.2, dtype="float32"))
    found["normal symbolic"] = calls(lambda s: s.normal((n, 3)), [n], [3])
    found["normal vector"] = calls(lambda s: s.normal(size, ndim=2), [size], [[3, 2]])
    found["normal int"] = calls(lambda s: s.normal(9))
    found["normal truncated"] = calls(lambda s: s.normal((40,), truncate=True))
    found["normal truncated std"] = calls(lambda s: s.truncated_normal((41,), avg=2.0, std=3.0))
    found["binomial"] = calls(lambda s: s.binomial((6, 7), p=0.3))
    found["binomial float32"] = calls(lambda s: s.binomial((6, 7), p=0.5, dtype="float32"))
    found["multinomial"] = calls(lambda s: s.multinomial(pvals=rows), [rows], [chances])
    single = chances.astype("float32")
    found["multinomial float32"] = calls(
        lambda s: s.multinomial(pvals=rows32, dtype="float32"), [rows32], [single]
    )
    found["multinomial seven"] = calls(lambda s: s.multinomial(n=7, pvals=rows), [rows], [chances])
    found["choice"] = calls(lambda s: s.choice(size=3, p=rows, replace=False), [rows], [chances])
    found["choice float32"] = calls(
        lambda s: s.choice(size=4, p=rows32, replace=False), [rows32], [single]
    )
    return found


def record(arrays):
    """Return arrays as data: dtype, shape, some numbers, and a digest of all bytes."""
    return [
        {
            "dtype": str(a.dtype),
            "shape": list(a.shape),
            "numbers": a.ravel()[:41].tolist(),
            "digest": hashlib.md5(np.ascontiguousarray(a).tobytes()).hexdigest(),
        }
        for a in arrays
    ]


def main():
    """Write what the installed Theano draws."""
    # Theano is only there where the numbers are recorded.
    theano = importlib.import_module("theano")
    importlib.import_module("theano.tensor")
    MRG_RandomStreams = importlib.import_module("theano.sandbox.rng_mrg").MRG_RandomStreams

    found = draws(theano, theano.tensor, MRG_RandomStreams)
    answers = {name: record(arrays) for name, arrays in found.items()}
    FILE.write_text(json.dumps({"theano": theano.__version__, "answers": answers}) + "\n")


if __name__ == "__main__":
    main()
