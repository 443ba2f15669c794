"""Rewrites of single nodes in Theano's forms: users' local optimizers and patterns.

A local optimizer looks at a node and returns what to put in place of its outputs. Registered, it is
an algorithm of the table like any other; `rewrite.passes` runs it over a graph by itself.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from tensorsym.errors import InconsistencyError
from tensorsym.graph.variable import Constant, Variable
from tensorsym.rewrite.rules import REWRITES, Algorithm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.op import Op
    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.context import Context

__all__ = [
    "FunctionLocalOptimizer",
    "LocalOptGroup",
    "LocalOptimizer",
    "OpRemove",
    "OpSub",
    "PatternSub",
    "as_algorithm",
    "local_optimizer",
]


class LocalOptimizer:
    """A rewrite of single nodes; subclasses define `transform` and may define `tracks`."""

    name: str | None = None

    def tracks(self) -> Sequence[Any] | None:
        """Return the ops and op classes that `transform` looks at; None: all."""
        return None

    def transform(self, node: Apply) -> Any:
        """Return replacements of the outputs, as a list or a dict, or False."""
        raise TypeError(f"{type(self).__name__} defines no transform")

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach features that the rewrite needs."""

    def wants(self, node: Apply) -> bool:
        """Tell whether `transform` looks at a node."""
        tracks = self.tracks()
        if tracks is None or None in tracks:
            return True
        return any(
            isinstance(node.op, track) if isinstance(track, type) else node.op == track
            for track in tracks
        )

    def rewritten(self, node: Apply, graph: FunctionGraph) -> list[Any] | None:
        """Return a replacement (or None) for each output, or None if there is nothing to do."""
        if not self.wants(node):
            return None
        with _seen_from(node, graph):
            found = self.transform(node)
        if not found:
            return None
        if isinstance(found, dict):
            others = {old: new for old, new in found.items() if isinstance(old, Variable)}
            result = [others.pop(v, None) for v in node.outputs]
            graph.replace_all_validate(others.items(), str(self))
            return result if any(v is not None for v in result) else None
        return list(found)

    def __str__(self) -> str:
        return self.name or type(self).__name__


class FunctionLocalOptimizer(LocalOptimizer):
    """A function as a local optimizer; see `local_optimizer`."""

    def __init__(self, function: Callable[[Apply], Any], tracks: Sequence[Any] | None) -> None:
        self.function = function
        self.name = self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self._tracks = tracks

    def tracks(self) -> Sequence[Any] | None:
        """Return the ops and op classes that the function looks at."""
        return self._tracks

    def transform(self, node: Apply) -> Any:
        """Return what the function returns."""
        return self.function(node)


def local_optimizer(
    tracks: Sequence[Any] | None, inplace: bool = False, requirements: Any = ()
) -> Callable[[Callable[[Apply], Any]], FunctionLocalOptimizer]:
    """Return a decorator that makes a function a local optimizer.

    Parameters
    ----------
    tracks : list of Op or op class, or None
        What the function looks at; [None] and None: every node.
    inplace, requirements
        Kept for Theano programs.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.gof import FunctionGraph, local_optimizer
    >>> from tensorsym.gof.opt import out2in
    >>> @local_optimizer([T.exp])
    ... def sine_for_exp(node):
    ...     return [T.sin(node.inputs[0])]
    >>> x = T.dvector("x")
    >>> graph = FunctionGraph([x], [T.exp(x)])
    >>> changed = out2in(sine_for_exp).optimize(graph)
    >>> str(graph.outputs[0].owner.op)
    'Elemwise{sin,no_inplace}'
    """

    def decorate(function: Callable[[Apply], Any]) -> FunctionLocalOptimizer:
        return FunctionLocalOptimizer(function, tracks)

    return decorate


@contextlib.contextmanager
def _seen_from(node: Apply, graph: FunctionGraph) -> Iterator[None]:
    """Let a node know its graph and its variables their users, as in Theano, for a block."""
    variables = dict.fromkeys([*node.inputs, *node.outputs])
    node.fgraph = graph  # type: ignore[attr-defined]
    for v in variables:
        v.clients = graph.users(v) if v in graph.clients else []  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del node.fgraph  # type: ignore[attr-defined]
        for v in variables:
            v.__dict__.pop("clients", None)


class LocalOptGroup(LocalOptimizer):
    """Local optimizers tried in turn at each node.

    Parameters
    ----------
    *optimizers : LocalOptimizer
        The members; the first that finds something decides.
    """

    def __init__(self, *optimizers: LocalOptimizer) -> None:
        self.optimizers = optimizers

    def transform(self, node: Apply) -> Any:
        """Return what the first member finds."""
        wanted = (opt.transform(node) for opt in self.optimizers if opt.wants(node))
        return next((found for found in wanted if found), False)


class OpSub(LocalOptimizer):
    """Put one op in place of another on the same inputs.

    Parameters
    ----------
    op1, op2 : Op
        The op replaced, and its replacement.
    transfer_tags : bool
        Kept for Theano programs.
    """

    def __init__(self, op1: Op, op2: Op, transfer_tags: bool = True) -> None:
        self.op1, self.op2 = op1, op2

    def tracks(self) -> Sequence[Any] | None:
        """Return the op replaced."""
        return [self.op1]

    def op_key(self) -> Op:
        """Return the op replaced."""
        return self.op1

    def transform(self, node: Apply) -> Any:
        """Return the outputs of the other op."""
        return self.op2.make_node(*node.inputs).outputs

    def __str__(self) -> str:
        return f"{self.op1} -> {self.op2}"


