"""Exponentials, logarithms, roots, powers, rounding and trigonometry, one record each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.arithmetic import eq, sqr, switch
from tensorsym.language.dtypes import at_least_int8, to_float, to_real_float
from tensorsym.language.elementwise import OPS as RECORDED
from tensorsym.language.elementwise import elementwise
from tensorsym.language.table import public
from tensorsym.language.variable import as_tensor_variable

if TYPE_CHECKING:
    from tensorsym.language.elementwise import Elementwise

__all__ = ["round_"]

LN_2 = math.log(2)
LN_10 = math.log(10)
POSITIVE = ((0.2, 3.0),)
UNIT = ((-0.9, 0.9),)

exp = elementwise(
    "exp", numpy="exp", c="ts_exp(x)", rule=to_float, partials=(lambda x, out: out,),
    traits="monotone", methods=("exp",), ufuncs=("exp",),
    doc="Exponential, e to the power x. DLMF 4.2.19.",
)  # fmt: skip
exp2 = elementwise(
    "exp2", numpy=lambda x: np.exp(x * x.dtype.type(LN_2)) if x.dtype.kind == "c" else np.exp2(x),
    c="ts_exp2(x)", rule=to_float, partials=(lambda x, out: out * LN_2,),
    traits="monotone", ufuncs=("exp2",), doc="2 to the power x.",
)  # fmt: skip
expm1 = elementwise(
    "expm1", numpy="expm1", c="ts_expm1(x)", rule=to_float, partials=(lambda x, out: out + 1,),
    traits="monotone", ufuncs=("expm1",), doc="exp(x) - 1, with full accuracy near 0.",
)  # fmt: skip
log = elementwise(
    "log", numpy="log", c="ts_log(x)", rule=to_float, domain=POSITIVE,
    partials=(lambda x, out: 1 / x,), traits="monotone", ufuncs=("log",),
    doc="Natural logarithm; NaN below 0, -inf at 0. DLMF 4.2.2.",
)  # fmt: skip
log2 = elementwise(
    "log2", numpy="log2", c="ts_log2(x)", rule=to_float, domain=POSITIVE,
    partials=(lambda x, out: 1 / (x * LN_2),), traits="monotone", ufuncs=("log2",),
    doc="Logarithm to base 2.",
)  # fmt: skip
log10 = elementwise(
    "log10", numpy="log10", c="ts_log10(x)", rule=to_float, domain=POSITIVE, traits="monotone",
    partials=(lambda x, out: 1 / (x * LN_10),), ufuncs=("log10",), doc="Logarithm to base 10.",
)  # fmt: skip
log1p = elementwise(
    "log1p", numpy="log1p", c="ts_log1p(x)", rule=to_float, domain=((-0.6, 3.0),),
    traits="monotone", partials=(lambda x, out: 1 / (1 + x),), ufuncs=("log1p",),
    doc="log(1 + x), with full accuracy near 0.",
)  # fmt: skip
sqrt = elementwise(
    "sqrt", numpy="sqrt", c="ts_sqrt(x)", rule=to_float, domain=POSITIVE, traits="monotone",
    partials=(lambda x, out: 0.5 / out,), ufuncs=("sqrt",), doc="Square root; NaN below 0.",
)  # fmt: skip


def _power_base_partial(x: Any, y: Any, out: Any) -> Any:
    return y * x ** (y - 1)


def _power_exponent_partial(x: Any, y: Any, out: Any) -> Any:
    # x**y is constant in y where x is 0 and y positive; log(0) must not poison that.
    return switch(eq(x, 0), 0, out * log(switch(eq(x, 0), 1, x)))


def _integer_safe_power(x: Any, y: Any) -> Any:
    """Return numpy.power, defined for negative integer exponents too: 1/x**-y cut towards zero."""
    if x.dtype.kind not in "iu" or not (y.dtype.kind == "i" and np.any(y < 0)):
        return np.power(x, y)
    positive = np.power(x, np.where(y < 0, 0, y))
    one = x.dtype.type(1)
    alternating = np.where(y & 1, -one, one)
    negative = np.where(x == one, one, np.where(x == -one, alternating, 0))
    return np.where(y < 0, negative.astype(x.dtype), positive)


pow_ = elementwise(
    "pow", arity=2, numpy=_integer_safe_power, c="ts_pow(x, y)",
    rule=at_least_int8, domain=((0.3, 2.5), (-2.0, 2.0)),
    partials=(_power_base_partial, _power_exponent_partial), symbol="**", aliases=("power",),
    ufuncs=("power", "float_power"),
    doc="x to the power y. Integer powers wrap; 0 to a negative power is 0, others to it are cut "
    "to 0, 1 or -1.",
)  # fmt: skip


for _name, _numpy, _doc in (
    ("ceil", "ceil", "Smallest integer not below x, as a float."),
    ("floor", "floor", "Largest integer not above x, as a float."),
    ("trunc", "trunc", "Integer part, rounded towards 0, as a float."),
    ("round_half_to_even", "rint", "Nearest integer; halves go to the even neighbour."),
):
    elementwise(
        _name, numpy=_numpy, c=f"ts_{_numpy}(x)", rule=to_real_float, partials=(0,),
        traits="idempotent monotone", domain=((0.1, 0.4),), ufuncs=(_numpy,), doc=_doc,
    )  # fmt: skip
round_half_away_from_zero = elementwise(
    "round_half_away_from_zero", numpy=lambda x: np.copysign(np.floor(np.abs(x) + _half(x)), x),
    c="ts_round_half_away(x)", rule=to_real_float, partials=(0,), traits="odd idempotent monotone",
    domain=((0.1, 0.4),), doc="Nearest integer; halves go away from 0.",
)  # fmt: skip


def _half(x: Any) -> Any:
    """Return 0.5, or the number to add where 0.5 would round up wrongly or pass 2**mantissa."""
    below = np.nextafter(x.dtype.type(0.5), x.dtype.type(0))
    whole = np.abs(x) >= 2 / np.finfo(x.dtype).eps / 2
    return np.where((np.abs(x) == below) | whole, 0, 0.5).astype(x.dtype)


sin = elementwise(
    "sin", numpy="sin", c="ts_sin(x)", rule=to_float, partials=(lambda x, out: cos(x),),
    traits="odd", ufuncs=("sin",), doc="Sine of x in radians. DLMF 4.14.1.",
)  # fmt: skip
cos: Elementwise = elementwise(
    "cos", numpy="cos", c="ts_cos(x)", rule=to_float, partials=(lambda x, out: -sin(x),),
    traits="even", ufuncs=("cos",), doc="Cosine of x in radians. DLMF 4.14.2.",
)  # fmt: skip
tan = elementwise(
    "tan", numpy="tan", c="ts_tan(x)", rule=to_float, domain=((-1.2, 1.2),),
    partials=(lambda x, out: 1 + sqr(out),), traits="odd", ufuncs=("tan",),
    doc="Tangent of x in radians. DLMF 4.14.4.",
)  # fmt: skip
arcsin = elementwise(
    "arcsin", numpy="arcsin", c="ts_asin(x)", rule=to_float, domain=UNIT,
    partials=(lambda x, out: 1 / sqrt(1 - sqr(x)),), traits="odd monotone",
    ufuncs=("arcsin", "asin"), doc="Inverse sine, in radians. DLMF 4.23.19.",
)  # fmt: skip
arccos = elementwise(
    "arccos", numpy="arccos", c="ts_acos(x)", rule=to_float, domain=UNIT,
    partials=(lambda x, out: -1 / sqrt(1 - sqr(x)),), ufuncs=("arccos", "acos"),
    doc="Inverse cosine, in radians. DLMF 4.23.20.",
)  # fmt: skip
arctan = elementwise(
    "arctan", numpy="arctan", c="ts_atan(x)", rule=to_float,
    partials=(lambda x, out: 1 / (1 + sqr(x)),), traits="odd monotone", ufuncs=("arctan", "atan"),
    doc="Inverse tangent, in radians. DLMF 4.23.3.",
)  # fmt: skip
arctan2 = elementwise(
    "arctan2", arity=2, numpy="arctan2", c="", rule=to_real_float, domain=((0.3, 3.0), (0.3, 3.0)),
    partials=(lambda y, x, out: x / (sqr(x) + sqr(y)), lambda y, x, out: -y / (sqr(x) + sqr(y))),
    ufuncs=("arctan2", "atan2"),
    doc="Angle of the point (y, x): arctan2(y, x) is the argument of x + iy.",
)  # fmt: skip
sinh = elementwise(
    "sinh", numpy="sinh", c="ts_sinh(x)", rule=to_float, partials=(lambda x, out: cosh(x),),
    traits="odd monotone", ufuncs=("sinh",), doc="Hyperbolic sine. DLMF 4.28.1.",
)  # fmt: skip
cosh: Elementwise = elementwise(
    "cosh", numpy="cosh", c="ts_cosh(x)", rule=to_float, partials=(lambda x, out: sinh(x),),
    traits="even", ufuncs=("cosh",), doc="Hyperbolic cosine. DLMF 4.28.2.",
)  # fmt: skip
tanh = elementwise(
    "tanh", numpy="tanh", c="ts_tanh(x)", rule=to_float, partials=(lambda x, out: 1 - sqr(out),),
    traits="odd monotone", ufuncs=("tanh",), doc="Hyperbolic tangent. DLMF 4.28.4.",
)  # fmt: skip
arcsinh = elementwise(
    "arcsinh", numpy="arcsinh", c="ts_asinh(x)", rule=to_float,
    partials=(lambda x, out: 1 / sqrt(1 + sqr(x)),), traits="odd monotone",
    ufuncs=("arcsinh", "asinh"), doc="Inverse hyperbolic sine. DLMF 4.37.1.",
)  # fmt: skip
arccosh = elementwise(
    "arccosh", numpy="arccosh", c="ts_acosh(x)", rule=to_float, domain=((1.2, 4.0),),
    partials=(lambda x, out: 1 / sqrt(sqr(x) - 1),), traits="monotone",
    ufuncs=("arccosh", "acosh"),
    doc="Inverse hyperbolic cosine; NaN below 1. DLMF 4.37.2.",
)  # fmt: skip
arctanh = elementwise(
    "arctanh", numpy="arctanh", c="ts_atanh(x)", rule=to_float, domain=UNIT,
    partials=(lambda x, out: 1 / (1 - sqr(x)),), traits="odd monotone", ufuncs=("arctanh", "atanh"),
    doc="Inverse hyperbolic tangent. DLMF 4.37.3.",
)  # fmt: skip
deg2rad = elementwise(
    "deg2rad", numpy=lambda x: x * x.real.dtype.type(math.pi / 180), c="", rule=to_float,
    partials=(lambda x, out: math.pi / 180,), traits="odd monotone", ufuncs=("deg2rad", "radians"),
    doc="Degrees to radians.",
)  # fmt: skip
rad2deg = elementwise(
    "rad2deg", numpy=lambda x: x * x.real.dtype.type(180 / math.pi), c="", rule=to_float,
    partials=(lambda x, out: 180 / math.pi,), traits="odd monotone", ufuncs=("rad2deg", "degrees"),
    doc="Radians to degrees.",
)  # fmt: skip


@public("round", numpy=("round", "around"))
def round_(a: Any, mode: str | None = None) -> Any:
    """Return `a` rounded to integers, in floating point.

    Parameters
    ----------
    a : tensor
        A real tensor.
    mode : {'half_to_even', 'half_away_from_zero'}
        Where halves go; to the even neighbour if not given.

    Returns
    -------
    TensorVariable
        Of the shape of `a`, of floats.

    Examples
    --------
    >>> import tensorsym.tensor as T
    >>> T.round(T.vector()).ndim
    1
    """
    a = as_tensor_variable(a)
    if mode in (None, "half_to_even"):
        return RECORDED["round_half_to_even"](a)
    if mode == "half_away_from_zero":
        return round_half_away_from_zero(a)
    raise ValueError(f"round has no mode {mode!r}; there are half_to_even and half_away_from_zero")
