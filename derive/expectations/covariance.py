r"""E f(u1) g(u2) and the gap V - W in proven balls: which rule is used when.

With equal variances q and covariance lam let v = q - |lam|, mu = |lam| (unequal variances are scaled away: g(x) becomes
g(x sqrt(q2/q1))).  The grid (:mod:`~derive.expectations.two_variables.covariance_grid`) serves v and mu both of
moderate size, the Taylor series (:mod:`~derive.expectations.two_variables.covariance_series`) small v and small mu, at
a cost that does not grow with q; whichever needs less work is taken.  What they do not reach, kinks and wide
Gaussians with slow tails among it, goes to panels in both variables
(:mod:`~derive.expectations.two_variables.covariance_panels`).  Parity removes signs: W(-lam) = +-W(lam).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from math import inf, log2
from typing import Any

from flint import arb, ctx

from derive.activations import VARIABLE
from derive.errors import DomainError, PrecisionError, UnsupportedError
from derive.expectations import homogeneous as powers
from derive.expectations.asymptotic.covariance_large_ball import covariance_large_ball
from derive.expectations.one_variable.integrand import Integrand, integrand, squared
from derive.expectations.two_variables.covariance_grid import enclose_on_grid, grid_points
from derive.expectations.two_variables.covariance_panels import enclose_gap_on_panels, enclose_on_panels
from derive.expectations.two_variables.covariance_pieces import enclose_closed_pieces
from derive.expectations.two_variables.covariance_series import enclose_near_diagonal, enclose_near_zero, series_points
from derive.expectations.two_variables.covariance_window import enclose_gap_in_window, window_points
from derive.expectations.two_variables.grid_function import AnalyticGrid, ExponentialGrid, GridFunction
from derive.numerics.compile import to_arb

__all__ = ["covariance_ball", "cross_covariance_ball", "gap_ball"]

_MAX_POINTS = 400_000
_SLOW = 5_000.0  # microseconds; what costs less needs no better rule
_LARGE = 300.0  # below this variance the grid is as fast as the large-variance expansion


def covariance_ball(phi: Any, q: Any, lam: Any, bits: int) -> Any:
    """A ball (``arb``) with W(phi, q, lam) = E phi(u1) phi(u2), equal variances ``q``, covariance ``lam``.

    ``q`` and ``lam`` are balls or exact numbers.  Where lam is close to q, v = q - lam should be exact: see
    :func:`gap_ball`, which takes v itself.

    Raises :class:`~derive.errors.DomainError` for q < 0 or |lam| > q and :class:`~derive.errors.UnsupportedError`
    where no rule covers phi.

    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> covariance_ball(sp.tanh(x), arb(1), arb(0.5), 100).str(20, radius=False)
    '0.18632441320344808611'
    """
    with ctx.workprec(bits + 64):
        q, lam = to_arb(q), to_arb(lam)
        return enclose_covariance(phi, phi, q, (q - abs(lam), abs(lam)), -1 if lam < 0 else 1, bits)


def cross_covariance_ball(f: Any, g: Any, q1: Any, q2: Any, lam: Any, bits: int) -> Any:
    """A ball with E f(u1) g(u2), variances ``q1`` and ``q2``, covariance ``lam``."""
    from derive.expectations.balls import expectation_ball

    with ctx.workprec(bits + 64):
        q1, q2, lam = to_arb(q1), to_arb(q2), to_arb(lam)
        if q1.is_zero() or q2.is_zero() or lam.is_zero():
            return expectation_ball(f, q1, bits + 4) * expectation_ball(g, q2, bits + 4)
        equal = q1.is_exact() and q2.is_exact() and (q1 - q2).is_zero()
        scale = 1 if equal else (q2 / q1).sqrt()
        mu = abs(lam) / scale
        return enclose_covariance(f, g, q1, (q1 - mu, mu), -1 if lam < 0 else 1, bits, scale)


def gap_ball(phi: Any, q: Any, v: Any, bits: int) -> Any:
    """A ball with V(phi, q) - W(phi, q, q - v) of relative radius near 2^-bits, however small v is.

    ``v`` = q - lam between 0 and 2q.
    """
    with ctx.workprec(bits + 64):
        q, v = to_arb(q), to_arb(v)
        if v.is_zero() or q.is_zero():
            return arb(0)
        _check(q, 2 * q - v, "q - |lam|")
    one = integrand(phi)
    scaling = None if one.is_smooth else powers.both(one, one)
    if scaling is not None:
        return powers.sharpened(lambda: powers.gap_ball(scaling[0], q, v), bits, q.is_exact() and v.is_exact())
    with ctx.workprec(bits + 64):
        if not v <= q:
            return _difference(phi, q, 2 * q - v, -1, bits)
    with ctx.workprec(bits + 64):
        if one.is_smooth:
            with suppress(UnsupportedError):  # more bits than planned for may put a rule out of reach
                return _smooth_gap(phi, q, v, bits)
        if v > q / 16 or not v > 0:
            with suppress(UnsupportedError):
                return _difference(phi, q, v, 1, bits)
        guess, bits = log2(max(2.0, float((q / v).mid()))), _reachable(bits, q, v)
        return _settled(lambda small: enclose_gap_on_panels(one, v, q - v, bits, small), bits, guess)


def _reachable(bits: int, *inputs: Any) -> int:
    """``bits``, or what the least accurate of the inputs lets a result have; for rules too slow to try more."""
    return min([bits, *(max(20, x.rel_accuracy_bits()) for x in inputs if not x.is_exact())])


def _smooth_gap(phi: Any, q: Any, v: Any, bits: int) -> Any:
    """V - W by the cheaper of window, series and large-variance expansion."""
    f = _on_grid(phi)
    guess = _smallness(f, f, q, 1.0) + max(0.0, -log2(max(float((v / q).mid()), 1e-300)))
    points, terms = series_points(f, f, q, v, bits + round(guess))
    series = points * (40 + 2 * terms)
    window = 5.0 * window_points(f, v, q - v, bits + round(guess)) if q > v else inf
    if min(series, window) > _SLOW and _by_large_variance(phi, q, (v, q - v), 1, bits) is not None:
        return _difference(phi, q, v, 1, bits)
    if window < min(series, 3.0 * _MAX_POINTS):
        with suppress(UnsupportedError):
            return _settled(lambda small: enclose_gap_in_window(f, v, q - v, bits, small), bits, guess)
    if series > 4e6:
        raise UnsupportedError("neither a window nor the series is in reach")
    return -_settled(lambda small: enclose_near_diagonal(f, f, q, v, 1, bits, first=1, small=small), bits, guess)


def _difference(phi: Any, q: Any, v: Any, sign: int, bits: int) -> Any:
    """V - W where the two are not close."""
    from derive.expectations.balls import expectation_ball

    extra = 8
    for _ in range(6):
        with ctx.workprec(bits + extra + 64):
            near = enclose_covariance(phi, phi, q, (v, q - v), sign, bits + extra, relative=False)
            gap = expectation_ball(squared(phi), q, bits + extra) - near
        accuracy = gap.rel_accuracy_bits()
        if accuracy >= bits:
            break
        extra += bits - max(accuracy, -bits) + 8
    return gap


def enclose_covariance(
    f: Any, g: Any, q: Any, parts: tuple[Any, Any], sign: int, bits: int, scale: Any = 1, *, relative: bool = True
) -> Any:
    """E f(u1) g(scale u2), equal variances q = v + mu, covariance sign*mu; ``parts`` is (v, mu)."""
    v, mu = parts
    _check(q, v, "q - |lam|")
    same = f is g or f == g
    one = integrand(f)
    two = one if same else integrand(g)
    parity = one.parity * two.parity
    if parity == -1 or (mu.is_zero() and -1 in (one.parity, two.parity)):
        return arb(0)
    if parity and sign < 0:
        value = enclose_covariance(f, g, q, parts, 1, bits, scale, relative=relative)
        with ctx.workprec(bits + 64):
            return -value if two.parity == -1 else value
    if (v.is_zero() or mu.is_zero()) and isinstance(scale, int):
        return _degenerate(f, g, q, mu, sign, bits)
    if not (one.is_smooth and two.is_smooth) and q > 0:
        scaling = powers.both(one, two, lowest=-1)
        if scaling is not None and v > 0:
            return _by_kernel(scaling, q, parts, sign, bits, scale)
    if same and isinstance(scale, int):
        value = _by_large_variance(f, q, parts, sign, bits)
        if value is not None:
            return value
    if not (one.is_smooth and two.is_smooth):
        return _with_kinks((one, two), q, parts, sign, bits, relative, scale)
    relative = relative and bool(mu > 0)
    try:
        first = _on_grid(f)
        second = first if same and isinstance(scale, int) else _on_grid(g, scale)
        rule = _rule(first, second, q, v, mu, sign, bits)
        guess = _smallness(first, second, q, float((mu / q).mid()) if one.parity == -1 else 1.0)
        return _settled(rule, bits, guess if relative else 0.0, relative)
    except UnsupportedError:
        if not v > 0:
            raise
        return _on_panels((one, two), (v, mu), sign, bits, relative, scale)


def _by_kernel(
    scaling: tuple[powers.Homogeneous, powers.Homogeneous],
    q: Any,
    parts: tuple[Any, Any],
    sign: int,
    bits: int,
    scale: Any,
) -> Any:
    """Positively homogeneous functions: the kernel of alpha-ReLU."""
    exact = all(p.is_exact() for p in (q, *parts))

    def rule() -> Any:
        value = powers.covariance_ball(*scaling, q, parts, sign)
        return value if isinstance(scale, int) else value * scale ** to_arb(scaling[0].degree)

    return powers.sharpened(rule, bits, exact)


def _with_kinks(
    pair: tuple[Integrand, Integrand],
    q: Any,
    parts: tuple[Any, Any],
    sign: int,
    bits: int,
    relative: bool,
    scale: Any,
) -> Any:
    v, mu = parts
    f, g = pair
    if v > 0 and mu > 0:
        with suppress(UnsupportedError):
            closed = lambda small: enclose_closed_pieces(f, g, v, mu, sign, bits, small, scale)  # noqa: E731
            return _settled(closed, bits, 0.0, relative)
        return _on_panels(pair, parts, sign, bits, relative, scale)
    if f != g or not isinstance(scale, int):
        raise UnsupportedError("for two functions with kinks the covariance must certainly be neither 0 nor extreme")
    return _almost_uncorrelated(f, q, mu, bits) if not mu > 0 else _almost_equal(f, q, v, sign, bits)


def _on_panels(
    pair: tuple[Integrand, Integrand], parts: tuple[Any, Any], sign: int, bits: int, relative: bool, scale: Any
) -> Any:
    bits = _reachable(bits, *parts)
    return _settled(lambda small: enclose_on_panels(*pair, *parts, sign, bits, small, scale), bits, 0.0, relative)


def _almost_uncorrelated(f: Integrand, q: Any, mu: Any, bits: int) -> Any:
    """|W - (E f)^2| <= |c| V, for W is the sum over k of c^k times squared Hermite coefficients."""
    from derive.expectations.balls import expectation_ball

    with ctx.workprec(bits + 32):
        mean = expectation_ball(f, q, bits + 4)
        spread = expectation_ball(squared(f), q, 64) * mu.abs_upper() / q
        return mean * mean + arb(0, spread.abs_upper())


def _almost_equal(f: Integrand, q: Any, v: Any, sign: int, bits: int) -> Any:
    """W increases in c >= 0, so it lies between its value at the largest v of the ball and V."""
    from derive.expectations.balls import expectation_ball

    if sign < 0:
        raise UnsupportedError("for a function with kinks and no parity the covariance must certainly exceed -q")
    with ctx.workprec(bits + 32):
        whole = expectation_ball(squared(f), q, bits + 4)
        widest = v.abs_upper()
        if widest.is_zero():
            return whole
        least = _with_kinks((f, f), q, (widest, q - widest), 1, bits, True, 1)
        return whole.union(least)


def _by_large_variance(phi: Any, q: Any, parts: tuple[Any, Any], sign: int, bits: int) -> Any | None:
    """The expansion at fixed correlation, where q (1 - c^2) is so large that it may reach the digits."""
    v, mu = parts
    if not q > _LARGE or not v * mu > 0:
        return None
    with ctx.workprec(bits + 64):
        c = mu / q
        r2 = v / q * (1 + c)
        if not q * r2 * min(1.0, float(c.lower()) * 1e6) > _LARGE + 2 * bits:
            return None
        return covariance_large_ball(phi, q, sign * c, r2, bits)


def _rule(f: GridFunction, g: GridFunction, q: Any, v: Any, mu: Any, sign: int, bits: int) -> Callable[[float], Any]:
    """The cheapest rule, as a function of the extra bits wanted."""
    if mu > 0 and float(mu.mid()) == 0 and float(v.mid()) > 0:
        raise PrecisionError(f"the covariance {mu.str(5)} is below the smallest float; use the slope at 0 times it")
    on_grid = 3.0 * grid_points(f, g, v, mu, bits) if v > 0 and mu > 0 else inf
    diagonal, terms_d = series_points(f, g, q, v, bits)
    zero, terms_z = series_points(f, g, q, mu, bits, 1)
    window = window_points(f, v, mu, bits) if f is g and sign > 0 and v > 0 and mu > 0 else inf
    costs = {
        "grid": on_grid,
        "window": 5.0 * window,
        "diagonal": diagonal * (40 + 2 * terms_d),
        "zero": zero * (40 + 2 * terms_z),
    }
    best = min(costs, key=lambda name: costs[name])
    if costs[best] == inf or costs[best] > 3.0 * _MAX_POINTS:
        raise UnsupportedError(
            f"the covariance at variance {float(q.mid()):.4g} and 1 - |c| = {float((v / q).mid()):.4g} would need "
            f"more than {_MAX_POINTS} points; ask for fewer digits, or use the large-variance series"
        )
    if best == "grid":
        return lambda small: enclose_on_grid(f, g, v, mu, sign, bits, small)
    if best == "window":
        return lambda small: _variance_less_window(f, q, v, mu, bits, small)

    def series(small: float) -> Any:
        """The chosen series, or the grid where more bits than planned for put the series out of reach."""
        try:
            if best == "diagonal":
                return enclose_near_diagonal(f, g, q, v, sign, bits, small=small)
            return enclose_near_zero(f, g, q, sign * mu, bits, small)
        except UnsupportedError:
            if on_grid == inf:
                raise
            return enclose_on_grid(f, g, v, mu, sign, bits, small)

    return series


def _variance_less_window(f: GridFunction, q: Any, v: Any, mu: Any, bits: int, small: float) -> Any:
    from derive.expectations.balls import expectation_ball

    with ctx.workprec(bits + round(small) + 32):
        whole = expectation_ball(f.expr**2, q, bits + round(small))
        return whole - enclose_gap_in_window(f, v, mu, bits, small)


def _settled(rule: Callable[[float], Any], bits: int, small: float, relative: bool = True) -> Any:
    """Repeat a rule of absolute accuracy with more bits until the relative accuracy is there, or the input's end."""
    before = None
    for _ in range(6):
        value = rule(small)
        accuracy = value.rel_accuracy_bits()
        if accuracy >= bits or not relative or value.is_zero():
            return value
        if before is not None and accuracy < before + 8:
            return value
        before = accuracy
        small += bits - max(accuracy, -bits) + 6
    return value


