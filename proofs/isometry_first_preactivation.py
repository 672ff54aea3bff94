r"""The initial condition of (27) for an input of any mean square."""

from fractions import Fraction

import sympy as sp

from derive.claim import Claim, Printed, Source
from derive.evidence import holds, outside, under

q1 = sp.Symbol("q_1", positive=True)
L, sigma_w2, sigma_b2, p0 = sp.symbols("L sigma_w2 sigma_b2 p_0", positive=True)

CLAIM = Claim(
    id="isometry_first_preactivation",
    title="variance of the pre-activations of the first layer",
    statement=sp.Eq(q1, sigma_b2 + sigma_w2 * p0 / L),
    source=Source("tarnowski2019", "after equation (27)"),
    meaning="p_0 is the mean square of the input's entries; its mean does not enter here",
    variables={L: "L >= 1", sigma_w2: "> 0", sigma_b2: ">= 0", p0: "p_0 > 0"},
    printed=Printed(
        text="q_1 = sigma_b2 + sigma_w2/L",
        statement=sp.Eq(q1, sigma_b2 + sigma_w2 / L),
        condition="the input's entries have mean square 1",
    ),
)


def derive() -> sp.Expr:
    """The recurrence of q from the layer definition, at the input."""
    from derive.networks.scaled_residual import SCALED as S
    from derive.networks.scaled_residual import scaled_equations

    rhs = dict(scaled_equations())["q"].rhs
    return rhs.subs({S.L: L, S.sigma_w2: sigma_w2, S.sigma_b2: sigma_b2, S.p_: p0})


def two_units(statement, point):
    """Two units with weights +-s and biases +-b, all signs equally likely: the mean of h^2 by enumeration."""
    weight, bias, depth, square = (Fraction(int(point[s].p), int(point[s].q)) for s in (sigma_w2, sigma_b2, L, p0))
    # x_1^2 = x_2^2 = p_0; h = s (e_1 x_1 + e_2 x_2) + b e_3 with s^2 = weight/(2 depth): cross terms cancel in the mean
    signs = [(e, f, g) for e in (1, -1) for f in (1, -1) for g in (1, -1)]
    scale = weight / (2 * depth) * square
    cross = sum(e * f for e, f, _ in signs) + sum(e * g for e, _, g in signs) + sum(f * g for _, f, g in signs)
    exact = 2 * scale + bias + Fraction(2 * cross, len(signs))
    return bool(statement.rhs.subs(point) == sp.Rational(exact.numerator, exact.denominator))


def _exact(name, squares):
    base = {sigma_w2: sp.Rational(2, 3), sigma_b2: sp.Rational(1, 5), L: 5}
    points = [{**base, p0: square} for square in squares]
    return holds(name, two_units, points, method="enumeration of a layer of two units with random signs")


def checks():
    yield _exact("enumeration", (sp.Rational(1, 2), 3))


def printed_checks():
    yield under(_exact("mean square 1", (1,)))
    yield outside(_exact("another mean square", (3,)))
