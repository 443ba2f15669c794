"""What `config.debug` shows while functions are compiled: a listener that prints to stderr.

Level 1: one line per function. Level 3: also the graph before and after each phase. Level 5: also
every rewrite. In: the events of `tensorsym.extend.announce`. Out: lines of text; nothing is
changed.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.errors import origin_text
from tensorsym.extend import LISTENERS
from tensorsym.graph.text import graph_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tensorsym.rewrite.report import Firing, Report
    from tensorsym.schedule.plan import Plan

__all__ = ["compiled_line", "firing_line"]

FUNCTIONS_LEVEL = 1
PHASES_LEVEL = 3
PLAN_LEVEL = 4
REWRITES_LEVEL = 5


@LISTENERS.register("debug")
def watch(event: str, payload: Mapping[str, Any]) -> None:
    """Print what an event has to tell at the level of `config.debug`."""
    lines: list[str] = []
    level = config.debug
    if event == "compiled" and level >= FUNCTIONS_LEVEL:
        lines.append(
            compiled_line(payload["name"], payload["report"], payload["plan"], payload["seconds"])
        )
        if payload["plan"] is not None and level >= PLAN_LEVEL:
            lines.append(_indented(str(payload["plan"])))
    elif event == "phase" and level >= PHASES_LEVEL:
        lines.append(f"{payload['name']}, {payload['moment']}:")
        lines.append(_indented(graph_text(payload["graph"], names=True)))
    elif event == "rewrite" and level >= REWRITES_LEVEL:
        lines.append(firing_line(payload["firing"]))
    if lines:
        print("\n".join(lines), file=sys.stderr)


def compiled_line(name: str, report: Report, plan: Plan | None, seconds: float) -> str:
    """Return one line about a compiled function.

    Examples
    --------
    >>> from tensorsym.rewrite.report import PhaseReport, Report
    >>> from tensorsym.watch import compiled_line
    >>> report = Report([PhaseReport("stabilize", 5, 3, fired=2)])
    >>> compiled_line("function 'f'", report, None, 0.0021)
    "function 'f': 5 -> 3 nodes, 2 rewrites, 2.1 ms"
    """
    parts = []
    if report.phases:
        parts.append(f"{report.phases[0].nodes_before} -> {report.phases[-1].nodes_after} nodes")
    parts.append(f"{sum(phase.fired for phase in report.phases)} rewrites")
    if plan is not None:
        words = Counter(instruction.word for instruction in plan.instructions if instruction.word)
        parts += [f"{count} {word}" for word, count in words.items()]
    parts.append(f"{seconds * 1e3:.1f} ms")
    return f"{name}: {', '.join(parts)}"


def firing_line(firing: Firing) -> str:
    """Return one line about a rewrite that fired.

    Examples
    --------
    >>> from tensorsym.rewrite.report import Firing
    >>> from tensorsym.watch import firing_line
    >>> place = (("a.py", 3),)
    >>> firing_line(Firing("log1p", "stabilize", "log(1 + x)", "log1p(x)", "digits", place))
    'stabilize: log1p: log(1 + x) -> log1p(x)  (digits; a.py:3)'
    """
    place = f"; {origin_text(firing.origin)}" if firing.origin else ""
    change = f"{firing.before} -> {firing.after}" if firing.before or firing.after else ""
    return f"{firing.phase}: {firing.name}: {change}  ({firing.why}{place})"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
