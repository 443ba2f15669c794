"""Profiles: where the time of a function's calls goes, per line of the user's and per instruction.

`function(..., profile=True)` or `config.profile`. In: what the machine books, or the reference's
nodes. Out: text, a dict, a plot. Functions without a profile never come here.
"""

from __future__ import annotations

import atexit
import importlib
import linecache
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from tensorsym.config import config
from tensorsym.errors import PlotError
from tensorsym.runtime.bandwidth import bandwidth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from os import PathLike

    from tensorsym.errors import Origin

__all__ = ["CALLS_LEVEL", "PROFILES", "Line", "ProfileStats", "Row", "print_profiles", "profile_of"]

NOWHERE = ("", 0)

CALLS_LEVEL = 2
"""The level of `config.debug` from which on every call is told of."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """What one instruction cost, or one node where a function runs node by node.

    Attributes
    ----------
    text : str
        What it is.
    what : object
        The instruction or node itself.
    places : tuple of ((filename, line), weight)
        The lines it comes from, with their parts of it, 1 in all.
    runs : int
        How often it ran.
    seconds : float
        Its own time.
    bytes : int
        Bytes of the tensors it read and wrote.
    """

    text: str
    what: Any
    places: tuple[tuple[tuple[str, int], float], ...]
    runs: int
    seconds: float
    bytes: int

    def __str__(self) -> str:
        return self.text


@dataclass(slots=True)
class Line:
    """What a line of the user's cost: its parts of all instructions made of it.

    `runs` is how often the one of them ran that ran most.
    """

    filename: str
    line: int
    runs: int = 0
    seconds: float = 0.0
    bytes: float = 0.0

    @property
    def source(self) -> str:
        """The line's text, where its file can be read."""
        return linecache.getline(self.filename, self.line).strip()

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.filename}:{self.line}" if self.filename else "nowhere in the program"


PROFILES: list[ProfileStats] = []
"""The profiles that are printed when the program ends."""


