"""The gradient by a sparse matrix, whole, against finite differences of all its elements."""

import numpy as np

import tensorsym as theano
import tensorsym.tensor as T
from tensorsym import sparse

STEP = 1e-6


def check_gradient(function, at, structured=False):
    """Compare the gradient of a sum of cubes; structured, only where the matrix stores elements."""
    x = sparse.matrix(at.format, "x", "float64")
    out = function(x)
    dense = out if isinstance(out.type, T.TensorType) else sparse.DenseFromSparse(structured)(out)
    cost = ((dense + 1) ** 3).sum()
    f = theano.function([x], cost)
    exact, values = np.zeros(at.shape), at.toarray()
    for place in np.ndindex(at.shape):
        if structured and not values[place]:
            continue
        ends = []
        for step in (STEP, -STEP):
            moved = values.copy()
            moved[place] += step
            ends.append(f(type(at)(moved)))
        exact[place] = (ends[0] - ends[1]) / (2 * STEP)
    g = theano.function([x], T.grad(cost, x))(at)
    assert g.format == at.format
    np.testing.assert_allclose(g.toarray(), exact, rtol=1e-6, atol=1e-7)
