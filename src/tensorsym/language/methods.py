"""Methods of tensor expressions, each a call of the public function of the same meaning.

The functions are found by name in `language.table`, because they are built from this class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.language.table import FUNCTIONS

if TYPE_CHECKING:
    import numpy as np

__all__ = ["TensorMethods"]


class TensorMethods:
    """NumPy's methods of arrays, for symbols."""

    __slots__ = ()

    def all(self, axis: Any = None, keepdims: Any = False) -> Any:
        """Return `tensor.all` of this tensor."""
        return FUNCTIONS["all"](self, axis=axis, keepdims=keepdims)

    def any(self, axis: Any = None, keepdims: Any = False) -> Any:
        """Return `tensor.any` of this tensor."""
        return FUNCTIONS["any"](self, axis=axis, keepdims=keepdims)

    def argmax(self, axis: Any = None, keepdims: Any = False) -> Any:
        """Return `tensor.argmax` of this tensor."""
        return FUNCTIONS["argmax"](self, axis=axis, keepdims=keepdims)

    def argmin(self, axis: Any = None, keepdims: Any = False) -> Any:
        """Return `tensor.argmin` of this tensor."""
        return FUNCTIONS["argmin"](self, axis=axis, keepdims=keepdims)

    def argsort(self, axis: Any = -1, kind: Any = "quicksort", order: Any = None) -> Any:
        """Return `tensor.argsort` of this tensor."""
        return FUNCTIONS["argsort"](self, axis=axis, kind=kind, order=order)

    def choose(self, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
        """Return `tensor.choose` of this tensor."""
        return FUNCTIONS["choose"](self, choices, out=out, mode=mode)

    def cumprod(self, axis: Any = None) -> Any:
        """Return `tensor.cumprod` of this tensor."""
        return FUNCTIONS["cumprod"](self, axis=axis)

    def cumsum(self, axis: Any = None) -> Any:
        """Return `tensor.cumsum` of this tensor."""
        return FUNCTIONS["cumsum"](self, axis=axis)

    def diagonal(self, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
        """Return `tensor.diagonal` of this tensor."""
        return FUNCTIONS["diagonal"](self, offset=offset, axis1=axis1, axis2=axis2)

    def max(self, axis: Any = None, keepdims: Any = False) -> Any:
        """Return `tensor.max` of this tensor."""
        return FUNCTIONS["max"](self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: Any = False) -> Any:
        """Return `tensor.min` of this tensor."""
        return FUNCTIONS["min"](self, axis=axis, keepdims=keepdims)

    def mean(
        self, axis: Any = None, dtype: Any = None, keepdims: Any = False, acc_dtype: Any = None
    ) -> Any:
        """Return `tensor.mean` of this tensor."""
        return FUNCTIONS["mean"](
            self, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype
        )

    def nonzero(self, return_matrix: Any = False) -> Any:
        """Return `tensor.nonzero` of this tensor."""
        return FUNCTIONS["nonzero"](self, return_matrix=return_matrix)

    def nonzero_values(self) -> Any:
        """Return `tensor.nonzero_values` of this tensor."""
        return FUNCTIONS["nonzero_values"](self)

    def prod(
        self, axis: Any = None, dtype: Any = None, keepdims: Any = False, acc_dtype: Any = None
    ) -> Any:
        """Return `tensor.prod` of this tensor."""
        return FUNCTIONS["prod"](
            self, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype
        )

    def ptp(self, axis: Any = None) -> Any:
        """Return `tensor.ptp` of this tensor."""
        return FUNCTIONS["ptp"](self, axis=axis)

    def repeat(self, repeats: Any, axis: Any = None) -> Any:
        """Return `tensor.repeat` of this tensor."""
        return FUNCTIONS["repeat"](self, repeats, axis=axis)

    def reshape(self, shape: Any, ndim: Any = None) -> Any:
        """Return `tensor.reshape` of this tensor."""
        return FUNCTIONS["reshape"](self, shape, ndim=ndim)

    def round(self, mode: Any = None) -> Any:
        """Return `tensor.round` of this tensor."""
        return FUNCTIONS["round"](self, mode=mode)

    def searchsorted(self, v: Any, side: Any = "left", sorter: Any = None) -> Any:
        """Return `tensor.searchsorted` of this tensor."""
        return FUNCTIONS["searchsorted"](self, v, side=side, sorter=sorter)

    def sort(self, axis: Any = -1, kind: Any = "quicksort", order: Any = None) -> Any:
        """Return `tensor.sort` of this tensor."""
        return FUNCTIONS["sort"](self, axis=axis, kind=kind, order=order)

    def squeeze(self, axis: Any = None) -> Any:
        """Return `tensor.squeeze` of this tensor."""
        return FUNCTIONS["squeeze"](self, axis=axis)

    def std(
        self, axis: Any = None, ddof: Any = 0, keepdims: Any = False, corrected: Any = False
    ) -> Any:
        """Return `tensor.std` of this tensor."""
        return FUNCTIONS["std"](self, axis=axis, ddof=ddof, keepdims=keepdims, corrected=corrected)

    def sum(
        self, axis: Any = None, dtype: Any = None, keepdims: Any = False, acc_dtype: Any = None
    ) -> Any:
        """Return `tensor.sum` of this tensor."""
        return FUNCTIONS["sum"](
            self, axis=axis, dtype=dtype, keepdims=keepdims, acc_dtype=acc_dtype
        )

    def swapaxes(self, axis1: Any, axis2: Any) -> Any:
        """Return `tensor.swapaxes` of this tensor."""
        return FUNCTIONS["swapaxes"](self, axis1, axis2)

    def take(self, indices: Any, axis: Any = None, mode: Any = "raise") -> Any:
        """Return `tensor.take` of this tensor."""
        return FUNCTIONS["take"](self, indices, axis=axis, mode=mode)

    def trace(self) -> Any:
        """Return `tensor.trace` of this tensor."""
        return FUNCTIONS["trace"](self)

    def var(
        self, axis: Any = None, ddof: Any = 0, keepdims: Any = False, corrected: Any = False
    ) -> Any:
        """Return `tensor.var` of this tensor."""
        return FUNCTIONS["var"](self, axis=axis, ddof=ddof, keepdims=keepdims, corrected=corrected)

    def zeros_like(self, dtype: Any = None) -> Any:
        """Return `tensor.zeros_like` of this tensor."""
        return FUNCTIONS["zeros_like"](self, dtype=dtype)

    def ones_like(self, dtype: Any = None) -> Any:
        """Return `tensor.ones_like` of this tensor."""
        return FUNCTIONS["ones_like"](self, dtype=dtype)

    def clip(self, a_min: Any, a_max: Any) -> Any:
        """Return `tensor.clip` of this tensor."""
        return FUNCTIONS["clip"](self, a_min, a_max)

    def arccos(self) -> Any:
        """Return `tensor.arccos` of this tensor."""
        return FUNCTIONS["arccos"](self)

    def arccosh(self) -> Any:
        """Return `tensor.arccosh` of this tensor."""
        return FUNCTIONS["arccosh"](self)

    def arcsin(self) -> Any:
        """Return `tensor.arcsin` of this tensor."""
        return FUNCTIONS["arcsin"](self)

    def arcsinh(self) -> Any:
        """Return `tensor.arcsinh` of this tensor."""
        return FUNCTIONS["arcsinh"](self)

    def arctan(self) -> Any:
        """Return `tensor.arctan` of this tensor."""
        return FUNCTIONS["arctan"](self)

    def arctanh(self) -> Any:
        """Return `tensor.arctanh` of this tensor."""
        return FUNCTIONS["arctanh"](self)

    def ceil(self) -> Any:
        """Return `tensor.ceil` of this tensor."""
        return FUNCTIONS["ceil"](self)

    def conj(self) -> Any:
        """Return `tensor.conj` of this tensor."""
        return FUNCTIONS["conj"](self)

    def conjugate(self) -> Any:
        """Return `tensor.conj` of this tensor."""
        return FUNCTIONS["conj"](self)

    def cos(self) -> Any:
        """Return `tensor.cos` of this tensor."""
        return FUNCTIONS["cos"](self)

    def cosh(self) -> Any:
        """Return `tensor.cosh` of this tensor."""
        return FUNCTIONS["cosh"](self)

    def deg2rad(self) -> Any:
        """Return `tensor.deg2rad` of this tensor."""
        return FUNCTIONS["deg2rad"](self)

    def exp(self) -> Any:
        """Return `tensor.exp` of this tensor."""
        return FUNCTIONS["exp"](self)

    def exp2(self) -> Any:
        """Return `tensor.exp2` of this tensor."""
        return FUNCTIONS["exp2"](self)

    def expm1(self) -> Any:
        """Return `tensor.expm1` of this tensor."""
        return FUNCTIONS["expm1"](self)

    def floor(self) -> Any:
        """Return `tensor.floor` of this tensor."""
        return FUNCTIONS["floor"](self)

    def log(self) -> Any:
        """Return `tensor.log` of this tensor."""
        return FUNCTIONS["log"](self)

    def log10(self) -> Any:
        """Return `tensor.log10` of this tensor."""
        return FUNCTIONS["log10"](self)

    def log1p(self) -> Any:
        """Return `tensor.log1p` of this tensor."""
        return FUNCTIONS["log1p"](self)

    def log2(self) -> Any:
        """Return `tensor.log2` of this tensor."""
        return FUNCTIONS["log2"](self)

    def rad2deg(self) -> Any:
        """Return `tensor.rad2deg` of this tensor."""
        return FUNCTIONS["rad2deg"](self)

    def sin(self) -> Any:
        """Return `tensor.sin` of this tensor."""
        return FUNCTIONS["sin"](self)

    def sinh(self) -> Any:
        """Return `tensor.sinh` of this tensor."""
        return FUNCTIONS["sinh"](self)

    def sqrt(self) -> Any:
        """Return `tensor.sqrt` of this tensor."""
        return FUNCTIONS["sqrt"](self)

    def tan(self) -> Any:
        """Return `tensor.tan` of this tensor."""
        return FUNCTIONS["tan"](self)

    def tanh(self) -> Any:
        """Return `tensor.tanh` of this tensor."""
        return FUNCTIONS["tanh"](self)

    def trunc(self) -> Any:
        """Return `tensor.trunc` of this tensor."""
        return FUNCTIONS["trunc"](self)

    def ravel(self) -> Any:
        """Return `tensor.ravel` of this tensor."""
        return FUNCTIONS["ravel"](self)

    def astype(self, dtype: Any) -> Any:
        """Return this tensor cast to `dtype`."""
        return FUNCTIONS["cast"](self, dtype)

    def transpose(self, *axes: Any) -> Any:
        """Return this tensor with its dimensions reversed, or in the order of `axes`."""
        order = axes[0] if len(axes) == 1 and isinstance(axes[0], list | tuple) else axes
        return FUNCTIONS["transpose"](self, order or None)

    def dimshuffle(self, *pattern: Any) -> Any:
        """Return this tensor with dimensions reordered, dropped and added ('x')."""
        return FUNCTIONS["dimshuffle"](self, *pattern)

    def flatten(self, ndim: int = 1) -> Any:
        """Return this tensor with its last dimensions joined, so that `ndim` remain."""
        return FUNCTIONS["flatten"](self, ndim)

    def fill(self, value: Any) -> Any:
        """Return a tensor of this shape filled with `value`."""
        return FUNCTIONS["fill"](self, value)

    def dot(self, other: Any) -> Any:
        """Return the product with `other`."""
        return FUNCTIONS["dot"](self, other)

    def __dot__(self, other: Any) -> Any:
        return FUNCTIONS["dense_dot"](self, other)

    def __rdot__(self, other: Any) -> Any:
        return FUNCTIONS["dense_dot"](other, self)

    def norm(self, L: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the L-norm, sum(abs(x)**L)**(1/L), or for L = numpy.inf the largest modulus."""
        return FUNCTIONS["vector_norm"](self, L, axis=axis, keepdims=keepdims)

    def compress(self, a: Any, axis: Any = None) -> Any:
        """Return the parts of `a` along `axis` where this condition holds."""
        return FUNCTIONS["compress"](self, a, axis=axis)

    def copy(self, name: str | None = None) -> Any:
        """Return a copy with its own memory."""
        twin = FUNCTIONS["tensor_copy"](self)
        twin.name = name
        return twin

    def get_scalar_constant_value(self) -> np.ndarray[Any, Any]:
        """Return the value of a constant scalar expression, or raise NotScalarConstantError."""
        return FUNCTIONS["get_scalar_constant_value"](self)  # type: ignore[no-any-return]

    def transfer(self, target: Any) -> Any:
        """Return this tensor on another device."""
        return FUNCTIONS["transfer"](self, target)
