"""Canonical text of graphs: the same for the same computation, one line per node.

It depends neither on Python's ids nor, unless asked, on names. In: variables or a function graph.
Out: lines such as `%3 = add(%1, 2.5f64) : float64[?,3]`; what follows `#` is a comment.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tensorsym.errors import origin_text
from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.op import Op
from tensorsym.graph.type import Type
from tensorsym.graph.variable import Constant, Variable
from tensorsym.graph.walk import toposort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tensorsym.graph.variable import Apply

__all__ = ["constant_text", "graph_diff", "graph_text", "op_text", "type_text"]

Graph: TypeAlias = FunctionGraph | Variable | Sequence[Variable]

# Constants of more elements are told apart by a hash: a line is to be read.
MOST_ELEMENTS_SHOWN = 16
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def graph_text(graph: Graph, *, names: bool = False, origins: bool = False) -> str:
    """Return the canonical text of a graph.

    Parameters
    ----------
    graph : FunctionGraph, Variable or sequence of Variable
        What to write. Leaves that are no constants are numbered first: the inputs of a function
        graph in their order, those of expressions as a walk from the first output meets them.
    names, origins : bool
        Whether comments tell the names of variables, and where the user built each node.

    Returns
    -------
    str
        One line per leaf and node, `return` last; graphs inside an op (loops, branches) follow it,
        indented.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.text import graph_text
    >>> x = T.dvector("x")
    >>> print(graph_text(T.exp(x) + 2.5))
    %0 = input : float64[?]
    %1 = exp(%0) : float64[?]
    %2 = DimShuffle{input_broadcastable=(), new_order=('x',)}(2.5f32) : float32[1]
    %3 = add(%1, %2) : float64[?]
    return %3
    """
    lines: list[str] = []
    stack: list[tuple[str, Iterator[str | FunctionGraph]]] = [("", _entries(graph, names, origins))]
    while stack:
        indent, entries = stack[-1]
        entry = next(entries, None)
        if entry is None:
            stack.pop()
        elif isinstance(entry, str):
            lines.append(indent + entry)
        else:
            stack.append((indent + "    ", _entries(entry, names, origins)))
    return "\n".join(lines)


def _entries(graph: Graph, names: bool, origins: bool) -> Iterator[str | FunctionGraph]:
    """Yield the lines of one graph, and graphs to be written, indented, after the last line."""
    inputs, outputs, order = _parts(graph)
    labels: dict[Variable, str] = {}
    ops = _op_texts(order)
    for variable in inputs:
        labels[variable] = f"%{len(labels)}"
        comment = _comment(variable, None, names, False)
        yield f"{labels[variable]} = input : {type_text(variable.type)}{comment}"
    for node in order:
        for output in node.outputs:
            labels[output] = f"%{len(labels)}"
        yield _line(node, labels, ops[node.op]) + _comment(node.outputs[0], node, names, origins)
        for number, inner in enumerate(node.op.inner_graphs()):
            yield f"  graph {number}"
            yield inner
    yield f"return {', '.join(_operand(v, labels) for v in outputs)}"


def _parts(graph: Graph) -> tuple[list[Variable], list[Variable], list[Apply]]:
    """Return the leaves in order, the outputs and the nodes of a graph."""
    if isinstance(graph, FunctionGraph):
        return list(graph.inputs), list(graph.outputs), graph.toposort()
    outputs = [graph] if isinstance(graph, Variable) else list(graph)
    order = toposort(outputs)
    met = [v for node in order for v in node.inputs] + outputs
    leaves = dict.fromkeys(v for v in met if v.owner is None and not isinstance(v, Constant))
    return list(leaves), outputs, order


def _op_texts(order: Sequence[Apply]) -> dict[Op, str]:
    """Return a text per op; ops that differ but read alike are numbered as they come."""
    texts: dict[Op, str] = {}
    seen: dict[str, int] = {}
    for node in order:
        if node.op not in texts:
            text = op_text(node.op)
            seen[text] = seen.get(text, 0) + 1
            texts[node.op] = text if seen[text] == 1 else f"{text}#{seen[text]}"
    return texts


def _line(node: Apply, labels: Mapping[Variable, str], op: str) -> str:
    outputs = ", ".join(labels[v] for v in node.outputs)
    operands = ", ".join(_operand(v, labels) for v in node.inputs)
    types = ", ".join(type_text(v.type) for v in node.outputs)
    return f"{outputs} = {op}({operands}) : {types}"


def _operand(variable: Variable, labels: Mapping[Variable, str]) -> str:
    return constant_text(variable) if isinstance(variable, Constant) else labels[variable]


def _comment(variable: Variable, node: Apply | None, names: bool, origins: bool) -> str:
    parts = []
    if names and (
        name := ", ".join(v.name for v in (node.outputs if node else [variable]) if v.name)
    ):
        parts.append(name)
    if origins and node is not None and node.origin:
        parts.append(origin_text(node.origin))
    return f"  # {' at '.join(parts)}" if parts else ""


def type_text(type_: Type) -> str:
    """Return a type as `float64[?,3]`; types that are no tensors by class and attributes.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.text import type_text
    >>> type_text(T.TensorType("float32", shape=(None, 3)))
    'float32[?,3]'
    """
    if type_.__props__ == ("dtype", "broadcastable"):
        shape: Sequence[int | None] = type_.shape  # type: ignore[attr-defined]
        lengths = ",".join("?" if n is None else str(n) for n in shape)
        return f"{type_.dtype}[{lengths}]"  # type: ignore[attr-defined]
    return type(type_).__name__ + _attributes(type_, type_.__props__ or ())


def op_text(op: Op) -> str:
    """Return an op as its name and the attributes that distinguish it.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.text import op_text
    >>> print(op_text(T.dmatrix().sum(axis=0).owner.op))
    sum{axis=(0,), dtype='float64', acc_dtype='float64'}
    """
    name = getattr(op, "name", None)
    head = name if isinstance(name, str) and name.isidentifier() else type(op).__name__
    return head + _attributes(
        op, [prop for prop in op.__props__ or () if (prop, head) != ("name", name)]
    )


def _attributes(owner: object, names: Sequence[str]) -> str:
    pairs = ", ".join(f"{name}={_value_text(getattr(owner, name))}" for name in names)
    return f"{{{pairs}}}" if pairs else ""


def _value_text(value: object) -> str:
    """Return an attribute's value as text without addresses."""
    if isinstance(value, tuple | list):
        items = [_value_text(item) for item in value]
        if isinstance(value, list):
            return f"[{', '.join(items)}]"
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_value_text(k)}: {_value_text(v)}' for k, v in value.items())}}}"
    if isinstance(value, Op):
        return op_text(value)
    if isinstance(value, Type):
        return type_text(value)
    if isinstance(value, FunctionGraph):
        return "graph"  # written, indented, after the node
    if isinstance(value, np.ndarray | np.generic):
        return _array_text(np.asarray(value))
    name = getattr(value, "__qualname__", None)
    if callable(value) and isinstance(name, str):
        return f"{value.__module__}.{name}"
    return ADDRESS.sub("", repr(value))


