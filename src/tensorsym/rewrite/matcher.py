"""From terms to closures: matching a rule's left side at a node, and building its right side.

A matcher is called with a variable, the bindings so far and a continuation; it returns whether the
continuation succeeded. So a commutative op tries the next assignment of its operands when a later
part fails, without copies.

A variable of a rule stands for what the op that consumes it computes with: an int32 operand of
`exp` is bound as its cast to float64. That is why a rule for real floats is right for every mixture
of dtypes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.arithmetic import CASTS
from tensorsym.language.dtypes import is_complex
from tensorsym.language.elementwise import OPS, Elementwise
from tensorsym.language.products import Dot
from tensorsym.language.reduction import REDUCTIONS, Reduction
from tensorsym.language.softmax import LogSoftmax, Softmax
from tensorsym.language.table import FUNCTIONS
from tensorsym.rewrite.context import NEUTRAL, call, joined, key_of, literal, padded
from tensorsym.rewrite.pattern import (
    Application,
    Literal,
    PatternVariable,
    Rest,
    as_pattern,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.rewrite.context import Context
    from tensorsym.rewrite.pattern import (
        Pattern,
    )
    from tensorsym.rewrite.rules import Replacement, Rule

__all__ = ["CompiledRule", "child_keys", "resolve", "root_key"]

# Ops with a class of their own that patterns name by their function.
CLASSES: dict[str, type[Op]] = {"dot": Dot, "softmax": Softmax, "logsoftmax": LogSoftmax}

Then = Callable[[], bool]
Matcher = Callable[[Any, "Match", Then, Apply, int], bool]
Builder = Callable[["Match"], Any]


class Match:
    """What the variables of a rule stand for, and who consumes them."""

    __slots__ = ("attributes", "bound", "consumers", "context", "left_over", "root")

    def __init__(self, context: Context, root: Apply) -> None:
        self.context = context
        self.root = root
        self.bound: dict[str, Any] = {}
        self.consumers: dict[str, tuple[Apply, int]] = {}
        self.attributes: dict[str, Op] = {}
        self.left_over: Sequence[Any] = ()


def resolve(name: str) -> Any:
    """Return the table key of an op's public name, or None if there is no such op."""
    if name in OPS:
        return OPS[name]
    if name in REDUCTIONS:
        return name
    if name in CLASSES:
        return CLASSES[name]
    function = FUNCTIONS.get(name)
    return key_of(function) if isinstance(function, Op) else None


def root_key(rule: Rule) -> Any:
    """Return the key of the rule's root op."""
    assert isinstance(rule.left, Application)
    return resolve(rule.left.name)


def names_of(pattern: Pattern) -> set[str]:
    """Return the names of all ops in a term."""
    names: set[str] = set()
    stack = [pattern]
    while stack:
        term = stack.pop()
        if isinstance(term, Application):
            names.add(term.name)
            stack.extend(term.operands)
    return names


def child_keys(pattern: Application) -> list[Any]:
    """Return the keys of operands that must be ops; "constant" for those that must be one."""
    keys: list[Any] = []
    for operand in pattern.operands:
        if isinstance(operand, Application):
            keys.append(resolve(operand.name))
        elif isinstance(operand, Literal) or (
            isinstance(operand, PatternVariable) and operand.constant
        ):
            keys.append("constant")
    return keys


def _matcher(pattern: Pattern, *, at_root: bool = False) -> Matcher:
    if isinstance(pattern, Literal):
        return _literal_matcher(pattern.value)
    if isinstance(pattern, PatternVariable):
        return _variable_matcher(pattern)
    if isinstance(pattern, Application):
        return _application_matcher(pattern, at_root)
    raise TypeError(f"{pattern} stands where only a term can")


def _literal_matcher(value: float) -> Matcher:
    def match(v: Any, m: Match, then: Then, node: Apply, index: int) -> bool:
        found = m.context.value_of(v)
        return found is not None and bool(found == value) and then()

    return match


