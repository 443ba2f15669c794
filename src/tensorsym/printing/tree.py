"""`debugprint`: a graph as an indented tree, one line per variable, each node's operands once."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Literal, overload

import numpy as np

from tensorsym.graph.functiongraph import FunctionGraph
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.printing.descriptions import DEEPEST_INDENT, letters
from tensorsym.printing.opnames import op_name
from tensorsym.runtime.function import Function
from tensorsym.runtime.io import In, Out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["debugprint"]


@dataclass(slots=True)
class Root:
    """A variable to print, with what is known of the graph it belongs to."""

    variable: Variable
    order: Mapping[Apply, int] = field(default_factory=dict)
    clients: Mapping[Variable, Iterable[tuple[Any, int]]] = field(default_factory=dict)
    storage: Mapping[Variable, Any] | None = None


@dataclass(slots=True)
class Line:
    """A line to be: the variable, what stands before it and its operands, and the depth left."""

    variable: Variable
    prefix: str
    child_prefix: str
    depth: int
    level: int = 0


@overload
def debugprint(
    obj: Any,
    depth: int = -1,
    print_type: bool = False,
    *,
    file: Literal["str"],
    ids: str = "CHAR",
    stop_on_name: bool = False,
    done: dict[Any, str] | None = None,
    print_storage: bool = False,
    print_clients: bool = False,
    used_ids: dict[Any, str] | None = None,
) -> str: ...


@overload
def debugprint(
    obj: Any,
    depth: int = -1,
    print_type: bool = False,
    file: IO[str] | Literal["str"] | None = None,
    ids: str = "CHAR",
    stop_on_name: bool = False,
    done: dict[Any, str] | None = None,
    print_storage: bool = False,
    print_clients: bool = False,
    used_ids: dict[Any, str] | None = None,
) -> str | IO[str] | None: ...


def debugprint(
    obj: Any,
    depth: int = -1,
    print_type: bool = False,
    file: IO[str] | Literal["str"] | None = None,
    ids: str = "CHAR",
    stop_on_name: bool = False,
    done: dict[Any, str] | None = None,
    print_storage: bool = False,
    print_clients: bool = False,
    used_ids: dict[Any, str] | None = None,
) -> str | IO[str] | None:
    """Print a graph as a tree.

    Parameters
    ----------
    obj : Variable, Apply, FunctionGraph, Function, In, Out, number, array, or a list of these
        What to print; of a function its rewritten graph.
    depth : int
        How deep to go; -1 for no limit.
    print_type : bool
        Whether each line has the variable's type.
    file : file, 'str' or None
        Where to print; 'str' returns the text, None is the standard output.
    ids : {'CHAR', 'int', 'id', ''}
        What tells nodes apart: letters, numbers, Python's ids, or nothing.
    stop_on_name : bool
        Whether to leave out what named variables are computed from.
    done, used_ids : dict, optional
        Nodes printed, and ids given, by earlier calls with the same dicts.
    print_storage : bool
        Whether a function's lines show the values it holds: defaults of inputs, shared values,
        constants.
    print_clients : bool
        Whether to list the users of variables that have several.

    Returns
    -------
    str, file or None
        The text for 'str', else `file`.

    Raises
    ------
    TypeError
        If an object can not be printed.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.printing import debugprint
    >>> x = T.dvector("x")
    >>> text = debugprint(T.exp(x) * x, file="str")
    >>> print(text.replace("   ", ""))
    Elemwise{mul,no_inplace} [id A] ''
     |Elemwise{exp,no_inplace} [id B] ''
     | |x [id C]
     |x [id C]
    """
    if not isinstance(depth, int):
        raise TypeError(f"depth is an int, got {type(depth).__name__}")
    if ids not in ("CHAR", "int", "id", ""):
        raise ValueError(f"ids is 'CHAR', 'int', 'id' or '', got {ids!r}")
    out: IO[str] = io.StringIO() if file == "str" else sys.stdout if file is None else file
    tree = _Tree(
        out.write,
        depth,
        print_type,
        stop_on_name,
        print_clients,
        _Ids(ids, {} if used_ids is None else used_ids),
        done if done is not None else {},
    )
    for item in list(obj) if isinstance(obj, list | tuple | set) else [obj]:
        if isinstance(item, int | float | np.ndarray):
            out.write(f"{item}\n")
            continue
        for root in _roots(item, print_storage):
            tree.print(root, [Line(root.variable, "", "", depth)])
    tree.print_inner_graphs()
    if isinstance(out, io.StringIO) and file == "str":
        return out.getvalue()
    out.flush()
    return file


def _roots(item: Any, print_storage: bool) -> list[Root]:
    """Return what to print of one object."""
    if isinstance(item, In | Out):
        item = item.variable
    if isinstance(item, Variable):
        return [Root(item)]
    if isinstance(item, Apply):
        return [Root(v) for v in item.outputs]
    storage = None
    if isinstance(item, Function):
        if print_storage:
            containers = [*item.defaults, *(v.container for v in item.shared_variables)]
            storage = {
                v: c.storage for v, c in zip(item.maker.fgraph.inputs, containers, strict=False)
            }
        item = item.maker.fgraph
    if isinstance(item, FunctionGraph):
        order = {node: position for position, node in enumerate(item.toposort())}
        return [Root(v, order, item.clients, storage) for v in item.outputs]
    raise TypeError(f"debugprint can not print a {type(item).__name__}: {item!r}")


class _Ids:
    """Ids given to nodes and leaves, as they are met or referred to."""

    def __init__(self, kind: str, used: dict[Any, str]) -> None:
        self.kind = kind
        self.used = used

    def __call__(self, item: Any) -> str:
        """Return the id of a node, a leaf or 'output'; equal constants have one."""
        if item == "output":
            return "output"
        if isinstance(item, Constant):
            item = item.signature()
        if item not in self.used:
            count = len(self.used)
            number = {"id": id(item), "int": count, "CHAR": letters(count)}.get(self.kind)
            self.used[item] = "" if self.kind == "" else f"[id {number}]"
        return self.used[item]


@dataclass(slots=True)
class _Tree:
    write: Callable[[str], Any]
    depth: int
    print_type: bool
    stop_on_name: bool
    print_clients: bool
    ids: _Ids
    done: dict[Any, str]
    with_graphs: list[Apply] = field(default_factory=list)

    def print(
        self, root: Root, lines: list[Line], outer: Mapping[Variable, Variable] | None = None
    ) -> None:
        """Print lines and all below; `outer` maps inputs of an inner graph to what the op gets."""
        stack = lines[::-1]
        while stack:
            line = stack.pop()
            if line.depth == 0:
                continue
            node = line.variable.owner
            if node is None:
                self.write(f"{line.prefix}{self._leaf(line.variable, root, outer or {})}\n")
                continue
            known = node in self.done
            self.done[node] = self.ids(node)
            self.write(f"{line.prefix}{self._node(line.variable, node, root)}\n")
            if known:
                continue
            if node.op.inner_graphs():
                self.with_graphs.append(node)
            if not (self.stop_on_name and line.variable.name is not None):
                stack.extend(reversed(_operands(node, line)))

    def _leaf(self, variable: Variable, root: Root, outer: Mapping[Variable, Variable]) -> str:
        text = f"{variable} {self.ids(variable)}{self._type(variable)}"
        if variable in outer:
            given = outer[variable]
            return f"{text} -> {self.ids(given.owner or given)}"
        if root.storage is None:
            return text
        data = getattr(variable, "data", None)
        return f"{text} {root.storage.get(variable, [data])}"

    def _node(self, variable: Variable, node: Apply, root: Root) -> str:
        number = f".{variable.index}" if len(node.outputs) > 1 else ""
        position = root.order.get(node, "")
        # Theano has two more columns here, for maps of views and of destroyed inputs, always empty.
        head = f"{op_name(node.op)}{number} {self.ids(node)}{self._type(variable)}"
        return f"{head} '{variable.name or ''}'   {position}{self._clients(variable, root)}"

    def _type(self, variable: Variable) -> str:
        return f" <{variable.type}>" if self.print_type else ""

    def _clients(self, variable: Variable, root: Root) -> str:
        users = list(root.clients.get(variable, ())) if self.print_clients else []
        if len(users) < 2:
            return ""
        return f" clients:{[(self.ids(user), root.order.get(user, '')) for user, _ in users]}"

    def print_inner_graphs(self) -> None:
        """Print the graphs inside ops met so far, and those inside of them."""
        if self.with_graphs:
            self.write("\nInner graphs:\n")
        position = 0
        while position < len(self.with_graphs):
            node = self.with_graphs[position]
            position += 1
            self.write(f"\n{op_name(node.op)} {self.ids(node)}\n")
            for graph in node.op.inner_graphs():
                # Only where the op's inputs are the graph's, one by one, is it known which is
                # which.
                same = len(graph.inputs) == len(node.inputs)
                outer = dict(zip(graph.inputs, node.inputs, strict=True)) if same else {}
                for output in graph.outputs:
                    self.print(Root(output), [Line(output, " >", " >", self.depth)], outer)


def _operands(node: Apply, line: Line) -> Sequence[Line]:
    """Return the lines of a node's inputs."""
    last = len(node.inputs) - 1
    level = line.level + 1
    bar = _capped(f"{line.child_prefix} |", level)
    below_last = _capped(f"{line.child_prefix}  ", level)
    return [
        Line(v, bar, below_last if position == last else bar, line.depth - 1, level)
        for position, v in enumerate(node.inputs)
    ]


def _capped(prefix: str, level: int) -> str:
    """Return the prefix, or below the deepest indentation the level and the last of the bars."""
    if level <= DEEPEST_INDENT:
        return prefix
    return f"({level})" + prefix[-2 * DEEPEST_INDENT :]
