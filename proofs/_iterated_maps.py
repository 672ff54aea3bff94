r"""The parabolic maps of the classical literature for mpmath, their singular parts worked out by hand.

For :math:`x' = x - a x^{k+1} + b x^{2k+1} + \dots` the Abel function is
:math:`x^{-k}/(ka) + ((k+1)/2 - b/a^2)\log x + \dots` plus a power series in :math:`x^k` that vanishes at 0,
if F(x)/x is one in :math:`x^k`.
"""

import mpmath

from ._iterated import Map


def tamed(k: int, a: tuple[int, int], log: tuple[int, int], step) -> Map:
    """A map x - a x^(k+1) + ... at 0; ``a`` and the coefficient ``log`` of log x as pairs (numerator, denominator)."""
    return Map(
        step=step,
        singular=lambda x: a[1] * x**-k / (k * a[0]) + log[0] * mpmath.log(x) / log[1],
        variable=lambda x: x**k,
    )


# k, a, and (k+1)/2 - b/a^2, in each line
SINE = tamed(2, (1, 6), (6, 5), mpmath.sin)  # b = 1/120
ARCSINH = tamed(2, (1, 6), (-6, 5), mpmath.asinh)  # b = 3/40
TANH = tamed(2, (1, 3), (3, 10), mpmath.tanh)  # b = 2/15
ARCTAN = tamed(2, (1, 3), (-3, 10), mpmath.atan)  # b = 1/5
LOGISTIC = tamed(1, (1, 1), (1, 1), lambda x: x * (1 - x))  # b = 0
ROOT = tamed(1, (1, 1), (-1, 1), lambda x: (mpmath.sqrt(1 + 4 * x) - 1) / 2)  # b = 2
X_EXP = tamed(1, (1, 1), (1, 2), lambda x: x * mpmath.exp(-x))  # b = 1/2
LOG1P = tamed(1, (1, 2), (-1, 3), mpmath.log1p)  # b = 1/3

# at infinity: A = x^(k+1)/(k+1) - k/2 log x + (a power series in x^-(k+1)) for x' = x + x^-k
RECIPROCAL = Map(lambda x: x + 1 / x, lambda x: x**2 / 2 - mpmath.log(x) / 2, lambda x: x**-2)
RECIPROCAL_SQUARE = Map(lambda x: x + 1 / x**2, lambda x: x**3 / 3 - mpmath.log(x), lambda x: x**-3)

# y = sqrt(x) goes to y sqrt(1 + 1/y) = y + 1/2 - 1/(8 y) + ..., so that A = 2 y + (1/2) log y + (a power series in 1/y)
ADD_ROOT = Map(
    lambda x: x + mpmath.sqrt(x), lambda x: 2 * mpmath.sqrt(x) + mpmath.log(x) / 4, lambda x: 1 / mpmath.sqrt(x)
)
