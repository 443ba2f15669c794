"""Theano's home of counting, repetition and searching: functions of `tensorsym.tensor`."""

from tensorsym.language.cumulative import CumOp
from tensorsym.language.functionop import op_class
from tensorsym.language.sorting import SearchSorted as SearchsortedOp
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.uniqueness import Unique

NAMES = (
    "bartlett",
    "bincount",
    "broadcast_to",
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
globals().update({name: FUNCTIONS[name] for name in NAMES})

Bartlett = op_class("Bartlett", FUNCTIONS["bartlett"])
CpuContiguous = op_class("CpuContiguous", FUNCTIONS["tensor_copy"])
DiffOp = op_class("DiffOp", FUNCTIONS["diff"], "n", "axis")
FillDiagonal = op_class("FillDiagonal", FUNCTIONS["fill_diagonal"])
FillDiagonalOffset = op_class("FillDiagonalOffset", FUNCTIONS["fill_diagonal_offset"])
RavelMultiIndex = op_class("RavelMultiIndex", FUNCTIONS["ravel_multi_index"], "mode", "order")
RepeatOp = op_class("RepeatOp", FUNCTIONS["repeat"], "axis")
UnravelIndex = op_class("UnravelIndex", FUNCTIONS["unravel_index"], "order")
cpu_contiguous = FUNCTIONS["tensor_copy"]

__all__ = [
    "Bartlett",
    "CpuContiguous",
    "CumOp",
    "DiffOp",
    "FillDiagonal",
    "FillDiagonalOffset",
    "RavelMultiIndex",
    "RepeatOp",
    "SearchsortedOp",
    "Unique",
    "UnravelIndex",
    "cpu_contiguous",
]
__all__ += list(NAMES)
