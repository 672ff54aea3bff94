"""Fixed points of feed-forward networks in balls; dropout's derivatives for a cubic activation in exact numbers."""

import sympy as sp

from . import _ff


def means(phi):
    """The rules q -> V and (q, lam) -> W, E phi' phi' of an activation, in balls."""
    from flint import arb, ctx

    from derive.activations import activation
    from derive.expectations.balls import covariance_ball, variance_ball

    if phi == "1/2 - cos(x)":  # closed: E cos = exp(-q/2), E cos cos = exp(-q) cosh(lam), E sin sin = exp(-q) sinh(lam)
        quarter = lambda q: arb(1) / 4 - (-q / 2).exp()  # noqa: E731
        return (
            lambda q: quarter(q) + (1 + (-2 * q).exp()) / 2,
            lambda q, lam: quarter(q) + (-q).exp() * lam.cosh(),
            lambda q, lam: (-q).exp() * lam.sinh(),
        )
    f = activation(phi)
    return (
        lambda q: variance_ball(f, q, ctx.prec),
        lambda q, lam: covariance_ball(f, q, lam, ctx.prec),
        lambda q, lam: covariance_ball(f.diff(), q, lam, ctx.prec),
    )


def settled(phi, weight, bias, keep, bits=96):
    """(c*, chi_c) of the one stable fixed point, as balls: both roots stand between proved signs."""
    from flint import arb, ctx

    from derive.networks import FeedForward
    from derive.numerics.compile import to_arb

    (point,) = FeedForward(phi, keep).fixed_points(sigma_w2=weight, sigma_b2=bias, digits=25)
    with ctx.workprec(bits):
        w, b, r = (to_arb(sp.Rational(x)) for x in (weight, bias, keep))
        V, W, slopes = means(phi)
        q = between(lambda t: w * V(t) / r + b - t, arb(str(point.q)), arb(10) ** -20)
        lam = between(lambda t: w * W(q, t) + b - t, arb(str(point.q)) * arb(str(point.c)), arb(10) ** -14)
        return lam / q, w * slopes(q, lam)


def between(excess, near, reach):
    """An interval around ``near`` over which ``excess`` changes its sign from + to -."""
    centre = near.mid()
    step = abs(centre) * reach if centre != 0 else reach
    low, high = centre - step, centre + step
    assert excess(low) > 0 > excess(high)
    return low.union(high)


def falls(which, change, w, b, rho, method):
    """For tanh: does c* (``which`` 0) or chi_c (1) fall, as ``change`` > 0 says, when 1/18 of the kept units go too?"""
    from derive.evidence import holds

    R = sp.Rational
    weights, keeps = (R(1), R(44, 25), R(3)), (R(99, 100), R(9, 10))
    places = [{w: weight, b: R(1, 20), rho: keep} for weight in weights for keep in keeps]
    found: dict = {}

    def test(statement, point):
        key = tuple(point[s] for s in (w, b, rho))
        if key not in found:
            one, other = (settled("tanh", *key[:2], keep)[which] for keep in (key[2], key[2] * R(17, 18)))
            found[key] = 1 if one > other else -1 if one < other else None
        return None if found[key] is None else bool(statement.subs(change, found[key]))

    return holds("tanh", test, places, method=method)


# --- the cubic activation: every mean is a polynomial, and (q, c) is a fixed point of the variances that solve for it

KEEP = sp.Rational(3, 4)
AT = sp.Rational(5, 7), sp.Rational(2, 5)  # q and c


def cubic(order, q, lam):
    """E f(u1) f(u2) for the order-th derivative of the cube."""
    return _ff.cube_mean(order, q, q, lam)


def cubic_fixed_point():
    """(sigma_w2, sigma_b2) at which q and c above are fixed, for the cube and KEEP."""
    q, c = AT
    w, b = sp.symbols("w b")
    found = sp.solve([w * cubic(0, q, q) / KEEP + b - q, w * cubic(0, q, c * q) + b - c * q], [w, b], dict=True)
    return found[0][w], found[0][b]


def cubic_slopes():
    """(dc*/drho, dchi_c/drho) of the cube: the two fixed-point equations, polynomials, differentiated."""
    w, b = cubic_fixed_point()
    q, c, r = sp.symbols("q c r")
    length = w * cubic(0, q, q) / r + b - q
    pair = w * cubic(0, q, c * q) + b - c * q
    slope = w * cubic(1, q, c * q)
    unknown = sp.Matrix([length, pair])
    moved = -(unknown.jacobian([q, c]).inv() * unknown.diff(r))
    at = {q: AT[0], c: AT[1], r: KEEP}
    return moved[1].subs(at), (sp.Matrix([slope]).jacobian([q, c]) * moved)[0].subs(at)


def cubic_numbers():
    """What the formulas need at the cube's fixed point: V, both chi, and the three signed means."""
    w, b = cubic_fixed_point()
    q, c = AT
    lam = c * q
    deficit = -2 * cubic(0, q, lam)  # phi - x phi' = -2 x^3
    bend = -2 * cubic(1, q, lam)  # -x phi'' = -2 phi'
    t = sp.Symbol("t")
    chi_q = sp.diff(w * cubic(0, t, t) / KEEP, t).subs(t, q)
    return {
        "sigma_w2": w,
        "sigma_b2": b,
        "rho": KEEP,
        "q": q,
        "V": cubic(0, q, q),
        "chi_q": chi_q,
        "chi_c": w * cubic(1, q, lam),
        "D": deficit,
        "B": bend,
        "S": cubic(2, q, lam),
    }


def judged(statement, symbol, ball, within):
    """An equation with a rounded number, or an inequality, about ``symbol`` judged on a ball around its value."""
    from derive.numerics import Ball

    low, high = Ball.from_arb(ball).bounds()
    ends = [sp.Rational(end.numerator, end.denominator) for end in (low, high)]
    if isinstance(statement, sp.Eq):
        answers = {bool(abs(end - statement.rhs) <= within) for end in ends}
        if ends[0] < statement.rhs < ends[1]:
            answers.add(True)  # a wide ball decides nothing
    else:
        answers = {bool(statement.subs(symbol, end)) for end in ends}
    return answers.pop() if len(answers) == 1 else None