def _variable_matcher(pattern: PatternVariable) -> Matcher:
    name, constant = pattern.name, pattern.constant

    def match(v: Any, m: Match, then: Then, node: Apply, index: int) -> bool:
        known = m.bound.get(name)
        if known is not None:
            return known is v and then()
        if constant and m.context.value_of(v) is None:
            return False
        m.bound[name] = v
        m.consumers[name] = (node, index)
        if then():
            return True
        del m.bound[name], m.consumers[name]
        return False

    return match


def _application_matcher(pattern: Application, at_root: bool) -> Matcher:
    key = resolve(pattern.name)
    variadic = isinstance(key, Elementwise) and "commutative" in key.record.traits
    operands = _match_unordered(pattern, at_root) if variadic else _match_in_order(pattern)
    attributes = pattern.attributes.name if pattern.attributes is not None else None

    def match(v: Any, m: Match, then: Then, node: Apply, index: int) -> bool:
        owner = v.owner
        if owner is None or key_of(owner.op) != key:
            return False
        if attributes is not None and m.attributes.setdefault(attributes, owner.op) != owner.op:
            return False
        return operands(owner, m, then)

    return match


def _match_in_order(pattern: Application) -> Callable[[Apply, Match, Then], bool]:
    matchers = [_matcher(operand) for operand in pattern.operands]
    count = len(matchers)

    def match(node: Apply, m: Match, then: Then) -> bool:
        inputs = node.inputs
        if len(inputs) != count:
            return False

        def step(k: int) -> bool:
            if k == count:
                return then()
            return matchers[k](inputs[k], m, lambda: step(k + 1), node, k)

        return step(0)

    return match


def _selectivity(pattern: Pattern) -> int:
    if isinstance(pattern, Application):
        return 0
    if isinstance(pattern, Literal):
        return 1
    return 2 if isinstance(pattern, PatternVariable) and pattern.constant else 3


def _match_unordered(pattern: Application, at_root: bool) -> Callable[[Apply, Match, Then], bool]:
    """Return a matcher that assigns terms to operands in any order.

    At the root operands may be left over.
    """
    terms = sorted((t for t in pattern.operands if not isinstance(t, Rest)), key=_selectivity)
    matchers = [_matcher(term) for term in terms]
    rests = [t.variable.name for t in pattern.operands if isinstance(t, Rest)]
    rest = rests[0] if rests else None
    count = len(matchers)
    associative = "associative" in OPS[pattern.name].record.traits
    fewest = count + (1 if rest is not None and count < 2 else 0)

    def match(node: Apply, m: Match, then: Then) -> bool:
        inputs = node.inputs
        if len(inputs) < fewest or (
            len(inputs) > count and rest is None and not (at_root and associative)
        ):
            return False
        used: list[int] = []

        def finish() -> bool:
            others = [k for k in range(len(inputs)) if k not in used]
            if rest is not None:
                return _bind_rest(rest, node, others, m, then)
            m.left_over = [inputs[k] for k in others] if at_root else m.left_over
            return then()

        def step(k: int) -> bool:
            if k == count:
                return finish()
            for index, v in enumerate(inputs):
                if index in used:
                    continue
                used.append(index)
                if matchers[k](v, m, lambda: step(k + 1), node, index):
                    return True
                used.pop()
            return False

        return step(0)

    return match


def _bind_rest(name: str, node: Apply, others: list[int], m: Match, then: Then) -> bool:
    """Bind what is left of a sum or product: its neutral element, an operand, or several joined."""
    known = m.bound.get(name)
    if len(others) == 1:
        value, consumer = node.inputs[others[0]], (node, others[0])
    else:
        dtype, ndim = node.outputs[0].type.dtype, node.outputs[0].type.ndim
        value = joined(node.op, [node.inputs[k] for k in others], dtype, ndim)
        consumer = (node, -1)
    if known is not None:
        return known is value and then()
    m.bound[name], m.consumers[name] = value, consumer
    if then():
        return True
    del m.bound[name], m.consumers[name]
    return False


