"""`FunctionGraph`: a closed copy of expressions that passes may change.

Equal nodes become one on entry and after every change (hash-consing inside one graph, never between
users' graphs). Who uses a variable is known at all times, so a replacement costs its users, not the
graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import InconsistencyError, MissingInputError
from tensorsym.graph.origin import from_origin, merge_origins
from tensorsym.graph.variable import Constant
from tensorsym.graph.walk import clone_graph, toposort

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tensorsym.graph.variable import Apply, Variable

__all__ = ["Feature", "FunctionGraph"]

# A user is (node, input index), or ("output", output index).
User = tuple[Any, int]


class Feature:
    """Callbacks on the changes of a function graph; subclass and override what is needed."""

    def on_attach(self, function_graph: FunctionGraph) -> None:
        """Run when the feature is attached."""

    def on_detach(self, function_graph: FunctionGraph) -> None:
        """Run when the feature is removed."""

    def on_import(self, function_graph: FunctionGraph, node: Apply, reason: str) -> None:
        """Run after a node enters the graph."""

    def on_prune(self, function_graph: FunctionGraph, node: Apply, reason: str) -> None:
        """Run after a node leaves the graph."""

    def on_change_input(
        self,
        function_graph: FunctionGraph,
        node: Any,
        index: int,
        old: Variable,
        new: Variable,
        reason: str,
    ) -> None:
        """Run after an input of a node (of 'output': an output of the graph) has changed."""


class FunctionGraph:
    """Inputs, outputs and the nodes between them.

    Parameters
    ----------
    inputs : sequence of Variable
        Variables given from outside.
    outputs : sequence of Variable
        Variables wanted.
    features : sequence of Feature, optional
        Listeners.
    clone : bool
        Whether the expressions are copied first (default); otherwise their nodes belong to this
        graph from now on.
    parent : FunctionGraph, optional
        The graph that contains this one (the body of a loop or branch).

    Attributes
    ----------
    clients : dict
        The users of every variable, in order: (node, input index), or ("output", index). A dict, so
        that a constant with 100,000 users loses one at once.
    origin_of : dict
        The user's variables mapped to the graph's.
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        features: Sequence[Feature] = (),
        clone: bool = True,
        *,
        parent: FunctionGraph | None = None,
    ) -> None:
        self.origin_of: dict[Variable, Variable] = {}
        if clone:
            outputs, self.origin_of = clone_graph(list(outputs), inputs=list(inputs))
            inputs = [self.origin_of[v] for v in inputs]
        self.parent = parent
        self.inputs: list[Variable] = []
        self._inputs: set[Variable] = set()
        self.outputs: list[Variable] = []
        self.clients: dict[Variable, dict[User, None]] = {}
        self.apply_nodes: dict[Apply, None] = {}
        self.variables: dict[Variable, None] = {}
        self._features: list[Feature] = []
        self._nodes_by_key: dict[Any, Apply] = {}
        self._constants: dict[Any, Constant] = {}
        for variable in inputs:
            self.add_input(variable)
        for feature in features:
            self.attach_feature(feature)
        for output in outputs:
            entered = self.import_variable(output, reason="init")
            self.clients[entered][("output", len(self.outputs))] = None
            self.outputs.append(entered)

    def add_input(self, variable: Variable, check: bool = True) -> None:
        """Add an input."""
        if check and variable in self.clients:
            raise InconsistencyError(f"{variable} is an input of this graph already")
        self.inputs.append(variable)
        self._inputs.add(variable)
        self._add_variable(variable)

    def _add_variable(self, variable: Variable) -> None:
        if variable not in self.clients:
            self.clients[variable] = {}
            self.variables[variable] = None

    def import_variable(self, variable: Variable, reason: str = "") -> Variable:
        """Bring a variable and all it needs into the graph; return the graph's equal of it."""
        if variable in self.clients:
            return variable
        renamed: dict[Variable, Variable] = {}
        for node in toposort([variable], self.clients):
            self._import_node(node, renamed, reason)
        return renamed[variable] if variable in renamed else self._import_leaf(variable)

    def _import_leaf(self, variable: Variable) -> Variable:
        if variable in self.clients:
            return variable
        if not isinstance(variable, Constant):
            raise MissingInputError(
                f"the expression needs {variable}, which is not an input",
                got=f"an input {variable} of type {variable.type}",
                hint="list it among the inputs, or give it a value with givens or shared",
            )
        kept = self._constants.setdefault(variable.signature(), variable)
        self._add_variable(kept)
        return kept

    def _import_node(self, node: Apply, renamed: dict[Variable, Variable], reason: str) -> None:
        inputs = node.inputs
        for index, variable in enumerate(inputs):
            entered = renamed[variable] if variable in renamed else self._import_leaf(variable)
            if entered is not variable:
                inputs[index] = entered
        key = self._key(node)
        twin = self._nodes_by_key.get(key) if key is not None else None
        if twin is not None:
            twin.origin = merge_origins(twin.origin, node.origin)
            renamed.update(zip(node.outputs, twin.outputs, strict=True))
            return
        if key is not None:
            self._nodes_by_key[key] = node
        self.apply_nodes[node] = None
        for index, variable in enumerate(inputs):
            self.clients[variable][(node, index)] = None
        for output in node.outputs:
            self._add_variable(output)
            renamed[output] = output
        for feature in self._features:
            feature.on_import(self, node, reason)

    @staticmethod
    def _key(node: Apply) -> Any:
        """Return what makes two nodes equal, or None for nodes that are never merged."""
        return (node.op, *node.inputs) if node.op.pure else None

    def _forget_key(self, node: Apply) -> None:
        key = self._key(node)
        if key is not None and self._nodes_by_key.get(key) is node:
            del self._nodes_by_key[key]

    def _remove_user(self, variable: Variable, user: User, reason: str) -> None:
        """Take away one user; nodes that nobody needs any more leave the graph."""
        del self.clients[variable][user]
        unused = [variable]
        while unused:
            variable = unused.pop()
            node = variable.owner
            # A node with the same input twice lets go of it twice.
            if self.clients.get(variable, True) or variable in self._inputs:
                continue
            if node is None:
                self._drop_variable(variable)
                continue
            if node not in self.apply_nodes or any(self.clients[v] for v in node.outputs):
                continue
            self._forget_key(node)
            del self.apply_nodes[node]
            for index, needed in enumerate(node.inputs):
                del self.clients[needed][(node, index)]
                unused.append(needed)
            for output in node.outputs:
                self._drop_variable(output)
            for feature in self._features:
                feature.on_prune(self, node, reason)

    def _drop_variable(self, variable: Variable) -> None:
        self.clients.pop(variable, None)
        self.variables.pop(variable, None)
        if isinstance(variable, Constant):
            self._constants.pop(variable.signature(), None)

    def change_input(self, node: Any, index: int, new: Variable, reason: str = "") -> None:
        """Make `new` the input `index` of `node` (of 'output': that output of the graph)."""
        old = self.outputs[index] if node == "output" else node.inputs[index]
        if old is new:
            return
        if old.type != new.type and not _compatible(old, new):
            raise InconsistencyError(
                f"can not put {new} in place of {old}", got=str(new.type), expected=str(old.type)
            )
        new = self.import_variable(new, reason)
        self._set_input(node, index, old, new)
        for feature in self._features:
            feature.on_change_input(self, node, index, old, new, reason)
        self._remove_user(old, (node, index), reason)

    def _set_input(self, node: Any, index: int, old: Variable, new: Variable) -> None:
        if node == "output":
            self.outputs[index] = new
        else:
            self._forget_key(node)
            node.inputs[index] = new
        self.clients[new][(node, index)] = None

    def replace(self, old: Variable, new: Variable, reason: str = "") -> None:
        """Make every user of `old` use `new` instead.

        Nodes that become equal to other nodes by this are merged, and so on upwards.
        """
        pending = [(old, new)]
        while pending:
            old, new = pending.pop()
            if old not in self.clients or old is new:
                continue
            if old.owner is not None:
                with from_origin(old.owner.origin):
                    new = self._typed_like(old, new)
            users = list(self.clients[old])
            new = self.import_variable(new, reason)
            self._inherit(old, new)
            for node, index in users:
                # `old` may be wrapped: x by checked(x) must not make checked(x) its own input.
                if node is new.owner or (node != "output" and node not in self.apply_nodes):
                    continue
                self.change_input(node, index, new, reason)
                if node != "output" and node in self.apply_nodes:
                    pending.extend(self._merge_with_twin(node))

    @staticmethod
    def _typed_like(old: Variable, new: Variable) -> Variable:
        if old.type == new.type or _compatible(old, new):
            return new
        converted: Variable | None = old.type.convert_variable(new)
        if converted is None:
            raise InconsistencyError(
                f"can not put {new} in place of {old}",
                got=str(new.type),
                expected=str(old.type),
                origin=old.origin,
            )
        return converted

    @staticmethod
    def _inherit(old: Variable, new: Variable) -> None:
        """Let the new node know the places and the name of what it replaces."""
        if new.owner is not None and old.owner is not None:
            new.owner.origin = merge_origins(new.owner.origin, old.owner.origin)
        if new.name is None and old.name is not None and not isinstance(new, Constant):
            new.name = old.name

    def _merge_with_twin(self, node: Apply) -> Iterable[tuple[Variable, Variable]]:
        key = self._key(node)
        if key is None:
            return ()
        twin = self._nodes_by_key.setdefault(key, node)
        return () if twin is node else zip(node.outputs, twin.outputs, strict=True)

    def replace_all(self, pairs: Iterable[tuple[Variable, Variable]], reason: str = "") -> None:
        """Replace several variables."""
        for old, new in pairs:
            self.replace(old, new, reason)

    def replace_validate(self, old: Variable, new: Variable, reason: str = "") -> None:
        """Replace and check; see `replace_all_validate`."""
        self.replace_all_validate([(old, new)], reason)

    def replace_all_validate(
        self, pairs: Iterable[tuple[Variable, Variable]], reason: str = ""
    ) -> None:
        """Replace variables, none by an expression that depends on users of what it replaces.

        Raises
        ------
        InconsistencyError
            If a type does not fit; the graph is then unchanged.
        """
        pairs = list(pairs)
        for old, new in pairs:
            if (
                old.type != new.type
                and not _compatible(old, new)
                and old.type.convert_variable(new) is None
            ):
                raise InconsistencyError(
                    f"{reason or 'replacement'}: {new} has another type than {old}",
                    got=str(new.type),
                    expected=str(old.type),
                )
        self.replace_all(pairs, reason)

    def attach_feature(self, feature: Feature) -> None:
        """Add a listener; it hears of all nodes present as if they had just entered."""
        if feature in self._features:
            return
        self._features.append(feature)
        feature.on_attach(self)
        for node in self.toposort():
            feature.on_import(self, node, "attached")

    def remove_feature(self, feature: Feature) -> None:
        """Remove a listener."""
        self._features.remove(feature)
        feature.on_detach(self)

    def toposort(self) -> list[Apply]:
        """Return the nodes, each after those it depends on."""
        return toposort(self.outputs)

    def users(self, variable: Variable) -> list[User]:
        """Return who uses a variable."""
        return list(self.clients[variable])

    def clone(self) -> FunctionGraph:
        """Return an independent copy."""
        return self.clone_get_equiv()[0]

    def clone_get_equiv(self) -> tuple[FunctionGraph, dict[Variable, Variable]]:
        """Return an independent copy and the map from this graph's variables to the copy's."""
        twin = FunctionGraph(self.inputs, self.outputs)
        twin.parent = self.parent
        return twin, twin.origin_of

    def check_integrity(self) -> None:
        """Raise InconsistencyError if users, nodes and outputs disagree (the specification)."""
        order = self.toposort()
        if set(order) - set(self.apply_nodes):
            raise InconsistencyError("a node is reachable but not in the graph")
        for node in order:
            for index, variable in enumerate(node.inputs):
                if (node, index) not in self.clients.get(variable, ()):
                    raise InconsistencyError(f"{variable} does not know its user {node}")
                if (
                    variable.owner is None
                    and variable not in self._inputs
                    and not isinstance(variable, Constant)
                ):
                    raise InconsistencyError(f"{variable} is neither an input nor a constant")
        for index, output in enumerate(self.outputs):
            if ("output", index) not in self.clients.get(output, ()):
                raise InconsistencyError(
                    f"output {index} is not listed among the users of {output}"
                )

    def __str__(self) -> str:
        return f"[{', '.join(map(str, self.outputs))}]"

    def __len__(self) -> int:
        return len(self.apply_nodes)


def _compatible(old: Variable, new: Variable) -> bool:
    """Tell whether `new` may stand for `old` although types differ: it knows more of its shape."""
    more_specific = getattr(old.type, "is_super", None)
    return more_specific is not None and bool(more_specific(new.type))
