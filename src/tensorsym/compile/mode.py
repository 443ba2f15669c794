"""Theano's names of modes."""

from tensorsym.runtime.modes import MODES as predefined_modes  # noqa: N811 - Theano's spelling
from tensorsym.runtime.modes import Mode, get_default_mode, get_mode, register_mode

__all__ = ["Mode", "get_default_mode", "get_mode", "predefined_modes", "register_mode"]
