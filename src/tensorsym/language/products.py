"""Matrix products: `Dot` and what is built from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.errors import ShapeError
from tensorsym.graph.op import Op
from tensorsym.graph.variable import Apply
from tensorsym.language.arithmetic import cast, mul
from tensorsym.language.dtypes import is_complex, is_discrete, upcast
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = ["Dot", "dot", "gradient_of_operand"]


class Dot(Op):
    """Product of vectors and matrices; the operands have one or two dimensions each."""

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        """Return the application on two vectors or matrices."""
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        for v in (x, y):
            if v.type.ndim not in (1, 2):
                raise TypeError(f"dot takes vectors and matrices, {v} has {v.type.ndim} dimensions")
        inner_x, inner_y = x.type.shape[-1], y.type.shape[0]
        if inner_x is not None and inner_y is not None and inner_x != inner_y:
            raise ShapeError(
                "dot: inner lengths differ",
                got=f"{x} of shape {x.type.shape}, {y} of shape {y.type.shape}",
                expected="last length of the first equal to the first length of the second",
                origin=x.origin + y.origin,
            )  # fmt: skip
        shape = x.type.shape[:-1] + y.type.shape[1:]
        return Apply(self, [x, y], [TensorType(upcast(x.type.dtype, y.type.dtype), shape=shape)()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Multiply with NumPy."""
        x, y = inputs
        if x.shape[-1] != y.shape[0]:
            raise ShapeError(
                "dot: inner lengths differ",
                got=f"{node.inputs[0]} of shape {x.shape}, {node.inputs[1]} of shape {y.shape}",
                expected="last length of the first equal to the first length of the second",
                origin=node.origin,
            )  # fmt: skip
        output_storage[0][0] = np.asarray(np.dot(x, y), dtype=node.outputs[0].type.dtype)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the outer lengths."""
        return [tuple(shapes[0][:-1]) + tuple(shapes[1][1:])]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return the products of the gradient with the other operand transposed."""
        (x, y), (g,) = inputs, output_grads
        if is_discrete(outputs[0].type.dtype):
            return [FUNCTIONS["zero_gradient"](v) for v in inputs]
        x_, y_ = (_conjugate(v) for v in inputs)
        if g.type.ndim == 0:
            gradients = [g * y_, g * x_]
        elif x.type.ndim == 1:
            gradients = [dot(g, y_.T), dot(x_.dimshuffle(0, "x"), g.dimshuffle("x", 0))]
        elif y.type.ndim == 1:
            gradients = [dot(g.dimshuffle(0, "x"), y_.dimshuffle("x", 0)), dot(x_.T, g)]
        else:
            gradients = [dot(g, y_.T), dot(x_.T, g)]
        return [gradient_of_operand(d, v) for d, v in zip(gradients, inputs, strict=True)]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return the product rule's sum."""
        (x, y), (tx, ty) = inputs, eval_points
        terms = ([] if tx is None else [self(tx, y)]) + ([] if ty is None else [self(x, ty)])
        return [None if not terms else terms[0] if len(terms) == 1 else terms[0] + terms[1]]

    def __str__(self) -> str:
        return "dot"


def gradient_of_operand(gradient: Any, x: Any) -> Any:
    """Return the gradient of a product with the pattern, dtype kind and width of its operand.

    That by whole numbers is real, as if they were floats.
    """
    if is_complex(gradient.type.dtype) and not is_complex(x.type.dtype):
        gradient = FUNCTIONS["real"](gradient)
    if not is_discrete(x.type.dtype):
        gradient = cast(gradient, x.type.dtype)
    return FUNCTIONS["patternbroadcast"](gradient, x.type.broadcastable)


def _conjugate(v: Any) -> Any:
    return FUNCTIONS["conj"](v) if is_complex(v.type.dtype) else v


@public("dense_dot")
def dense_dot(a: Any, b: Any) -> Any:
    """Return the product of two dense tensors; see `dot`.

    Parameters
    ----------
    a, b : tensor
        Operands of any rank.

    Returns
    -------
    TensorVariable
        Of dtype `upcast(a.dtype, b.dtype)`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.dense_dot(T.matrix(), T.vector()).ndim
    1
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if a.type.ndim == 0 or b.type.ndim == 0:
        return mul(a, b)
    if a.type.ndim > 2 or b.type.ndim > 2:
        return FUNCTIONS["tensordot"](a, b, [[a.type.ndim - 1], [max(0, b.type.ndim - 2)]])
    return Dot()(a, b)


@public("dot", numpy=("dot",))
def dot(a: Any, b: Any) -> Any:
    """Return the product of vectors, matrices or tensors.

    The sum is over the last axis of `a` and the second last of `b`, or its only one.

    Parameters
    ----------
    a, b : tensor or array_like
        Operands; 0-d ones multiply.

    Returns
    -------
    TensorVariable
        Of dtype `upcast(a.dtype, b.dtype)`.

    Raises
    ------
    ShapeError
        If the inner lengths are known to differ.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.dot(T.matrix(), T.matrix()).ndim
    2
    """
    operands = [(a, "__dot__"), (b, "__rdot__")]
    # A sparse matrix knows tensors, which do not know it.
    operands.sort(key=lambda pair: -getattr(pair[0], "__array_priority__", 0))
    for operand, reflected in operands:
        if not isinstance(operand, np.ndarray | int | float) and hasattr(operand, reflected):
            return getattr(operand, reflected)(b if reflected == "__dot__" else a)
    return dense_dot(a, b)
