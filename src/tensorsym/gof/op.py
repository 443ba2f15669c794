"""Theano's names of the protocol of ops."""

from tensorsym.graph.op import Op

__all__ = ["Op"]
