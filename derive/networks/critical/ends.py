r"""The two ends of the variance axis, (0, q_lo] and [q_hi, oo), where boxes do not reach.

**Near zero.**  For f >= 0, :math:`|x| \le X` holds up to a small weight, so with one-sided balls of f on (0, X] and
[-X, 0) the mean lies in :math:`P[\inf f, \sup f] + [0, T]`.  For fixed |x| the density
:math:`e^{-x^2/2q}/\sqrt q` increases in q while q < x^2; comparing it with the one at a variance b >= q_lo gives

.. math:: T = \sqrt{b/q_{lo}}\; e^{-\frac{X^2}{2} (1/q_{lo} - 1/b)}\; E_b f, \qquad q_{lo} \le X^2, \qquad
   1 - P \le e^{-X^2/2q_{lo}} .

If phi(0) = 0 the point q = 0 itself is critical (the corner, :math:`\sigma_b^2 = 0`), and what has to be shown is
that D decreases from there.  With :math:`h(x) = f(x) + f(-x) - 2 f(0)` and :math:`h^{(n)} \le -m < 0` on (0, X], lower
derivatives vanishing at 0, one has :math:`h \le -m x^n/n!`; the far part is smaller than what this gives if

.. math:: \sqrt{b}\, q^{-(n+1)/2} e^{-\frac{X^2}{2}(1/q - 1/b)} E_b f < \frac{m}{n!}\, E[z^n; 0 < z < X/\sqrt q],

whose left-hand side increases in q for q <= X^2/(n+1), so that q = q_lo decides.

**At infinity.**  Where the tails of phi'^2 and phi^2 are powers up to exponentially small parts, D and F are finite
sums of powers of :math:`t = q^{-1/2}` with a proven remainder (:mod:`derive.expectations.asymptotic.large`), and one
ball for t in (0, t_hi] decides after the lowest power is taken out.  For other tails, with :math:`X = \sqrt{q_{hi}}/2`,

.. math:: D(q) \le e^{1/8} D(q_{hi}) + \sup_{|x| > X} \varphi'(x)^2, \qquad q \ge q_{hi},

because :math:`e^{-x^2/2q} \le 1 \le e^{X^2/2 q_{hi}} e^{-x^2/2q_{hi}}` for |x| <= X.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from math import exp, inf
from typing import Any

import sympy as sp
from flint import arb, ctx

from derive.activations import VARIABLE, Activation
from derive.errors import DeriveError, UnsupportedError
from derive.expectations.asymptotic.large import expectation_remainder, expectation_terms
from derive.expectations.bounds.growth import upper_growth
from derive.networks.critical.means import Moments
from derive.numerics.compile import compile_ball, to_arb

__all__ = [
    "Tail",
    "corner_decreases",
    "expansion",
    "far_part",
    "near_zero",
    "one_sided",
    "scaled",
    "tail_bound",
    "tail_of",
]

_BITS = 80


def one_sided(phi: Activation, side: int) -> tuple[sp.Expr, sp.Expr]:
    """(expression of phi(side * x) for small x > 0, the first kink beyond 0 on that side as a positive number)."""
    for p in phi.pieces:
        if side > 0 and (p.right.is_infinite or p.right > 0) and (p.left.is_infinite or p.left <= 0):
            return p.expr, p.right
        if side < 0 and (p.left.is_infinite or p.left < 0) and (p.right.is_infinite or p.right >= 0):
            return p.expr.xreplace({VARIABLE: -VARIABLE}), -p.left
    raise UnsupportedError(f"no branch of {phi} begins at 0")  # pragma: no cover  (pieces cover the line)


def _sides(phi: Activation, reach: Any) -> list[sp.Expr] | None:
    """The two branches next to 0, or None where a kink is nearer than ``reach``."""
    found = [one_sided(phi, side) for side in (1, -1)]
    if any(not kink.is_infinite and not to_arb(kink) > reach for _, kink in found):
        return None
    return [expr for expr, _ in found]


def near_zero(moments: Moments, which: str, q_lo: Any, reach: Any) -> Any | None:
    """A ball that contains E f(sqrt(q) z) for all 0 < q <= q_lo, or None where no use can be made of it."""
    with ctx.workprec(_BITS):
        branches = _sides(moments.slope if which == "D" else moments.phi, reach)
        if branches is None or not q_lo <= reach**2:
            return None
        span = arb(0).union(reach)
        halves = [compile_ball(e, VARIABLE)(span) for e in branches]
        half = sum((h * h for h in halves), arb(0)) / 2
        if not half.is_finite():
            return None
        weight = (1 - (-(reach**2) / (2 * q_lo)).exp()).union(arb(1))
        return weight * half + arb(0).union(far_part(moments, which, q_lo, reach))


def far_part(moments: Moments, which: str, q_lo: Any, reach: Any, k: int = 0) -> Any:
    """T of the module's docstring, with b = 1 or q_lo if that is larger; for x^(2k) f instead of f."""
    b = arb(1) if q_lo < 1 else q_lo
    gap = (reach**2 / 2 * (1 / q_lo - 1 / b)).exp()
    return (b / q_lo).sqrt() / gap * b**k * moments.at(which, k, b, _BITS)


