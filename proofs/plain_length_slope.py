r"""The slope of the length recurrence, exp(-1/xi_q)."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds

from ._plain import W2, q

slope = sp.Function("slope")
Slopes, Curvature = sp.Function("Slopes"), sp.Function("Curvature")
STATEMENT = sp.Eq(slope(q, W2), W2 * (Slopes(q) + Curvature(q)))

CLAIM = Claim(
    id="plain_length_slope",
    title="slope of the length recurrence",
    statement=STATEMENT,
    source=Source("pabari", "equations (9) and (19)"),
    meaning="slope = dq'/dq; Slopes = E phi'(u)^2, so sigma_w2 Slopes is chi_1; Curvature = E phi''(u) phi(u)",
    variables={q: "q > 0", W2: "sigma_w2 > 0"},
    uses=("plain_length_recurrence",),
    printed=Printed(text="1/xi_q = -log(chi_1 + sigma_w2 E phi'' phi); chi_q of equation (19)", statement=STATEMENT),
)


def derive() -> sp.Expr:
    """d/dq on the product of e^(su) and e^(tu), which span all activations: (s + t)^2/2, i.e. st + (s^2 + t^2)/2."""
    s, t = sp.symbols("s t")
    mean = sp.exp(q * (s + t) ** 2 / 2)
    factor = sp.expand(sp.diff(mean, q) / mean)
    slopes, left, right = factor.coeff(s, 1).coeff(t, 1), factor.coeff(s, 2), factor.coeff(t, 2)
    return W2 * (slopes * Slopes(q) + (left + right) * Curvature(q))


def moments(statement, point) -> bool:
    """Activations x^3 and x^2 + x: exact moments of both sides."""
    x, Q = sp.Symbol("x"), sp.Symbol("Q", positive=True)

    def mean(expr):
        return sum(c * sp.factorial2(k - 1) * Q ** (k // 2) for (k,), c in sp.Poly(expr, x).terms() if k % 2 == 0)

    for f in (x**3, x**2 + x):
        exact = point[W2] * sp.diff(mean(f**2), Q)
        rhs = statement.rhs.replace(Slopes, lambda a, f=f: mean(sp.diff(f, x) ** 2).subs(Q, a))
        rhs = rhs.replace(Curvature, lambda a, f=f: mean(sp.diff(f, x, 2) * f).subs(Q, a))
        if sp.simplify(rhs.subs(point) - exact.subs(Q, point[q])) != 0:
            return False
    return True


def _check():
    points = [{q: 2, W2: 3}, {q: sp.Rational(1, 3), W2: sp.Rational(1, 2)}]
    return holds("polynomial activations", moments, points, method="exact Gaussian moments of x^3 and of x^2 + x")


def checks():
    yield _check()


def printed_checks():
    yield _check()
