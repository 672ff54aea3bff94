"""c of four activations by (26) and (27) as printed, in mpmath: closed Gaussian integrals or plain trapezoidal sums.

Each claim states E phi'^2 in other terms (q, or V = E phi^2 and D = dV/dq), and its
statement is evaluated along the recursion at the weight variance that the package gives.
"""

from __future__ import annotations

from functools import lru_cache

import mpmath
import sympy as sp

L = sp.Symbol("L", integer=True, positive=True)
sigma_w2, q, V = sp.symbols("sigma_w2 q V", positive=True)
D = sp.Symbol("D", real=True)
scale, alpha = sp.symbols("lambda alpha", positive=True)
NAMES = (sigma_w2, q, V, D, scale, alpha)
VARIABLES = {sigma_w2: "> 0", q: "variance of the pre-activations", V: "E phi^2", D: "derivative of V by q"}
MEANING = (
    "c_2 of a layer; c is its mean over the layers.  The check: c = 1/8 at the weight variance that "
    "weight_variance_for gives for L = 10, 20, 100 layers, input of mean 0 and mean square 1, no biases"
)


def slope_by_heat_equation(phi: sp.Expr, x: sp.Symbol, mean: sp.Expr) -> sp.Expr:
    """E phi'^2 in terms of V and D for a phi with phi' a polynomial P of degree 2 in phi, E phi = ``mean``.

    The third derivative is then a P + b P^2, and its mean is 2 d(E phi')/dq by the heat equation.
    """
    t = sp.Symbol("t")
    inverse, *_ = sp.solve(phi - t, x)  # others differ by periods
    P = sp.Poly(sp.simplify(phi.diff(x).rewrite(sp.exp).subs(x, inverse)), t)
    third = P * (P * P.diff(t)).diff(t)
    b, rest = sp.div(third, P**2)
    a, rest = sp.div(rest, P)
    if not (rest.is_zero and a.degree() <= 0 and b.degree() <= 0):
        raise ArithmeticError(f"the third derivative {third} of {phi} is not a combination of phi' and its square")
    constant, linear, square = (P.coeff_monomial(t**k) for k in range(3))
    first = constant + linear * mean + square * V
    change = square * D  # the mean of phi does not depend on q
    return sp.expand((2 * change - a.as_expr() * first) / b.as_expr())


def _tanh_sums(variance, factor):
    """E t^2, E (1 - t^2)^2, E (1 - t^2)(1 - 3 t^2), t = tanh(factor u), u Gaussian, by the trapezoidal rule.

    In python-flint numbers.  Poles at distance d = pi/(2 factor sqrt(q)) in z leave an error of about exp(-2 pi d/h), h
    the step; at small q it is exp(-2 pi^2/h^2).  The sums are even in z.
    """
    from flint import arb, ctx

    with ctx.workprec(mpmath.mp.prec + 20):
        width = arb(mpmath.nstr(variance, mpmath.mp.dps + 5)).sqrt() * arb(factor)
        # so that 2 pi d/h, 2 pi^2/h^2 and half the square of the largest z exceed the digits wanted
        per_unit = 4 + int(mpmath.mp.dps * 0.27 * float(width.mid()))
        reach = int((4.7 * mpmath.mp.dps) ** 0.5) + 2
        square, fourth, bend = arb(0), arb(1) / 2, arb(1) / 2
        for index in range(1, reach * per_unit + 1):
            z = arb(index) / per_unit
            weight, value = (-z * z / 2).exp(), (width * z).tanh()
            value = value * value
            square += weight * value
            fourth += weight * (1 - value) ** 2
            bend += weight * (1 - value) * (1 - 3 * value)
        norm = 2 / (per_unit * (2 * arb.pi()).sqrt())
        return tuple(mpmath.mpf(str((s * norm).str(mpmath.mp.dps + 4, radius=False))) for s in (square, fourth, bend))


