"""Arithmetic, comparisons, bits and choices: the elementwise ops behind Python's operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.config import config
from tensorsym.errors import IntegerDivisionError
from tensorsym.language.dtypes import (
    ALL,
    absolute,
    canonical_dtype,
    choice,
    comparison,
    converting,
    integers,
    is_complex,
    is_discrete,
    no_bool,
    ordering,
    predicate,
    real_same,
    same_as_first,
    signed_real,
    to_float,
    true_division,
)
from tensorsym.language.elementwise import OPS, Linear, elementwise, only_where
from tensorsym.language.table import FUNCTIONS, public
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.language.elementwise import Elementwise

__all__ = ["cast", "divmod_", "true_div"]

AWAY_FROM_ZERO = ((-3.0, 3.0), (0.4, 3.0))


def _all_but(k: int) -> Any:
    """Return a product's partial derivative for factor k: the product of the other factors."""

    def partial(*operands: Any) -> Any:
        *factors, _ = operands
        others = factors[:k] + factors[k + 1 :]
        return others[0] if len(others) == 1 else mul(*others) if others else 1

    return partial


add = elementwise(
    "add", arity=2, numpy="add", c="x + y", partials=(lambda *_: 1,), variadic=True, symbol="+",
    traits="commutative associative", ufuncs=("add",), doc="Sum of two or more tensors.",
)  # fmt: skip
sub = elementwise(
    "sub", arity=2, numpy="subtract", c="x - y", rule=no_bool,
    partials=(lambda *_: 1, lambda *_: -1), symbol="-", ufuncs=("subtract",),
    doc="Difference of two tensors. Not defined for two bools.",
)  # fmt: skip
mul = elementwise(
    "mul", arity=2, numpy="multiply", c="x * y", partials=_all_but, variadic=True, symbol="*",
    traits="commutative associative", ufuncs=("multiply",), doc="Product of two or more tensors.",
)  # fmt: skip
true_divide = elementwise(
    "true_div", arity=2, numpy="true_divide", c="x / y", rule=true_division, symbol="/",
    domain=AWAY_FROM_ZERO, partials=(lambda x, y, out: 1 / y, lambda x, y, out: -out / y),
    ufuncs=("divide", "true_divide"),
    doc="Quotient in floating point. Integers are converted first.",
)  # fmt: skip
int_div = elementwise(
    "int_div", arity=2, numpy="floor_divide", c="ts_floor_div(x, y)", rule=real_same, symbol="//",
    domain=AWAY_FROM_ZERO, partials=(0, 0), aliases=("floor_div",), ufuncs=("floor_divide",),
    doc="Quotient rounded towards minus infinity. An integer divided by zero is 0.",
)  # fmt: skip
mod = elementwise(
    "mod", arity=2, numpy="remainder", c="ts_mod(x, y)", rule=real_same, symbol="%",
    domain=AWAY_FROM_ZERO, partials=(lambda *_: 1, lambda x, y, out: -int_div(x, y)),
    ufuncs=("remainder", "mod"),
    doc="Remainder with the sign of the divisor. An integer modulo zero is 0.",
)  # fmt: skip
neg = elementwise(
    "neg", numpy="negative", c="-x", rule=no_bool, partials=(lambda *_: -1,),
    traits="odd involution", symbol="-", ufuncs=("negative",), doc="Negative of x.",
)  # fmt: skip


def _direction(x: Any, modulus: Any) -> Any:
    """Return the derivative of |x|: x / |x| with 0 at 0."""
    if not is_complex(x.type.dtype):
        return sgn(x)
    direction = x / switch(eq(modulus, 0), 1, modulus)
    return Linear(
        lambda g: g * direction,
        lambda t: FUNCTIONS["real"](FUNCTIONS["conj"](direction) * t),
    )


abs_ = elementwise(
    "abs_", numpy="absolute", c="ts_abs(x)", rule=absolute,
    partials=(_direction,), domain=((0.2, 3.0),), traits="even idempotent",
    aliases=("abs",), ufuncs=("absolute", "fabs"),
    doc="Absolute value; the modulus of complex numbers. The gradient at 0 is 0.",
)  # fmt: skip
sgn = elementwise(
    "sgn", numpy="sign", c="ts_sgn(x)", rule=signed_real, partials=(0,), traits="odd idempotent",
    aliases=("sign",), ufuncs=("sign",), doc="Sign: -1, 0 or 1.",
)  # fmt: skip
maximum = elementwise(
    "maximum", arity=2, numpy=lambda x, y: _extreme(np.maximum, x, y), c="ts_max(x, y)",
    rule=real_same,
    partials=(lambda x, y, out: only_where(eq(out, x)), lambda x, y, out: only_where(neq(out, x))),
    traits="commutative associative idempotent", ufuncs=("maximum", "fmax"),
    doc="Larger of two elements; NaN if either is NaN. If equal the first gets the gradient.",
)  # fmt: skip
minimum = elementwise(
    "minimum", arity=2, numpy=lambda x, y: _extreme(np.minimum, x, y), c="ts_min(x, y)",
    rule=real_same,
    partials=(lambda x, y, out: only_where(eq(out, x)), lambda x, y, out: only_where(neq(out, x))),
    traits="commutative associative idempotent", ufuncs=("minimum", "fmin"),
    doc="Smaller of two elements; NaN if either is NaN. If equal the first gets the gradient.",
)  # fmt: skip

