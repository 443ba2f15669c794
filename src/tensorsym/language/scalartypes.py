"""Types of single numbers, and the rules by which Theano's scalar ops choose the type of a result.

A number is a tensor of rank 0 here: `Scalar` is a name for those types, not a class beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorsym.errors import ComplexError, DTypeError
from tensorsym.language.dtypes import COMPLEX, FLOAT, INT, UINT, canonical_dtype, upcast
from tensorsym.language.table import FUNCTIONS
from tensorsym.language.tensortype import TensorType, tensor_type
from tensorsym.language.variable import TensorConstant, TensorVariable, as_tensor_variable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ALL_TYPES",
    "COMPLEX_TYPES",
    "CONTINUOUS_TYPES",
    "DISCRETE_TYPES",
    "FLOAT_TYPES",
    "INTEGER_TYPES",
    "INT_TYPES",
    "RULES",
    "UINT_TYPES",
    "Scalar",
    "ScalarConstant",
    "ScalarVariable",
    "as_scalar",
    "get_scalar_type",
    "specific_out",
    "transfer_type",
    "unary_out_lookup",
]


class _TypesOfNumbers(type):
    """Recognise the tensor types of rank 0."""

    def __instancecheck__(cls, type_: Any) -> bool:
        return isinstance(type_, TensorType) and type_.ndim == 0


class Scalar(metaclass=_TypesOfNumbers):
    """The type of one number: `Scalar('float32')` is `TensorType('float32', ())`.

    Parameters
    ----------
    dtype : str
        The number's dtype.

    Examples
    --------
    >>> import tensorsym.scalar as scalar
    >>> isinstance(scalar.Scalar("float32"), scalar.Scalar)
    True
    """

    ndim = 0

    def __new__(cls, dtype: Any) -> Any:
        """Return the type."""
        return get_scalar_type(dtype)

    @staticmethod
    def upcast(*types: TensorType) -> str:
        """Return the dtype that holds the values of all types."""
        return upcast(*[t.dtype for t in types])


class _Numbers(type):
    """Recognise variables or constants of rank 0."""

    variable_class: Any

    def __instancecheck__(cls, variable: Any) -> bool:
        return isinstance(variable, cls.variable_class) and isinstance(variable.type, Scalar)


class ScalarVariable(metaclass=_Numbers):
    """What variables of rank 0 are instances of."""

    variable_class = TensorVariable


class ScalarConstant(metaclass=_Numbers):
    """What constants of rank 0 are instances of."""

    variable_class = TensorConstant


def get_scalar_type(dtype: Any) -> TensorType:
    """Return the type of one number of a dtype."""
    return tensor_type(canonical_dtype(dtype), ())


def as_scalar(x: Any, name: str | None = None) -> Any:
    """Return `x` as a variable of rank 0.

    Raises
    ------
    TypeError
        If `x` has dimensions.
    """
    x = as_tensor_variable(x, name)
    if x.type.ndim:
        raise TypeError(f"expected one number, got {x} of {x.type}")
    return x


def _types(*dtypes: str) -> tuple[TensorType, ...]:
    return tuple(get_scalar_type(dtype) for dtype in dtypes)


INT_TYPES, UINT_TYPES, FLOAT_TYPES, COMPLEX_TYPES = map(
    lambda dtypes: _types(*dtypes), (INT, UINT, FLOAT, COMPLEX)
)
INTEGER_TYPES = INT_TYPES + UINT_TYPES
BOOL_TYPE = get_scalar_type("bool")
DISCRETE_TYPES = (BOOL_TYPE, *INTEGER_TYPES)
CONTINUOUS_TYPES = FLOAT_TYPES + COMPLEX_TYPES
ALL_TYPES = DISCRETE_TYPES + CONTINUOUS_TYPES

Types = tuple[TensorType, ...]


def _real(types: Sequence[TensorType]) -> None:
    if any(t in COMPLEX_TYPES for t in types):
        raise ComplexError("not defined for complex numbers", got=", ".join(map(str, types)))


def upcast_out(*types: TensorType) -> Types:
    """Return the type that holds the values of all."""
    return _types(Scalar.upcast(*types))


def upcast_out_nobool(*types: TensorType) -> Types:
    """Return the type that holds the values of all; refuse a bool result."""
    (out,) = upcast_out(*types)
    if out == BOOL_TYPE:
        raise DTypeError("bool operands are not supported")
    return (out,)


def upcast_out_min8(*types: TensorType) -> Types:
    """Return the type that holds the values of all, int8 for bools."""
    (out,) = upcast_out(*types)
    return _types("int8") if out == BOOL_TYPE else (out,)


def upcast_out_no_complex(*types: TensorType) -> Types:
    """Return the type that holds the values of all; refuse complex numbers."""
    _real(types)
    return upcast_out(*types)


def upgrade_to_float(*types: TensorType) -> Types:
    """Return the float that holds the values of all: float32 for up to 16 bits."""
    small = ("bool", "int8", "uint8", "int16", "uint16")
    floats = [
        t.dtype if t in CONTINUOUS_TYPES else "float32" if t.dtype in small else "float64"
        for t in types
    ]
    return _types(upcast(*floats))


def upgrade_to_float64(*types: TensorType) -> Types:
    """Return float64."""
    return _types("float64")


def upgrade_to_float_no_complex(*types: TensorType) -> Types:
    """Return the float that holds the values of all; refuse complex numbers."""
    _real(types)
    return upgrade_to_float(*types)


def same_out(type_: TensorType) -> Types:
    """Return the operand's type."""
    return (type_,)


