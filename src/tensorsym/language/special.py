"""Special functions: error, gamma and Bessel functions, and logarithms that keep their digits.

One record each. SciPy is loaded when a reference is first computed, not by this module. Numbers in
the docs are sections of the Digital Library of Mathematical Functions, https://dlmf.nist.gov.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.arithmetic import eq, sgn, sqr, switch
from tensorsym.language.dtypes import (
    float64_only,
    predicate,
    real_predicate,
    to_float,
    to_real_float,
)
from tensorsym.language.elementwise import elementwise
from tensorsym.language.functions import cos, exp, expm1, log
from tensorsym.language.nnet import sigmoid

if TYPE_CHECKING:
    from tensorsym.language.elementwise import Elementwise

__all__: list[str] = []

TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)
LN_2 = math.log(2)
POSITIVE = ((0.3, 4.0),)
POSITIVES = ((0.5, 4.0), (0.3, 4.0))
ORDER_AND_ARGUMENT = ((0.0, 3.0), (0.4, 5.0))
TINY = (1e-300, -1e-300)
HERE = "tensorsym.language.special_reference"

erf = elementwise(
    "erf", numpy="scipy.special:erf", c="ts_erf(x)", rule=to_float, traits="odd monotone",
    partials=(lambda x, out: TWO_OVER_SQRT_PI * exp(-sqr(x)),), points=TINY,
    doc="Error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x. DLMF 7.2.1.",
)  # fmt: skip
erfc = elementwise(
    "erfc", numpy="scipy.special:erfc", c="ts_erfc(x)", rule=to_real_float, points=(26.0, -6.0),
    partials=(lambda x, out: -TWO_OVER_SQRT_PI * exp(-sqr(x)),),
    doc="Complementary error function, 1 - erf(x) with all digits for large x. DLMF 7.2.2.",
)  # fmt: skip
erfcx = elementwise(
    "erfcx", numpy="scipy.special:erfcx", c="", rule=to_real_float, points=(1e8, -26.0),
    partials=(lambda x, out: 2 * x * out - TWO_OVER_SQRT_PI,),
    doc="Scaled complementary error function, exp(x**2) * erfc(x). DLMF 7.2.3.",
)  # fmt: skip
erfinv = elementwise(
    "erfinv", numpy="scipy.special:erfinv", c="", rule=to_real_float, traits="odd monotone",
    partials=(lambda x, out: exp(sqr(out)) / TWO_OVER_SQRT_PI,), points=(-1.0, 1.0, 2.0),
    domain=((-0.95, 0.95),), doc="Inverse of the error function, NaN outside [-1, 1]. DLMF 7.17.1.",
)  # fmt: skip
erfcinv = elementwise(
    "erfcinv", numpy="scipy.special:erfcinv", c="", rule=to_real_float, domain=((0.05, 1.95),),
    partials=(lambda x, out: -exp(sqr(out)) / TWO_OVER_SQRT_PI,), points=(0.0, 1e-300, 2.0),
    doc="Inverse of the complementary error function, NaN outside [0, 2]. DLMF 7.17.1.",
)  # fmt: skip

gamma = elementwise(
    "gamma", numpy="scipy.special:gamma", c="", rule=to_float, domain=POSITIVE,
    partials=(lambda x, out: out * psi(x),), points=(-0.5, 170.0),
    doc="Gamma function: (x - 1)! of a positive integer; NaN or inf at its poles. DLMF 5.2.1.",
)  # fmt: skip
gammaln = elementwise(
    "gammaln", numpy=f"{HERE}:log_gamma", c="", rule=to_float, domain=POSITIVE, points=(1e300, 0.0),
    partials=(lambda x, out: psi(x),),
    doc="Logarithm of |gamma(x)|; of complex numbers the principal branch. DLMF 5.2.1.",
)  # fmt: skip
psi: Elementwise = elementwise(
    "psi", numpy="scipy.special:psi", c="", rule=to_float, domain=POSITIVE, aliases=("digamma",),
    partials=(lambda x, out: tri_gamma(x),), points=(1.4616321449683623, -0.5),
    doc="Derivative of log(gamma(x)), the digamma function. DLMF 5.2.2.",
)  # fmt: skip
tri_gamma: Elementwise = elementwise(
    "tri_gamma", numpy=f"{HERE}:trigamma", c="", rule=to_real_float, domain=POSITIVE,
    partials=(lambda x, out: polygamma(2, x),), points=(-0.5,),
    doc="Derivative of psi, the trigamma function. DLMF 5.15.",
)  # fmt: skip
polygamma: Elementwise = elementwise(
    "polygamma", arity=2, numpy=f"{HERE}:polygamma", c="", rule=to_real_float,
    domain=((1.0, 1.0), (0.3, 4.0)), partials=(None, lambda n, x, out: polygamma(n + 1, x)),
    doc="Derivative of psi of order x (0, 1, 2, ...) at y; NaN for other orders. DLMF 5.15.",
)  # fmt: skip
chi2sf = elementwise(
    "chi2sf", arity=2, numpy=f"{HERE}:chi2_survival", c="", rule=float64_only,
    partials=(lambda x, k, out: -_gamma_density(k / 2, x / 2) / 2, None),
    domain=((0.3, 4.0), (1.0, 4.0)), points=(0.0,),
    doc="Probability that a chi-squared variable of y degrees of freedom exceeds x. "
    "Always float64. DLMF 8.2.4.",
)  # fmt: skip
gammainc = elementwise(
    "gammainc", arity=2, numpy="scipy.special:gammainc", c="", rule=to_real_float, domain=POSITIVES,
    partials=(None, lambda k, x, out: _gamma_density(k, x)),
    doc="Regularised lower incomplete gamma function P(x, y). DLMF 8.2.4.",
)  # fmt: skip
gammaincc = elementwise(
    "gammaincc", arity=2, numpy="scipy.special:gammaincc", c="", rule=to_real_float,
    domain=POSITIVES, partials=(None, lambda k, x, out: -_gamma_density(k, x)),
    doc="Regularised upper incomplete gamma function Q(x, y) = 1 - P(x, y). DLMF 8.2.4.",
)  # fmt: skip
gammau = elementwise(
    "gammau", arity=2, numpy=f"{HERE}:upper_gamma", c="", rule=to_real_float, domain=POSITIVES,
    partials=(None, lambda k, x, out: -exp(xlogy0(k - 1, x) - x)),
    doc="Upper incomplete gamma function, the integral of t**(x-1) exp(-t) from y on. DLMF 8.2.2.",
)  # fmt: skip
gammal = elementwise(
    "gammal", arity=2, numpy=f"{HERE}:lower_gamma", c="", rule=to_real_float, domain=POSITIVES,
    partials=(None, lambda k, x, out: exp(xlogy0(k - 1, x) - x)),
    doc="Lower incomplete gamma function, the integral of t**(x-1) exp(-t) up to y. DLMF 8.2.1.",
)  # fmt: skip


def _gamma_density(k: Any, x: Any) -> Any:
    """Return x**(k-1) exp(-x) / gamma(k), by logarithms so that neither factor overflows."""
    return exp(xlogy0(k - 1, x) - x - gammaln(k))


j0 = elementwise(
    "j0", numpy="scipy.special:j0", c="", rule=to_real_float, traits="even",
    partials=(lambda x, out: -j1(x),), points=(0.0, 50.0),
    doc="Bessel function of the first kind of order 0. DLMF 10.2.2, derivative 10.6.3.",
)  # fmt: skip
j1: Elementwise = elementwise(
    "j1", numpy="scipy.special:j1", c="", rule=to_real_float, traits="odd",
    partials=(lambda x, out: (j0(x) - jv(2, x)) / 2,), points=(0.0, 50.0),
    doc="Bessel function of the first kind of order 1. DLMF 10.2.2, derivative 10.6.1.",
)  # fmt: skip
jv: Elementwise = elementwise(
    "jv", arity=2, numpy="scipy.special:jv", c="", rule=to_real_float, domain=ORDER_AND_ARGUMENT,
    partials=(None, lambda v, x, out: (jv(v - 1, x) - jv(v + 1, x)) / 2),
    doc="Bessel function of the first kind of order x at y. DLMF 10.2.2, derivative 10.6.1.",
)  # fmt: skip
i0 = elementwise(
    "i0", numpy="scipy.special:i0", c="", rule=to_real_float, traits="even",
    partials=(lambda x, out: i1(x),), points=(0.0, 700.0),
    doc="Modified Bessel function of the first kind of order 0. DLMF 10.25.2, derivative 10.29.3.",
)  # fmt: skip
i1: Elementwise = elementwise(
    "i1", numpy="scipy.special:i1", c="", rule=to_real_float, traits="odd monotone",
    partials=(lambda x, out: (i0(x) + iv(2, x)) / 2,), points=(0.0, 700.0),
    doc="Modified Bessel function of the first kind of order 1. DLMF 10.25.2, derivative 10.29.1.",
)  # fmt: skip
iv: Elementwise = elementwise(
    "iv", arity=2, numpy="scipy.special:iv", c="", rule=to_real_float, domain=ORDER_AND_ARGUMENT,
    partials=(None, lambda v, x, out: (iv(v - 1, x) + iv(v + 1, x)) / 2),
    doc="Modified Bessel function of the first kind of order x at y. DLMF 10.25.2, 10.29.1.",
)  # fmt: skip

xlogx = elementwise(
    "xlogx", numpy=f"{HERE}:xlogx", c="", rule=to_float, domain=POSITIVE, points=(0.0,),
    partials=(lambda x, out: 1 + log(x),), doc="x log(x), 0 at 0 (minus the entropy of x).",
)  # fmt: skip
xlogy0: Elementwise = elementwise(
    "xlogy0", arity=2, numpy=f"{HERE}:xlogy0", c="", rule=to_float, domain=POSITIVES,
    partials=(lambda x, y, out: log(y), lambda x, y, out: switch(eq(x, 0), 0, x / y)),
    aliases=("xlogy",), points=(0.0,), doc="x log(y), 0 where x is 0 whatever y is.",
)  # fmt: skip
log1mexp = elementwise(
    "log1mexp", numpy=lambda x: np.where(x > -LN_2, np.log(-np.expm1(x)), np.log1p(-np.exp(x))),
    c="", rule=to_real_float, domain=((-4.0, -0.2),), points=(-1e-300, -700.0),
    partials=(lambda x, out: -1 / expm1(-x),),
    doc="log(1 - exp(x)) for x below 0, accurate near 0 and far from it (Maechler 2012, Rmpfr).",
)  # fmt: skip
logaddexp = elementwise(
    "logaddexp", arity=2, numpy="logaddexp", c="", rule=to_real_float, ufuncs=("logaddexp",),
    traits="commutative associative",
    partials=(lambda x, y, out: sigmoid(x - y), lambda x, y, out: sigmoid(y - x)),
    doc="log(exp(x) + exp(y)) without overflow.",
)  # fmt: skip

isfinite = elementwise(
    "isfinite", numpy="isfinite", c="", rule=predicate, partials=(0,), traits="predicate",
    ufuncs=("isfinite",), doc="Whether x is neither NaN nor infinite.",
)  # fmt: skip
signbit = elementwise(
    "signbit", numpy=lambda x: x < 0 if x.dtype.kind in "biu" else np.signbit(x), c="",
    rule=real_predicate, partials=(0,), traits="predicate",
    ufuncs=("signbit",), doc="Whether x is below 0 or -0.0.",
)  # fmt: skip
copysign: Elementwise = elementwise(
    "copysign", arity=2, numpy="copysign", c="", rule=to_real_float, ufuncs=("copysign",),
    domain=((0.2, 3.0), (0.2, 3.0)), partials=(lambda x, y, out: sgn(x) * copysign(1, y), 0),
    doc="|x| with the sign of y.",
)  # fmt: skip
hypot = elementwise(
    "hypot", arity=2, numpy="hypot", c="", rule=to_real_float, ufuncs=("hypot",),
    domain=((0.2, 3.0), (0.2, 3.0)), traits="commutative", points=(1e300,),
    partials=(lambda x, y, out: _quotient(x, out), lambda x, y, out: _quotient(y, out)),
    doc="sqrt(x**2 + y**2) without overflow. The gradient at 0 is 0.",
)  # fmt: skip
cbrt = elementwise(
    "cbrt", numpy="cbrt", c="", rule=to_real_float, domain=POSITIVE, traits="odd monotone",
    partials=(lambda x, out: 1 / (3 * sqr(out)),), ufuncs=("cbrt",), doc="Cube root.",
)  # fmt: skip
sinc = elementwise(
    "sinc", numpy="sinc", c="", rule=to_real_float, domain=POSITIVE, traits="even",
    ufuncs=("sinc",), points=(0.0,),
    partials=(lambda x, out: _quotient(cos(math.pi * x) - out, x),),
    doc="sin(pi x) / (pi x), 1 at 0.",
)  # fmt: skip


def _quotient(x: Any, y: Any) -> Any:
    """Return x / y, 0 where y is 0."""
    return switch(eq(y, 0), 0, x / switch(eq(y, 0), 1, y))