for _name, _numpy, _symbol, _rule in (
    ("lt", "less", "<", ordering),
    ("le", "less_equal", "<=", ordering),
    ("gt", "greater", ">", ordering),
    ("ge", "greater_equal", ">=", ordering),
    ("eq", "equal", "==", comparison),
    ("neq", "not_equal", "!=", comparison),
):
    elementwise(
        _name, arity=2, numpy=_numpy, c=f"x {_symbol} y", rule=_rule, partials=(0, 0),
        symbol=_symbol, traits="predicate" + (" commutative" if _name in ("eq", "neq") else ""),
        ufuncs=(_numpy,),
        doc=f"Whether x {_symbol} y, as bool. Comparisons with NaN are False, except !=.",
    )  # fmt: skip
eq: Elementwise = OPS["eq"]
neq: Elementwise = OPS["neq"]

and_ = elementwise(
    "and_", arity=2, numpy="bitwise_and", c="x & y", rule=integers, partials=(0, 0), symbol="&",
    traits="commutative associative idempotent", aliases=("bitwise_and",),
    ufuncs=("bitwise_and", "logical_and"), doc="Bitwise and; logical and of bools.",
)  # fmt: skip
or_ = elementwise(
    "or_", arity=2, numpy="bitwise_or", c="x | y", rule=integers, partials=(0, 0), symbol="|",
    traits="commutative associative idempotent", aliases=("bitwise_or",),
    ufuncs=("bitwise_or", "logical_or"), doc="Bitwise or; logical or of bools.",
)  # fmt: skip
xor = elementwise(
    "xor", arity=2, numpy="bitwise_xor", c="x ^ y", rule=integers, partials=(0, 0), symbol="^",
    traits="commutative associative", aliases=("bitwise_xor",),
    ufuncs=("bitwise_xor", "logical_xor"), doc="Bitwise exclusive or.",
)  # fmt: skip
invert = elementwise(
    "invert", numpy="invert", c="ts_invert(x)", rule=integers, partials=(0,), traits="involution",
    symbol="~", aliases=("bitwise_not",), ufuncs=("invert", "logical_not"),
    doc="Bitwise complement; logical not of bools.",
)  # fmt: skip
left_shift = elementwise(
    "left_shift", arity=2, numpy="left_shift", c="ts_shl(x, y)", rule=integers, partials=(0, 0),
    symbol="<<", ufuncs=("left_shift",),
    doc="Bits shifted left; 0 if shifted by the width or more, or by a negative count.",
)  # fmt: skip
right_shift = elementwise(
    "right_shift", arity=2, numpy="right_shift", c="ts_shr(x, y)", rule=integers, partials=(0, 0),
    symbol=">>", ufuncs=("right_shift",),
    doc="Bits shifted right with the sign; a shift by the width or more leaves only the sign.",
)  # fmt: skip
switch = elementwise(
    "switch", arity=3, numpy="where", c="x ? y : z", rule=choice,
    domain=((0.0, 1.0), (-3.0, 3.0), (-3.0, 3.0)),
    partials=(0, lambda c, x, y, out: only_where(c), lambda c, x, y, out: only_where(eq(c, 0))),
    aliases=("where",), ufuncs=("where",), doc="y where the condition x is true, z elsewhere.",
)  # fmt: skip
clip = elementwise(
    "clip", arity=3, numpy=lambda x, low, high: np.where(x < low, low, np.where(x > high, high, x)),
    c="ts_clip(x, y, z)", rule=real_same, domain=((-3.0, 3.0), (-1.5, -1.0), (1.0, 1.5)),
    partials=(
        lambda x, low, high, out: only_where((x >= low) & (x <= high)),
        lambda x, low, high, out: only_where(x < low),
        lambda x, low, high, out: only_where(x > high),
    ),
    ufuncs=("clip",),
    doc="x limited to the interval from y to z: y if x < y, otherwise z if x > z; NaN limits "
    "nothing. The gradient at the limits goes to x.",
)  # fmt: skip
second = elementwise(
    "second", arity=2,
    numpy=lambda x, y: np.broadcast_to(y, np.broadcast_shapes(np.shape(x), np.shape(y))), c="y",
    rule=lambda x, y: ((x, y), y), partials=(0, lambda *_: 1), aliases=("fill",),
    traits="shape_of_first", doc="The second operand, broadcast to the shape of the first.",
)  # fmt: skip
tensor_copy = elementwise(
    "tensor_copy", numpy="copy", c="x", rule=same_as_first, partials=(lambda *_: 1,),
    ufuncs=("copy",), doc="A copy of x with its own memory.",
)  # fmt: skip
isnan = elementwise(
    "isnan", numpy="isnan", c="x != x", rule=predicate, partials=(0,), aliases=("isnan_",),
    traits="predicate", ufuncs=("isnan",), doc="Whether x is NaN.",
)  # fmt: skip
isinf = elementwise(
    "isinf", numpy="isinf", c="ts_isinf(x)", rule=predicate, partials=(0,), aliases=("isinf_",),
    traits="predicate", ufuncs=("isinf",), doc="Whether x is an infinity.",
)  # fmt: skip
sqr = elementwise(
    "sqr", numpy=lambda x: x * x, c="x * x", partials=(lambda x, out: 2 * x,), traits="even",
    aliases=("square",), ufuncs=("square",), doc="Square of x.",
)  # fmt: skip
inv = elementwise(
    "inv", numpy="reciprocal", c="1 / x", rule=to_float, partials=(lambda x, out: -out * out,),
    domain=((0.4, 3.0),), traits="odd involution", aliases=("reciprocal",), ufuncs=("reciprocal",),
    doc="Reciprocal, 1 / x, in floating point.",
)  # fmt: skip