class CompiledRule:
    """A rule ready to be tried at nodes of its root op.

    Parameters
    ----------
    rule : Rule
        The rule; all its ops exist.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._match = _matcher(rule.left, at_root=True)
        self._build = _builder(as_pattern(rule.right))
        self._dtypes = frozenset(rule.dtypes)
        self._condition = rule.condition
        self._wanted = list(inspect.signature(rule.condition).parameters) if rule.condition else []

    @staticmethod
    def installed(rule: Rule) -> bool:
        """Tell whether all ops that the rule names exist."""
        names = names_of(rule.left) | names_of(as_pattern(rule.right))
        return all(resolve(name) is not None for name in names)

    def __call__(self, node: Apply, context: Context) -> Replacement:
        """Return what replaces the output of `node`, or None if the rule does not match."""
        m = Match(context, node)
        out: Any = node.outputs[0]
        if not self._match(out, m, lambda: self._accept(m), node, 0):
            return None
        result = self._build(m)
        if m.left_over:
            dtype, ndim = out.type.dtype, out.type.ndim
            result = joined(node.op, [padded(result, ndim), *m.left_over], dtype, ndim)
        return context.fit(result, out)

    def _accept(self, m: Match) -> bool:
        """Tell whether dtypes and condition allow the rule.

        Bind the variables as they are computed with.
        """
        casts: dict[str, Any] = {}
        for name, v in m.bound.items():
            dtype = _computed_in(v, *m.consumers[name])
            if dtype not in self._dtypes or (is_complex(v.type.dtype) and not is_complex(dtype)):
                return False
            if dtype != v.type.dtype:
                casts[name] = dtype
        if (
            m.root.outputs[0].type.dtype not in self._dtypes
            and m.root.outputs[0].type.dtype != "bool"
        ):
            return False
        if self._condition is not None and not self._condition(
            *[_seen(m, name) for name in self._wanted]
        ):
            return False
        for name, dtype in casts.items():
            m.bound[name] = call(CASTS[dtype], m.bound[name])
        return True


def _seen(m: Match, name: str) -> Any:
    """Return what a condition sees of a variable: its number if it is constant."""
    if name not in m.bound:
        return m.attributes[name]
    value = m.context.value_of(m.bound[name])
    return m.bound[name] if value is None else value


def _computed_in(v: Any, node: Apply, index: int) -> Any:
    if index < 0 or type(node.op) is not Elementwise:
        return v.type.dtype
    dtypes = [operand.type.dtype for operand in node.inputs]
    return node.op.record.rule(*dtypes)[0][index]


def _builder(pattern: Pattern) -> Builder:
    if isinstance(pattern, PatternVariable):
        return lambda m, name=pattern.name: m.bound[name]  # type: ignore[misc]
    if isinstance(pattern, Rest):
        return lambda m, name=pattern.variable.name: m.bound[name]  # type: ignore[misc]
    if isinstance(pattern, Literal):
        return lambda m, value=pattern.value: _literal_for(m, value)  # type: ignore[misc]
    assert isinstance(pattern, Application)
    return _application_builder(pattern)


def _literal_for(m: Match, value: float) -> Any:
    out: Any = m.root.outputs[0]
    dtype = out.type.dtype
    if dtype == "bool" and m.bound:
        dtype = next(iter(m.bound.values())).type.dtype
    return literal(value, dtype)


def _with_attributes(key: Any, found: Any) -> Any:
    """Return the op of the right side with the attributes that the left side's op has."""
    if isinstance(found, Reduction) and found.name != key:
        return Reduction(key, found.axis)
    return found


def _application_builder(pattern: Application) -> Builder:
    builders = [_builder(operand) for operand in pattern.operands]
    key = resolve(pattern.name)
    if pattern.attributes is not None:
        name = pattern.attributes.name
        return lambda m: call(
            _with_attributes(key, m.attributes[name]), *[build(m) for build in builders]
        )
    op: Op = key if isinstance(key, Op) else Reduction(key) if isinstance(key, str) else key()
    neutral = NEUTRAL.get(pattern.name)
    if neutral is None:
        return lambda m: call(op, *[build(m) for build in builders])

    def build_without_neutral(m: Match) -> Any:
        operands = [build(m) for build in builders]
        kept = [v for v in operands if not (v.owner is None and m.context.value_of(v) == neutral)]
        return call(op, *kept) if len(kept) > 1 else kept[0] if kept else operands[0]

    return build_without_neutral
