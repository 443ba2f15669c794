"""What `config.debug` shows while functions are compiled: a listener that prints to stderr.

Level 1: one line per function, and the time of each phase. 2: also a line per instruction of every
call. 3: also the graph before and after each phase. 4: also the plan. 5: also every rewrite. 6:
also where memory is born, dies and is taken over, and why not. In: the events of
`tensorsym.extend.announce`. Out: lines of text; nothing is changed.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.errors import origin_text
from tensorsym.extend import LISTENERS
from tensorsym.graph.text import graph_text
from tensorsym.printing.tree import debugprint
from tensorsym.reference.guards import fault_of
from tensorsym.runtime.bandwidth import bandwidth
from tensorsym.runtime.footprint import memory_of_plan
from tensorsym.runtime.profile import CALLS_LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tensorsym.graph.variable import Apply
    from tensorsym.rewrite.report import Firing, Report
    from tensorsym.runtime.modes import Cells
    from tensorsym.runtime.profile import Row
    from tensorsym.schedule.plan import Plan

__all__ = ["call_lines", "compiled_line", "detect_nan", "firing_line", "stages_text"]

FUNCTIONS_LEVEL = 1
PHASES_LEVEL = 3
PLAN_LEVEL = 4
REWRITES_LEVEL = 5
MEMORY_LEVEL = 6


@LISTENERS.register("debug")
def watch(event: str, payload: Mapping[str, Any]) -> None:
    """Print what an event has to tell at the level of `config.debug`."""
    lines: list[str] = []
    level = config.debug
    if event == "compiled" and level >= FUNCTIONS_LEVEL:
        line = compiled_line(
            payload["name"], payload["report"], payload["plan"], payload["seconds"]
        )
        lines.append(f"{line}: {stages_text(payload['report'], payload['stages'])}")
        if payload["plan"] is not None and level >= PLAN_LEVEL:
            lines.append(_indented(str(payload["plan"])))
        if payload["plan"] is not None and level >= MEMORY_LEVEL:
            memory = memory_of_plan(payload["plan"])
            lines.append(_indented("\n".join([*memory.events, f"at most  {memory.formula} bytes"])))
    elif event == "called" and level >= CALLS_LEVEL:
        lines.append(f"{payload['name']} called: {payload['seconds'] * 1e6:.1f} us")
        lines.extend(_indented(line) for line in call_lines(payload["before"], payload["rows"]))
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


def stages_text(report: Report, stages: Mapping[str, float]) -> str:
    """Return the milliseconds of each stage, and of each phase of the rewriting.

    Examples
    --------
    >>> from tensorsym.rewrite.report import PhaseReport, Report
    >>> from tensorsym.watch import stages_text
    >>> report = Report([PhaseReport("stabilize", 5, 3, seconds=0.001)])
    >>> stages_text(report, {"collect": 0.0005, "rewrite": 0.0012, "schedule": 0.0001})
    'collect 0.5, rewrite 1.2 (stabilize 1.0), schedule 0.1'
    """
    phases = ", ".join(f"{phase.name} {phase.seconds * 1e3:.1f}" for phase in report.phases)
    texts = [
        f"{name} {seconds * 1e3:.1f}" + (f" ({phases})" if name == "rewrite" and phases else "")
        for name, seconds in stages.items()
    ]
    return ", ".join(texts)


def call_lines(before: Sequence[Row], after: Sequence[Row]) -> Iterator[str]:
    """Yield a line per instruction that ran between two accounts: time, rate, share of peak."""
    known = {id(row.what): row for row in before}
    for row in after:
        old = known.get(id(row.what))
        seconds = row.seconds - (0.0 if old is None else old.seconds)
        n_bytes = row.bytes - (0 if old is None else old.bytes)
        if row.runs == (0 if old is None else old.runs):
            continue
        line = f"{row}: {seconds * 1e6:.1f} us"
        if n_bytes and seconds:
            rate = n_bytes / seconds
            line += f", {rate * 1e-9:.2f} GB/s, {100 * rate / bandwidth():.0f}% of peak"
        place = row.places[0][0]
        yield f"{line}  {place[0]}:{place[1]}" if place[0] else line


def detect_nan(number: int, node: Apply, cells: Cells) -> None:
    """Print a node that makes NaN, with its values: a `post_func` of MonitorMode."""
    if any(fault_of(output, nan=True, inf=False, big=False) for (output,) in cells.outputs):
        print("*** NaN detected ***")
        print(debugprint(node, file="str"))
        print(f"Inputs : {[value for (value,) in cells.inputs]}")
        print(f"Outputs: {[value for (value,) in cells.outputs]}")


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
