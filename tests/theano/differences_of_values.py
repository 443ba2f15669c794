"""Where our values are others than Theano's: why, and from which independent source ours can be had.

An oracle takes the arrays a recorded program is run on and returns the right answer, computed with
NumPy, SciPy or Python's integers.
"""

# ruff: noqa: E501
# (a regular expression for a program is one line, however long)

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.special
from tests.data.recorders import outcome
from tests.theano.differences import ACCEPTED, Difference, array

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DIFFERENCES_OF_VALUES"]

SPREAD = np.array([-800, -40, -1, 0, 1, 20, 40, 800.0])


class OfValues(Difference):
    """A difference between values of a program that is run on recorded arrays."""

    def applies(self, case: dict[str, Any], answer: Any) -> bool:
        """Tell whether the row is about a program and Theano's answer to it."""
        return "values" in case and super().applies(case, answer)


def by(oracle: Callable[..., Any]) -> Callable[[dict[str, Any]], Any]:
    """Return what makes the recorded form of an oracle's answer to a program."""

    def answer(single: dict[str, Any]) -> Any:
        with np.errstate(all="ignore"):
            return outcome.encode(oracle(*map(outcome.decode, single["values"])))

    return answer


def cast_to(dtype: str) -> Callable[..., Any]:
    """Return the oracle of clause N6: truncated to the nearest number that the dtype has; NaN is 0."""
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)

    def number(x: float) -> int:
        bounded = min(max(x, float(low)), float(high)) if not math.isnan(x) else 0.0
        return min(max(int(bounded), low), high)

    return lambda x: np.array([number(float(item)) for item in x], dtype)


def integer_power(x: Any, y: Any) -> Any:
    """Return powers by clause N4, with Python's integers."""
    dtype = np.result_type(x, y)
    modulus = 1 << (8 * dtype.itemsize)

    def power(base: int, exponent: int) -> int:
        if exponent < 0:
            return {1: 1, -1: (-1) ** -exponent}.get(base, 0)
        return pow(base, exponent, modulus)

    pairs = np.broadcast(x, y)
    words = [power(int(a), int(b)) % modulus for a, b in pairs]
    return np.array(words, f"u{dtype.itemsize}").view(dtype).reshape(pairs.shape)


def floor_division(x: Any, y: Any) -> Any:
    """Return NumPy's quotient; a common dtype of small integers and float32 is float32."""
    dtype = y.dtype if x.dtype == "int8" else np.result_type(x, y)
    return np.floor_divide(x.astype(dtype), y.astype(dtype))


def extreme(choose: Callable[..., Any], sign: Callable[..., Any]) -> Callable[..., Any]:
    """Return the oracle of clause N14: zeros are ordered by their signs."""

    def chosen(x: Any, y: Any) -> Any:
        zeros = (x == 0) & (y == 0)
        negative = sign(np.signbit(x), np.signbit(y))
        return np.where(zeros, np.where(negative, -x.dtype.type(0), x.dtype.type(0)), choose(x, y))

    return chosen


def from_polar(modulus: Any, angle: Any) -> Any:
    """Return complex numbers whose parts are multiplied by themselves."""
    modulus, angle = np.broadcast_arrays(modulus, angle)
    out = np.empty(modulus.shape, np.result_type(modulus, np.complex64))
    out.real, out.imag = modulus * np.cos(angle), modulus * np.sin(angle)
    return out


def complex_power(x: Any, y: Any) -> Any:
    """Return NumPy's power."""
    return np.power(x, y)


def relu(x: Any) -> Any:
    """Return what is positive, 0 elsewhere, in at least single precision; NaN stays."""
    return np.where(x <= 0, 0, x).astype(np.result_type(x, np.float32))


def ultra_fast_sigmoid(x: Any) -> Any:
    """Return Theano's piecewise formula; NaN stays."""
    half = np.abs(x) * x.dtype.type(0.5)
    pieces = [1.5 * half / (1 + half), 0.935409070603099 + 0.0458812946797165 * (half - 1.7)]
    z = np.where(half < 1.7, pieces[0], np.where(half < 3, pieces[1], 0.99505475368673))
    return np.where(np.isnan(x), x, 0.5 * (np.copysign(z, x) + 1)).astype(x.dtype)


def round_half_away(x: Any) -> Any:
    """Return the nearest integers with the sign of x, halves away from 0."""
    return np.copysign(np.floor(np.abs(x) + x.dtype.type(0.5)), x)