def corner_decreases(moments: Moments, q_lo: Any, reach: Any, highest: int = 8) -> bool:
    """Whether D(q) < D(0+) is shown for all 0 < q <= q_lo; see the module's docstring."""
    with ctx.workprec(_BITS):
        branches = _sides(moments.slope, reach)
        if branches is None:
            return False
        h, span = sum(e**2 for e in branches), arb(0).union(reach)
        for n in range(1, highest + 1):
            h = sp.diff(h, VARIABLE)
            start = sp.simplify(h.subs(VARIABLE, 0)) if h.has(VARIABLE) else h
            if start == 0:
                continue
            ball = compile_ball(h, VARIABLE)(span)
            if not (start.is_negative and ball < 0):
                return False
            margin = -ball.upper() / int(sp.factorial(n))
            return bool(_far_is_less(moments, q_lo, reach, n, margin))
        return False


def _far_is_less(moments: Moments, q_lo: Any, reach: Any, n: int, margin: Any) -> bool:
    b = arb(1)
    if not (q_lo * (n + 1) <= reach**2 and q_lo < b):
        return False
    low = far_part(moments, "D", q_lo, reach) / q_lo ** (n // 2) / (q_lo.sqrt() if n % 2 else 1)
    z = reach / q_lo.sqrt()
    z = z if z < 1 else arb(1)  # E[z^n; 0 < z < Z] >= Z'^(n+1) e^(-Z'^2/2)/((n+1) sqrt(2 pi)) for every Z' <= Z
    inner = z ** (n + 1) * (-z * z / 2).exp() / ((n + 1) * (2 * arb.pi()).sqrt())
    return bool(low < margin * inner)


@dataclass(frozen=True)
class Tail:
    """D and F as sums of powers of t = q^(-1/2) (exponent -> exact coefficient) with remainders (C, e): C t^e."""

    D: dict[sp.Rational, sp.Expr]
    F: dict[sp.Rational, sp.Expr]
    D_rest: tuple[Any, sp.Rational]
    F_rests: tuple[tuple[Any, sp.Rational], ...]

    @property
    def limit(self) -> sp.Expr:
        """D at infinity, exactly."""
        return self.D.get(sp.S.Zero, sp.S.Zero)

    def above_limit(self, t_hi: Any) -> Any:
        """A ball of (D - limit) t^-e for 0 < t <= t_hi, e > 0 the lowest exponent."""
        return scaled({e: c for e, c in self.D.items() if e != 0}, (self.D_rest,), t_hi)

    def value(self, t_hi: Any) -> Any:
        """A ball of D for 0 < t <= t_hi."""
        return scaled({sp.S.Zero: sp.S.Zero, **self.D}, (self.D_rest,), t_hi, sp.S.Zero)

    def feasibility(self, t_hi: Any) -> Any:
        """A ball of F t^-e for 0 < t <= t_hi, e the lowest exponent."""
        return scaled(self.F, self.F_rests, t_hi)


def scaled(terms: dict, rests: tuple, t_hi: Any, lowest: sp.Rational | None = None) -> Any:
    """The sum of c_e t^(e - lowest) with its remainders, for 0 < t <= t_hi; not finite where a remainder dominates."""
    with ctx.workprec(_BITS):
        if lowest is None:
            if not terms:
                return arb("nan")
            lowest = min(terms)
        if any(e < lowest for _, e in rests):
            return arb("nan")
        total = sum((to_arb(c) * _power(t_hi, e - lowest) for e, c in terms.items()), arb(0))
        return total + sum((arb(0, (c * t_hi ** to_arb(e - lowest)).abs_upper()) for c, e in rests), arb(0))


def _power(t_hi: Any, e: sp.Rational) -> Any:
    """t^e for 0 < t <= t_hi, e >= 0."""
    return arb(1) if e == 0 else arb(0).union(t_hi ** to_arb(e))


def tail_of(moments: Moments, order: int = 3) -> Tail | None:
    """The expansions at infinity, where the tails of the activation allow them."""
    try:
        with ctx.workprec(_BITS):
            D, D_rest = expansion(moments.slope.expr**2, order)
            V, (bound, exponent) = expansion(moments.phi.expr**2, order - 1)
    except DeriveError:
        return None
    R = {e + 2: c for e, c in V.items()}
    F = {e: sp.simplify(D.get(e, sp.S.Zero) - R.get(e, sp.S.Zero)) for e in {*D, *R}}
    made = Tail(D, {e: c for e, c in F.items() if c != 0}, D_rest, (D_rest, (bound, exponent + 2)))
    return made if min(D, default=sp.S.Zero) >= 0 and made.limit.is_finite else None


def expansion(f: sp.Expr, order: int) -> tuple[dict[sp.Rational, sp.Expr], tuple[Any, sp.Rational]]:
    """Terms and remainder in t = q^(-1/2)."""
    if not f.has(VARIABLE):
        return {sp.S.Zero: f}, (arb(0), sp.Integer(2 * order))
    terms = {-2 * e: c for e, c in expectation_terms(Activation(f), order).items()}
    bound, exponent, _ = expectation_remainder(Activation(f), order)
    return terms, (to_arb(bound), -2 * exponent)


def tail_bound(moments: Moments, q_hi: Any) -> Any:
    """An upper bound of D(q) for all q >= q_hi by the split at X = sqrt(q_hi)/2 (infinite where none is known)."""
    with ctx.workprec(_BITS):
        start = q_hi.sqrt() / 2
        x = float(start.lower()) * (1 - 1e-12)
        far = 0.0
        for side, piece in ((1, moments.slope.pieces[-1]), (-1, moments.slope.pieces[0])):
            end = piece.left if side > 0 else -piece.right
            if not end.is_infinite and not to_arb(end) < start:
                return arb("inf")
            log_far = _log_largest(piece.expr, x, side < 0)
            far = max(far, exp(2 * log_far) * (1 + 1e-9) if log_far < 300 else inf)
        return (arb(1) / 8).exp() * moments.at("D", 0, q_hi, _BITS) + arb(far)


def _log_largest(expr: sp.Expr, start: float, mirrored: bool) -> float:
    """An upper bound of log|f| beyond ``start``; infinite where none is found that does not grow."""
    forms = [expr, sp.cancel(expr)] if expr.is_rational_function(VARIABLE) else [expr]
    best = inf
    for form in forms:
        with suppress(UnsupportedError):
            g = upper_growth(form, VARIABLE, start, mirrored=mirrored)
            falls = g.a1 <= 0 and g.a2 <= 0 and g.n / start + g.a1 + 2 * g.a2 * start <= 0
            best = min(best, g.at_start(start) if falls else inf)
    return best
