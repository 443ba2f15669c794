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
