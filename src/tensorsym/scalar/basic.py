"""Theano's names of single numbers: their types, functions of them and rules of dtypes."""

from tensorsym.errors import ComplexError
from tensorsym.language import load
from tensorsym.language.dtypes import upcast
from tensorsym.language.elementwise import OPS
from tensorsym.language.scalarops import (
    BinaryScalarOp,
    Cast,
    Composite,
    RecordOp,
    ScalarOp,
    UnaryScalarOp,
    scalar_op_of,
)
from tensorsym.language.scalartypes import ALL_TYPES as all_types  # noqa: N811
from tensorsym.language.scalartypes import COMPLEX_TYPES as complex_types  # noqa: N811
from tensorsym.language.scalartypes import CONTINUOUS_TYPES as continuous_types  # noqa: N811
from tensorsym.language.scalartypes import DISCRETE_TYPES as discrete_types  # noqa: N811
from tensorsym.language.scalartypes import FLOAT_TYPES as float_types  # noqa: N811
from tensorsym.language.scalartypes import INT_TYPES as int_types  # noqa: N811
from tensorsym.language.scalartypes import INTEGER_TYPES as integer_types  # noqa: N811
from tensorsym.language.scalartypes import (
    RULES,
    Scalar,
    ScalarConstant,
    ScalarVariable,
    as_scalar,
    constant,
    convert,
    get_scalar_type,
    specific_out,
    transfer_type,
    unary_out_lookup,
)
from tensorsym.language.scalartypes import UINT_TYPES as uint_types  # noqa: N811

load()

# The types by their dtypes, the functions by their records, the functions' classes by Theano's
# names.
TYPES = {type_.dtype: type_ for type_ in all_types}
FUNCTIONS = {name: scalar_op_of(name) for name in OPS if not name.startswith("cast_")}
CASTS = {f"convert_to_{dtype}": Cast(type_) for dtype, type_ in TYPES.items()}
CLASSES = {type(function).__name__: type(function) for function in FUNCTIONS.values()}
globals().update(RULES)
globals().update(TYPES)
globals().update(FUNCTIONS)
globals().update(CASTS)
globals().update(CLASSES)
identity = FUNCTIONS["tensor_copy"]
floor_div = FUNCTIONS["int_div"]


def cast(x, dtype):  # type: ignore[no-untyped-def]
    """Return `x` converted to a dtype."""
    return Cast(get_scalar_type(dtype))(x)


def symbols(dtype: str):  # type: ignore[no-untyped-def]
    """Return the function that makes variables of a dtype, one per name or as many as asked for."""

    def make(*names):  # type: ignore[no-untyped-def]
        type_ = TYPES[dtype]
        if len(names) == 1 and isinstance(names[0], int):
            return [type_() for _ in range(names[0])]
        found = [type_(name) for name in names]
        return found[0] if len(found) == 1 else found

    return make


ints, floats, complexs = map(symbols, ("int64", "float64", "complex128"))

__all__ = [
    "BinaryScalarOp",
    "Cast",
    "ComplexError",
    "Composite",
    "RecordOp",
    "Scalar",
    "ScalarConstant",
    "ScalarOp",
    "ScalarVariable",
    "UnaryScalarOp",
    "all_types",
    "as_scalar",
    "cast",
    "complex_types",
    "complexs",
    "constant",
    "continuous_types",
    "convert",
    "discrete_types",
    "float_types",
    "floats",
    "floor_div",
    "get_scalar_type",
    "identity",
    "int_types",
    "integer_types",
    "ints",
    "specific_out",
    "transfer_type",
    "uint_types",
    "unary_out_lookup",
    "upcast",
]
__all__ += list(RULES) + list(TYPES) + list(FUNCTIONS) + list(CASTS) + list(CLASSES)
