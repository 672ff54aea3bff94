r"""How xi_c diverges at a critical point with q > 0, and how c behaves there.

At fixed length put :math:`\varepsilon = 1 - c`.  Since :math:`d^kW/d\lambda^k = E\,\varphi^{(k)}\varphi^{(k)}`, for
smooth phi

.. math:: \varepsilon' = \chi_1\varepsilon - \tfrac12\chi_2\varepsilon^2 + \tfrac16\chi_3\varepsilon^3 - \dots, \qquad
   \chi_k = \sigma_w^2 q^{k-1} E(\varphi^{(k)})^2 .

Where :math:`\varphi'` jumps by J at k, :math:`E(\varphi'(u_1)-\varphi'(u_2))^2` is to leading order
:math:`J^2\rho_q(k)\,E|u_1-u_2|` with :math:`E|u_1-u_2| = 2\sqrt{q\varepsilon/\pi}`, so that instead

.. math:: \varepsilon' = \chi_1\varepsilon - \kappa\,\varepsilon^{3/2} + \dots, \qquad
   \kappa = \tfrac23\sigma_w^2\sqrt{q/\pi}\,\sum J^2\rho_q(k) .

Both have the form :math:`\varepsilon' = \chi_1\varepsilon - K\varepsilon^{1+p}`.  Beyond the edge
:math:`\varepsilon^* \sim ((\chi_1-1)/K)^{1/p}` and :math:`1 - \chi_c \sim p\,(\chi_1 - 1)`; on the ordered side
:math:`1 - \chi_c = 1 - \chi_1`.  Along sigma_w2 at fixed sigma_b2,
:math:`d\chi_1/d\sigma_w^2 = E\varphi'^2 + \sigma_w^2\,(dE\varphi'^2/dq)\,V/(1-\chi_q)`.  At the edge itself
:math:`\varepsilon_l \sim (pKl)^{-1/p}`, with a logarithm that the difference engine finds (``decay``).

With dropout :math:`\varepsilon' = f + \chi\varepsilon - K\varepsilon^{1+p}`, :math:`f = (1-\rho)\sigma_w^2V/q`
to leading order, and the smallest :math:`1 - \chi_c` over sigma_w2 is found from
:math:`1-\chi_c = pK\varepsilon^p + f/\varepsilon`: at :math:`\varepsilon^{1+p} = f/(p^2K)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp

from derive.activations import Activation
from derive.display import ShownAsTable
from derive.errors import UnsupportedError
from derive.networks.feedforward.bend import bending
from derive.networks.feedforward.correlation import slope_variance
from derive.networks.feedforward.critical import CriticalPoint, critical_points
from derive.networks.feedforward.lengths import variance_slope_value
from derive.numerics.compile import mpf_to_sympy, to_mpf

__all__ = ["Divergence", "decay_at_criticality", "divergence"]


@dataclass(frozen=True)
class Divergence(ShownAsTable):
    r"""Laws at one critical point, in sigma_w2 = critical + delta at fixed sigma_b2.

    ``xi_c ~ ordered/|delta|`` below and ``chaotic/delta`` above; ``1 - c* ~ gap * delta**gap_power`` above; at the
    edge ``1 - c_l ~ decay_amplitude * l**-decay_power``; ``dropout_amplitude`` and ``dropout_power``: the largest xi_c
    over sigma_w2 is ``dropout_amplitude * (1 - keep_probability)**-dropout_power`` as keep_probability tends to 1.
    ``slope`` is d chi_1/d sigma_w2 and ``bend`` is K of the module docstring.
    """

    critical: CriticalPoint
    slope: sp.Expr
    bend: sp.Expr
    ordered: sp.Expr
    chaotic: sp.Expr
    gap: sp.Expr
    gap_power: sp.Expr
    decay_amplitude: sp.Expr
    decay_power: sp.Expr
    dropout_amplitude: sp.Expr
    dropout_power: sp.Expr

    def decay(self, terms: int = 3) -> Any:
        """The expansion of 1 - c_l at the edge, an :class:`~derive.difference.Expansion` in l; see the module."""
        return decay_at_criticality(self.gap_power, terms)


def divergence(phi: Activation, rho: sp.Expr, given: Mapping[str, Any], digits: int) -> tuple[Divergence, ...]:
    """The laws at every stable critical point with q > 0 for the given sigma_b2 (or sigma_w2), without dropout."""
    if rho != 1:
        raise UnsupportedError("with dropout xi_c does not diverge; see .longest_memory, or use keep_probability=1")
    points = [p for p in critical_points(phi, rho, given, digits + 10, False) if p.q != 0 and p.q != sp.nan]
    if not points:
        raise UnsupportedError(
            f"{phi} has no critical point with q > 0 at {', '.join(f'{k} = {v}' for k, v in given.items())}; "
            "for the corner see .near_criticality"
        )
    return tuple(_laws(phi, p, digits) for p in points if p.stable)


def _laws(phi: Activation, point: CriticalPoint, digits: int) -> Divergence:
    from derive.expectations.values import variance_value

    with mpmath.workdps(digits + 10):
        q, w = to_mpf(point.q), to_mpf(point.sigma_w2)
        square, second = slope_variance(phi, q, digits + 6), variance_value(phi, q, digits + 6)
        chi_q = to_mpf(point.chi_q)
        slope = square + w * _square_slope(phi, q, digits + 6) * second / (1 - chi_q)
        bend, p = bending(phi, w, q, digits + 6)
        power = to_mpf(p)
        forced = w * second / q
        gap = (slope / bend) ** (1 / power)
        least = (forced / (power**2 * bend)) ** (1 / (1 + power))  # epsilon per (1 - rho)^(1/(1+p))
        dropout = 1 / (power * bend * least**power + forced / least)
        numbers = {
            "slope": slope, "bend": bend, "ordered": 1 / slope, "chaotic": 1 / (power * slope), "gap": gap,
            "decay_amplitude": (power * bend) ** (-1 / power), "dropout_amplitude": dropout,
        }  # fmt: skip
    made = {n: mpf_to_sympy(v, digits) for n, v in numbers.items()}
    return Divergence(point, gap_power=1 / p, decay_power=1 / p, dropout_power=p / (1 + p), **made)


def _square_slope(phi: Activation, q: Any, digits: int) -> Any:
    """d/dq E phi'^2."""
    return variance_slope_value(phi.derivative_away_from_kinks(1), q, digits)


def decay_at_criticality(gap_power: sp.Expr, terms: int) -> Any:
    r"""1 - c_l on the critical line, as the difference engine finds it, in the symbols chi_2, chi_3, ... (or kappa).

    The map is cut off where it no longer matters for the terms asked for.
    """
    from derive.difference import Recurrence

    epsilon = sp.Symbol("epsilon", positive=True)
    if gap_power == 2:
        kappa = sp.Symbol("kappa", positive=True)
        return Recurrence(epsilon, epsilon - kappa * epsilon ** sp.Rational(3, 2), point=0).asymptotics(terms=1)
    chi = sp.symbols(f"chi_2:{terms + 3}", positive=True)
    image = epsilon + sum(
        ((-1) ** (k - 1) * c * epsilon**k / sp.factorial(k) for k, c in enumerate(chi, start=2)), sp.S.Zero
    )
    return Recurrence(epsilon, image, point=0).asymptotics(terms=terms)
