r"""(21), (26): c_2 = sigma_w2 E phi'^2, the normalised trace of the branch times its transpose."""

from fractions import Fraction
from itertools import product

import sympy as sp

from derive.claim import Claim, Source
from derive.evidence import holds

c2 = sp.Symbol("c_2", positive=True)
sigma_w2, slope = sp.symbols("sigma_w2 slope", positive=True)

CLAIM = Claim(
    id="isometry_layer_second_cumulant",
    title="second cumulant of one branch",
    statement=sp.Eq(c2, sigma_w2 * slope),
    source=Source("tarnowski2019", "equations (21), (26)"),
    meaning="(1/N) E Tr D W W^T D with entries of W of variance sigma_w2/N; slope is the mean of phi'^2 over the layer",
    variables={sigma_w2: "> 0", slope: "mean of phi'^2"},
)


def derive() -> sp.Expr:
    """Pair the weights of the gradient recurrence: chi_before/chi = a^2 + c_2/L."""
    from derive.networks.residual.equations import MeanSquare
    from derive.networks.scaled_residual import SCALED as S
    from derive.networks.scaled_residual import scaled_equations

    rhs = dict(scaled_equations())["chi"].rhs
    factor = sp.expand(rhs / S.chi) - S.a**2
    return sp.simplify(factor * S.L).subs({MeanSquare(1, S.q): slope, S.sigma_w2: sigma_w2})


def enumerated(statement, point):
    """All sign patterns of a 2 x 2 weight matrix with entries +-s, s^2 = sigma_w2/2, exactly."""
    d = [Fraction(1, 3), Fraction(2)]
    weight = Fraction(int(point[sigma_w2].p), int(point[sigma_w2].q))
    total = Fraction(0)
    for signs in product((1, -1), repeat=4):
        entries = (signs[:2], signs[2:])
        total += sum(d[i] ** 2 * entries[i][j] * entries[i][j] * weight / 2 for i in range(2) for j in range(2))
    mean = total / 16 / 2
    stated = statement.rhs.subs({**point, slope: sp.Rational(37, 18)})  # (1/9 + 4)/2
    return bool(stated == sp.Rational(mean.numerator, mean.denominator))


def checks():
    yield holds(
        "enumeration", enumerated, [{sigma_w2: 3}, {sigma_w2: sp.Rational(1, 7)}], method="all 2 x 2 sign matrices"
    )
