"""Theano's former home of linear algebra."""

from tensorsym.language.contraction import kron
from tensorsym.language.decompositions import cholesky
from tensorsym.language.linalg import det, matrix_inverse, pinv
from tensorsym.language.solving import solve
from tensorsym.language.table import FUNCTIONS

diag = FUNCTIONS["diag"]
trace = FUNCTIONS["trace"]

__all__ = ["cholesky", "det", "diag", "kron", "matrix_inverse", "pinv", "solve", "trace"]
