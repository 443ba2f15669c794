"""Theano's `theano.ifelse`: a choice of expressions of which only the chosen one is computed."""

from tensorsym.language.ifelse import IfElse, ifelse

__all__ = ["IfElse", "ifelse"]