class OpRemove(LocalOptimizer):
    """Put the inputs of an op in place of its outputs.

    Parameters
    ----------
    op : Op
        The op removed; it has as many inputs as outputs.
    """

    def __init__(self, op: Op) -> None:
        self.op = op

    def tracks(self) -> Sequence[Any] | None:
        """Return the op removed."""
        return [self.op]

    def op_key(self) -> Op:
        """Return the op removed."""
        return self.op

    def transform(self, node: Apply) -> Any:
        """Return the inputs."""
        if len(node.inputs) != len(node.outputs):
            raise InconsistencyError(f"{self.op} has not as many inputs as outputs")
        return list(node.inputs)

    def __str__(self) -> str:
        return f"{self.op}(x) -> x"


class PatternSub(LocalOptimizer):
    """Put one pattern in place of another.

    Parameters
    ----------
    in_pattern, out_pattern : tuple, str, number or Variable
        A tuple is an op and the patterns of its inputs; a str stands for any variable, the same at
        each place; a dict {'pattern': p, 'constraint': test} asks a function too.
    allow_multiple_clients : bool
        Whether inner nodes of the pattern may have other users.
    skip_identities_fn, name, tracks, get_nodes, values_eq_approx
        As Theano has them; `tracks` and `get_nodes` are kept for Theano programs.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.gof.opt import PatternSub
    >>> print(PatternSub((T.log, (T.exp, "x")), "x"))
    (Elemwise{log,no_inplace}, (Elemwise{exp,no_inplace}, 'x')) -> x
    """

    def __init__(
        self,
        in_pattern: Any,
        out_pattern: Any,
        allow_multiple_clients: bool = False,
        skip_identities_fn: Any = None,
        name: str | None = None,
        tracks: Any = (),
        get_nodes: Any = None,
        values_eq_approx: Any = None,
    ) -> None:
        self.in_pattern, self.out_pattern = in_pattern, out_pattern
        self.allow_multiple_clients = allow_multiple_clients
        self.name = name
        head = in_pattern["pattern"] if isinstance(in_pattern, dict) else in_pattern
        self.op = head[0]

    def tracks(self) -> Sequence[Any] | None:
        """Return the pattern's first op."""
        return [self.op]

    def op_key(self) -> Op:
        """Return the pattern's first op."""
        return self.op  # type: ignore[no-any-return]

    def transform(self, node: Apply) -> Any:
        """Return the other pattern with what the first one's names stand for."""
        bound: dict[str, Variable] = {}
        if len(node.outputs) != 1 or not self._matches(self.in_pattern, node.outputs[0], bound):
            return False
        return [self._built(self.out_pattern, bound)]

    def _matches(
        self, pattern: Any, v: Variable, bound: dict[str, Variable], depth: int = 0
    ) -> bool:
        if isinstance(pattern, dict):
            test = pattern.get("constraint", lambda _: True)
            return self._matches(pattern["pattern"], v, bound, depth) and bool(test(v))
        if isinstance(pattern, str):
            return bound.setdefault(pattern, v) is v
        if isinstance(pattern, tuple):
            return self._matches_node(pattern, v, bound, depth)
        if isinstance(pattern, Constant | int | float):
            wanted = v.type.filter_variable(pattern) if isinstance(v, Constant) else None
            return isinstance(wanted, Constant) and wanted.signature() == v.signature()  # type: ignore[attr-defined]
        return pattern is v

    def _matches_node(
        self, pattern: Any, v: Variable, bound: dict[str, Variable], depth: int
    ) -> bool:
        op, *operands = pattern
        node = v.owner
        if node is None or node.op != op or len(node.inputs) != len(operands):
            return False
        if depth and not self.allow_multiple_clients and len(_users_of(v, self)) > 1:
            return False
        return all(
            self._matches(p, x, bound, depth + 1)
            for p, x in zip(operands, node.inputs, strict=True)
        )

    def rewritten(self, node: Apply, graph: FunctionGraph) -> list[Any] | None:
        """Return what `transform` does, with the graph known that tells users."""
        self.graph: FunctionGraph | None = graph
        try:
            return super().rewritten(node, graph)
        finally:
            self.graph = None

    def _built(self, pattern: Any, bound: dict[str, Variable]) -> Any:
        if isinstance(pattern, dict):
            return self._built(pattern["pattern"], bound)
        if isinstance(pattern, str):
            return bound[pattern]
        if isinstance(pattern, tuple):
            op, *operands = pattern
            return op(*[self._built(p, bound) for p in operands])
        return pattern

    def __str__(self) -> str:
        return self.name or f"{self.in_pattern} -> {self.out_pattern}"


def _users_of(v: Variable, pattern: PatternSub) -> Sequence[Any]:
    graph = getattr(pattern, "graph", None)
    return graph.users(v) if graph is not None and v in graph.clients else ()


def as_algorithm(
    name: str, local_opt: LocalOptimizer, phases: tuple[str, ...], tags: tuple[str, ...]
) -> None:
    """Enter a local optimizer into the table of rewrites."""

    def transform(node: Apply, context: Context) -> Any:
        return local_opt.rewritten(node, context.function_graph)

    why = (local_opt.__doc__ or "a user's rewrite").strip().partition("\n")[0]
    REWRITES.add(name, Algorithm(name, transform, None, why, phases, (), tags))