def _smallness(f: GridFunction, g: GridFunction, q: Any, factor: float) -> float:
    """About how many bits f(x) g(x) times ``factor`` lies below 1 at a typical x."""
    with ctx.workprec(53):
        x = q.sqrt().mid()
        size = arb(1)
        for h in (f, g):
            right, left = h.values(2 * x, 1)
            largest = max(abs(right[0]).upper(), abs(left[0]).upper())
            size = size * largest
        value = float((size * abs(factor)).mid()) if size.is_finite() else 1.0
    return min(4000.0, max(0.0, -log2(value))) if value > 0 else 4000.0


def _degenerate(f: Any, g: Any, q: Any, mu: Any, sign: int, bits: int) -> Any:
    """Uncorrelated, or u2 = sign u1."""
    from derive.expectations.balls import expectation_ball

    with ctx.workprec(bits + 32):
        if mu.is_zero():
            return expectation_ball(f, q, bits + 4) * expectation_ball(g, q, bits + 4)
    if sign > 0 and f == g:
        return expectation_ball(squared(f), q, bits)
    one, two = integrand(f), integrand(g)
    if not (one.is_smooth and two.is_smooth):
        raise UnsupportedError("perfectly correlated products of different functions with kinks are not covered")
    product = one.pieces[0].expr * two.pieces[0].expr.xreplace({VARIABLE: sign * VARIABLE})
    return expectation_ball(product, q, bits)


def _on_grid(f: Any, scale: Any = 1) -> GridFunction:
    one = integrand(f)
    if not one.is_smooth:
        raise UnsupportedError("covariances of functions with kinks are not covered by this rule")
    form = one.exponential_form
    if form is not None and form.factors:
        return ExponentialGrid(form, scale)
    return AnalyticGrid(one.pieces[0].expr, VARIABLE, one.parity, scale)


def _check(q: Any, v: Any, name: str) -> None:
    if not q >= 0 and not q.contains(0):
        raise DomainError(f"the variance {q.str(10)} is not certainly non-negative")
    if v < 0:
        raise DomainError(f"{name} = {v.str(10)} is negative: a covariance is at most the variance in modulus")
