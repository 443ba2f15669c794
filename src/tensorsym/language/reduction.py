"""Reductions: one record each, from which the op, its gradient, kernels, docstring and tests derive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorsym.config import config
from tensorsym.errors import ComplexError, DTypeError, ShapeError
from tensorsym.extend import Registry
from tensorsym.graph.op import Op, Storage
from tensorsym.graph.variable import Apply, Variable
from tensorsym.language.arithmetic import cast
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.dtypes import INT, UINT, canonical_dtype, is_complex, is_discrete, upcast
from tensorsym.language.shape import ShapeOf
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import tensor_type
from tensorsym.language.variable import as_tensor_variable

__all__ = ["REDUCTIONS", "Reduction", "ReductionRecord", "normalize_axes", "reduce_with"]

Axis = int | Sequence[int] | None


@dataclass(frozen=True, slots=True)
class ReductionRecord:
    """Everything there is to know about a reduction.

    Attributes
    ----------
    name : str
        Public name.
    numpy : str
        NumPy's function, called with (x, axis=, dtype=) or without dtype.
    combine : str
        Scalar text over x (so far) and y (next); the tile machine's role of the same name.
    identity : int or None
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
    """

    name: str
    numpy: str
    combine: str
    identity: int | None
    widens: bool
    to_bool: bool
    gradient: Callable[[Any, Any, Any], Any] | None
    tangent: Callable[[Any, Any, Any], Any] | None
    doc: str


REDUCTIONS: Registry[str, ReductionRecord] = Registry("reductions")


def _accumulator(dtype: str) -> str:
    if dtype == "bool" or dtype in INT:
        return "int64"
    return "uint64" if dtype in UINT else "float32" if dtype == "float16" else dtype


class Reduction(Op):
    """Reduce dimensions by an associative operation.

    Parameters
    ----------
    name : str
        Name of the record.
    axis : tuple of int, or None
        Dimensions reduced; None all.
    dtype, acc_dtype : str, optional
        dtype of the result, and the one computed in.
    """

    __props__ = ("name", "axis", "dtype", "acc_dtype")

    def __init__(
        self, name: str, axis: Axis = None, dtype: str | None = None, acc_dtype: str | None = None
    ) -> None:
        self.name = name
        self.axis = None if axis is None else tuple(sorted(axis)) if not isinstance(axis, int) else (axis,)
        self.dtype = dtype
        self.acc_dtype = acc_dtype
        self._hash = hash((Reduction, name, self.axis, dtype, acc_dtype))
        self.may_raise = self.record.identity is None

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)

    @property
    def record(self) -> ReductionRecord:
        """The description of the reduction."""
        return REDUCTIONS[self.name]

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
        return _accumulator(upcast(dtype, self.output_dtype(dtype))) if self.record.widens else dtype

    def make_node(self, x: Any) -> Apply:
        """Return the application on `x`."""
        x = as_tensor_variable(x)
        if self.record.identity is None and is_complex(x.type.dtype):
            raise ComplexError(f"{self.name}: complex numbers have no order", got=f"{x} of {x.type.dtype}")
        if self.record.widens and (is_complex(x.type.dtype) and not is_complex(self.output_dtype(x.type.dtype))):
            raise DTypeError(f"{self.name}: a complex sum can not be real", got=str(self.dtype))
        axes = self.axes(x.type.ndim)
        shape = tuple([length for axis, length in enumerate(x.type.shape) if axis not in axes])
        return Apply(self, [x], [tensor_type(self.output_dtype(x.type.dtype), shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Reduce with NumPy, accumulating in the accumulator's dtype."""
        (x,) = inputs
        axes = self.axes(node.inputs[0].type.ndim)  # type: ignore[attr-defined]
        if self.record.identity is None and any(x.shape[axis] == 0 for axis in axes):
            raise ShapeError(
                f"{self.name} of no elements", got=f"shape {x.shape}, axis {axes}", origin=node.origin
            )
        keywords = {"dtype": self.accumulator_dtype(x.dtype.name)} if self.record.widens else {}
        with np.errstate(all="ignore"):
            result = getattr(np, self.record.numpy)(x, axis=axes, **keywords) if axes else x.copy()
        output_storage[0][0] = np.asarray(result, dtype=node.outputs[0].type.dtype)  # type: ignore[attr-defined]

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


def restore_axes(v: Any, axes: Sequence[int], ndim: int) -> Any:
    """Return `v` with the reduced dimensions put back, of length 1."""
    remaining = iter(range(v.type.ndim))
    return DimShuffle(v.type.broadcastable, ["x" if axis in axes else next(remaining) for axis in range(ndim)])(v)


def normalize_axes(axis: Any, ndim: int) -> tuple[int, ...] | None:
    """Return an axis argument as a sorted tuple of non-negative ints, or None for all.

    Raises
    ------
    ValueError
        If an axis is out of range or given twice.
    """
    if axis is None:
        return None
    if isinstance(axis, Variable):
        axis = FUNCTIONS["get_scalar_constant_value"](axis)
    axes = [axis] if isinstance(axis, int | np.integer) or np.ndim(axis) == 0 else list(axis)
    for item in axes:
        if not -ndim <= int(item) < ndim:
            raise ValueError(f"axis {item} is out of range for a tensor of {ndim} dimensions")
    normal = sorted({int(item) % ndim for item in axes})
    if len(normal) != len(axes):
        raise ValueError(f"an axis is given twice in {axis}")
    return tuple(normal)


