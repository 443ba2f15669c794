"""The nodes of an expression graph: `Variable`, `Constant` and `Apply`.

A graph is bipartite: an Apply holds an op and its input and output variables; a variable knows the
Apply that computes it (`owner`) or has none. Both hash by identity. Nothing here knows about
tensors.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tensorsym.config import config
from tensorsym.graph.origin import current_origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tensorsym.errors import Origin
    from tensorsym.graph.op import Op
    from tensorsym.graph.type import Type

__all__ = ["Apply", "Constant", "Scratchpad", "Variable"]


class Scratchpad:
    """Free attributes that travel with a node: `x.tag.test_value = ...`."""

    def info(self) -> str:
        """Return the attributes, one per line."""
        return "\n".join(f"{key}: {value}" for key, value in vars(self).items())

    def __repr__(self) -> str:
        return f"Scratchpad({vars(self)})"

    def __copy__(self) -> Scratchpad:
        twin = Scratchpad()
        twin.__dict__.update(self.__dict__)
        return twin

    def __getstate__(self) -> dict[str, Any]:
        kept = dict(self.__dict__)
        if not config.get("pickle_test_value"):
            kept.pop("test_value", None)
        return kept


class Variable:
    """A symbolic value: typed, unnamed or named, computed by `owner` or given from outside.

    Parameters
    ----------
    type : Type
        What values the variable can have.
    owner : Apply, optional
        The node that computes it.
    index : int, optional
        Which output of `owner` it is.
    name : str, optional
        Name shown in messages and printouts.
    """

    __slots__ = ("__dict__", "__weakref__", "_tag", "index", "name", "owner", "type")

    # A Type. Which one, the rooms that use the variable know: graph/ has no tensors.
    type: Any
    owner: Apply | None
    index: int | None

    def __init__(
        self,
        type: Type,
        owner: Apply | None = None,
        index: int | None = None,
        name: str | None = None,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"the name of a variable is a string, got {name!r}")
        self.type = type
        self.owner = owner
        self.index = index
        self.name = name
        self._tag: Scratchpad | None = None

    @property
    def tag(self) -> Scratchpad:
        """Free attributes of this variable, made at first use."""
        if self._tag is None:
            self._tag = Scratchpad()
        return self._tag

    @tag.setter
    def tag(self, value: Scratchpad) -> None:
        self._tag = value

    @property
    def origin(self) -> Origin:
        """Where the user built the variable; empty for inputs."""
        return () if self.owner is None else self.owner.origin

    def clone(self) -> Variable:
        """Return a new variable of the same type and name without an owner."""
        twin: Variable = self.type.make_variable(self.name)
        if self._tag is not None:
            twin.tag = copy.copy(self._tag)
        return twin

    def get_parents(self) -> list[Apply]:
        """Return the owner in a list, or an empty list."""
        return [] if self.owner is None else [self.owner]

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.owner is None:
            return f"<{self.type}>"
        suffix = "" if len(self.owner.outputs) == 1 else f".{self.index}"
        return f"{self.owner.op}{suffix}"

    def __repr__(self) -> str:
        if config.get("print_test_value") and hasattr(self.tag, "test_value"):
            return f"{self}\n{self.tag.test_value!r}"
        return str(self)

    def __copy__(self) -> Variable:
        twin = self.clone()
        twin.__dict__.update(self.__dict__)
        return twin

    def __reduce__(self) -> Any:
        # A chain of 100,000 nodes must not recurse: the graph module's flat recipe does the work.
        from_recipe, recipe = _pickling[0](self)
        return from_recipe, recipe

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        twin: Variable | None = memo.get(id(self))
        if twin is None:
            twin = _pickling[1](self, memo)
        assert twin is not None
        return twin


# Filled by graph.recipe, which sits above this module: [flat pickle recipe, flat deep copy].
_pickling: list[Any] = []


class Constant(Variable):
    """A variable whose value is known while the graph is built.

    Parameters
    ----------
    type : Type
        The type; it filters `data`.
    data : object
        The value. Constants with equal type and bytes become one node inside a function graph.
    """

    __slots__ = ("_signature", "data")

    def __init__(self, type: Type, data: Any, name: str | None = None) -> None:
        super().__init__(type, None, None, name)
        self.data = type.filter(data)
        self._signature: Any = None

    @property
    def value(self) -> Any:
        """The constant's value (the same object as `data`)."""
        return self.data

    def signature(self) -> Any:
        """Return a hashable key: equal keys mean interchangeable constants."""
        if self._signature is None:
            self._signature = (self.type, self.type.value_key(self.data))
        return self._signature

    def clone(self) -> Variable:
        """Return a constant that shares the value."""
        return type(self)(self.type, self.data, self.name)

    def __str__(self) -> str:
        return self.name if self.name is not None else f"{type(self).__name__}{{{self.data}}}"


