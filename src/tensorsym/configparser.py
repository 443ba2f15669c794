"""Theano's names of settings."""

from tensorsym.config import ChangeFlags as change_flags  # noqa: N813 - Theano's spelling
from tensorsym.config import Config as TheanoConfigParser
from tensorsym.config import config

__all__ = ["TheanoConfigParser", "change_flags", "config"]
