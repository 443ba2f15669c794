"""Which backend runs a function: the one place where runtime chooses between them."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.cpu.build import build
from tensorsym.language.tensortype import TensorType
from tensorsym.reference.executor import ReferenceExecutable
from tensorsym.rewrite import rewrite
from tensorsym.runtime.profile import CALLS_LEVEL
from tensorsym.schedule.build import schedule

if TYPE_CHECKING:
    from tensorsym.graph.functiongraph import FunctionGraph
    from tensorsym.rewrite import Report
    from tensorsym.runtime.modes import Mode
    from tensorsym.runtime.profile import ProfileStats
    from tensorsym.runtime.recipe import Recipe, Resolved
    from tensorsym.schedule.plan import Plan

__all__ = ["Built", "build_executable"]


@dataclass(slots=True)
class Built:
    """What runs a function, and how it came about.

    Attributes
    ----------
    executable : callable
        Takes the list of all inputs, returns the list of all outputs.
    graph : FunctionGraph
        The rewritten graph.
    report : Report
        What the rewrites did.
    seconds : dict of str to float
        Time by stage: rewrite, schedule, build.
    """

    executable: Any
    graph: FunctionGraph
    report: Report
    seconds: dict[str, float] = field(default_factory=dict)


def build_executable(
    resolved: Resolved, recipe: Recipe, mode: Mode, profile: ProfileStats | None = None
) -> Built:
    """Return what runs the graph.

    Parameters
    ----------
    resolved : Resolved
        The closed graph; it is rewritten in place.
    recipe : Recipe
        What was asked.
    mode : Mode
        Rewrites and backend.
    profile : ProfileStats, optional
        What takes down the costs of calls.

    Notes
    -----
    Only arguments declared mutable are donated. The buffer of a shared variable never is: a reader
    in another thread may take it at any time (memory contract, M21).
    """
    graph = resolved.graph
    original = graph.clone() if mode.checks else graph
    started = time.perf_counter()
    report = rewrite(graph, mode.query)
    built = Built(None, graph, report, {"rewrite": time.perf_counter() - started})
    if mode.runs_reference:
        built.executable = ReferenceExecutable(graph, mode.before, mode.after)
    else:
        _build_plan(built, resolved, recipe)
    compare = mode.checks or bool(config.check)
    if profile is not None or compare or config.debug >= CALLS_LEVEL:
        # Most programs are never watched, and do not pay for the rooms that do it.
        room = importlib.import_module("tensorsym.runtime.timing")
        built.executable = room.watched(built.executable, recipe.title, profile, compare=compare)
    if mode.checks:
        room = importlib.import_module("tensorsym.runtime.checked")
        built.executable = room.Checked(built.executable, original, graph, report, mode.finite)
    return built


def _build_plan(built: Built, resolved: Resolved, recipe: Recipe) -> None:
    """Schedule a rewritten graph and build what runs the plan."""
    started = time.perf_counter()
    device = config.device if recipe.device is None else recipe.device
    context = None if device == "cpu" else _context(device)
    plan, residents = _plan(resolved, recipe, on_device=context is not None)
    scheduled = time.perf_counter()
    if context is not None:
        room = importlib.import_module("tensorsym.cuda.executable")
        built.executable = room.build(context, plan, residents)
    else:
        built.executable = build(plan)
        built.executable.recycle([i for i, out in enumerate(recipe.outputs) if out.recycle])
    built.seconds |= {
        "schedule": scheduled - started,
        "build": time.perf_counter() - scheduled,
    }


def _context(device: str) -> Any:
    """Return the GPU of a name, or None if `auto` found none.

    The rooms of the GPU are loaded by the first function that asks for one.
    """
    return importlib.import_module("tensorsym.cuda.device").find_context(device)


def _plan(resolved: Resolved, recipe: Recipe, *, on_device: bool) -> tuple[Plan, list[Any]]:
    """Return the plan, and the cells of shared variables that may stay on a device."""
    graph = resolved.graph
    if not on_device:
        donated = [
            i for i, item in enumerate(recipe.inputs) if item.mutable and item.update is None
        ]
        return schedule(graph, donated), []
    first = len(graph.inputs) - len(resolved.shared)
    cells = [
        (first + i, variable.container.storage, variable.lock)
        for i, variable in enumerate(resolved.shared)
    ]
    plan = schedule(
        graph,
        target=importlib.import_module("tensorsym.cuda.target").cuda_target(),
        resident=_successors(resolved, first),
        n_outputs=resolved.n_outputs,
    )
    return plan, cells


def _successors(resolved: Resolved, first: int) -> dict[int, int | None]:
    """Return the position of every shared variable and of the output that becomes its value."""
    news: dict[Any, int] = {t: resolved.n_outputs + i for i, t in enumerate(resolved.targets)}
    return {
        first + i: news.get(variable)
        for i, variable in enumerate(resolved.shared)
        if isinstance(variable.type, TensorType)
    }
