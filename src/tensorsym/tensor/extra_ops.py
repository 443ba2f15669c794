"""Theano's home of counting, repetition, searching and the like; all but `Unique` stand in `tensorsym.tensor` too."""

from tensorsym.language.table import FUNCTIONS
from tensorsym.language.uniqueness import Unique

_NAMES = (
    "bartlett",
    "bincount",
    "compress",
    "cumprod",
    "cumsum",
    "diff",
    "fill_diagonal",
    "fill_diagonal_offset",
    "ravel_multi_index",
    "repeat",
    "searchsorted",
    "squeeze",
    "to_one_hot",
    "unravel_index",
)
globals().update({name: FUNCTIONS[name] for name in _NAMES})

__all__ = ["Unique", *_NAMES]
