"""Theano's names of linear algebra by SciPy."""

from tensorsym.language.contraction import kron
from tensorsym.language.decompositions import Cholesky, Eigvalsh, cholesky, eigvalsh
from tensorsym.language.solving import (
    Expm,
    ExpmFrechet,
    Solve,
    expm,
    solve,
    solve_lower_triangular,
    solve_upper_triangular,
)

solve_symmetric = Solve("symmetric")

__all__ = [
    "Cholesky",
    "Eigvalsh",
    "Expm",
    "ExpmFrechet",
    "Solve",
    "cholesky",
    "eigvalsh",
    "expm",
    "kron",
    "solve",
    "solve_lower_triangular",
    "solve_symmetric",
    "solve_upper_triangular",
]
