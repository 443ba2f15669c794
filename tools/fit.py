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


FITS = {
    # (exp(r) - 1 - r) / r^2
    "exp": (_or_limit(lambda r: (mpmath.expm1(r) - r) / r**2, 0.5), (-HALF_LN2, HALF_LN2)),
    # R / z of msun's logarithm, log(1 + f) = 2 s + s R, z = s^2, s = f / (2 + f), for 0 <= f <= 1
    "log1p": (
        _or_limit(lambda z: (2 * mpmath.atanh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 2) / z, 2 / 3),
        (0, mpmath.mpf(1) / 9),
    ),
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
