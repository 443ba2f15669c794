"""Theano's names of the graph room."""

from tensorsym.errors import InconsistencyError, MissingInputError
from tensorsym.gof import fg, graph, op, toolbox, type
from tensorsym.graph.functiongraph import Feature, FunctionGraph
from tensorsym.graph.op import Op
from tensorsym.graph.type import Generic, Type, generic
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.runtime.container import Container

__all__ = [
    "Apply",
    "Constant",
    "Container",
    "Feature",
    "FunctionGraph",
    "Generic",
    "InconsistencyError",
    "MissingInputError",
    "Op",
    "Type",
    "Variable",
    "fg",
    "generic",
    "graph",
    "op",
    "toolbox",
    "type",
]
