"""Theano's names of databases of rewrites."""

from tensorsym.rewrite.optdb import OptDB
from tensorsym.rewrite.optdb import TagQuery as Query

DB = EquilibriumDB = SequenceDB = OptDB

__all__ = ["DB", "EquilibriumDB", "Query", "SequenceDB"]
