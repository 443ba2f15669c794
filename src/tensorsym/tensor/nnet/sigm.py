"""Theano's home of sigmoids."""

from tensorsym.language import load
from tensorsym.language.table import FUNCTIONS

load()

hard_sigmoid = FUNCTIONS["hard_sigmoid"]
sigmoid = FUNCTIONS["sigmoid"]
softplus = FUNCTIONS["softplus"]
ultra_fast_sigmoid = FUNCTIONS["ultra_fast_sigmoid"]

__all__ = ["hard_sigmoid", "sigmoid", "softplus", "ultra_fast_sigmoid"]
