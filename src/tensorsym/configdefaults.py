"""Theano's other home of `config`."""

from tensorsym.config import config

__all__ = ["config"]
