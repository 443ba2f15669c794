"""Every rule of the table fires, and its sides agree over dtypes, ranks and special values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.rewrite.evaluation import evaluate

from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.language.dtypes import ALL, DISCRETE, FLOAT
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType
from tensorsym.rewrite import REWRITES, Rule
from tensorsym.rewrite.context import Context
from tensorsym.rewrite.matcher import CompiledRule
from tensorsym.rewrite.pattern import Application, Literal, PatternVariable, Rest

if TYPE_CHECKING:
    from tensorsym.rewrite.pattern import Pattern

RULES = [entry for entry in REWRITES.values() if isinstance(entry, Rule)]
SPECIAL = {
    "f": (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0),
    "c": (complex(np.nan, 1), complex(np.inf, 0), 0j, 1j, 1 + 0j, -1 - 1j),
    "i": (),
    "u": (),
    "b": (False, True),
}
# Rounding errors allowed between the sides, in units of the dtype's epsilon.
ULPS = {"exact": 0, "reassociating": 16, "stabilising": 64}
# Some functions take no scalars.
MATRICES_ONLY = {"softmax", "logsoftmax", "max", "min"}
# Values of pattern variables that stand for constants, in order of the name.
CONSTANT_VALUES = {"a": 2, "b": 3}


def terms(pattern: Pattern) -> list[Pattern]:
    found, stack = [], [pattern]
    while stack:
        term = stack.pop()
        found.append(term)
        if isinstance(term, Application):
            stack.extend(reversed(term.operands))
        elif isinstance(term, Rest):
            stack.append(term.variable)
    return found


def variables(rule: Rule) -> list[str]:
    names = [t.name for t in terms(rule.left) if isinstance(t, PatternVariable) and not t.constant]
    return list(dict.fromkeys(names))


def expression(pattern: Pattern | float, symbols: dict[str, Any]) -> Any:
    """Return the language's expression that a term stands for."""
    if isinstance(pattern, Literal):
        boolean = all(symbol.dtype == "bool" for symbol in symbols.values())
        return np.bool_(pattern.value) if boolean and pattern.value in (0, 1) else pattern.value
    if isinstance(pattern, Rest):
        return expression(pattern.variable, symbols)
    if isinstance(pattern, PatternVariable):
        return CONSTANT_VALUES[pattern.name] if pattern.constant else symbols[pattern.name]
    assert isinstance(pattern, Application)
    operands = [expression(operand, symbols) for operand in pattern.operands]
    keywords = {} if pattern.attributes is None else {"axis": 1}
    return FUNCTIONS[pattern.name](*operands, **keywords)


def arrays(rule: Rule, names: list[str], dtype: str, shape: tuple[int, ...]) -> list[Any]:
    rng = np.random.default_rng(7)
    drawn = []
    for k, _ in enumerate(names):
        low, high = rule.domain[k] if k < len(rule.domain) else rule.domain[0]
        values = rng.uniform(low, high, size=shape)
        if dtype == "bool":
            drawn.append(np.asarray(rng.integers(0, 2, size=shape).astype(bool)))
        elif dtype in DISCRETE:
            limits = np.iinfo(dtype)
            values = rng.integers(limits.min, limits.max, size=shape, dtype=dtype, endpoint=True)
            drawn.append(np.asarray(values))
        else:
            drawn.append(np.asarray(values).astype(dtype))
    return drawn


def assert_sides_agree(left: Any, right: Any, rule: Rule) -> None:
    assert left.dtype == right.dtype
    assert left.shape == right.shape
    if rule.exactness == "exact" or left.dtype.kind not in "fc":
        np.testing.assert_array_equal(left, right)
    else:
        epsilon = np.finfo(left.dtype).eps
        np.testing.assert_allclose(
            left, right, rtol=ULPS[rule.exactness] * epsilon, atol=4 * epsilon
        )


def written(rule: Rule, symbols: dict[str, Any]) -> Any:
    """Return the left side over symbols, or None where the language refuses their dtypes."""
    try:
        return expression(rule.left, symbols)
    except TypeError:
        return None


def applied(rule: Rule, symbols: dict[str, Any], left: Any) -> Any:
    """Return what the rule makes of `left`, or None."""
    graph = FunctionGraph(list(symbols.values()), [left], clone=False)
    return CompiledRule(rule)(graph.outputs[0].owner, Context(graph))


