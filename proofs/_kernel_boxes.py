"""Identities of the alpha-ReLU kernels on whole intervals of alpha or of c, in balls.

``agree_on`` covers a box with parts on each of which the two sides of an identity differ by a stated part at most.
The quantities come from integrals over an angle: the power at the end of the range is taken out, so that balls of
alpha and c may be wide.  Nothing here calls ``derive.kernels``.
"""

from functools import lru_cache

import sympy as sp

from derive.evidence import covering

_CUT = 10  # the integrals over v start at 2^-_CUT


def _powers(p, inner, length):
    """int_0^1 f u^p du after u = v^4, for f(u) = inner(u): 4 int f(v^4) v^(4p+3) dv, p > -1.

    The part below the cut is f on the ball [0, cut^4] times the integral of the power.
    """
    from flint import acb, arb

    power, cut = 4 * p + 3, arb(2) ** -_CUT

    def integrand(v, analytic):
        if analytic and not v.real > 0:
            return acb(arb("nan"), arb("nan"))
        return 4 * inner(v * v * v * v, analytic) * (power * v.log(analytic=analytic)).exp()

    body = acb.integral(integrand, acb(cut), acb(1), rel_tol=arb(2) ** -14, abs_tol=arb(2) ** -20).real
    low = arb(0).union(cut**4)
    head = inner(acb(low), False).real * cut ** (power + 1) / (p + 1)
    return length * (body + head)


def _key(number, up):
    """A dyadic number of 24 bits after the point that is not below (not above) the end of a ball, as an integer."""
    scaled = number * 2**24
    whole = (scaled.ceil() if up else scaled.floor()).unique_fmpz()
    return int(whole) if whole is not None else int(scaled.mid().floor().unique_fmpz()) + (2 if up else -1)


def _ends(ball):
    """Two integers k0, k1 with k0/2^24 <= ball <= k1/2^24: few numbers, so that neighbours share their corners."""
    return (
        (_key(ball, False),) * 2
        if ball.is_exact() and _dyadic(ball)
        else (
            _key(ball.lower(), False),
            _key(ball.upper(), True),
        )
    )


def _dyadic(ball):
    return (ball * 2**24).is_integer()


def _number(key):
    from flint import arb

    return arb(key) / 2**24


@lru_cache(maxsize=100_000)
def _lens(p, r):
    """D(p, r) = int_0^R ((r + cos t)/(1 + r))^p dt, R = pi - acos r, at exact p > -1 and -1 < r < 1.

    t = R(1 - u), r + cos t = 2 sin(R(1-u/2)) sin(Ru/2).  D falls in p, as the base is at most 1.  It rises with r: for
    p >= 0 base and range do; for p < 0 the base at fixed u is 1 - (sin(Rw/2)/sin(R/2))^2, w = 1 - u, which falls in R
    as x cot x falls.
    """
    from flint import acb, arb

    p, r = _number(p), _number(r)
    top = arb.pi() - r.acos()
    if r >= 1:
        return arb("nan")

    def inner(u, analytic):
        half = top * u / 2
        return ((acb(top) - half).sin() * half.sinc() * (top / (1 + r))).pow(acb(p), analytic=analytic)

    return _powers(p, inner, top)


@lru_cache(maxsize=100_000)
def _cosines(p, q, r):
    """int_0^(pi/2) cos(t)^p (1 - r cos t)^(-q) dt at exact p > -1, q > 0: t = (1 - u) pi/2, cos t = sin(u pi/2)."""
    from flint import acb, arb

    p, q, r = map(_number, (p, q, r))
    quarter = arb.pi() / 2

    def inner(u, analytic):
        ratio = (quarter * u).sinc()
        rest = (1 - r * quarter * u * ratio).pow(acb(-q), analytic=analytic)
        return (quarter * ratio).pow(acb(p), analytic=analytic) * rest

    return _powers(p, inner, quarter)


def cosines(p, q, r):
    """int_0^(pi/2) cos(t)^p (1 - r cos t)^(-q) dt on balls: it falls in p, rises in r, and in q where r > 0."""
    (p0, p1), (q0, q1), (r0, r1) = _ends(p), _ends(q), _ends(r)
    low = _cosines(p1, q1 if r0 < 0 else q0, r0)
    return low.union(_cosines(p0, q1 if r1 > 0 else q0, r1))


def _halves(p):
    from flint import arb

    return 2 * cosines(2 * p, arb(0), arb(0))


def lens(p, r):
    """D(p, r) on balls with p > -1."""
    (p0, p1), (r0, r1) = _ends(p), _ends(r)
    return _lens(p1, r0).union(_lens(p0, r1))


def moment(a, r):
    """c_alpha J by integrals over the angle and of the half-normal moment."""
    return second_moment(a) * kernel(a, r)


def moment_by_cosines(a, r):
    """c_alpha J by the radial integral and the other integral over the angle, 1/cosh w = cos t."""
    from flint import arb

    half = arb(1) / 2
    return (a + 1).gamma() / (2 * arb.pi()) * (1 - r * r) ** (a + half) * cosines(a, a + 1, r)


def bare_kernel(a, r):
    """J/x^alpha, x = (1 + c)/2, by two integrals over the angle: corner values of D over those at c = 1."""
    (a0, a1), (r0, r1) = _ends(a), _ends(r)
    low, high = (_number(k) for k in (a0, a1))
    return (_lens(a1, r0) / _halves(low)).union(_lens(a0, r1) / _halves(high))


