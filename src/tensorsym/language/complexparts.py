"""Complex numbers from real ones and back: parts, conjugate, angle, polar form.

A gradient with respect to a complex number z = a + ib is d/da + i d/db, as in Theano. Functions
that have no complex derivative state theirs as a linear map over the reals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorsym.language.arithmetic import cast, eq, sqr, switch
from tensorsym.language.dtypes import at_least_int8, is_complex, real_of, to_real_float, upcast
from tensorsym.language.elementwise import Linear, elementwise
from tensorsym.language.table import FUNCTIONS

if TYPE_CHECKING:
    from tensorsym.language.elementwise import Elementwise

__all__: list[str] = []


def _parts(*dtypes: str) -> tuple[tuple[str, ...], str]:
    """Compute the complex number of two real parts."""
    to_real_float(*dtypes)
    result = upcast(*dtypes, "complex64")
    return (real_of(result),) * len(dtypes), result


def _real_of(dtype: str) -> tuple[tuple[str, ...], str]:
    return (dtype,), real_of(dtype)


def _complex(x: Any, y: Any) -> Any:
    """Return x + iy; the sum itself would turn an infinite y into NaN + iy."""
    result = np.empty(np.broadcast_shapes(x.shape, y.shape), np.result_type(x, np.complex64))
    result.real, result.imag = x, y
    return result


def _imaginary_of(g: Any) -> Any:
    """Return ig for a real g."""
    return complex_(FUNCTIONS["zeros_like"](g), g)


def _real_derivative(x: Any, out: Any) -> Any:
    if not is_complex(x.type.dtype):
        return 1
    return Linear(lambda g: cast(g, x.type.dtype), real)


def _imag_derivative(x: Any, out: Any) -> Any:
    return Linear(_imaginary_of, imag) if is_complex(x.type.dtype) else 0


def _angle_derivative(z: Any, out: Any) -> Any:
    if not is_complex(z.type.dtype):
        return 0
    squared = sqr(real(z)) + sqr(imag(z))
    turned = z * 1j / switch(eq(squared, 0), 1, squared)
    return Linear(lambda g: g * turned, lambda t: real(conj(turned) * t))


real = elementwise(
    "real", numpy=lambda x: x.real, c="", rule=_real_of, partials=(_real_derivative,),
    ufuncs=("real",), doc="Real part; real numbers are left alone.",
)  # fmt: skip
imag = elementwise(
    "imag", numpy=lambda x: x.imag, c="", rule=_real_of, partials=(_imag_derivative,),
    ufuncs=("imag",), doc="Imaginary part; 0 of real numbers.",
)  # fmt: skip
conj: Elementwise = elementwise(
    "conj", numpy="conjugate", c="", rule=at_least_int8, traits="involution",
    partials=(lambda x, out: Linear(conj, conj),), aliases=("conjugate",),
    ufuncs=("conjugate", "conj"),
    doc="Complex conjugate; real numbers are left alone.",
)  # fmt: skip
angle = elementwise(
    "angle", numpy="angle", c="", rule=lambda x: ((x,), "float64"), partials=(_angle_derivative,),
    domain=((0.2, 3.0),), ufuncs=("angle",),
    doc="Angle of a complex number in radians, in (-pi, pi]. Always float64. DLMF 1.9.7.",
)  # fmt: skip
complex_ = elementwise(
    "complex", arity=2, numpy=_complex, c="", rule=_parts,
    partials=(lambda x, y, out: 1, lambda x, y, out: 1j), doc="Complex number x + iy.",
)  # fmt: skip
complex_from_polar: Elementwise = elementwise(
    "complex_from_polar", arity=2, c="", rule=_parts, domain=((0.2, 3.0), (-3.0, 3.0)),
    numpy=lambda r, phi: _complex(r * np.cos(phi), r * np.sin(phi)),
    partials=(lambda r, phi, out: complex_from_polar(FUNCTIONS["ones_like"](r), phi),
              lambda r, phi, out: 1j * out),
    doc="Complex number of modulus x and angle y in radians. DLMF 1.9.3.",
)  # fmt: skip
