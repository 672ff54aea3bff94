r"""A covariance of C(Sigma) depends on the two variances: the Jacobian of C is triangular, not diagonal."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

coupling = sp.Function("coupling")
q = sp.Symbol("q", positive=True)
c = sp.Symbol("c", real=True)
w2 = sp.Symbol("sigma_w2", positive=True)

CLAIM = Claim(
    id="conv_jacobian_is_not_diagonal",
    title="a covariance depends on the variances",
    statement=sp.Eq(coupling(q, c, w2), 9 * w2 * q**2 * c),
    source=Source("pabari", "section 3.3: small perturbations in q* and c* affect Sigma* independently"),
    meaning=(
        "coupling = dC(Sigma)_ab/dSigma_aa for a != b at equal variances q and correlation c, activation x^3; in "
        "general "
        "it is sigma_w2 E phi''(u1) phi(u2)/2.  So the Jacobian of C is block triangular, with the eigenvalues "
        "chi_q and "
        "chi_c"
    ),
    variables={q: "q > 0", c: "-1 <= c <= 1", w2: "sigma_w2 > 0"},
    printed=Printed(
        text="the Jacobian of C decomposes into a diagonal and an off-diagonal eigenspace that evolve independently",
        statement=sp.Eq(coupling(q, c, w2), 0),
        condition="c = 0 and an odd activation",
    ),
)


def moment(qa, qb, lam) -> sp.Expr:
    """E u1^3 u2^3 = 9 qa qb lam + 6 lam^3, Isserlis' theorem written out."""
    return 9 * qa * qb * lam + 6 * lam**3


def derive() -> sp.Expr:
    """Price's theorem: half of sigma_w2 E phi''(u1) phi(u2), phi'' = 6x, by the moment generating function."""
    s, t = sp.symbols("s t")
    generating = sp.exp((q * s**2 + 2 * c * q * s * t + q * t**2) / 2)
    mean = sp.diff(generating, s, 1, t, 3).subs({s: 0, t: 0})  # E u1 u2^3
    return sp.expand(w2 * 6 * mean / 2)


def by_difference(statement, point) -> bool:
    """The exact derivative of 9 qa qb lam + 6 lam^3 in qa, as a difference (the moment is linear in qa)."""
    Q, C = point[q], point[c]
    slope = point[w2] * (moment(Q + 1, Q, C * Q) - moment(Q, Q, C * Q))
    return statement.rhs.subs(point) == slope


def check(points):
    return holds("moments of x^3", by_difference, points, method="sixth moments by Isserlis' theorem, exact")


def checks():
    yield check([{q: 2, c: sp.Rational(1, 3), w2: 5}, {q: sp.Rational(1, 2), c: -sp.Rational(1, 4), w2: 1}])


def printed_checks():
    yield under(check([{q: 2, c: 0, w2: 5}]))
    yield outside(check([{q: 2, c: sp.Rational(1, 3), w2: 5}]))
