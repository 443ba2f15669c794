"""Modes: which rewrites a function gets and what runs it."""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.extend import Registry
from tensorsym.reference.guards import NanGuard
from tensorsym.rewrite.query import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.variable import Apply
    from tensorsym.reference.executor import Hook

__all__ = [
    "Cells",
    "DebugMode",
    "Mode",
    "MonitorMode",
    "NanGuardMode",
    "get_default_mode",
    "get_mode",
    "register_mode",
]

REFERENCE_LINKERS = frozenset({"py", "reference", "vm_nogc_py", "perform"})
COMPILED_LINKERS = frozenset(
    {
        "auto",
        "c",
        "c|py",
        "c|py_nogc",
        "vm",
        "cvm",
        "vm_nogc",
        "cvm_nogc",
        "cpu",
        "tile",
    }
)


@dataclass(unsafe_hash=True)
class Mode:
    """How a function is compiled.

    Parameters
    ----------
    linker : str, optional
        'reference' (or Theano's 'py') runs node by node with NumPy; all other names use the
        compiled backend.
    optimizer : str or Query, optional
        Which rewrites: fast_run, fast_compile, stabilize, None, or a query.
    before, after : callable, optional
        Hooks of each node; with one, functions run node by node.
    checks, finite : bool
        Whether calls are compared with NumPy, and whether NaN and infinities are refused then.

    Examples
    --------
    >>> import tensorsym
    >>> mode = tensorsym.Mode(linker="reference", optimizer=None)
    >>> mode.runs_reference
    True
    """

    linker: str | None = None
    optimizer: Any = "default"
    before: Hook | None = None
    after: Hook | None = None
    checks: bool = False
    finite: bool = False

    def __post_init__(self) -> None:
        linker = getattr(self.linker, "mode_name", self.linker) or "auto"
        if linker not in REFERENCE_LINKERS | COMPILED_LINKERS:
            known = ", ".join(sorted(REFERENCE_LINKERS | COMPILED_LINKERS))
            raise ValueError(f"there is no linker {linker!r}; there are {known}")
        self.linker = linker
        chosen = getattr(self.optimizer, "query", None)
        if isinstance(chosen, Query):  # Theano's query, or what optdb made of one
            self.optimizer = chosen
        elif not isinstance(self.optimizer, Query):
            name = config.optimizer if self.optimizer == "default" else self.optimizer
            self.optimizer = Query.of(name)

    @property
    def query(self) -> Query:
        """Which rewrites are chosen, with those that config adds and takes away."""
        query: Query = self.optimizer
        for tag in filter(None, config.optimizer_including.split(":")):
            query = query.including(tag)
        for tag in filter(None, config.optimizer_excluding.split(":")):
            query = query.excluding(tag)
        return query

    @property
    def runs_reference(self) -> bool:
        """Whether functions run node by node with NumPy."""
        return self.linker in REFERENCE_LINKERS or self.before is not None or self.after is not None

    def including(self, *tags: str) -> Mode:
        """Return this mode with rewrites added by name, tag or phase."""
        return self._with(self.optimizer.including(*tags))

    def excluding(self, *tags: str) -> Mode:
        """Return this mode with rewrites taken away by name, tag or phase (also Theano's names)."""
        return self._with(self.optimizer.excluding(*tags))

    def requiring(self, *tags: str) -> Mode:
        """Return this mode with only rewrites that have all of `tags`."""
        return self._with(self.optimizer.requiring(*tags))

    def clone(self, link_kwargs: Any = None, optimizer: Any = "") -> Mode:
        """Return a copy, with other rewrites if given."""
        return self if optimizer == "" else self._with(Query.of(optimizer))

    def _with(self, query: Query) -> Mode:
        twin = copy.copy(self)
        twin.optimizer = query
        return twin


@dataclass(frozen=True, slots=True)
class Cells:
    """A node's values as Theano's monitors see them: each in a list of its own."""

    inputs: list[list[Any]]
    outputs: list[list[Any]]


Monitor = Callable[[int, "Apply", Cells], object]


