"""Shapes as expressions: shape vectors, lengths, vectors of scalars, and what of it is constant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import NotScalarConstantError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply, Constant, Variable
from tensorsym.language.arithmetic import cast, second
from tensorsym.language.dimshuffle import DimShuffle
from tensorsym.language.dtypes import is_discrete, upcast
from tensorsym.language.elementwise import Elementwise
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable, constant, scalar_value

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "MakeVector",
    "Shape",
    "ShapeOf",
    "constant_length",
    "get_scalar_constant_value",
    "see_through",
    "shape_entries",
]


class Shape(Op):
    """The shape of a tensor as a vector of int64."""

    __props__ = ()
    may_raise = False

    def make_node(self, x: Any) -> Apply:
        """Return the application on `x`."""
        x = x if isinstance(x, Variable) else as_tensor_variable(x)
        rank = getattr(x.type, "ndim", None)
        return Apply(self, [x], [TensorType("int64", shape=(rank,))()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return the shape."""
        output_storage[0][0] = np.array(np.shape(inputs[0]), dtype="int64")

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the rank."""
        return [(constant(np.int64(len(shapes[0]))),)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that a shape does not depend on the values."""
        return [[False]]

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        """Return that the input is disconnected."""
        return [FUNCTIONS["disconnected"]()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return that a shape does not change."""
        return [None]


class ShapeOf(Op):
    """The length of one dimension, a scalar of int64 (Theano's Shape_i)."""

    __props__ = ("i",)
    may_raise = False

    def __init__(self, i: int) -> None:
        self.i = i

    def make_node(self, x: Any) -> Apply:
        """Return the application on `x`."""
        x = x if isinstance(x, Variable) else as_tensor_variable(x)
        if self.i >= x.type.ndim:
            raise TypeError(f"{x} has no dimension {self.i}, it has {x.type.ndim}")
        return Apply(self, [x], [TensorType("int64", shape=())()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return the length."""
        output_storage[0][0] = np.array(np.shape(inputs[0])[self.i], dtype="int64")

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return that it is a scalar."""
        return [()]

    connection_pattern = Shape.connection_pattern
    grad = Shape.grad
    R_op = Shape.R_op

    def __str__(self) -> str:
        return f"Shape_i{{{self.i}}}"


class MakeVector(Op):
    """A vector of scalars."""

    __props__ = ("dtype",)
    may_raise = False

    def __init__(self, dtype: str = "int64") -> None:
        self.dtype = dtype

    def make_node(self, *inputs: Any) -> Apply:
        """Return the application on scalars, which are cast to the dtype if that loses nothing."""
        scalars = [as_tensor_variable(value) for value in inputs]
        for scalar in scalars:
            if scalar.type.ndim:
                raise TypeError(
                    f"a vector's elements are scalars, {scalar} has {scalar.type.ndim} dimensions"
                )
            if upcast(scalar.type.dtype, self.dtype) != self.dtype:
                raise TypeError(
                    f"{scalar} of {scalar.type.dtype} does not fit a vector of {self.dtype}"
                )
        scalars = [cast(scalar, self.dtype) for scalar in scalars]
        return Apply(self, scalars, [TensorType(self.dtype, shape=(len(scalars),))()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Return the vector."""
        output_storage[0][0] = np.array(inputs, dtype=self.dtype).reshape(len(inputs))

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the number of scalars."""
        return [(constant(np.int64(len(shapes))),)]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the elements of the gradient."""
        (g,) = output_grads
        if is_discrete(self.dtype):
            return [FUNCTIONS["zero_gradient"](x) for x in inputs]
        return [g[i] for i in range(len(inputs))]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the vector of tangents."""
        if all(t is None for t in eval_points):
            return [None]
        pairs = zip(inputs, eval_points, strict=True)
        return [self(*[FUNCTIONS["zeros_like"](x) if t is None else t for x, t in pairs])]


def constant_length(item: Any) -> int | None:
    """Return a length as an int if it is known while the graph is built."""
    try:
        return int(get_scalar_constant_value(item))
    except NotScalarConstantError:
        return None


def shape_entries(shp: Any, ndim: int) -> list[Any]:
    """Return the scalar entries of a shape vector."""
    if isinstance(shp, Constant):
        return [constant(np.int64(n)) for n in shp.data]
    if shp.owner is not None and isinstance(shp.owner.op, MakeVector):
        return list(shp.owner.inputs)
    if shp.owner is not None and isinstance(shp.owner.op, Shape):
        return [ShapeOf(i)(shp.owner.inputs[0]) for i in range(ndim)]
    return [shp[i] for i in range(ndim)]


@public("shape", numpy=("shape",))
def shape(x: Any) -> Any:
    """Return the shape of `x` as a vector of int64.

    Parameters
    ----------
    x : tensor
        Any tensor.

    Returns
    -------
    TensorVariable
        A vector of int64.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.shape(T.matrix()).dtype
    'int64'
    """
    return Shape()(x)


@public("get_scalar_constant_value")
def get_scalar_constant_value(
    v: Any, elemwise: bool = True, only_process_constants: bool = False, max_recur: int = 10
) -> Any:
    """Return the value of an expression that is constant and has one value, as a 0-d array.

    Parameters
    ----------
    v : tensor or number
        The expression. Shapes known from types, fills, casts and arithmetic of constants are seen
        through.
    elemwise : bool
        Whether elementwise ops are evaluated.
    only_process_constants : bool
        Whether only constants themselves count.
    max_recur : int
        How many ops are seen through.

    Returns
    -------
    numpy.ndarray
        The value, without dimensions.

    Raises
    ------
    NotScalarConstantError
        If the value is not known.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> int(T.get_scalar_constant_value(T.constant(3) + 4))
    7
    """
    if not isinstance(v, Variable) or isinstance(v, Constant):
        return scalar_value(v)
    node = v.owner
    if node is None or only_process_constants or max_recur <= 0:
        raise NotScalarConstantError(f"{v} is not a constant with one value")
    seen_through = _SEEN_THROUGH.get(type(node.op))
    if seen_through is None:
        raise NotScalarConstantError(f"{v} is not a constant with one value")
    return seen_through(node, elemwise, max_recur - 1)


def _value_of_length(node: Apply, elemwise: bool, depth: int) -> Any:
    known = node.inputs[0].type.shape[node.op.i]  # type: ignore[attr-defined]
    if known is None:
        raise NotScalarConstantError(f"the length {node} is not known")
    return np.array(known, dtype="int64")


def value_of_first(node: Apply, elemwise: bool, depth: int) -> Any:
    return get_scalar_constant_value(node.inputs[0], elemwise, False, depth)


def _value_of_elementwise(node: Apply, elemwise: bool, depth: int) -> Any:
    if not elemwise:
        raise NotScalarConstantError(f"{node} is not a constant")
    if node.op is second:
        return get_scalar_constant_value(node.inputs[1], elemwise, False, depth)
    values = [get_scalar_constant_value(v, elemwise, False, depth) for v in node.inputs]
    rank = node.outputs[0].type.ndim
    storage: Storage = [[None]]
    node.op.perform(node, [np.reshape(a, (1,) * rank) for a in values], storage)
    return storage[0][0].reshape(())


# Op class -> how its constant value is found; indexing adds Subtensor.
_SEEN_THROUGH: dict[type[Op], Any] = {
    ShapeOf: _value_of_length,
    Elementwise: _value_of_elementwise,
    DimShuffle: value_of_first,
}


def see_through(op_class: type[Op], how: Any) -> None:
    """Let `get_scalar_constant_value` see through an op by `how(node, elemwise, depth)`."""
    _SEEN_THROUGH[op_class] = how
