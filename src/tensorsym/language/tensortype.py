"""`TensorType`: arrays of one dtype and rank, with what is known of their shape."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorsym.config import config
from tensorsym.errors import (
    ConversionError,
    DTypeError,
    IntegerRangeError,
    RankError,
    ShapeError,
    StaticShapeError,
)
from tensorsym.graph.type import Type
from tensorsym.graph.variable import Variable
from tensorsym.language.dtypes import ALL, canonical_dtype, is_complex, upcast
from tensorsym.language.table import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

__all__ = ["TensorType", "tensor_type"]

StaticShape = tuple[int | None, ...]

# Above this size two constants are the same only if they are the same object: hashing would cost
# more than it saves.
LARGEST_KEYED_CONSTANT = 64 * 1024
# Relative tolerance of "equal but for rounding", Theano's figures.
RTOL = {"float16": 1e-2, "float32": 1e-5, "complex64": 1e-5, "float64": 1e-5, "complex128": 1e-5}
SHORT_NAMES = {0: "scalar", 1: "vector", 2: "matrix", 3: "3D", 4: "4D", 5: "5D", 6: "6D", 7: "7D"}


class TensorType(Type):
    """Arrays of one dtype and number of dimensions.

    Parameters
    ----------
    dtype : str or numpy.dtype
        bool, int8..int64, uint8..uint64, float16..float64, complex64 or complex128; 'floatX' is
        looked up.
    broadcastable : sequence of bool, or of int or None
        True (or 1) marks a dimension that always has length 1 and broadcasts; False or None one of
        unknown length; an int one of known length.
    name : str, optional
        Name of the type in printouts.
    sparse_grad : bool
        Kept for Theano programs.
    shape : sequence of int or None, optional
        The same as `broadcastable` given as lengths.

    Notes
    -----
    Two types are equal if dtype and broadcast pattern agree, as in Theano; other known lengths are
    facts about a variable, used for early errors and for rewriting.

    Examples
    --------
    >>> from tensorsym.tensor import TensorType
    >>> TensorType("float32", (False, True)).shape
    (None, 1)
    """

    __props__ = ("dtype", "broadcastable")
    variable_class: ClassVar[Any]
    constant_class: ClassVar[Any]

    def __init__(
        self,
        dtype: Any,
        broadcastable: Sequence[Any] | None = None,
        name: str | None = None,
        sparse_grad: bool = False,
        *,
        shape: Sequence[int | None] | None = None,
    ) -> None:
        self.dtype = canonical_dtype(dtype)
        entries = shape if shape is not None else broadcastable
        if entries is None:
            raise TypeError("TensorType needs a broadcast pattern or a shape")
        self.shape: StaticShape = tuple(_length(entry) for entry in entries)
        self.broadcastable = tuple([length == 1 for length in self.shape])
        self.ndim = len(self.shape)
        self.name = name
        self.sparse_grad = sparse_grad
        self._hash = hash((TensorType, self.dtype, self.broadcastable))

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(self) is type(other)
            and self.dtype == other.dtype
            and self.broadcastable == other.broadcastable
        )

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> Any:
        # Not by attributes: the hash of a string differs between processes.
        return type(self), (self.dtype, self.shape, self.name, self.sparse_grad)

    @property
    def numpy_dtype(self) -> np.dtype[Any]:
        """The NumPy dtype."""
        return np.dtype(self.dtype)

    def clone(self, dtype: Any = None, broadcastable: Sequence[Any] | None = None) -> TensorType:
        """Return this type with another dtype or broadcast pattern."""
        return TensorType(
            self.dtype if dtype is None else dtype,
            self.shape if broadcastable is None else broadcastable,
            name=self.name,
            sparse_grad=self.sparse_grad,
        )

    def is_super(self, other: Type) -> bool:
        """Tell whether `other` may stand for this type: all of its values are values of it."""
        return (
            self == other
            and isinstance(other, TensorType)
            and all(
                mine is None or mine == theirs
                for mine, theirs in zip(self.shape, other.shape, strict=True)
            )
        )

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data` as an array of this type.

        Parameters
        ----------
        data : array_like
            The value.
        strict : bool
            Whether only an ndarray of this very dtype will do.
        allow_downcast : bool, optional
            True converts even where digits are lost; False only where none are; None also takes a
            Python float for floatX.

        Raises
        ------
        TypeError
            If dtype (DTypeError), rank (RankError) or a known length (ShapeError, a ValueError too)
            do not fit.
        """
        if isinstance(data, Variable):
            raise TypeError(
                f"expected an array, got the symbolic variable {data}; give its value, "
                "or use givens"
            )
        if type(data) is np.ndarray and data.dtype == self.dtype and data.dtype.isnative:
            array = data
        elif strict:
            raise DTypeError(
                "wrong dtype", got=_describe(data), expected=f"an ndarray of {self.dtype} (strict)"
            )
        else:
            array = self._converted(data, allow_downcast)
        if not array.flags.aligned:
            array = array.copy()
        self._check_shape(array)
        return array

    def _converted(self, data: Any, allow_downcast: bool | None) -> np.ndarray[Any, Any]:
        """Return `data` in this dtype: arrays by their dtype, others if they come out equal."""
        if np.ma.is_masked(data):
            raise DTypeError(
                "masked elements have no value",
                got=_describe(data),
                hint="fill them first: x.filled(0)",
            )
        raw = data if isinstance(data, np.ndarray) else _as_array(data, self)
        if raw.dtype.kind not in "biufc":
            raise ConversionError("not numbers", got=_describe(data), expected=str(self))
        drops_imaginary = raw is not data and raw.dtype.kind == "c" and not is_complex(self.dtype)
        if (allow_downcast and not drops_imaginary) or (
            raw is data and _holds(self.dtype, raw.dtype)
        ):
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that imaginary parts are dropped was asked for
                return np.asarray(_in_range(raw, self.dtype), dtype=self.dtype)
        if allow_downcast is None and type(data) is float and self.dtype == config.floatX:
            return np.asarray(data, dtype=self.dtype)
        if raw is not data:
            with np.errstate(all="ignore"):
                converted = (raw.real if drops_imaginary else raw).astype(self.dtype)
            if np.array_equal(converted, raw, equal_nan=raw.dtype.kind in "fc"):
                return converted
        raise DTypeError(
            "the value would lose digits",
            got=_describe(data),
            expected=str(self),
            hint=f"convert it with .astype({self.dtype!r}), or allow it with "
            "allow_input_downcast=True",
        )

    def _check_shape(self, array: np.ndarray[Any, Any]) -> None:
        if array.ndim != self.ndim:
            raise RankError(
                "wrong number of dimensions",
                got=f"{array.ndim} dimensions, shape {array.shape}",
                expected=f"{self.ndim} dimensions ({self})",
            )
        for axis, (known, actual) in enumerate(zip(self.shape, array.shape, strict=True)):
            if known is not None and known != actual:
                raise StaticShapeError(
                    f"dimension {axis} has the wrong length",
                    got=f"shape {array.shape}",
                    expected=f"length {known} in dimension {axis} ({self})",
                )

    def convert_variable(self, variable: Variable) -> Variable | None:
        """Return `variable` as of this type, if only broadcast pattern or known lengths differ."""
        other = variable.type
        if not isinstance(other, TensorType) or (other.dtype, other.ndim) != (
            self.dtype,
            self.ndim,
        ):
            return None
        for mine, theirs in zip(self.shape, other.shape, strict=True):
            if mine is not None and theirs is not None and mine != theirs:
                return None
            if mine == 1 and theirs is None:
                return None
        if self.is_super(other):
            return variable
        if self.broadcastable != other.broadcastable:
            variable = FUNCTIONS["patternbroadcast"](variable, self.broadcastable)
        if not self.is_super(variable.type):
            variable = FUNCTIONS["specify_shape"](variable, self.shape)
        return variable

    def filter_variable(self, other: Any, allow_convert: bool = True) -> Variable:
        """Return `other` as a variable of this type, or raise TypeError."""
        if not isinstance(other, Variable):
            other = self.make_constant(other)
        converted = self.convert_variable(other) if allow_convert or other.type == self else None
        if converted is None:
            raise TypeError(
                f"can not convert {other} of type {other.type} to {self}; dtype, rank and "
                "broadcast pattern must agree (T.cast, T.patternbroadcast)"
            )
        return converted

    def value_key(self, data: Any) -> Hashable:
        """Return dtype, shape and bytes of a value (NaN and -0.0 too); its identity above 64 kB."""
        if data.nbytes > LARGEST_KEYED_CONSTANT:
            return id(data)
        return (data.dtype.char, data.shape, data.tobytes())

    @staticmethod
    def values_eq(a: Any, b: Any) -> bool:
        """Tell whether two arrays have equal dtype, shape and elements (NaN equals NaN)."""
        a, b = np.asarray(a), np.asarray(b)
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")

    @staticmethod
    def values_eq_approx(
        a: Any,
        b: Any,
        allow_remove_inf: bool = False,
        allow_remove_nan: bool = False,
        rtol: float | None = None,
        atol: float | None = None,
    ) -> bool:
        """Tell whether two arrays agree but for rounding.

        Parameters
        ----------
        a, b : numpy.ndarray
            Values to compare.
        allow_remove_inf, allow_remove_nan : bool
            Whether an infinity or NaN in `a` may be anything in `b`.
        rtol, atol : float, optional
            Tolerances; by default those of the dtype.
        """
        a, b = np.asarray(a), np.asarray(b)
        if a.dtype != b.dtype or a.shape != b.shape:
            return False
        if a.dtype.kind not in "fc":
            return bool(np.array_equal(a, b))
        usual = RTOL[a.dtype.name]
        agree = np.isclose(
            a,
            b,
            rtol=usual if rtol is None else rtol,
            atol=usual if atol is None else atol,
            equal_nan=True,
        )
        if allow_remove_inf:
            agree |= np.isinf(a)
        if allow_remove_nan:
            agree |= np.isnan(a)
        return bool(agree.all())

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """Tell whether two arrays could overlap."""
        return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.may_share_memory(a, b)

    def value_zeros(self, shape: Any) -> np.ndarray[Any, Any]:
        """Return an array of zeros of this dtype."""
        return np.zeros(shape, dtype=self.dtype)

    def __str__(self) -> str:
        if self.name:
            return self.name
        if not any(self.broadcastable):
            return f"TensorType({self.dtype}, {SHORT_NAMES.get(self.ndim, f'{self.ndim}D')})"
        if self.broadcastable in _PATTERN_NAMES:
            return f"TensorType({self.dtype}, {_PATTERN_NAMES[self.broadcastable]})"
        return f"TensorType({self.dtype}, {self.broadcastable})"

    def __repr__(self) -> str:
        return str(self)


