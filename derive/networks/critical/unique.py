r"""Is the variance q* unique?  A proof that V(q)/q decreases, for every weight and bias variance at once.

If :math:`V(q)/q` strictly decreases on q > 0, then so does :math:`(\sigma_w^2 V(q) + \sigma_b^2)/q`, which therefore
equals 1 once at most: :math:`q = \sigma_w^2 V(q) + \sigma_b^2` has no two positive solutions, whatever the variances.
At the solution :math:`\sigma_w^2 V'(q) < \sigma_w^2 V(q)/q \le 1`, and always :math:`q V'(q) \ge -V(q)/2` (the density
argument of :mod:`derive.networks.critical.means`), so the slope there lies in [-1/2, 1): the solution is stable.

With :math:`V_k = E z^{2k} \varphi(\sqrt q z)^2` the condition is :math:`V_1 < 3 V_0`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.activations import VARIABLE, activation
from derive.difference.proofs.enclosure import Condition
from derive.display import ShownAsTable
from derive.errors import CertificationError, DeriveError
from derive.networks.critical.ends import expansion, far_part, near_zero, scaled
from derive.networks.critical.means import Moments, middle
from derive.networks.critical.small_series import first_sign, small_expansion

__all__ = ["UniqueVariance", "prove_unique_variance"]

_BITS = 64
_MOST_BOXES = 2000


@dataclass(frozen=True)
class UniqueVariance(ShownAsTable):
    """V(q)/q decreases for every q > 0: what was shown on (0, q_lo], between, and on [q_hi, oo)."""

    activation: Any
    conditions: tuple[Condition, ...]

    def report(self) -> str:
        """The conditions with their evidence, one a line."""
        return "\n".join(map(str, self.conditions))


def prove_unique_variance(phi: Any) -> UniqueVariance:
    r"""Prove that q = sigma_w2 V(q) + sigma_b2 has one solution for every sigma_w2 > 0, sigma_b2 >= 0.

    Shown in balls for all q > 0: V(q)/q strictly decreases; see the module's docstring.  If phi(0) = 0, one solution
    means one q > 0 at most where sigma_b2 = 0, beside q = 0.  Covered are activations whose square has tails made of
    powers up to exponentially small parts, and which have no kinks if phi(0) = 0.

    Raises :class:`~derive.errors.CertificationError` where V(q)/q is not decreasing, or where it could not be shown.

    >>> proof = prove_unique_variance("sigmoid")
    >>> [str(c.statement) for c in proof.conditions]
    ['V1 < 3 V0 for 0 < q <= 0.003906', 'V1 < 3 V0 for 0.003906 <= q <= 16', 'V1 < 3 V0 for q >= 16']
    """
    phi = activation(phi)
    moments = Moments(phi)
    q_lo, first = (_near_silence if sp.simplify(phi(sp.Integer(0))) == 0 else _near_zero)(moments)
    q_hi, last = _far(moments)
    return UniqueVariance(phi, (first, _between(moments, q_lo, q_hi), last))


def _near_silence(moments: Moments) -> tuple[Any, Condition]:
    """phi(0) = 0: the sign of q V' - V next to 0 from its expansion, V' = E (phi^2)''/2."""
    square = moments.phi.expr**2
    found = None
    with ctx.workprec(_BITS + 20), suppress(DeriveError):
        if moments.phi.is_smooth:
            found = first_sign(small_expansion({1: sp.diff(square, VARIABLE, 2) / 2, 0: -square}))
    if found is None or found[1] > 0:
        what = "could not be shown to decrease" if found is None else "increases"
        raise CertificationError(f"V(q)/q {what} near q = 0 for {moments.phi}, which vanishes at 0")
    q_lo = found[0]
    return q_lo, Condition(f"V1 < 3 V0 for 0 < q <= {float(q_lo):.4g}", "the expansion at small q with its remainder")


def _near_zero(moments: Moments) -> tuple[Any, Condition]:
    """E z^2 f <= sup f + far part of x^2 f over q, and 3 E f >= 3 P inf f, on (0, q_lo]."""
    for j in range(1, 45):
        with ctx.workprec(_BITS + 20):
            reach = arb(2) ** -j
            q_lo = reach**2 / 64
            V = near_zero(moments, "V", q_lo, reach)
            if V is None:
                continue
            second = V.upper() + far_part(moments, "V", q_lo, reach, k=1) / q_lo
            if second < 3 * V.lower():
                text = f"V1 < {float(second.upper()):.4g}, V0 > {float(V.lower()):.4g}"
                return q_lo, Condition(f"V1 < 3 V0 for 0 < q <= {float(q_lo):.4g}", text)
    raise CertificationError(f"V(q)/q could not be shown to decrease near q = 0 for {moments.phi}")


def _far(moments: Moments) -> tuple[Any, Condition]:
    """The expansion of V1 - 3 V0 at infinity."""
    square = moments.phi.expr**2
    try:
        with ctx.workprec(_BITS + 20):
            high, high_rest = expansion(VARIABLE**2 * square, 2)
            low, low_rest = expansion(square, 3)
    except DeriveError as error:
        raise CertificationError(f"V(q)/q at large q: {error}") from error
    terms = {e + 2: c for e, c in high.items()}
    for e, c in low.items():
        terms[e] = sp.expand(terms.get(e, sp.S.Zero) - 3 * c)
    terms = {e: c for e, c in terms.items() if c != 0}
    rests = ((high_rest[0], high_rest[1] + 2), (3 * low_rest[0], low_rest[1]))
    for j in range(4, 41):
        with ctx.workprec(_BITS + 20):
            if scaled(terms, rests, arb(2) ** (-arb(j) / 2)) < 0:
                evidence = "the expansion at large q with its remainder in a ball"
                return arb(2) ** j, Condition(f"V1 < 3 V0 for q >= {2**j}", evidence)
    raise CertificationError(f"V(q)/q does not decrease, or only slowly, at large q for {moments.phi}")


def _between(moments: Moments, q_lo: Any, q_hi: Any) -> Condition:
    boxes, done = [(q_lo, q_hi)], 0
    while boxes:
        box = boxes.pop()
        with ctx.workprec(_BITS):
            slope = moments.enclose("R", 1, box, _BITS)
            if slope > 0:
                text = f"V(q)/q increases for {moments.phi} at q = {float(box[0]):.8g}, so q* need not be unique"
                raise CertificationError(text)
            done += 1
            if not slope < 0:
                if done > _MOST_BOXES:
                    raise CertificationError(f"V(q)/q near q = {float(box[0]):.8g} is undecided for {moments.phi}")
                m = middle(*box)
                boxes += [(box[0], m), (m, box[1])]
    between = f"{float(q_lo):.4g} <= q <= {float(q_hi):.4g}"
    return Condition(f"V1 < 3 V0 for {between}", f"{done} boxes, mean-value forms")