class Apply:
    """One application of an op: `outputs = op(inputs)`.

    Parameters
    ----------
    op : Op
        The operation.
    inputs, outputs : sequence of Variable
        The outputs must be new: they get this node as their owner.
    """

    __slots__ = ("__dict__", "__weakref__", "_tag", "inputs", "op", "origin", "outputs")

    def __init__(self, op: Op, inputs: Iterable[Variable], outputs: Sequence[Variable]) -> None:
        self.op = op
        self.inputs: list[Variable] = list(inputs)
        self.outputs: list[Variable] = list(outputs)
        self._tag: Scratchpad | None = None
        self.origin: Origin = current_origin()
        for variable in self.inputs:
            if not isinstance(variable, Variable):
                raise TypeError(f"an input of {op} is not a Variable: {variable!r}")
        for index, output in enumerate(self.outputs):
            if not isinstance(output, Variable):
                raise TypeError(f"an output of {op} is not a Variable: {output!r}")
            if output.owner is not None and (output.owner is not self or output.index != index):
                raise ValueError(f"output {output} of {op} is computed by another node already")
            output.owner = self
            output.index = index

    @property
    def tag(self) -> Scratchpad:
        """Free attributes of this node, made at first use."""
        if self._tag is None:
            self._tag = Scratchpad()
        return self._tag

    @property
    def nin(self) -> int:
        """Number of inputs."""
        return len(self.inputs)

    @property
    def nout(self) -> int:
        """Number of outputs."""
        return len(self.outputs)

    @property
    def out(self) -> Variable:
        """The default output."""
        return self.default_output()

    def default_output(self) -> Variable:
        """Return the output that stands for the node in expressions."""
        chosen = self.op.default_output
        if chosen is None and len(self.outputs) == 1:
            return self.outputs[0]
        if isinstance(chosen, int) and 0 <= chosen < len(self.outputs):
            return self.outputs[chosen]
        # Theano's class of error, although a ValueError would say more.
        raise AttributeError(
            f"{self.op} has {len(self.outputs)} outputs and none of them is the default"
        )

    def clone(self) -> Apply:
        """Return a node with the same op and inputs and new outputs."""
        return self.with_inputs(self.inputs, strict=False)

    def with_inputs(self, inputs: Sequence[Variable], *, strict: bool = True) -> Apply:
        """Return this application on other inputs.

        With `strict`, or where all types agree, the outputs keep their types; otherwise `make_node`
        runs again.
        """
        inputs = list(inputs)
        remake = False
        for index, (old, new) in enumerate(zip(self.inputs, inputs, strict=True)):
            if old is not new and old.type != new.type:
                if strict:
                    inputs[index] = old.type.filter_variable(new)
                else:
                    remake = True
        if remake:
            node = self.op.make_node(*inputs)
        else:
            node = Apply(self.op, inputs, [output.clone() for output in self.outputs])
        node.origin = self.origin
        if self._tag is not None:
            node._tag = copy.copy(self._tag)
        return node

    def clone_with_new_inputs(self, inputs: Sequence[Variable], strict: bool = True) -> Apply:
        """Return this application on other inputs (Theano's name for `with_inputs`)."""
        return self.with_inputs(inputs, strict=strict)

    def __str__(self) -> str:
        return f"{self.op}({', '.join(map(str, self.inputs))})"

    def __repr__(self) -> str:
        return str(self)

    def __reduce__(self) -> Any:
        variable_recipe, recipe = _pickling[0](self.outputs[0])
        return _owner_of, (variable_recipe, recipe)

    def __deepcopy__(self, memo: dict[int, Any]) -> Apply:
        found: Apply | None = memo.get(id(self))
        if found is None:
            _pickling[1](self.outputs[0], memo)
            found = memo[id(self)]
        return found


def _owner_of(variable_recipe: Any, recipe: tuple[Any, ...]) -> Apply:
    owner: Apply = variable_recipe(*recipe).owner
    return owner
