r"""The covariance recurrence of a plain layer, for two inputs of any norms."""

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import digits, holds

from . import _plain
from ._plain import B2, W2, Mean, lam, qa, qb

after = sp.Symbol("after", real=True)
STATEMENT = sp.Eq(after, W2 * Mean(qa, qb, lam) + B2)

CLAIM = Claim(
    id="plain_covariance_recurrence",
    title="covariance recurrence of a plain layer",
    statement=STATEMENT,
    source=Source("pabari", "equations (4) to (7)"),
    meaning=(
        "after = the covariance of the next pre-activations of two inputs; Mean(qa, qb, lam) = E phi(u1) phi(u2), u1 = "
        "sqrt(qa) z1, u2 = sqrt(qb) (c z1 + sqrt(1 - c^2) z2), c = lam/sqrt(qa qb)"
    ),
    variables={qa: "q_a > 0", qb: "q_b > 0", lam: "lam^2 <= q_a q_b", W2: "sigma_w2 > 0", B2: "sigma_b2 >= 0"},
    printed=Printed(text="q_xy' = sigma_w2 E phi(u1) phi(u2) + sigma_b2", statement=STATEMENT),
)


def derive() -> sp.Expr:
    """Pair the weights, average over the layer."""
    return _plain.derived(False)


def explicit(statement, _point) -> bool:
    """Width two, activation x^3, every weight averaged."""
    return _plain.cube(statement.rhs).subs(_plain.VALUES) == _plain.explicit(False)


def _check():
    return holds("width two, cubic activation", explicit, method="exact expectation over weights and pre-activations")


def cube_formula(statement, _point, _digits):
    return _plain.cube(statement.rhs).subs(_plain.VALUES)


def checks():
    yield _check()
    yield digits(
        "the printed u1 and u2",
        by_trapezoid,
        digits=12,
        method="two-dimensional trapezoid in mpmath",
        formula=cube_formula,
    )


def by_trapezoid(_point, _digits):
    """sigma_w2 E u1^3 u2^3 + sigma_b2 with u1 and u2 as in equations (6) and (7)."""
    import mpmath

    exact = (sp.Rational(_plain.VALUES[k]) for k in (qa, qb, lam, W2, B2))
    a, b, s, w2, b2 = (mpmath.mpf(k.p) / k.q for k in exact)
    c = s / mpmath.sqrt(a * b)
    h = mpmath.mpf(1) / 4
    nodes = [(k * h, h * mpmath.npdf(k * h)) for k in range(-44, 45)]
    rest = mpmath.sqrt(1 - c**2)
    total = mpmath.fsum(
        w * v * (mpmath.sqrt(a) * z1 * mpmath.sqrt(b) * (c * z1 + rest * z2)) ** 3 for z1, w in nodes for z2, v in nodes
    )
    return w2 * total + b2


def printed_checks():
    yield _check()
