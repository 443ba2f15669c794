"""Theano's home of `Assert`; the rewrites themselves are in `tensorsym.rewrite`."""

from tensorsym.language.assertion import Assert, assert_op
from tensorsym.language.shape import MakeVector

make_vector = MakeVector()

__all__ = ["Assert", "MakeVector", "assert_op", "make_vector"]
