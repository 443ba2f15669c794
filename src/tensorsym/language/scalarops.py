"""Functions of single numbers, Theano's `theano.scalar`: what elementwise ops are made of.

Every elementwise record has its `ScalarOp`; users write their own with `impl` and `grad`, and
`Elemwise(op)` applies them to tensors. Composites are put in as the expressions they hold.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.errors import MethodNotDefined
from tensorsym.graph.op import Op
from tensorsym.graph.type import DisconnectedType, NullType
from tensorsym.graph.variable import Variable
from tensorsym.graph.walk import clone_graph
from tensorsym.language import arithmetic, complexparts, functions, special
from tensorsym.language.elementwise import (
    OPS,
    Elementwise,
    check_run_time_broadcast,
    scalar_ops,
    unbroadcast_to,
)
from tensorsym.language.record import Record
from tensorsym.language.scalartypes import get_scalar_type
from tensorsym.language.table import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorsym.graph.op import Storage
    from tensorsym.graph.variable import Apply

__all__ = [
    "BinaryScalarOp",
    "Cast",
    "Composite",
    "RecordOp",
    "ScalarElementwise",
    "ScalarOp",
    "UnaryScalarOp",
    "scalar_op_of",
]

# The modules whose records this one needs to find in OPS.
RECORD_MODULES = (arithmetic, complexparts, functions, special)


class ScalarOp(Op):
    """A function of numbers; subclasses define `impl` and, for gradients, `grad` or `L_op`.

    Parameters
    ----------
    output_types_preference : callable, optional
        From the operands' types to the tuple of result types; the common type if not given.
    name : str, optional
        Name in printouts.

    Examples
    --------
    >>> import tensorsym.scalar as scalar
    >>> import tensorsym.tensor as T
    >>> class Twice(scalar.UnaryScalarOp):
    ...     def impl(self, x):
    ...         return 2 * x
    >>> twice = T.Elemwise(Twice(scalar.same_out, name="twice"))
    >>> twice(T.constant([1.0, 2.0])).eval()
    array([2., 4.])
    """

    nin = -1
    nout = 1
    nfunc_spec: ClassVar[tuple[str, int, int] | None] = None

    def __init__(self, output_types_preference: Any = None, name: str | None = None) -> None:
        self.name = name
        if output_types_preference is not None:
            self.output_types_preference = output_types_preference

    def output_types(self, types: Sequence[Any]) -> list[Any]:
        """Return the types of the results for operands of the given types."""
        preference = getattr(self, "output_types_preference", None)
        if preference is None:
            raise MethodNotDefined(
                f"{self} does not say what type its result has",
                hint="give output_types_preference, or define output_types",
            )
        return list(preference(*types))

    def impl(self, *inputs: Any) -> Any:
        """Return the value for numbers."""
        raise MethodNotDefined(f"{type(self).__name__} defines no impl")

    def elementwise(self, name: str | None = None) -> Elementwise:
        """Return the op that applies this function to each element."""
        return ScalarElementwise(self, name)

    def make_node(self, *inputs: Any) -> Apply:
        """Return the application to each element of `inputs`."""
        return self.elementwise().make_node(*inputs)

    def _identity(self) -> tuple[Any, ...]:
        return (type(self), getattr(self, "output_types_preference", None))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ScalarOp) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity()[0])

    def __str__(self) -> str:
        return getattr(self, "name", None) or type(self).__name__


class UnaryScalarOp(ScalarOp):
    """A function of one number."""

    nin = 1


class BinaryScalarOp(ScalarOp):
    """A function of two numbers."""

    nin = 2


class RecordOp(ScalarOp):
    """The function of an elementwise record."""

    record_name: str

    def __init__(self, output_types_preference: Any = None, name: str | None = None) -> None:
        super().__init__(None, name or self.record_name)

    @property
    def record(self) -> Record:
        """The description."""
        return OPS[self.record_name].record

    def output_types(self, types: Sequence[Any]) -> list[Any]:
        """Return the type that the record's rule gives."""
        return [get_scalar_type(self.record.rule(*[t.dtype for t in types])[1])]

    def impl(self, *inputs: Any) -> Any:
        """Return the value of the record's reference."""
        return self.record.reference()(*inputs)

    def elementwise(self, name: str | None = None) -> Elementwise:
        """Return the record's op; there is one."""
        return OPS[self.record_name]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients of the record."""
        return self.elementwise().L_op(inputs, outputs, output_grads)

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients of the record."""
        return self.L_op(inputs, [self(*inputs)], output_grads)


