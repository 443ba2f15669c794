"""Tensors made from numbers: ranges, fills of any value, and memory to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.errors import (
    ComplexError,
    DTypeError,
    IndexStepError,
    NotScalarConstantError,
    RankError,
)
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.arithmetic import cast, eq, second, switch, true_divide
from tensorsym.language.dtypes import (
    INT,
    UINT,
    canonical_dtype,
    is_complex,
    is_discrete,
    upcast,
)
from tensorsym.language.filling import alloc
from tensorsym.language.reshape import lengths_of
from tensorsym.language.shape import ShapeOf, constant_length
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["ARange", "AllocEmpty", "arange", "empty", "full", "full_like", "linspace"]


class ARange(Op):
    """The numbers from a start, in steps, to before a stop; inputs are these three scalars.

    Parameters
    ----------
    dtype : str
        dtype of the result.
    """

    __props__ = ("dtype",)

    def __init__(self, dtype: Any) -> None:
        self.dtype = canonical_dtype(dtype)

    def make_node(self, start: Any, stop: Any, step: Any) -> Apply:
        """Return the application on three scalars."""
        scalars = [as_tensor_variable(value) for value in (start, stop, step)]
        for scalar in scalars:
            if scalar.type.ndim:
                raise RankError(
                    "arange takes scalars",
                    got=f"{scalar} of type {scalar.type}",
                    origin=scalar.origin,
                )
            if is_complex(scalar.type.dtype):
                raise ComplexError(
                    "arange: complex numbers have no order", got=f"{scalar} of {scalar.type.dtype}"
                )
        known = [_known(scalar) for scalar in scalars]
        length = None if any(value is None for value in known) else range_length(*known)
        return Apply(self, scalars, [TensorType(self.dtype, shape=(length,))()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Count with NumPy."""
        start, stop, step = inputs
        plain = self.dtype == "int64" and start == 0 and step == 1
        if plain and np.asarray(stop).dtype.kind in "biu":  # the rows of a batch, in every step
            output_storage[0][0] = np.arange(int(stop), dtype="int64")
            return
        count = np.arange(range_length(start, stop, step, node), dtype="int64")
        with np.errstate(all="ignore"):
            first = np.asarray(start).astype(self.dtype)
            if is_discrete(self.dtype):
                values = first + count.astype(self.dtype) * np.asarray(step).astype(self.dtype)
            else:
                # As NumPy does: the step is the difference of the first two numbers when rounded.
                wide = np.float32 if self.dtype == "float16" else first.dtype
                difference = np.asarray(start + step).astype(self.dtype).astype(wide) - first
                values = first.astype(wide) + count.astype(wide) * difference
            output_storage[0][0] = values.astype(self.dtype)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the number of steps."""
        known = node.outputs[0].type.shape[0]
        if known is not None:
            return [(constant(np.int64(known)),)]
        start, stop, step = node.inputs
        least = constant(np.int64(0))
        if all(is_discrete(v.type.dtype) for v in node.inputs):
            start, stop, step = (cast(v, "int64") for v in node.inputs)
            span = stop if constant_length(start) == 0 else stop - start
            count = span if constant_length(step) == 1 else -FUNCTIONS["int_div"](-span, step)
        else:
            start, stop, step = (cast(v, "float64") for v in node.inputs)
            count = cast(FUNCTIONS["ceil"]((stop - start) / step), "int64")
        return [(FUNCTIONS["maximum"](count, least),)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that start and step are connected; the stop only bounds the count."""
        return [[True], [False], [True]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the gradient summed for the start, and summed by place for the step."""
        start, _, step = inputs
        (g,) = output_grads
        none = FUNCTIONS["disconnected"]()
        if is_discrete(self.dtype):
            return [FUNCTIONS["zero_gradient"](start), none, FUNCTIONS["zero_gradient"](step)]
        places = cast(arange(ShapeOf(0)(outputs[0])), g.type.dtype)
        return [FUNCTIONS["sum"](g), none, FUNCTIONS["sum"](g * places)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the tangent of the start, and that of the step times the place."""
        start, _, step = eval_points
        if is_discrete(self.dtype) or (start is None and step is None):
            return [None]
        out = self(*inputs)
        total = second(out, cast(constant(0), self.dtype) if start is None else start)
        if step is not None:
            total = total + cast(arange(ShapeOf(0)(out)), self.dtype) * step
        return [cast(total, self.dtype)]

    def __str__(self) -> str:
        return f"ARange{{dtype='{self.dtype}'}}"


def _known(scalar: Any) -> Any:
    """Return the value of a scalar if it is known while the graph is built, else None."""
    try:
        return FUNCTIONS["get_scalar_constant_value"](scalar)
    except NotScalarConstantError:
        return None


def range_length(start: Any, stop: Any, step: Any, node: Apply | None = None) -> int:
    """Return how many steps lead to before stop: exact for integers, else in float64."""
    if step == 0:
        raise IndexStepError(
            "arange: the step can not be zero", origin=() if node is None else node.origin
        )
    if all(np.asarray(value).dtype.kind in "biu" for value in (start, stop, step)):
        return len(range(int(start), int(stop), int(step)))
    count = np.ceil((np.float64(stop) - np.float64(start)) / np.float64(step))
    if not np.isfinite(count):
        raise IndexStepError(
            "arange: the number of steps is not finite",
            got=f"start {start}, stop {stop}, step {step}",
            origin=() if node is None else node.origin,
        )
    return max(0, int(count))


@public("arange", numpy=("arange",))
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """Return the numbers from `start`, in steps, to before `stop`.

    Parameters
    ----------
    start : scalar
        The first number; if it is the only argument, the stop, and the first number is 0.
    stop : scalar, optional
        Where to end; not part of the result.
    step : scalar
        Difference of neighbours; it may be negative.
    dtype : str, optional
        Of the result. By default int64 (uint64) where all arguments are integers, else their common
        dtype.

    Returns
    -------
    TensorVariable
        A vector.

    Raises
    ------
    ValueError
        If the step is 0.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.arange(3).dtype, T.arange(3.0).dtype
    ('int64', 'float32')
    """
    if stop is None:
        start, stop = 0, start
    start, stop, step = (as_tensor_variable(value) for value in (start, stop, step))
    if dtype is None:
        dtype = _range_dtype([start.type.dtype, stop.type.dtype, step.type.dtype])
    return ARange(dtype)(start, stop, step)


def _range_dtype(dtypes: list[str]) -> str:
    common = upcast(*dtypes)
    if common in INT or common == "bool":
        return "int64"
    if common in UINT:
        return "uint64"
    narrow = config.cast_policy == "numpy+floatX" and config.floatX == "float32"
    if narrow and common == "float64" and "float64" not in dtypes:
        return "float32"
    return common


@public("linspace", numpy=("linspace",))
def linspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None) -> Any:
    """Return numbers evenly spaced over an interval.

    Parameters
    ----------
    start, stop : scalar
        The ends of the interval.
    num : int or scalar
        How many numbers.
    endpoint : bool
        Whether `stop` is the last of them.
    dtype : str, optional
        Of the result; by default the float dtype that holds both ends.

    Returns
    -------
    TensorVariable
        A vector; its ends are exact.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.linspace(0.0, 1.0, 5).type.shape
    (5,)
    """
    start, stop, num = (as_tensor_variable(value) for value in (start, stop, num))
    common = upcast(start.type.dtype, stop.type.dtype, config.floatX)
    start, stop = cast(start, common), cast(stop, common)
    places = arange(cast(num, "int64"))
    steps = FUNCTIONS["maximum"](cast(num, "int64") - int(endpoint), 1)
    values = start + cast(places, common) * true_divide(stop - start, cast(steps, common))
    if endpoint:
        # Start plus all steps may miss the stop by a rounding error.
        values = switch(eq(places, steps), stop, values)
    return cast(values, common if dtype is None else dtype)