def tanh_means(size):
    """V, E phi, E phi'^2 and D: half of the second derivative of tanh^2 is (1 - t^2)(1 - 3 t^2)."""
    square, fourth, bend = _tanh_sums(size, 1)
    return square, mpmath.mpf(0), fourth, {D: bend}


def sigmoid_means(size):
    """phi = (1 + tanh(h/2))/2."""
    square, fourth, bend = _tanh_sums(size, 0.5)
    return (1 + square) / 4, mpmath.mpf(1) / 2, fourth / 16, {D: bend / 16}


def hard_tanh_means(size):
    """By incomplete moments of the normal law."""
    inside = mpmath.erf(1 / mpmath.sqrt(2 * size))
    edge = 2 * mpmath.sqrt(size / (2 * mpmath.pi)) * mpmath.exp(-1 / (2 * size))
    return size * inside - edge + (1 - inside), mpmath.mpf(0), inside, {}


def selu_means(size):
    """By E e^(kh) 1(h<0) = e^(k^2 q/2) erfc(k sqrt(q/2))/2; the constants from mean 0 and variance 1 at q = 1."""

    def low(k, v):
        return mpmath.exp(k * k * v / 2) * mpmath.erfc(k * mpmath.sqrt(v / 2)) / 2

    one = mpmath.mpf(1)
    turn = 1 / mpmath.sqrt(2 * mpmath.pi) / (low(0, one) - low(1, one))
    factor = 1 / mpmath.sqrt(one / 2 + turn**2 * (low(2, one) - 2 * low(1, one) + low(0, one)))
    square = size / 2 + turn**2 * (low(2, size) - 2 * low(1, size) + low(0, size))
    mean = mpmath.sqrt(size / (2 * mpmath.pi)) + turn * (low(1, size) - low(0, size))
    return (
        factor**2 * square,
        factor * mean,
        factor**2 * (one / 2 + turn**2 * low(2, size)),
        {scale: factor, alpha: turn},
    )


def cumulant(means, weight, depth):
    """c for skip 1, no biases, input of mean 0 and mean square 1."""
    return weight * mpmath.fsum(slope for *_, slope, _ in propagate(means, weight, depth)) / depth


def propagate(means, weight, depth):
    """(q, V, E phi'^2, further values) of each layer by (26) and (27)."""
    size, drift, rows = weight / depth, mpmath.mpf(0), []
    for _ in range(depth):
        square, first, slope, values = means(size)
        rows.append((size, square, slope, values))
        size, drift = size + weight / depth * (square + 2 * drift * first), drift + first
    return rows


MEANS = {"tanh": tanh_means, "sigmoid": sigmoid_means, "hard_tanh": hard_tanh_means, "selu": selu_means}


@lru_cache(maxsize=64)
def layers(name, depth, digits):
    """The values of NAMES in each layer, for skip 1, no biases, input of mean 0 and mean square 1."""
    from derive.spectrum import weight_variance_for

    weight, rows = mpmath.mpf(str(weight_variance_for(name, "1/8", depth, digits=digits + 5))), []
    for size, square, _, values in propagate(MEANS[name], weight, depth):
        known = {sigma_w2: weight, q: size, V: square, **values}
        rows.append(tuple(known.get(symbol, mpmath.nan) for symbol in NAMES))
    return tuple(rows)


def check(name):
    """The mean over the layers of the stated c_2 is 1/8, to 30 digits at three depths."""
    from derive.evidence import digits

    def mean_over_layers(statement, point, digits):
        rows = layers(name, int(point[L]), digits)
        stated = sp.lambdify(NAMES, statement.rhs, "mpmath")
        return mpmath.fsum(stated(*row) for row in rows) / len(rows)

    return digits(
        "weight variances for c = 1/8",
        lambda point, digits: mpmath.mpf(1) / 8,
        [{L: 10}, {L: 20}, {L: 100}],
        digits=30,
        formula=mean_over_layers,
        method="(26) and (27) as printed, without the package's means, at the weight variance of the package",
    )
