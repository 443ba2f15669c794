"""The engine: phases of rewrites, each run to a fixed point over a worklist of nodes.

A node is looked at when it enters the graph and again when one of its inputs, or a user of its
result, changes. Rewrites are found by the node's op and by the ops of its inputs, so that the price
of a node does not grow with the number of rules. A rewrite that never stops is stopped by a budget
and reported by name.
"""

from __future__ import annotations

import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.errors import InconsistencyError
from tensorsym.extend import announce
from tensorsym.graph.collector import uncollected
from tensorsym.graph.functiongraph import Feature
from tensorsym.graph.origin import from_origin
from tensorsym.graph.variable import Apply, Variable
from tensorsym.rewrite.context import Context, key_of
from tensorsym.rewrite.loops import rewrite_loops
from tensorsym.rewrite.matcher import CompiledRule, child_keys, resolve, root_key
from tensorsym.rewrite.passes import run_passes
from tensorsym.rewrite.pattern import Application
from tensorsym.rewrite.query import Query
from tensorsym.rewrite.report import Firing, PhaseReport, Report, expression_text
from tensorsym.rewrite.rules import REWRITES, Algorithm, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tensorsym.graph.functiongraph import FunctionGraph

__all__ = ["rewrite"]

Transform = Callable[[Apply, Context], Any]
Entry = tuple[Transform, Rule | Algorithm]

# Replacements allowed per node of the graph before a phase; measured programs need fewer than 3.
BUDGET_PER_NODE = 50
SMALLEST_BUDGET = 2000
# Tables of phases, kept per choice of rewrites: a process uses a handful.
MOST_TABLES = 32
# Key of rewrites that ask for an input's op but not for the node's.
ANY = "any op"
CONSTANT = "constant"
NOTHING: dict[Any, Any] = {}


class Table:
    """The rewrites of a phase by the key of the root op, then by one that an input must have."""

    def __init__(self) -> None:
        self.everywhere: list[Entry] = []
        self._always: dict[Any, list[Entry]] = {}
        self._by_child: dict[Any, dict[Any, list[Entry]]] = {}

    def add(self, rewrite: Rule | Algorithm) -> None:
        """Enter a rewrite; rules about ops that do not exist are left out."""
        if isinstance(rewrite, Algorithm):
            self._add_algorithm(rewrite)
        elif CompiledRule.installed(rewrite):
            self._add_rule(rewrite)

    def _add_algorithm(self, found: Algorithm) -> None:
        entry: Entry = (found.transform, found)
        if found.roots is None and not found.inputs:
            self.everywhere.append(entry)
            return
        roots = [ANY] if found.roots is None else _keys(found.roots)
        for root in roots:
            if not found.inputs:
                self._always.setdefault(root, []).append(entry)
            for child in _keys(found.inputs):
                self._by_child.setdefault(root, {}).setdefault(child, []).append(entry)

    def _add_rule(self, rule: Rule) -> None:
        entry: Entry = (CompiledRule(rule), rule)
        key = root_key(rule)
        assert isinstance(rule.left, Application)
        required = child_keys(rule.left)
        if not required:
            self._always.setdefault(key, []).append(entry)
            return
        # An op is rarer than a constant, so the rule is found by its op where it has one.
        child = next((k for k in required if k != CONSTANT), CONSTANT)
        self._by_child.setdefault(key, {}).setdefault(child, []).append(entry)

    def candidates(self, node: Apply, context: Context) -> Iterator[Entry]:
        """Yield the rewrites that may apply at `node`."""
        yield from self.everywhere
        key = key_of(node.op)
        yield from self._always.get(key, ())
        by_child = self._by_child.get(key, NOTHING)
        by_any = self._by_child.get(ANY, NOTHING)
        seen: list[Any] = []
        for v in node.inputs:
            if v.owner is not None:
                child = key_of(v.owner.op)
                if child not in seen:
                    seen.append(child)
                    yield from by_child.get(child, ())
                    yield from by_any.get(child, ())
            if CONSTANT in by_child and CONSTANT not in seen and context.value_of(v) is not None:
                seen.append(CONSTANT)
                yield from by_child[CONSTANT]


