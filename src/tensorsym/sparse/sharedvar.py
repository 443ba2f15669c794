"""Theano's home of shared sparse matrices."""

from tensorsym.runtime.sparseshared import SparseTensorSharedVariable, sparse_constructor

__all__ = ["SparseTensorSharedVariable", "sparse_constructor"]
