r"""Which class a map belongs to at its fixed point, from the leading terms of its expansion.

With :math:`\delta = |x - x_*|` (or :math:`1/|x|` at infinity) the map reads :math:`\delta' = \mu\,\delta^p (1 + o(1))`:

========================  ==============================================  ==============================
p, mu                     kind                                            solved by
========================  ==============================================  ==============================
p = 1, mu = 1             ``parabolic`` (order k/r, attracting or not)    Abel's function
p = 1, 0 < |mu| < 1       ``hyperbolic`` (at infinity: ``exponential``)   Schroeder's function
p > 1                     ``superattracting``                             Boettcher's function
p = 1, mu = -1            ``alternating``                                 the second iterate
p = 1, abs(mu) > 1; p < 1 ``repelling``                                   the inverse map
other                     ``logarithmic``, ``superexponential``, ``flat``, ``not_fixed``, ...
========================  ==============================================  ==============================

Sources: de Bruijn, *Asymptotic Methods in Analysis*, chapter 8; Kuczma, Choczewski, Ger, *Iterative Functional
Equations* (1990), chapters 8 to 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from derive.difference.formal.abel import abel
from derive.difference.near_point.local import Local
from derive.difference.near_point.local_map import LocalMap
from derive.difference.series import powerseries as ps
from derive.display import ShownAsTable
from derive.errors import Undecided, UnsupportedError

__all__ = ["Classification", "classify"]

_LOGARITHMS = "the expansion of the map contains log x; scales with logarithms are outside the classes treated"


@dataclass(frozen=True)
class Classification(ShownAsTable):
    r"""What :meth:`Recurrence.classify` found.

    ``kind`` is one of the table in :mod:`derive.difference.formal.classification` (or ``non_autonomous``,
    ``symbolic_powers``).  For the parabolic class ``order`` is k/r, so that :math:`|x - x_*|` (or :math:`1/|x|`) decays
    like :math:`n^{-1/order}`, and ``leading`` is the coefficient of
    :math:`\delta^{1+order}` in :math:`\delta' - \delta`.  For the others ``order`` is p and ``leading`` is mu.
    ``attracting`` is True, False, or None where parameters decide; ``conditions`` are relations taken for granted.
    ``resonances`` lists exponents (or parameter values) at which logarithms appear: 0 where the Abel function has a
    logarithm.  ``reason`` says why in words.
    """

    kind: str
    order: sp.Expr
    leading: sp.Expr
    attracting: bool | None
    reason: str
    resonances: tuple[Any, ...] = ()
    conditions: tuple[sp.Basic, ...] = ()
    remedy: str = ""

    @property
    def multiplier(self) -> sp.Expr:
        """The derivative of the map at the fixed point in the small variable: 1 for the parabolic class."""
        return sp.Integer(1) if self.kind == "parabolic" else self.leading

    def refuse(self, what: str) -> UnsupportedError:
        """The error that says which class this is and what would be needed."""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return UnsupportedError(f"{what}: the map is {self.kind} there: {self.reason}{remedy}")


def classify(local: LocalMap) -> Classification:
    """The class of a map at its fixed point."""
    try:
        lead = local.lead()
    except UnsupportedError as error:
        return _outside(getattr(error, "kind", "unknown"), str(error))
    if lead.growth:
        return _exponential_of_power(local, lead)
    table, head = local.table, lead.coefficients[0]
    if table.degree_in_log(head):
        return _outside("logarithmic", "the leading term contains log x")
    value = table.expr(head) * local.chart.side
    power = sp.Rational(lead.start, local.chart.power)
    if power <= 0:
        return _not_fixed(local, power, value)
    if power != 1:
        return _other_power(local, power, value)
    gap = head - local.chart.side
    if ps.is_zero(gap):
        return _tangent(local)
    table.confirm_nonzero(gap)
    return _geometric(local, value)


def _outside(kind: str, message: str) -> Classification:
    return Classification(kind, sp.nan, sp.nan, None, message)


def _not_fixed(local: LocalMap, power: sp.Rational, value: sp.Expr) -> Classification:
    point = local.chart.point * local.chart.side if local.chart.at_infinity else local.chart.point
    if power < 0:
        reason = "F tends to 0" if local.chart.at_infinity else "F has a pole"
    else:
        limit = value if local.chart.at_infinity else sp.factor_terms(value * local.chart.side + point)
        reason = f"F tends to {limit}"
    remedy = "give a fixed point of F as point"
    return Classification("not_fixed", power, value, False, f"{reason} at {point}, which is not fixed", remedy=remedy)


def _exponential_of_power(local: LocalMap, lead: Local) -> Classification:
    rate = lead.growth[min(lead.growth)]
    if (local.table.sign(rate) > 0) == local.chart.at_infinity:
        reason = "one step is an exponential of a power of the variable, faster than any power"
        return Classification("superexponential", sp.oo, local.table.expr(rate), True, reason)
    return _not_fixed(local, sp.Integer(-1), sp.oo)


def _other_power(local: LocalMap, power: sp.Rational, value: sp.Expr) -> Classification:
    if power > 1:
        kind, reason = "superattracting", f"the distance is raised to the power {power} at each step"
        return Classification(kind, power, value, True, reason, remedy="Boettcher's function solves this class")
    reason = f"the distance is raised to the power {power} < 1 at each step, so orbits leave"
    return Classification("repelling", power, value, False, reason, remedy="iterate the inverse map")


def _geometric(local: LocalMap, value: sp.Expr) -> Classification:
    """Linear part mu different from 1 (at infinity mu is the factor of x)."""
    small = 1 / value if local.chart.at_infinity else value
    kind = "exponential" if local.chart.at_infinity else "hyperbolic"
    if value == -1:
        reason = "the multiplier is -1: orbits change sides at each step"
        return Classification(
            "alternating", sp.Integer(1), value, None, reason, remedy="treat the second iterate F(F(x))"
        )
    size = _compare_with_one(small)
    if size is None:
        conditions = (sp.Lt(sp.Abs(small), 1),)
        reason = f"the multiplier is {value}; taken to attract"
        return Classification(kind, sp.Integer(1), value, None, reason, conditions=conditions)
    if size > 0:
        reason = f"the multiplier is {value}, so orbits leave the point"
        return Classification("repelling", sp.Integer(1), value, False, reason, remedy="iterate the inverse map")
    return Classification(kind, sp.Integer(1), value, True, f"the multiplier is {value}")


def _compare_with_one(value: sp.Expr) -> int | None:
    """The sign of |value| - 1, or None where parameters decide."""
    from derive.numerics import sign_of

    if value.free_symbols:
        gap = sp.Abs(value) - 1
        return 1 if gap.is_positive else -1 if gap.is_negative else None
    return sign_of(sp.Abs(value) - 1)


def _tangent(local: LocalMap) -> Classification:
    try:
        k = local.contact()
    except UnsupportedError as error:
        kind = "identity" if local.x == local.F else "flat"
        return Classification(kind, sp.oo, sp.Integer(0), None, str(error))
    m = local.multiplier(k + 2 * local.chart.root)
    root, table = local.chart.root, local.table
    logs = any(table.degree_in_log(c) for c in m.coefficients)
    slope = table.expr(m.lead) * root  # delta' = delta M^r
    order = sp.Rational(k, root)
    if logs:
        return _outside("logarithmic", _LOGARITHMS)
    try:
        sign = table.sign(m.lead)
    except Undecided:
        sign = 0
    if sign > 0:
        way = "away from infinity" if local.chart.at_infinity else "away from the point"
        return Classification(
            "parabolic",
            order,
            slope,
            False,
            f"orbits on this side move {way}",
            remedy="look at the other side or invert F",
        )
    conditions = () if sign < 0 else (sp.Lt(sp.factor(slope), 0),)
    return Classification(
        "parabolic",
        order,
        slope,
        True if sign < 0 else None,
        f"tangent to the identity with contact of order {order}",
        _residue(local, k),
        conditions=conditions,
    )


def _residue(local: LocalMap, k: int) -> tuple[sp.Integer, ...]:
    """(0,) where the Abel function has a term in log w, which is decided by M through w^(2k)."""
    m = local.multiplier(2 * k).coefficients
    return () if ps.is_zero(abel(m, 0).log) else (sp.Integer(0),)
