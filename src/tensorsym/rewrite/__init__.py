"""Rules as data and named algorithms that simplify, stabilise and specialise a function graph.

In: a `FunctionGraph`. Out: the same graph, changed in place, and a `Report` of what fired and why.
Nothing here decides how a node is computed: fusion, buffers and devices belong to the schedule.
"""

from tensorsym.rewrite import (
    algebra,
    fills,
    folding,
    identities,
    indexing,
    lengths,
    linalg,
    losses,
    reductions,
    sigmoids,
    softmaxes,
    specialize,
    stabilize,
    structure,
)
from tensorsym.rewrite.engine import rewrite
from tensorsym.rewrite.query import Query
from tensorsym.rewrite.report import Report
from tensorsym.rewrite.rules import REWRITES, Rule, rules

__all__ = [
    "REWRITES",
    "Query",
    "Report",
    "Rule",
    "algebra",
    "fills",
    "folding",
    "identities",
    "indexing",
    "lengths",
    "linalg",
    "losses",
    "reductions",
    "rewrite",
    "rules",
    "sigmoids",
    "softmaxes",
    "specialize",
    "stabilize",
    "structure",
]

REWRITES.freeze()
