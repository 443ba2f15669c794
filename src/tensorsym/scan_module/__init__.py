"""Theano's names of loops."""

from tensorsym.language.loop import Loop
from tensorsym.runtime.scan import scan
from tensorsym.runtime.scanforms import foldl, foldr, map, reduce, scan_checkpoints
from tensorsym.runtime.stepresult import until
from tensorsym.scan_module import scan_op, scan_utils

__all__ = [
    "Loop",
    "foldl",
    "foldr",
    "map",
    "reduce",
    "scan",
    "scan_checkpoints",
    "scan_op",
    "scan_utils",
    "until",
]
