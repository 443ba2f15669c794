"""Theano's names of modes."""

from tensorsym.rewrite.optdb import optdb
from tensorsym.runtime.modes import MODES as predefined_modes  # noqa: N811 - Theano's spelling
from tensorsym.runtime.modes import Mode, get_default_mode, get_mode, register_mode

FAST_COMPILE = get_mode("FAST_COMPILE")
FAST_RUN = get_mode("FAST_RUN")

__all__ = [
    "FAST_COMPILE",
    "FAST_RUN",
    "Mode",
    "get_default_mode",
    "get_mode",
    "optdb",
    "predefined_modes",
    "register_mode",
]
