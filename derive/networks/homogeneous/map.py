r"""One layer of a full residual network with a positively homogeneous activation, as numbers in logarithms.

With :math:`V\varphi(q) = s\,c_a q^a` and :math:`K = \sigma_v^2\sigma_w^{2a} s\,c_a` the length obeys :math:`P' = P + K
P^a + \sigma_a^2`; with :math:`\delta = 1 - c` the correlation obeys :math:`\delta' P' = \delta P + K P^a\,g(\delta)`,
:math:`g(\delta) = 1 - W/V` at the correlation :math:`1 - \delta`.  In :math:`u = \log P`, :math:`\eta = \log\delta`,
:math:`v = K P^{a-1}`, :math:`y = \sigma_a^2/P`,

.. math:: u' = u + \log(1 + v + y), \qquad
          \eta' = \eta + \log\Bigl(1 - \frac{v\,(1 - g(\delta)/\delta) + y}{1 + v + y}\Bigr), \qquad
          \log\frac{\chi}{\chi'} = \log(1 + \rho v),\quad \rho = \frac{a^2}{2a-1}.

In these coordinates differences along the orbit fall like powers of 1/n for every a in (0, 1].
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sympy as sp
from flint import arb, arb_poly, ctx, fmpz_poly

from derive.errors import DomainError
from derive.expectations.homogeneous import Homogeneous, relative_gap_ball
from derive.networks.values import RunValues
from derive.numerics.compile import to_arb

__all__ = ["LayerMap", "refuse_gradient"]

_DIRECT = -0.05  # above this log(delta) the kernel is evaluated, below its interpolants are


def refuse_gradient(degree: sp.Expr) -> None:
    """Raise DomainError where the mean square of the slope is infinite."""
    if not (2 * degree - 1).is_positive:
        raise DomainError(
            f"the mean square gradient is infinite for an activation of degree {degree}: its slope is not square "
            "integrable at 0 unless the degree exceeds 1/2"
        )


class LayerMap:
    """The layer map at exact variances, at ``bits`` of working precision.  States are exact balls (midpoints)."""

    def __init__(self, form: Homogeneous, values: RunValues, bits: int) -> None:
        from derive.expectations.homogeneous import variance_scale

        self.form, self.values, self.bits = form, values, bits
        with ctx.workprec(bits):
            a = self.degree = to_arb(form.degree)
            strength = to_arb(values.sigma_v2) * to_arb(form.square) * variance_scale(a, to_arb(values.sigma_w2))
            self.log_strength, self.bias = strength.log().mid(), to_arb(values.sigma_a2).mid()
            self.strength = strength.mid()
        self._tables: dict[int, Any] = {}

    @cached_property
    def gradient(self) -> Any:
        """rho; raises DomainError where the mean square of the slope is infinite."""
        a = self.form.degree
        refuse_gradient(a)
        with ctx.workprec(self.bits):
            return to_arb(a**2 / (2 * a - 1)).mid()

    def powers(self, u: Any) -> tuple[Any, Any]:
        """v and y at u."""
        return (self.log_strength - (1 - self.degree) * u).exp(), self.bias * (-u).exp()

    def length(self, u: Any) -> Any:
        """u of the next layer."""
        v, y = self.powers(u)
        return (u + (v + y).log1p()).mid()

    def first_length(self, start: Any) -> Any:
        """u after one layer from P = ``start`` >= 0, which may be 0."""
        if start.is_zero() and not self.degree > 0:
            raise DomainError(f"an activation of degree {self.form.degree} has no value at 0: give p0 or sigma_b2 > 0")
        return (start + self.strength * start**self.degree + self.bias).log().mid()

    def gradient_part(self, u: Any) -> Any:
        """log(1 + rho v)."""
        return (self.gradient * self.powers(u)[0]).log1p().mid()

    def both(self, u: Any, eta: Any) -> tuple[Any, Any]:
        """u and eta of the next layer."""
        v, y = self.powers(u)
        total = v + y
        change = -(v * self.loss(eta) + y) / (1 + total)
        return (u + total.log1p()).mid(), (eta + change.log1p()).mid()

    # the correlation

    def loss(self, eta: Any) -> Any:
        """1 - g(delta)/delta."""
        if self.form.degree == 1:
            return self._arccosine(eta)
        if eta > _DIRECT:
            return self._exact_loss(eta)
        index = int(float(eta)) - 1  # eta in [index, index + 1]
        table = self._tables.get(index)
        if table is None:
            table = self._tables[index] = self._interpolant(index)
        return table(2 * (eta - index) - 1).mid()

    def _exact_loss(self, eta: Any) -> Any:
        delta = eta.exp().mid()
        return (1 - relative_gap_ball(self.form, delta) / delta).mid()

    def _arccosine(self, eta: Any) -> Any:
        """Degree 1: (1 + mixed)(sin t - t cos t)/(pi delta), cos t = 1 - delta."""
        lost = max(0, int(-1.5 * float(eta))) * 2 + 16
        with ctx.workprec(self.bits + lost):
            delta = eta.exp().mid()
            t = 2 * (delta / 2).sqrt().asin()
            sine = (delta * (2 - delta)).sqrt()
            value = to_arb(1 + self.form.mixed) * (sine - t * (1 - delta)) / (arb.pi() * delta)
        return value.mid()

    def _interpolant(self, index: int) -> Any:
        """A polynomial for the loss on [index, index + 1] through Chebyshev points; the singularity is at log 2.

        The points close in on it like 4.6^-n; the monomial basis loses 1.3 bits a point, which are carried extra.
        """
        count = int(self.bits / 1.9) + 8
        with ctx.workprec(self.bits + 3 * count):
            turns = [(arb(i) / (2 * count)).cos_pi() for i in range(4 * count)]
            values = [self._exact_loss((index + (1 + turns[2 * i + 1]) / 2).mid()) for i in range(count)]
            total = arb_poly([])
            for j in range(count):
                c = sum((v * turns[j * (2 * i + 1) % (4 * count)] for i, v in enumerate(values)), arb(0))
                total += arb_poly(fmpz_poly.chebyshev_t(j)) * (c * (1 if j == 0 else 2) / count)
            return arb_poly([c.mid() for c in total.coeffs()])

    # starts

    def start(self) -> tuple[Any, Any]:
        """P and s = P delta at the input, exact balls."""
        with ctx.workprec(self.bits):
            spread = self.values.s0 if self.values.e0 is not None else sp.S.Zero
            return to_arb(self.values.P0).mid(), to_arb(spread).mid()

    def second_state(self, P: Any, s: Any) -> Any:
        """eta after one layer from P and s = P delta; None where delta is 0."""
        if s.is_zero() or P.is_zero():
            return None
        grown = self.strength * P**self.degree
        after = s + grown * relative_gap_ball(self.form, s / P)
        return (after / (P + grown + self.bias)).log().mid()
