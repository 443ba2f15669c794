"""Ops that run on the host although their operands may be on a device, and why.

A class is in `DEVICE_OPS`, is lowered to an instruction of the Plan, or stands here.
"""

from __future__ import annotations

from typing import Any

from tensorsym.language.assertion import Default
from tensorsym.language.convolution import BaseAbstractConv
from tensorsym.language.ctc import ConnectionistTemporalClassification
from tensorsym.language.decompositions import QR, SVD, Cholesky, Eig, Eigh, Eigvalsh
from tensorsym.language.fourier import FourierOp
from tensorsym.language.hostops import FromFunctionOp, Print
from tensorsym.language.linalg import Det, MatrixInverse, MatrixPinv, TensorInv, TensorSolve
from tensorsym.language.neighbours import Images2Neibs, Neibs2Images
from tensorsym.language.opfromgraph import OpFromGraph
from tensorsym.language.pooling import Pooling
from tensorsym.language.raising import Raise
from tensorsym.language.randomstate import RandomFunction
from tensorsym.language.repetition import RepeatedPositions
from tensorsym.language.reshape import Reshape
from tensorsym.language.scalarops import ScalarOp
from tensorsym.language.slices import MakeSlice
from tensorsym.language.solving import Expm, ExpmFrechet, LeastSquares, Solve
from tensorsym.language.sorting import ArgSort, SearchSorted, Sort
from tensorsym.language.sparseindex import FromPlaces, GetItem2d, GetItem2Lists
from tensorsym.language.sparselinear import HStack, Linear
from tensorsym.language.sparseops import AddSS, Mul, ProductAt, SpSum, StructuredDot, TrueDot
from tensorsym.language.sparseparts import (
    CSM,
    CSMProperties,
    DenseFromSparse,
    SparseFromDense,
    Stored,
)
from tensorsym.language.topk import TopK
from tensorsym.language.typedlists import TypedListOp
from tensorsym.language.uniqueness import Unique

__all__ = ["HOST_OPS"]

LAPACK = "LAPACK's routines run on the host; cuSOLVER is not bound"
IMAGES = "convolutions and pooling run on the host; cuDNN is not bound"
SPARSE = "sparse matrices are objects of SciPy"
SORTED = "its order needs a stable sort of any length, which is not written"

# Op class -> why it has no kernel here; that of a base is its subclasses' too.
HOST_OPS: dict[type[Any], str] = {
    AddSS: SPARSE,
    ArgSort: SORTED,
    BaseAbstractConv: IMAGES,
    Cholesky: LAPACK,
    ConnectionistTemporalClassification: "its recursion over time runs on the host",
    CSM: SPARSE,
    CSMProperties: SPARSE,
    Default: "an input may be None, which only the host knows",
    DenseFromSparse: SPARSE,
    Det: LAPACK,
    Eig: LAPACK,
    Eigh: LAPACK,
    Eigvalsh: LAPACK,
    Expm: LAPACK,
    ExpmFrechet: LAPACK,
    FourierOp: "NumPy's transforms run on the host; cuFFT is not bound",
    FromFunctionOp: "it calls a Python function of arrays",
    FromPlaces: SPARSE,
    GetItem2d: SPARSE,
    GetItem2Lists: SPARSE,
    HStack: SPARSE,
    Images2Neibs: IMAGES,
    LeastSquares: LAPACK,
    Linear: SPARSE,
    MakeSlice: "a slice is an object of Python",
    MatrixInverse: LAPACK,
    MatrixPinv: LAPACK,
    Mul: SPARSE,
    Neibs2Images: IMAGES,
    OpFromGraph: "its graph is inlined before there is a Plan; what is left calls Python",
    Pooling: IMAGES,
    Print: "it prints on the host",
    ProductAt: SPARSE,
    QR: LAPACK,
    Raise: "it raises on the host",
    RandomFunction: "NumPy's generators draw on the host; MRG streams draw on the device",
    RepeatedPositions: "the counts' values say how long the result is, and they are few",
    Reshape: "only shapes of other dtypes than int64 get here",
    ScalarOp: "functions of one number, to be part of others; numbers are computed on the host",
    SearchSorted: "one thread's binary search per value would wait on memory at each step",
    Solve: LAPACK,
    Sort: SORTED,
    TopK: SORTED,
    SparseFromDense: SPARSE,
    SpSum: SPARSE,
    Stored: SPARSE,
    StructuredDot: SPARSE,
    SVD: LAPACK,
    TensorInv: LAPACK,
    TensorSolve: LAPACK,
    TrueDot: SPARSE,
    TypedListOp: "a list is an object of Python",
    Unique: SORTED,
}
