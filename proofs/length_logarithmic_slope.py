r"""The logarithmic slope of V is at least -1/2: the length recurrence has no cycles of two layers."""

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import digits, symbolic

slope = sp.Function("slope")
S = sp.Function("S")
q = sp.Symbol("q", positive=True)

CLAIM = Claim(
    id="length_logarithmic_slope",
    title="logarithmic slope of the mean square",
    statement=sp.Eq(slope(q), (S(q) - 1) / 2),
    source=Source("derive", "paper 002, below equation (3): the limit of q^l exists"),
    meaning=(
        "slope = d log V/d log q, V = E phi(sqrt(q) z)^2, S = E z^2 phi^2/E phi^2 >= 0, for any activation.  So "
        "slope >= "
        "-1/2, sqrt(q) (sigma_w2 V + sigma_b2) increases, and q -> q' -> q with q' > q is impossible: a length that "
        "stays "
        "bounded has a limit (Coppel's theorem on maps without 2-cycles), as it does for bounded phi"
    ),
    variables={q: "q > 0"},
)


def derive() -> sp.Expr:
    """Move q into the density and differentiate it: d log(q^(-1/2) e^(-x^2/2q))/d log q = (x^2/q - 1)/2."""
    x = sp.Symbol("x", real=True)
    density = sp.exp(-(x**2) / (2 * q)) / sp.sqrt(q)
    weight = sp.expand(sp.simplify(q * sp.diff(density, q) / density))
    return weight.coeff(x, 2) * q * S(q) + weight.coeff(x, 0)


def monomials():
    """phi = x^n: V = (2n-1)!! q^n has the slope n and S = (2n+1)!!/(2n-1)!! = 2n + 1, for every n."""
    n = sp.Symbol("n", positive=True)
    return sp.Rational(1, 2) * S(q) + (n - (2 * n + 1) / 2)


def derivative(point, _digits):
    """Numerical derivative of the logarithm for tanh."""
    import mpmath

    grid = [0, 1, 2, 4, 8, 14]
    log_v = lambda s: mpmath.log(  # noqa: E731
        mpmath.quad(lambda z: mpmath.tanh(mpmath.exp(s / 2) * z) ** 2 * mpmath.npdf(z), grid)
    )
    return mpmath.diff(log_v, mpmath.log(mpmath.mpf(point[q].p) / point[q].q))


def with_ratio(statement, point, _digits):
    import mpmath

    root, grid = mpmath.sqrt(mpmath.mpf(point[q].p) / point[q].q), [0, 1, 2, 4, 8, 14]
    mean = lambda k: mpmath.quad(lambda z: z**k * mpmath.tanh(root * z) ** 2 * mpmath.npdf(z), grid)  # noqa: E731
    expr = statement.rhs.replace(S, lambda a: sp.Symbol("R") if a == q else sp.Integer(0))
    return sp.lambdify([q, sp.Symbol("R")], expr, "mpmath")(root**2, mean(2) / mean(0))


def checks():
    yield symbolic("all powers of x", monomials, method="Gaussian moments of x^n")
    yield digits(
        "tanh",
        derivative,
        [{q: 2}, {q: sp.Rational(1, 5)}],
        digits=10,
        method="mpmath.diff of the quadrature",
        formula=with_ratio,
    )
