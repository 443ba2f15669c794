"""Sparse matrices over SciPy's, Theano's `theano.sparse`; SciPy is imported with the first value.

Operations on them run in Python, between the compiled parts of a function.
"""

from tensorsym.sparse import basic, sharedvar, type
from tensorsym.sparse.basic import *  # noqa: F403 - what `basic` has
from tensorsym.sparse.basic import __all__ as _names
from tensorsym.sparse.sharedvar import SparseTensorSharedVariable, sparse_constructor

enable_sparse = True

__all__ = [
    "SparseTensorSharedVariable",
    "basic",
    "enable_sparse",
    "sharedvar",
    "sparse_constructor",
    "type",
]
__all__ += list(_names)
