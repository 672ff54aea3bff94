"""Independent numbers for the proofs about the alpha-ReLU kernels.

Nothing here calls ``derive.kernels``.  ``angular`` integrates over the angle,
``direct`` sums the two-dimensional Gaussian mean as it stands; ``HalfLine`` is an integral over (0, oo) that knows how
to evaluate itself.
"""

from functools import lru_cache

import mpmath
import sympy as sp

from derive.claim import Source

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
