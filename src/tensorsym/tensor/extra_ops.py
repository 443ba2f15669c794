"""Theano's home of counting, repetition and searching: functions of `tensorsym.tensor`."""

from tensorsym.language.table import FUNCTIONS
from tensorsym.language.uniqueness import Unique

__all__ = ["Unique"] + [
    name
    for name in (
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
    if name in FUNCTIONS
]
globals().update({name: FUNCTIONS[name] for name in __all__[1:]})
