"""Theano's home of the type of sparse matrices."""

from tensorsym.language.sparsetype import SparseType, sparse_symbol

__all__ = ["SparseType", "sparse_symbol"]
