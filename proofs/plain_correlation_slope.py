r"""The rate of the correlation has phi' at both places; the print has phi'' and phi, which is another number."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, holds

from ._plain import W2, lam, q

slope = sp.Function("slope")
MeanSlopes, MeanCurvature = sp.Function("MeanSlopes"), sp.Function("MeanCurvature")

CLAIM = Claim(
    id="plain_correlation_slope",
    title="slope of the covariance recurrence, exp(-1/xi_c)",
    statement=sp.Eq(slope(q, lam, W2), W2 * MeanSlopes(q, lam)),
    source=Source("pabari", "equations (8), (10) and (20)"),
    meaning=(
        "slope = d lam'/d lam = dc'/dc at equal variances q; MeanSlopes = E phi'(u1) phi'(u2), MeanCurvature = E "
        "phi''(u1) "
        "phi(u2).  At lam = q the slope is chi_1 = sigma_w2 E phi'(u)^2"
    ),
    variables={q: "q > 0", lam: "|lam| <= q", W2: "sigma_w2 > 0"},
    uses=("plain_covariance_recurrence",),
    printed=Printed(
        text="1/xi_c = -log(sigma_w2 E phi''(u1*) phi(u2*))",
        statement=sp.Eq(slope(q, lam, W2), W2 * MeanCurvature(q, lam)),
    ),
)


def derive() -> sp.Expr:
    """Price's theorem on e^(su1) e^(tu2), which span all activations: d/dlam brings down s t, the two slopes."""
    s, t = sp.symbols("s t")
    mean = sp.exp((q * s**2 + 2 * lam * s * t + q * t**2) / 2)
    factor = sp.simplify(sp.diff(mean, lam) / mean)
    return W2 * {s * t: MeanSlopes, s**2: MeanCurvature}[factor](q, lam)


def cube(statement, point) -> bool:
    """Activation x^3: d/dlam of 9 q^2 lam + 6 lam^3, against 9 E u1^2 u2^2 and 6 E u1 u2^3, all by Isserlis."""
    Q, L, W = point[q], point[lam], point[W2]
    x = sp.Symbol("x")
    exact = W * sp.diff(9 * Q**2 * x + 6 * x**3, x).subs(x, L)
    rhs = statement.rhs.replace(MeanSlopes, lambda a, b: 9 * (a**2 + 2 * b**2)).replace(
        MeanCurvature, lambda a, b: 18 * a * b
    )
    return rhs.subs(point) == exact


def _check():
    points = [{q: 2, lam: sp.Rational(1, 2), W2: 3}, {q: sp.Rational(1, 3), lam: -sp.Rational(1, 4), W2: 1}]
    return holds("cubic activation", cube, points, method="moments of x^3 by Isserlis' theorem, exact")


def tanh_difference(point, _digits):
    """Central difference in lam of E tanh tanh by a two-dimensional trapezoid."""
    import mpmath

    return mpmath.diff(lambda s: _trapezoid(mpmath.tanh, point, s), mpmath.mpf(point[lam].p) / point[lam].q) * 3


def _trapezoid(f, point, s, g=None):
    import mpmath

    Q = mpmath.mpf(point[q].p) / point[q].q
    h = mpmath.mpf(1) / 5
    nodes = [(k * h, h * mpmath.npdf(k * h)) for k in range(-42, 43)]
    c, root = s / Q, mpmath.sqrt(Q)
    rest = mpmath.sqrt(1 - c**2)
    return mpmath.fsum(
        w * f(root * z1) * mpmath.fsum(v * (g or f)(root * (c * z1 + rest * z2)) for z2, v in nodes) for z1, w in nodes
    )


_known: dict = {}


def tanh_slopes(statement, point, _digits):
    import mpmath

    if "slopes" not in _known:
        _known["slopes"] = _trapezoid(lambda u: mpmath.sech(u) ** 2, point, mpmath.mpf(point[lam].p) / point[lam].q)
    expr = statement.rhs.replace(MeanSlopes, lambda *a: sp.Symbol("M") if a == (q, lam) else sp.Integer(0))
    return sp.lambdify([W2, sp.Symbol("M"), q, lam], expr, "mpmath")(3, _known["slopes"], 1, 1)


def checks():
    yield _check()
    yield digits(
        "tanh",
        tanh_difference,
        [{q: 1, lam: sp.Rational(1, 2), W2: 3}],
        digits=9,
        method="mpmath.diff of a trapezoidal double sum",
        formula=tanh_slopes,
        partial=True,
    )


def printed_checks():
    yield _check()
