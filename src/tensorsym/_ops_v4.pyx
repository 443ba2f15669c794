# cython: language_level=3, boundscheck=False, wraparound=False
# cython: initializedcheck=False, cdivision=True
"""The loops of frequent dtypes compiled for AVX-512; `_ops` takes them if it can."""

from cpython.pycapsule cimport PyCapsule_New

include "_dtypes.pxi"
include "_loops.pxi"

cdef void *_table[TABLE_SIZE]


def table():
    """Return a capsule with the addresses of the loops; those of rare dtypes are null."""
    fill_common(_table)
    return PyCapsule_New(_table, "tensorsym.loops", NULL)
