r"""Two inputs of a residual network: the correlation c = G/P as a state driven by P.

The layer equations give :math:`c' = (cP + \sigma_v^2 W\varphi(\sigma_w^2 P, c\,\sigma_w^2 P) + \sigma_a^2)/F(P)`.  At
large P, :math:`W\varphi = \sum_i w_i(c)\,(\sigma_w^2 P)^{-i}`, and the drift of c vanishes at leading order where c
is the limit e* (:mod:`derive.networks.residual.cosine`).  Around it, :math:`\eta = c - e^*` obeys :math:`\eta' = \sum_j
m_j(P)\,\eta^j`,

.. math::

    m_0 F = \sigma_v^2 \sum_{i>0} w_i(e^*) q^{-i} - e^*\sigma_v^2\,(V\varphi - V\varphi(\infty)),\qquad
    m_1 F = P + \sigma_v^2\,\partial_c W, \qquad m_j F = \sigma_v^2\,\partial_c^j W/j!\quad\text{at } e^*, q =
    \sigma_w^2 P,

a transseries in powers of :math:`P^{-1/2}` and :math:`C P^{-\delta^*}` (:func:`derive.difference.driven.triangular`).
The leading
parts cancel exactly in m_0 and are :math:`(1-\delta^*)(\sigma_v^2 V\varphi(\infty) + \sigma_a^2)` in m_1; they are put
in so, not left to arithmetic.

The cosine itself is :math:`e = 1 - (1-c)P/p`, the metric expressivity :math:`s = (1-c)P`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.activations import Activation
from derive.errors import PrecisionError, UnsupportedError
from derive.networks.residual.cosine import cosine_limit, limit_weights
from derive.networks.residual.driver import P
from derive.networks.residual.equations import SYMBOLS
from derive.networks.residual.laws import length_recurrence
from derive.networks.values import RunValues

__all__ = ["DELTA", "LIMIT", "SINE", "at", "correlation_law"]


class _Starred(sp.Symbol):
    def _latex(self, printer: Any) -> str:
        return {"e_star": "e^*", "s_star": r"\sqrt{1-{e^*}^2}", "delta_star": r"\delta^*"}[self.name]


LIMIT = _Starred("e_star", positive=True)
SINE = _Starred("s_star", positive=True)  # sqrt(1 - e_star**2)
DELTA = _Starred("delta_star", positive=True)
DELTA_RANGE = (1 - 2 / sp.pi, sp.Rational(1, 2))


@lru_cache(maxsize=32)
def correlation_law(architecture: str, phi: Activation, forgets: bool, terms: int = 3) -> Any:
    """The transseries of c.  ``forgets``: the limit is 0 (odd phi, sigma_a = 0)."""
    from derive.difference.driven.triangular import triangular

    equation = _Equation(architecture, phi, forgets)
    return triangular(
        length_recurrence(architecture, phi),
        equation.coefficient,
        terms=terms,
        interval=None if forgets else DELTA_RANGE,
        state=sp.Symbol("c", real=True),
        limit=0 if forgets else LIMIT,
        step=equation.step,
        numbers=equation.numbers,
        step_cost=5e-3,
    )


class _Equation:
    """The equation of eta = c - e* for one network: exact coefficients, numeric coefficients, and the exact step."""

    def __init__(self, architecture: str, phi: Activation, forgets: bool) -> None:
        S = SYMBOLS
        self.phi, self.forgets = phi, forgets
        self.scale, self.correlation = S.sigma_w2, _C
        self.map = length_recurrence(architecture, phi).F
        self.limit: sp.Expr = sp.Integer(0) if forgets else LIMIT
        self.sine: sp.Expr = sp.Integer(1) if forgets else SINE
        mean, half = limit_weights(phi)
        self.top = mean + half
        self.branch, self.offset = (
            (S.sigma_v2, S.sigma_a2) if architecture == "full" else (sp.Integer(1), sp.Integer(0))
        )
        if forgets:
            self.offset = sp.Integer(0)
        self.growth = self.branch * self.top + self.offset
        self.delta = 1 - 2 / sp.pi if forgets else DELTA

    # exact

    def coefficient(self, j: int) -> Any:
        """m_j as a series in P."""
        from derive.difference.near_point.series_function import SeriesFunction, series_function

        if j == 0 and self.forgets and self.phi.parity == "odd":
            return sp.Integer(0)

        def terms(order: int) -> sp.Expr:
            return series_function(self._numerator(j, order) / self.map, P).terms(order)

        return SeriesFunction(P, terms)

    def _numerator(self, j: int, order: int) -> sp.Expr:
        """m_j F up to P**-order."""
        total = P if j == 1 else sp.Integer(0)
        for exponent, w in self.covariances(order).items():
            if exponent == 0:
                if j == 1:
                    total += (1 - self.delta) * self.growth
                if j <= 1:
                    continue
            total += self.branch * self._taylor(w, j) * (self.scale * P) ** exponent
        if j == 0:
            for exponent, v in self.variances(order).items():
                if exponent != 0:
                    total -= self.limit * self.branch * v * (self.scale * P) ** exponent
        return total

    def covariances(self, order: int) -> dict[sp.Expr, sp.Expr]:
        return _cached_terms(self.phi, order)

    def variances(self, order: int) -> dict[sp.Expr, sp.Expr]:
        from derive.expectations.asymptotic.large import variance_terms

        return variance_terms(self.phi, order)

    def _taylor(self, w: sp.Expr, j: int) -> sp.Expr:
        """The j-th Taylor coefficient of w at e*, in e* and sqrt(1 - e*^2)."""
        derivative = sp.diff(w, _C, j) / sp.factorial(j)
        return derivative.subs(sp.sqrt(1 - _C**2), self.sine).subs(_C, self.limit)

    # numbers

    def step(self, x: Any, eta: Any, digits: int, params: Mapping[sp.Symbol, Any]) -> tuple[Any, Any]:
        """One layer of P and eta."""
        import mpmath

        from derive.expectations.values import gap_value, variance_value
        from derive.numerics.compile import to_mpf

        with mpmath.workdps(digits + 10):
            branch, offset, scale, limit = (
                to_mpf(sp.sympify(e, strict=True).subs(params))
                for e in (self.branch, self.offset, self.scale, self.limit)
            )
            q, c = scale * x, limit + eta
            variance = variance_value(self.phi, q, digits)
            after = x + branch * variance + offset
            covariance = _deep_covariance(self.phi, q, c, digits)
            if covariance is not None:
                return after, (c * x + branch * covariance + offset) / after - limit
            lost = gap_value(self.phi, q, 1 - c, digits) if c != 1 else mpmath.mpf(0)
            return after, 1 - ((1 - c) * x + branch * lost) / after - limit

    def numbers(
        self, powers: int, order: int, bits: int, params: Mapping[sp.Symbol, Any]
    ) -> Sequence[Mapping[sp.Expr, Any]]:
        """m_0, ..., m_powers as numbers by powers of P."""
        from derive.networks.residual.overlap_numbers import coefficient_numbers

        return coefficient_numbers(self, powers, order, bits, params)


_C = sp.Symbol("c", real=True)


def _deep_covariance(phi: Activation, q: Any, c: Any, digits: int) -> Any | None:
    """W by its expansion at large variance where that gives the digits (absolutely)."""
    import flint

    from derive.expectations.asymptotic.covariance_large_ball import covariance_large_ball
    from derive.numerics.compile import arb_to_mpf, to_arb

    ball, bits = None, int(3.33 * digits) + 8
    if abs(c) < 1 and 2 * q * (1 - abs(c)) > 0.65 * bits:  # the smallest term is near exp(-2 q (1 - |c|))
        with flint.ctx.workprec(bits + 30):
            cosine = to_arb(c)
            ball = covariance_large_ball(phi, to_arb(q), cosine, 1 - cosine**2, bits)
    return None if ball is None else arb_to_mpf(ball.mid())


@lru_cache(maxsize=64)
def _cached_terms(phi: Activation, order: int) -> dict[sp.Expr, sp.Expr]:
    from derive.expectations.asymptotic.covariance_large import covariance_terms

    return covariance_terms(phi, order, _C)


def at(
    architecture: str, phi: Activation, values: RunValues, quantity: str, depth: int, digits: int, certified: bool
) -> Any:
    """s, gamma, lam or e at one depth; see :meth:`derive.networks.residual.network.ResidualNetwork.at`."""
    if certified:
        raise UnsupportedError(
            f"no enclosure of {quantity} is implemented: the transseries of two inputs has error estimates only; "
            "ask for digits, or for certified p or q"
        )
    layers = depth - 1 if quantity == "lam" else depth
    from derive.difference.digits.depth import value_at

    guard = 12
    for _ in range(4):
        with_guard = digits + guard
        stream = value_at(length_recurrence(architecture, phi), layers, values.P0, with_guard, params=values.parameters)
        gap = _one_minus_correlation(architecture, phi, values, layers, with_guard)
        found = _quantity(quantity, values, stream, gap)
        if found == 0 or sp.Abs(found) > stream * sp.Float(10) ** (5 - guard) or (quantity == "e" and found != 0):
            return sp.N(found, digits)
        guard += 20
    raise PrecisionError(f"{quantity} at depth {depth} is too small against p to give {digits} digits; ask for fewer")


def _quantity(quantity: str, values: RunValues, stream: sp.Expr, gap: sp.Expr) -> sp.Expr:
    """From P and 1 - c of the layer."""
    spread, length = gap * stream, stream - values.shift
    if quantity == "s":
        return spread
    if quantity == "gamma":
        return length - spread
    if quantity == "lam":
        return values.sigma_w2 * (stream - spread)
    return 1 - spread / length


def _one_minus_correlation(architecture: str, phi: Activation, values: RunValues, layers: int, digits: int) -> sp.Expr:
    """1 - c after ``layers`` layers, to full relative accuracy."""
    start = values.s0 / values.P0
    if start == 0 or layers == 0:
        return sp.N(start, digits)
    silent = values.sigma_a2 == 0 and values.sigma_b2 == 0
    if phi.parity == "odd" and silent and start == 2:
        return sp.Integer(2)  # opposite inputs stay opposite
    limit = cosine_limit(phi, values, digits + 40, certified=False)
    forgets = limit.e == 0
    small = 0 if forgets else max(0, int(-sp.log(limit.one_minus_e, 10)))
    parameters = dict(values.parameters)
    if not forgets:
        exact = {LIMIT: limit.e, SINE: sp.sqrt(1 - limit.e**2), DELTA: limit.rate}
        parameters |= {symbol: sp.Rational(str(sp.N(value, digits + 35))) for symbol, value in exact.items()}
    law = correlation_law(architecture, phi, forgets)
    return 1 - law.at(layers, values.P0, 1 - start, digits + small, parameters)
