"""Independent numbers for the proofs about the alpha-ReLU kernels.

Nothing here calls ``derive.kernels`` except ``kernel_on_box``, which says so.  ``angular`` integrates over the angle,
``direct`` sums the two-dimensional Gaussian mean as it stands; ``HalfLine`` is an integral over (0, oo) that knows how
to evaluate itself.
"""

from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Source
from derive.evidence import covering

alpha = sp.Symbol("alpha", real=True)
c = sp.Symbol("c", real=True)
HALF = sp.Rational(1, 2)

MEANING = (
    "J(alpha, c) = E psi(u1) psi(u2) / E psi(u1)^2 for psi(x) = x^alpha (x > 0), 0 (x <= 0), and u1, u2 normal with "
    "mean 0, variance 1 and correlation c; c_alpha = E psi(u1)^2.  Both exist for alpha > -1/2"
)
DOMAIN = {alpha: "alpha > -1/2", c: "-1 < c < 1"}

# Drawn once at random, but for one next to a half-integer (not closer: SymPy hangs on powers with huge denominators).
PAIRS = ((-7, 23, 31, 47), (5, 17, -19, 29), (501, 1000, 1, 3), (47, 19, -3, 37), (83, 11, 29, 31))
POINTS = [{alpha: sp.Rational(p, q), c: sp.Rational(r, s)} for p, q, r, s in PAIRS]
LARGER = [p for p in POINTS if p[alpha] > HALF]


def source(place: str = "section C.7, formulas stripped and rebuilt") -> Source:
    return Source("yang2017", place)


def mp(number):
    return mpmath.mpf(int(number.p)) / int(number.q)


def numbers(point):
    return mp(point[alpha]), mp(point[c])


# numbers by mpmath -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _angle_integral(a, value, prec):
    """int_0^R (c + cos t)^a dt, R = pi - acos c, after R - t = 2 R sin(s/2)^2, which tames the end t = R."""
    theta = mpmath.acos(value)
    reach = mpmath.pi - theta

    def integrand(s):
        left = 2 * reach * mpmath.sin(s / 2) ** 2
        return (2 * mpmath.sin(theta + left / 2) * mpmath.sin(left / 2)) ** a * reach * mpmath.sin(s)

    return mpmath.quad(integrand, [0, mpmath.pi / 4, mpmath.pi / 2])


def kernel(a, value):
    """J by mpmath.quad over the angle: numerator and denominator both."""
    prec = mpmath.mp.prec
    return _angle_integral(a, mpmath.mpf(value), prec) / _angle_integral(a, mpmath.mpf(1), prec)


def moment(a, value):
    """M = c_alpha J by mpmath.quad over the angle, and the radial integral."""
    radial = mpmath.gamma(a + 1) / (2 * mpmath.pi)
    return radial * _angle_integral(a, mpmath.mpf(value), mpmath.mp.prec)


def angular(point, digits):
    return kernel(*numbers(point))


def angular_moment(point, digits):
    return moment(*numbers(point))


def direct(point, digits):
    """E (u1 u2)^alpha over u1, u2 > 0: a double trapezoidal sum of the Gaussian density in logarithmic coordinates.

    u1 = exp((p + w)/2), u2 = exp((p - w)/2): the density times (u1 u2)^alpha du1 du2 is
    exp((alpha + 1) p - exp(p) (cosh w - c)/(1 - c^2)) dp dw/(4 pi sqrt(1 - c^2)), analytic for |Im| < pi/2 in both.
    """
    from flint import arb, ctx, fmpq

    bits = int(3.33 * (digits + 8))
    with ctx.workprec(bits + 40):
        a, r = (arb(fmpq(int(point[s].p), int(point[s].q))) for s in (alpha, c))
        cut = 0.6932 * bits
        step = arb(9.2) / cut
        width = 1 - r * r
        h, reach = float(step.mid()), float((cut * width / (1 - abs(r))).mid())
        total, k = arb(0), -int(cut / float((a + 1).mid()) / h)
        import math

        across = (r.acos() if r > 0 else arb.pi() / 2) * arb(29) / (5 * cut)  # cosh w - c > 0 in |Im w| < acos c only
        g, widest = float(across.mid()), cut / float((a + 1).mid()) + math.log(2 * reach) + 3
        coshes = [(across * j).cosh() for j in range(int(widest / g) + 2)]
        while k * h < math.log(reach) + 1:
            scale = -(step * k).exp() / width
            inner = arb(0)
            for j, cosh in enumerate(coshes):
                if j * g > math.log(2 * reach + 1) - k * h + 1:
                    break
                term = (scale * (cosh - r)).exp()
                inner += term if j else term / 2
            total += ((a + 1) * step * k).exp() * inner
            k += 1
        value = total * 2 * step * across / (4 * arb.pi() * width.sqrt())
    from derive.numerics.compile import arb_to_mpf

    return arb_to_mpf(value)


def slope_by_circle(a, value, order, nodes=160):
    """A derivative in c by Cauchy's formula on a circle half as wide as the disc of analyticity, by mpmath.hyp2f1."""
    prec = mpmath.mp.prec
    return _on_circle(a, mpmath.mpf(value), order, nodes + prec, prec)


