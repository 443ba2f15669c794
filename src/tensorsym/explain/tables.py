"""The language's records and the rewriter's rules, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import ExpressionError, TensorSymError
from tensorsym.graph.variable import Variable
from tensorsym.language.dtypes import ALL
from tensorsym.language.elementwise import OPS, Mask, Record
from tensorsym.language.reduction import REDUCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.printing.notation import formula
from tensorsym.rewrite import REWRITES
from tensorsym.rewrite.pattern import as_pattern
from tensorsym.rewrite.rules import PHASES, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tensorsym.language.reduction import ReductionRecord
    from tensorsym.rewrite.rules import Algorithm

__all__ = ["record_text", "rules_text"]


def record_text(name: str) -> str:
    """Return the record of an elementwise op or reduction.

    Raises
    ------
    ExpressionError
        If there is no such record.

    Examples
    --------
    >>> from tensorsym.explain.tables import record_text
    >>> print(record_text("sqr").splitlines()[0])
    sqr: Square of x.
    """
    record: Record | ReductionRecord | None = REDUCTIONS.get(name)
    by_name = {
        alias: op.record for op in OPS.values() for alias in (op.record.name, *op.record.aliases)
    }
    record = by_name.get(name, record)
    if record is None:
        raise ExpressionError(
            f"there is no elementwise op or reduction {name!r}",
            hint=f"there are {', '.join([*OPS, *REDUCTIONS])}",
        )
    lines = dict(
        _elementwise_lines(record) if isinstance(record, Record) else _reduction_lines(record)
    )
    width = max(map(len, lines)) + 2
    return "\n".join(
        [
            f"{record.name}: {record.doc}",
            *(f"  {label + ':':<{width}}{text}" for label, text in lines.items() if text),
        ]
    )


def _elementwise_lines(record: Record) -> Iterator[tuple[str, str]]:
    yield "aliases", ", ".join(record.aliases)
    yield "operands", f"{record.arity}{' or more' if record.variadic else ''}"
    yield "dtypes", _dtype_table(record)
    yield "NumPy", _numpy_name(record.numpy)
    yield "scalar text", record.c or "none: NumPy computes it"
    for operand, text in zip("xyz", _partials(record), strict=False):
        yield f"d/d{operand}", text
    yield "traits", ", ".join(sorted(record.traits))
    yield "tested on", ", ".join(f"[{low:g}, {high:g}]" for low, high in record.domain)
    yield "tolerance", f"{record.tolerance:g} epsilon"


def _numpy_name(reference: str | Callable[..., Any]) -> str:
    """Return the name of a record's reference; formulas of NumPy calls may have none."""
    return reference if isinstance(reference, str) else reference.__name__


def _dtype_table(record: Record) -> str:
    """Return `int8 -> float32, ...` for operands of one dtype, equal results taken together."""
    results: dict[str, list[str]] = {}
    for dtype in ALL:
        try:
            result = record.rule(*[dtype] * record.arity)[1]
        except TensorSymError:
            result = "refused"
        results.setdefault(result, []).append(dtype)
    return "; ".join(f"{', '.join(given)} -> {result}" for result, given in results.items())


def _partials(record: Record) -> list[str]:
    """Return each partial derivative as a formula over x, y, z and out."""
    if record.partials is None:
        return ["none: the gradient is refused"] * record.arity
    symbol = TensorType("float64", ())
    operands = [symbol(letter) for letter in "xyz"[: record.arity]]
    given = record.partials
    partials: Any = [given(k) for k in range(record.arity)] if callable(given) else list(given)
    partials = partials if len(partials) == record.arity else [partials[0]] * record.arity
    return [
        _partial_text(partial(*operands, symbol("out")) if callable(partial) else partial)
        for partial in partials
    ]


def _partial_text(value: Any) -> str:
    if value is None:
        return "none: the gradient is refused"
    if isinstance(value, Mask):
        return f"1 where {_partial_text(value.condition)}, else 0"
    return formula(value).replace("\n", "; ") if isinstance(value, Variable) else str(value)


def _reduction_lines(record: ReductionRecord) -> Iterator[tuple[str, str]]:
    yield "NumPy", _numpy_name(record.numpy)
    yield "combine", record.combine
    yield (
        "identity",
        "none: empty reductions raise" if record.identity is None else str(record.identity),
    )
    yield "small integers", "are widened to 64 bits" if record.widens else "keep their dtype"
    yield "gradient", "none: zero, or refused" if record.gradient is None else ""


def rules_text(which: str = "") -> str:
    """Return the rewrites of a phase, tag, name or Theano name; all for an empty string.

    Raises
    ------
    ExpressionError
        If no rewrite is called so.

    Examples
    --------
    >>> from tensorsym.explain.tables import rules_text
    >>> "log1p" in rules_text("stabilize")
    True
    """
    chosen = [entry for entry in REWRITES.values() if not which or which in _labels(entry)]
    if not chosen:
        raise ExpressionError(
            f"no rewrite has the phase, tag or name {which!r}", hint=f"phases: {', '.join(PHASES)}"
        )
    return "\n".join("\n".join(_rewrite_lines(entry)) for entry in chosen)


def _labels(entry: Rule | Algorithm) -> set[str]:
    return {entry.name, *entry.phases, *entry.tags, *entry.theano}


def _rewrite_lines(entry: Rule | Algorithm) -> Iterator[str]:
    if isinstance(entry, Rule):
        yield f"{entry.name}: {entry.left} -> {as_pattern(entry.right)}  ({entry.exactness})"
    else:
        roots = (
            "every op"
            if entry.roots is None
            else ", ".join(r if isinstance(r, str) else r.__name__ for r in entry.roots)
        )
        yield f"{entry.name}: looks at {roots}"
    yield f"    why: {entry.why}"
    if isinstance(entry, Rule) and entry.differs:
        yield f"    differs: {entry.differs}"
    if entry.theano:
        yield f"    Theano: {', '.join(entry.theano)}"
