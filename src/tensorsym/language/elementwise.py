"""Elementwise ops: one record each, from which op, gradient, kernels, docstring and tests derive.

This module has the mechanism; the records stand in `arithmetic`, `functions` and `special`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import ShapeError, TensorSymError
from tensorsym.extend import Registry
from tensorsym.graph.op import Op
from tensorsym.graph.type import NullType
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.dtypes import is_complex, is_discrete, literals, same
from tensorsym.language.record import Record, docstring
from tensorsym.language.table import FUNCTIONS, publish
from tensorsym.language.tensortype import tensor_type
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from tensorsym.graph.op import Storage
    from tensorsym.language.dtypes import DTypeRule
    from tensorsym.language.record import Partial, Partials

__all__ = ["RECORDS", "Elementwise", "Linear", "Mask", "Record", "elementwise", "only_where"]

RECORDS: Registry[str, Record] = Registry("elementwise records")


@dataclass(frozen=True, slots=True)
class Mask:
    """A partial derivative, 1 where `condition` holds, else 0: it selects, never multiplies."""

    condition: Any


def only_where(condition: Any) -> Mask:
    """Return the partial derivative of an operand that is passed on where `condition` holds.

    Unlike a product with 0 and 1 it keeps infinities and NaN of unselected elements out.
    """
    return Mask(condition)


@dataclass(frozen=True, slots=True)
class Linear:
    """A derivative that is a linear map over the reals but no product, such as that of `real`.

    Attributes
    ----------
    cotangent, tangent : callable
        The map from the output's gradient to the operand's, and from the operand's tangent to the
        output's. A gradient with respect to a complex number is d/d(real part) + i d/d(imaginary
        part), as in Theano.
    """

    cotangent: Callable[[Any], Any]
    tangent: Callable[[Any], Any]


class Elementwise(Op):
    """An op that computes each element from the elements at the same place, with broadcasting.

    Parameters
    ----------
    record : Record, or Theano's ScalarOp
        The description. There is one Elementwise per record, so that ops compare by identity.
    inplace_pattern, name, nfunc_spec, openmp
        As Theano has them, for a ScalarOp; the name is shown in printouts.
    """

    may_raise = False
    # One op per record: the graph's tables look ops up often enough that Python's own identity hash
    # pays.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __new__(cls, record: Any, *args: Any, **options: Any) -> Elementwise:
        """Return a new op, or for a ScalarOp the op that it names."""
        if isinstance(record, Record) or cls is not Elementwise:
            return super().__new__(cls)
        name = options.get("name", args[1] if len(args) > 1 else None)
        op: Elementwise = record.elementwise(name)
        return op

    def __init__(self, record: Any, *args: Any, **options: Any) -> None:
        if not isinstance(record, Record):
            return  # made by __new__
        self.record = record
        self.name = record.name
        self._reference: Callable[..., Any] | None = None
        self._shape_of_first = "shape_of_first" in record.traits
        self.__doc__ = docstring(record)
        self.__name__ = record.name

    def make_node(self, *inputs: Any) -> Apply:
        """Return the application; operands are converted, padded to one rank, and checked."""
        record = self.record
        if len(inputs) != record.arity and not (record.variadic and len(inputs) > 0):
            raise TypeError(f"{self.name} takes {record.arity} operands, {len(inputs)} given")
        variables = [as_tensor_variable(value) for value in inputs]
        rank = max([v.type.ndim for v in variables])
        variables = [v if v.type.ndim == rank else pad_left(v, rank) for v in variables]
        types = [v.type for v in variables]
        try:
            dtype = record.rule(*[t.dtype for t in types])[1]
        except TensorSymError as error:
            raise type(error)(
                f"{self.name}: {error.what}",
                got=", ".join(f"{v} of {v.type.dtype}" for v in variables),
            ) from None
        shape = types[0].shape if len(types) == 1 else broadcast_shapes(self.name, variables)
        return Apply(self, variables, [tensor_type(dtype, shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Compute with NumPy on operands cast by the record's rule; cast to the declared dtype."""
        check_run_time_broadcast(node, inputs)
        cast_to, dtype = self.record.rule(*[v.type.dtype for v in node.inputs])
        if self._reference is None:
            self._reference = self.record.reference()
        # float16 is computed in float32 and rounded once per node (numeric contract, N11).
        wide = ["float32" if d == "float16" else d for d in cast_to]
        arity = self.record.arity
        with np.errstate(all="ignore"):
            operands = [
                np.asarray(np.asarray(x, dtype=d), dtype=w)
                for x, d, w in zip(inputs, cast_to, wide, strict=True)
            ]
            first = operands[:arity]
            result = first[0] if len(first) < arity else self._reference(*first)
            for operand in operands[arity:]:
                partial = np.asarray(np.asarray(result, dtype=dtype), dtype=operand.dtype)
                result = self._reference(partial, operand)
            result = np.asarray(result, dtype=dtype)
        if any(np.may_share_memory(result, x) for x in inputs if isinstance(x, np.ndarray)):
            result = result.copy()
        output_storage[0][0] = result

    @functools.cached_property
    def scalar_op(self) -> Any:
        """The function of single numbers (Theano's ScalarOp) that is applied to each element."""
        return scalar_ops[0](self.record.name)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return, per dimension, the length of the first operand that is not broadcast there."""
        return [
            tuple(
                next(
                    (
                        shape[axis]
                        for v, shape in zip(node.inputs, shapes, strict=True)
                        if v.type.shape[axis] != 1
                    ),
                    shapes[0][axis],
                )
                for axis in range(node.outputs[0].type.ndim)
            )
        ]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that every operand is connected whose elements count."""
        return [[k > 0 or not self._shape_of_first] for k in range(len(node.inputs))]

    def _partials(self, count: int) -> Sequence[Partial | int | None]:
        partials = self.record.partials
        assert partials is not None
        if callable(partials):
            return [partials(k) for k in range(count)]
        return partials if len(partials) == count else (partials[0],) * count

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradients: partial derivative times `g`, summed over broadcast dimensions."""
        return self.wanted_gradients(inputs, outputs, output_grads, range(len(inputs)))

    def wanted_gradients(
        self, inputs: Any, outputs: Any, output_grads: Any, wanted: Collection[int]
    ) -> list[Any]:
        """Return the gradients of the operands in `wanted`, None for the others."""
        if self.record.partials is None:
            return super().L_op(inputs, outputs, output_grads)
        partials = self._partials(len(inputs))
        return [
            self._gradient(k, partials[k], inputs, outputs[0], output_grads[0])
            if k in wanted
            else None
            for k in range(len(inputs))
        ]

    def _gradient(
        self, k: int, partial: Partial | int | None, inputs: Any, out: Any, g: Any
    ) -> Any:
        """Return the gradient of operand `k`."""
        x = inputs[k]
        if k == 0 and self._shape_of_first:
            return FUNCTIONS["disconnected"]()
        if partial == 0 or is_discrete(out.type.dtype):
            return FUNCTIONS["zero_gradient"](x)
        if partial is None:
            return NullType(
                f"{self.name}: no closed form of its derivative by operand {k} is known"
            )()
        assert callable(partial)
        with literals(out.type.dtype):
            product = _times(partial(*inputs, out), g, conjugate=True)
        if product is None:
            return FUNCTIONS["zero_gradient"](x)
        return unbroadcast_to(_real_if(x, product), x)

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent: the sum of partial derivatives times the operands' tangents."""
        if self.record.partials is None:
            return super().R_op(inputs, eval_points)
        out = self(*inputs)
        if is_discrete(out.type.dtype):
            return [None]
        pairs = zip(self._partials(len(inputs)), eval_points, strict=True)
        varying = [
            (partial, tangent) for partial, tangent in pairs if tangent is not None and partial != 0
        ]
        if any(partial is None for partial, _ in varying):
            return super().R_op(inputs, eval_points)
        with literals(out.type.dtype):
            products = [
                _times(partial(*inputs, out), tangent, conjugate=False)
                for partial, tangent in varying
                if callable(partial)
            ]
        terms = [product for product in products if product is not None]
        if not terms:
            return [None]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        if is_complex(out.type.dtype) and not is_complex(total.type.dtype):
            total = FUNCTIONS["cast"](total, out.type.dtype)
        return [
            total
            if total.type.broadcastable == out.type.broadcastable
            else FUNCTIONS["fill"](out, total)
        ]

    def cache_token(self) -> str:
        """Return the record's name."""
        return self.name

    def __reduce__(self) -> Any:
        return _op_named, (self.name,)

    def __deepcopy__(self, memo: Any) -> Elementwise:
        return self

    def __copy__(self) -> Elementwise:
        return self

    def __str__(self) -> str:
        # Theano's names: programs and books compare printed graphs.
        if self.name in NAMED:
            return self.name
        if self.name.startswith("cast_"):
            return f"Elemwise{{Cast{{{self.name.removeprefix('cast_')}}}}}"
        return f"Elemwise{{{self.name},no_inplace}}"