def constant_text(constant: Constant) -> str:
    """Return a constant's value and dtype, such as `2.5f64`; of large arrays a hash.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.text import constant_text
    >>> constant_text(T.constant([1, 2]))
    '[1, 2]i64'
    """
    data = constant.data
    if not isinstance(data, np.ndarray):
        return f"{type_text(constant.type)}:{_value_text(data)}"
    text = _array_text(data)
    declared = getattr(constant.type, "shape", data.shape)
    return text if declared == data.shape else f"{text}:{type_text(constant.type)}"


def _array_text(array: np.ndarray) -> str:
    kind = array.dtype.kind
    suffix = f"{kind}{8 * array.itemsize}" if kind in "biufc" else array.dtype.name
    if array.size > MOST_ELEMENTS_SHOWN or array.size == 0:
        lengths = ",".join(map(str, array.shape))
        digest = (
            hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]
            if array.size
            else "empty"
        )
        return f"{digest}{suffix}[{lengths}]"
    return _nested(array) + suffix


def _nested(array: np.ndarray) -> str:
    """Return nested lists of shortest numbers that read back as the same bits (NaN aside)."""
    if array.ndim == 0:
        return str(array[()]).lower() if array.dtype.kind == "b" else str(array[()])
    return f"[{', '.join(_nested(np.asarray(row)) for row in array)}]"


