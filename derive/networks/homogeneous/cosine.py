r"""The limit of the cosine distance for positively homogeneous activations, and which rate really governs it.

Let :math:`\kappa(c) = W/V` at correlation c, :math:`\kappa(c) = J_a(c) + \rho J_a(-c)` up to a factor, and
:math:`g(\delta) = 1 - \kappa(1-\delta)`.  Up to what biases add, :math:`c' - c = v\,(\kappa(c) - c)/(1 + v)`.  The
Hermite coefficients of :math:`\kappa` are squares, so :math:`\kappa` is convex on [0, 1]; :math:`\kappa(0) \ge 0`,
:math:`\kappa(1) = 1` and :math:`\kappa'(1) = a^2/(2a-1) > 1` (infinite for :math:`a \le 1/2`) unless a = 1.  So
:math:`\kappa(c) = c` has exactly one root :math:`e^*` in [0, 1), and the drift is positive before and negative after
it.  (For c < 0 the drift is positive, too, but for odd functions, which have -1 as a second fixed point.)

The rate.  For 0 < a < 1, :math:`v = K P^{a-1} \sim 1/((1-a)\,l)`, and with :math:`\eta = c - e^*`

.. math:: \eta' = \eta\,\bigl(1 - (1-\kappa'(e^*))\,v + \dots\bigr) + \sigma_a^2 (1 - e^*)/P + \dots

The homogeneous part decays like :math:`l^{-\mu}`, :math:`\mu = (1-\kappa'(e^*))/(1-a)`; the bias forces a part
:math:`\sigma_a^2(1-e^*)/(K(1-\kappa'(e^*)-a))\,P^{-a}`, of order :math:`l^{-a/(1-a)}`.  So with :math:`\sigma_a > 0`
the rate is the smaller of both: :math:`\mu` only where :math:`1 - \kappa'(e^*) < a`; at equality a logarithm comes in.
(:math:`\sigma_b` enters at :math:`1/P`, always below, for :math:`1 - \kappa' \le 1`.)

a = 1: :math:`g(\delta) = \delta - (1+\rho)\tfrac{2\sqrt2}{3\pi}\delta^{3/2} + \dots` and v = B - 1 stays, so
:math:`1 - e \sim (kl)^{-2}`.  a > 1: P grows doubly exponentially and c' tends to :math:`\kappa(c)` itself: the
approach is geometric with factor :math:`\kappa'(e^*)`.  a < 0: with :math:`\sigma_a > 0` the bias outgrows the branch,
e tends to 1 like :math:`l^{-2|a|/(1+2|a|)}`; without it everything is as for 0 < a < 1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp

from derive.errors import PrecisionError, UnsupportedError
from derive.expectations.homogeneous import Homogeneous, relative_gap_ball
from derive.networks.values import RunValues

__all__ = ["HomogeneousLimit", "homogeneous_limit", "kernel_limit", "threshold_degree"]


class HomogeneousLimit:
    """delta* = 1 - e* and 1 - kappa'(e*) as balls, proved by signs (concavity of g leaves one root)."""

    def __init__(self, form: Homogeneous, bits: int) -> None:
        from flint import ctx

        self.form, self.bits = form, bits
        with ctx.workprec(bits + 40):
            self.gap = self._root()
            self.contraction = 1 - slope_ball(form, self.gap)

    def _root(self) -> Any:
        from flint import arb, ctx

        if self.form.mixed == -1:
            return arb(1)  # odd: kappa(0) = 0
        x = arb(1)
        excess = lambda d: relative_gap_ball(self.form, d) - d  # noqa: E731
        for _ in range(400):  # Newton on a concave function from the right: monotone
            slope = slope_ball(self.form, x) - 1
            new = (x - excess(x) / slope).mid()
            if not new > 0:
                new = (x / 2).mid()
            if abs(new - x) < x * arb(2) ** (-self.bits - 8):
                x = new
                break
            x = new
        radius = x * arb(2) ** (-self.bits)
        low, high = (x - radius).mid(), (x + radius).mid()
        for _ in range(6):
            if excess(low) > 0 and excess(high) < 0:
                return low.union(high)
            with ctx.workprec(2 * ctx.prec):
                if excess(low) > 0 and excess(high) < 0:
                    return low.union(high)
                radius *= 1 << 12
                low, high = (x - radius).mid(), (x + radius).mid()
        raise PrecisionError(f"the limit of the cosine for the degree {self.form.degree} was not bracketed")


def slope_ball(form: Homogeneous, d: Any) -> Any:
    """kappa'(1 - d) on a ball d."""
    from derive.kernels.slope import slope_ball as kernel_slope
    from derive.numerics.compile import to_arb

    a = to_arb(form.degree)
    slope = kernel_slope(a, 1 - d)
    return slope if form.mixed == 0 else slope - to_arb(form.mixed) * kernel_slope(a, d - 1)


