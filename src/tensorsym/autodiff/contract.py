"""What the op protocol promises about gradients, checked: users write ops too."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from tensorsym.errors import NotScalarConstantError, OpGradientError
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.variable import Variable
from tensorsym.language.dtypes import is_discrete
from tensorsym.language.shape import get_scalar_constant_value

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tensorsym.graph.variable import Apply

__all__ = ["check_terms", "checked_pattern"]


def checked_pattern(node: Apply) -> list[list[bool]]:
    """Return the op's connection pattern after checking its form.

    Raises
    ------
    OpGradientError
        If it is not one list per input with one bool per output.
    """
    pattern: Any = node.op.connection_pattern(node)
    right = isinstance(pattern, list) and len(pattern) == len(node.inputs)
    for row in pattern if right else ():
        right = right and isinstance(row, list) and len(row) == len(node.outputs)
    if not right:
        raise OpGradientError(
            f"{node.op}.connection_pattern does not fit the node",
            got=repr(pattern),
            expected=f"a list of {len(node.inputs)} lists of {len(node.outputs)} bools",
            origin=node.origin,
        )
    return pattern  # type: ignore[no-any-return]


def check_terms(
    node: Apply, sources: list[list[int]], terms: Any, wanted: Collection[int]
) -> Sequence[Variable | None]:
    """Return the terms that an op's L_op (or grad) gave for its inputs after checking them.

    Parameters
    ----------
    node : Apply
        The node.
    sources : list of list of int
        For each input the outputs from which a gradient reaches it.
    terms : object
        What the op returned.
    wanted : collection of int
        Inputs whose terms are needed; an op of the language may give None for the others.

    Raises
    ------
    OpGradientError
        If the number, a type, a dtype or a rank is wrong, or a term contradicts the connection
        pattern.
    """
    if not isinstance(terms, list | tuple):
        _refuse(node, f"returned {type(terms).__name__}", "a list with one term per input")
    if len(terms) != len(node.inputs):
        _refuse(node, f"returned {len(terms)} terms", f"{len(node.inputs)}, one per input")
    for index, term in enumerate(terms):
        if term is None and index not in wanted and type(node.op).L_op is not Op.L_op:
            continue
        if not isinstance(term, Variable):
            _refuse(
                node,
                f"returned {term!r} for input {index}",
                "a variable",
                hint="return zeros_like(input), DisconnectedType()() or grad_undefined(...)",
            )
        if isinstance(term.type, DisconnectedType):
            if sources[index]:
                _missing(node, index)
        elif not sources[index]:
            _refuse(
                node,
                f"returned {term} for input {index}",
                "DisconnectedType()(), as the connection pattern says",
            )
        elif not isinstance(term.type, NullType):
            _check_term(node, index, term, sources[index])
    return terms  # type: ignore[no-any-return]


def _check_term(node: Apply, index: int, term: Variable, sources: list[int]) -> None:
    dtype = getattr(term.type, "dtype", None)
    if dtype is not None and is_discrete(dtype):
        _refuse(
            node,
            f"returned {term} of {dtype} for input {index}",
            "a float; gradients are no integers",
        )
    rank = getattr(node.inputs[index].type, "ndim", None)
    if rank is not None and getattr(term.type, "ndim", rank) != rank:
        _refuse(
            node,
            f"returned {term} of type {term.type} for input {index}",
            f"{rank} dimensions, as the input has",
        )
    kinds = [getattr(node.outputs[j].type, "dtype", None) for j in sources]
    if all(kind is not None and is_discrete(kind) for kind in kinds) and _is_nonzero(term):
        _refuse(
            node,
            f"returned the constant {term} for input {index}",
            "zeros, since only integer outputs depend on it",
        )


def _is_nonzero(term: Variable) -> bool:
    """Tell whether a term is known to be a constant other than 0."""
    try:
        return bool(get_scalar_constant_value(term) != 0)
    except NotScalarConstantError:
        return False


def _missing(node: Apply, index: int) -> None:
    """Report a disconnected term where the connection pattern promises one."""
    what = f"a disconnected gradient for input {index} of {node.op}"
    if type(node.op).connection_pattern is Op.connection_pattern:
        # As in Theano an op that never thought about connections is only told so.
        warnings.warn(f"{what}; define connection_pattern for it", UserWarning, stacklevel=2)
        return
    _refuse(node, f"returned {what}", "a term, as the connection pattern says")


def _refuse(node: Apply, what: str, expected: str, hint: str | None = None) -> None:
    method = "grad" if type(node.op).L_op is Op.L_op else "L_op"
    raise OpGradientError(
        f"{node.op}.{method} {what}", expected=expected, origin=node.origin, hint=hint
    )