def graph_diff(before: Graph, after: Graph) -> str:
    """Return the lines in which the canonical texts of two graphs differ.

    Nodes of `after` that compute what a node of `before` does keep its number, and so do nodes of
    the same op met at the same place below the outputs: one changed node is one changed line, not a
    renumbering of all that follow.

    Parameters
    ----------
    before, after : FunctionGraph, Variable or sequence of Variable
        Leaves are matched by identity, those of two function graphs by position.

    Returns
    -------
    str
        Lines with `-` (gone) and `+` (new); empty for equal computations.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.graph.text import graph_diff
    >>> x = T.dvector("x")
    >>> print(graph_diff(T.exp(T.log(x)), T.exp(T.sqrt(x))))
    - %1 = log(%0) : float64[?]
    + %3 = sqrt(%0) : float64[?]
    - %2 = exp(%1) : float64[?]
    + %2 = exp(%3) : float64[?]
    """
    old_inputs, old_outputs, old_order = _parts(before)
    new_inputs, new_outputs, new_order = _parts(after)
    old_labels: dict[Variable, str] = {}
    for variable in [*old_inputs, *(v for node in old_order for v in node.outputs)]:
        old_labels[variable] = f"%{len(old_labels)}"
    closed = isinstance(before, FunctionGraph) and isinstance(after, FunctionGraph)
    paired = zip(old_inputs, new_inputs, strict=False) if closed else ((v, v) for v in new_inputs)
    labels = {new: old_labels[old] for old, new in paired if old in old_labels}
    _match_from_leaves(old_order, new_order, old_labels, labels)
    _match_from_outputs(zip(old_outputs, new_outputs, strict=False), old_labels, labels)
    fresh = len(old_labels)
    for variable in [*new_inputs, *(v for node in new_order for v in node.outputs)]:
        if variable not in labels:
            labels[variable] = f"%{fresh}"
            fresh += 1
    ops = _op_texts([*old_order, *new_order])
    return _changes(
        _numbered(old_inputs, old_order, old_outputs, old_labels, ops),
        _numbered(new_inputs, new_order, new_outputs, labels, ops),
    )


def _match_from_leaves(
    old_order: Sequence[Apply],
    new_order: Sequence[Apply],
    old_labels: Mapping[Variable, str],
    labels: dict[Variable, str],
) -> None:
    """Give nodes that apply the same op to the same operands the old numbers."""
    known: dict[object, list[Apply]] = {}
    for node in reversed(old_order):
        known.setdefault((node.op, *[_operand(v, old_labels) for v in node.inputs]), []).append(
            node
        )
    for node in new_order:
        if all(v in labels or isinstance(v, Constant) for v in node.inputs):
            # A node stands for one twin: of equal nodes the first goes with the first.
            twins = known.get((node.op, *[_operand(v, labels) for v in node.inputs]))
            if twins:
                twin = twins.pop()
                labels.update(zip(node.outputs, [old_labels[v] for v in twin.outputs], strict=True))


def _match_from_outputs(
    pairs: Iterator[tuple[Variable, Variable]],
    old_labels: Mapping[Variable, str],
    labels: dict[Variable, str],
) -> None:
    """Give nodes of the same op at the same place below the outputs the old numbers."""
    taken = set(labels.values())
    stack = list(pairs)
    while stack:
        old, new = stack.pop()
        a, b = old.owner, new.owner
        if (
            a is None
            or b is None
            or a.op != b.op
            or new in labels
            or old_labels[a.outputs[0]] in taken
        ):
            continue
        if len(a.inputs) == len(b.inputs):
            labels.update(zip(b.outputs, [old_labels[v] for v in a.outputs], strict=True))
            taken.update(old_labels[v] for v in a.outputs)
            stack.extend(zip(a.inputs, b.inputs, strict=True))


def _numbered(
    inputs: Sequence[Variable],
    order: Sequence[Apply],
    outputs: Sequence[Variable],
    labels: Mapping[Variable, str],
    ops: Mapping[Op, str],
) -> dict[str, str]:
    """Return the lines of a graph by what they define."""
    lines = {labels[v]: f"{labels[v]} = input : {type_text(v.type)}" for v in inputs}
    lines.update({labels[node.outputs[0]]: _line(node, labels, ops[node.op]) for node in order})
    lines["return"] = f"return {', '.join(_operand(v, labels) for v in outputs)}"
    return lines


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    lines = [f"- {line}" for label, line in old.items() if label not in new]
    for label, line in new.items():
        if label not in old:
            lines.append(f"+ {line}")
        elif old[label] != line:
            lines += [f"- {old[label]}", f"+ {line}"]
    return "\n".join(lines)