def kernel(a, r):
    """J by two integrals over the angle."""
    return ((1 + r) / 2) ** a * bare_kernel(a, r)


def kernel_of(order, r):
    """J of one order."""
    from derive.numerics.compile import to_arb

    return kernel(to_arb(order), r)


def slope(a, r):
    """dJ/dc for alpha > 0."""
    return ((1 + r) / 2) ** (a - 1) * bare_derivative(1)(a, r)


@lru_cache(maxsize=10_000)
def _half_normal(power, above):
    """int x^(power-1) exp(-x^2/2) dx over x < 1, or x > 1, by acb.integral in log x, with the ends bounded."""
    from flint import acb, arb

    power = _number(power)
    low, high = (arb(0), arb(3)) if above else (-(20 / power).upper().ceil(), arb(0))
    body = acb.integral(
        lambda s, _: (power * s - (2 * s).exp() / 2).exp(), acb(low), acb(high), rel_tol=arb(2) ** -20
    ).real
    # below: exp(power s); beyond e^3: the exponent falls at least like -e^(2s)/4 for power < 40
    rest = (power * high - (2 * high).exp() / 4).exp() if above else (power * low).exp() / power
    return body + arb(0).union(rest)


def half_normal(power):
    """int_0^oo x^(power-1) exp(-x^2/2) dx on a ball of powers: x^power falls with it below x = 1 and rises above."""
    p0, p1 = _ends(power)
    return (_half_normal(p1, False) + _half_normal(p0, True)).union(_half_normal(p0, False) + _half_normal(p1, True))


def second_moment(a):
    """E x^(2 alpha), x > 0, for a standard normal x."""
    from flint import arb

    return half_normal(2 * a + 1) / (2 * arb.pi()).sqrt()


def mean_square_slope(a):
    """E psi'^2/E psi^2, alpha > 1/2."""
    return a * a * half_normal(2 * a - 1) / half_normal(2 * a + 1)


def hermite_square(a):
    """(E psi(z) (z^2 - 1))^2/(2 E psi(z)^2): the coefficient of c^2."""
    from flint import arb

    mean = half_normal(a + 3) - half_normal(a + 1)
    return mean**2 / (2 * half_normal(2 * a + 1) * (2 * arb.pi()).sqrt())


def derivative(n):
    """The n-th derivative of J in c for alpha > n - 1."""
    return lambda a, r: ((1 + r) / 2) ** (a - n) * bare_derivative(n)(a, r)


def bare_derivative(n):
    """The n-th derivative of J in c over x^(alpha-n), for alpha > n - 1: the integrand differentiated n times.

    c + cos t vanishes at the end of the range, so the end adds nothing as long as its power there is positive.
    """

    def value(a, r):
        (a0, a1), (r0, r1) = _ends(a), _ends(r)
        low, high = (_number(k) for k in (a0, a1))
        falling = sp.prod([a - k for k in range(n)])
        shift = n * 2**24
        return falling * (_lens(a1 - shift, r0) / _halves(low)).union(_lens(a0 - shift, r1) / _halves(high)) / 2**n

    return value


TENTH = sp.Rational(1, 10)


def _places(box):
    symbols = list(box)
    middle = {s: (box[s][0] + box[s][1]) / 2 for s in symbols}
    corners = [{}]
    for s in symbols:
        corners = [{**p, s: end} for p in corners for end in box[s]]
    return [middle, *corners]


def agree_on(name, quantity, box, *, method, within=TENTH, most=6000, fixed=None):
    """The two sides differ by at most ``within`` of the quantity on all of a box, in balls.

    ``quantity`` takes one ball per symbol of the box, in its order.  A statement is false when the sides are disjoint
    at the middle or a corner of the box.  Mistakes that change the value there by less than twice ``within``, and
    those whose formula is not enclosed here, are left to the other checks.  ``fixed`` holds the symbols that are not in
    the box.
    """
    from ._kernel_balls import ball_of

    places = _places(box)

    @lru_cache(maxsize=64)
    def formula(statement):
        return statement.rhs.subs(fixed) if fixed else statement.rhs

    def stated(statement, balls):
        try:
            return ball_of(formula(statement), balls)
        except (NotImplementedError, ValueError):
            return None

    def limit(scale):
        return ball_of(within, {}) * scale

    @lru_cache(maxsize=1)
    def true_values():
        return [quantity(*balls.values()) for balls in _as_balls()]

    def _as_balls():
        from derive.numerics.compile import to_arb

        return [{s: to_arb(v) for s, v in place.items()} for place in places]

    @lru_cache(maxsize=64)
    def values(statement):
        return [stated(statement, balls) for balls in _as_balls()]

    @lru_cache(maxsize=64)
    def refuted(statement):
        pairs = zip(values(statement), true_values(), strict=True)
        return any(v is None or not v.is_finite() or not v.overlaps(q) for v, q in pairs)

    def test(statement, balls):
        if refuted(statement):
            return False
        value, found = stated(statement, balls), quantity(*(balls[s] for s in box))
        return True if abs(value - found) <= limit(found.abs_lower()) else None

    def sees(statement, perturbed):
        pairs = list(zip(values(statement), values(perturbed), strict=True))
        if any(b is None for _, b in pairs):
            return False
        if any(not b.is_finite() for _, b in pairs):
            return True
        return any(abs(b - a) > 2 * limit(abs(a)) for a, b in pairs)

    return covering(name, test, box, method=method, bits=64, most_boxes=most, covers=False, sees=sees)