def _op_named(name: str) -> Elementwise:
    return OPS[name]


OPS: dict[str, Elementwise] = {}
# Filled by language.scalarops, which sits above this module: [name of a record to its ScalarOp].
scalar_ops: list[Callable[[str], Any]] = []
# Theano gave these elementwise ops a name of their own.
NAMED = frozenset({"sigmoid", "softplus", "ultra_fast_sigmoid"})


def elementwise(
    name: str,
    *,
    arity: int = 1,
    numpy: str | Callable[..., Any],
    c: str,
    rule: DTypeRule = same,
    partials: Partials,
    doc: str,
    domain: tuple[tuple[float, float], ...] = ((-3.0, 3.0),),
    traits: str = "",
    ufuncs: tuple[str, ...] = (),
    methods: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    **more: Any,
) -> Elementwise:
    """Describe an elementwise op, publish it and return it; see `Record` for the parameters."""
    record = Record(
        name=name,
        arity=arity,
        numpy=numpy,
        c=c,
        rule=rule,
        partials=partials,
        doc=doc,
        domain=domain if len(domain) == arity else domain * arity,
        traits=frozenset(traits.split()),
        aliases=aliases,
        methods=methods,
        **more,
    )
    RECORDS.add(name, record)
    op = OPS[name] = Elementwise(record)
    publish(op, name, *aliases, methods=methods, numpy=ufuncs)
    return op


