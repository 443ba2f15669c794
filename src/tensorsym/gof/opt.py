"""Theano's names of rewrites of graphs."""

from typing import Any

from tensorsym.rewrite.localopt import (
    FunctionLocalOptimizer as FromFunctionLocalOptimizer,
)
from tensorsym.rewrite.localopt import (
    LocalOptGroup,
    LocalOptimizer,
    OpRemove,
    OpSub,
    PatternSub,
    local_optimizer,
)
from tensorsym.rewrite.passes import (
    EquilibriumOptimizer,
    MergeOptimizer,
    Optimizer,
    SeqOptimizer,
    TopoOptimizer,
    in2out,
    optimizer,
    out2in,
)

PatternOptimizer = PatternSub
OpKeyOptimizer = TopoOptimizer
NavigatorOptimizer = TopoOptimizer


def check_stack_trace(
    f_or_fgraph: Any, ops_to_check: Any = "last", bug_print: str = "raise"
) -> bool:
    """Tell whether the nodes of a function know where the user built them.

    Parameters
    ----------
    f_or_fgraph : Function or FunctionGraph
        What is looked at.
    ops_to_check : {'last', 'all'}, op or class
        Kept for Theano programs: all nodes know it, or none do where origins are switched off.
    bug_print : str
        Kept for Theano programs.
    """
    graph = getattr(getattr(f_or_fgraph, "maker", None), "fgraph", f_or_fgraph)
    return all(node.origin for node in graph.toposort())


__all__ = [
    "EquilibriumOptimizer",
    "FromFunctionLocalOptimizer",
    "LocalOptGroup",
    "LocalOptimizer",
    "MergeOptimizer",
    "NavigatorOptimizer",
    "OpKeyOptimizer",
    "OpRemove",
    "OpSub",
    "Optimizer",
    "PatternOptimizer",
    "PatternSub",
    "SeqOptimizer",
    "TopoOptimizer",
    "check_stack_trace",
    "in2out",
    "local_optimizer",
    "optimizer",
    "out2in",
]
