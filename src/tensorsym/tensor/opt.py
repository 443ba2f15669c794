"""Theano's home of `Assert`; the rewrites themselves are in `tensorsym.rewrite`."""

from tensorsym.language.assertion import Assert, assert_op

__all__ = ["Assert", "assert_op"]
