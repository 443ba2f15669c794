"""Theano's names of linear algebra by NumPy."""

from tensorsym.language.decompositions import QR, SVD, Eig, Eigh, eig, eigh, qr, svd
from tensorsym.language.diagonals import AllocDiag, ExtractDiag, diag, trace
from tensorsym.language.linalg import (
    Det,
    MatrixInverse,
    MatrixPinv,
    TensorInv,
    TensorSolve,
    det,
    matrix_dot,
    matrix_inverse,
    matrix_power,
    pinv,
    tensorinv,
    tensorsolve,
)
from tensorsym.language.matrixnorms import norm
from tensorsym.language.solving import LeastSquares

# In Theano `lstsq` is the op: it is called as lstsq()(x, y, rcond).
lstsq = LeastSquares
QRFull = QRIncomplete = QR
alloc_diag = AllocDiag()
extract_diag = ExtractDiag()

__all__ = [
    "QR",
    "SVD",
    "AllocDiag",
    "Det",
    "Eig",
    "Eigh",
    "ExtractDiag",
    "LeastSquares",
    "MatrixInverse",
    "MatrixPinv",
    "QRFull",
    "QRIncomplete",
    "TensorInv",
    "TensorSolve",
    "alloc_diag",
    "det",
    "diag",
    "eig",
    "eigh",
    "extract_diag",
    "lstsq",
    "matrix_dot",
    "matrix_inverse",
    "matrix_power",
    "norm",
    "pinv",
    "qr",
    "svd",
    "tensorinv",
    "tensorsolve",
    "trace",
]