def _keys(names: Iterable[str | type]) -> list[Any]:
    keys = [resolve(name) if isinstance(name, str) else name for name in names]
    return [key for key in keys if key is not None]


_tables: dict[Any, Table] = {}


def _table(phase: str, query: Query) -> Table:
    key = (phase, query.included, query.excluded, REWRITES.version, len(REWRITES))
    table = _tables.get(key)
    if table is None:
        table = Table()
        for entry in REWRITES.values():
            if phase in entry.phases and query.selects(entry):
                table.add(entry)
        if len(_tables) >= MOST_TABLES:
            _tables.clear()
        _tables[key] = table
    return table


class Worklist(Feature):
    """The nodes to look at: a stack, so that what is new is finished before its users are seen."""

    def __init__(self, function_graph: FunctionGraph) -> None:
        self.stack: list[Apply] = function_graph.toposort()[::-1]
        self.waiting: set[Apply] = set(self.stack)
        self._changed: list[Apply] = []

    def on_import(self, function_graph: FunctionGraph, node: Apply, reason: str) -> None:
        """Note a new node, and those it uses: they have one more user now."""
        for v in node.inputs:
            if v.owner is not None:
                self._changed.append(v.owner)
        self._changed.append(node)

    def on_change_input(
        self,
        function_graph: FunctionGraph,
        node: Any,
        index: int,
        old: Variable,
        new: Variable,
        reason: str,
    ) -> None:
        """Note a node that got another input, and the owner of that input."""
        if new.owner is not None:
            self._changed.append(new.owner)
        if node != "output":
            self._changed.append(node)

    def on_prune(self, function_graph: FunctionGraph, node: Apply, reason: str) -> None:
        """Note what lost a user, and a user left alone: some rewrites ask for a single use."""
        for v in node.inputs:
            if v.owner is None:
                continue
            self._changed.append(v.owner)
            users = function_graph.clients.get(v)
            if users is not None and len(users) == 1:
                left = next(iter(users))[0]
                if left != "output":
                    self._changed.append(left)

    def settle(self) -> None:
        """Put what was noted on the stack, what was noted first on top."""
        for node in reversed(self._changed):
            if node not in self.waiting:
                self.waiting.add(node)
                self.stack.append(node)
        self._changed.clear()

    def pop(self) -> Apply:
        """Take the next node."""
        node = self.stack.pop()
        self.waiting.discard(node)
        return node


def rewrite(
    function_graph: FunctionGraph, query: Query | str | None = "fast_run", *, texts: bool = False
) -> Report:
    """Rewrite a graph in place, phase by phase, each to a fixed point.

    Parameters
    ----------
    function_graph : FunctionGraph
        The graph; its inputs and the types of its outputs stay.
    query : Query or str
        Which rewrites run: a `Query`, or the name of an optimizer (fast_run, fast_compile,
        stabilize, None).
    texts : bool
        Whether the report has the expressions before and after each rewrite; so it is too at
        TENSORSYM_DEBUG=5.

    Returns
    -------
    Report
        What fired and why.

    Raises
    ------
    InconsistencyError
        If a phase breaks the graph's specification, while `config.check` is set.

    Notes
    -----
    Linear in the size of the graph: nodes re-enter only when they or their neighbours change.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.functiongraph import FunctionGraph
    >>> from tensorsym.rewrite.engine import rewrite
    >>> x = T.vector("x")
    >>> graph = FunctionGraph([x], [T.log(1 + x)])
    >>> rewrite(graph).fired("log1p")
    True
    """
    if not isinstance(query, Query):
        query = Query.of(query)
    report = Report()
    context = Context(function_graph)
    texts = texts or config.debug >= 5
    for phase in query.phases:
        started = time.perf_counter()
        summary = PhaseReport(phase, len(function_graph))
        report.phases.append(summary)
        context.phase = phase
        announce("phase", name=phase, moment="before", graph=function_graph)
        with uncollected():
            _Run(context, _table(phase, query), summary, report, texts).run()
        summary.nodes_after = len(function_graph)
        summary.seconds = time.perf_counter() - started
        announce("phase", name=phase, moment="after", graph=function_graph)
        if config.check:
            function_graph.check_integrity()
    run_passes(function_graph, query)
    if query.phases:
        rewrite_loops(function_graph, lambda body: rewrite(body, query))
    return report


