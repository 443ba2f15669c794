"""Theano's home of elementwise ops, reductions and reordered dimensions."""

from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.elementwise import Elementwise as Elemwise
from tensorsym.language.reduction import Reduction as CAReduce

CAReduceDtype = CAReduce

__all__ = ["CAReduce", "CAReduceDtype", "DimShuffle", "Elemwise"]
