"""Theano's corner of things that were new: random streams, sampling and linear algebra."""

from tensorsym.sandbox import multinomial, rng_mrg

__all__ = ["multinomial", "rng_mrg"]