def pad_left(x: Any, rank: int) -> Any:
    """Return `x` with dimensions of length 1 added on the left."""
    return _padding(x.type.broadcastable, rank)(x)


@functools.lru_cache(maxsize=1024)
def _padding(broadcastable: tuple[bool, ...], rank: int) -> DimShuffle:
    own = len(broadcastable)
    return DimShuffle(broadcastable, ("x",) * (rank - own) + tuple(range(own)))


def broadcast_shapes(name: str, variables: Sequence[Any]) -> tuple[int | None, ...]:
    """Return the static shape of a result, or raise ShapeError where lengths contradict."""
    shape: list[int | None] = []
    for axis, lengths in enumerate(zip(*[v.type.shape for v in variables], strict=True)):
        known = {length for length in lengths if length is not None and length != 1}
        if len(known) > 1:
            raise ShapeError(
                f"{name}: lengths differ in dimension {axis}",
                got=", ".join(f"{v} of shape {v.type.shape}" for v in variables),
                expected="equal lengths, or 1",
                origin=tuple(place for v in variables for place in v.origin),
            )
        shape.append(known.pop() if known else None if None in lengths else 1)
    return tuple(shape)


def check_run_time_broadcast(node: Apply, arrays: Sequence[Any]) -> None:
    """Raise ShapeError where arrays disagree, or a length of 1 was not declared broadcastable."""
    if len(arrays) < 2 or len({np.shape(a) for a in arrays}) == 1:
        return
    for axis in range(node.outputs[0].type.ndim):
        lengths = {
            np.shape(a)[axis]
            for v, a in zip(node.inputs, arrays, strict=True)
            if not v.type.broadcastable[axis]
        }
        if len(lengths) > 1:
            one = (
                " A run-time length of 1 broadcasts only where the type says so."
                if 1 in lengths
                else ""
            )
            raise ShapeError(
                f"{node.op.record.name}: input dimension mismatch in dimension {axis}",  # type: ignore[attr-defined]
                got=", ".join(
                    f"{v}: shape {np.shape(a)}" for v, a in zip(node.inputs, arrays, strict=True)
                ),
                expected="equal lengths in every dimension that is not broadcastable." + one,
                origin=node.origin,
                hint="declare the dimension with T.row, T.col, or T.addbroadcast" if one else None,
            )


def unbroadcast_to(g: Any, x: Any) -> Any:
    """Return `g` summed over the dimensions in which `x` was broadcast."""
    axes = [
        axis
        for axis, (mine, theirs) in enumerate(
            zip(g.type.broadcastable, x.type.broadcastable, strict=True)
        )
        if theirs and not mine
    ]
    return FUNCTIONS["sum"](g, axis=axes, keepdims=True) if axes else g


def _times(factor: Any, g: Any, *, conjugate: bool) -> Any:
    """Return a partial derivative (its conjugate in reverse mode) times `g`; None for 0."""
    if isinstance(factor, int) and factor == 0:
        return None
    if isinstance(factor, Mask):
        return FUNCTIONS["switch"](factor.condition, g, FUNCTIONS["zeros_like"](g))
    if isinstance(factor, Linear):
        return factor.cotangent(g) if conjugate else factor.tangent(g)
    if conjugate and isinstance(factor, Variable) and is_complex(factor.type.dtype):
        factor = FUNCTIONS["conj"](factor)
    if conjugate and isinstance(factor, complex):
        factor = factor.conjugate()
    if isinstance(factor, int | float) and factor == 1:
        return g
    return -g if isinstance(factor, int | float) and factor == -1 else g * factor


def _real_if(x: Any, gradient: Any) -> Any:
    """Return the gradient of a real variable as real."""
    if is_complex(gradient.type.dtype) and not is_complex(x.type.dtype):
        return FUNCTIONS["real"](gradient)
    return gradient
