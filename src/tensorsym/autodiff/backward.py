"""The walk of reverse mode: gradients flow to the targets, each node visited once."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

from tensorsym.autodiff.contract import check_terms, checked_pattern
from tensorsym.autodiff.fitting import in_dtype_of, like_variable
from tensorsym.errors import ShapeError
from tensorsym.graph.collector import uncollected
from tensorsym.graph.origin import from_origin
from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.variable import Constant
from tensorsym.graph.walk import toposort
from tensorsym.language.arithmetic import add, tensor_copy
from tensorsym.language.tensortype import TensorType

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tensorsym.graph.variable import Apply, Variable

__all__ = ["backward", "node_gradients"]

Pattern = list[list[bool]]


def backward(
    starts: Mapping[Variable, Variable],
    targets: Sequence[Variable],
    constants: Collection[Variable] = (),
    cost_name: str | None = None,
) -> list[Variable]:
    """Return the gradient of each target.

    Parameters
    ----------
    starts : mapping of Variable to Variable
        Variables with their gradients; what flows into them from elsewhere is ignored.
    targets : sequence of Variable
        Variables whose gradients are wanted.
    constants : collection of Variable
        Variables that no gradient passes through.
    cost_name : str, optional
        What is differentiated, for the names of gradients.

    Returns
    -------
    list of Variable
        Of type DisconnectedType where no gradient arrives, of NullType where an undefined one does.
    """
    flow = Flow(starts, constants, cost_name)
    with uncollected():
        for node, pattern in reversed(_between(starts, targets, flow.constants, flow.dependent)):
            flow.through(node, pattern)
        return [flow.gradient(target) for target in targets]


def _between(
    starts: Mapping[Variable, Variable],
    targets: Sequence[Variable],
    constants: Collection[Variable],
    dependent: set[Variable],
) -> list[tuple[Apply, Pattern]]:
    """Return the nodes by which a start depends on a target; add their outputs to `dependent`."""
    dependent.update(targets)
    nodes = []
    for node in toposort(starts, constants):
        inputs = [index for index, v in enumerate(node.inputs) if v in dependent]
        if not inputs:
            continue
        pattern = checked_pattern(node)
        reached = [
            output
            for column, output in enumerate(node.outputs)
            if output not in constants and any([pattern[row][column] for row in inputs])
        ]
        if reached:
            dependent.update(reached)
            nodes.append((node, pattern))
    return nodes


class Flow:
    """The gradients so far: complete ones, and the terms that have arrived at other variables."""

    def __init__(
        self,
        starts: Mapping[Variable, Variable],
        constants: Collection[Variable],
        cost_name: str | None,
    ) -> None:
        self.complete: dict[Variable, Variable] = dict(starts)
        self.terms: dict[Variable, list[Variable]] = {}
        self.constants = frozenset(constants)
        self.cost_name = cost_name
        # Variables that depend on a target: only their gradients are kept.
        self.dependent: set[Variable] = set()
        self.disconnected: Variable = DisconnectedType()()

    def gradient(self, variable: Variable) -> Variable:
        """Return the sum of the terms that have arrived at `variable`."""
        found = self.complete.get(variable)
        if found is None:
            found = self.disconnected
            terms = self.terms.pop(variable, None)
            if terms:
                found = _total(variable, terms)
                if self.cost_name is not None and variable.name is not None:
                    self._name(found, variable)
            self.complete[variable] = found
        return found

    def _name(self, gradient: Variable, variable: Variable) -> None:
        """Name a gradient, unless it is a variable of the user's."""
        is_leaf = gradient.owner is None and not isinstance(gradient, Constant)
        if gradient.name is None and not is_leaf and gradient not in self.dependent:
            gradient.name = f"(d{self.cost_name}/d{variable.name})"

    def through(self, node: Apply, pattern: Pattern) -> None:
        """Let the gradients of a node's outputs flow to its inputs."""
        arriving = [
            self.disconnected if v in self.constants else self.gradient(v) for v in node.outputs
        ]
        if len(arriving) == 1 and arriving[0] is self.disconnected:
            return
        wanted = [i for i, v in enumerate(node.inputs) if v in self.dependent]
        with from_origin(node.origin):
            terms = node_gradients(node, pattern, arriving, wanted)
            for index in wanted:
                variable, term = node.inputs[index], terms[index]
                if term is not None and not isinstance(term.type, DisconnectedType):
                    self.terms.setdefault(variable, []).append(like_variable(term, variable))


def node_gradients(
    node: Apply, pattern: Pattern, arriving: list[Variable], wanted: list[int]
) -> Sequence[Variable | None]:
    """Return one gradient term for each input, checked; None for some that are not wanted."""
    connected = [not isinstance(g.type, DisconnectedType) for g in arriving]
    null = [isinstance(g.type, NullType) for g in arriving]
    # For each input the outputs that it gets a gradient from.
    sources = [[j for j, linked in enumerate(row) if linked and connected[j]] for row in pattern]
    if not any(sources):
        return [DisconnectedType()() for _ in node.inputs]
    if True not in null:
        return check_terms(node, sources, _gradients(node, arriving, wanted), wanted)
    undefined = [next((arriving[j] for j in js if null[j]), None) for js in sources]
    if all(all(null[j] for j in js) for js in sources):
        return [DisconnectedType()() if g is None else g for g in undefined]
    terms = check_terms(node, sources, _gradients(node, arriving, wanted), wanted)
    return [term if g is None else g for term, g in zip(terms, undefined, strict=True)]


def _gradients(node: Apply, arriving: list[Variable], wanted: list[int]) -> Any:
    """Return what the op's L_op makes of the gradients, each in the dtype of its output."""
    inputs = list(node.inputs)
    for overwritten in node.op.destroy_map.values():
        for index in overwritten:
            if isinstance(inputs[index].type, TensorType):
                inputs[index] = tensor_copy(inputs[index])
    for output, gradient in zip(node.outputs, arriving, strict=True):
        ranks = [getattr(v.type, "ndim", None) for v in (output, gradient)]
        if None not in ranks and ranks[1] not in (0, ranks[0]):
            raise ShapeError(
                f"the known gradient of {output} has {ranks[1]} dimensions",
                expected=f"{ranks[0]}, as the variable has",
                origin=output.origin,
            )
    gradients = [in_dtype_of(output, g) for output, g in zip(node.outputs, arriving, strict=True)]
    try:
        return node.op.wanted_gradients(inputs, list(node.outputs), gradients, wanted)
    except Exception as error:
        places = ", ".join(f"{filename}:{line}" for filename, line in node.origin)
        error.add_note(f"while differentiating {node}, built at {places or 'an unknown place'}")
        raise


def _total(variable: Variable, terms: list[Variable]) -> Variable:
    """Return the sum of terms: one node for any number; an undefined term makes it undefined."""
    if len(terms) == 1:
        return terms[0]
    for term in terms:
        if isinstance(term.type, NullType):
            return term
    with from_origin(variable.origin or terms[0].origin):
        if isinstance(variable.type, TensorType):
            total: Variable = add(*terms)
            return total
        return functools.reduce(operator.add, terms)