def _extreme(choose: Any, x: Any, y: Any) -> Any:
    """Return NumPy's maximum or minimum, with -0.0 below 0.0 whatever the order of operands."""
    if x.dtype.kind != "f":
        return choose(x, y)
    zeros = x + y if choose is np.maximum else -(-x - y)
    return np.where((x == 0) & (y == 0), zeros, choose(x, y))


def _converted(x: Any, dtype: np.dtype[Any]) -> Any:
    """Return `x` as another dtype, defined for all values as NumPy's astype is not.

    Floats are cut towards zero, NaN becomes 0, what is out of range the nearest bound.
    """
    if x.dtype.kind not in "fc" or dtype.kind not in "iu":
        return x.astype(dtype)
    x = x.real
    limits = np.iinfo(dtype)
    # The bounds as floats: the upper one may round up to 2**n, which is out of range itself.
    low, high = x.dtype.type(limits.min), x.dtype.type(limits.max)
    inside = np.where((x > low) & (x < high), x, 0).astype(dtype)
    return np.where(x >= high, limits.max, np.where(x <= low, limits.min, inside)).astype(dtype)


CASTS: dict[str, Elementwise] = {
    dtype: elementwise(
        f"cast_{dtype}",
        numpy=lambda x, dtype=dtype: _converted(x, np.dtype(dtype)),
        c="x",
        rule=converting(dtype),
        partials=(lambda *_: 1,),
        traits="cast",
        doc=f"x as {dtype}. Floats are cut towards zero, NaN becomes 0 and what is out of range "
        "the nearest bound; integers wrap.",
    )
    for dtype in ALL
}


@public("cast")
def cast(x: Any, dtype: Any) -> Any:
    """Return `x` converted to another dtype.

    Parameters
    ----------
    x : tensor or array_like
        Any tensor.
    dtype : str or numpy.dtype
        Target; 'floatX' is looked up.

    Returns
    -------
    TensorVariable
        `x` itself if it has the dtype.

    Raises
    ------
    TypeError
        If a complex tensor is cast to a real dtype; use T.real, T.imag or abs.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.cast(T.ivector(), "float32").dtype
    'float32'
    """
    x = as_tensor_variable(x)
    target = canonical_dtype(dtype)
    if x.type.dtype == target:
        return x
    if is_complex(x.type.dtype) and not is_complex(target):
        raise TypeError(
            f"can not cast {x} of {x.type.dtype} to {target}; take abs, real or imag first"
        )
    return CASTS[target](x)


def true_div(x: Any, y: Any) -> Any:
    """Return x / y as the operator does: integers follow `config.int_division`."""
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    if config.int_division == "raise" and is_discrete(x.type.dtype) and is_discrete(y.type.dtype):
        raise IntegerDivisionError(
            "integers are divided while config.int_division is 'raise'",
            got=f"{x} of {x.type.dtype} / {y} of {y.type.dtype}",
            hint="use // for integers, or cast one operand to a float",
        )
    return true_divide(x, y)


@public("divmod", numpy=("divmod",))
def divmod_(x: Any, y: Any) -> tuple[Any, Any]:
    """Return quotient and remainder, `(x // y, x % y)`.

    Parameters
    ----------
    x, y : tensor or array_like
        Real operands.

    Returns
    -------
    tuple of TensorVariable
        Quotient and remainder.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> [v.dtype for v in T.divmod(T.iscalar(), 2)]
    ['int32', 'int32']
    """
    return int_div(x, y), mod(x, y)
