"""Operators of tensor expressions, each a call of the public function of the same meaning.

The functions are found by name in `language.table`, because they are built from this class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import AsTensorError, LengthError
from tensorsym.language.methods import TensorMethods
from tensorsym.language.table import FUNCTIONS, NUMPY

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TensorOperators"]

COMPARISONS = frozenset({"lt", "le", "gt", "ge"})


def _operate(name: str, left: Any, right: Any) -> Any:
    """Return the operator's result, or NotImplemented where the other operand is no tensor."""
    try:
        return FUNCTIONS[name](left, right)
    except AsTensorError:
        return NotImplemented


class TensorOperators(TensorMethods):
    """NumPy's operators for symbols: base of tensor variables, constants and shared variables."""

    __slots__ = ()
    __array_priority__ = 1000
    type: Any

    @property
    def dtype(self) -> str:
        """The dtype's name."""
        return str(self.type.dtype)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return int(self.type.ndim)

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """Which dimensions are known to have length 1 and broadcast."""
        pattern: tuple[bool, ...] = self.type.broadcastable
        return pattern

    @property
    def shape(self) -> Any:
        """The shape, a symbolic vector of int64."""
        return FUNCTIONS["shape"](self)

    @property
    def size(self) -> Any:
        """The number of elements, a symbolic int64."""
        return FUNCTIONS["size"](self)

    @property
    def T(self) -> Any:
        """The transpose."""
        return FUNCTIONS["transpose"](self)

    @property
    def real(self) -> Any:
        """The real part."""
        return FUNCTIONS["real"](self)

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return FUNCTIONS["imag"](self)

    def __abs__(self) -> Any:
        return FUNCTIONS["abs_"](self)

    def __neg__(self) -> Any:
        return FUNCTIONS["neg"](self)

    def __pos__(self) -> Any:
        return self

    def __invert__(self) -> Any:
        return FUNCTIONS["invert"](self)

    def __ceil__(self) -> Any:
        return FUNCTIONS["ceil"](self)

    def __floor__(self) -> Any:
        return FUNCTIONS["floor"](self)

    def __trunc__(self) -> Any:
        return FUNCTIONS["trunc"](self)

    def __round__(self, digits: int = 0) -> Any:
        if digits:
            raise ValueError("symbols are rounded to integers only; scale before and after")
        return FUNCTIONS["round"](self)

    def __bool__(self) -> bool:
        # As in Theano a symbol is true, so that `if mask:` asks whether there is one; a
        # comparison is refused.
        owner = getattr(self, "owner", None)
        if owner is not None and str(getattr(owner.op, "name", "")) in COMPARISONS:
            raise TypeError(
                "a symbolic comparison has no truth value; use T.switch(condition, a, b), "
                "or & and | instead of and, or"
            )
        return True

    def __len__(self) -> int:
        raise TypeError("the length of a symbolic tensor is not known; use x.shape[0]")

    def __iter__(self) -> Iterator[Any]:
        length = FUNCTIONS["known_length"](self)
        if length is None:
            raise LengthError(
                "a symbolic tensor of unknown length can not be iterated",
                hint="use scan or map, or x[i]",
            )
        for i in range(length):
            yield self[i]

    def __contains__(self, item: Any) -> bool:
        raise TypeError("'in' is not symbolic; use T.any(T.eq(x, item))")

    def __lt__(self, other: Any) -> Any:
        return _operate("lt", self, other)

    def __le__(self, other: Any) -> Any:
        return _operate("le", self, other)

    def __gt__(self, other: Any) -> Any:
        return _operate("gt", self, other)

    def __ge__(self, other: Any) -> Any:
        return _operate("ge", self, other)

    def __add__(self, other: Any) -> Any:
        return _operate("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _operate("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _operate("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _operate("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return _operate("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _operate("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _operate("true_div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _operate("true_div", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return _operate("int_div", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _operate("int_div", other, self)

    def __mod__(self, other: Any) -> Any:
        return _operate("mod", self, other)

    def __rmod__(self, other: Any) -> Any:
        return _operate("mod", other, self)

    def __pow__(self, other: Any, modulus: None = None) -> Any:
        if modulus is not None:
            raise TypeError("a symbolic power takes no modulus; use x**n % m")
        return _operate("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return _operate("pow", other, self)

    def __and__(self, other: Any) -> Any:
        return _operate("and_", self, other)

    def __rand__(self, other: Any) -> Any:
        return _operate("and_", other, self)

    def __or__(self, other: Any) -> Any:
        return _operate("or_", self, other)

    def __ror__(self, other: Any) -> Any:
        return _operate("or_", other, self)

    def __xor__(self, other: Any) -> Any:
        return _operate("xor", self, other)

    def __rxor__(self, other: Any) -> Any:
        return _operate("xor", other, self)

    def __lshift__(self, other: Any) -> Any:
        return _operate("left_shift", self, other)

    def __rlshift__(self, other: Any) -> Any:
        return _operate("left_shift", other, self)

    def __rshift__(self, other: Any) -> Any:
        return _operate("right_shift", self, other)

    def __rrshift__(self, other: Any) -> Any:
        return _operate("right_shift", other, self)

    def __matmul__(self, other: Any) -> Any:
        return _operate("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _operate("matmul", other, self)

    def __divmod__(self, other: Any) -> Any:
        return _operate("divmod", self, other)

    def __rdivmod__(self, other: Any) -> Any:
        return _operate("divmod", other, self)

    def __getitem__(self, index: Any) -> Any:
        return FUNCTIONS["getitem"](self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError("symbolic tensors do not change; use y = T.set_subtensor(x[index], value)")

    def __delitem__(self, index: Any) -> None:
        raise TypeError("symbolic tensors do not change; elements can not be deleted")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        function = NUMPY.get(ufunc.__name__)
        if function is None or method != "__call__" or any(v is not None for v in kwargs.values()):
            return NotImplemented
        return function(*inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        symbolic = NUMPY.get(function.__name__)
        return NotImplemented if symbolic is None else symbolic(*args, **kwargs)
<<<<<<< HEAD

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

    def norm(self, L: Any, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: N803 - Theano's name
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
=======
>>>>>>> language
