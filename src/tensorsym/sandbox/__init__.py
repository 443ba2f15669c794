"""Theano's corner of things that were new: random streams, sampling and linear algebra."""

from tensorsym.sandbox import linalg, multinomial, rng_mrg

__all__ = ["linalg", "multinomial", "rng_mrg"]
