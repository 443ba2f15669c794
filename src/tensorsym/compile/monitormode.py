"""Theano's names of monitors of nodes."""

from tensorsym.runtime.modes import MonitorMode
from tensorsym.watch import detect_nan

__all__ = ["MonitorMode", "detect_nan"]