@lru_cache(maxsize=128)
def kernel_limit(form: Homogeneous, digits: int) -> HomogeneousLimit:
    """The limit with ``digits`` relative digits of delta* and of 1 - kappa'(e*).

    Near degree 1, delta* is about (1-a)^4 and 1 - kappa' about (1-a)^2/2.
    """
    if form.degree == 1:
        raise UnsupportedError("for degree 1 the kernel has no fixed point below 1; the limit of e is 1")
    bits = int(3.33 * digits) + 32
    for _ in range(8):
        found = HomogeneousLimit(form, bits)
        if all(x.rel_accuracy_bits() > 3.33 * digits + 3 for x in (found.gap, found.contraction)):
            return found
        bits = 2 * bits
    raise PrecisionError(f"the cosine limit for degree {form.degree} did not reach {digits} digits; ask for fewer")


def homogeneous_limit(form: Homogeneous, values: RunValues, digits: int, certified: bool) -> Any:
    """The limit of e for one set of variances, as a :class:`~derive.networks.residual.cosine.CosineLimit`."""
    from derive.networks.residual.cosine import CosineLimit

    a = form.degree
    if form.mixed == -1 and a == 1:
        raise UnsupportedError("the activation is linear: p - gamma grows like p, and the limit of e depends on e0")
    conditions = ["e0 < 1 (equal inputs stay equal)"]
    if values.sigma_a2 == 0 and values.sigma_b2 == 0:
        conditions.append("p0 > 0 (without biases the zero input stays zero)")
        if form.mixed == -1:
            conditions.append("e0 > -1 (without biases opposite inputs stay opposite)")
    if a == 1:
        return CosineLimit(sp.Integer(1), sp.Integer(0), sp.Integer(2), tuple(conditions))
    if a.is_negative and values.sigma_a2 != 0:
        conditions.append("negative degree: the biases outgrow the branch")
        return CosineLimit(sp.Integer(1), sp.Integer(0), sp.N(-2 * a / (1 - 2 * a), digits), tuple(conditions))
    found = kernel_limit(form, digits)
    rate, words = _rate(form, found, values, digits)
    conditions.append(words)
    return _printed(found, rate, tuple(conditions), digits, certified, a > 1)


def _rate(form: Homogeneous, found: HomogeneousLimit, values: RunValues, digits: int) -> tuple[Any, str]:
    """The exponent as a ball or exact number, and which part of e has it."""
    from flint import ctx

    from derive.numerics.compile import to_arb

    a = form.degree
    if a > 1:
        return sp.oo, "degree above 1: the approach is geometric, rate is infinite; factor = kappa'(e*) per layer"
    with ctx.workprec(found.bits + 40):
        own, forced = found.contraction / to_arb(1 - a), to_arb(a / (1 - a))
        if values.sigma_a2 == 0 or own < forced:
            return own, "rate mu = (1 - kappa'(e*))/(1 - a), the part that the start determines"
        if own > forced:
            return a / (1 - a), "rate a/(1 - a), forced by sigma_a2; (1 - kappa'(e*))/(1 - a) is faster"
    raise PrecisionError(
        f"mu and a/(1-a) agree to {digits} digits at a = {a}, where a logarithm comes in; ask for more"
    )


def _printed(
    found: HomogeneousLimit, rate: Any, conditions: tuple[str, ...], digits: int, certified: bool, geometric: bool
) -> Any:
    from flint import arb, ctx

    from derive.networks.residual.cosine import CosineLimit
    from derive.numerics.ball import Ball
    from derive.numerics.compile import arb_to_sympy

    with ctx.workprec(found.bits + 40):
        gap, slope = found.gap, 1 - found.contraction
        limit = 1 - gap
        show = Ball.from_arb if certified else lambda x: sp.S.Zero if x.is_zero() else arb_to_sympy(x, digits)
        number = show(rate) if isinstance(rate, arb) else rate if rate.is_infinite else sp.N(rate, digits)
        factor = show(slope) if geometric else None
        return CosineLimit(show(limit), show(gap), number, conditions, factor)


@lru_cache(maxsize=8)
def threshold_degree(digits: int = 30) -> sp.Float:
    r"""The degree of alpha-ReLU at which :math:`1 - J_a'(e^*_a) = a`.

    Below it, with sigma_a > 0, e approaches its limit like :math:`l^{-a/(1-a)}` and not like :math:`l^{-\mu}`.

    >>> threshold_degree(10)
    0.2648448062
    """
    low, high = sp.Rational(1, 4), sp.Rational(49, 100)

    def excess(a: sp.Rational) -> Any:
        from flint import ctx

        from derive.numerics.compile import to_arb

        found = kernel_limit(Homogeneous(a, sp.S.One, sp.S.Zero), digits + 10)
        with ctx.workprec(found.bits + 40):
            return found.contraction - to_arb(a)

    f_low, f_high = excess(low), excess(high)
    for _ in range(60):
        step = sp.Rational(str((f_low / (f_low - f_high)).mid().str(digits + 12, radius=False)))
        new = low + (high - low) * step
        new = sp.Rational(int(new * 10 ** (digits + 8)), 10 ** (digits + 8))
        f = excess(new)
        width = sp.Rational(1, 10 ** (digits + 3))
        if excess(new - width) > 0 > excess(new + width):
            return sp.Float(new, digits)
        low, high, f_low, f_high = (new, high, f, f_high) if f > 0 else (low, new, f_low, f)
        middle = (low + high) / 2
        f = excess(middle)
        low, high, f_low, f_high = (middle, high, f, f_high) if f > 0 else (low, middle, f_low, f)
    raise PrecisionError("the threshold was not found")
