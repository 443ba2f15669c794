"""Theano's home of inputs and outputs of functions."""

from tensorsym.runtime.io import In, Out

SymbolicInput = In
SymbolicOutput = Out

__all__ = ["In", "Out", "SymbolicInput", "SymbolicOutput"]