@functools.lru_cache(maxsize=4096)
def tensor_type(dtype: str, shape: StaticShape) -> TensorType:
    """Return a TensorType of a dtype's name and a tuple of int and None; one object per pair.

    Types are most of what a new node allocates, and a program has few of them.
    """
    return TensorType(dtype, shape=shape)


_PATTERN_NAMES = {(True, False): "row", (False, True): "col"}


def _holds(dtype: str, given: np.dtype[Any]) -> bool:
    """Tell whether every value of the dtype `given` is one of `dtype`."""
    return given.name in ALL and upcast(dtype, given.name) == dtype


def _in_range(raw: np.ndarray[Any, Any], dtype: str) -> np.ndarray[Any, Any]:
    """Return floats that are to become integers, in range, without NaN (numeric contract, N6)."""
    if raw.dtype.kind != "f" or np.dtype(dtype).kind not in "iu":
        return raw
    limits = np.iinfo(dtype)
    whole = np.clip(np.where(np.isnan(raw), 0, raw), limits.min, limits.max)
    # The upper limit of a 64 bit integer is no float: what was cut to it is put in as the integer.
    return np.where(whole >= limits.max, limits.max, whole.astype(dtype))


def _length(entry: Any) -> int | None:
    if entry is None or entry is False or (isinstance(entry, np.bool_) and not entry):
        return None
    if entry is True or isinstance(entry, np.bool_):
        return 1
    length = int(entry)
    if length < 0:
        raise ShapeError("a dimension can not have a negative length", got=str(length))
    return length


def _as_array(data: Any, type_: TensorType) -> np.ndarray[Any, Any]:
    try:
        array = np.asarray(data)
    except (ValueError, TypeError) as error:
        raise ConversionError("not an array", got=_describe(data), expected=str(type_)) from error
    if array.dtype == object and data is not array and all(isinstance(n, int) for n in array.flat):
        raise IntegerRangeError(
            "an integer fits no dtype", got=_describe(data), expected=str(type_)
        )
    return array


def _describe(data: Any) -> str:
    if isinstance(data, np.ndarray):
        order = "" if data.dtype.isnative else ", byte-swapped"
        return f"an array of {data.dtype.name} and shape {data.shape}{order}"
    text = repr(data)
    return f"{type(data).__name__} {text if len(text) < 60 else text[:57] + '...'}"
