"""Theano's home of the type of tensors."""

from tensorsym.language.tensortype import TensorType

__all__ = ["TensorType"]
