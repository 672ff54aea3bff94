"""Balls for the proofs about the alpha-ReLU kernels: the statements' formulas and independent routes on boxes.

Nothing here calls ``derive.kernels`` except ``moment_on_box``, which says so.
"""

from functools import lru_cache

import sympy as sp

from derive.evidence import covering

from ._kernel import Angle, Ferrers, HalfLine, alpha, c
from ._kernel_steps import SLOPE


def ball_of(expression, values):
    """An expression with hypergeometric, elliptic, Legendre or Bessel parts on balls of its symbols."""
    from derive.numerics.compile import compile_ball

    parts = {}

    def cut(node):
        if type(node) in _SPECIAL:
            return parts.setdefault(node, sp.Dummy(real=True))
        return node.func(*map(cut, node.args)) if node.args else node

    plain = cut(expression)
    known = {**values, **{mark: _SPECIAL[type(node)](node, values) for node, mark in parts.items()}}
    symbols = sorted(plain.free_symbols, key=sp.default_sort_key)
    return compile_ball(plain, symbols)(*(known[s] for s in symbols))


def _hyper(node, values):
    (a, b), (lower,) = ([ball_of(e, values) for e in part] for part in node.args[:2])
    return ball_of(node.args[2], values).hypgeom_2f1(a, b, lower)


def _elliptic(name):
    def value(node, values):
        from flint import acb

        return getattr(acb(ball_of(node.args[0], values)), name)().real

    return value


def _ferrers(node, values):
    from flint import acb

    nu, mu, x = (acb(ball_of(e, values)) for e in node.args)
    return x.legendre_p(nu, mu, type=2).real


def _half_line_ball(node, values):
    """acb.integral on (1/2^60, T), and bounds for the two ends.

    For 0 < t <= 1: K_0(t) = int_0^oo exp(-t cosh w) dw <= log(2/t) + E_1(1) <= 1 - log t <= 4 t^(-1/4), and
    |Y_0(t)| <= (2/pi)(1 - log t) + 1 is below the same bound.  K_0(t) < exp(-t) and |Y_0(t)| < 1 for t > 2, so that
    beyond T the integrand is below t^alpha exp(-(1-c) t), or t^alpha exp(c t).
    """
    from flint import acb, arb

    t = node.variables[0]
    a, r = values[alpha], values[c]
    kinds = [b for b in (sp.besselk, sp.bessely) if node.function.has(b)]
    mark = sp.Dummy()
    inner = node.function.replace(kinds[0], lambda n, z: mark * (sp.S.One if n == 0 and z == t else sp.nan))
    if inner.has(sp.nan):
        raise NotImplementedError("only the Bessel function of order 0 at t is enclosed here")
    from derive.numerics.compile import compile_ball

    f = compile_ball(inner, [t, mark, alpha, c])
    method = "bessel_k" if kinds[0] is sp.besselk else "bessel_y"

    def integrand(z, analytic):
        if analytic and not z.real > 0:
            return acb(arb("nan"), arb("nan"))
        return f(z, getattr(z, method)(0), acb(a), acb(r), analytic=analytic)

    low = arb(2) ** -60
    rate = (1 - r) if method == "bessel_k" else -r
    if not rate > 0:
        raise NotImplementedError("the integrand has to decay")
    high = (40 / rate.lower()).ceil().mid()
    body = acb.integral(integrand, acb(low), acb(high), rel_tol=2**-24, abs_tol=arb(2) ** -40).real
    head = 8 * low ** (a + arb(3) / 4).lower() * 4
    tail = high ** a.abs_upper() * (-rate * high).exp() * 2 / rate
    return body + arb(0, (head + tail).upper())


def _slope_ball(node, values):
    from ._kernel_boxes import slope

    return slope(*(ball_of(e, values) for e in node.args))


def _angle_of(node, values):
    """The integral of cos^p (1 - r cos)^(-q) over a quarter, or of (r + cos)^p up to where the base vanishes."""
    from ._kernel_boxes import cosines, lens

    ((t, _, top),) = node.limits
    p, q, r = (sp.Wild(name, exclude=[t]) for name in "pqr")
    if top == sp.pi / 2 and (found := node.function.match(sp.cos(t) ** p * (1 + r * sp.cos(t)) ** q)):
        return cosines(ball_of(found[p], values), -ball_of(found[q], values), -ball_of(found[r], values))
    found = node.function.match((r + sp.cos(t)) ** p)
    if found and top == sp.pi - sp.acos(found[r]):
        power, value = ball_of(found[p], values), ball_of(found[r], values)
        return (1 + value) ** power * lens(power, value)
    raise NotImplementedError("only these two integrals over the angle are enclosed here")