class Cast(RecordOp):
    """Conversion to a dtype.

    Parameters
    ----------
    o_type : Scalar
        The type converted to.
    name : str, optional
        Name in printouts.
    """

    nin = 1

    def __init__(self, o_type: Any, name: str | None = None) -> None:
        self.o_type = o_type
        self.record_name = f"cast_{o_type.dtype}"
        super().__init__(name=name)

    def _identity(self) -> tuple[Any, ...]:
        return (type(self), self.o_type)


class Composite(ScalarOp):
    """A function given by an expression of scalar variables.

    Parameters
    ----------
    inputs : list of Variable
        Variables of rank 0.
    outputs : list of Variable
        Elementwise expressions of them; `Elemwise` takes composites with one.

    Examples
    --------
    >>> import tensorsym.scalar as scalar
    >>> import tensorsym.tensor as T
    >>> x, y = scalar.float64("x"), scalar.float64("y")
    >>> f = T.Elemwise(scalar.Composite([x, y], [x * y + 1]))
    >>> f(T.constant([1.0, 2.0]), 3.0).eval()
    array([4., 7.])
    """

    def __init__(self, inputs: Sequence[Variable], outputs: Sequence[Variable]) -> None:
        self.inputs = list(inputs)
        self.outputs = list(outputs)
        self.nin, self.nout = len(self.inputs), len(self.outputs)
        super().__init__(name=f"Composite{{{', '.join(map(str, self.outputs))}}}")

    def output_types(self, types: Sequence[Any]) -> list[Any]:
        """Return the types of the expressions."""
        return [v.type for v in self.outputs]

    def impl(self, *inputs: Any) -> Any:
        """Return the value of the expression for numbers."""
        values = inline(self.inputs, self.outputs, [FUNCTIONS["constant"](x) for x in inputs])
        found = [v.eval() for v in values]
        return found[0] if self.nout == 1 else found

    def elementwise(self, name: str | None = None) -> Elementwise:
        """Return the op whose applications are the expression itself."""
        return _Inlined(self, name)

    def _identity(self) -> tuple[Any, ...]:
        return (type(self), id(self))


def inline(
    inputs: Sequence[Variable], outputs: Sequence[Any], values: Sequence[Variable]
) -> list[Any]:
    """Return expressions of numbers as expressions of tensors put in their inputs' places."""
    return clone_graph(list(outputs), dict(zip(inputs, values, strict=True)))[0]


class ScalarElementwise(Elementwise):
    """A user's function of numbers applied to each element.

    Parameters
    ----------
    scalar_op : ScalarOp
        The function.
    name : str, optional
        Name in printouts.
    """

    def __init__(self, scalar_op: ScalarOp, name: str | None = None) -> None:
        if scalar_op.nout != 1:
            raise MethodNotDefined(f"{scalar_op} has {scalar_op.nout} results; Elemwise takes one")
        super().__init__(_record_of(scalar_op))
        self.scalar_op = scalar_op
        self.shown_name = name

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Call the function for each element, or the NumPy function it names."""
        check_run_time_broadcast(node, inputs)
        with np.errstate(all="ignore"):
            result = self.record.reference()(*inputs)
        output_storage[0][0] = np.array(result, dtype=node.outputs[0].type.dtype)

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the function's gradients, written for numbers, of each element."""
        symbols = [get_scalar_type(v.type.dtype)() for v in (*inputs, *outputs, *output_grads)]
        n = len(inputs)
        gradients = self.scalar_op.L_op(symbols[:n], symbols[n : n + 1], symbols[n + 1 :])
        tensors = [*inputs, *outputs, *output_grads]
        return [
            g
            if not isinstance(g, Variable) or isinstance(g.type, DisconnectedType | NullType)
            else _of_shape(inline(symbols, [g], tensors)[0], outputs[0], x)
            for g, x in zip(gradients, inputs, strict=True)
        ]

    def wanted_gradients(
        self, inputs: Any, outputs: Any, output_grads: Any, wanted: Any
    ) -> list[Any]:
        """Return what `L_op` does."""
        return self.L_op(inputs, outputs, output_grads)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ScalarElementwise) and self.scalar_op == other.scalar_op

    def __hash__(self) -> int:
        return hash((ScalarElementwise, self.scalar_op))

    def __reduce__(self) -> Any:
        return type(self), (self.scalar_op, self.shown_name)

    def __str__(self) -> str:
        return self.shown_name or f"Elemwise{{{self.scalar_op},no_inplace}}"


