"""Theano's home of ops made of graphs."""

from tensorsym.language.opfromgraph import OpFromGraph

__all__ = ["OpFromGraph"]
