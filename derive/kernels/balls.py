r"""The kernel and its normalisation in ball arithmetic, for points and for boxes of :math:`(\alpha, c)`.

With :math:`\mu = \alpha + 1/2 > 0`, :math:`x = (1+c)/2` and :math:`F_\mu(x) = {}_2F_1(1/2, 1/2; \mu+1; x)`,

.. math:: J_\alpha(c) = x^\mu\, F_\mu(x)/F_\mu(1), \qquad
    1/F_\mu(1) = \Gamma(\alpha+1)^2/\bigl(\Gamma(\alpha+3/2)\,\Gamma(\alpha+1/2)\bigr).

Boxes: the coefficients :math:`a_k(\mu) = (1/2)_k^2/((\mu+1)_k\,k!)` of :math:`F_\mu` are positive, and
:math:`a_{k+1}/a_k` decreases in :math:`\mu`.  So :math:`F_\mu` increases in x, and the weight of the high powers falls
with :math:`\mu`: :math:`F_\mu(x)/F_\mu(1)` increases in :math:`\mu` (total positivity of order two, sign reversed).  As
:math:`x^\mu` falls in :math:`\mu`, two values at corners enclose the kernel on a box:

.. math:: x_0^{\mu_1} F_{\mu_0}(x_0)/F_{\mu_0}(1) \;\le\; J \;\le\; x_1^{\mu_0} F_{\mu_1}(x_1)/F_{\mu_1}(1).

The width is of first order in that of the box, also around half-integer :math:`\alpha`, where the connection formulas
of the hypergeometric function degenerate and a direct evaluation on a ball is not finite.

Points: python-flint's hypergeometric function loses about :math:`-\log_2\delta` bits at a distance
:math:`\delta` from half-integer :math:`\alpha`; the precision is raised until the result has the bits asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb, ctx

__all__ = [
    "at_one",
    "complex_kernel",
    "ends",
    "hypergeometric",
    "kernel_ball",
    "norm_ball",
    "sharpened",
    "unit_interval",
]

_GUARD = 24
_MOST_BITS = 400_000
_LARGE = 24  # above this alpha the plain series converges fast everywhere


def half() -> Any:
    """1/2 as a ball."""
    return arb(1) / 2


def sharpened(compute: Callable[[], Any], bits: int, extra: int = 0) -> Any:
    """The value of ``compute()`` at a precision raised until its relative accuracy is ``bits`` (or a limit is met)."""
    more, value = _GUARD + extra, arb("nan")
    while bits + more <= max(_MOST_BITS, 8 * bits):
        with ctx.workprec(bits + more):
            value = compute()
        if value.is_exact() or value.rel_accuracy_bits() >= bits:
            break
        more = 2 * more + bits // 2
    return value


def ends(ball: Any) -> tuple[Any, Any]:
    """The ends of a ball as exact balls: the ball itself, twice, when it is exact."""
    if ball.is_exact():
        return ball, ball
    return ball.lower().mid(), ball.upper().mid()


def norm_ball(alpha: Any) -> Any:
    """c_alpha = 2^(alpha-1) Gamma(alpha+1/2)/sqrt(pi); not finite unless alpha > -1/2 on the whole ball."""
    if not alpha > -half():
        return arb("nan")
    return 2 ** (alpha - 1) * (alpha + half()).gamma() / arb.pi().sqrt()


def at_one(alpha: Any) -> Any:
    """1/F(1), through logarithms of the gamma function so that large alpha stays in range."""
    return (2 * (alpha + 1).lgamma() - (alpha + 3 * half()).lgamma() - (alpha + half()).lgamma()).exp()


def _series(lower: Any, x: Any) -> Any:
    """2F1(1/2, 1/2; lower; x), lower >= 1, by its series; each term is below x times the one before."""
    term, total, k, bits = arb(1), arb(1), 0, ctx.prec
    below = arb(2) ** (-bits - 2)
    while k < 20 * bits:
        term = term * (2 * k + 1) ** 2 * x / (4 * (lower + k) * (k + 1))
        k += 1
        total += term
        if term < below:
            return total + (term * x / (1 - x)).union(arb(0))
    return arb("nan")


def hypergeometric(lower: Any, x: Any) -> Any:
    """2F1(1/2, 1/2; lower; x) for 0 <= x < 1 at the current precision."""
    if lower > _LARGE:
        found = _series(lower, x)
        if found.rel_accuracy_bits() > ctx.prec // 2:
            return found
    return x.hypgeom_2f1(half(), half(), lower)


def unit_interval(c0: Any, c1: Any) -> tuple[Any, Any]:
    """(1 + c)/2 at two exact numbers, without rounding, moved into [0, 1]."""
    with ctx.workprec(ctx.prec + _bits_below_one(c0, c1)):
        low, high = (arb(0) if c < -1 else arb(1) if c > 1 else (1 + c) / 2 for c in (c0, c1))
    return low, high


def _bits_below_one(*numbers: Any) -> int:
    """How many bits stand after the binary point."""
    found = 0
    for number in numbers:
        if not number.is_zero():
            found = max(found, -int(number.man_exp()[1]))
    return min(found, _MOST_BITS)


def _corner(x: Any, mu: Any, alpha: Any, bits: int) -> Any:
    """x^mu F(x)/F(1), with F of another alpha than mu: one corner of a box."""
    if x.is_zero() or x == 1:
        return x
    return sharpened(lambda: x**mu * hypergeometric(alpha + 3 * half(), x) * at_one(alpha), bits)


def kernel_ball(alpha: Any, c: Any) -> Any:
    """J on balls of alpha and c, at flint's current precision.

    The part of the c ball outside [-1, 1] is left away (c is a correlation, and rounding may lead out); a c ball that
    lies outside, or an alpha ball that is not certainly above -1/2, gives a ball that is not finite.
    """
    if not (alpha > -half() and c.overlaps(arb(0, 1)) and alpha.is_finite()):
        return arb("nan")
    bits = ctx.prec
    (a0, a1), (x0, x1) = ends(alpha), unit_interval(*ends(c))
    with ctx.workprec(bits + 8 + _bits_below_one(a0, a1)):
        mu0, mu1 = a0 + half(), a1 + half()
    high = _corner(x1, mu0, a1, bits)
    if alpha.is_exact() and c.is_exact():
        return +high
    return _corner(x0, mu1, a0, bits).union(high)


def complex_kernel(alpha: Any, c: Any) -> Any:
    """J on a complex ball of c, analytic off the cuts c <= -1 and c >= 1; not finite where the ball meets a cut."""
    if c.imag.is_zero() and c.real.overlaps(arb(0, 1)):
        return acb(kernel_ball(alpha, c.real))
    if c.imag.contains(0) and not (c.real > -1 and c.real < 1):
        return acb(arb("nan"), arb("nan"))
    x, mu = (1 + c) / 2, alpha + half()
    return x.pow(acb(mu)) * x.hypgeom_2f1(acb(half()), acb(half()), acb(mu + 1)) * at_one(alpha)
