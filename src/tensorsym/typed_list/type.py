"""Theano's home of the type of lists."""

from tensorsym.language.typedlists import TypedListType

__all__ = ["TypedListType"]
