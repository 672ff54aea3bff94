r"""Second moments of an activation over whole intervals of the variance, in balls, from values at points alone.

For :math:`f \ge 0` write :math:`E_k(q) = E\,z^{2k} f(\sqrt q z)`.  Since

.. math:: \sqrt{2\pi}\; q^{k+1/2} E_k(q) = \int x^{2k} f(x)\, e^{-x^2/2q}\,dx

increases with q, values at the ends of an interval bound :math:`E_k` on all of it,

.. math:: (a/b)^{k+1/2}\, E_k(a) \le E_k(q) \le (b/a)^{k+1/2}\, E_k(b), \qquad a \le q \le b,

and differentiating the same integral gives all derivatives in :math:`s = \log q` without a derivative of f:

.. math:: \frac{dE_k}{ds} = \tfrac12 \bigl(E_{k+1} - (2k+1) E_k\bigr).

So f may have kinks and may grow; nothing is asked of it but that the moments can be enclosed at a point.
With :math:`D = E\,\varphi'^2`, :math:`V = E\,\varphi^2` (moments :math:`D_k`, :math:`V_k`) the functions needed are

* D, the reciprocal of the weight variance at which :math:`\chi_1 = 1`;
* F = D - V/q, with :math:`\sigma_b^2 = q F/D` there, so that F >= 0 says which q are critical;
* U = log(V/q), whose decrease means that :math:`q = \sigma_w^2 V(q) + \sigma_b^2` has one solution only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb, ctx

from derive.activations import VARIABLE, Activation
from derive.errors import DomainError, UnsupportedError
from derive.expectations.balls import expectation_ball

__all__ = ["Moments", "exact", "middle", "outward"]


def exact(q: Any) -> Any:
    """The midpoint of a ball as an exact ball."""
    return q.mid()


def outward(low: Any, high: Any) -> tuple[Any, Any]:
    """Exact ends of an interval that contains two balls."""
    return low.lower(), high.upper()


def middle(a: Any, b: Any) -> Any:
    """An exact number near the geometric mean."""
    with ctx.workprec(64 if b > a * arb("1.0001") else ctx.prec):
        return (a * b).sqrt().mid()


class Moments:
    """The moments D_k and V_k of one activation: at points, over intervals, and what is built from them."""

    def __init__(self, phi: Activation) -> None:
        self.phi = phi
        try:
            slope = phi.diff(1)
        except UnsupportedError as error:
            raise DomainError(f"{phi} has no slope whose square has a mean: {error}") from error
        if not slope.expr.has(VARIABLE) and slope.expr == 0:
            raise DomainError(f"{phi} is constant, so chi_1 = 0 at every weight variance")
        self.slope = slope
        self._squares = {"D": slope.expr**2, "V": phi.expr**2}
        self._known: dict[Any, Any] = {}
        self.evaluations = 0

    # one moment

    def at(self, which: str, k: int, q: Any, bits: int) -> Any:
        """E z^(2k) f(sqrt(q) z) at an exact q > 0, f = phi'^2 ("D") or phi^2 ("V")."""
        key = (which, k, tuple(map(int, q.man_exp())), bits)
        if key not in self._known:
            self.evaluations += 1
            with ctx.workprec(bits + 20):
                mean = expectation_ball(VARIABLE ** (2 * k) * self._squares[which], q, bits)
                self._known[key] = abs(mean) / q**k
        return self._known[key]

    def over(self, which: str, k: int, ends: tuple[Any, Any], bits: int) -> Any:
        """A ball that contains the moment at every q between the ends."""
        a, b = ends
        with ctx.workprec(bits + 20):
            ratio = (b / a) ** k * (b / a).sqrt()
            low, high = self.at(which, k, a, bits) / ratio, self.at(which, k, b, bits) * ratio
            return low.union(high)

    # values and derivatives in s = log q; ``get(which, k)`` gives a moment at a point or over an interval

    def _first(self, get: Callable[[str, int], Any], which: str) -> Any:
        return (get(which, 1) - get(which, 0)) / 2

    def _second(self, get: Callable[[str, int], Any], which: str) -> Any:
        return (get(which, 2) - 4 * get(which, 1) + get(which, 0)) / 4

    def jet(self, name: str, order: int, get: Callable[[str, int], Any], q: Any) -> Any:
        """The derivative of order 0, 1 or 2 of D, R = V/q or F = D - R in s = log q."""
        if name == "F":
            return self.jet("D", order, get, q) - self.jet("R", order, get, q)
        if name == "D":
            return (lambda: get("D", 0), lambda: self._first(get, "D"), lambda: self._second(get, "D"))[order]()
        if order == 0:
            return get("V", 0) / q
        if order == 1:
            return (get("V", 1) - 3 * get("V", 0)) / (2 * q)
        return (get("V", 2) - 8 * get("V", 1) + 9 * get("V", 0)) / (4 * q)

    def value(self, name: str, order: int, q: Any, bits: int) -> Any:
        """A derivative at an exact q."""
        with ctx.workprec(bits + 20):
            return self.jet(name, order, lambda which, k: self.at(which, k, q, bits), q)

    def enclose(self, name: str, order: int, ends: tuple[Any, Any], bits: int, depth: int = 2) -> Any:
        """A ball that contains a derivative at every q between the ends: mean-value forms in s of rising order."""
        with ctx.workprec(bits + 20):
            plain = self.jet(name, order, lambda which, k: self.over(which, k, ends, bits), ends[0].union(ends[1]))
            if depth == 0 or order == 2:
                return plain
            m = middle(*ends)
            s = (ends[0] / m).log().union((ends[1] / m).log())
            slope = self.enclose(name, order + 1, ends, bits, depth - 1)
            return _meet(plain, self.value(name, order, m, bits) + s * slope)


def _meet(a: Any, b: Any) -> Any:
    """The intersection of two balls that both contain the value."""
    try:
        return a.intersection(b)
    except ValueError:
        return b