class ProfileStats:
    """What calls of a function cost.

    Parameters
    ----------
    atexit_print : bool
        Whether the summary is printed when the program ends, if the function was called.
    message : str
        Name of the function.
    flag_time_thunks, gpu_checks
        Kept for Theano programs.

    Attributes
    ----------
    fct_callcount, fct_call_time : int, float
        Calls, and their seconds.
    compile_time, optimizer_time, linker_time : float
        Seconds of `function`, of rewriting, and of scheduling and building.
    nb_nodes : int
        Nodes of the rewritten graph.
    """

    def __init__(
        self,
        atexit_print: bool = True,
        flag_time_thunks: bool | None = None,
        gpu_checks: bool = True,
        *,
        message: str = "",
    ) -> None:
        self.message = message
        self.flag_time_thunks = flag_time_thunks
        self.compile_time = self.optimizer_time = self.linker_time = 0.0
        self.validate_time = self.import_time = 0.0
        self.nb_nodes = 0
        self.memory: Callable[[], Any] | None = None
        self._rows: Callable[[], list[Row]] = list
        self.reset()
        if atexit_print:
            PROFILES.append(self)

    def reset(self) -> None:
        """Forget the calls so far, not how they are booked."""
        self.fct_callcount = 0
        self.fct_call_time = 0.0
        self._before = {id(row.what): row for row in self._rows()}

    def follow(self, rows: Callable[[], list[Row]]) -> None:
        """Take what instructions cost from `rows` from now on."""
        self._rows = rows
        self.reset()

    def take_compilation(self, seconds: float, stages: Mapping[str, float], n_nodes: int) -> None:
        """Take down what compiling cost."""
        self.compile_time = seconds
        self.optimizer_time = stages.get("rewrite", 0.0)
        self.linker_time = stages.get("schedule", 0.0) + stages.get("build", 0.0)
        self.nb_nodes = n_nodes

    @property
    def rows(self) -> list[Row]:
        """What each instruction cost, the dearest first."""
        found = [_since(row, self._before.get(id(row.what))) for row in self._rows()]
        return sorted((row for row in found if row.runs), key=lambda row: -row.seconds)

    @property
    def lines(self) -> list[Line]:
        """What each line of the user's cost, the dearest first."""
        found: dict[tuple[str, int], Line] = {}
        for row in self.rows:
            for place, weight in row.places:
                line = found.setdefault(place, Line(*place))
                line.runs = max(line.runs, row.runs)
                line.seconds += weight * row.seconds
                line.bytes += weight * row.bytes
        return sorted(found.values(), key=lambda line: -line.seconds)

    @property
    def vm_call_time(self) -> float:
        """Seconds of calls (Theano's name)."""
        return self.fct_call_time

    @property
    def apply_time(self) -> dict[Row, float]:
        """Seconds by row: an instruction, or a node where a function runs node by node."""
        return {row: row.seconds for row in self.rows}

    @property
    def apply_callcount(self) -> dict[Row, int]:
        """Runs by row, as `apply_time`."""
        return {row: row.runs for row in self.rows}

    @property
    def op_time(self) -> dict[str, float]:
        """Seconds by what instructions are."""
        return _summed((row.text, row.seconds) for row in self.rows)

    @property
    def op_callcount(self) -> dict[str, float]:
        """Runs by what instructions are."""
        return _summed((row.text, row.runs) for row in self.rows)

    def compute_total_times(self) -> dict[Row, float]:
        """Return seconds by instruction (Theano's name)."""
        return self.apply_time

    def as_dict(self) -> dict[str, Any]:
        """Return the profile as plain numbers, texts and lists."""
        return {
            "name": self.message,
            "calls": self.fct_callcount,
            "seconds": self.fct_call_time,
            "compile_seconds": self.compile_time,
            "lines": [
                {
                    "filename": line.filename,
                    "line": line.line,
                    "source": line.source,
                    "runs": line.runs,
                    **_costs(line.seconds, line.bytes),
                }
                for line in self.lines
            ],
            "instructions": [
                {"text": row.text, "runs": row.runs, **_costs(row.seconds, row.bytes)}
                for row in self.rows
            ],
        }

    def summary(
        self,
        file: TextIO | None = None,
        n_ops_to_print: int | None = None,
        n_apply_to_print: int | None = None,
    ) -> None:
        """Print the profile.

        Parameters
        ----------
        file : text file, optional
            Where; standard error if not given, as in Theano.
        n_ops_to_print, n_apply_to_print : int, optional
            How many lines, and how many instructions; `config.profiling.n_ops` and `n_apply` if not
            given.
        """
        print(self.text(n_ops_to_print, n_apply_to_print), file=file or sys.stderr)

    def text(self, n_lines: int | None = None, n_instructions: int | None = None) -> str:
        """Return the profile as text."""
        n_lines = config.get("profiling.n_ops") if n_lines is None else n_lines
        if n_instructions is None:
            n_instructions = config.get("profiling.n_apply")
        rows, lines = self.rows, self.lines
        total = sum(row.seconds for row in rows)
        parts = [
            "Function profiling\n==================",
            f"  Message: {self.message}",
            f"  Time in {self.fct_callcount} calls to Function.__call__: {self.fct_call_time:.6e}s",
            f"  Time in instructions: {total:.6e}s ({_percent(total, self.fct_call_time)})",
            f"  Total compile time: {self.compile_time:.6e}s",
            f"    Number of Apply nodes: {self.nb_nodes}",
            f"    Rewriting: {self.optimizer_time:.6e}s",
            f"    Plan and build: {self.linker_time:.6e}s",
            *([] if self.memory is None else [f"  Memory at most: {self.memory().formula} bytes"]),
            "",
            f"Source lines (of the peak: of {bandwidth() * 1e-9:.1f} GB/s that a copy in memory "
            "reaches; data in the caches are faster)",
            "  time      ms      GB/s  of peak     runs  line",
            *_table([(_cells(one, total), _line(one)) for one in lines], n_lines),
            "",
            "Instructions",
            "  time      ms      GB/s  of peak     runs  what",
            *_table([(_cells(row, total), row.text) for row in rows], n_instructions),
        ]
        return "\n".join(parts)

    def __str__(self) -> str:
        return self.text()

    def plot(self, path: str | PathLike[str], n_lines: int = 20) -> None:
        """Draw the time per line of the user's as bars.

        Parameters
        ----------
        path : path
            The picture to write; its ending says of which kind.
        n_lines : int
            How many lines, the dearest first.

        Raises
        ------
        PlotError
            If matplotlib is missing.
        """
        try:
            figures = importlib.import_module("matplotlib.figure")
        except ImportError as error:
            raise PlotError(
                "plots of profiles are drawn by matplotlib, which is not installed",
                hint="pip install matplotlib; summary() and as_dict() need nothing",
            ) from error
        lines = self.lines[:n_lines][::-1]
        figure = figures.Figure(figsize=(9, 1 + 0.35 * len(lines)), layout="constrained")
        axes = figure.add_subplot()
        axes.barh(range(len(lines)), [1e3 * line.seconds for line in lines])
        axes.set_yticks(range(len(lines)), [_short(line) for line in lines])
        axes.set_xlabel(f"ms in {self.fct_callcount} calls")
        axes.set_title(self.message)
        figure.savefig(path)