def same_out_nobool(type_: TensorType) -> Types:
    """Return the operand's type; refuse bools."""
    return upcast_out_nobool(type_)


def same_out_min8(type_: TensorType) -> Types:
    """Return the operand's type, int8 for bool."""
    return upcast_out_min8(type_)


def same_out_nocomplex(type_: TensorType) -> Types:
    """Return the operand's type; refuse complex numbers."""
    _real((type_,))
    return (type_,)


def same_out_float_only(type_: TensorType) -> Types:
    """Return the operand's type; refuse what is no float."""
    if type_ not in FLOAT_TYPES:
        raise DTypeError("defined for floats only", got=str(type_))
    return (type_,)


def int_out(*types: TensorType) -> Types:
    """Return int64."""
    return _types("int64")


def int_out_nocomplex(*types: TensorType) -> Types:
    """Return int64; refuse complex numbers."""
    _real(types)
    return int_out()


def float_out(*types: TensorType) -> Types:
    """Return float64."""
    return _types("float64")


def float_out_nocomplex(*types: TensorType) -> Types:
    """Return float64; refuse complex numbers."""
    _real(types)
    return float_out()


def real_out(type_: TensorType) -> Types:
    """Return the type of the parts of a complex number."""
    return _types({"complex64": "float32", "complex128": "float64"}.get(type_.dtype, type_.dtype))


RULES = {
    rule.__name__: rule
    for rule in (
        upcast_out,
        upcast_out_nobool,
        upcast_out_min8,
        upcast_out_no_complex,
        upgrade_to_float,
        upgrade_to_float64,
        upgrade_to_float_no_complex,
        same_out,
        same_out_nobool,
        same_out_min8,
        same_out_nocomplex,
        same_out_float_only,
        int_out,
        int_out_nocomplex,
        float_out,
        float_out_nocomplex,
        real_out,
    )
}


class specific_out:  # noqa: N801 - Theano's spelling
    """Return given types whatever the operands.

    Parameters
    ----------
    *spec : Scalar
        Type of each result.
    """

    def __init__(self, *spec: Any) -> None:
        self.spec = spec

    def __call__(self, *types: TensorType) -> tuple[Any, ...]:
        """Return the types of the results."""
        return self.spec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, specific_out) and self.spec == other.spec

    def __hash__(self) -> int:
        return hash(self.spec)


class transfer_type:  # noqa: N801 - Theano's spelling
    """Return the types of chosen operands.

    Parameters
    ----------
    *transfer : int, str or None
        For each result the number of the operand, a dtype, or None for the common type.
    """

    def __init__(self, *transfer: int | str | None) -> None:
        self.transfer = transfer

    def __call__(self, *types: TensorType) -> tuple[Any, ...]:
        """Return the types of the results."""
        (common,) = upcast_out(*types)
        return tuple(
            common if item is None else get_scalar_type(item) if isinstance(item, str)
            else types[item]
            for item in self.transfer
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return isinstance(other, transfer_type) and self.transfer == other.transfer

    def __hash__(self) -> int:
        return hash(self.transfer)


class unary_out_lookup:  # noqa: N801 - Theano's spelling
    """Return what a table says of the operand's type.

    Parameters
    ----------
    table : dict
        From the operand's type to the result's.
    """

    def __init__(self, table: dict[Any, Any]) -> None:
        self.table = table

    def __call__(self, *types: TensorType) -> tuple[Any, ...]:
        """Return the types of the results."""
        (type_,) = types
        if type_ not in self.table:
            raise DTypeError("not defined for this type", got=str(type_))
        return (self.table[type_],)


def constant(x: Any, name: str | None = None, dtype: Any = None) -> Any:
    """Return one number as a constant."""
    return FUNCTIONS["constant"](x, name=name, ndim=0, dtype=dtype)


def convert(x: Any, dtype: Any = None) -> Any:
    """Return one number as a NumPy array of rank 0, of Theano's dtype for it."""
    return constant(x, dtype=dtype).data