def ranks(rule: Rule) -> tuple[int, ...]:
    names = {t.name for t in terms(rule.left) if isinstance(t, Application)}
    return (2,) if names & MATRICES_ONLY else (0, 1, 2)


def symbols_of(rule: Rule, dtype: str, patterns: list[tuple[bool, ...]]) -> dict[str, Any]:
    return {
        name: TensorType(dtype, pattern)(name)
        for name, pattern in zip(variables(rule), patterns, strict=True)
    }


every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


@every_rule
def test_rule_is_installed_and_explained(rule: Rule) -> None:
    assert CompiledRule.installed(rule)
    assert rule.why
    assert not rule.why.endswith(".")
    assert set(rule.dtypes) <= set(ALL)
    assert rule.phases


@every_rule
def test_sides_agree_on_the_domain(rule: Rule) -> None:
    names = variables(rule)
    fired = 0
    for dtype in rule.dtypes:
        for rank in ranks(rule):
            symbols = symbols_of(rule, dtype, [(False,) * rank] * len(names))
            left = written(rule, symbols)
            if left is None:
                assert dtype not in FLOAT
                continue
            values = arrays(rule, names, dtype, (3, 4)[:rank])
            right = applied(rule, symbols, left)
            if right is None:  # An op may compute in another dtype: a mean of integers is a float.
                # ... and complex conditions are cast to bool by no op but switch itself.
                assert dtype not in FLOAT or left.type.dtype != dtype
                continue
            fired += 1
            assert right.type == left.type
            results = evaluate([left, right], dict(zip(symbols.values(), values, strict=True)))
            assert_sides_agree(*results, rule)
    assert fired


@every_rule
def test_sides_agree_where_operands_broadcast(rule: Rule) -> None:
    names = variables(rule)
    dtype = next(d for d in ("float64", "int32", *rule.dtypes) if d in rule.dtypes)
    for row in range(len(names)):
        patterns = [(k == row, False) for k in range(len(names))]
        symbols = symbols_of(rule, dtype, patterns)
        left = expression(rule.left, symbols)
        right = applied(rule, symbols, left)
        assert right is not None
        assert right.type == left.type
        values = arrays(rule, names, dtype, (3, 4))
        values[row] = values[row][:1]
        results = evaluate([left, right], dict(zip(symbols.values(), values, strict=True)))
        assert_sides_agree(*results, rule)


@every_rule
def test_exact_rules_agree_on_special_values(rule: Rule) -> None:
    if rule.exactness != "exact" or rule.differs:
        return
    names = variables(rule)
    for dtype in rule.dtypes:
        kind = np.dtype(dtype).kind
        special = list(SPECIAL[kind])
        if kind in "iu":
            limits = np.iinfo(dtype)
            special = [limits.min, limits.max, 0, 1, limits.max // 2]
        values = np.array(special, dtype=dtype)
        grid = np.meshgrid(*[values] * len(names), indexing="ij")
        operands = [g.reshape(1, -1) for g in grid]
        symbols = symbols_of(rule, dtype, [(False, False)] * len(names))
        left = written(rule, symbols)
        right = None if left is None else applied(rule, symbols, left)
        if right is None:
            continue
        before, after = evaluate([left, right], dict(zip(symbols.values(), operands, strict=True)))
        np.testing.assert_array_equal(before, after)
        if kind == "f":
            np.testing.assert_array_equal(sign(before), sign(after))


def sign(values: Any) -> Any:
    """Return the sign bits, with those of NaN cleared."""
    return np.signbit(values) & ~np.isnan(values)


@every_rule
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "float32", "complex64"])
def test_sides_agree_on_any_dtype_if_the_rule_fires(rule: Rule, dtype: str) -> None:
    names = variables(rule)
    symbols = symbols_of(rule, dtype, [(False, False)] * len(names))
    left = written(rule, symbols)
    right = None if left is None else applied(rule, symbols, left)
    if right is None:
        return
    assert right.type == left.type
    low, high = (1, 3) if dtype in DISCRETE else rule.domain[0]
    rng = np.random.default_rng(3)
    values = [np.asarray(rng.uniform(low, high, size=(3, 4))).astype(dtype) for _ in names]
    before, after = evaluate([left, right], dict(zip(symbols.values(), values, strict=True)))
    inside = np.isfinite(before) & np.isfinite(after)
    assert_sides_agree(before[inside], after[inside], rule)
