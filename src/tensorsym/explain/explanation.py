"""`explain`: what becomes of an expression, stage by stage, as data and as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensorsym.autodiff.reverse import grad
from tensorsym.codegen.tile import tile_program
from tensorsym.cuda.device import parse_device
from tensorsym.cuda.target import cuda_target
from tensorsym.errors import ExpressionError
from tensorsym.explain.expression import read_expression, type_named
from tensorsym.explain.unfused import unfused
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.text import graph_text
from tensorsym.graph.variable import Constant, Variable
from tensorsym.graph.walk import graph_inputs
from tensorsym.language.tensortype import TensorType
from tensorsym.printing.notation import formula
from tensorsym.rewrite import rewrite
from tensorsym.runtime.function import Function
from tensorsym.runtime.modes import get_mode
from tensorsym.schedule.build import schedule
from tensorsym.schedule.memory import memory_of
from tensorsym.schedule.plan import Kernel
from tensorsym.schedule.target import CPU

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tensorsym.codegen.tile import TileProgram
    from tensorsym.explain.unfused import Unfused
    from tensorsym.rewrite import Query, Report
    from tensorsym.schedule.memory import Memory
    from tensorsym.schedule.plan import Plan
    from tensorsym.schedule.target import Target

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of expressions.

    Attributes
    ----------
    formulas : tuple of str
        The expressions as asked about.
    graph : str
        Their typed graph.
    report : Report
        The rewrites that fired, in order, each with its reason.
    rewritten : tuple of str
        The expressions after rewriting.
    rewritten_graph : str
        Their typed graph.
    plan : Plan
        The instructions.
    memory : Memory
        What a call holds at most, in bytes, as a formula of lengths.
    programs : tuple of TileProgram
        What the tile machine runs, one per kernel.
    unfused : tuple of Unfused
        What goes through memory, and why.
    """

    formulas: tuple[str, ...]
    graph: str
    report: Report
    rewritten: tuple[str, ...]
    rewritten_graph: str
    plan: Plan
    memory: Memory
    programs: tuple[TileProgram, ...]
    unfused: tuple[Unfused, ...]

    def __str__(self) -> str:
        sections = {
            "Expression": "\n".join(self.formulas),
            "Typed graph": self.graph,
            "Rewrites": "\n".join(self._firings()) or "none fired",
            "After rewriting": "\n".join(self.rewritten),
            "Graph after rewriting": self.rewritten_graph,
            "Plan": str(self.plan),
            "Memory at most": self.memory.text(places=False),
            "Tile programs": "\n\n".join(map(str, self.programs)) or "no kernel",
            "Not fused": "\n".join(map(str, self.unfused)) or "nothing: one kernel does it all",
        }
        return "\n\n".join(f"{title}\n{_indented(text)}" for title, text in sections.items())

    def _firings(self) -> Iterator[str]:
        """Yield a line per rewrite; equal ones that follow each other are counted."""
        before = ""
        count = 0
        for firing in [*self.report.firings, None]:
            text = (
                ""
                if firing is None
                else f"{firing.phase}: {firing.name}: {firing.before} -> {firing.after}"
            )
            text += f"\n    why: {firing.why}" if firing is not None and firing.why else ""
            if text == before:
                count += 1
                continue
            if before:
                head, line, rest = before.partition("\n")
                yield (f"{head}  (x{count})" if count > 1 else head) + line + rest
            before, count = text, 1


def explain(
    subject: str | Variable | Sequence[Variable] | Function,
    *,
    dtype: str | None = None,
    ranks: Mapping[str, str] | None = None,
    rank: str = "vector",
    wrt: str | Variable | None = None,
    mode: object = None,
    device: str | None = None,
) -> Explanation:
    """Tell what becomes of an expression or function, from its graph to its programs.

    Parameters
    ----------
    subject : str, Variable, sequence of Variable, or Function
        What to explain. In a text, names are symbols. Of a function, its outputs and updates.
    dtype : str, optional
        The dtype of a text's symbols; floatX if not given.
    ranks : mapping of str to str, optional
        Kinds of a text's symbols, such as `{"x": "fmatrix"}`.
    rank : str
        The kind of symbols that `ranks` does not have.
    wrt : str or Variable, optional
        Explain the gradient with respect to this symbol instead; what is no scalar is summed first.
    mode : str or Mode, optional
        Which rewrites; the default is that of functions, or that of the function.
    device : {'cpu', 'cuda'}, optional
        Where the plan is to run, which needs no GPU here; the default is that of the function, else
        the CPU. The plan shows what moves between the two.

    Returns
    -------
    Explanation
        Print it, or look at its parts.

    Raises
    ------
    ExpressionError
        If the text can not be read, or `wrt` is no symbol of it.

    Examples
    --------
    >>> from tensorsym.explain import explain
    >>> explanation = explain("log(1 + exp(x))")
    >>> explanation.rewritten
    ('softplus(x)',)
    >>> [firing.name for firing in explanation.report.firings][-1]
    'softplus'
    """
    if isinstance(subject, Function):
        resolved = subject.maker.recipe.resolve()
        graph = resolved.graph
        query = subject.maker.mode.query if mode is None else get_mode(mode).query
    else:
        symbols: Mapping[str, Variable] = {}
        if isinstance(subject, str):
            types = {name: type_named(kind, dtype) for name, kind in (ranks or {}).items()}
            subject, symbols = read_expression(subject, types, type_named(rank, dtype))
        outputs = [subject] if isinstance(subject, Variable) else list(subject)
        if wrt is not None:
            outputs = [_gradient(output, wrt, symbols) for output in outputs]
        given = [v for v in graph_inputs(outputs) if not isinstance(v, Constant)]
        graph = FunctionGraph(given, outputs)
        query = get_mode(mode).query
    return _explanation(graph, query, _target_of(subject, device))


def _target_of(subject: object, device: str | None) -> Target:
    """Return what a plan is for."""
    if device is None:
        on_gpu = hasattr(getattr(subject, "executable", None), "context")
        device = "cuda" if on_gpu else "cpu"
    return CPU if parse_device(device)[0] == "cpu" else cuda_target()


def _gradient(output: Variable, wrt: str | Variable, symbols: Mapping[str, Variable]) -> Variable:
    target = symbols.get(wrt) if isinstance(wrt, str) else wrt
    if target is None:
        raise ExpressionError(
            f"the expression has no symbol {wrt!r}", got=", ".join(symbols) or "no symbols"
        )
    assert isinstance(output.type, TensorType)
    cost = output.sum() if output.type.ndim else output  # type: ignore[attr-defined]
    gradient: Variable = grad(cost, target)
    return gradient


def _explanation(graph: FunctionGraph, query: Query, target: Target) -> Explanation:
    formulas, typed = tuple(map(formula, graph.outputs)), graph_text(graph, names=True)
    report = rewrite(graph, query, texts=True)
    plan = schedule(graph, target=target)
    return Explanation(
        formulas=formulas,
        graph=typed,
        report=report,
        rewritten=tuple(map(formula, graph.outputs)),
        rewritten_graph=graph_text(graph, names=True),
        plan=plan,
        memory=memory_of(plan),
        programs=tuple(tile_program(i) for i in plan.instructions if isinstance(i, Kernel)),
        unfused=unfused(graph),
    )


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else "" for line in text.splitlines())
