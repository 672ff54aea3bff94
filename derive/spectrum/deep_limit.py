r"""The effective cumulant of infinitely many layers at fixed sigma_w2.

With t = l/L the recurrences of :mod:`derive.networks.scaled_residual` (skip 1) become
:math:`dq/dt = \sigma_w^2(\mathrm V(q) + 2m\,\mathrm M(q))`, :math:`dm/dt = L\,\mathrm M(q)`, from q = sigma_b2 up to
terms of order 1/L, and :math:`c = \sigma_w^2\int_0^1 S(q)\,dt` with :math:`S = E\varphi'^2`.

* M = 0 (odd activations).  Without biases q stays of order 1/L and :math:`c = \sigma_w^2 S(0^+)`.  With biases
  :math:`c = \int S\,dq/\mathrm V` along :math:`\int dq/\mathrm V = \sigma_w^2`.
* M of order :math:`q^0` or :math:`q^{1/2}` at the start.  The mean m grows like L, the sum
  :math:`q - \sigma_w^2m^2/L` hardly moves, and q runs within a vanishing part of the depth to the first place
  :math:`q^*` where M changes sign (for SELU: q* = 1), or to infinity.  So :math:`c = \sigma_w^2 S(q^*)`.
* M of order q (activations that are smooth at 0, with phi(0) = 0 and without biases, such as GELU).  Then q = Q/L and
  the integral u of Q obeys :math:`u' = \sigma_w^2(p_0 + (v_1 + 2m_0M_1)u + M_1^2u^2)`, where V = v_1 q, M = M_1 q
  near 0.  It stays finite until :math:`t^*`; if t* < 1, the rest of the layers is in the case above:
  :math:`c = \sigma_w^2(t^*S(0^+) + (1-t^*)S(q^*))`.

With |skip| < 1 the length forgets its start and :math:`c = \sigma_w^2S(\sigma_b^2)`.  For |skip| > 1 the stream grows
exponentially in L, and there is a limit only where S is constant.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp

from derive.activations import Activation
from derive.errors import DomainError, UnsupportedError
from derive.numerics.compile import mpf_to_sympy, to_mpf
from derive.numerics.exact import exact_number, sign_of
from derive.spectrum.cumulant import constant_slope

__all__ = ["deep_cumulant", "deep_expansion", "resting_length"]


def deep_cumulant(
    phi: Activation, sigma_w2: sp.Expr, sigma_b2: sp.Expr, skip: Any = 1, digits: int = 30, p0: Any = 1, m0: Any = 0
) -> sp.Float:
    """lim c as depth -> oo, sigma_w2 fixed; see the module docstring.

    Raises :class:`~derive.errors.UnsupportedError` for |skip| > 1, and for skip = -1 unless phi is odd.

    >>> from derive.activations import activation
    >>> deep_cumulant(activation("tanh"), sp.Rational(1, 8), sp.Integer(0), digits=10)
    0.1250000000
    """
    skip = exact_number(skip, "skip")
    known = constant_slope(phi)
    if known is not None:
        return sp.N(sigma_w2 * known, digits)
    size = sign_of(1 - skip**2)
    if size < 0 or (skip == -1 and phi.parity != "odd"):
        raise UnsupportedError(
            f"skip = {skip}: many layers have a limit for |skip| < 1 and skip = 1 (-1 for odd ones); give a depth"
        )
    inner = digits + 10
    with mpmath.workdps(inner):
        weight = to_mpf(sigma_w2)
        if size > 0 or weight == 0:
            value = weight * slope_at(phi, sigma_b2, inner)
        elif phi.parity == "odd":
            value = _odd(phi, weight, sigma_b2, inner)
        else:
            value = _drifting(phi, weight, sigma_b2, inner, to_mpf(exact_number(p0)), to_mpf(exact_number(m0)))
    return mpf_to_sympy(value, digits)


def slope_at(phi: Activation, q: Any, digits: int) -> Any:
    """S(q) = E phi'(sqrt(q) z)^2, at q = 0 the limit from above."""
    from derive.expectations.values import variance_value

    if q == 0:
        return to_mpf(_small_terms(phi)[2])
    return variance_value(phi.diff(1), q, digits)


@lru_cache(maxsize=64)
def _small_terms(phi: Activation) -> tuple[sp.Expr, dict, sp.Expr]:
    """(v_1, terms of M below order 3/2, S(0+)) as q -> 0."""
    from derive.expectations import E, V

    q = sp.Symbol("q", positive=True)
    slope = V(phi.diff(1), q, evaluate=False).small_argument_terms(sp.Rational(1, 2))
    if any(power < 0 for power in slope):
        raise DomainError(
            f"E phi'^2 of {phi} is infinite as the variance tends to 0; give sigma_b2 > 0 or a finite depth"
        )
    branch = V(phi, q, evaluate=False).small_argument_terms(sp.Rational(3, 2))
    mean = {} if phi.parity == "odd" else E(phi, q, evaluate=False).small_argument_terms(sp.Rational(3, 2))
    mean = {power: value for power, value in mean.items() if value != 0}
    return branch.get(sp.Integer(1), sp.Integer(0)), mean, slope.get(sp.Integer(0), sp.Integer(0))


def _odd(phi: Activation, weight: Any, sigma_b2: sp.Expr, digits: int) -> Any:
    if sigma_b2 == 0:
        return weight * slope_at(phi, 0, digits)
    from derive.expectations.values import variance_value

    q0 = to_mpf(sigma_b2)

    def rate(q: Any) -> Any:
        return 1 / variance_value(phi, q, digits)

    def integral(f: Any, end: Any) -> Any:
        return mpmath.quad(f, [q0, (q0 * end) ** 0.5 if end > 4 * q0 else (q0 + end) / 2, end], method="gauss-legendre")

    end = q0 + weight / rate(q0)
    for _ in range(60):
        step = (integral(rate, end) - weight) / rate(end)
        end = max(end - step, (q0 + end) / 2)
        if abs(step) < end * mpmath.mpf(10) ** (6 - digits):
            break
    return integral(lambda q: slope_at(phi, q, digits) * rate(q), end)


