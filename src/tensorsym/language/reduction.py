"""Reductions: one record each, from which op, gradient, kernels, docstring and tests derive."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import ComplexError, DTypeError, NotScalarConstantError, ShapeError
from tensorsym.extend import Registry
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.dtypes import INT, UINT, canonical_dtype, is_complex, is_discrete, upcast
from tensorsym.language.elementwise import OPS
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import tensor_type
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorsym.graph.op import Storage
    from tensorsym.language.tensortype import TensorType

__all__ = ["REDUCTIONS", "Reduction", "ReductionRecord", "normalize_axes", "reduce_with"]

Axis = int | Sequence[int] | None


@dataclass(frozen=True, slots=True)
class ReductionRecord:
    """Everything there is to know about a reduction.

    Attributes
    ----------
    name : str
        Public name.
    numpy : str or callable
        NumPy's function or its name, called with (x, axis=, dtype=) or without dtype.
    combine : str
        Scalar text over x (so far) and y (next); the tile machine's role of the same name.
    identity : float or None
        The value of an empty reduction; None: empty reductions raise.
    widens : bool
        Whether small integers are summed as int64 or uint64.
    to_bool : bool
        Whether the result is bool.
    gradient : callable
        (x, out kept, g kept) to the gradient of x; kept means with reduced dimensions of length 1.
    tangent : callable
        (x, tangent, out kept) to the tangent before reduction by sum.
    doc : str
        First sentence of the documentation.
    expression : callable, optional
        (x, axes) to the same result in terms of simpler reductions, for kernels.
    """

    name: str
    numpy: str | Callable[..., Any]
    combine: str
    identity: float | None
    widens: bool
    to_bool: bool
    gradient: Callable[[Any, Any, Any], Any] | None
    tangent: Callable[[Any, Any, Any], Any] | None
    doc: str
    expression: Callable[[Any, tuple[int, ...]], Any] | None = None

    def reference(self) -> Callable[..., Any]:
        """Return the NumPy function."""
        return self.numpy if callable(self.numpy) else getattr(np, self.numpy)


REDUCTIONS: Registry[str, ReductionRecord] = Registry("reductions")
# Function of two numbers -> the reduction that combines elements by it.
COMBINED_BY = {"add": "sum", "mul": "prod", "maximum": "max", "minimum": "min", "and_": "all",
               "or_": "any"}  # fmt: skip


def _accumulator(dtype: str) -> str:
    if dtype == "bool" or dtype in INT:
        return "int64"
    return "uint64" if dtype in UINT else "float32" if dtype == "float16" else dtype


class Reduction(Op):
    """Reduce dimensions by an associative operation.

    Parameters
    ----------
    name : str, or Theano's ScalarOp
        Name of the record, or the function that combines two numbers.
    axis : tuple of int, or None
        Dimensions reduced; None all.
    dtype, acc_dtype : str, optional
        dtype of the result, and the one computed in.
    """

    __props__ = ("name", "axis", "dtype", "acc_dtype")

    def __init__(
        self, name: Any, axis: Axis = None, dtype: str | None = None, acc_dtype: str | None = None
    ) -> None:
        self.name = name if isinstance(name, str) else _reducing(name)
        self.axis = (
            None if axis is None else tuple(sorted(axis)) if not isinstance(axis, int) else (axis,)
        )
        self.dtype = dtype
        self.acc_dtype = acc_dtype
        self.may_raise = self.record.identity is None

    @property
    def record(self) -> ReductionRecord:
        """The description of the reduction."""
        return REDUCTIONS[self.name]

    @property
    def scalar_op(self) -> Any:
        """The function of two numbers (Theano's ScalarOp) that combines elements."""
        names = {reduction: name for name, reduction in COMBINED_BY.items()}
        return OPS[names.get(self.name, "mul")].scalar_op

    @property
    def expression(self) -> Callable[[Any], Any] | None:
        """What gives the same result in terms of simpler ops, if there is such a thing."""
        meaning = self.record.expression
        return None if meaning is None else lambda x: meaning(x, self.axes(x.type.ndim))

    def axes(self, ndim: int) -> tuple[int, ...]:
        """Return the reduced dimensions as a tuple."""
        return tuple(range(ndim)) if self.axis is None else self.axis

    def output_dtype(self, dtype: str) -> str:
        """Return the dtype of the result for an input of `dtype`."""
        if self.record.to_bool:
            return "bool"
        if self.dtype is not None:
            return self.dtype
        return _accumulator(dtype) if self.record.widens and is_discrete(dtype) else dtype

    def accumulator_dtype(self, dtype: str) -> str:
        """Return the dtype in which an input of `dtype` is accumulated."""
        if self.record.to_bool:
            return "bool"
        if self.acc_dtype is not None:
            return self.acc_dtype
        return (
            _accumulator(upcast(dtype, self.output_dtype(dtype))) if self.record.widens else dtype
        )

    def make_node(self, x: Any) -> Apply:
        """Return the application on `x`."""
        x = as_tensor_variable(x)
        self._check_dtypes(x)
        axes = self.axes(x.type.ndim)
        shape = tuple([length for axis, length in enumerate(x.type.shape) if axis not in axes])
        out = tensor_type(self.output_dtype(x.type.dtype), shape)()
        return Apply(self._settled(x.type), [x], [out])

    def _settled(self, type_: TensorType) -> Reduction:
        """Return this reduction with its dtypes written out, so that equal ones compare equal."""
        axis = None if self.axis is not None and len(self.axis) == type_.ndim > 0 else self.axis
        dtype, acc_dtype = self.dtype, self.acc_dtype
        if self.record.widens:
            dtype, acc_dtype = self.output_dtype(type_.dtype), self.accumulator_dtype(type_.dtype)
        if (axis, dtype, acc_dtype) == (self.axis, self.dtype, self.acc_dtype):
            return self
        return Reduction(self.name, axis, dtype, acc_dtype)

    def _check_dtypes(self, x: Any) -> None:
        dtype = x.type.dtype
        if not self.record.widens:
            if is_complex(dtype) and not self.record.to_bool:
                raise ComplexError(
                    f"{self.name}: complex numbers have no order", got=f"{x} of {dtype}"
                )
            return
        if is_complex(dtype) and not is_complex(self.output_dtype(dtype)):
            raise DTypeError(f"{self.name}: a complex sum can not be real", got=str(self.dtype))
        # A float accumulator takes integers, although it may round them; others must hold the
        # elements.
        given = self.acc_dtype
        rounds = given is not None and is_discrete(dtype) and not is_discrete(given)
        if given is not None and not rounds and upcast(dtype, given) != given:
            raise DTypeError(
                f"{self.name}: the accumulator can not hold the elements",
                got=f"acc_dtype {given} for {x} of {dtype}",
                expected=f"at least {upcast(dtype, given)}",
            )

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Reduce with NumPy, accumulating in the accumulator's dtype."""
        (x,) = inputs
        axes = self.axes(node.inputs[0].type.ndim)
        if self.record.identity is None and any(x.shape[axis] == 0 for axis in axes):
            raise ShapeError(
                f"{self.name} of no elements",
                got=f"shape {x.shape}, axis {axes}",
                origin=node.origin,
            )
        keywords = {"dtype": self.accumulator_dtype(x.dtype.name)} if self.record.widens else {}
        with np.errstate(all="ignore"):
            result = self.record.reference()(x, axis=axes, **keywords) if axes else x.copy()
        output_storage[0][0] = np.asarray(result, dtype=node.outputs[0].type.dtype)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths that remain."""
        axes = self.axes(len(shapes[0]))
        return [tuple(length for axis, length in enumerate(shapes[0]) if axis not in axes)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the record's gradient, with reduced dimensions broadcast back."""
        (x,), (out,), (g,) = inputs, outputs, output_grads
        if is_discrete(out.type.dtype) or self.record.gradient is None:
            return [FUNCTIONS["zero_gradient"](x)]
        kept_out, kept_g = (restore_axes(v, self.axes(x.type.ndim), x.type.ndim) for v in (out, g))
        gradient = self.record.gradient(x, kept_out, kept_g)
        if gradient.type.broadcastable != x.type.broadcastable:
            gradient = FUNCTIONS["fill"](x, gradient)
        return [gradient]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the record's tangent, summed over the reduced dimensions."""
        (x,), (tangent,) = inputs, eval_points
        out = self(x)
        if tangent is None or self.record.tangent is None or is_discrete(out.type.dtype):
            return [None]
        axes = self.axes(x.type.ndim)
        term = self.record.tangent(x, tangent, restore_axes(out, axes, x.type.ndim))
        return [Reduction("sum", axes, out.type.dtype)(term) if axes else term]

    def __str__(self) -> str:
        where = "" if self.axis is None else f"{{axis={list(self.axis)}}}"
        return f"{self.name.capitalize()}{where}"


def _reducing(scalar_op: Any) -> str:
    """Return the name of the reduction that a function of two numbers makes."""
    name = COMBINED_BY.get(scalar_op.name)
    if name is None:
        raise ValueError(
            f"there is no reduction by {scalar_op}; there are {', '.join(COMBINED_BY)}"
        )
    return name


def restore_axes(v: Any, axes: Sequence[int], ndim: int) -> Any:
    """Return `v` with the reduced dimensions put back, of length 1."""
    remaining = iter(range(v.type.ndim))
    return DimShuffle(
        v.type.broadcastable, ["x" if axis in axes else next(remaining) for axis in range(ndim)]
    )(v)


def normalize_axes(axis: Any, ndim: int) -> tuple[int, ...] | None:
    """Return an axis argument as a sorted tuple of non-negative ints, or None for all.

    Raises
    ------
    TypeError
        If an axis is no integer.
    ValueError
        If an axis is out of range.
    """
    if axis is None:
        return None
    if isinstance(axis, Variable):
        if isinstance(axis, Constant) and axis.data is None:
            return None
        axis = constant_axis(axis)
    if isinstance(axis, str):
        raise ValueError(f"an axis is an integer, got {axis!r}")
    axes = list(axis) if isinstance(axis, Sequence | np.ndarray) and np.ndim(axis) else [axis]
    for item in axes:
        if not -ndim <= operator.index(item) < ndim:
            raise ValueError(f"axis {item} is out of range for a tensor of {ndim} dimensions")
    return tuple(sorted({operator.index(item) % ndim for item in axes}))


def constant_axis(axis: Any) -> int:
    """Return the value of an axis given as a constant scalar expression, or raise TypeError."""
    try:
        return int(FUNCTIONS["get_scalar_constant_value"](axis))
    except NotScalarConstantError as error:
        raise TypeError(f"an axis must be known while the graph is built, got {axis}") from error


def reduce_with(
    name: str,
    x: Any,
    axis: Any = None,
    *,
    keepdims: bool = False,
    dtype: Any = None,
    acc_dtype: Any = None,
) -> Any:
    """Return the reduction `name` of `x` over `axis`, with the reduced dimensions kept if asked."""
    x = as_tensor_variable(x)
    axes = normalize_axes(axis, x.type.ndim)
    if axes is not None and len(axes) == x.type.ndim and axes:
        axes = None
    out = Reduction(
        name,
        axes,
        None if dtype is None else canonical_dtype(dtype),
        None if acc_dtype is None else canonical_dtype(acc_dtype),
    )(x)
    if keepdims:
        out = restore_axes(out, range(x.type.ndim) if axes is None else axes, x.type.ndim)
    return out


def _product_gradient(x: Any, out: Any, g: Any) -> Any:
    others = _product_of_others(x, out)
    return g * (FUNCTIONS["conj"](others) if is_complex(others.type.dtype) else others)


def _product_of_others(x: Any, out: Any) -> Any:
    """Return for each factor the product of the others: out / x, but where a factor is 0."""
    zero = FUNCTIONS["eq"](x, 0)
    axes = [
        a
        for a, (kept, b) in enumerate(
            zip(out.type.broadcastable, x.type.broadcastable, strict=True)
        )
        if kept
    ]
    zeros = reduce_with("sum", zero, axes, keepdims=True)
    others = reduce_with("prod", FUNCTIONS["switch"](zero, 1, x), axes, keepdims=True)
    single = FUNCTIONS["switch"](FUNCTIONS["eq"](zeros, 1) & zero, others, 0)
    quotient = out / FUNCTIONS["switch"](zero, 1, x)
    return FUNCTIONS["switch"](FUNCTIONS["eq"](zeros, 0), quotient, single)


def _sum_of_elements(
    x: np.ndarray[Any, Any], axis: tuple[int, ...], dtype: str | None = None
) -> Any:
    """Return NumPy's sum over axes without its start of 0.0: a sum of negative zeros is one."""
    nothing = any(x.shape[d] == 0 for d in axis)
    return np.add.reduce(x, axis=axis, dtype=dtype, initial=0 if nothing else None)


def _extreme_over(name: str) -> Callable[..., Any]:
    """Return NumPy's max or min over axes, with -0.0 below 0.0 whatever the order of elements."""

    def extreme(x: np.ndarray[Any, Any], axis: tuple[int, ...]) -> Any:
        found = getattr(np, name)(x, axis=axis)
        if x.dtype.kind != "f":
            return found
        negative = np.signbit(x)
        wanted = (x == 0) & (~negative if name == "max" else negative)
        sign = 1.0 if name == "max" else -1.0
        has = wanted.any(axis=axis)
        return np.where(found == 0, np.copysign(0.0, np.where(has, sign, -sign)), found)

    return extreme


def _where_extreme(x: Any, out: Any, g: Any) -> Any:
    """Return `g` where x is the extreme element, else 0; selected: an infinite g stays there."""
    zero = np.zeros((), dtype=g.type.dtype)
    return FUNCTIONS["switch"](FUNCTIONS["eq"](x, out), g, zero)


for _record in (
    ReductionRecord("sum", _sum_of_elements, "x + y", 0, True, False,
                    lambda x, out, g: g, lambda x, t, out: t, "Sum of elements."),
    ReductionRecord("prod", "prod", "x * y", 1, True, False, _product_gradient,
                    lambda x, t, out: t * _product_of_others(x, out),
                    "Product of elements; its gradient is right also where factors are 0."),
    ReductionRecord("prod_of_nonzeros", "prod", "x * y", 1, True, False,
                    lambda x, out, g: g * out / x, lambda x, t, out: t * out / x,
                    "Product of elements that are known not to be 0."),
    ReductionRecord("max", _extreme_over("max"), "ts_max(x, y)", None, False, False, _where_extreme,
                    lambda x, t, out: _where_extreme(x, out, t),
                    "Largest element; NaN if there is one. Equal largest elements share no "
                    "gradient: each gets all."),
    ReductionRecord("min", _extreme_over("min"), "ts_min(x, y)", None, False, False,
                    _where_extreme, lambda x, t, out: _where_extreme(x, out, t),
                    "Smallest element; NaN if there is one."),
    ReductionRecord("all", "all", "x & y", 1, False, True, None, None,
                    "Whether all elements are true (not 0)."),
    ReductionRecord("any", "any", "x | y", 0, False, True, None, None,
                    "Whether any element is true (not 0)."),
):  # fmt: skip
    REDUCTIONS.add(_record.name, _record)
