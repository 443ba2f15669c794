"""Passes over whole graphs in Theano's forms; users' registered ones run after the phases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import InconsistencyError
from tensorsym.extend import Registry
from tensorsym.rewrite.localopt import LocalOptGroup, LocalOptimizer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.query import Query
    from tensorsym.rewrite.rules import Pass

__all__ = [
    "PASSES",
    "EquilibriumOptimizer",
    "MergeOptimizer",
    "Optimizer",
    "SeqOptimizer",
    "TopoOptimizer",
    "in2out",
    "optimizer",
    "out2in",
    "run_passes",
]

# How often a pass goes over new nodes of a graph before it says that there is no end.
MOST_ROUNDS = 100


class Optimizer:
    """A pass over a function graph; subclasses define `apply`."""

    name: str | None = None

    def apply(self, fgraph: FunctionGraph) -> Any:
        """Change the graph."""
        raise TypeError(f"{type(self).__name__} defines no apply")

    def add_requirements(self, fgraph: FunctionGraph) -> None:
        """Attach features that the pass needs."""

    def optimize(self, fgraph: FunctionGraph) -> Any:
        """Attach what is needed, then change the graph."""
        self.add_requirements(fgraph)
        return self.apply(fgraph)

    __call__ = optimize


class SeqOptimizer(Optimizer):
    """Passes one after the other.

    Parameters
    ----------
    *opts : Optimizer, or one list of them
        The passes.
    failure_callback : callable, optional
        Kept for Theano programs.
    """

    def __init__(self, *opts: Any, failure_callback: Any = None, **options: Any) -> None:
        self.opts = list(opts[0]) if len(opts) == 1 and isinstance(opts[0], list) else list(opts)

    def apply(self, fgraph: FunctionGraph) -> None:
        """Run the passes."""
        for opt in self.opts:
            opt.optimize(fgraph)


class TopoOptimizer(Optimizer):
    """A local optimizer at every node, once, new nodes included.

    Parameters
    ----------
    local_opt : LocalOptimizer
        What is tried at each node.
    order : {'in_to_out', 'out_to_in'}
        Which nodes come first.
    ignore_newtrees, failure_callback, name
        As Theano has them; the callback is kept for Theano programs.
    """

    def __init__(
        self,
        local_opt: LocalOptimizer,
        order: str = "in_to_out",
        ignore_newtrees: bool = False,
        failure_callback: Any = None,
        name: str | None = None,
    ) -> None:
        if order not in ("in_to_out", "out_to_in"):
            raise ValueError(f"the order is 'in_to_out' or 'out_to_in', got {order!r}")
        self.local_opt, self.order, self.name = local_opt, order, name
        self.ignore_newtrees = ignore_newtrees

    def apply(self, fgraph: FunctionGraph) -> bool:
        """Try the local optimizer at every node; tell whether something changed."""
        changed = False
        seen: set[Any] = set()
        for _ in range(MOST_ROUNDS):
            order = [node for node in fgraph.toposort() if node not in seen]
            if not order:
                return changed
            seen.update(order)
            for node in order if self.order == "in_to_out" else reversed(order):
                changed |= node in fgraph.apply_nodes and _apply_at(self.local_opt, node, fgraph)
            if self.ignore_newtrees:
                return changed
        raise InconsistencyError(f"{self.local_opt} did not come to an end")


def _apply_at(local_opt: LocalOptimizer, node: Apply, graph: FunctionGraph) -> bool:
    """Put what a local optimizer finds in place of a node's outputs; tell whether it did."""
    news = local_opt.rewritten(node, graph)
    pairs = zip(node.outputs, news or (), strict=False)
    pairs_ = [(old, new) for old, new in pairs if new is not None and new is not old]
    if pairs_:
        graph.replace_all_validate(pairs_, str(local_opt))
    return bool(pairs_)


class EquilibriumOptimizer(Optimizer):
    """Local optimizers and passes, again and again until nothing changes.

    Parameters
    ----------
    optimizers : list of LocalOptimizer or Optimizer
        What is tried.
    max_use_ratio : float, optional
        Kept for Theano programs.
    **options
        Kept for Theano programs.
    """

    def __init__(
        self, optimizers: Sequence[Any], max_use_ratio: float | None = None, **options: Any
    ) -> None:
        self.optimizers = list(optimizers)

    def apply(self, fgraph: FunctionGraph) -> None:
        """Go over the graph until nothing changes."""
        local = [opt for opt in self.optimizers if isinstance(opt, LocalOptimizer)]
        for _ in range(MOST_ROUNDS):
            for opt in self.optimizers:
                if not isinstance(opt, LocalOptimizer):
                    opt.optimize(fgraph)
            if not TopoOptimizer(LocalOptGroup(*local), ignore_newtrees=True).apply(fgraph):
                return
        raise InconsistencyError(f"{self.optimizers} did not come to an end")


def out2in(*local_opts: LocalOptimizer, **options: Any) -> TopoOptimizer:
    """Return the pass of local optimizers over a graph from its outputs to its inputs."""
    return _pass_of(local_opts, "out_to_in", options)


def in2out(*local_opts: LocalOptimizer, **options: Any) -> TopoOptimizer:
    """Return the pass of local optimizers over a graph from its inputs to its outputs."""
    return _pass_of(local_opts, "in_to_out", options)


def _pass_of(
    local_opts: Sequence[LocalOptimizer], order: str, options: dict[str, Any]
) -> TopoOptimizer:
    one = local_opts[0] if len(local_opts) == 1 else LocalOptGroup(*local_opts)
    return TopoOptimizer(
        one, order, options.get("ignore_newtrees", False), None, options.get("name")
    )


class MergeOptimizer(Optimizer):
    """Make equal nodes one: function graphs do that by themselves, so there is nothing to do."""

    def apply(self, fgraph: FunctionGraph) -> None:
        """Leave the graph as it is."""


def optimizer(function: Callable[[FunctionGraph], Any]) -> Optimizer:
    """Return a function of a graph as a pass (a decorator)."""
    body = {"apply": lambda _, fgraph: function(fgraph)}
    found: Optimizer = type(function.__name__, (Optimizer,), body)()
    return found


PASSES: Registry[str, Pass] = Registry("passes")
PASSES.freeze()


def run_passes(graph: FunctionGraph, query: Query) -> None:
    """Run the registered passes that a query selects."""
    if query.phases and PASSES:
        for entry in sorted(PASSES.values(), key=lambda entry: entry.position):
            if query.selects(entry):
                entry.optimizer.optimize(graph)
