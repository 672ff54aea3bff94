r"""How small can the weight variance of a critical network be?  A proof in balls, for any activation.

A wide network with :math:`q = \sigma_w^2 V(q) + \sigma_b^2` is critical where
:math:`\chi_1 = \sigma_w^2 E\,\varphi'(\sqrt q z)^2 = 1`.  Solving both equations for the variances,

.. math:: \sigma_w^2 = \frac1{D(q)}, \qquad \sigma_b^2 = q - \frac{V(q)}{D(q)} = \frac{q F(q)}{D(q)}, \qquad
   D = E\,\varphi'^2,\quad V = E\,\varphi^2,\quad F = D - V/q,

the critical line is a curve with the parameter q, and the part of it with :math:`\sigma_b^2 \ge 0` is where F >= 0.  So
the smallest weight variance is 1/max D over {q : F(q) >= 0}, a problem in one variable.  The half-line is cut in three:
(0, q_lo] and [q_hi, oo) by :mod:`~derive.networks.critical.ends`, what lies between by branch and bound
(:mod:`~derive.networks.critical.search`) on the enclosures of :mod:`~derive.networks.critical.means`; the place
that is left is enclosed to all digits by :mod:`~derive.networks.critical.newton`.  Nothing is sampled: the
result is a theorem about every :math:`\sigma_b^2 \ge 0`, or an error.

Theorem 1 of paper 002 is the case of the sigmoid: the proof in words is in ``docs/sigmoid_theorem.md``.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.activations import Activation, activation
from derive.difference.proofs.enclosure import Condition
from derive.errors import CertificationError, DeriveError, DomainError
from derive.networks.critical.ends import Tail, corner_decreases, near_zero, tail_bound, tail_of
from derive.networks.critical.exact_cases import CriticalMinimum, corner_value, everywhere, steps, vanishes_at_zero
from derive.networks.critical.means import Moments
from derive.networks.critical.newton import kind_of, newton
from derive.networks.critical.search import search, start_value
from derive.numerics.ball import Ball
from derive.numerics.compile import arb_to_sympy, to_arb
from derive.numerics.exact import positive_integer

__all__ = ["CriticalMinimum", "minimal_critical_weight_variance"]

_BITS = 64
_WIDTHS = (2.0**-8, 2.0**-13, 2.0**-18)


def minimal_critical_weight_variance(phi: Any, digits: int = 30, certified: bool = False) -> CriticalMinimum:
    r"""The smallest sigma_w2 with chi_1 = 1 over all sigma_b2 >= 0, proved, with the place where it is attained.

    .. math:: \min\{\sigma_w^2 : \sigma_w^2 E\varphi'(\sqrt q z)^2 = 1,\ q = \sigma_w^2 V(q) + \sigma_b^2,\
       \sigma_b^2 \ge 0,\ q \ge 0\}

    ``phi`` is anything :func:`derive.activation` takes; sigma_w2 is the variance of a weight times the width.  q is
    any solution of the length equation, stable or not.  The result is proved in ball arithmetic in either
    form; ``certified=True`` returns numbers as :class:`~derive.numerics.ball.Ball` instead of Floats.

    Raises :class:`~derive.errors.CertificationError` naming the part of the variance axis where the proof fails (a flat
    or double extremum, tails without bounds), :class:`~derive.errors.DomainError` for activations without a
    mean-square slope and where it is proved that no network is critical (softplus),
    :class:`~derive.errors.InputError` for text that is no formula.

    Source: paper 002, Theorem 1 (sigmoid), where 103.05 is printed.

    >>> found = minimal_critical_weight_variance("sigmoid", digits=30)
    >>> found.sigma_w2, found.sigma_b2, found.place
    (103.007553855519322335460073446, 0, 'boundary')
    >>> found = minimal_critical_weight_variance("erf")
    >>> found.sigma_w2, found.place
    (pi/4, 'corner')
    """
    phi, digits = activation(phi), positive_integer(digits, "digits")
    moments = Moments(phi)
    special = everywhere(moments) or steps(moments)
    if special is not None:
        return special
    return _Proof(moments, digits, certified).run()


class _Proof:
    """One run: the ends, the boxes between them, and the digits."""

    def __init__(self, moments: Moments, digits: int, certified: bool) -> None:
        self.moments, self.digits, self.certified = moments, digits, certified
        self.conditions: list[Condition] = []
        self.corner = corner_value(moments) if vanishes_at_zero(moments.phi) else None
        self.tail = tail_of(moments)

    def run(self) -> CriticalMinimum:
        best, best_q = start_value(self.moments)
        best, best_q = self._with_corner(best, best_q)
        best, best_q = self._with_infinity(best, best_q)
        low, high = self._near_zero(best, best_q), self._far(best, best_q)
        for width in _WIDTHS:
            found = search(self.moments, (low, high), best, best_q, width)
            best, best_q = found.best, found.best_q
            counts = f"{found.infeasible} boxes with F < 0, {found.worse} with D below the best value"
            between = f"{float(low):.4g} <= q <= {float(high):.4g}"
            if not found.clusters and best is None:
                raise DomainError(
                    f"{self.moments.phi} has no critical network: sigma_b2 would have to be negative at every q "
                    f"where chi_1 = 1 (proved, {found.infeasible} boxes and both ends)"
                )
            if not found.clusters and best_q in ("corner", "infinity"):
                self.conditions.append(Condition(f"no other q in {between} competes", counts))
                return self._at_end(best_q)
            kind = kind_of(self.moments, found.clusters[0]) if len(found.clusters) == 1 else None
            if kind is not None:
                cluster = found.clusters[0]
                outside = f"{float(cluster[0]):.10g} <= q <= {float(cluster[1]):.10g}"
                self.conditions.append(Condition(f"outside of {outside} no q in {between} competes", counts))
                return self._inside(kind, cluster)
        places = ", ".join(f"{float(a):.8g}..{float(b):.8g}" for a, b in found.clusters[:4])
        raise CertificationError(
            f"the smallest critical weight variance of {self.moments.phi} was not separated: {len(found.clusters)} "
            f"places compete (q in {places}); there D and F may be extremal together or several places may tie"
        )

    # the ends

    def _with_corner(self, best: Any, best_q: Any) -> tuple[Any, Any]:
        if self.corner is None:
            return best, best_q
        with ctx.workprec(_BITS + 40):
            value = to_arb(self.corner)
            return (value.lower(), "corner") if best is None or value > best else (best, best_q)

    def _with_infinity(self, best: Any, best_q: Any) -> tuple[Any, Any]:
        if self.tail is None:
            return best, best_q
        with ctx.workprec(_BITS + 40):
            value = to_arb(self.tail.limit)
            nearest = self.tail.feasibility(arb(2) ** -30)
            wins = nearest > 0 and (best is None or value > best)
            return (value.lower(), "infinity") if wins else (best, best_q)

    def _near_zero(self, best: Any, best_q: Any) -> Any:
        """A q_lo such that nothing in (0, q_lo] competes."""
        closed = self._closed_decrease() if best_q == "corner" else False
        for j in range(1, 45 if self.corner is None else 9):
            with ctx.workprec(_BITS + 40):
                reach = arb(2) ** -j
                q_lo = reach**2 / 64
                if closed:
                    return q_lo
                D, V = (near_zero(self.moments, which, q_lo, reach) for which in "DV")
                if D is None or V is None:
                    continue
                text, top = f"0 < q <= {float(q_lo):.4g}", float(D.upper())
                if arb(0).union(q_lo) * D < V:
                    shown = f"D < {top:.4g}, so q D < {float((q_lo * D).upper()):.3g}, and V > {float(V.lower()):.3g}"
                    self.conditions.append(Condition(f"sigma_b2 < 0 for {text}", shown))
                    return q_lo
                if best is not None and best > D:
                    self.conditions.append(Condition(f"D is too small for {text}", f"D < {top:.4g}"))
                    return q_lo
                if best_q == "corner" and corner_decreases(self.moments, q_lo, reach):
                    slopes = "phi'(x)^2 + phi'(-x)^2 decreases near 0, and the far part of the mean is smaller"
                    self.conditions.append(Condition(f"D(q) < D(0) for {text}", slopes))
                    return q_lo
        raise CertificationError(
            f"small q: neither D < max nor sigma_b2 < 0 could be shown for {self.moments.phi} near q = 0"
        )

    def _closed_decrease(self) -> bool:
        """Whether a closed form of D decreases for all q > 0, by SymPy's signs."""
        from derive.expectations import E

        q = sp.Symbol("q", positive=True)
        try:
            closed = E(Activation(self.moments.slope.expr**2), q).doit()
        except DeriveError:
            return False
        if closed.has(E) or not sp.simplify(sp.diff(closed, q)).is_negative:
            return False
        self.conditions.append(Condition("D decreases for every q > 0", f"the closed form D = {closed}"))
        return True

    def _far(self, best: Any, best_q: Any) -> Any:
        """A q_hi such that nothing in [q_hi, oo) competes."""
        if any(c.statement == "D decreases for every q > 0" for c in self.conditions):
            return arb(1)
        for j in range(4, 41):
            with ctx.workprec(_BITS + 40):
                q_hi = arb(2) ** j
                shown = self._far_condition(self.tail, q_hi, best, best_q)
                if shown:
                    self.conditions.append(Condition(shown, "the expansion at large q with its remainder in a ball"))
                    return q_hi
                if j % 2 == 0 and j <= 30:
                    bound = tail_bound(self.moments, q_hi)
                    if best is not None and bound < best:
                        self.conditions.append(Condition(f"D <= {bound.str(4)} for q >= 2^{j}", "split of the mean"))
                        return q_hi
        raise CertificationError(
            f"large q: no bound of E phi'^2 below its value elsewhere was found for {self.moments.phi}; its tails are "
            "outside the proven expansions"
        )

    def _far_condition(self, tail: Tail | None, q_hi: Any, best: Any, best_q: Any) -> str:
        if tail is None:
            return ""
        t_hi = 1 / q_hi.sqrt()
        if tail.feasibility(t_hi) < 0:
            return f"sigma_b2 < 0 for q >= {float(q_hi):.4g}"
        if best_q == "infinity":
            return f"D is below its limit for q >= {float(q_hi):.4g}" if tail.above_limit(t_hi) < 0 else ""
        small = best is not None and tail.value(t_hi) < best
        return f"D is too small for q >= {float(q_hi):.4g}" if small else ""

    # results

    def _at_end(self, place: str) -> CriticalMinimum:
        conditions = tuple(self.conditions)
        if self.corner is not None and place == "corner":
            return CriticalMinimum(self.moments.phi, 1 / self.corner, sp.S.Zero, sp.S.Zero, place, conditions)
        assert self.tail is not None  # "infinity" comes from a tail
        return CriticalMinimum(self.moments.phi, 1 / self.tail.limit, None, sp.oo, place, conditions)

    def _inside(self, kind: str, cluster: tuple[Any, Any]) -> CriticalMinimum:
        a, b = newton(self.moments, kind, cluster, self.digits)
        bits = int(3.33 * self.digits) + 64
        with ctx.workprec(bits + 20):
            D = self.moments.enclose("D", 0, (a, b), bits, depth=1)
            V = self.moments.over("V", 0, (a, b), bits)
            q = a.union(b)
            b2 = sp.S.Zero if kind == "boundary" else self._number(q - V / D, absolute=True)
            signs = {
                "boundary": "F and D are monotone in opposite directions there, F changes sign once",
                "interior": "F > 0 and D is concave in log q there, dD/dq changes sign once",
            }[kind]
            self.conditions.append(Condition(signs, f"q in {q.str(20)} by interval Newton"))
            return CriticalMinimum(
                self.moments.phi, self._number(1 / D), b2, self._number(q), kind, tuple(self.conditions)
            )

    def _number(self, ball: Any, absolute: bool = False) -> Any:
        if self.certified:
            return Ball.from_arb(ball)
        if ball.rel_accuracy_bits() < 3.322 * self.digits and not absolute:
            raise CertificationError(f"only {ball.str(20)} was reached; ask for fewer digits")
        return arb_to_sympy(ball, self.digits)