class _Inlined(ScalarElementwise):
    """A composite on tensors: its applications are those of the expression it holds."""

    def make_node(self, *inputs: Any) -> Apply:
        """Return the last node of the expression with `inputs` in its place."""
        composite = self.scalar_op
        assert isinstance(composite, Composite)
        tensors = [FUNCTIONS["as_tensor_variable"](x) for x in inputs]
        (out,) = inline(composite.inputs, composite.outputs, tensors)
        # An input or a constant is handed on: a node there must be.
        return out.owner if out.owner is not None else OPS["tensor_copy"].make_node(out)


def _of_shape(g: Any, out: Any, x: Any) -> Any:
    """Return a gradient broadcast to the result's shape, then summed to that of the operand."""
    if g.type.broadcastable != out.type.broadcastable:
        g = FUNCTIONS["fill"](out, g)
    return unbroadcast_to(g, x)


def _record_of(scalar_op: ScalarOp) -> Record:
    def rule(*dtypes: str) -> tuple[tuple[str, ...], str]:
        (out,) = scalar_op.output_types([get_scalar_type(dtype) for dtype in dtypes])
        return dtypes, get_scalar_type(getattr(out, "dtype", out)).dtype

    return Record(
        name=str(scalar_op),
        arity=max(scalar_op.nin, 1),
        numpy=_vectorized(scalar_op),
        c="",
        rule=rule,
        partials=None,
        doc=scalar_op.__doc__ or f"{scalar_op} of each element.",
        domain=(),
        variadic=scalar_op.nin < 0,
    )


def _vectorized(scalar_op: ScalarOp) -> Callable[..., Any]:
    """Return the NumPy or SciPy function that an op names, or its `impl` for each element."""
    if scalar_op.nfunc_spec is not None:
        module, _, name = scalar_op.nfunc_spec[0].rpartition(".")
        try:
            found: Any = getattr(importlib.import_module(module or "numpy"), name)
        except (ImportError, AttributeError):
            found = None
        if found is not None:
            return found  # type: ignore[no-any-return]

    def each(*arrays: Any) -> Any:
        return np.frompyfunc(scalar_op.impl, len(arrays), 1)(*arrays)

    return each


# Theano's classes, by the record that they name.
CLASSES = {
    "abs_": "Abs", "and_": "AND", "or_": "OR", "xor": "XOR", "eq": "EQ", "neq": "NEQ", "lt": "LT",
    "le": "LE", "gt": "GT", "ge": "GE", "isnan": "IsNan", "isinf": "IsInf", "arccos": "ArcCos",
    "arccosh": "ArcCosh", "arcsin": "ArcSin", "arcsinh": "ArcSinh", "arctan": "ArcTan",
    "arctan2": "ArcTan2", "arctanh": "ArcTanh", "tensor_copy": "Identity", "gammaln": "GammaLn",
    "chi2sf": "Chi2SF", "gammaincc": "GammaIncC", "gammainc": "GammaInc", "gammau": "GammaU",
    "gammal": "GammaL", "xlogx": "XlogX", "xlogy0": "XlogY0", "sigmoid": "ScalarSigmoid",
    "softplus": "ScalarSoftplus", "ultra_fast_sigmoid": "UltraFastScalarSigmoid",
    "softsign": "ScalarSoftsign",
}  # fmt: skip


def _class_of(record: Record) -> type[RecordOp]:
    base = {1: UnaryScalarOp, 2: BinaryScalarOp}.get(0 if record.variadic else record.arity)
    name = CLASSES.get(record.name, record.name.title().replace("_", ""))
    bases = (RecordOp,) if base is None else (RecordOp, base)
    nin = -1 if record.variadic else record.arity
    return type(
        name,
        bases,
        {
            "__module__": __name__,
            "__doc__": record.doc,
            "record_name": record.name,
            "nin": nin,
            "__reduce__": lambda self: (scalar_op_of, (self.record_name,)),
        },
    )


SCALAR_OPS: dict[str, RecordOp] = {}


def scalar_op_of(name: str) -> RecordOp:
    """Return the function of numbers of an elementwise record."""
    if name not in SCALAR_OPS:
        op = OPS[name]
        SCALAR_OPS[name] = (
            Cast(get_scalar_type(name.removeprefix("cast_")))
            if name.startswith("cast_")
            else _class_of(op.record)()
        )
    return SCALAR_OPS[name]


scalar_ops.append(scalar_op_of)
