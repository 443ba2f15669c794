"""Theano's linear algebra under NumPy's names."""

from tensorsym.language.diagonals import AllocDiag, ExtractDiag
from tensorsym.language.linalg import (
    Det,
    MatrixInverse,
    det,
    matrix_dot,
    matrix_inverse,
    matrix_power,
)
from tensorsym.language.table import FUNCTIONS

diag = FUNCTIONS["diag"]
trace = FUNCTIONS["trace"]
alloc_diag = AllocDiag()
extract_diag = ExtractDiag()

__all__ = [
    "AllocDiag",
    "Det",
    "ExtractDiag",
    "MatrixInverse",
    "alloc_diag",
    "det",
    "diag",
    "extract_diag",
    "matrix_dot",
    "matrix_inverse",
    "matrix_power",
    "trace",
]
