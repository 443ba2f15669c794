"""Theano's home of `OrderedUpdates`."""

from tensorsym.runtime.updates import OrderedUpdates

__all__ = ["OrderedUpdates"]
