"""`ifelse`: a choice between expressions of which only the chosen one is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorsym.errors import DTypeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["IfElse", "ifelse"]


class IfElse(Op):
    """The first values where a scalar condition holds, the second ones where not, computed lazily.

    Parameters
    ----------
    n_outs : int
        Number of values of a branch.
    name : str, optional
        Name for printing.
    """

    __props__ = ("n_outs",)
    may_raise = False

    def __init__(self, n_outs: int = 1, name: str | None = None) -> None:
        self.n_outs = n_outs
        self.name = name
        self.view_map = {k: [1 + k, 1 + n_outs + k] for k in range(n_outs)}

    def make_node(self, condition: Any, *branches: Any) -> Apply:
        """Return the application on a condition and the values of both branches."""
        condition = as_tensor_variable(condition)
        if condition.type.ndim:
            raise TypeError(f"the condition of ifelse is a scalar, got {condition.type}")
        if len(branches) != 2 * self.n_outs:
            raise ValueError(f"{self} takes {2 * self.n_outs} values, {len(branches)} given")
        pairs = [
            _of_one_type(first, second)
            for first, second in zip(branches[: self.n_outs], branches[self.n_outs :], strict=True)
        ]
        firsts, seconds = [a for a, _ in pairs], [b for _, b in pairs]
        return Apply(self, [condition, *firsts, *seconds], [v.type() for v in firsts])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Hand on the chosen values; those of the other branch need not be there."""
        first = 1 if inputs[0] else 1 + self.n_outs
        for k, cell in enumerate(output_storage):
            cell[0] = inputs[first + k]

    def lazy_branches(self, node: Apply) -> list[list[int]]:
        """Return the inputs of both branches."""
        return [
            list(range(1, 1 + self.n_outs)),
            list(range(1 + self.n_outs, 1 + 2 * self.n_outs)),
        ]

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return lengths chosen as the values are, where both branches know theirs."""
        condition = node.inputs[0]
        pairs = zip(shapes[1 : 1 + self.n_outs], shapes[1 + self.n_outs :], strict=True)
        return [
            None
            if first is None or second is None
            else tuple(
                FUNCTIONS["switch"](condition, a, b) for a, b in zip(first, second, strict=True)
            )
            for first, second in pairs
        ]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that an output depends on its two values."""
        outputs = range(self.n_outs)
        rows = [[k == j for j in outputs] for k in outputs]
        return [[False] * self.n_outs, *rows, *rows]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient for the chosen values and zeros for the others, chosen lazily too."""
        condition = inputs[0]
        zeros = [FUNCTIONS["zeros_like"](g) for g in output_grads]
        firsts = IfElse(self.n_outs)(condition, *output_grads, *zeros, return_list=True)
        seconds = IfElse(self.n_outs)(condition, *zeros, *output_grads, return_list=True)
        return [FUNCTIONS["disconnected"](), *firsts, *seconds]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangents of the chosen values."""
        tangents = [
            FUNCTIONS["zeros_like"](v) if t is None else t
            for v, t in zip(inputs[1:], eval_points[1:], strict=True)
        ]
        return self(inputs[0], *tangents, return_list=True)  # type: ignore[no-any-return]

    def __str__(self) -> str:
        return f"if{{{self.name}}}" if self.name else "if{}"


def _of_one_type(first: Any, second: Any) -> tuple[Variable, Variable]:
    """Return two values as variables of one type: the one that knows less of its shape."""
    first = first if isinstance(first, Variable) else as_tensor_variable(first)
    second = second if isinstance(second, Variable) else as_tensor_variable(second)
    if first.type == second.type and _same_shape(first, second):
        return first, second
    for wanted, other, flipped in ((first, second, False), (second, first, True)):
        converted = wanted.type.convert_variable(other)
        if converted is not None:
            return (converted, wanted) if flipped else (wanted, converted)
    if _ranks(first) == _ranks(second) is not None and first.type.dtype == second.type.dtype:
        axes = range(_ranks(first) or 0)
        return FUNCTIONS["unbroadcast"](first, *axes), FUNCTIONS["unbroadcast"](second, *axes)
    raise DTypeError(
        "the branches of ifelse have different types",
        got=f"{first.type} and {second.type}",
        hint="cast one, or T.patternbroadcast",
        origin=first.origin + second.origin,
    )


def _same_shape(first: Variable, second: Variable) -> bool:
    return getattr(first.type, "shape", None) == getattr(second.type, "shape", None)


def _ranks(v: Variable) -> int | None:
    return getattr(v.type, "ndim", None)


@public("ifelse")
def ifelse(condition: Any, then_branch: Any, else_branch: Any, name: str | None = None) -> Any:
    """Return the values of one of two branches; only what the chosen branch needs is computed.

    Parameters
    ----------
    condition : scalar
        True (not 0) chooses the first branch.
    then_branch, else_branch : Variable, or list or tuple of them
        The values, of equal number and types.
    name : str, optional
        Name for printing.

    Returns
    -------
    Variable, or list of Variable
        As the branches are given.

    Raises
    ------
    TypeError
        If the types of the branches differ.
    ValueError
        If the branches have different numbers of values.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.language.ifelse import ifelse
    >>> ifelse(T.scalar() > 0, T.vector(), T.vector()).ndim
    1
    """
    several = isinstance(then_branch, Sequence)
    firsts = list(then_branch) if isinstance(then_branch, Sequence) else [then_branch]
    seconds = list(else_branch) if isinstance(else_branch, Sequence) else [else_branch]
    if len(firsts) != len(seconds):
        raise ValueError(f"the branches have {len(firsts)} and {len(seconds)} values")
    values = IfElse(len(firsts), name)(condition, *firsts, *seconds, return_list=True)
    return values if several else values[0]
