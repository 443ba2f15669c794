"""Loops: parts of a body that nobody needs go, and bodies are rewritten as graphs of their own.

Gradients of loops compute the gradients by all inputs; a program wants few of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tensorsym.graph.origin import from_origin
from tensorsym.graph.variable import Constant
from tensorsym.graph.walk import ancestors, clone_graph
from tensorsym.language.loop import Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.graph.variable import Apply, Variable
    from tensorsym.language.loop import LoopLayout

__all__ = ["rewrite_loops"]


def rewrite_loops(function_graph: FunctionGraph, rewrite: Callable[[FunctionGraph], Any]) -> None:
    """Prune the loops of a graph, rewrite their bodies, and prune again.

    Parameters
    ----------
    function_graph : FunctionGraph
        Changed in place.
    rewrite : callable
        Rewrites a body in place.
    """
    # Users come first: what they no longer need, the loops before them need not make.
    for node in reversed(function_graph.toposort()):
        if not isinstance(node.op, Loop) or node not in function_graph.apply_nodes:
            continue
        wanted = [k for k, v in enumerate(node.outputs) if function_graph.clients[v]]
        with from_origin(node.origin):
            parts = _merged(_pruned(_parts_of(node), wanted))
            loop = Loop(parts.body_inputs, parts.body_outputs, parts.layout, node.op.name)
            rewrite(loop.body.function_graph)
            parts = replace(parts, body_inputs=loop.body.inputs, body_outputs=loop.body.outputs)
            parts = _pruned(parts, [parts.kept.index(k) for k in wanted])
            loop = Loop(parts.body_inputs, parts.body_outputs, parts.layout, node.op.name)
            found = loop.make_node(*parts.inputs).outputs
        pairs = zip([node.outputs[k] for k in parts.kept], found, strict=True)
        function_graph.replace_all(pairs, reason="loop")


@dataclass(frozen=True, slots=True)
class _Parts:
    """A loop taken apart.

    Attributes
    ----------
    layout : LoopLayout
        Arrangement.
    body_inputs, body_outputs : list of Variable
        The body.
    inputs : list of Variable
        Inputs of the loop.
    kept : list of int
        Positions, among the outputs of the loop in the graph, of the outputs that are left.
    """

    layout: LoopLayout
    body_inputs: list[Variable]
    body_outputs: list[Variable]
    inputs: list[Variable]
    kept: list[int]


def _parts_of(node: Apply) -> _Parts:
    op: Any = node.op
    return _Parts(
        op.layout,
        list(op.body.inputs),
        list(op.body.outputs),
        list(node.inputs),
        list(range(len(node.outputs))),
    )


def _pruned(parts: _Parts, wanted: Sequence[int]) -> _Parts:
    """Return a loop without what the wanted outputs do not depend on.

    A state is left if a step of another one that is left reads it.
    """
    layout = parts.layout
    recurrent = len(layout.taps) + layout.carried
    elements, taps, carried, others = layout.split_inner(parts.body_inputs)
    reads = [*taps, *[[v] for v in carried]]
    n_results = recurrent + layout.collected
    live = {k for k in wanted if k < n_results}
    ends = parts.body_outputs[n_results:]
    used: set[Variable] = set()
    while True:
        used = set(ancestors([*[parts.body_outputs[k] for k in sorted(live)], *ends]))
        more = {k for k in range(recurrent) if k not in live and used.intersection(reads[k])}
        if not more:
            break
        live |= more
    return _selected(
        parts,
        sequences=[k for k, v in enumerate(elements) if v in used],
        results=sorted(live),
        others=[k for k, v in enumerate(others) if v in used],
    )


def _selected(parts: _Parts, sequences: list[int], results: list[int], others: list[int]) -> _Parts:
    """Return a loop with some of its sequences, results and invariants."""
    layout = parts.layout
    n_taps, recurrent = len(layout.taps), len(layout.taps) + layout.carried
    states = [k for k in results if k < n_taps]
    carried = [k - n_taps for k in results if n_taps <= k < recurrent]
    elements, taps, inner_carried, inner_others = layout.split_inner(parts.body_inputs)
    steps, stacks, initial, first, invariants = layout.split_outer(parts.inputs)
    return _Parts(
        replace(
            layout,
            sequences=len(sequences),
            taps=tuple([layout.taps[k] for k in states]),
            carried=len(carried),
            collected=len(results) - len(states) - len(carried),
            others=len(others),
        ),
        [
            *[elements[k] for k in sequences],
            *[v for k in states for v in taps[k]],
            *[inner_carried[k] for k in carried],
            *[inner_others[k] for k in others],
        ],
        [
            *[parts.body_outputs[k] for k in results],
            *parts.body_outputs[recurrent + layout.collected :],
        ],
        [
            steps,
            *[stacks[k] for k in sequences],
            *[initial[k] for k in states],
            *[first[k] for k in carried],
            *[invariants[k] for k in others],
        ],
        [*[parts.kept[k] for k in results], parts.kept[-1]],
    )


def _merged(parts: _Parts) -> _Parts:
    """Return a loop that is given nothing twice, and constants not at all: its body has them."""
    layout = parts.layout
    elements, _, _, others = layout.split_inner(parts.body_inputs)
    _, stacks, _, _, invariants = layout.split_outer(parts.inputs)
    first: dict[Variable, Variable] = {}
    exchange: dict[Variable, Variable] = {}
    for inner, outer in zip(others, invariants, strict=True):
        if isinstance(outer, Constant) and outer.type == inner.type:
            exchange[inner] = outer
    for group, given in ((elements, stacks), (others, invariants)):
        first.clear()
        for inner, outer in zip(group, given, strict=True):
            if inner not in exchange and first.setdefault(outer, inner) is not inner:
                exchange[inner] = first[outer]
    if not exchange:
        return parts
    outputs, _ = clone_graph(parts.body_outputs, exchange)
    return _selected(
        replace(parts, body_outputs=outputs),
        sequences=[k for k, v in enumerate(elements) if v not in exchange],
        results=list(range(len(outputs) - layout.until)),
        others=[k for k, v in enumerate(others) if v not in exchange],
    )
