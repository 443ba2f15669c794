"""Executables whose calls are timed, instruction by instruction or node by node, for a profile."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.cpu import ledger
from tensorsym.cpu.build import Executable
from tensorsym.extend import announce
from tensorsym.reference.executor import ReferenceExecutable
from tensorsym.runtime.profile import CALLS_LEVEL, Row, places_of
from tensorsym.schedule.plan import HostCall, Kernel, LibraryCall, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.graph.variable import Apply
    from tensorsym.reference.executor import Hook
    from tensorsym.runtime.profile import ProfileStats
    from tensorsym.schedule.plan import Instruction

__all__ = ["NodeTimes", "Timed", "watched"]

LONGEST_TEXT = 60


def watched(executable: Any, title: str, profile: ProfileStats | None, *, compare: bool) -> Any:
    """Return an executable whose instructions or nodes are timed from now on.

    Parameters
    ----------
    executable : callable
        The machine, a reference executable, or one of another device, of which only the calls are
        timed.
    title : str
        The function, for messages.
    profile : ProfileStats or None
        What takes the costs down.
    compare : bool
        Whether instructions are compared with NumPy.
    """
    rows: Callable[[], list[Row]] = list
    if isinstance(executable, ReferenceExecutable):
        times = NodeTimes(executable.before, executable.after)
        executable.before, executable.after, rows = times.before, times.after, times.rows
    elif isinstance(executable, Executable):
        rows = machine_rows(executable, compare=compare)
    if profile is not None:
        profile.follow(rows)
    elif config.debug < CALLS_LEVEL:
        return executable
    return Timed(executable, rows, profile, title)


class Timed:
    """An executable that counts its calls.

    Parameters
    ----------
    executable : callable
        Takes the list of all inputs.
    rows : callable
        Returns what each instruction cost so far.
    profile : ProfileStats or None
        What takes the calls down.
    name : str
        The function's name, for `config.debug`.
    """

    def __init__(
        self,
        executable: Any,
        rows: Callable[[], list[Row]],
        profile: ProfileStats | None,
        name: str,
    ) -> None:
        self.executable = executable
        self.rows = rows
        self.profile = profile
        self.name = name
        self.plan = getattr(executable, "plan", None)
        self.free = getattr(executable, "free", None)
        # What a function asks of an executable on a GPU.
        self.takes_device_arrays = getattr(executable, "takes_device_arrays", False)
        self.adopt = getattr(executable, "adopt", None)
        self._lock = threading.Lock()

    def __call__(self, values: list[Any]) -> list[Any]:
        """Run, and take the time down."""
        shown = config.debug >= CALLS_LEVEL
        before = self.rows() if shown else []
        started = time.perf_counter()
        results: list[Any] = self.executable(values)
        seconds = time.perf_counter() - started
        if self.profile is not None:
            with self._lock:
                self.profile.fct_callcount += 1
                self.profile.fct_call_time += seconds
        if shown:
            announce("called", name=self.name, before=before, rows=self.rows(), seconds=seconds)
        return results


def machine_rows(executable: Executable, *, compare: bool = False) -> Callable[[], list[Row]]:
    """Watch an executable, compare it with NumPy if asked; return what gives its rows."""
    ledger.watch(executable, compare=compare)

    def rows() -> list[Row]:
        return [
            Row(
                instruction_text(entry.instruction),
                entry.instruction,
                places_of([entry.plan.origins[s].origin for s in entry.instruction.sources]),
                entry.runs,
                entry.seconds,
                entry.bytes,
            )
            for entry in ledger.entries(executable)
        ]

    return rows


def instruction_text(instruction: Instruction) -> str:
    """Return what an instruction is, in a few words."""
    if isinstance(instruction, Kernel):
        names = [step.op for step in instruction.steps]
        names += [o.role for o in instruction.operands if o.role not in ("in", "shape", "out")]
        text = ", ".join(dict.fromkeys(names))
        return f"kernel {text}" if len(text) < LONGEST_TEXT else f"kernel {text[:LONGEST_TEXT]}..."
    if isinstance(instruction, LibraryCall):
        return instruction.routine
    if isinstance(instruction, View):
        return f"view {instruction.kind}"
    return str(instruction.node.op) if isinstance(instruction, HostCall) else instruction.word


class NodeTimes:
    """Hooks that time nodes run one by one."""

    def __init__(self, before: Hook | None, after: Hook | None) -> None:
        self._before, self._after = before, after
        self._running = threading.local()
        self._costs: dict[Apply, list[float]] = {}

    def before(self, node: Apply, values: Sequence[Any]) -> None:
        """Start the clock."""
        if self._before is not None:
            self._before(node, values)
        stack = self._running.__dict__.setdefault("stack", [])
        stack.append((time.perf_counter(), _nbytes(values)))

    def after(self, node: Apply, values: Sequence[Any]) -> None:
        """Stop the clock."""
        started, moved = self._running.stack.pop()
        cost = self._costs.setdefault(node, [0, 0.0, 0])
        cost[0] += 1
        cost[1] += time.perf_counter() - started
        cost[2] += moved + _nbytes(values)
        if self._after is not None:
            self._after(node, values)

    def rows(self) -> list[Row]:
        """Return what the nodes cost."""
        return [
            Row(str(node.op), node, places_of([node.origin]), int(runs), seconds, int(moved))
            for node, (runs, seconds, moved) in self._costs.items()
        ]


def _nbytes(values: Sequence[Any]) -> int:
    return sum(getattr(value, "nbytes", 0) for value in values)