def _drifting(phi: Activation, weight: Any, sigma_b2: sp.Expr, digits: int, p0: Any, m0: Any) -> Any:
    """M does not vanish identically."""
    quiet = mpmath.mpf(0)
    if sigma_b2 == 0:
        v1, mean, _ = _small_terms(phi)
        lowest = min(mean, default=sp.oo)
        if lowest > 1:
            quiet = mpmath.mpf(1)
        elif lowest == 1:
            m1 = to_mpf(mean[lowest])
            quiet = min(mpmath.mpf(1), _escape_time(weight, to_mpf(v1) + 2 * m0 * m1, m1, p0))
    value = quiet * slope_at(phi, 0, digits) if quiet else quiet
    if quiet < 1:
        value += (1 - quiet) * _resting_slope(phi, sigma_b2, digits)
    return weight * value


def _escape_time(weight: Any, linear: Any, m1: Any, p0: Any) -> Any:
    """The time at which u' = weight (p0 + linear u + m1^2 u^2), u(0) = 0, becomes infinite."""
    if p0 == 0:
        return mpmath.inf
    disc = 4 * p0 * m1**2 - linear**2
    if disc > 0:
        root = mpmath.sqrt(disc)
        return 2 / (weight * root) * (mpmath.pi / 2 - mpmath.atan(linear / root))
    if disc == 0:
        return 2 / (weight * linear)
    root = mpmath.sqrt(-disc)
    return mpmath.log((linear + root) / (linear - root)) / (weight * root)


def _resting_slope(phi: Activation, sigma_b2: sp.Expr, digits: int) -> Any:
    rest = resting_length(phi, sigma_b2, digits)
    if rest is not None:
        return slope_at(phi, rest, digits)
    low, high = phi.diff(1).limits
    if low.has(sp.AccumBounds) or high.has(sp.AccumBounds):
        raise UnsupportedError(
            f"the slope of {phi} has no limits, so no law of c at large depth is known; give a depth"
        )
    if not (low.is_finite and high.is_finite):
        raise UnsupportedError(f"the slope of {phi} tends to {low} and {high}: c grows without bound with the depth")
    return to_mpf((low**2 + high**2) / 2)


def resting_length(phi: Activation, sigma_b2: Any = 0, digits: int = 30) -> Any | None:
    """The first q > sigma_b2 where E phi(sqrt(q) z) changes sign, as an mpf; None if there is none up to 1e18.

    Searched on a grid of eight points a decade and refined between two grid points of opposite sign.  The root is to
    ``digits`` digits; that it is the *first* one, and that there is none where None is returned, is not proved: a pair
    of sign changes within one step of the grid (a factor 1.33 in q - sigma_b2), or one beyond 1e18, goes unnoticed.

    >>> from derive.activations import activation
    >>> mpmath.nstr(resting_length(activation("selu"), digits=20), 15)
    '1.0'
    """
    from derive.networks.scaled_residual import first_moment

    start = to_mpf(exact_number(sigma_b2))
    grid = [start + mpmath.mpf(10) ** (mpmath.mpf(k) / 8) for k in range(-144, 145)]
    before = None
    for q in grid:
        value = first_moment(phi, q, 15)
        if before is not None and value * before[1] < 0:
            with mpmath.workdps(digits + 10):
                return mpmath.findroot(lambda t: first_moment(phi, t, digits + 5), (before[0], q), solver="anderson")
        if value != 0:
            before = (q, value)
    return None


def deep_expansion(phi: Activation) -> tuple[sp.Expr, sp.Symbol, sp.Symbol, sp.Symbol]:
    r"""c to order 1/L for an odd activation without biases: (expression, sigma_w2, L, p0).

    :math:`q^l = \sigma_w^2 p_0 e^{x l/L}/L + O(L^{-2})` with :math:`x = \sigma_w^2 v_1`, and :math:`S = s_0 + s_1 q`:
    :math:`c = \sigma_w^2s_0 + \sigma_w^4 p_0 s_1 \frac{e^x-1}{xL} + O(L^{-2})`.

    >>> from derive.activations import activation
    >>> c, sw2, L, p0 = deep_expansion(activation("tanh"))
    >>> sp.simplify(c - (sw2 - 2 * sw2 * p0 * (sp.exp(sw2) - 1) / L))
    0
    """
    from derive.expectations import V

    if phi.parity != "odd":
        raise UnsupportedError(f"{phi} is not odd; the expansion in 1/L is derived for odd activations without biases")
    q, L = sp.Symbol("q", positive=True), sp.Symbol("L", positive=True)
    sw2, p0 = sp.symbols("sigma_w2 p0", positive=True)
    slope = V(phi.diff(1), q, evaluate=False).small_argument_terms(sp.Integer(2))
    branch = V(phi, q, evaluate=False).small_argument_terms(sp.Integer(2))
    powers = set(slope) | set(branch)
    if any(not power.is_Integer for power in powers):
        raise UnsupportedError(
            f"{phi} has terms of order {sorted(powers, key=str)} at small variance, not integer powers"
        )
    x = sw2 * branch[sp.Integer(1)]
    s0, s1 = (slope.get(sp.Integer(k), sp.Integer(0)) for k in (0, 1))
    return sw2 * s0 + sw2**2 * p0 * s1 * (sp.exp(x) - 1) / (x * L), sw2, L, p0
