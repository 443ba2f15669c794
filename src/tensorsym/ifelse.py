"""Theano's `theano.ifelse`: a choice between expressions of which only the chosen one is computed."""

from tensorsym.language.ifelse import IfElse, ifelse

__all__ = ["IfElse", "ifelse"]
