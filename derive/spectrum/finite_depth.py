r"""The product of finitely many free residual layers with R-diagonal branches: exact moments and edges.

With determining sequence :math:`A(x) = \sum c_{2k}x^{k-1}` of one branch (weights of variance
:math:`\sigma_w^2/(NL)`) the S-transform of a layer solves :math:`a^2S = (1-zSA)(1-(z+1)SA)`, A taken at
:math:`z(z+1)S`; see :mod:`derive.spectrum.transforms`.  Products multiply S-transforms, and Lagrange's inversion gives

.. math:: E\lambda^k = \tfrac1k\,[z^{k-1}]\; \bigl((1+z)\, S(z)^{-L}\bigr)^k ,

a rational number for rational a and cumulants.  Cumulants beyond c_2 are zero for a branch with Gaussian weights and a
constant slope (a *circular* branch), as in deep linear networks.  There, with :math:`\epsilon = c_2/a^2`,
:math:`v = 1 + 2z` and :math:`r = \sqrt{1 + 2\epsilon v + \epsilon^2}`,

.. math:: \frac1{a^2S} = \frac{(r+1)^2 - \epsilon^2}4, \qquad
   \frac{\lambda}{a^{2L}} = \frac{v+1}{v-1}\Bigl(\frac{(r+1)^2-\epsilon^2}4\Bigr)^L,

and dλ/dv = 0, at the ends of the spectrum, becomes the cubic equation
:math:`L(r+1)((r-1)^2-\epsilon^2) = 4\epsilon r`: the upper edge is its root :math:`r > 1+\epsilon`, the lower edge
the root :math:`0 < r < 1-\epsilon`.  For :math:`\epsilon \ge 1` the branch reaches the skip connection and the lower
edge is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from derive.spectrum.angle_digits import root_ball

__all__ = [
    "edge_cubic",
    "edge_log",
    "layer_inverse_s",
    "lower_edge_root",
    "moment",
    "moment_digits",
    "power_series_power",
    "upper_edge_root",
]


def _times(f: list, g: list) -> list:
    """The product of two series, cut at the length of the first."""
    size = len(f)
    return [sum((f[i] * g[k - i] for i in range(k + 1)), start=f[0] * 0) for k in range(size)]


def power_series_power(f: list, n: Any) -> list:
    """f^n for a series with f_0 != 0 and a number n, by f g' = n f' g."""
    g = [f[0] ** n]
    for k in range(1, len(f)):
        total = sum((n * i - (k - i)) * f[i] * g[k - i] for i in range(1, k + 1))
        g.append(total / (k * f[0]))
    return g


def layer_inverse_s(skip2: Any, cumulants: Sequence[Any], order: int) -> list:
    """1/S of one layer as a series in z, ``order`` coefficients; ``cumulants`` are c_2, c_4, ... of the branch.

    Fixed-point iteration of a^2 S = (1 - z S A)(1 - (z+1) S A) for T = 1/S: T = (1 + ...)/...; each sweep settles one
    more coefficient, because A's argument z (z+1) S and z S both start with z.
    """
    zero, one = skip2 * 0, skip2 * 0 + 1
    z = [zero, one, *[zero] * (order - 2)] if order > 1 else [zero]
    z1 = [one, *z[1:]]
    t = [skip2 + cumulants[0], *[zero] * (order - 1)]
    for _ in range(order + 1):
        s = power_series_power(t, -1)
        argument = _times(_times(z, z1), s)
        a, power = [zero] * order, [one, *[zero] * (order - 1)]
        for cumulant in cumulants[:order]:
            a = [p + cumulant * q for p, q in zip(a, power, strict=True)]
            power = _times(power, argument)
        # T^2 - (a^2 + (2z+1) A) T + z (z+1) A^2 = 0, solved for the T of the linear part
        rest = _times(_times(z, z1), _times(_times(a, a), s))
        double = [2 * p for p in _times(z, a)]
        t = [p + q - w for p, q, w in zip(a, double, rest, strict=True)]
        t[0] += skip2
    return t


def moment(k: int, layers: Sequence[tuple[tuple[Any, Sequence[Any]], int]]) -> Any:
    """E lambda^k, k >= 1, for layers given as (a^2, cumulants), equal layers listed once with their number.

    Each entry is ``((a^2, cumulants), count)``; exact in, exact out.
    """
    first = layers[0][0][0]
    zero, one = first * 0, first * 0 + 1
    total = [one, *[zero] * (k - 1)]
    for (skip2, cumulants), count in layers:
        total = _times(total, power_series_power(layer_inverse_s(skip2, cumulants, k), count))
    z1 = [one, one, *[zero] * (k - 2)] if k > 1 else [one]
    return power_series_power(_times(z1, total), k)[k - 1] / k


def exact(value: sp.Rational) -> Fraction:
    """A Fraction, which is fast in long sums."""
    return Fraction(int(value.p), int(value.q))


def moment_digits(k: int, skip2: sp.Expr, c2: sp.Expr, depth: int, digits: Any) -> sp.Float:
    """E lambda^k of equal circular layers to ``digits`` digits.

    The sums have positive terms except in S itself, whose coefficients are small: 2 k + 15 guard digits, and the same
    again as a check of the rounding.
    """
    import mpmath

    from derive.errors import PrecisionError
    from derive.numerics.compile import mpf_to_sympy, to_mpf
    from derive.numerics.exact import positive_integer

    digits = positive_integer(digits, "digits")
    found = []
    for guard in (2 * k + 15, 4 * k + 30):
        with mpmath.workdps(digits + guard + len(str(depth))):
            found.append(moment(k, [((to_mpf(skip2), (to_mpf(c2),)), depth)]))
    if abs(found[0] - found[1]) > abs(found[1]) * mpmath.mpf(10) ** (-digits - 2):
        raise PrecisionError(f"the moment of order {k} lost more than {2 * k + 15} digits to rounding; ask for fewer")
    return mpf_to_sympy(found[1], digits)


def edge_cubic(epsilon: sp.Expr, depth: int, r: sp.Symbol) -> sp.Poly:
    """The cubic whose roots r give the ends of the spectrum of ``depth`` equal circular layers."""
    return sp.Poly(sp.expand(depth * (r + 1) * ((r - 1) ** 2 - epsilon**2) - 4 * epsilon * r), r)


def lower_edge_root(epsilon: Any, depth: int) -> Any:
    """A ball around r at the lower edge, for a ball 0 < epsilon < 1.

    The cubic is positive at 0 and negative at 1 - epsilon and at 1 + epsilon, so it has one root between the first two,
    one beyond the third, and one below 0.
    """
    from flint import arb

    return root_ball(lambda r: -_cubic(r, epsilon, depth), arb(0), arb((1 - epsilon).lower()))


def upper_edge_root(epsilon: Any, depth: int) -> Any:
    """A ball around r at the upper edge, for a ball epsilon > 0."""
    from flint import arb

    far = 3 + epsilon + 4 * epsilon / depth  # there (r - 1)^2 - epsilon^2 > 4 epsilon / depth
    return root_ball(lambda r: _cubic(r, epsilon, depth), arb((1 + epsilon).lower()), arb(far.upper()))


def edge_log(epsilon: Any, depth: int, upper: bool) -> Any:
    """A ball around log(lambda/a^(2L)) at an edge, for a ball epsilon > 0 (epsilon < 1 for the lower edge)."""
    root = upper_edge_root if upper else lower_edge_root
    return _log_lambda(root(epsilon, depth), epsilon, depth)


def _cubic(r: Any, epsilon: Any, depth: int) -> Any:
    return depth * (r + 1) * ((r - 1 - epsilon) * (r - 1 + epsilon)) - 4 * epsilon * r


def _log_lambda(r: Any, epsilon: Any, depth: int) -> Any:
    ratio = (r - 1 + epsilon) * (r + 1 - epsilon) / ((r - 1 - epsilon) * (r + 1 + epsilon))
    return ratio.log() + depth * (((r + 1) * (r + 1) - epsilon * epsilon) / 4).log()