def in_single_precision(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with float16 computed in float32 and rounded once."""
    return lambda x: function(x.astype(np.result_type(x, np.float32))).astype(x.dtype)


DIFFERENCES_OF_VALUES = (
    *(
        OfValues(rf"T\.cast\(x, '{dtype}'\)", "*", by(cast_to(dtype)),
                   f"what {dtype} does not hold is cast to the nearest bound, NaN to 0 (N6)", "x=float.*")
        for dtype in ("int8", "int16", "int32", "int64", "uint8", "uint32", "uint64")
    ),
    OfValues(r"T\.(floor_div|int_div)\(x, y\)", ACCEPTED, by(floor_division),
               "floor(1/0) is infinite since NumPy 1.20; INT_MIN // -1 wraps (N2)"),
    OfValues(r"T\.pow\(x, y\)", "ValueError", by(integer_power),
               "a negative integer power is the real power truncated (N4)"),
    OfValues(r"T\.pow\(x, y\)", ACCEPTED, by(complex_power), "powers of complex 0 are those of C and of newer NumPy",
               ".*complex.*"),
    OfValues(r"T\.maximum\(x, y\)", ACCEPTED, by(extreme(np.maximum, np.logical_and)),
               "zeros are ordered by their signs (N14)"),
    OfValues(r"T\.minimum\(x, y\)", ACCEPTED, by(extreme(np.minimum, np.logical_or)),
               "zeros are ordered by their signs (N14)"),
    Difference(r"T\.max\(x\)\.eval\(\{x: \[-0\., 0\.\]\}\)", ACCEPTED, array("f8", 0), "so they are in max (N14)"),
    Difference(r"T\.min\(x\)\.eval\(\{x: \[0\., -0\.\]\}\)", ACCEPTED, array("f8", "-0.0"), "and in min (N14)"),
    Difference(r"T\.maximum\(x, y\)\.eval\(.*", ACCEPTED, array("f8", "nan", "nan", 0, 0, shape=[4]),
               "zeros are ordered by their signs (N14)"),
    Difference(r"T\.minimum\(x, y\)\.eval\(.*", ACCEPTED, array("f8", "nan", "nan", "-0.0", "-0.0", shape=[4]),
               "zeros are ordered by their signs (N14)"),
    Difference(r"T\.eq\(x, x\)\.eval\(\{x: \[np\.nan, 1\]\}\)", ACCEPTED, array("?", False, True, shape=[2]),
               "NaN equals nothing (N12); Theano takes what is the same to be equal"),
    Difference(r"T\.sum\(x\)\.eval\(\{x: \[-0\., -0\.\]\}\)", ACCEPTED, array("f8", "-0.0"),
               "the sum of negative zeros is one (N25)"),
    OfValues(r"T\.gammainc\(x, y\)", ACCEPTED, by(scipy.special.gammainc), "SciPy since 1.6: NaN in, NaN out"),
    OfValues(r"T\.gammaincc\(x, y\)", ACCEPTED, by(scipy.special.gammaincc), "SciPy since 1.6: NaN in, NaN out"),
    OfValues(r"T\.erfinv\(x\)", ACCEPTED, by(scipy.special.erfinv), "SciPy 1.5 loses digits near 0"),
    OfValues(r"T\.gamma\(x\)", ACCEPTED, by(in_single_precision(scipy.special.gamma)),
               "gamma(-inf) is NaN, and gamma(-0.0) -inf, in newer SciPy and in C", "x=float16.*"),
    OfValues(r"T\.angle\(x\)", ACCEPTED, by(lambda x: np.angle(x.astype("float32")).astype("float64")),
               "float16 is computed in float32 (N11), not in half precision", "x=float16.*"),
    OfValues(r"T\.round_half_away_from_zero\(x\)", ACCEPTED, by(round_half_away),
               "a zero keeps its sign, as in Theano's C code", "x=float16.*"),
    OfValues(r"T\.complex_from_polar\(x, y\)", "ValueError", by(from_polar), "Theano can not broadcast it without C"),
    OfValues(r"T\.nnet\.relu\(x\)", ACCEPTED, by(relu), "relu(-inf) is 0; Theano computes -inf + inf"),
    OfValues(r"T\.nnet\.ultra_fast_sigmoid\(x\)", ACCEPTED, by(in_single_precision(ultra_fast_sigmoid)),
               "NaN is not hidden"),
    Difference(r"T\.nnet\.softplus\(x\)\.eval.*", ACCEPTED, outcome.encode(np.logaddexp(0, SPREAD)),
               "softplus is exact also below -30 and above 16, where Theano cuts"),
    Difference(r"T\.nnet\.sigmoid\(x\)\.eval.*", ACCEPTED, outcome.encode(scipy.special.expit(SPREAD)),
               "sigmoid is exact also below -30 and above 15, where Theano cuts"),
    Difference(r"x\.norm\(0\)\.eval\(.*", "NotImplementedError", array("i8", 2), "two elements are not 0"),
    Difference(r"T\.topk\(x, 2\)\.eval.*", "NotImplementedError", array("f8", 3, 2, shape=[2]), "the largest first"),
    Difference(r"T\.topk\(x, -2\)\.eval.*", "NotImplementedError", array("f8", 2, 1, shape=[2]), "the smallest last"),
    Difference(r"T\.argtopk\(x, 2\)\.eval.*", "NotImplementedError", array("i8", 0, 2, shape=[2]), "their positions"),
)  # fmt: skip
