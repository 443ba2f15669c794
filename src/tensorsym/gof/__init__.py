"""Theano's names of the graph room."""

from tensorsym.errors import InconsistencyError, MissingInputError
from tensorsym.gof import fg, graph, link, null_type, op, opt, optdb, toolbox, type, utils
from tensorsym.gof.link import CLinker, DualLinker, OpWiseCLinker, PerformLinker
from tensorsym.gof.opt import (
    EquilibriumOptimizer,
    FromFunctionLocalOptimizer,
    LocalOptGroup,
    LocalOptimizer,
    MergeOptimizer,
    OpKeyOptimizer,
    OpRemove,
    OpSub,
    Optimizer,
    PatternOptimizer,
    PatternSub,
    SeqOptimizer,
    TopoOptimizer,
    local_optimizer,
    optimizer,
)
from tensorsym.gof.optdb import DB, EquilibriumDB, Query, SequenceDB
from tensorsym.graph.functiongraph import Feature, FunctionGraph
from tensorsym.graph.op import Op
from tensorsym.graph.type import Generic, Type, generic
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.runtime.container import Container

OpenMPOp = COp = PureOp = Op

__all__ = [
    "DB",
    "Apply",
    "CLinker",
    "COp",
    "Constant",
    "Container",
    "DualLinker",
    "EquilibriumDB",
    "EquilibriumOptimizer",
    "Feature",
    "FromFunctionLocalOptimizer",
    "FunctionGraph",
    "Generic",
    "InconsistencyError",
    "LocalOptGroup",
    "LocalOptimizer",
    "MergeOptimizer",
    "MissingInputError",
    "Op",
    "OpKeyOptimizer",
    "OpRemove",
    "OpSub",
    "OpWiseCLinker",
    "OpenMPOp",
    "Optimizer",
    "PatternOptimizer",
    "PatternSub",
    "PerformLinker",
    "PureOp",
    "Query",
    "SeqOptimizer",
    "SequenceDB",
    "TopoOptimizer",
    "Type",
    "Variable",
    "fg",
    "generic",
    "graph",
    "link",
    "local_optimizer",
    "null_type",
    "op",
    "opt",
    "optdb",
    "optimizer",
    "toolbox",
    "type",
    "utils",
]
