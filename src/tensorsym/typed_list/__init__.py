"""Lists of values of one type, Theano's `theano.typed_list`; their ops run in Python."""

from tensorsym.typed_list import basic, type
from tensorsym.typed_list.basic import *  # noqa: F403 - what `basic` has
from tensorsym.typed_list.basic import __all__ as _names
from tensorsym.typed_list.type import TypedListType

__all__ = ["TypedListType", "basic", "type"]
__all__ += list(_names)
