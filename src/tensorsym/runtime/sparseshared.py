"""Shared variables whose value is a sparse matrix."""

from __future__ import annotations

import copy
from typing import Any

from tensorsym.language.sparsetype import SparseOperators, SparseType
from tensorsym.runtime.shared import SharedVariable, shared_constructor

__all__ = ["SparseTensorSharedVariable", "sparse_constructor"]


class SparseTensorSharedVariable(SparseOperators, SharedVariable):
    """A shared sparse matrix."""


@shared_constructor
def sparse_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    format: str | None = None,
) -> SparseTensorSharedVariable:
    """Share a SciPy matrix.

    Parameters
    ----------
    value : SciPy matrix
        The first value.
    name : str, optional
        Name.
    strict, allow_downcast : bool
        As for `shared`.
    borrow : bool
        Whether the value is taken as it is, not copied.
    format : {'csr', 'csc'}, optional
        Format of the variable; the value's if not given.
    """
    # Told by its class's home: nothing of SciPy is imported for values that are not sparse.
    if not type(value).__module__.startswith("scipy.sparse"):
        raise TypeError(f"expected a sparse matrix, got {type(value).__name__}")
    type_ = SparseType(format or value.format, value.dtype)
    kept = value if borrow else copy.deepcopy(value)
    return SparseTensorSharedVariable(name, type_, kept, strict, allow_downcast)
