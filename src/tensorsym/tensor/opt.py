"""Theano's home of `Assert`: `T.opt.Assert(message)(value, *conditions)`. Rewrites are in `tensorsym.rewrite`."""

from tensorsym.language.assertion import Assert, assert_op

__all__ = ["Assert", "assert_op"]