def profile_of(wanted: Any, name: str | None) -> ProfileStats | None:
    """Return what `function(..., profile=wanted)` asks for; None leaves it to `config.profile`."""
    if wanted is None:
        wanted = config.get("profile")
    if isinstance(wanted, ProfileStats):
        return wanted
    if not wanted:
        return None
    return ProfileStats(message=wanted if isinstance(wanted, str) else name or "")


def print_profiles() -> None:
    """Print the profiles of the functions that were called, as Theano does at the end."""
    place = config.get("profiling.destination")
    called = [profile for profile in PROFILES if profile.fct_callcount]
    if place in ("stderr", "stdout"):
        for profile in called:
            profile.summary(getattr(sys, place))
    elif called:
        with open(place, "w") as file:
            for profile in called:
                profile.summary(file)


atexit.register(print_profiles)


def places_of(origins: Sequence[Origin]) -> tuple[tuple[tuple[str, int], float], ...]:
    """Return the lines of several origins, each with its part of the whole."""
    weights: dict[tuple[str, int], float] = {}
    for origin in origins or [()]:
        place = origin[0] if origin else NOWHERE
        weights[place] = weights.get(place, 0.0) + 1 / max(1, len(origins))
    return tuple(weights.items())


def _since(row: Row, before: Row | None) -> Row:
    if before is None:
        return row
    return Row(
        row.text,
        row.what,
        row.places,
        row.runs - before.runs,
        row.seconds - before.seconds,
        row.bytes - before.bytes,
    )


def _summed(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for key, value in pairs:
        total[key] = total.get(key, 0) + value
    return total


def _costs(seconds: float, n_bytes: float) -> dict[str, float]:
    rate = n_bytes / seconds if seconds else 0.0
    return {
        "seconds": seconds,
        "bytes": n_bytes,
        "bytes_per_second": rate,
        "share_of_peak": rate / bandwidth(),
    }


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "-"


def _cells(row: Row | Line, total: float) -> str:
    costs = _costs(row.seconds, row.bytes)
    rate, share = costs["bytes_per_second"] * 1e-9, 100 * costs["share_of_peak"]
    part = _percent(row.seconds, total)
    return f"{part:>6}{1e3 * row.seconds:10.3f}{rate:8.2f}{share:8.0f}%{row.runs:9d}"


def _table(rows: Sequence[tuple[str, str]], most: int) -> list[str]:
    lines = [f"{cells}  {text}" for cells, text in rows[:most]]
    return lines if len(rows) <= most else [*lines, f"   ... and {len(rows) - most} more"]


def _line(line: Line) -> str:
    return f"{line.place}  {line.source}".rstrip()


def _short(line: Line) -> str:
    place = line.place.rpartition("/")[2]
    return f"{place}  {line.source[:50]}".rstrip()