class _Run:
    """One phase over one graph."""

    def __init__(
        self, context: Context, table: Table, summary: PhaseReport, report: Report, texts: bool
    ) -> None:
        self.context = context
        self.graph = context.function_graph
        self.table = table
        self.summary = summary
        self.report = report
        self.texts = texts

    def run(self) -> None:
        """Work the list off."""
        work = Worklist(self.graph)
        budget = max(SMALLEST_BUDGET, BUDGET_PER_NODE * len(self.graph))
        self.graph._features.append(work)
        try:
            while work.stack:
                node = work.pop()
                if node not in self.graph.apply_nodes:
                    continue
                self.summary.visits += 1
                if self._visit(node):
                    work.settle()
                    if self.summary.fired > budget:
                        self._stop(budget)
                        break
        finally:
            self.graph._features.remove(work)

    def _visit(self, node: Apply) -> bool:
        """Try the rewrites at a node; tell whether one changed the graph."""
        with from_origin(node.origin):
            for transform, source in self.table.candidates(node, self.context):
                self.summary.tried += 1
                try:
                    result = transform(node, self.context)
                    if result is None:
                        continue
                    before = expression_text(node.outputs[0]) if self.texts else ""
                    if self._replace(node, result, source.name):
                        self._record(node, result, source, before)
                        return True
                except Exception as error:
                    _on_error(source.name, node, error)
        return False

    def _replace(self, node: Apply, result: Any, reason: str) -> bool:
        """Put the result in the place of the node's outputs; False if it is what stood there."""
        news = [result] if isinstance(result, Variable) else list(result)
        changed = False
        for old, result_ in zip(node.outputs, news, strict=True):
            new = result_
            if new is None or old not in self.graph.clients or not self.graph.clients[old]:
                continue
            if old.type != new.type:
                converted = old.type.convert_variable(new)
                if converted is None:
                    raise InconsistencyError(
                        f"{reason}: {new} can not stand for {old}",
                        got=str(new.type),
                        expected=str(old.type),
                    )
                new = converted
            entered = self.graph.import_variable(new, reason)
            if entered is not old:
                self.graph.replace(old, entered, reason)
                changed = True
        return changed

    def _record(self, node: Apply, result: Any, source: Rule | Algorithm, before: str) -> None:
        self.summary.fired += 1
        after = ""
        if self.texts:
            after = expression_text(
                result if isinstance(result, Variable) else next(v for v in result if v is not None)
            )
        firing = Firing(source.name, self.summary.name, before, after, source.why, node.origin)
        self.report.firings.append(firing)
        announce("rewrite", firing=firing)

    def _stop(self, budget: int) -> None:
        """Say which rewrites did not end, as `config.on_opt_error` wants it."""
        recent = Counter(firing.name for firing in self.report.firings[-budget // 2 :])
        often = [name for name, count in recent.items() if count * len(recent) >= budget // 4]
        names = self.summary.stopped_by = ", ".join(sorted(often))
        message = f"rewriting did not end: {names} fired again and again in {self.summary.name}"
        if config.get("on_opt_error") == "raise":
            raise InconsistencyError(
                message,
                hint=f"switch one off: mode.excluding({often[0]!r}), and report the program",
            )
        if config.get("on_opt_error") == "warn":
            warnings.warn(message + "; the phase was cut short", stacklevel=2)


def _on_error(name: str, node: Apply, error: Exception) -> None:
    """Follow `config.on_opt_error` about a rewrite that raised: the graph is right without it."""
    policy = config.get("on_opt_error")
    if policy == "raise":
        error.add_note(f"while the rewrite {name} looked at {node.op}, built at {node.origin}")
        raise error
    if policy == "warn":
        text = "".join(traceback.format_exception(error))
        warnings.warn(
            f"the rewrite {name} failed at {node.op} and was skipped:\n{text}", stacklevel=2
        )
