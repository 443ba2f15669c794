"""Theano's names of databases of rewrites."""

from tensorsym.rewrite.passes import OptDB
from tensorsym.rewrite.query import Query

DB = EquilibriumDB = SequenceDB = OptDB

__all__ = ["DB", "EquilibriumDB", "Query", "SequenceDB"]
