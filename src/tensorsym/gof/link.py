"""Theano's names of what makes a function graph callable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.reference.executor import ReferenceExecutable
from tensorsym.runtime.container import Container
from tensorsym.runtime.function import function

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.graph.functiongraph import FunctionGraph

__all__ = ["CLinker", "Container", "DualLinker", "OpWiseCLinker", "PerformLinker"]


class PerformLinker:
    """Makes a function of a graph: `PerformLinker().accept(graph).make_function()`.

    Parameters
    ----------
    **options
        Kept for Theano programs.
    """

    mode_name = "py"

    def __init__(self, *args: Any, **options: Any) -> None:
        self.fgraph: FunctionGraph | None = None

    def accept(self, fgraph: FunctionGraph, no_recycling: Any = None, profile: Any = None) -> Any:
        """Return a linker of a graph."""
        linker = type(self)()
        linker.fgraph = fgraph
        return linker

    def make_function(self, unpack_single: bool = True, **options: Any) -> Callable[..., Any]:
        """Return a callable from the inputs' values to the outputs'.

        Parameters
        ----------
        unpack_single : bool
            Whether a single output comes alone, not in a list.
        **options
            Kept for Theano programs.
        """
        graph = self.fgraph
        if graph is None:
            raise ValueError("this linker has no graph yet: call accept first")
        run = ReferenceExecutable(graph)

        def call(*values: Any) -> Any:
            if len(values) != len(graph.inputs):
                raise TypeError(f"takes {len(graph.inputs)} values, {len(values)} given")
            pairs = zip(graph.inputs, values, strict=True)
            found = run([v.type.filter(value) for v, value in pairs])
            return found[0] if unpack_single and len(found) == 1 else found

        return call


class _CompiledLinker(PerformLinker):
    """Makes a function of a graph by the compiled backend."""

    mode_name = "c|py"

    def make_function(self, unpack_single: bool = True, **options: Any) -> Callable[..., Any]:
        """Return a callable from the inputs' values to the outputs'."""
        graph = self.fgraph
        if graph is None:
            raise ValueError("this linker has no graph yet: call accept first")
        single = unpack_single and len(graph.outputs) == 1
        outputs: Any = graph.outputs[0] if single else graph.outputs
        return function(graph.inputs, outputs, on_unused_input="ignore", mode="None")


class CLinker(_CompiledLinker):
    """Theano's linker of C code."""


class OpWiseCLinker(_CompiledLinker):
    """Theano's linker of C code node by node."""


class DualLinker(_CompiledLinker):
    """Theano's linker that compares C code with Python."""
