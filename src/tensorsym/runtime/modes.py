"""Modes: which rewrites a function gets and what runs it."""

from __future__ import annotations

import copy
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.extend import Registry
from tensorsym.rewrite.query import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.reference.executor import Hook

__all__ = ["Mode", "MonitorMode", "get_default_mode", "get_mode", "register_mode"]

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


@dataclass(frozen=True)
class Mode:
    """How a function is compiled.

    Parameters
    ----------
    linker : str, optional
        'reference' (or Theano's 'py') runs node by node with NumPy; all other names use the
        compiled backend.
    optimizer : str or Query, optional
        Which rewrites: fast_run, fast_compile, stabilize, None, or a query.

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

    def __post_init__(self) -> None:
        linker = self.linker or "auto"
        if linker not in REFERENCE_LINKERS | COMPILED_LINKERS:
            known = ", ".join(sorted(REFERENCE_LINKERS | COMPILED_LINKERS))
            raise ValueError(f"there is no linker {linker!r}; there are {known}")
        object.__setattr__(self, "linker", linker)
        if not isinstance(self.optimizer, Query):
            name = config.optimizer if self.optimizer == "default" else self.optimizer
            object.__setattr__(self, "optimizer", Query.of(name))

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
        object.__setattr__(twin, "optimizer", query)
        return twin


class MonitorMode(Mode):
    """Run node by node and call functions before and after each node.

    Parameters
    ----------
    pre_func, post_func : callable, optional
        Called with (node, values): the node's input values before, and output values after it runs.
    optimizer : str, optional
        Which rewrites.
    linker : str, optional
        Kept for Theano programs.
    """

    def __init__(
        self,
        pre_func: Hook | None = None,
        post_func: Hook | None = None,
        optimizer: Any = "default",
        linker: Any = None,
    ) -> None:
        super().__init__("reference", optimizer, pre_func, post_func)


MODES: Registry[str, Callable[[], Mode]] = Registry("modes")
for _names, _linker, _optimizer in (
    (("auto", "Mode", "FAST_RUN"), "auto", "fast_run"),
    (("FAST_COMPILE",), "reference", "fast_compile"),
    (("reference",), "reference", None),
    (("None",), "auto", None),
):
    for _name in _names:
        MODES.add(_name, functools.partial(Mode, _linker, _optimizer))


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
