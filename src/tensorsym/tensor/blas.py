"""Theano's home of products by the library."""

from tensorsym.language.blas import Gemm, Gemv, Ger, ScaledDot
from tensorsym.language.contraction import BatchedDot, batched_dot
from tensorsym.language.products import Dot

gemm_no_inplace = Gemm()
gemv_no_inplace = Gemv()
ger = Ger()
gemm = gemm_inplace = gemm_no_inplace
gemv = gemv_inplace = gemv_no_inplace
ger_destructive = ger

__all__ = [
    "BatchedDot",
    "Dot",
    "Gemm",
    "Gemv",
    "Ger",
    "ScaledDot",
    "batched_dot",
    "gemm_no_inplace",
    "gemv_no_inplace",
    "ger",
]
