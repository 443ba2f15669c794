"""Derivatives of pooling: to the largest elements of windows, to all of them, and at the largest.

They are linear in gradients and tangents, so that second derivatives are these ops again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.graph.variable import Apply
from tensorsym.language.pooling import GRADIENTS, Pool, Pooling
from tensorsym.language.pooling_values import max_gradient, spread, total_at_maximum
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.tensortype import TensorType
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.graph.op import Storage

__all__ = [
    "AveragePoolGrad",
    "DownsampleFactorMaxGradGrad",
    "MaxPoolGrad",
    "PoolGrad",
    "max_pool_2d_same_size",
]


class PoolGrad(Pooling):
    """What gradients of pooling have in common: the shape of what was pooled."""

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape of what was pooled."""
        return [shapes[0]]


class _OfMaximum(Pooling):
    """What is linear in its third operand, which the places of the largest elements select."""

    def make_node(
        self, x: Any, maxout: Any, gz: Any, ws: Any, stride: Any = None, pad: Any = None
    ) -> Apply:
        """Return the application on what was pooled, the largest elements, and the operand."""
        x, maxout, gz = (as_tensor_variable(v) for v in (x, maxout, gz))
        self.check_rank(x, maxout, gz)
        shape = self._result_of(x, maxout).type.shape
        out = TensorType(gz.type.dtype, shape=shape)
        return Apply(self, [x, maxout, gz, *self.parameters(ws, stride, pad)], [out()])

    def _result_of(self, x: Any, maxout: Any) -> Any:
        """Return which of the two has the result's shape."""
        return x

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that sizes, steps and padding are not connected."""
        return [[True]] * 3 + [[False]] * 3

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return zeros, as the places do not change, and the transposed op of the gradient."""
        x, maxout, _, *parameters = inputs
        transposed = self._transposed()(x, maxout, output_grads[0], *parameters)
        zeros = [FUNCTIONS["zero_gradient"](v) for v in (x, maxout)]
        return [*zeros, transposed, *self.disconnected()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return this op of the operand's tangent."""
        x, maxout, _, *parameters = inputs
        tangent = eval_points[2]
        return [None if tangent is None else self(x, maxout, tangent, *parameters)]

    def _transposed(self) -> Any:
        raise AssertionError("each of the two names the other")


class MaxPoolGrad(_OfMaximum, PoolGrad):
    """Gradient of the largest elements: each goes to all elements of its window that equal it."""

    def __init__(self, ignore_border: bool, ndim: int = 2, openmp: bool | None = None) -> None:
        super().__init__(ignore_border, "max", ndim)

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Add up with NumPy."""
        x, maxout, g, *parameters = inputs
        windows = self.windows(node, x.shape, *parameters)
        output_storage[0][0] = max_gradient(x, maxout, g, windows)

    def _transposed(self) -> Any:
        return DownsampleFactorMaxGradGrad(self.ignore_border, ndim=self.ndim)


class DownsampleFactorMaxGradGrad(_OfMaximum):
    """Sum, for each window, of the operand at the places of the window's largest elements."""

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Add up with NumPy."""
        x, maxout, tangent, *parameters = inputs
        windows = self.windows(node, x.shape, *parameters)
        output_storage[0][0] = total_at_maximum(x, maxout, tangent, windows)

    def infer_shape(self, node: Apply, shapes: list[Any]) -> list[Any]:
        """Return the shape after pooling."""
        return [shapes[1]]

    def _result_of(self, x: Any, maxout: Any) -> Any:
        return maxout

    def _transposed(self) -> Any:
        return MaxPoolGrad(self.ignore_border, self.ndim)


class AveragePoolGrad(PoolGrad):
    """Gradient of sums or averages: each window's, shared among its elements."""

    def __init__(
        self,
        ignore_border: bool,
        mode: str = "average_inc_pad",
        ndim: int = 2,
        openmp: bool | None = None,
    ) -> None:
        super().__init__(ignore_border, mode, ndim)

    def make_node(self, x: Any, gz: Any, ws: Any, stride: Any = None, pad: Any = None) -> Apply:
        """Return the application on what was pooled, and the gradient."""
        x, gz = as_tensor_variable(x), as_tensor_variable(gz)
        self.check_rank(x, gz)
        out = TensorType(gz.type.dtype, shape=x.type.shape)
        return Apply(self, [x, gz, *self.parameters(ws, stride, pad)], [out()])

    def perform(self, node: Apply, inputs: list[Any], output_storage: Storage) -> None:
        """Add up with NumPy."""
        x, g, *parameters = inputs
        windows = self.windows(node, x.shape, *parameters)
        output_storage[0][0] = spread(g, windows, self.mode, g.dtype)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return that sizes, steps and padding are not connected."""
        return [[True], [True], [False], [False], [False]]

    def L_op(self, inputs: Any, outputs: Any, output_grads: Any) -> list[Any]:
        """Return zero for what was pooled, and the gradient pooled."""
        x, _, *parameters = inputs
        back = Pool(self.ignore_border, self.mode, self.ndim)(output_grads[0], *parameters)
        return [FUNCTIONS["zero_gradient"](x), back, *self.disconnected()]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """Return this op of the gradient's tangent."""
        x, _, *parameters = inputs
        tangent = eval_points[1]
        return [None if tangent is None else self(x, tangent, *parameters)]


GRADIENTS.add("max", MaxPoolGrad)
GRADIENTS.add("average", AveragePoolGrad)
GRADIENTS.add("at_maximum", DownsampleFactorMaxGradGrad)


@public("max_pool_2d_same_size")
def max_pool_2d_same_size(input: Any, patch_size: Any) -> Any:
    """Return a tensor whose elements are kept where they are a patch's largest, and 0 elsewhere.

    Parameters
    ----------
    input : tensor
        Of at least two dimensions; patches lie in the last two.
    patch_size : pair of int, or vector of integers
        Size of a patch; elements at the end that fill no patch become 0.

    Returns
    -------
    TensorVariable
        Of the shape and dtype of `input`.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.max_pool_2d_same_size(T.tensor4(), (2, 2)).ndim
    4
    """
    output = Pool(True)(input, patch_size)
    return MaxPoolGrad(True)(input, output, output, patch_size)