def reduce_with(
    name: str, x: Any, axis: Any = None, *, keepdims: bool = False, dtype: Any = None, acc_dtype: Any = None
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
    """Return the gradient of a product: out / x, and the product of the others where a factor is 0."""
    zero = FUNCTIONS["eq"](x, 0)
    axes = [a for a, (kept, b) in enumerate(zip(out.type.broadcastable, x.type.broadcastable, strict=True)) if kept]
    zeros = reduce_with("sum", zero, axes, keepdims=True)
    others = reduce_with("prod", FUNCTIONS["switch"](zero, 1, x), axes, keepdims=True)
    single = FUNCTIONS["switch"](FUNCTIONS["eq"](zeros, 1) & zero, others, 0)
    quotient = FUNCTIONS["switch"](FUNCTIONS["eq"](zeros, 0), out / FUNCTIONS["switch"](zero, 1, x), single)
    return g * quotient


for _record in (
    ReductionRecord("sum", "sum", "x + y", 0, True, False, lambda x, out, g: g, lambda x, t, out: t,
                    "Sum of elements."),
    ReductionRecord("prod", "prod", "x * y", 1, True, False, _product_gradient,
                    lambda x, t, out: t * _product_gradient(x, out, FUNCTIONS["ones_like"](out)),
                    "Product of elements; its gradient is right also where factors are 0."),
    ReductionRecord("max", "max", "ts_maximum(x, y)", None, False, False,
                    lambda x, out, g: FUNCTIONS["eq"](x, out) * g, lambda x, t, out: FUNCTIONS["eq"](x, out) * t,
                    "Largest element; NaN if there is one. Equal largest elements share no gradient: each gets all."),
    ReductionRecord("min", "min", "ts_minimum(x, y)", None, False, False,
                    lambda x, out, g: FUNCTIONS["eq"](x, out) * g, lambda x, t, out: FUNCTIONS["eq"](x, out) * t,
                    "Smallest element; NaN if there is one."),
    ReductionRecord("all", "all", "x & y", 1, False, True, None, None, "Whether all elements are true (not 0)."),
    ReductionRecord("any", "any", "x | y", 0, False, True, None, None, "Whether any element is true (not 0)."),
):  # fmt: skip
    REDUCTIONS.add(_record.name, _record)


@public("sum", numpy=("sum",))
def sum(  # noqa: A001 - NumPy's name
    input: Any, axis: Axis = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
) -> Any:
    """Return the sum of elements over the given axes.

    Parameters
    ----------
    input : tensor
        Any tensor.
    axis : int or sequence of int, optional
        Dimensions summed over; all if not given.
    dtype : str, optional
        dtype of the result; integers default to int64 or uint64.
    keepdims : bool
        Whether the summed dimensions stay, with length 1 and broadcastable.
    acc_dtype : str, optional
        dtype to accumulate in; float16 accumulates in float32.

    Returns
    -------
    TensorVariable
        Empty sums are 0.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.sum(T.matrix(), axis=0).ndim
    1
    """
    return reduce_with("sum", input, axis, keepdims=keepdims, dtype=dtype, acc_dtype=acc_dtype)


@public("mean", numpy=("mean",))
def mean(
    input: Any,
    axis: Axis = None,
    dtype: Any = None,
    op: bool = False,
    keepdims: bool = False,
    acc_dtype: Any = None,
) -> Any:
    """Return the arithmetic mean over the given axes.

    Parameters
    ----------
    input : tensor
        Any tensor; integers are averaged in float64.
    axis : int or sequence of int, optional
        Dimensions averaged over; all if not given.
    dtype : str, optional
        dtype of the sum that is divided.
    op : bool
        Kept for Theano programs.
    keepdims : bool
        Whether the averaged dimensions stay, with length 1 and broadcastable.
    acc_dtype : str, optional
        dtype to accumulate in.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.mean(T.ivector()).dtype
    'float64'
    """
    x = as_tensor_variable(input)
    sum_dtype = dtype if dtype is not None else "float64" if is_discrete(x.type.dtype) else None
    total = reduce_with("sum", x, axis, keepdims=keepdims, dtype=sum_dtype, acc_dtype=acc_dtype)
    axes = normalize_axes(axis, x.type.ndim)
    count: Any = as_tensor_variable(np.int64(1))
    for dimension in range(x.type.ndim) if axes is None else axes:
        count = count * ShapeOf(dimension)(x)
    result_dtype = total.type.dtype if not is_discrete(total.type.dtype) else config.floatX
    mean_ = total / cast(count, "float32" if result_dtype == "float16" else result_dtype)
    return cast(mean_, result_dtype) if mean_.type.dtype != result_dtype and result_dtype == "float16" else mean_