class _Monitored:
    """Hooks that call a monitor before and after each node."""

    def __init__(self, pre_func: Monitor | None, post_func: Monitor | None) -> None:
        self.pre_func, self.post_func = pre_func, post_func
        self.numbers: dict[Apply, int] = {}
        self.running = threading.local()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as a new one: calls that are running stay with the old."""
        return _Monitored, (self.pre_func, self.post_func)

    def before(self, node: Apply, values: Sequence[Any]) -> None:
        """Call the first monitor."""
        cells = Cells([[v] for v in values], [[None] for _ in node.outputs])
        self.running.__dict__.setdefault("stack", []).append(cells)
        if self.pre_func is not None:
            self.pre_func(self.numbers.setdefault(node, len(self.numbers)), node, cells)

    def after(self, node: Apply, values: Sequence[Any]) -> None:
        """Call the second monitor."""
        given = self.running.stack.pop()
        if self.post_func is not None:
            number = self.numbers.setdefault(node, len(self.numbers))
            self.post_func(number, node, Cells(given.inputs, [[v] for v in values]))


class MonitorMode(Mode):
    """Run node by node and call functions before and after each node.

    Parameters
    ----------
    pre_func, post_func : callable, optional
        Called with (number of the node, node, cells): `cells.inputs[k][0]` is the value of input k,
        `cells.outputs[k][0]` that of output k, None before the node ran.
    optimizer : str, optional
        Which rewrites.
    linker : str, optional
        Kept for Theano programs.

    Examples
    --------
    >>> import tensorsym
    >>> import tensorsym.tensor as T
    >>> x = T.dscalar("x")
    >>> seen = []
    >>> mode = MonitorMode(post_func=lambda i, node, cells: seen.append(str(node.op)))
    >>> float(tensorsym.function([x], T.exp(x) * 2, mode=mode)(0.0))
    2.0
    >>> seen
    ['Elemwise{exp,no_inplace}', 'Elemwise{mul,no_inplace}']
    """

    def __init__(
        self,
        pre_func: Monitor | None = None,
        post_func: Monitor | None = None,
        optimizer: Any = "default",
        linker: Any = None,
    ) -> None:
        monitored = _Monitored(pre_func, post_func)
        super().__init__("reference", optimizer, monitored.before, monitored.after)


class NanGuardMode(Mode):
    """Run node by node and refuse NaN, infinities and values beyond 1e10.

    Parameters
    ----------
    nan_is_error, inf_is_error, big_is_error : bool, optional
        What is refused; `config.NanGuardMode` says so where this does not.
    optimizer : str, optional
        Which rewrites.
    linker : str, optional
        Kept for Theano programs.

    Raises
    ------
    NotFiniteError
        In calls: an AssertionError that names the first node and the user's line.
    """

    def __init__(
        self,
        nan_is_error: bool | None = None,
        inf_is_error: bool | None = None,
        big_is_error: bool | None = None,
        optimizer: Any = "default",
        linker: Any = None,
    ) -> None:
        wanted = {"nan": nan_is_error, "inf": inf_is_error, "big": big_is_error}
        chosen = {
            name: config.get(f"NanGuardMode.{name}_is_error") if value is None else value
            for name, value in wanted.items()
        }
        guard = NanGuard(**chosen)
        super().__init__("reference", optimizer, guard.before, guard.after)


class DebugMode(Mode):
    """Compare each call with NumPy: the graph before rewriting, after it, and each instruction.

    Parameters
    ----------
    optimizer : str, optional
        Which rewrites.
    check_isfinite : bool, optional
        Whether NaN and infinities are refused; `config.DebugMode.check_finite` if not given.
    stability_patience, check_c_code, check_py_code, check_preallocated_output : optional
        Kept for Theano programs, as are `require_matching_strides` and `linker`.

    Raises
    ------
    DebugModeError
        In calls; its subclasses say what is wrong.
    """

    def __init__(
        self,
        optimizer: Any = "fast_run",
        stability_patience: int | None = None,
        check_c_code: bool | None = None,
        check_py_code: bool | None = None,
        check_isfinite: bool | None = None,
        check_preallocated_output: str | None = None,
        require_matching_strides: bool | None = None,
        linker: Any = None,
    ) -> None:
        finite = check_isfinite
        if finite is None:
            finite = config.get("DebugMode.check_finite")
        super().__init__("auto", optimizer, checks=True, finite=finite)


MODES: Registry[str, Callable[[], Mode]] = Registry("modes")
for _names, _linker, _optimizer in (
    (("auto", "Mode", "FAST_RUN"), "auto", "fast_run"),
    (("FAST_COMPILE",), "reference", "fast_compile"),
    (("reference",), "reference", None),
    (("None",), "auto", None),
):
    for _name in _names:
        MODES.add(_name, functools.partial(Mode, _linker, _optimizer))


MODES.register("DebugMode", "DEBUG_MODE")(DebugMode)
MODES.add("NanGuardMode", NanGuardMode)


def register_mode(name: str, mode: Mode) -> None:
    """Give a mode a name that `function(..., mode=name)` understands."""
    MODES.add(name, lambda: mode)


def get_mode(mode: Any = None) -> Mode:
    """Return a mode given by name, as a Mode, or None for the default.

    Raises
    ------
    ValueError
        If there is no mode of that name.

    Examples
    --------
    >>> from tensorsym.compile.mode import get_mode
    >>> get_mode("FAST_COMPILE").runs_reference
    True
    """
    if mode is None:
        mode = config.mode
    if isinstance(mode, Mode):
        return mode
    if not isinstance(mode, str) or mode not in MODES:
        raise ValueError(f"there is no mode {mode!r}; there are {', '.join(MODES)}")
    if mode in ("Mode", "auto") and (config.linker, config.optimizer) != ("auto", "fast_run"):
        return Mode(config.linker, config.optimizer)
    return MODES[mode]()


def get_default_mode() -> Mode:
    """Return the mode that functions get when none is given."""
    return get_mode(None)
