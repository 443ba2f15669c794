"""`clone`: expressions on new nodes, with some of their variables replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensorsym.graph.variable import Constant, Variable
from tensorsym.graph.walk import clone_graph, graph_inputs
from tensorsym.runtime.io import Out

__all__ = ["clone"]


def clone(output: Any, replace: Any = None, strict: bool = True, share_inputs: bool = True) -> Any:
    """Return copies of expressions, with some of their variables replaced.

    Parameters
    ----------
    output : Variable, Out, or list of them
        What to copy.
    replace : dict or list of (Variable, Variable), optional
        Variables of the expressions and what stands in their place.
    strict : bool
        Whether a replacement must have the type of what it replaces; else types are found anew.
    share_inputs : bool
        Whether the copies depend on the very inputs of the originals; otherwise those are copied
        too, and copies of shared variables have the originals' values.

    Returns
    -------
    Variable, Out or list
        The copies, in the form of `output`.

    Raises
    ------
    TypeError
        If `output` is no expression, or a replacement has another type.
    ValueError
        If `replace` is neither a mapping nor pairs.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x, y = T.dscalars("x", "y")
    >>> float(tensorsym.clone(x + y, replace={x: y}).eval({y: 3.0}))
    6.0
    """
    items = list(output) if isinstance(output, list | tuple) else [output]
    for item in items:
        if not isinstance(item, Variable | Out):
            got = f"{type(item).__name__} {item!r}"
            raise TypeError(f"clone takes a Variable, an Out, or a list of them, got {got}")
    variables = [item.variable if isinstance(item, Out) else item for item in items]
    exchange = _exchange(replace, strict)
    leaves = [] if share_inputs else graph_inputs(variables, exchange)
    inputs = [leaf for leaf in leaves if not isinstance(leaf, Constant)]
    twins, _ = clone_graph(variables, exchange, inputs=inputs)
    copies = [
        Out(twin, item.borrow, item.recycle) if isinstance(item, Out) else twin
        for item, twin in zip(items, twins, strict=True)
    ]
    return copies if isinstance(output, list | tuple) else copies[0]


def _exchange(replace: Any, strict: bool) -> dict[Variable, Variable]:
    """Return the replacements as a dict; strictly, each of the type of what it replaces."""
    if not isinstance(replace, Mapping | list | tuple | type(None)):
        raise ValueError(f"replace is a dict or a list of pairs, got {replace!r}")
    pairs = dict(replace or {})
    return {old: old.type.filter_variable(new) if strict else new for old, new in pairs.items()}
