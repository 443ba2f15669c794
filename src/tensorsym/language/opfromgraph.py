"""`OpFromGraph`: an expression as an op, with gradients of its own if the user gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import InconsistencyError
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.innergraph import DERIVATIVES, InnerGraph, own, shared_leaves
from tensorsym.language.table import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorsym.graph.op import Storage

__all__ = ["OpFromGraph"]

# A callable, "default", None (no gradient), a variable, or a list of these: one per input.
Override = Any


class OpFromGraph(Op):
    """An op whose value is given by an expression of its inputs.

    Parameters
    ----------
    inputs, outputs : list of Variable
        The expression. Shared variables in it become hidden inputs.
    inline : bool
        Whether compiling a function puts the expression in place of the op.
    lop_overrides : callable, list, Variable, None or 'default'
        (inputs, outputs, output gradients) to the gradients of the inputs; or a list with an entry
        per input: such a function for it, 'default', None for a zero gradient, or a variable.
    grad_overrides : likewise
        The same with functions of (inputs, output gradients).
    rop_overrides : callable, list, None or 'default'
        (inputs, tangents of the inputs) to the tangents of the outputs.
    connection_pattern : list of list of bool, optional
        Which output depends on which input; found from the expression if not given.
    name : str, optional
        Name for printing.
    **kwargs
        Kept for Theano programs.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> from tensorsym.language.opfromgraph import OpFromGraph
    >>> x, y = T.dscalars("x", "y")
    >>> product = OpFromGraph([x, y], [x * y])
    >>> product(T.dscalar(), 2.0).ndim
    0
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        inline: bool = False,
        lop_overrides: Override = "default",
        grad_overrides: Override = "default",
        rop_overrides: Override = "default",
        connection_pattern: list[list[bool]] | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        for v in [*inputs, *outputs]:
            if not isinstance(v, Variable):
                raise TypeError(f"inputs and outputs are variables, got {v!r}")
        if not isinstance(lop_overrides, str) and not isinstance(grad_overrides, str):
            raise ValueError("lop_overrides and grad_overrides exclude each other")
        self.shared_inputs = shared_leaves(outputs, inputs)
        self.graph = InnerGraph([*inputs, *self.shared_inputs], outputs)
        self.input_types = [v.type for v in inputs]
        self.output_types = [v.type for v in outputs]
        self.is_inline = inline
        self.lop_overrides = lop_overrides
        self.grad_overrides = grad_overrides
        self.rop_overrides = rop_overrides
        self._pattern = connection_pattern
        self.name = name

    def make_node(self, *inputs: Any) -> Apply:
        """Return the application; the shared variables are added as inputs."""
        if len(inputs) != len(self.input_types):
            # Passes that rebuild a node give the hidden inputs too.
            if len(inputs) != len(self.graph.inputs):
                expected = len(self.input_types)
                raise ValueError(f"{self} takes {expected} inputs, {len(inputs)} given")
            given, hidden = inputs[: len(self.input_types)], list(inputs[len(self.input_types) :])
        else:
            given, hidden = inputs, list(self.shared_inputs)
        variables = [t.filter_variable(v) for t, v in zip(self.input_types, given, strict=True)]
        return Apply(self, [*variables, *hidden], [t() for t in self.output_types])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Evaluate the expression node by node."""
        taken = list(inputs)
        for cell, value in zip(output_storage, self.graph(inputs), strict=True):
            cell[0] = own(value, taken)
            taken.append(cell[0])

    def expression(self, *inputs: Any) -> list[Variable]:
        """Return the outputs as expressions of other inputs, for inlining."""
        return self.graph.expression(inputs)

    def inner_graphs(self) -> Sequence[Any]:
        """Return the function graph inside."""
        return (self.graph.function_graph,)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return the pattern given, or that of the expression."""
        if self._pattern is not None:
            hidden = [[True] * len(self.output_types) for _ in self.shared_inputs]
            return [*self._pattern, *hidden][: len(self.graph.inputs)]
        return self.graph.dependence()

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients: the user's where given, those of the expression elsewhere."""
        arguments: tuple[Any, ...]
        if not isinstance(self.lop_overrides, str):
            overrides, arguments = self.lop_overrides, (inputs, outputs, output_grads)
        elif not isinstance(self.grad_overrides, str):
            overrides, arguments = self.grad_overrides, (inputs, output_grads)
        else:
            return self._default_gradients(inputs, output_grads)
        count = len(self.input_types)
        visible = (inputs[:count], *arguments[1:])
        rest = len(inputs) - count
        if isinstance(overrides, OpFromGraph):
            flat = [v for group in visible for v in group]
            found = overrides(*flat, return_list=True)
        elif callable(overrides):
            found = list(overrides(*visible))
        else:
            entries = (
                list(overrides) if isinstance(overrides, list | tuple) else [overrides] * count
            )
            defaults: list[Any] = []
            if any(isinstance(entry, str) for entry in entries):
                defaults = self._default_gradients(inputs, output_grads)
            found = [_overridden(entry, k, visible, defaults) for k, entry in enumerate(entries)]
        if len(found) != count:
            raise InconsistencyError(
                f"the gradients of {self} given by the user do not fit",
                got=f"{len(found)} gradients",
                expected=f"{count}",
            )
        return [*found, *[FUNCTIONS["disconnected"]() for _ in range(rest)]]

    def _default_gradients(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients of the expression, as another op of this kind."""
        inner = self.graph.inputs
        live = [j for j, g in enumerate(output_grads) if not isinstance(g.type, DisconnectedType)]
        cotangents = [output_grads[j].type() for j in live]
        gradients = DERIVATIVES["reverse"]([self.graph.outputs[j] for j in live], cotangents, inner)
        kept = [
            k
            for k, g in enumerate(gradients)
            if not isinstance(g.type, DisconnectedType | NullType)
        ]
        results = list(gradients)
        if kept:
            op = OpFromGraph(
                [*inner, *cotangents],
                [gradients[k] for k in kept],
                inline=self.is_inline,
                name=None if self.name is None else f"{self.name}_grad",
            )
            values = op(*inputs, *[output_grads[j] for j in live], return_list=True)
            for k, value in zip(kept, values, strict=True):
                results[k] = value
        return results

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangents: the user's, or those of the expression."""
        count = len(self.input_types)
        if callable(self.rop_overrides):
            return list(self.rop_overrides(inputs[:count], eval_points[:count]))
        inner = self.graph.inputs
        moving = [k for k, t in enumerate(eval_points) if t is not None]
        tangents = [eval_points[k].type() for k in moving]
        found = DERIVATIVES["forward"](self.graph.outputs, [inner[k] for k in moving], tangents)
        kept = [j for j, t in enumerate(found) if t is not None]
        results: list[Any] = [None] * len(found)
        if kept:
            op = OpFromGraph([*inner, *tangents], [found[j] for j in kept], inline=self.is_inline)
            values = op(*inputs, *[eval_points[k] for k in moving], return_list=True)
            for j, value in zip(kept, values, strict=True):
                results[j] = value
        return results

    def __str__(self) -> str:
        return self.name or f"OpFromGraph{{inline={self.is_inline}}}"


def _overridden(entry: Any, k: int, arguments: tuple[Any, ...], defaults: list[Any]) -> Any:
    """Return the gradient by input `k` that an entry of the overrides stands for."""
    if isinstance(entry, str):
        if entry != "default":
            raise ValueError(f"a gradient is overridden by 'default' or a function, got {entry!r}")
        return defaults[k]
    if entry is None:
        return FUNCTIONS["zero_gradient"](arguments[0][k])
    if isinstance(entry, Variable):
        if not isinstance(entry.type, DisconnectedType | NullType):
            raise TypeError(f"a gradient given as a variable must be disconnected or null: {entry}")
        return entry
    return entry(*arguments)