_SPECIAL = {
    type(SLOPE): _slope_ball,
    Angle: _angle_of,
    sp.hyper: _hyper,
    sp.elliptic_k: _elliptic("elliptic_k"),
    sp.elliptic_e: _elliptic("elliptic_e"),
    Ferrers: _ferrers,
    HalfLine: _half_line_ball,
}


def moment_on_box(a, r):
    """c_alpha J on a box by the package's corner values (a hypergeometric series with positive terms)."""
    from derive.kernels.balls import kernel_ball, norm_ball

    return kernel_ball(a, r) * norm_ball(a)


def _angle_ball(a, value):
    """int_0^(pi - acos c) (c + cos t)^a dt for a > 0 in balls, by acb.integral."""
    from flint import acb, arb

    top = arb.pi() - value.acos()
    cut = (top * (1 - arb(2) ** -12)).lower().mid()
    cosine = lambda z, analytic: (acb(value) + z.cos()).pow(acb(a), analytic=analytic)  # noqa: E731
    body = acb.integral(cosine, acb(0), acb(cut), rel_tol=2**-24, abs_tol=arb(2) ** -40).real
    rest = (top - cut).upper()  # there 0 <= c + cos t <= rest, as the slope of the cosine is at most 1
    return body + arb(0).union((rest ** (a + 1).lower()).upper())


def angular_on_box(a, r):
    """J on a box by acb.integral over the angle: nothing of the package's own."""
    from flint import arb

    return _angle_ball(a, r) / _angle_ball(a, arb(1))


def slope_on_box(a, r):
    """dJ/dc on a box, alpha > 1: alpha times the integral of (c + cos t)^(alpha-1) over that of (1 + cos t)^alpha."""
    from flint import arb

    return a * _angle_ball(a - 1, r) / _angle_ball(a, arb(1))


WITHIN = sp.Rational(1, 100)


def on_box(name, quantity, box, *, method, formula=ball_of, most=2000):
    """The two sides differ by at most a hundredth on every point of a box of (alpha, c), shown in balls.

    A statement is false when the two sides are disjoint, or the right one is not finite, in the middle of a part of the
    box.  Mistakes that change the value by less than three hundredths at the middle and the corners are left to the
    other checks.
    """
    (a0, a1), (c0, c1) = box[alpha], box[c]
    places = [{alpha: a, c: r} for a, r in ((a0, c0), (a0, c1), (a1, c0), (a1, c1), ((a0 + a1) / 2, (c0 + c1) / 2))]

    def stated(statement, balls):
        try:
            return formula(statement.rhs, balls)
        except (NotImplementedError, ValueError):
            return None

    def test(statement, balls):
        middle = {symbol: ball.mid() for symbol, ball in balls.items()}
        value = stated(statement, middle)
        if value is None or not value.is_finite() or not value.overlaps(quantity(middle[alpha], middle[c])):
            return False
        value, found = stated(statement, balls), quantity(balls[alpha], balls[c])
        return True if abs(value - found) <= found.abs_lower() * ball_of(WITHIN, {}) else None

    @lru_cache(maxsize=64)
    def values(statement):
        from derive.numerics.compile import to_arb

        return [stated(statement, {k: to_arb(v) for k, v in place.items()}) for place in places]

    def sees(statement, perturbed):
        pairs = list(zip(values(statement), values(perturbed), strict=True))
        if any(b is None or not b.is_finite() for _, b in pairs):
            return values(perturbed)[-1] is None or not values(perturbed)[-1].is_finite()
        return any(abs(b / a - 1) > 3 * ball_of(WITHIN, {}) for a, b in pairs)

    return covering(name, test, box, method=method, bits=64, most_boxes=most, covers=False, sees=sees)


BOX = {alpha: (sp.Rational(49, 100), sp.Rational(51, 100)), c: (sp.Rational(-4, 5), sp.Rational(-79, 100))}
