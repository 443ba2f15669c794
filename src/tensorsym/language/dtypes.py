"""Which dtype comes out: promotion, dtypes of Python numbers, and the rules that records name.

A rule maps the dtypes of the inputs to (the dtypes they are cast to before computing, the dtype of
the output). Theano 1.0.5's behaviour, recorded in tests/data, is the reference.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.errors import ComplexError, DTypeError, IntegerRangeError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ALL",
    "BOOL",
    "COMPLEX",
    "DISCRETE",
    "FLOAT",
    "INT",
    "UINT",
    "DTypeRule",
    "autocast",
    "canonical_dtype",
    "is_complex",
    "is_discrete",
    "is_float",
    "literals",
    "real_of",
    "upcast",
]

BOOL = ("bool",)
INT = ("int8", "int16", "int32", "int64")
UINT = ("uint8", "uint16", "uint32", "uint64")
FLOAT = ("float16", "float32", "float64")
COMPLEX = ("complex64", "complex128")
DISCRETE = BOOL + INT + UINT
ALL = DISCRETE + FLOAT + COMPLEX

DTypeRule = Callable[..., tuple[tuple[str, ...], str]]


def is_discrete(dtype: str) -> bool:
    """Tell whether a dtype is bool or an integer."""
    return dtype in DISCRETE


def is_float(dtype: str) -> bool:
    """Tell whether a dtype is a real floating point type."""
    return dtype in FLOAT


def is_complex(dtype: str) -> bool:
    """Tell whether a dtype is complex."""
    return dtype in COMPLEX


def real_of(dtype: str) -> str:
    """Return the dtype of the parts of a complex number; other dtypes unchanged."""
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def canonical_dtype(dtype: Any) -> str:
    """Return the name of a dtype given as name, NumPy dtype or scalar class; 'floatX' is looked up.

    Raises
    ------
    DTypeError
        If there are no tensors of this dtype.
    """
    if isinstance(dtype, str):
        if dtype in ALL:
            return dtype
        if dtype == "floatX":
            return config.floatX
    try:
        name = np.dtype(dtype).newbyteorder("=").name
    except TypeError as error:
        raise DTypeError(f"{dtype!r} is not a dtype", expected=", ".join(ALL)) from error
    if name not in ALL:
        raise DTypeError(f"there are no tensors of dtype {name}", expected=", ".join(ALL))
    return str(name)


def upcast(*dtypes: str) -> str:
    """Return the dtype that holds the values of all `dtypes`: NumPy's promotion, pair by pair.

    With `config.cast_policy = 'numpy+floatX'` a promotion does not pass floatX by itself: float64
    becomes floatX if no operand is float64.

    Notes
    -----
    NumPy's promotion of three is not that of pairs: int8, uint16 and float32 are float32 together,
    but int8 and uint16 are int32, and int32 and float32 are float64. Theano goes by pairs from the
    left.

    Examples
    --------
    >>> from tensorsym.language.dtypes import upcast
    >>> upcast("int32", "float32")
    'float64'
    """
    kept = config.floatX if config.cast_policy == "numpy+floatX" else "float64"
    return _promoted(kept, *dtypes)


@functools.lru_cache(maxsize=4096)
def _promoted(kept: str, *dtypes: str) -> str:
    promoted = functools.reduce(np.promote_types, dtypes[1:], np.dtype(dtypes[0])).name
    wider = FLOAT[FLOAT.index(kept) + 1 :]
    return kept if promoted in wider and not set(wider).intersection(dtypes) else promoted


def autocast(value: Any) -> Any:
    """Return a Python number as a NumPy scalar of a constant's dtype; other values unchanged.

    Integers take the smallest signed dtype that holds them; floats float32 where that is exact or
    floatX is float32, else float64; with `config.cast_policy = 'numpy+floatX'` NumPy's dtypes,
    floats as floatX.
    """
    if isinstance(value, bool):
        return np.int8(value) if config.cast_policy == "custom" else np.bool_(value)
    if isinstance(value, int) and not isinstance(value, np.generic):
        return _autocast_int(value)
    if isinstance(value, float) and not isinstance(value, np.generic):
        return _autocast_float(value)
    if isinstance(value, complex) and not isinstance(value, np.generic):
        return np.complex128(value)
    return value


_literal_dtype: ContextVar[str | None] = ContextVar("dtype of Python floats", default=None)


@contextlib.contextmanager
def literals(dtype: str) -> Iterator[None]:
    """Give the Python floats of expressions built in this block a dtype.

    Derivatives of float32 functions are float32 although 2/sqrt(pi) is no float32.
    """
    token = _literal_dtype.set(real_of(dtype))
    try:
        yield
    finally:
        _literal_dtype.reset(token)


def _autocast_int(value: int) -> Any:
    candidates = INT if config.cast_policy == "custom" else ("int64",)
    for dtype in candidates:
        limits = np.iinfo(dtype)
        if limits.min <= value <= limits.max:
            return np.dtype(dtype).type(value)
    if 0 <= value <= np.iinfo("uint64").max:
        return np.uint64(value)
    raise IntegerRangeError(
        f"the integer {value} does not fit any dtype", expected="at most 64 bits"
    )


def _autocast_float(value: float) -> Any:
    literal = _literal_dtype.get()
    if literal is not None:
        return np.dtype(literal).type(value)
    if config.cast_policy != "custom" or config.floatX != "float64":
        return np.dtype(config.floatX).type(value)
    with np.errstate(over="ignore"):
        single = np.float32(value)
    # Compared as Python floats: NumPy would compare a float32 with a Python float in float32.
    return single if float(single) == value else np.float64(value)


def _float_of(dtype: str) -> str:
    """Return the float (or complex) dtype in which `exp` and the like of `dtype` are computed."""
    if not is_discrete(dtype):
        return dtype
    return {
        "bool": "float32",
        "int8": "float32",
        "uint8": "float32",
        "int16": "float32",
        "uint16": "float32",
    }.get(dtype, "float64")


def same(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Compute in the common dtype and return it."""
    common = upcast(*dtypes)
    return (common,) * len(dtypes), common


