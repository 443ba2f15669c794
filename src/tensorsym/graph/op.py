"""`Op`: the protocol of operations. A subclass with `make_node` and `perform` is a full citizen.

An op is an immutable object; what distinguishes two instances of a class stands in `__props__`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tensorsym.errors import InconsistencyError, MethodNotDefined
from tensorsym.graph.variable import Apply, Variable

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence

__all__ = ["Op", "Storage", "apply", "evaluate"]

Storage = list[list[Any]]
Shape = tuple[Variable, ...]


class Op:
    """An operation on variables.

    Attributes
    ----------
    __props__ : tuple of str, optional
        Attributes that make two instances equal; without it an instance equals only itself.
    view_map, destroy_map : dict of output index to list of input indices
        Outputs that may share memory with inputs, and inputs that `perform` overwrites.
    pure : bool
        False for ops with effects or randomness: never merged, folded or dropped.
    may_raise : bool
        False for ops that can not fail on valid inputs.
    identity : bool
        True for ops whose output is their input: they count while the graph is built, and
        rewriting takes them out.
    default_output : int, optional
        The output that stands for the node in expressions.
    """

    __props__: ClassVar[tuple[str, ...] | None] = None
    view_map: dict[int, list[int]] = {}  # noqa: RUF012 - subclasses and users assign instance values
    destroy_map: dict[int, list[int]] = {}  # noqa: RUF012
    pure: bool = True
    may_raise: bool = True
    identity: bool = False
    default_output: int | None = None
    itypes: Sequence[Any] | None = None
    otypes: Sequence[Any] | None = None

    def make_node(self, *inputs: Any) -> Apply:
        """Return the application of this op on `inputs`; the default checks against `itypes`."""
        if self.itypes is None or self.otypes is None:
            raise MethodNotDefined(
                f"{type(self).__name__} defines no make_node",
                hint="define make_node, or the attributes itypes and otypes",
            )
        if len(inputs) != len(self.itypes):
            raise ValueError(f"{self} takes {len(self.itypes)} inputs, {len(inputs)} given")
        variables = [
            itype.filter_variable(value) for itype, value in zip(self.itypes, inputs, strict=True)
        ]
        return Apply(self, variables, [otype() for otype in self.otypes])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute: put the value of output i into `output_storage[i][0]`; change no input."""
        raise MethodNotDefined(f"{type(self).__name__} defines no perform")

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        """Apply the op and return its output, or the list of outputs if there are several."""
        return_list = kwargs.pop("return_list", False)
        name = kwargs.pop("name", None)
        node = self.make_node(*inputs, **kwargs)
        for hook in node_hooks:
            hook(node)
        if name is not None and len(node.outputs) == 1:
            node.outputs[0].name = name
        if self.default_output is not None:
            chosen = node.outputs[self.default_output]
            return [chosen] if return_list else chosen
        if return_list or len(node.outputs) != 1:
            return list(node.outputs)
        return node.outputs[0]

    def grad(self, inputs: list[Variable], output_grads: list[Variable]) -> list[Variable]:
        """Return the gradient with respect to each input (older form of `L_op`)."""
        raise MethodNotDefined(
            f"{type(self).__name__} has no gradient",
            hint="define grad or L_op, or keep it out of the cost with disconnected_grad",
        )

    def L_op(
        self, inputs: list[Variable], outputs: list[Variable], output_grads: list[Variable]
    ) -> list[Variable]:
        """Return the vector-Jacobian product: the gradient with respect to each input."""
        return self.grad(inputs, output_grads)

    def wanted_gradients(
        self,
        inputs: list[Variable],
        outputs: list[Variable],
        output_grads: list[Variable],
        wanted: Collection[int],
    ) -> list[Variable | None]:
        """Return what `L_op` does; where terms cost nodes, None for inputs not in `wanted`."""
        return self.L_op(inputs, outputs, output_grads)  # type: ignore[return-value]

    def R_op(
        self, inputs: list[Variable], eval_points: list[Variable | None]
    ) -> list[Variable | None]:
        """Return the Jacobian-vector product: the change of each output along `eval_points`."""
        raise MethodNotDefined(
            f"{type(self).__name__} has no R_op", hint="reverse mode may do: use Lop"
        )

    def infer_shape(self, node: Apply, shapes: list[Shape | None]) -> list[Shape | None]:
        """Return the symbolic shape of each output (None: not known without computing it)."""
        return [None] * len(node.outputs)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return `pattern[i][j]`: whether output j depends differentiably on input i."""
        return [[True] * len(node.outputs) for _ in node.inputs]

    def do_constant_folding(self, node: Apply) -> bool:
        """Tell whether the node may be computed while compiling when its inputs are constants."""
        return self.pure

    def lazy_branches(self, node: Apply) -> list[list[int]] | None:
        """Return the input indices of each branch if the op needs only some inputs; else None.

        Input 0 of such an op selects the branch: true takes branch 0, false branch 1.
        """
        return None

    def cache_token(self) -> Hashable | None:
        """Return what identifies the op in the kernel cache of all processes; None: not cached."""
        return None

    def inner_graphs(self) -> Sequence[Any]:
        """Return the function graphs this op contains (loops, branches, OpFromGraph)."""
        return ()

    def _props(self) -> tuple[Any, ...]:
        assert self.__props__ is not None
        return tuple(getattr(self, name) for name in self.__props__)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other) or self.__props__ is None:
            return False
        return self._props() == other._props()

    def __hash__(self) -> int:
        if self.__props__ is None:
            return id(self) >> 4
        try:
            return self._hash
        except AttributeError:
            self._hash: int = hash((type(self), self._props()))
            return self._hash

    def __getstate__(self) -> dict[str, Any]:
        # Hashes of strings differ between processes.
        return {name: value for name, value in self.__dict__.items() if name != "_hash"}

    def __str__(self) -> str:
        if not self.__props__:
            return getattr(self, "name", None) or type(self).__name__
        pairs = (f"{name}={getattr(self, name)!r}" for name in self.__props__)
        return f"{type(self).__name__}{{{', '.join(pairs)}}}"

    def __repr__(self) -> str:
        return str(self)


# Called with every node that `Op.__call__` builds: test values and the float64 watch live here.
node_hooks: list[Any] = []


def apply(op: Op, inputs: Sequence[Any]) -> Apply:
    """Return a checked application of `op` on `inputs`: the way tensorsym itself builds nodes."""
    node = op.make_node(*inputs)
    if not isinstance(node, Apply):
        raise TypeError(f"{op}.make_node returned {type(node).__name__}, expected an Apply")
    return node


def evaluate(node: Apply, arrays: Sequence[Any]) -> list[Any]:
    """Return the values of a node's outputs, computed by `perform` on `arrays`.

    Parameters
    ----------
    node : Apply
        The application to evaluate; its op's `perform` is the reference for every faster tier.
    arrays : sequence
        Values of the inputs, valid for their types. They are not changed unless the op's
        `destroy_map` says so.
    """
    storage: Storage = [[None] for _ in node.outputs]
    node.op.perform(node, list(arrays), storage)
    values = []
    for output, cell in zip(node.outputs, storage, strict=True):
        if cell[0] is None and not output.type.is_valid_value(None):
            raise InconsistencyError(
                f"{node.op}.perform left output {output.index} unset", origin=node.origin
            )
        values.append(cell[0])
    return values
