r"""V - W and E phi'(u1) phi'(u2) to full relative accuracy, also for activations with kinks at correlation near 1.

Smooth activations use the expectations of this package.  With kinks and 1 - c small those rules need too many points;
then the plane is cut along the lines on which one input meets a kink.  With :math:`u_{1,2} = s \pm d/2`, s and d
independent of variances :math:`q(1 - \varepsilon/2)` and :math:`2q\varepsilon`,

.. math:: V - W = \tfrac12 E\,(f(s + d/2) - f(s - d/2))^2 ,

in which nothing cancels.  For d > 0 the line s is cut at k +- d/2 for every kink k; between the cuts the integrand is
analytic.  Gauss-Legendre rules of two orders are compared; the digits are those on which they agree, not a proof.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from math import ceil, inf, log, sqrt
from typing import Any

import mpmath
from flint import arb, ctx

from derive.activations import Activation
from derive.errors import PrecisionError
from derive.networks.feedforward.ends import scale_free
from derive.numerics.compile import arb_to_mpf, compile_ball, to_arb

__all__ = ["gap", "slope_product"]

_NEAR = 0.05


def gap(phi: Activation, q: Any, epsilon: Any, digits: int) -> Any:
    """V(q) - W(q, (1 - epsilon) q), epsilon in (0, 2]."""
    from derive.expectations.values import gap_value

    if _needs_cuts(phi) and epsilon < _NEAR:
        return _by_cuts(phi, q, epsilon, digits)
    return gap_value(phi, q, epsilon, digits)


def slope_product(phi: Activation, q: Any, epsilon: Any, digits: int) -> Any:
    """E phi'(u1) phi'(u2) at variance q and correlation 1 - epsilon."""
    from derive.expectations.values import covariance_value, expectation_value

    slope = phi.derivative_away_from_kinks(1)
    if _needs_cuts(phi) and epsilon < _NEAR:
        with mpmath.workdps(digits + 10):
            whole = expectation_value(Activation(slope.expr**2), q, digits + 4)
            return whole - (_by_cuts(slope, q, epsilon, digits) if epsilon else 0)
    try:
        return covariance_value(slope, q, one_minus_c=epsilon, digits=digits)
    except PrecisionError:
        return mpmath.mpf(0)


@lru_cache(maxsize=128)
def _needs_cuts(phi: Activation) -> bool:
    """Kinks, unless phi is homogeneous: then the expectations have kernels in closed form."""
    return bool(phi.kinks) and scale_free(phi) is None


def _by_cuts(f: Activation, q: Any, epsilon: Any, digits: int) -> Any:
    """Half the mean square of f(u1) - f(u2), by Gauss-Legendre rules on the pieces."""
    order = 5 + (7 * digits) // 10
    before = None
    with ctx.workprec(int(3.33 * digits) + 40):
        for n in (order - digits // 8, order, order + 12, order + 30):
            value = _Cuts(f, to_arb(q), to_arb(epsilon), digits + 4, n).mean_square() / 2
            if before is not None and abs(value - before) < abs(value) * arb(10) ** -(digits - 1):
                return arb_to_mpf(value)
            before = value
    raise PrecisionError(
        f"V - W of {f} at 1 - c = {mpmath.nstr(epsilon, 5)} did not reach {digits} digits; ask for fewer digits"
    )


@lru_cache(maxsize=64)
def _legendre(n: int, bits: int) -> tuple[tuple[Any, Any], ...]:
    """Nodes and weights of the Gauss-Legendre rule on [0, 1], as exact points."""
    from flint import arb, ctx

    with ctx.workprec(bits + 20):
        pairs = [arb.legendre_p_root(n, k, weight=True) for k in range(n)]
        return tuple((arb(((1 + x) / 2).mid()), arb((w / 2).mid())) for x, w in pairs)


class _Cuts:
    """The double integral over d > 0 and s, cut where s +- d/2 meets a kink; flint numbers, for their speed."""

    def __init__(self, f: Activation, q: Any, epsilon: Any, digits: int, n: int) -> None:
        self.pieces = [
            (-inf if p.left.is_infinite else float(p.left), inf if p.right.is_infinite else float(p.right), function)
            for p, function in zip(f.pieces, (compile_ball(p.expr, (f.variable,)) for p in f.pieces), strict=True)
        ]
        self.kinks = [arb(to_arb(k).mid()) for k in f.kinks]
        self.vs, self.vd = arb((q * (1 - epsilon / 2)).mid()), arb((2 * q * epsilon).mid())
        self.reach = sqrt(2 * (digits + 3) * log(10))
        self.rule = _legendre(n, ctx.prec)

    def mean_square(self) -> Any:
        """Over d: panels of a few standard deviations, cut where two kinks are met at once; twice the half d > 0."""
        root = self.vd.sqrt()
        meet = [abs(a - b) / root for i, a in enumerate(self.kinks) for b in self.kinks[:i]]
        ends = sorted([arb(0), arb(self.reach), *(m for m in meet if m < self.reach)], key=float)
        total = arb(0)
        for a, width in _panels(ends, 3.0):
            for x, w in self.rule:
                t = a + width * x
                total += w * width * (-t * t / 2).exp() * self._over_s((t * root).mid())
        return arb((2 * total / (2 * arb.pi()).sqrt()).mid())

    def _over_s(self, d: Any) -> Any:
        root = self.vs.sqrt()
        far, half = root * self.reach, d / 2
        cuts = [c for k in self.kinks for c in (k - half, k + half) if -far < c < far]
        total = arb(0)
        for a, width in _panels(sorted([-far, far, *cuts], key=float), 1.6 * float(root)):
            middle = float(a + width / 2)
            one, two = self._piece(middle + float(half)), self._piece(middle - float(half))
            for x, w in self.rule:
                s = a + width * x
                difference = one(s + half) - two(s - half)
                total += w * width * (-s * s / (2 * self.vs)).exp() * difference * difference
        return arb((total / (2 * arb.pi() * self.vs).sqrt()).mid())

    def _piece(self, x: float) -> Callable[[Any], Any]:
        return next(f for left, right, f in self.pieces if left <= x <= right)


def _panels(ends: list[Any], longest: float) -> list[tuple[Any, Any]]:
    """(start, width) of panels no longer than ``longest`` between the ends."""
    found = []
    for a, b in pairwise(ends):
        n = max(1, ceil(float(b - a) / longest))
        width = (b - a) / n
        found += [(a + k * width, width) for k in range(n)]
    return found