def same_as_first(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Keep the inputs as they are and return the dtype of the first."""
    return dtypes, dtypes[0]


def at_least_int8(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Compute in the common dtype; bools count as int8."""
    common = upcast(*dtypes)
    common = "int8" if common == "bool" else common
    return (common,) * len(dtypes), common


def no_bool(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Compute in the common dtype; refuse bool."""
    common = upcast(*dtypes)
    if common == "bool":
        raise DTypeError(
            "not defined for bool", got="bool", hint="cast to int8, or use logical operators"
        )
    return (common,) * len(dtypes), common


def signed_real(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Like `no_bool`; refuse complex numbers too."""
    _refuse_complex(dtypes)
    return no_bool(*dtypes)


def to_float(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Compute in floating point: small integers in float32, others in float64."""
    common = upcast(*(_float_of(dtype) for dtype in dtypes))
    return (common,) * len(dtypes), common


def to_real_float(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Like `to_float`; refuse complex numbers."""
    _refuse_complex(dtypes)
    return to_float(*dtypes)


def real_same(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Like `same`; refuse complex numbers."""
    _refuse_complex(dtypes)
    return same(*dtypes)


def comparison(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Compare in the common dtype and return bool."""
    return (upcast(*dtypes),) * len(dtypes), "bool"


def ordering(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Like `comparison`; refuse complex numbers, which have no order."""
    _refuse_complex(dtypes)
    return comparison(*dtypes)


def predicate(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Test each element and return bool."""
    return dtypes, "bool"


def real_predicate(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Like `predicate`; refuse complex numbers."""
    _refuse_complex(dtypes)
    return predicate(*dtypes)


def integers(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Compute in the common integer dtype (bools stay bool); refuse floats and complex numbers."""
    for dtype in dtypes:
        if not is_discrete(dtype):
            raise DTypeError("defined for bool and integers only", got=", ".join(dtypes))
    computed, common = same(*dtypes)
    if not is_discrete(common):
        raise DTypeError("no integer dtype holds both operands", got=", ".join(dtypes))
    return computed, common


def converting(target: str) -> DTypeRule:
    """Return the rule of a conversion to `target`; a complex number is not cut to its real part."""

    def rule(dtype: str) -> tuple[tuple[str, ...], str]:
        if not is_complex(target):
            _refuse_complex((dtype,))
        return (dtype,), target

    return rule


def choice(condition: str, *dtypes: str) -> tuple[tuple[str, ...], str]:
    """Choose by a condition (cast to bool) between values of a common dtype."""
    common = upcast(*dtypes)
    return ("bool", *(common,) * len(dtypes)), common


def absolute(dtype: str) -> tuple[tuple[str, ...], str]:
    """Return the dtype of a modulus: real for complex numbers."""
    return (dtype,), real_of(dtype)


def float64_only(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Compute in float64 whatever comes; refuse complex numbers."""
    _refuse_complex(dtypes)
    return ("float64",) * len(dtypes), "float64"


def true_division(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Divide in floating point; integers in floatX."""
    if all(is_discrete(dtype) for dtype in dtypes):
        return (config.floatX,) * len(dtypes), config.floatX
    return same(*dtypes)


def _refuse_complex(dtypes: tuple[str, ...]) -> None:
    if any(is_complex(dtype) for dtype in dtypes):
        raise ComplexError("not defined for complex numbers", got=", ".join(dtypes))
