r"""(27) for an input whose mean is not zero: the printed recurrence lacks a term in m_0."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

M, V, q = sp.IndexedBase("M"), sp.IndexedBase("V"), sp.IndexedBase("q")
q4 = sp.Symbol("q_4", positive=True)
a, m0 = sp.symbols("a m_0", real=True)
L, sigma_w2, sigma_b2, q3, V3 = sp.symbols("L sigma_w2 sigma_b2 q_3 V_3", positive=True)
M1, M2, M3 = sp.symbols("M_1 M_2 M_3", real=True)
PRINT = a**2 * q3 + (1 - a**2) * sigma_b2 + sigma_w2 / L * V3 + 2 * sigma_w2 / L * (a * M2 + a**2 * M1) * M3

CLAIM = Claim(
    id="isometry_preactivation_recurrence",
    title="variance of pre-activations in a residual network scaled by depth",
    statement=sp.Eq(q4, PRINT + 2 * sigma_w2 / L * a**3 * m0 * M3),
    source=Source("tarnowski2019", "equation (27), at l = 3"),
    meaning=(
        "q_l variance of the pre-activations of layer l, M_l = E phi(sqrt(q_l) z), V_l = E phi(sqrt(q_l) z)^2; m_0 "
        "is the "
        "mean of the input over its entries"
    ),
    variables={
        a: "real",
        m0: "real",
        L: "L >= 4",
        sigma_w2: "> 0",
        sigma_b2: ">= 0",
        q3: "> 0",
        V3: "> 0",
        M1: "real",
        M2: "real",
        M3: "real",
    },
    printed=Printed(
        text="the sum over the earlier layers stops at the first layer, without a term of the input",
        statement=sp.Eq(q4, PRINT),
        condition="the input has mean 0 over its entries (or E phi = 0)",
    ),
)


def derive() -> sp.Expr:
    """Three layers of the recurrences of q, p and m that follow from the layer definition; p eliminated by q."""
    from derive.networks.residual.equations import MeanSquare
    from derive.networks.scaled_residual import SCALED as S
    from derive.networks.scaled_residual import MeanValue, scaled_equations

    rows = dict(scaled_equations())
    names = {S.a: a, S.L: L, S.sigma_w2: sigma_w2, S.sigma_b2: sigma_b2}
    mean = m0
    for first in (M1, M2):
        mean = rows["m"].rhs.subs({S.m_: mean, MeanValue(0, S.q): first}).subs(names)
    (before,) = sp.solve(rows["q"].rhs.subs(names) - q3, S.p_)  # p_2 from q_3
    put = {S.p_: before, S.m_: mean, MeanSquare(0, S.q): V3, MeanValue(0, S.q): M3}
    after = rows["p"].rhs.subs(put, simultaneous=True).subs(names)
    return sp.expand(rows["q"].rhs.subs(names).subs(S.p_, after))


def square_network(statement, point):
    """phi(x) = x^2 and rational parameters: E phi = q, E phi^2 = 3 q^2, p = E y^2 and m = E y by hand."""
    skip, mean, weight, bias, depth = (
        Fraction(int(point[s].p), int(point[s].q)) for s in (a, m0, sigma_w2, sigma_b2, L)
    )
    size, lengths = Fraction(2), []
    for _ in range(4):
        length = weight / depth * size + bias
        lengths.append(length)
        # y = a x + u^2, x of mean `mean` and mean square `size`, u^2 independent of the unit's own x
        size = skip**2 * size + 2 * skip * mean * length + 3 * length**2
        mean = skip * mean + length
    put = {
        M1: lengths[0],
        M2: lengths[1],
        M3: lengths[2],
        V3: 3 * lengths[2] ** 2,
        q3: lengths[2],
    }
    put = {s: sp.Rational(v.numerator, v.denominator) for s, v in put.items()}
    value = statement.rhs.subs({**point, **put})
    return bool(value == sp.Rational(lengths[3].numerator, lengths[3].denominator))


def _exact(name, means):
    base = {sigma_w2: sp.Rational(2, 3), sigma_b2: sp.Rational(1, 5), L: 5}
    points = [{**base, a: skip, m0: mean} for skip in (1, sp.Rational(-1, 2)) for mean in means]
    return holds(name, square_network, points, method="a network with phi(x) = x^2 followed in exact fractions")


def checks():
    yield _exact("square activation", (sp.Rational(3, 4), -1))


def printed_checks():
    def sees(statement, wrong):
        return statement.subs(m0, 0) != wrong.subs(m0, 0)

    yield under(_exact("input of mean 0", (0,)))
    yield outside(_exact("input of another mean", (sp.Rational(3, 4),)))