@lru_cache(maxsize=256)
def _on_circle(a, value, order, nodes, prec):
    half = mpmath.mpf(1) / 2
    scale = mpmath.gamma(a + 1) ** 2 / (mpmath.gamma(a + half) * mpmath.gamma(a + 3 * half))
    total, radius = mpmath.mpf(0), (1 - abs(value)) / 2
    for k in range(nodes):
        shift = radius * mpmath.expjpi(mpmath.mpf(2 * k) / nodes)
        x = (1 + value + shift) / 2
        total += scale * x ** (a + half) * mpmath.hyp2f1(half, half, a + 3 * half, x) / shift**order
    return mpmath.factorial(order) * total.real / nodes


# functions that the statements use --------------------------------------------------------------------------------


@lru_cache(maxsize=200_000)
def _bessel(order, z, prec):
    """K_order(z) by python-flint, at a precision raised until the value has its bits."""
    from flint import acb, arb, ctx

    from derive.numerics.compile import arb_to_mpf

    mantissa, exponent = mpmath.mpf(z).man_exp
    for more in (40, 200, 600, 2000):
        with ctx.workprec(prec + more):
            value = acb(arb((int(mantissa), int(exponent)))).bessel_k(int(order)).real
        if value.rel_accuracy_bits() > prec:
            break
    return arb_to_mpf(value)


class HalfLine(sp.Integral):
    """An integral over (0, oo) of an integrand analytic in the right half-plane, by a trapezoidal sum in log t.

    The sum stops at t = e^12 and t = e^-300 at the latest, so that a divergent integral has a large value.
    """

    def _eval_evalf(self, prec):
        if self.free_symbols:
            return None
        t = self.variables[0]
        bits = 64 * (prec // 64 + 1)  # few different precisions, so that the table of Bessel values serves again
        with mpmath.workprec(bits):
            value = _half_line(self.function, t, bits)
        return sp.Float._new(value._mpf_, prec)


@lru_cache(maxsize=4096)
def _half_line(integrand, t, prec):
    h = mpmath.mpf(46) / 5 / (mpmath.mpf(6932) / 10000 * prec)
    f = sp.lambdify(t, integrand, modules=[{"besselk": lambda n, z: +_bessel(n, z, prec)}, "mpmath"])
    total, small = mpmath.mpf(0), mpmath.mpf(2) ** (-prec)
    for direction, start in ((1, 0), (-1, -1)):
        j, quiet = start, 0
        while quiet < 8 and -300 < j * h < 12:
            node = mpmath.exp(j * h)
            term = node * f(node)
            total += term
            quiet = quiet + 1 if abs(term) <= small * abs(total) else 0
            j += direction
    return total * h


class Angle(sp.Integral):
    """An integral over (0, R) of an integrand that may have a power at R, after R - t = 2 R sin(s/2)^2."""

    def _eval_evalf(self, prec):
        if self.free_symbols:
            return None
        ((t, _, top),) = self.limits
        with mpmath.workprec(64 * (prec // 64 + 1)):
            value = _over_angle(self.function, t, top, mpmath.mp.prec)
        return sp.Float._new(value._mpf_, prec)


@lru_cache(maxsize=4096)
def _over_angle(integrand, t, top, prec):
    f = sp.lambdify(t, integrand, "mpmath")
    with mpmath.workprec(2 * prec):  # t close to R is formed without losing what the power needs
        reach = top.evalf(int(prec))._to_mpmath(2 * prec)

    def moved(s):
        with mpmath.workprec(2 * prec):
            value = f(reach - 2 * reach * mpmath.sin(s / 2) ** 2)
        return mpmath.re(value) * reach * mpmath.sin(s)

    return mpmath.quad(moved, [0, mpmath.pi / 4, mpmath.pi / 2], maxdegree=6)


class Ferrers(sp.Function):
    """The Ferrers function P_nu^mu(x) of degree nu and order mu on -1 < x < 1."""

    nargs = 3

    def _eval_evalf(self, prec):
        if self.free_symbols:
            return None
        with mpmath.workprec(prec + 10):
            nu, mu, x = (a.evalf(mpmath.mp.dps)._to_mpmath(mpmath.mp.prec) for a in self.args)
            value = mpmath.legenp(nu, mu, x, type=2)
        return sp.Float._new(mpmath.re(value)._mpf_, prec)


# balls --------------------------------------------------------------------------------------------------------------


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


_SPECIAL = {
    sp.hyper: _hyper,
    sp.elliptic_k: _elliptic("elliptic_k"),
    sp.elliptic_e: _elliptic("elliptic_e"),
    Ferrers: _ferrers,
    HalfLine: _half_line_ball,
}


def kernel_on_box(a, r):
    """J on a box by the package's corner values (a hypergeometric series with positive terms)."""
    from derive.kernels.balls import kernel_ball

    return kernel_ball(a, r)


def moment_on_box(a, r):
    """c_alpha J on a box."""
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