@public("full", numpy=("full",))
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """Return a tensor filled with a value.

    Parameters
    ----------
    shape : int, sequence of int or scalar, or vector of known length
        The lengths.
    fill_value : tensor or number
        The value; it may be a tensor that broadcasts to the shape.
    dtype : str, optional
        Of the value if not given.

    Returns
    -------
    TensorVariable
        Of the given shape.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.full((2, 3), 7, dtype="float32").type.shape
    (2, 3)
    """
    value = as_tensor_variable(fill_value)
    return alloc(value if dtype is None else cast(value, dtype), *lengths_of(shape))


@public("full_like", numpy=("full_like",))
def full_like(a: Any, fill_value: Any, dtype: Any = None) -> Any:
    """Return a tensor of the shape of `a` filled with a value.

    Parameters
    ----------
    a : tensor
        Any tensor.
    fill_value : tensor or number
        The value.
    dtype : str, optional
        Of `a` if not given.

    Returns
    -------
    TensorVariable
        Of the shape of `a`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.full_like(T.fvector(), 2).dtype
    'float32'
    """
    a = as_tensor_variable(a)
    return second(a, cast(as_tensor_variable(fill_value), a.type.dtype if dtype is None else dtype))


class AllocEmpty(Op):
    """A new tensor of the given shape, whose elements are to be written before they are read.

    Parameters
    ----------
    dtype : str
        dtype of the tensor.
    """

    __props__ = ("dtype",)

    def __init__(self, dtype: Any) -> None:
        self.dtype = canonical_dtype(dtype)

    def make_node(self, *lengths: Any) -> Apply:
        """Return the application on scalar integer lengths."""
        scalars = [as_tensor_variable(n) for n in lengths]
        for n in scalars:
            if n.type.ndim or not is_discrete(n.type.dtype):
                raise DTypeError("a length is a scalar integer", got=f"{n} of type {n.type}")
        return Apply(
            self, scalars, [TensorType(self.dtype, shape=[constant_length(n) for n in scalars])()]
        )

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return zeros: what is read too early is at least the same each time."""
        output_storage[0][0] = np.zeros([int(n) for n in inputs], dtype=self.dtype)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the lengths."""
        return [tuple(cast(n, "int64") for n in node.inputs)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that the elements do not depend on the lengths."""
        return [[False] for _ in node.inputs]

    def do_constant_folding(self, node: Apply) -> bool:
        """Refuse: there is nothing to keep."""
        return False

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return that the lengths are disconnected."""
        return [FUNCTIONS["disconnected"]() for _ in inputs]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that nothing changes."""
        return [None]

    def __str__(self) -> str:
        return f"AllocEmpty{{dtype='{self.dtype}'}}"


@public("empty")
def empty(shape: Any, dtype: Any = None) -> Any:
    """Return a tensor whose elements are to be written before they are read.

    Parameters
    ----------
    shape : int, sequence of int or scalar, or vector of known length
        The lengths.
    dtype : str, optional
        floatX if not given.

    Returns
    -------
    TensorVariable
        Of the given shape and dtype; a function fills it with whatever was there.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.empty((2, 3)).type.shape
    (2, 3)
    """
    return AllocEmpty(config.floatX if dtype is None else dtype)(*lengths_of(shape))
