"""Theano's home of sorting and of the greatest elements."""

from tensorsym.language.sorting import ArgSort as ArgSortOp
from tensorsym.language.sorting import Sort as SortOp
from tensorsym.language.sorting import argsort, sort
from tensorsym.language.topk import TopK as TopKOp
from tensorsym.language.topk import argtopk, topk, topk_and_argtopk

__all__ = [
    "ArgSortOp",
    "SortOp",
    "TopKOp",
    "argsort",
    "argtopk",
    "sort",
    "topk",
    "topk_and_argtopk",
]
