"""Theano's home of variables of tensors."""

from tensorsym.language.operators import TensorOperators as _tensor_py_operators  # noqa: N813
from tensorsym.language.variable import TensorConstant, TensorVariable

__all__ = ["TensorConstant", "TensorVariable", "_tensor_py_operators"]
