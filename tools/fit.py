"""Fit the polynomials of the elementary functions: coefficients as C's hexadecimal literals.

    python tools/fit.py exp 4        # the degree of the polynomial; prints the error too

Needs mpmath. Chebyshev's fit is within a fraction of a bit of the best one at these lengths.
"""

import sys

import mpmath

HALF_LN2 = mpmath.log(2) / 2


def _or_limit(function, limit):
    """Return `function` with its limit at 0."""
    return lambda x: limit if abs(x) < mpmath.mpf(2) ** -60 else function(x)


def _of_square(function, limit):
    return _or_limit(
        lambda z: (function(mpmath.sqrt(z)) - mpmath.sqrt(z)) / mpmath.sqrt(z) ** 3, limit
    )


def _scaled_erfc(w):
    x = mpmath.mpf("3.75") * (1 + w) / (1 - w)
    return (1 + 2 * x) * mpmath.exp(x * x) * mpmath.erfc(x)


FITS = {
    # (exp(r) - 1 - r) / r^2
    "exp": (_or_limit(lambda r: (mpmath.expm1(r) - r) / r**2, 0.5), (-HALF_LN2, HALF_LN2)),
    # R / z of msun's logarithm, log(1 + f) = 2 s + s R, z = s^2, s = f / (2 + f), for 0 <= f <= 1
    "log1p": (
        _or_limit(lambda z: (2 * mpmath.atanh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 2) / z, 2 / 3),
        (0, mpmath.mpf(1) / 9),
    ),
    # (sinh(x) - x) / x^3, (atan(x) - x) / x^3 and (asin(x) - x) / x^3, polynomials of z = x^2
    "sinh": (_of_square(mpmath.sinh, mpmath.mpf(1) / 6), (0, 1)),
    "atan": (_of_square(mpmath.atan, -mpmath.mpf(1) / 3), (0, mpmath.mpf("0.1716"))),
    "asin": (_of_square(mpmath.asin, mpmath.mpf(1) / 6), (0, mpmath.mpf("0.2501"))),
    # (1 + 2 x) exp(x^2) erfc(x) of w = (x - 3.75) / (x + 3.75), for 3/4 <= x <= 28
    "erfc": (_scaled_erfc, (-mpmath.mpf(2) / 3, mpmath.mpf(97) / 127)),
}


def main() -> None:
    """Print the coefficients of one fit, lowest first."""
    mpmath.mp.dps = 50
    name, degree = sys.argv[1], int(sys.argv[2])
    function, interval = FITS[name]
    polynomial, error = mpmath.chebyfit(function, interval, degree + 1, error=True)
    for coefficient in reversed(polynomial):
        print(float(coefficient).hex())
    print("error", float(error))


if __name__ == "__main__":
    main()
