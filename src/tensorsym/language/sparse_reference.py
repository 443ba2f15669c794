"""What sparse matrices compute, by SciPy; imported when the first sparse value is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

__all__ = ["FORMATS", "dense", "dot", "from_dense", "is_sparse", "matrix", "parts", "stored"]

FORMATS: dict[str, Any] = {"csr": sp.csr_matrix, "csc": sp.csc_matrix, "bsr": sp.bsr_matrix}


def is_sparse(value: Any) -> bool:
    """Tell whether a value is a sparse matrix."""
    return bool(sp.issparse(value))


def matrix(format_: str, data: Any, indices: Any, indptr: Any, shape: Any) -> Any:
    """Return the matrix of stored elements, their places and its shape."""
    return FORMATS[format_]((data, indices, indptr), shape=tuple(map(int, shape)), copy=False)


def parts(x: Any) -> tuple[Any, ...]:
    """Return stored elements, their indices, where rows (columns) start, and the shape."""
    return (
        x.data,
        np.asarray(x.indices, dtype="int32"),
        np.asarray(x.indptr, dtype="int32"),
        np.asarray(x.shape, dtype="int32"),
    )


def places(x: Any) -> tuple[Any, Any]:
    """Return the rows and columns of the stored elements, in their order."""
    major = np.repeat(np.arange(len(x.indptr) - 1), np.diff(x.indptr))
    return (major, x.indices) if x.format == "csr" else (x.indices, major)


def stored(x: Any, values: Any) -> Any:
    """Return the elements of `values`, dense or sparse, where `x` stores some."""
    rows, columns = places(x)
    if is_sparse(values):
        return np.asarray(values.tocsr()[rows, columns]).reshape(-1)
    rows = rows if values.shape[0] != 1 or x.shape[0] == 1 else np.zeros_like(rows)
    columns = columns if values.shape[1] != 1 or x.shape[1] == 1 else np.zeros_like(columns)
    return values[rows, columns]


def product_at(x: Any, left: Any, right: Any) -> Any:
    """Return the elements of left @ right.T where `x` stores some."""
    rows, columns = places(x)
    return np.einsum("ij,ij->i", left[rows], right[columns])


def dense(x: Any) -> Any:
    """Return a sparse matrix as an array."""
    return x.toarray()


def from_dense(format_: str, x: Any) -> Any:
    """Return an array as a sparse matrix of its elements other than 0."""
    return FORMATS[format_](x)


def dot(x: Any, y: Any) -> Any:
    """Return the product of a sparse matrix and a sparse or dense one."""
    return x @ y


def add(x: Any, y: Any, format_: str) -> Any:
    """Return the sum of two sparse matrices."""
    return FORMATS[format_](x + y)


def stack(blocks: Any, axis: int, format_: str, dtype: str) -> Any:
    """Return matrices below (axis 0) or beside each other."""
    return (sp.hstack if axis else sp.vstack)(blocks, format=format_, dtype=dtype)


def elements(x: Any, rows: Any, columns: Any) -> Any:
    """Return the elements at pairs of indices, as an array."""
    return np.asarray(x.tocsr()[rows, columns], dtype=x.dtype).reshape(-1)


def from_places(format_: str, values: Any, rows: Any, columns: Any, shape: Any) -> Any:
    """Return the matrix of elements at pairs of indices; those of one place are added."""
    if is_sparse(values):
        coo = values.tocoo()
        values, rows, columns = coo.data, rows[coo.row], columns[coo.col]
    lengths = tuple(map(int, shape))
    # NumPy's negative indices count from the end; the matrix's are its own.
    places = (np.where(rows < 0, rows + lengths[0], rows), columns + (columns < 0) * lengths[1])
    return FORMATS[format_](sp.coo_matrix((values, places), shape=lengths))


def total(x: Any, axis: int | None) -> Any:
    """Return the sum of elements over an axis, or of all, as an array."""
    return np.asarray(x.sum(axis), dtype=x.dtype).reshape(() if axis is None else -1)


def scaled(x: Any, y: Any, dtype: str) -> Any:
    """Return the matrix with the structure of `x` of its elements times those of `y`."""
    factors = y if not is_sparse(y) and y.ndim == 0 else stored(x, y)
    data = np.asarray(x.data * factors, dtype)
    return FORMATS[x.format]((data, x.indices, x.indptr), x.shape, copy=True)
